import LedgerModel
import LedgerTesting
import Testing

@Suite struct RuleSetTests {
  private static let day = measure(.amount, .day, zone: .shanghai)
  private static let payment = measure(.amount, .payment)

  private static func measure(
    _ quantity: Measure.Quantity, _ window: Measure.Window,
    _ direction: Measure.Direction = .out, zone: TimeZoneTable? = nil,
    _ operations: [Measure.Operation] = [.pay]
  ) -> Measure {
    Measure(
      quantity: quantity, scope: .wallet, window: window, direction: direction, zone: zone,
      operations: operations)
  }

  private static func rule(_ id: String, _ measure: Int, _ maxima: [UInt64?] = [1]) -> Rule {
    Rule(id: RuleID(unchecked: id), measure: measure, action: .deny, maxima: maxima)
  }

  private static func ruleSet(
    format: Int = 1, tiers: [Int] = [1], zones: [TimeZoneTable] = [.shanghai],
    measures: [Measure] = [day], rules: [Rule] = [rule("a", 0)]
  ) -> RuleSet {
    RuleSet(
      format: format, pack: PackName(unchecked: "test"), version: 1, currency: .cny,
      sourceDigest: .example(1), tiers: tiers.map { .example($0) }, zones: zones,
      measures: measures, rules: rules)
  }

  private static func error(of ruleSet: RuleSet) -> RuleSetError? {
    do throws(RuleSetError) {
      try ruleSet.validate()
      return nil
    } catch {
      return error
    }
  }

  @Test func edgesAreValid() {
    let rules = (0..<256).map { Self.rule("r\($0)", 0, [0, nil, .max]) }
    for ruleSet in [
      Self.ruleSet(),
      Self.ruleSet(
        tiers: Array(1...64), rules: [Self.rule("a", 0, Array(repeating: nil, count: 64))]),
      Self.ruleSet(tiers: [1, 2, 3], rules: rules),
      Self.ruleSet(
        zones: [.shanghai, .panama],
        measures: [
          Self.day, Self.payment, Self.measure(.amount, .month, zone: .panama),
          Self.measure(.balance, .payment, .into), Self.measure(.count, .lifetime, .into),
          Self.measure(.count, .year, zone: .shanghai, [.fund, .pay, .cashOut]),
        ],
        rules: (0..<6).map { Self.rule("r\($0)", $0) }),
    ] {
      #expect(Self.error(of: ruleSet) == nil)
    }
  }

  @Test func everyError() {
    let broken = TimeZoneTable(
      name: "Nowhere", firstOffset: 0, transitions: [],
      footer: TimeZoneTable.Footer(standardOffset: 3_600, daylight: nil))
    let inNowhere = Self.measure(.amount, .day, zone: broken)
    let cases: [(RuleSet, RuleSetError)] = [
      (Self.ruleSet(format: 0), .unknownFormat(0)),
      (Self.ruleSet(format: 2), .unknownFormat(2)),
      (Self.ruleSet(tiers: Array(1...65)), .tooMany(noun: "tiers", count: 65, max: 64)),
      (
        Self.ruleSet(measures: Array(repeating: Self.day, count: 257)),
        .tooMany(noun: "measures", count: 257, max: 256)
      ),
      (
        Self.ruleSet(rules: (0..<257).map { Self.rule("r\($0)", 0) }),
        .tooMany(noun: "rules", count: 257, max: 256)
      ),
      (
        Self.ruleSet(measures: Array(repeating: Self.day, count: 33)),
        .tooMany(noun: "measures that count over a window", count: 33, max: 32)
      ),
      (Self.ruleSet(tiers: []), .none(noun: "tiers")),
      (Self.ruleSet(measures: []), .none(noun: "measures")),
      (Self.ruleSet(rules: []), .none(noun: "rules")),
      (Self.ruleSet(tiers: [1, 2, 1]), .duplicateTier(.example(1))),
      (Self.ruleSet(zones: [.shanghai, .shanghai]), .duplicateZone("Asia/Shanghai")),
      (Self.ruleSet(zones: [.shanghai, .panama]), .unusedZone("America/Panama")),
      (Self.ruleSet(zones: [broken], measures: [inNowhere]), .invalidZone("Nowhere")),
      (
        Self.ruleSet(
          measures: [Self.day, Self.day], rules: [Self.rule("a", 0), Self.rule("b", 1)]),
        .duplicateMeasure(index: 1)
      ),
      (
        Self.ruleSet(rules: [Self.rule("a", 0), Self.rule("a", 0)]),
        .duplicateRule(RuleID(unchecked: "a"))
      ),
      (
        Self.ruleSet(rules: [Self.rule("a", 1)]),
        .measureOutOfRange(rule: RuleID(unchecked: "a"), index: 1)
      ),
      (
        Self.ruleSet(rules: [Self.rule("a", -1)]),
        .measureOutOfRange(rule: RuleID(unchecked: "a"), index: -1)
      ),
      (Self.ruleSet(measures: [Self.day, Self.payment]), .unusedMeasure(index: 1)),
      (
        Self.ruleSet(tiers: [1, 2]), .maximaCount(rule: RuleID(unchecked: "a"), count: 1)
      ),
    ]
    for (ruleSet, expected) in cases { #expect(Self.error(of: ruleSet) == expected) }
  }

  /// Goal: a state machine takes the formats of its version alone, whatever the binary knows.
  @Test func formatsAreThoseOfTheVersion() throws {
    #expect(StateMachineVersion.one.newestRuleSetFormat == 1)
    try Self.ruleSet(format: 2).validate(newestFormat: 2)
    try Self.ruleSet(format: 1).validate(newestFormat: 2)
    #expect(throws: RuleSetError.unknownFormat(3)) {
      try Self.ruleSet(format: 3).validate(newestFormat: 2)
    }
  }

  /// Goal: measures that make no sense are none: a calendar without its zone, a zone without a
  /// calendar, operations that do not ascend, a balance over time or going out.
  @Test func invalidMeasures() {
    for measure in [
      Self.measure(.amount, .day), Self.measure(.amount, .day, zone: .panama),
      Self.measure(.amount, .month), Self.measure(.count, .year),
      Self.measure(.amount, .day, zone: .shanghai, []),
      Self.measure(.amount, .day, zone: .shanghai, [.pay, .pay]),
      Self.measure(.amount, .day, zone: .shanghai, [.pay, .fund]),
      Self.measure(.balance, .day, .into, zone: .shanghai),
      Self.measure(.balance, .lifetime, .into), Self.measure(.balance, .payment, .out),
      Self.measure(.amount, .payment, zone: .shanghai),
      Self.measure(.count, .lifetime, zone: .shanghai),
    ] {
      let ruleSet = Self.ruleSet(
        measures: [Self.day, measure], rules: [Self.rule("a", 0), Self.rule("b", 1)])
      #expect(Self.error(of: ruleSet) == .invalidMeasure(index: 1), "\(measure)")
    }
  }

  /// Goal: of several errors the one declared first is thrown.
  @Test func declaredFirstIsThrown() {
    let many = (0..<257).map { Self.rule("r\($0)", 0) }
    #expect(
      Self.error(of: Self.ruleSet(tiers: [], rules: many))
        == .tooMany(noun: "rules", count: 257, max: 256))
    #expect(
      Self.error(
        of: Self.ruleSet(tiers: [1, 1], zones: [.panama], rules: [Self.rule("a", 7, [])]))
        == .duplicateTier(.example(1)))
    #expect(
      Self.error(of: Self.ruleSet(zones: [], rules: [Self.rule("a", 0, [])]))
        == .invalidMeasure(index: 0))
  }

  /// Goal: a zone's table is what RFC 9636 can mean, at each bound.
  @Test func zoneTables() {
    func table(
      name: String = "Z", first: Int = 0, _ transitions: [(Int64, Int)] = [], standard: Int = 0,
      dst daylight: TimeZoneTable.Daylight? = nil
    ) -> TimeZoneTable {
      TimeZoneTable(
        name: name, firstOffset: first,
        transitions: transitions.map { TimeZoneTable.Transition(at: $0, offset: $1) },
        footer: TimeZoneTable.Footer(standardOffset: standard, daylight: daylight))
    }
    func summer(
      offset: Int = 3_600, _ start: (Int, Int, Int, Int) = (3, 5, 0, 7_200),
      _ end: (Int, Int, Int, Int) = (10, 5, 0, 10_800)
    ) -> TimeZoneTable.Daylight {
      TimeZoneTable.Daylight(
        offset: offset,
        start: TimeZoneTable.RuleDate(
          month: start.0, week: start.1, weekday: start.2, seconds: start.3),
        end: TimeZoneTable.RuleDate(month: end.0, week: end.1, weekday: end.2, seconds: end.3))
    }
    for valid in [
      table(), table([(5, 60), (6, 0)]), table(first: 93_599, standard: 93_599),
      table(first: -89_999, standard: -89_999),
      table([(1 << 40, 0)]), table(dst: summer()), table([(5, 3_600)], dst: summer()),
      table(dst: summer((3, 1, 0, 604_799), (10, 5, 6, -604_799))),
      table(name: String(repeating: "z", count: 64)),
    ] {
      #expect(valid.isValid)
    }
    for invalid in [
      table(name: ""), table(name: "a b"), table(name: "ä"),
      table(name: String(repeating: "z", count: 65)), table([(5, 0), (5, 0)]),
      table([(6, 60), (5, 0)]), table(first: 93_600, standard: 93_600),
      table(first: -90_000, standard: -90_000), table([(5, 60)]),
      table(first: 60), table([((1 << 40) + 1, 0)]), table(first: 60, dst: summer()),
      table(dst: summer(offset: 93_600)), table(dst: summer((0, 1, 0, 0))),
      table(dst: summer((13, 1, 0, 0))),
      table(dst: summer((3, 0, 0, 0))), table(dst: summer((3, 6, 0, 0))),
      table(dst: summer((3, 1, 7, 0))),
      table(dst: summer((3, 1, 0, 604_800))), table(dst: summer((10, 1, 0, 0))),
      table(dst: summer((9, 1, 0, 0))),
    ] {
      #expect(!invalid.isValid, "\(invalid)")
    }
  }

  @Test func errorTexts() {
    let rule = RuleID(unchecked: "day-max")
    let cases: [(RuleSetError, String)] = [
      (.unknownFormat(2), "rule set format 2 is not known here; the newest is 1"),
      (.tooMany(noun: "tiers", count: 65, max: 64), "65 tiers are too many; at most 64"),
      (.none(noun: "rules"), "there are no rules; name at least one"),
      (.duplicateTier(.example(1)), "tier `class-1` is named twice"),
      (.unusedZone("Asia/Shanghai"), "no measure names zone `Asia/Shanghai`"),
      (.measureOutOfRange(rule: rule, index: 9), "rule `day-max` names measure 9"),
      (.maximaCount(rule: rule, count: 2), "rule `day-max` has 2 maxima, one a tier"),
    ]
    for (error, text) in cases { #expect(error.description == text) }
  }
}
