import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

@Suite struct RuleReadingTests {
  private static let hour: UInt64 = 3_600_000_000

  private static func at(hour: UInt64, minutes: UInt64 = 0) -> LedgerTime {
    LedgerTime(microseconds: hour * Self.hour + minutes * 60_000_000)
  }

  /// Goal: of a window that goes on under other transitions (rule 43) the bounds are the new ones'.
  @Test func tellTheWindowOfTheTransitionsInForce() throws {
    var engine = PolicyEngine.example()
    engine.activate(try .policy([PolicyLimit(.example(.day(Zones.shanghai)), 10)]))
    // Half past midnight in Shanghai.
    engine.advance(to: Self.at(hour: 16, minutes: 30))
    #expect(engine.decideAndCommit(.example(4)) == .permit)
    #expect(engine.explain(.example(1)).first?.began == Self.at(hour: 16))
    let moved = TimeZoneTable.fixed("Asia/Shanghai", hours: 7)
    engine.activate(try .policy(version: 2, [PolicyLimit(.example(.day(moved)), 10)]))
    let reading = try #require(engine.explain(.example(1)).first)
    #expect(reading.used == 4)
    #expect(reading.began == Self.at(hour: 0) && reading.resets == Self.at(hour: 17))
  }

  /// Goal: what a waterfall sends on is told by the waterfall, and what other rules then look at is
  /// what is left, also under another set.
  @Test func tellWhatGoesOn() throws {
    var engine = PolicyEngine.example()
    let holding = Measure.example(of: .balance, .payment, .into)
    let pour = Rule.Action.waterfall(Waterfall(drawsShortfall: false))
    engine.activate(try .policy([PolicyLimit(holding, 50, pour)]))
    engine.activate(try .policy(pack: "other", [PolicyLimit(holding, 60)]))
    let readings = engine.explain(.example(90, holds: 90, isLinked: true))
    #expect(readings.map(\.sweep) == [40, 0])
    #expect(readings.map(\.asked) == [90, 50])
    #expect(readings.map(\.breach) == [nil, nil])
  }
}
