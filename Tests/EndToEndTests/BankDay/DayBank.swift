import LedgerClient
import LedgerModel
import LedgerTesting
import LedgerWire
import Testing

/// One bank's day: what it orders is the seed's, and what it was told is kept.
actor DayBank {
  static let lastReference = "end of the day"
  static let tiers = ["wl1", "wl1", "wl1", "wl2", "wl2", "wl4"]
  private static let currency = CurrencyCode.cny

  nonisolated let code: String
  nonisolated let wallets: [AccountID]
  /// Every order that was given, however.
  private(set) var given: [InstructionID: [UInt8]] = [:]
  /// What was sent, and what was told of it.
  private(set) var told: [(submission: Submission, receipt: VerifiedReceipt)] = []
  private(set) var roundsDone = 0
  private var random: SplitMix64
  private let party: Party
  private let key: SigningKey
  private let tellers: [DayTeller]
  private var own = AccountID(Bytes16(high: 0, low: 0))
  private var other = AccountID(Bytes16(high: 0, low: 0))
  private var payees: [AccountID] = []

  init(_ code: String, seed: UInt64, key: SigningKey, tellers: [DayTeller]) throws {
    var random = SplitMix64(seed: seed)
    wallets = Self.tiers.map { _ in AccountID(Self.bytes(&random)) }
    party = try Party(code)
    (self.code, self.key, self.tellers, self.random) = (code, key, tellers, random)
  }

  private static func bytes(_ random: inout SplitMix64) -> Bytes16 {
    Bytes16(high: random.next(), low: random.next())
  }

  /// Opens wallets, and funds them.
  func open(_ payees: [AccountID]) async throws {
    self.payees = payees
    for one in try await tellers[0].attempt({ client throws(ClientError) in
      try await client.participants()
    }) {
      let account = try #require(one.settlementAccounts.first?.account)
      if one.participant.text == code { own = account } else { other = account }
    }
    var operations: [Operation] = []
    for (wallet, tier) in zip(wallets, Self.tiers) {
      operations.append(
        .openWallet(
          OpenWallet(
            wallet: wallet, owner: OwnerID(Self.bytes(&random)), currency: Self.currency,
            tier: try Tier(tier))))
    }
    for wallet in wallets { operations.append(.fund(transfer(own, wallet, 2_500_00))) }
    #expect(try await give(operations).rejected.isEmpty)
  }

  func work(rounds: Int) async throws {
    for number in 0..<rounds {
      for place in 0..<3 { _ = try await give([payment()], "\(number).\(place)") }
      let count = Int.random(in: 5...20, using: &random)
      _ = try await give((0..<count).map { _ in anyOrder() })
      try await refused()
      if number % 3 == 1 {
        let out = try RTGSReference("out-\(code)-\(number)")
        let sums = (0..<2).map { _ in UInt64.random(in: 1...100_00, using: &random) }
        let receipt = try await give([
          .settle(transfer(own, other, sums[0])),
          .redeem(
            Redeem(
              payer: own, amount: sums[1], currency: Self.currency, rtgsReference: out)),
        ])
        #expect(receipt.rejected.isEmpty)
      }
      roundsDone += 1
    }
  }

  func close() async throws {
    _ = try await give([.pay(transfer(wallets[0], wallets[1], 1))], Self.lastReference)
  }

  /// Takes up the next certificate while the one before is still good, which it then revokes.
  ///
  /// It is done beside the script, and takes nothing of its randomness.
  func renew(_ next: SPKIHash, for former: SPKIHash, takeUp: @Sendable () -> Void) async throws {
    let reader = try Reader(code)
    let registration = RegisterCertificate(
      reader: reader, certificate: next, validFrom: LedgerTime(microseconds: 0), validUntil: nil)
    #expect(try await giveOnce(.registerCertificate(registration)).rejected.isEmpty)
    takeUp()
    let revocation = RevokeCertificate(reader: reader, certificate: former)
    #expect(try await giveOnce(.revokeCertificate(revocation)).rejected.isEmpty)
  }

  private func giveOnce(_ operation: Operation) async throws -> VerifiedReceipt {
    let order = Instruction(id: .new(), operation: operation)
    given[order.id] = order.canonicalBytes
    let submission = try await sign([order])
    let receipt = try await send(submission, by: tellers[0])
    told.append((submission, receipt))
    return receipt
  }

  // MARK: - Orders

  private func transfer(_ payer: AccountID, _ payee: AccountID, _ amount: UInt64) -> Transfer {
    Transfer(payer: payer, payee: payee, amount: amount, currency: Self.currency)
  }

  private func payment() -> Operation {
    let payer = random.one(of: wallets.dropLast())
    let payee = random.one(of: (wallets + payees).filter { $0 != payer })
    return .pay(transfer(payer, payee, .random(in: 1...40_00, using: &random)))
  }

  private func anyOrder() -> Operation {
    let wallet = random.one(of: wallets.dropLast())
    let amount = UInt64.random(in: 1...9_00, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .cashOut(transfer(wallet, own, amount))
    case 1: return .fund(transfer(own, wallet, amount))
    default: return payment()
    }
  }

  private func refused() async throws {
    let receipt = try await give([
      .pay(transfer(wallets[5], wallets[0], 2_000_01)),
      .pay(transfer(wallets[0], wallets[5], 1_000_000_000_000)),
    ])
    #expect(
      receipt.instructions.map(\.outcome) == [
        .rejected(
          code: .limitExceeded, rule: RuleID(unchecked: "spend.payment"),
          pack: PackName(unchecked: "cn.ecny.personal")),
        .rejected(code: .insufficientFunds, rule: nil),
      ])
  }

  /// Signs orders once, and sends them until they are answered, at times twice at once, and at
  /// times anew under another statement.
  private func give(
    _ operations: [Operation], _ reference: String = ""
  ) async throws -> VerifiedReceipt {
    let words = try ClientReference(reference)
    let orders = operations.map { Instruction(id: .new(), operation: $0, reference: words) }
    for order in orders { given[order.id] = order.canonicalBytes }
    let (isTwice, isAnew) = (random.happens(percent: 30), random.happens(percent: 15))
    let submission = try await sign(orders)
    async let first = send(submission, by: tellers[0])
    async let second = isTwice ? send(submission, by: tellers[1]) : nil
    let (receipt, again) = try await (first, second)
    told.append((submission, receipt))
    if let again { #expect(Told(again) == Told(receipt)) }
    guard isAnew else { return receipt }
    let anew = try await sign(orders)
    let copies = try await send(anew, by: tellers[1])
    #expect(copies.instructions.allSatisfy { $0.isDuplicate })
    #expect(copies.instructions.map(\.outcome) == receipt.instructions.map(\.outcome))
    told.append((anew, copies))
    return receipt
  }

  private func sign(_ orders: [Instruction]) async throws -> Submission {
    try await tellers[0].attempt { [party, key] client throws(ClientError) in
      try await client.sign(orders, of: party, with: [key])
    }
  }

  private func send(
    _ submission: Submission, by teller: DayTeller
  ) async throws -> VerifiedReceipt {
    try await teller.attempt { client throws(ClientError) in try await client.submit(submission) }
  }
}

/// What two answers to the same bytes have in common.
struct Told: Hashable {
  private let sequences: [SequenceNumber]
  private let outcomes: [LoggedOutcome]

  init(_ receipt: VerifiedReceipt) {
    sequences =
      [receipt.sequence] + receipt.instructions.flatMap { [$0.sequence, $0.firstSequence] }
    outcomes = receipt.instructions.map(\.outcome)
  }
}
