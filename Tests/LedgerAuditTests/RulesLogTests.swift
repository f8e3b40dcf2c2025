import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerPolicy
import LedgerStorage
import LedgerTesting
import LedgerWire
import Testing

@Suite struct RulesLogTests {
  private static func store(_ log: SampleLog) throws -> some LedgerStore {
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    return try disk.open()
  }

  /// Goal: a log whose rules changed ten times is decided again to the same bytes, from what the
  /// log holds alone.
  ///
  /// Method: sets of every shape follow each other, under other transitions of the same zones and
  /// other holidays, as other zone databases would have given them. What replays has no compiler
  /// and asks no zone database: the architecture's table of imports and its bans hold that.
  @Test(arguments: UInt64(0)..<12)
  func rulesThatChangeAreReplayed(seed: UInt64) throws {
    var log = try RulesLog(seed: seed)
    for _ in 0..<10 {
      try log.activate()
      try log.pay(25)
    }
    try log.builder.checkpoint()
    let report = try audit(log.builder.log, trust: log.builder.log.trust)
    #expect(report.verdict == .verified, "seed \(seed): \(report.verdict)")
    #expect(report.summary.refused > 10 && report.summary.accepted > 60, "seed \(seed)")
  }

  /// Goal: under the rules that a history had, nothing is different.
  @Test(arguments: UInt64(0)..<6)
  func backtestOfTheSameRules(seed: UInt64) throws {
    var log = try RulesLog(seed: seed)
    try log.activate()
    let start = log.builder.state.time.moved(seconds: 1)
    try log.pay(200)
    let set = try #require(log.activated.first)
    let report = try Backtest.run(
      set, store: try Self.store(log.builder.log), trust: log.builder.log.trust,
      over: Backtest.Span(from: start))
    #expect(report.sums.isEmpty, "seed \(seed): \(report.rows)")
    #expect(report.payments.count == 200)
    // Money came to the wallets before the rules did, which may have refused some of it.
    let whole = try Backtest.run(set, store: try Self.store(log.builder.log), trust: nil)
    #expect(whole.payments.count == 208)
  }

  /// Goal: what a backtest says is what a ledger under those rules would have done.
  ///
  /// Method: the same orders are sent to a second ledger, which is told the other rules.
  @Test func backtestOfOtherRules() throws {
    var changes: UInt64 = 0
    for seed in UInt64(0)..<6 { changes += try Self.compareBacktest(seed: seed) }
    #expect(changes > 50, "\(changes) changes are too few to mean anything")
  }

  /// Returns how many payments had another outcome.
  private static func compareBacktest(seed: UInt64) throws -> UInt64 {
    var log = try RulesLog(seed: seed)
    try log.activate()
    let start = log.builder.state.time.moved(seconds: 1)
    try log.pay(200)
    var others = try RulesLog(seed: seed &+ 1_000)
    try others.activate()
    let other = try #require(others.activated.first)
    let report = try Backtest.run(
      other, store: try store(log.builder.log), trust: nil,
      over: Backtest.Span(from: start))
    var history = try LogHistory(try store(log.builder.log), trust: nil)
    defer { history.cancel() }
    var ledger: LedgerState?
    var refused: UInt64 = 0
    var allowed: UInt64 = 0
    while let batch = try history.next() {
      if ledger == nil, batch.time >= start {
        ledger = history.replay.state
        try ledger?.tryOut(other)
      }
      let sequenced = try history.replay(batch)
      guard ledger != nil else { continue }
      ledger?.begin(at: batch.time)
      for record in sequenced.records {
        guard case .submission(let submission) = record,
          case .admitted(let admitted)? = try ledger?.admit(submission.submission)
        else { continue }
        let applied = ledger?.apply(submission.submission, admitted) ?? []
        for (was, would) in zip(submission.applied, applied) {
          if was.outcome.isAccepted, !would.outcome.isAccepted { refused += 1 }
          if !was.outcome.isAccepted, would.outcome.isAccepted { allowed += 1 }
        }
      }
    }
    #expect(
      report.total(.newlyRefused).count + report.total(.knockOnRefused).count == refused,
      "seed \(seed)")
    #expect(
      report.total(.newlyAllowed).count + report.total(.knockOnAllowed).count == allowed,
      "seed \(seed)")
    return refused + allowed
  }

  /// Goal: a refusal is explained by the rule that refused it, with its numbers; so is a payment
  /// that nobody ordered.
  @Test func explanations() throws {
    let full = try LogBuilder.full()
    let refused = try #require(
      full.log.records.compactMap { try? LogEntry(canonicalBytes: $0.entry) }.compactMap { entry in
        if case .instruction(let bytes, .rejected(.limitExceeded, _, _)) = entry.body {
          try? Instruction(canonicalBytes: bytes)
        } else {
          nil
        }
      }.first)
    let store = try Self.store(full.log)
    let found = try LogExplanation.explain(.logged(refused.id), store: store, trust: nil)
    let explanation = try #require(found)
    #expect(explanation.instruction == refused)
    let readings = try #require(explanation.rules?.readings)
    let reading = try #require(readings.first)
    #expect(reading.rule.id.text == "pay.single" && reading.breach?.limit == 500)
    #expect(readings.map(\.rule.id.text) == ["pay.single", "pay.day"])
    #expect(readings[1].used == 450 && readings[1].left == 450)
    #expect(readings[1].breach?.asked == 600)
    guard case .rejected(.limitExceeded(let breach))? = explanation.outcome else {
      Issue.record("\(String(describing: explanation.outcome))")
      return
    }
    #expect(breach.rule.text == "pay.single")

    let asked = HypotheticalPayment(
      .given(.pay(LogBuilder.transfer(.example(110), .example(111), 350))), id: refused.id)
    let hypothetical = try #require(
      try LogExplanation.explain(
        .hypothetical(asked, at: nil), store: try Self.store(full.log), trust: nil))
    let rules = try #require(hypothetical.rules)
    #expect(hypothetical.logged == nil && hypothetical.outcome == .accepted)
    #expect(rules.decision == .permit && rules.sets.count == 1)
    #expect(rules.readings.map(\.breach) == [nil, nil])
    #expect(rules.readings[1].left == 350)
    let other = InstructionID(milliseconds: 1, random: (1, 1))
    #expect(
      try LogExplanation.explain(
        .logged(other), store: try Self.store(full.log), trust: nil) == nil)
  }
}
