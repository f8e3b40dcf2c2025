import LedgerCore
import LedgerModel
import LedgerPolicy
import LedgerService
import LedgerTesting
import LedgerWire
import Testing

/// Goal: what is asked of the state is what it would decide, and asking changes nothing.
@Suite struct QuestionTests {
  private struct Scene {
    let test: TestLedger
    let ledger: Ledger
    let banks: [TestBank]

    init(dayMax: UInt64? = nil) async throws {
      test = try TestLedger(version: .two)
      ledger = try test.open()
      banks = [
        try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
      ]
      guard let dayMax else { return }
      let rules = RuleSet(
        format: 2, pack: try PackName("day"), version: 1, currency: TestLedger.cny,
        sourceDigest: .example(3), tiers: [], zones: [.utc],
        measures: [
          Measure(
            quantity: .amount, scope: .wallet, window: .day(.utc), direction: .out,
            operations: [.pay])
        ],
        rules: [
          Rule(
            id: try RuleID("day.rule"), measure: 0, caps: .every(.constant(dayMax)), action: .deny)
        ])
      let receipt = try await test.submit(
        [.activateRuleSet(ActivateRuleSet(ruleSet: rules, source: [], from: nil))], of: .issuer,
        to: ledger, signedBy: Array(test.officers.prefix(2)))
      #expect(receipt.instructions.map(\.outcome) == [.accepted])
    }
  }

  /// Method: each order is tried, then given, and both answers compared; before it is given, the
  /// books are as they were.
  @Test(arguments: 1...4) func aDryRunDecidesAsTheLedgerDoes(seed: UInt64) async throws {
    let scene = try await Scene(dayMax: 5_000)
    var random = SplitMix64(seed: seed)
    let accounts =
      scene.banks.flatMap { $0.wallets + [$0.settlement] } + [TestLedger.account(999)]
    var refused = 0
    for _ in 0..<60 {
      let bank = scene.banks[Int.random(in: 0...1, using: &random)]
      // Mostly of the kinds that the operation wants, and of the bank's own.
      func account(_ usual: AccountID) -> AccountID {
        Int.random(in: 0...5, using: &random) == 0
          ? accounts[Int.random(in: 0..<accounts.count, using: &random)] : usual
      }
      let amount = UInt64.random(in: 0...900, using: &random)
      let other = scene.banks[Int.random(in: 0...1, using: &random)]
      func transfer(_ payer: AccountID, _ payee: AccountID) -> Transfer {
        Transfer(
          payer: account(payer), payee: account(payee), amount: amount, currency: TestLedger.cny)
      }
      let operation: LedgerModel.Operation =
        switch Int.random(in: 0...5, using: &random) {
        case 0: .settle(transfer(bank.settlement, other.settlement))
        case 1: .fund(transfer(bank.settlement, bank.wallets[1]))
        case 2: .cashOut(transfer(bank.wallets[0], bank.settlement))
        default: .pay(transfer(bank.wallets[0], other.wallets[1]))
        }
      scene.test.clock.advance(microseconds: 1_000)
      let submission = scene.test.submission(
        [operation], of: bank.party, on: scene.ledger.id, signedBy: [bank.key])
      let before = scene.ledger.status().size
      let dryRun = try await scene.ledger.dryRun(.read(submission))
      #expect(scene.ledger.status().size == before)
      #expect(dryRun.asOf == before)
      let real = try #require(try await scene.ledger.submit(submission).instructions.first)
      #expect(dryRun.receipt.outcome == real.outcome, "\(operation)")
      #expect(dryRun.receipt.message == real.message)
      if !real.outcome.isAccepted { refused += 1 }
      // It has been given now: tried again, it is what it was.
      let again = try await scene.ledger.dryRun(.read(submission))
      #expect(again.receipt.isDuplicate && again.receipt.outcome == real.outcome)
    }
    #expect(5...55 ~= refused)
    await scene.test.stop(scene.ledger)
  }

  @Test func whatADryRunDoesNotTake() async throws {
    let scene = try await Scene()
    let bank = scene.banks[0]
    let pay = bank.pay(bank.wallets[1], 1)
    for operations in [[pay, pay], [.closeWallet(bank.wallets[1])]] as [[LedgerModel.Operation]] {
      let submission = scene.test.submission(
        operations, of: bank.party, on: scene.ledger.id, signedBy: [bank.key])
      await #expect(throws: SubmitError.notForDryRuns) {
        try await scene.ledger.dryRun(.read(submission))
      }
    }
    let foreign = scene.test.submission(
      [pay], of: bank.party, on: scene.ledger.id, signedBy: [scene.banks[1].key])
    await #expect(throws: SubmitError.self) {
      try await scene.ledger.dryRun(.read(foreign))
    }
    await scene.test.stop(scene.ledger)
    let late = scene.test.submission(
      [pay], of: bank.party, on: scene.ledger.id, signedBy: [bank.key])
    await #expect(throws: SubmitError.stopping) {
      try await scene.ledger.dryRun(.read(late))
    }
  }

  /// Goal: a wallet can pay what is said that it can, and not one unit more.
  @Test func headroomIsExact() async throws {
    let scene = try await Scene(dayMax: 1_000)
    let (bank, wallet) = (scene.banks[0], scene.banks[0].wallets[0])
    func most() async throws -> Int64 {
      try await scene.ledger.headroom(of: wallet, for: .open).headroom.most
    }
    #expect(try await most() == 1_000)
    _ = try await scene.test.submit(
      [bank.pay(bank.wallets[1], 300)], of: bank.party, to: scene.ledger, signedBy: [bank.key])
    let reading = try await scene.ledger.headroom(of: wallet, for: .open)
    #expect(reading.headroom.most == 700)
    #expect(reading.headroom.readings.map(\.left) == [700])
    let over = try await scene.test.submit(
      [bank.pay(bank.wallets[1], 701), bank.pay(bank.wallets[1], 700)], of: bank.party,
      to: scene.ledger, signedBy: [bank.key])
    #expect(over.instructions.map(\.outcome.isAccepted) == [false, true])
    #expect(try await most() == 0)
    // The next day, though nothing was ordered meanwhile.
    scene.test.clock.advance(microseconds: 86_400_000_000)
    #expect(try await most() == 1_000)
    // Without money, nothing: whatever rules allow.
    let empty = try await scene.ledger.headroom(of: scene.banks[1].wallets[1], for: .open)
    #expect((empty.headroom.most, empty.headroom.available) == (0, 0))
    let other = Access.certificate([.participant(scene.banks[1].id)])
    for (account, access) in [(wallet, other), (bank.settlement, .open)] {
      await #expect(throws: ReadError.notFound) {
        try await scene.ledger.headroom(of: account, for: access)
      }
    }
    await scene.test.stop(scene.ledger)
  }
}
