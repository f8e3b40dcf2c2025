import LedgerModel
import Testing

@Suite struct TimeZoneTableTests {
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
}
