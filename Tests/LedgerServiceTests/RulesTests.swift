import LedgerCore
import LedgerModel
import LedgerService
import LedgerWire
import Testing

/// What a ledger under rules of format 2 tells of them.
@Suite struct RulesTests {
  private static func rules(
    _ pack: String, _ measure: Measure, at most: UInt64, action: Rule.Action = .deny
  ) throws -> RuleSet {
    RuleSet(
      format: 2, pack: try PackName(pack), version: 1, currency: TestLedger.cny,
      sourceDigest: try #require(Bytes32([UInt8](repeating: 3, count: 32))), tiers: [], zones: [],
      measures: [measure],
      rules: [
        Rule(
          id: try RuleID("\(pack).rule"), measure: 0, caps: .every(.constant(most)), action: action)
      ])
  }

  private static func activate(
    _ set: RuleSet, from: LedgerTime? = nil, on ledger: Ledger, of test: TestLedger
  ) async throws {
    let receipt = try await test.submit(
      [.activateRuleSet(ActivateRuleSet(ruleSet: set, source: [], from: from))], of: .issuer,
      to: ledger, signedBy: Array(test.officers.prefix(2)))
    #expect(receipt.instructions.map(\.outcome) == [.accepted])
  }

  private static func holding(_ scope: Measure.Scope) -> Measure {
    Measure(
      quantity: .balance, scope: scope, window: .payment, direction: .into,
      operations: [.fund, .pay])
  }

  /// Goal: of a limit over one owner's wallets at two banks, each is told what is left, and not
  /// what the other's customer holds; sent again, the order is answered the same.
  @Test func whatOthersHoldIsNotTold() async throws {
    let test = try TestLedger(version: .two)
    let ledger = try test.open()
    let banks = [
      try await TestBank(1, on: ledger, of: test), try await TestBank(2, on: ledger, of: test),
    ]
    let owner = OwnerID(Bytes16(high: 9, low: 9))
    let wallets = (0..<2).map { TestLedger.account(900 + UInt64($0)) }
    for (bank, wallet) in zip(banks, wallets) {
      _ = try await test.submit(
        [
          .openWallet(
            OpenWallet(
              wallet: wallet, owner: owner, currency: TestLedger.cny,
              tier: Tier(unchecked: "wl1")))
        ], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    try await Self.activate(
      try Self.rules("owner", Self.holding(.owner), at: 31_415), on: ledger, of: test)
    for (index, amount) in [(0, 20_000), (1, 5_926)] as [(Int, UInt64)] {
      let receipt = try await test.submit(
        [banks[index].fund(wallets[index], amount)], of: banks[index].party, to: ledger,
        signedBy: [banks[index].key])
      #expect(receipt.instructions.map(\.outcome) == [.accepted])
    }
    let submission = test.submission(
      [banks[0].fund(wallets[0], 7_000)], of: banks[0].party, on: ledger.id,
      signedBy: [banks[0].key])
    for _ in 0..<2 {
      let refusal = try #require(try await ledger.submit(submission).instructions.first)
      let breach = try #require(refusal.breach)
      #expect(refusal.isWithheld && breach.extent == .shared(left: 31_415 - 25_926))
      #expect((breach.limit, breach.used, breach.asked) == (0, 0, 7_000))
      let message = try #require(refusal.message)
      #expect(message.contains("`5489`") && !message.contains("31415"), "\(message)")
      #expect(!message.contains("25926"), "\(message)")
    }
    await ledger.stop()
  }

  /// Goal: the issuer is told why its own order is refused, figures and all.
  @Test func theIssuerSeesAll() async throws {
    let test = try TestLedger(version: .two)
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let supply = Measure(
      quantity: .supply, scope: .system, window: .payment, direction: .into, operations: [.issue])
    try await Self.activate(
      try Self.rules("supply", supply, at: 150_000_000), on: ledger, of: test)
    let submission = test.submission(
      [
        .issue(
          Issue(
            payee: bank.settlement, amount: 60_000_000, currency: TestLedger.cny,
            rtgsReference: try RTGSReference("RTGS-9")))
      ], of: .issuer, on: ledger.id, signedBy: Array(test.officers.prefix(2)))
    for _ in 0..<2 {
      let refusal = try #require(try await ledger.submit(submission).instructions.first)
      let breach = try #require(refusal.breach)
      #expect(!refusal.isWithheld)
      #expect((breach.limit, breach.used) == (150_000_000, 100_000_000))
      #expect(breach.extent == .shared(left: 50_000_000))
      #expect(refusal.message == breach.description)
    }
    await ledger.stop()
  }

  /// Goal: a statement says what linked accounts gave and took, and names of a linked account's
  /// counterparties only the wallet that is linked.
  @Test func statementsTellWhatLinkedAccountsGaveAndTook() async throws {
    let test = try TestLedger(version: .two)
    let ledger = try test.open()
    let one = try await TestBank(1, on: ledger, of: test)
    let two = try await TestBank(2, on: ledger, of: test)
    for (bank, wallet) in [(one, one.wallets[1]), (two, two.wallets[1])] {
      _ = try await test.submit(
        [.linkAccount(wallet, to: bank.settlement)], of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    try await Self.activate(
      try Self.rules(
        "pour", Self.holding(.wallet), at: 100_000,
        action: .waterfall(Waterfall(drawsShortfall: true))), on: ledger, of: test)
    func pay(_ bank: TestBank, _ operation: LedgerModel.Operation) async throws {
      let receipt = try await test.submit(
        [operation], of: bank.party, to: ledger, signedBy: [bank.key])
      #expect(receipt.instructions.map(\.outcome) == [.accepted])
    }
    try await pay(one, one.pay(two.wallets[1], 150_000))
    try await pay(
      two,
      .pay(
        Transfer(
          payer: two.wallets[1], payee: one.wallets[1], amount: 130_000,
          currency: TestLedger.cny)))
    try await pay(one, one.fund(one.wallets[1], 5_000))

    func newest(_ account: AccountID, _ count: Int) throws -> [StatementLine] {
      try ledger.statement(
        of: account, for: .open, filter: StatementFilter(), before: nil, linesMax: count
      ).lines
    }
    func linked(_ account: AccountID, _ change: Int64) -> StatementLine.Linked {
      StatementLine.Linked(account: account, change: change)
    }
    let payer = try newest(two.wallets[1], 2)
    #expect(payer.map(\.amount) == [130_000, 150_000])
    #expect(payer.map(\.change) == [-100_000, 100_000])
    #expect(
      payer.map(\.linked) == [linked(two.settlement, 30_000), linked(two.settlement, -50_000)])
    #expect(payer.map(\.counterparty) == [one.wallets[1], one.wallets[0]])
    let bank = try newest(two.settlement, 2)
    #expect(bank.map(\.change) == [-30_000, 50_000])
    #expect(bank.map(\.counterparty) == [two.wallets[1], two.wallets[1]])
    #expect(bank.map(\.linked) == [nil, nil])
    let payee = try newest(one.wallets[1], 2)
    #expect(payee.map(\.change) == [0, 100_000])
    #expect(
      payee.map(\.linked) == [linked(one.settlement, -5_000), linked(one.settlement, -30_000)])
    let funding = try newest(one.settlement, 2)
    #expect(funding.map(\.change) == [0, 30_000])
    #expect(funding.map(\.counterparty) == [one.wallets[1], one.wallets[1]])

    // Line by line it is the same.
    let whole = try newest(one.settlement, 100)
    var lines: [StatementLine] = []
    var next: SequenceNumber?
    repeat {
      let page = try ledger.statement(
        of: one.settlement, for: .open, filter: StatementFilter(), before: next, linesMax: 1)
      lines += page.lines
      next = page.next
    } while next != nil
    #expect(lines == whole && whole.count == 4)
    await ledger.stop()
  }

  /// Goal: rules that time alone puts in force are shown as in force once ledger time has come,
  /// though nobody orders anything.
  @Test func rulesThatBeginAreShown() async throws {
    let test = try TestLedger(version: .two)
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    let from = LedgerTime(microseconds: test.clock.wallMicroseconds() + 300_000_000)
    try await Self.activate(
      try Self.rules("owner", Self.holding(.owner), at: 31_415), from: from, on: ledger, of: test)
    #expect(ledger.supply(for: .open)[0].rules.map(\.from) == [from])
    let unused = test.nextID()
    test.clock.advance(microseconds: 601_000_000)
    for _ in 0..<200 {
      // Only a tick can tell that the id never comes.
      if case .neverExecuted = try ledger.status(of: unused, party: bank.party, for: .open) {
        break
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    let supply = ledger.supply(for: .open)[0]
    #expect(supply.time >= from && supply.rules.map(\.from) == [nil])
    await ledger.stop()
  }
}
