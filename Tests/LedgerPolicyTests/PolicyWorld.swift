import LedgerModel
import LedgerPolicy
import LedgerTesting

/// A small ledger of one currency: who holds what, and what might be paid next.
struct PolicyWorld {
  struct Account {
    let id: AccountID
    let participant: Int
    /// `nil` for a settlement account.
    var tier: Int?
    let owner: OwnerID?
    var balance: Int64
    var isLinked = false
  }

  static let tiers = (0..<4).map { Tier(unchecked: "t\($0)") }
  /// Known to no set.
  static let strangeTier = Tier(unchecked: "strange")
  static let participants = (0..<3).map { ParticipantID.example($0) }
  static let signers = (1...4).map { PublicKey.example($0) }

  /// What every sum of money is a multiple of.
  let scale: Int64
  var accounts: [Account] = []
  var outstanding: Int128 = 0

  init(scale: Int64, using random: inout SplitMix64) {
    self.scale = scale
    for participant in Self.participants.indices {
      add(participant, tier: nil, owner: nil, Int64.random(in: 500...2_500, using: &random))
      for _ in 0..<2 { addWallet(of: participant, using: &random) }
    }
    if random.happens(percent: 50) {
      add(0, tier: nil, owner: nil, Int64.random(in: 0...100, using: &random))
    }
  }

  /// Opens one more wallet, which holds something already only at the beginning.
  mutating func addWallet(
    of participant: Int, holds most: Int64 = 400, using random: inout SplitMix64
  ) {
    add(
      participant, tier: tier(using: &random),
      owner: OwnerID.example(Int.random(in: 0..<4, using: &random)),
      Int64.random(in: 0...most, using: &random))
    accounts[accounts.count - 1].isLinked = random.happens(percent: 50)
  }

  private mutating func add(_ participant: Int, tier: Int?, owner: OwnerID?, _ balance: Int64) {
    accounts.append(
      Account(
        id: .example(accounts.count + 1), participant: participant, tier: tier, owner: owner,
        balance: balance * scale))
    outstanding += Int128(balance * scale)
  }

  func tier(using random: inout SplitMix64) -> Int {
    random.happens(percent: 1) ? Self.tiers.count : Int.random(in: 0..<4, using: &random)
  }

  var wallets: [Int] { accounts.indices.filter { accounts[$0].tier != nil } }

  var policyAccounts: PolicyAccounts {
    PolicyAccounts(count: accounts.count) { policyAccount($0) }
  }

  func policyAccount(_ slot: Int) -> PolicyAccount {
    let account = accounts[slot]
    return PolicyAccount(
      participant: account.participant, tier: account.tier, owner: account.owner,
      balance: balance(account.balance))
  }

  func balance(_ minorUnits: Int64) -> Balance {
    guard let balance = Balance(minorUnits: minorUnits) else {
      preconditionFailure("no account holds \(minorUnits)")
    }
    return balance
  }

  /// The settlement account that a wallet is linked with.
  private func linkedAccount(of slot: Int) -> Int {
    accounts.firstIndex { $0.participant == accounts[slot].participant && $0.tier == nil } ?? 0
  }

  /// A payment that the ledger would make, if the rules let it.
  func request(using random: inout SplitMix64) -> PolicyRequest {
    while true {
      let operation = Measure.Operation.allCases[
        random.offset(weighted: [12, 52, 10, 10, 6, 10])]
      if let request = request(operation, using: &random) { return request }
    }
  }

  private func request(
    _ operation: Measure.Operation, using random: inout SplitMix64
  ) -> PolicyRequest? {
    let wallets = wallets
    let others = accounts.indices.filter { accounts[$0].tier == nil }
    var payer: Int?
    var payee: Int?
    switch operation {
    case .fund: (payer, payee) = (random.one(of: others), random.one(of: wallets))
    case .pay: (payer, payee) = (random.one(of: wallets), random.one(of: wallets))
    case .cashOut: (payer, payee) = (random.one(of: wallets), random.one(of: others))
    case .issue: payee = random.one(of: others)
    case .redeem: payer = random.one(of: others)
    case .settle: (payer, payee) = (random.one(of: others), random.one(of: others))
    }
    guard payer != payee else { return nil }
    let amount = Int64.random(in: 1...60, using: &random) * scale
    var draw: Int64 = 0
    if let payer { draw = drawn(of: amount, from: payer, to: payee, using: &random) }
    if let payer, accounts[payer].balance + draw < amount { return nil }
    guard let minorUnits = Amount(minorUnits: amount) else { return nil }
    var outstanding = outstanding
    if payer == nil { outstanding += Int128(amount) }
    if payee == nil { outstanding -= Int128(amount) }
    return PolicyRequest(
      operation: operation, amount: minorUnits,
      channel: random.one(of: RandomRuleSets.channels + [Channel(unchecked: "")]),
      purpose: random.one(of: RandomRuleSets.purposes + [Purpose(unchecked: "")]),
      signers: Self.signers.filter { _ in random.happens(percent: 45) },
      payer: payer.map { leg($0, change: draw - amount) },
      payee: payee.map { leg($0, change: amount) }, outstanding: outstanding, draw: UInt64(draw))
  }

  /// What comes from the linked account first, now and then.
  private func drawn(
    of amount: Int64, from payer: Int, to payee: Int?, using random: inout SplitMix64
  ) -> Int64 {
    let wallet = accounts[payer]
    guard wallet.tier != nil, wallet.isLinked, let payee,
      accounts[payee].tier != nil || accounts[payee].participant != wallet.participant
    else { return 0 }
    let lacking = max(0, amount - wallet.balance)
    guard lacking > 0 || random.happens(percent: 4) else { return 0 }
    let draw = lacking > 0 ? lacking : Int64.random(in: 1...20, using: &random) * scale
    return draw <= accounts[linkedAccount(of: payer)].balance ? draw : 0
  }

  private func leg(_ slot: Int, change: Int64) -> PolicyLeg {
    let account = accounts[slot]
    return PolicyLeg(
      slot: slot, account: account.id, participant: account.participant, tier: account.tier,
      balanceAfter: balance(account.balance + change), isLinked: account.isLinked)
  }

  /// Moves the money of a payment that the rules permitted.
  mutating func apply(_ request: PolicyRequest, sweep: UInt64) {
    outstanding = request.outstanding
    if let payer = request.payer {
      accounts[payer.slot].balance = payer.balanceAfter.minorUnits
      if request.draw > 0 {
        accounts[linkedAccount(of: payer.slot)].balance -= Int64(request.draw)
      }
    }
    if let payee = request.payee {
      accounts[payee.slot].balance = payee.balanceAfter.minorUnits - Int64(sweep)
      if sweep > 0 { accounts[linkedAccount(of: payee.slot)].balance += Int64(sweep) }
    }
  }
}
