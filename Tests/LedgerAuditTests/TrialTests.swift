import LedgerAudit
import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import Testing

/// What a backtest's set stands in for.
@Suite struct TrialTests {
  /// Of format 2: what a wallet may pay at once.
  private static func set(
    _ pack: String, _ version: Int, _ most: UInt64, tiers: [Int] = [1, 2],
    supersedes: PackVersion? = nil, from: LedgerTime? = nil, ruleUntil: LedgerTime? = nil
  ) -> RuleSet {
    RuleSet(
      format: 2, pack: PackName(unchecked: pack), version: version, currency: .cny,
      sourceDigest: .example(version), tiers: tiers.map { .example($0) }, zones: [],
      measures: [
        Measure(
          quantity: .amount, scope: .wallet, window: .payment, direction: .out,
          operations: [.pay])
      ],
      rules: [
        Rule(
          id: RuleID(unchecked: "\(pack).single"), measure: 0, caps: .every(.constant(most)),
          action: .deny, until: ruleUntil)
      ], supersedes: supersedes, effectiveFrom: from)
  }

  private static func backtest(
    _ set: RuleSet, _ log: RulesLog, from: LedgerTime? = nil
  ) throws -> BacktestReport {
    let disk = MemoryDisk()
    disk.overwrite(with: log.builder.log.rows())
    return try Backtest.run(
      set, store: try disk.open(), trust: nil, over: Backtest.Span(from: from))
  }

  /// Goal: a version that was scheduled before the trial begins, in force, in shadow or of the pack
  /// that it supersedes, does not take its place later.
  @Test func scheduledVersionsAreStoodInFor() throws {
    var log = try RulesLog(seed: 1)
    try log.activate(ActivateRuleSet(ruleSet: Self.set("alpha", 1, 1_000), source: []))
    let begin = log.builder.state.time.moved(seconds: 100)
    let version = PackVersion(pack: PackName(unchecked: "alpha"), version: 1)
    for (set, isShadow) in [
      (Self.set("alpha", 2, 0), false), (Self.set("alpha", 3, 0), true),
      (Self.set("former", 4, 0), false),
    ] {
      try log.activate(
        ActivateRuleSet(
          ruleSet: set, source: [], from: begin.moved(seconds: 10), inShadow: isShadow))
    }
    try log.builder.tick()
    let start = log.builder.state.time
    try log.pay(60)
    // Another pack replaces the very version of the trial.
    try log.activate(
      ActivateRuleSet(ruleSet: Self.set("beta", 1, 1_000, supersedes: version), source: []))
    try log.pay(60)
    let former = PackVersion(pack: PackName(unchecked: "former"), version: 4)
    let free = try Self.backtest(
      Self.set("alpha", 1, 1_000, supersedes: former), log, from: start)
    #expect(free.total(.newlyRefused).count == 0 && free.total(.newlyFlagged).count == 0)
    #expect(free.total(.newlyAllowed).count > 20)
    let strict = try Self.backtest(Self.set("alpha", 1, 0, supersedes: former), log, from: start)
    #expect(strict.total(.newlyAllowed).count == 0)
    let whole = try Self.backtest(Self.set("alpha", 1, 0, supersedes: former), log)
    #expect(whole.total(.newlyAllowed).count == 0)
  }

  /// Goal: a trial takes no place from others, and what it says of its own beginning is no matter.
  @Test func aFullLedgerHasRoomForATrial() throws {
    var log = try RulesLog(seed: 2)
    for number in 1...Limits.packsPerCurrencyMax {
      try log.activate(
        ActivateRuleSet(ruleSet: Self.set("pack-\(number)", 1, 1_000), source: []))
    }
    let start = log.builder.state.time.moved(seconds: 1)
    try log.pay(30)
    // Which is accepted in the log, and so in the trial.
    try log.activate(ActivateRuleSet(ruleSet: Self.set("pack-1", 2, 0), source: []))
    try log.pay(30)
    let later = log.builder.state.time.moved(seconds: 1_000_000)
    let report = try Self.backtest(Self.set("trial", 1, 0, from: later), log, from: start)
    #expect(report.total(.newlyRefused).count > 10)
    #expect(report.total(.newlyAllowed).count == 0)
    let same = try Self.backtest(Self.set("trial", 1, 1_000), log, from: start)
    #expect(same.sums.isEmpty, "\(same.rows)")
    #expect(same.rulesInForceCount == 1)
  }

  /// Goal: what a set refuses because it does not name a tier is its own refusal.
  @Test func unknownTiersAreNoKnockOns() throws {
    var log = try RulesLog(seed: 3)
    let start = log.builder.state.time.moved(seconds: 1)
    try log.pay(80)
    let report = try Self.backtest(Self.set("trial", 1, 1_000, tiers: [2]), log, from: start)
    #expect(report.total(.newlyRefused).count > 10)
    let causes = report.rows.filter { $0.group.change == .newlyRefused }.map(\.group)
    #expect(causes.allSatisfy { $0.cause == BacktestReport.tierUnknown })
    #expect(causes.allSatisfy { $0.tier == Tier.example(1).text }, "\(causes)")
    #expect(!report.refusedByAccount.isEmpty)
  }

  /// Goal: a report says how many rules were in force at all.
  @Test func rulesThatHadEndedAreCounted() throws {
    var log = try RulesLog(seed: 4)
    let start = log.builder.state.time.moved(seconds: 1)
    try log.pay(10)
    let report = try Self.backtest(
      Self.set("trial", 1, 0, ruleUntil: start), log, from: start)
    #expect(report.rulesInForceCount == 0 && report.ruleCount == 1)
    #expect(report.sums.isEmpty)
  }
}
