import LedgerModel
import LedgerPolicy

/// The ledger of one example: who takes part, what they hold, and the engine that is told of it.
struct ExampleLedger {
  /// An account by its place: wallets in the order in which they were opened, then settlement
  /// accounts.
  fileprivate struct Account {
    let id: AccountID
    let participant: Int
    /// Index into ``tiers``; `nil` for a settlement account.
    var tier: Int?
    let owner: OwnerID?
    var balance: Balance
    let isLinked: Bool
  }

  private(set) var engine: PolicyEngine
  private var accounts: [Account] = []
  /// The place of each wallet of the example.
  private var walletSlots: [Int]
  /// The place of each participant's settlement account.
  private var settlementSlots: [Int] = []
  /// Whether the example says what a participant's settlement account holds.
  private let isDeclared: [Bool]
  /// By the index that the engine knows.
  private var tiers: [Tier]
  private var outstanding: Int128 = 0
  private(set) var now = LedgerTime(microseconds: 0)
  /// What the engine refused of the facts that the example begins with; `nil` where nothing.
  private(set) var fault: String?

  init(_ set: RuleSet, _ example: PolicyExample) {
    tiers = set.tiers
    for wallet in example.wallets where !tiers.contains(wallet.tier) { tiers.append(wallet.tier) }
    isDeclared = example.participants.map { $0.balance != nil }
    walletSlots = Array(repeating: 0, count: example.wallets.count)
    engine = PolicyEngine(currency: set.currency)
    for tier in tiers { engine.nameTier(tier) }
    for participant in example.participants { engine.admit(participant.id) }
    // Places are told in dense order, and an account is opened when the engine is told.
    let order = example.wallets.indices.sorted { one, other in
      (example.wallets[one].opened, one) < (example.wallets[other].opened, other)
    }
    for (slot, index) in order.enumerated() { walletSlots[index] = slot }
    describe(example, by: set)
    open(order, example)
    engine.activate(set, from: nil, inShadow: false, over: found)
  }

  /// Sets the attributes, long before the first step, so that none still waits to be raised.
  ///
  /// Only rules in force define attributes, so they are in force for that moment.
  private mutating func describe(_ example: PolicyExample, by set: RuleSet) {
    engine.activate(set.fromTheBeginning, from: nil, inShadow: false, over: .none)
    for (index, participant) in example.participants.enumerated() {
      for setting in participant.attributes { begin(setting, .participant(index)) }
    }
    for (index, wallet) in example.wallets.enumerated() {
      for setting in wallet.attributes { begin(setting, .wallet(index)) }
    }
    do throws(WithdrawalError) {
      try engine.withdraw(set.packVersion, over: .none)
    } catch {
      preconditionFailure("\(set.packVersion) was in force alone, and is \(error)")
    }
  }

  private mutating func open(_ order: [Int], _ example: PolicyExample) {
    var owners: [String] = []
    for index in order {
      let wallet = example.wallets[index]
      if !owners.contains(wallet.owner) { owners.append(wallet.owner) }
      let owner = owners.firstIndex(of: wallet.owner) ?? 0
      advance(to: wallet.opened)
      open(
        Account(
          id: wallet.account ?? AccountID(Bytes16(high: 0, low: UInt64(index))),
          participant: wallet.participant, tier: tiers.firstIndex(of: wallet.tier),
          owner: OwnerID(Bytes16(high: 1, low: UInt64(owner))), balance: wallet.balance,
          isLinked: wallet.isLinked))
    }
    for (index, participant) in example.participants.enumerated() {
      settlementSlots.append(accounts.count)
      open(
        Account(
          id: AccountID(Bytes16(high: 2, low: UInt64(index))), participant: index, tier: nil,
          owner: nil, balance: participant.balance ?? .zero, isLinked: false))
    }
    outstanding = accounts.reduce(0) { $0 + Int128($1.balance.minorUnits) }
  }

  private mutating func open(_ account: Account) {
    let slot = accounts.count
    accounts.append(account)
    engine.open(slot: slot, account.asFound)
  }

  private mutating func begin(_ setting: PolicyExample.Setting, _ holder: PolicyExample.Holder) {
    if let problem = set(setting, of: holder) {
      fault = fault ?? "attribute `\(setting.name)` could not be set: \(problem)"
    }
  }

  mutating func advance(to time: LedgerTime) {
    guard time > now else { return }
    now = time
    let accounts = found
    engine.advance(to: time, over: accounts)
  }

  /// The accounts as they are now.
  private var found: PolicyAccounts {
    let found = accounts.map(\.asFound)
    return PolicyAccounts(count: found.count) { found[$0] }
  }

  // MARK: Orders of facts. Each returns why it was refused, or `nil`.

  mutating func set(_ setting: PolicyExample.Setting, of holder: PolicyExample.Holder) -> String? {
    do {
      switch holder {
      case .wallet(let index):
        try engine.set(setting.name, ofWallet: walletSlots[index], to: setting.value)
      case .participant(let index):
        try engine.set(setting.name, ofParticipant: index, to: setting.value)
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  mutating func list(payee: Int, by payer: Int) -> String? {
    do {
      try engine.list(payee: walletSlots[payee], by: walletSlots[payer])
      return nil
    } catch {
      return "\(error)"
    }
  }

  mutating func unlist(payee: Int, by payer: Int) -> String? {
    do {
      try engine.unlist(payee: walletSlots[payee], by: walletSlots[payer])
      return nil
    } catch {
      return "\(error)"
    }
  }

  mutating func record(_ event: EventName, wallet: Int) -> String? {
    do {
      try engine.record(event, of: walletSlots[wallet])
      return nil
    } catch {
      return "\(error)"
    }
  }

  mutating func changeTier(wallet: Int, to tier: Tier) {
    let slot = walletSlots[wallet]
    guard let from = accounts[slot].tier else { return }
    let to = tiers.firstIndex(of: tier) ?? tiers.count
    if to == tiers.count {
      tiers.append(tier)
      engine.nameTier(tier)
    }
    engine.setTier(from: from, to: to, balance: accounts[slot].balance)
    accounts[slot].tier = to
  }

  // MARK: Payments.

  /// A payment as the engines are asked, or why there is none.
  enum Preparation {
    case request(PolicyRequest)
    case insufficientFunds(available: Balance)
    case balanceTooLarge
  }

  /// Says what the engine is asked for a payment.
  func prepare(_ payment: PolicyExample.Payment) -> Preparation {
    var payer: PolicyLeg?
    var payee: PolicyLeg?
    var draw: UInt64 = 0
    if let slot = slot(of: payment.from, payment.operation.payer, beside: payment.to) {
      let account = accounts[slot]
      var held = account.balance
      if held.minorUnits < payment.amount.minorUnits, account.isLinked,
        engine.drawsShortfall(for: account.leg(slot, held)),
        let missing = Amount(minorUnits: payment.amount.minorUnits - held.minorUnits),
        let filled = held.credited(by: missing)
      {
        draw = UInt64(missing.minorUnits)
        held = filled
      }
      guard let after = held.debited(by: payment.amount) else {
        return .insufficientFunds(available: account.balance)
      }
      payer = account.leg(slot, after)
    }
    if let slot = slot(of: payment.to, payment.operation.payee, beside: payment.from) {
      guard let after = accounts[slot].balance.credited(by: payment.amount) else {
        return .balanceTooLarge
      }
      payee = accounts[slot].leg(slot, after)
    }
    var after = outstanding
    if payment.operation == .issue { after += Int128(payment.amount.minorUnits) }
    if payment.operation == .redeem { after -= Int128(payment.amount.minorUnits) }
    guard after <= Int128(Balance.max.minorUnits) else { return .balanceTooLarge }
    return .request(
      PolicyRequest(
        operation: payment.operation, amount: payment.amount, channel: payment.channel,
        purpose: payment.purpose, signers: payment.signers, payer: payer, payee: payee,
        outstanding: after, draw: draw))
  }

  /// Decides by the policy's rules and, where they permit, pays.
  mutating func pay(_ request: PolicyRequest) -> Decision {
    let decision = engine.decideAndCommit(request)
    guard decision.isPermit else { return decision }
    if let payer = request.payer { accounts[payer.slot].balance = payer.balanceAfter }
    if let payee = request.payee {
      var balance = payee.balanceAfter
      if case .permitWith(let conditions) = decision,
        let sweep = Amount(minorUnits: conditions.sweep), let rest = balance.debited(by: sweep)
      {
        balance = rest
      }
      accounts[payee.slot].balance = balance
    }
    outstanding = request.outstanding
    return decision
  }

  /// The name of the tier of an account; `nil` for a settlement account.
  func tier(of account: AccountID) -> Tier? {
    accounts.first { $0.id == account }?.tier.map { tiers[$0] }
  }

  /// The account of one side of a payment.
  ///
  /// Where the step names none and the side is the settlement account of a wallet's participant, it
  /// is that one, if the example says what it holds; otherwise the side is not looked at.
  private func slot(
    of holder: PolicyExample.Holder?, _ side: Measure.Operation.Side,
    beside other: PolicyExample.Holder?
  ) -> Int? {
    switch holder {
    case .wallet(let index): return walletSlots[index]
    case .participant(let index): return settlementSlots[index]
    case nil: break
    }
    guard side == .settlementAccount, case .wallet(let wallet) = other else { return nil }
    let participant = accounts[walletSlots[wallet]].participant
    return isDeclared[participant] ? settlementSlots[participant] : nil
  }
}

extension ExampleLedger.Account {
  fileprivate var asFound: PolicyAccount {
    PolicyAccount(participant: participant, tier: tier, owner: owner, balance: balance)
  }

  fileprivate func leg(_ slot: Int, _ balanceAfter: Balance) -> PolicyLeg {
    PolicyLeg(
      slot: slot, account: id, participant: participant, tier: tier, balanceAfter: balanceAfter,
      isLinked: isLinked)
  }
}

extension RuleSet {
  /// The same set, in force at once.
  fileprivate var fromTheBeginning: RuleSet {
    RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones, calendars: calendars,
      attributes: attributes, events: events, groups: groups, measures: measures, rules: rules,
      exemptions: exemptions)
  }
}
