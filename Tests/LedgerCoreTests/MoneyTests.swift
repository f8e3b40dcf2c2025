import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// The books by hand-picked examples.
@Suite struct MoneyTests {
  /// Goal: one sum on its way through all six operations, with balances and back pointers.
  @Test func moneyGoesAllTheWay() throws {
    var ledger = ExampleLedger.opened()
    let steps: [(Party, Operation, [Int: Int64])] = [
      (.issuer, .issue(200, 50, reference: 2), [1: -1_050, 200: 50]),
      (.bank(1), .settle(100, 200, 300), [100: 600, 200: 350]),
      (.bank(2), .fund(200, 210, 350), [200: 0, 210: 350]),
      (.bank(2), .pay(210, 110, 30), [210: 320, 110: 130]),
      (.bank(2), .pay(210, 211, 20), [210: 300, 211: 20]),
      (.bank(1), .cashOut(110, 100, 130), [110: 0, 100: 730]),
      (.bank(1), .redeem(100, 730, reference: 3), [100: 0, 1: -320]),
    ]
    for (party, operation, expected) in steps {
      #expect(ledger.order(operation, by: party) == .accepted, "\(operation)")
      for (account, balance) in expected { #expect(ledger.balance(account) == balance) }
      ledger.state.checkInvariants()
    }
    let cny = ledger.state.currencies[0]
    #expect(cny.issued == 1_050)
    #expect(cny.redeemed == 730)
    #expect(cny.outstanding == 320)
    #expect(cny.held == 320)
    #expect(ledger.state.account(.example(110))?.entryCount == 3)
    #expect(ledger.order(.close(110), by: .bank(1)) == .accepted)
  }

  /// Goal: effects name both accounts, their new balances and the entry before.
  @Test func effectsPointBack() throws {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let pays = [5, 6].map { amount in
      Instruction(
        id: ledger.freshID(at: ledger.state.time), operation: .pay(110, 210, amount))
    }
    let submission = ledger.submission(of: pays, by: .bank(1))
    let funded = ledger.state.account(.example(110))?.lastSequence
    guard case .admitted(let admitted) = try ledger.state.admit(submission) else {
      Issue.record("not let in")
      return
    }
    let first = ledger.state.apply(submission.instructions[0], in: admitted)
    let second = ledger.state.apply(submission.instructions[1], in: admitted)
    #expect(
      first.debit?.posting
        == PostingEffect(account: .example(110), balance: .example(95), previous: funded))
    #expect(
      first.credit?.posting
        == PostingEffect(account: .example(210), balance: .example(5), previous: nil))
    #expect(
      second.debit?.posting
        == PostingEffect(account: .example(110), balance: .example(89), previous: first.sequence))
    #expect(
      second.credit?.posting
        == PostingEffect(account: .example(210), balance: .example(11), previous: first.sequence))
    #expect(second.changes.isEmpty)
  }

  /// Goal: a frozen account that takes credits takes them, and pays nothing; a participant's
  /// freeze is about its settlement accounts, not its customers' wallets.
  @Test func freezes() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.freeze(wallet: 210, .accepted)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.pay(210, 110, 5), by: .bank(2)) == .rejected(.accountFrozen(.example(210))))
    #expect(ledger.order(.unfreeze(wallet: 210)) == .accepted)
    #expect(ledger.order(.pay(210, 110, 5), by: .bank(2)) == .accepted)

    #expect(ledger.order(.freeze(bank: 1, .accepted)) == .accepted)
    #expect(ledger.order(.issue(100, 5, reference: 2)) == .accepted)
    #expect(
      ledger.order(.settle(100, 200, 5), by: .bank(1))
        == .rejected(.accountFrozen(.example(100))))
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1)) == .accepted)
    #expect(ledger.order(.cashOut(110, 100, 5), by: .bank(1)) == .accepted)
    #expect(ledger.order(.unfreeze(bank: 1)) == .accepted)
    #expect(ledger.order(.freeze(bank: 1, .refused)) == .accepted)
    #expect(
      ledger.order(.cashOut(110, 100, 5), by: .bank(1))
        == .rejected(.accountFrozen(.example(100))))
    #expect(
      ledger.order(.issue(100, 5, reference: 3)) == .rejected(.accountFrozen(.example(100))))
  }

  /// Goal: a suspended participant orders nothing, but its accounts still take money.
  @Test func suspendedParticipantsAreCredited() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.suspend(2), signers: [1]) == .accepted)
    #expect(ledger.order(.settle(100, 200, 5), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.pay(210, 110, 5), by: .bank(2))
        == .rejected(.participantSuspended(.example(2))))
    #expect(ledger.order(.reinstate(2)) == .accepted)
    #expect(ledger.order(.pay(210, 110, 5), by: .bank(2)) == .accepted)
  }

  /// Goal: an RTGS reference is good for one order, for ever, issue and redeem alike; two that
  /// differ in a byte differ, whatever Unicode makes of them.
  @Test func referencesAreUniqueByTheirBytes() {
    func issue(_ reference: String) -> Operation {
      .issue(
        Issue(
          payee: .example(100), amount: 1, currency: .cny,
          rtgsReference: RTGSReference(unchecked: reference)))
    }
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(issue("caf\u{E9}")) == .accepted)
    #expect(ledger.order(issue("cafe\u{301}")) == .accepted)
    let again = RTGSReference(unchecked: "caf\u{E9}")
    #expect(ledger.order(issue("caf\u{E9}")) == .rejected(.referenceUsed(again)))
    ledger.wait(seconds: 500 * 86_400)
    #expect(ledger.order(issue("caf\u{E9}")) == .rejected(.referenceUsed(again)))
    // Refused for another reason, it stays unused.
    #expect(
      ledger.order(.redeem(100, 5_000, reference: 77), by: .bank(1))
        != .accepted)
    #expect(ledger.order(.redeem(100, 5, reference: 77), by: .bank(1)) == .accepted)
  }

  /// Goal: limits begin anew at midnight in Shanghai, to the microsecond, and a wallet that gets
  /// another tier keeps what it used.
  @Test func limitsFollowTheCalendar() {
    var ledger = ExampleLedger.opened()
    let rules = RuleSet.example(tiers: 2, [("day-max", .day, [80, 20])])
    let midnight = LedgerTime.example.moved(seconds: 12 * 3_600)
    func breach(_ limit: UInt64, _ used: Int128, _ asked: UInt64, days: Int64) -> Outcome {
      .rejected(
        .limitExceeded(
          LimitBreach(
            rule: RuleID(unchecked: "day-max"), account: .example(110), limit: limit, used: used,
            asked: asked, resets: midnight.moved(seconds: days * 86_400))))
    }
    #expect(ledger.order(.activate(rules)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 10), by: .bank(1)) == .accepted)
    #expect(ledger.order(.setTier(110, 2), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 11), by: .bank(1)) == breach(20, 10, 11, days: 0))
    #expect(ledger.order(.pay(110, 210, 10), by: .bank(1)) == .accepted)
    func pay(_ amount: UInt64) -> Instruction {
      Instruction(id: ledger.freshID(at: ledger.state.time), operation: .pay(110, 210, amount))
    }
    ledger.state.begin(at: midnight.moved(microseconds: -1))
    #expect(ledger.order([pay(1)], by: .bank(1)) == [breach(20, 20, 1, days: 0)])
    ledger.state.begin(at: midnight)
    #expect(
      ledger.order([pay(15), pay(6), pay(5)], by: .bank(1))
        == [.accepted, breach(20, 15, 6, days: 1), .accepted])
  }

  /// Goal: a changed maximum keeps what was used, under whatever name the rule has; what is not
  /// measured for a while begins anew.
  @Test func usesOutliveTheirRules() {
    var ledger = ExampleLedger.opened()
    func used(paying amount: UInt64) -> Int128? {
      guard
        case .rejected(.limitExceeded(let breach)) = ledger.order(
          .pay(110, 210, amount), by: .bank(1))
      else { return nil }
      return breach.used
    }
    func activate(_ version: Int, _ rules: [(id: String, measure: Measure, maxima: [UInt64?])]) {
      #expect(ledger.order(.activate(.example(version: version, rules))) == .accepted)
    }
    activate(1, [("day-max", .day, [20])])
    #expect(ledger.order(.pay(110, 210, 15), by: .bank(1)) == .accepted)
    #expect(used(paying: 6) == 15)
    activate(2, [("payment-max", .onePayment, [50]), ("less-a-day", .day, [10])])
    #expect(used(paying: 1) == 15)
    activate(3, [("more-a-day", .day, [30])])
    #expect(used(paying: 16) == 15)
    #expect(ledger.order(.pay(110, 210, 15), by: .bank(1)) == .accepted)
    activate(4, [("payment-max", .onePayment, [50])])
    #expect(ledger.order(.pay(110, 210, 15), by: .bank(1)) == .accepted)
    activate(5, [("day-max", .day, [10])])
    #expect(used(paying: 11) == 0)
    #expect(ledger.order(.pay(110, 210, 10), by: .bank(1)) == .accepted)
  }

  /// Goal: a confirmed instant lies within five minutes of ledger time, both ends included.
  @Test func clockIsConfirmedWithinFiveMinutes() {
    var ledger = ExampleLedger.opened()
    for (offset, isNear) in [
      (300_000_000, true), (-300_000_000, true), (300_000_001, false), (-300_000_001, false),
    ] as [(Int64, Bool)] {
      ledger.wait()
      let instant = ledger.state.time.moved(microseconds: offset)
      let order = Instruction(
        id: ledger.freshID(at: ledger.state.time), operation: .confirmClock(instant))
      let outcome = ledger.order([order], signers: [3])
      #expect(outcome == [isNear ? .accepted : .rejected(.clockDisagrees(instant: instant))])
    }
  }
}
