import LedgerModel
import LedgerTesting
import Testing

@Suite struct RuleSetZoneTests {
  /// Goal: a set whose zones are not those of its measures, or not sound, is none.
  @Test func refuseUnsoundZones() throws {
    let other = zone(offset: 3_600)
    for (zones, measured, expected) in [
      ([Zones.utc, other], Zones.utc, RuleSetError.duplicateZone("UTC")),
      ([Zones.utc, Zones.berlin], Zones.utc, .unusedZone("Europe/Berlin")),
      ([], Zones.utc, .unknownName(noun: "zone", name: "UTC")),
      ([other], Zones.utc, .unusedZone("UTC")),
      ([zone(offset: 99_999)], zone(offset: 99_999), .invalidZone("UTC")),
    ] as [([TimeZoneTable], TimeZoneTable, RuleSetError)] {
      #expect(throws: expected) { try ruleSet(zones, measured).validate() }
    }
  }

  /// Goal: each bound of a zone table holds.
  @Test func refuseUnsoundTables() {
    let march = TimeZoneTable.RuleDate(month: 3, week: 5, weekday: 0, seconds: 7_200)
    func zone(
      _ transitions: [TimeZoneTable.Transition], _ standard: Int = 0,
      _ daylight: TimeZoneTable.Daylight? = nil
    ) -> Bool {
      TimeZoneTable(
        name: "A/B", firstOffset: 0, transitions: transitions,
        footer: .init(standardOffset: standard, daylight: daylight)
      ).isValid
    }
    func daylight(_ end: TimeZoneTable.RuleDate) -> TimeZoneTable.Daylight {
      .init(offset: 3_600, start: march, end: end)
    }
    #expect(zone([]))
    #expect(!zone([], 1))
    #expect(zone([.init(at: 5, offset: 1)], 1))
    #expect(!zone([.init(at: 5, offset: 1), .init(at: 5, offset: 0)]))
    #expect(!zone([.init(at: .max, offset: 0)]))
    #expect(zone([], 0, daylight(.init(month: 5, week: 1, weekday: 6, seconds: -604_799))))
    #expect(!zone([], 0, daylight(.init(month: 4, week: 5, weekday: 0, seconds: 0))))
    #expect(!zone([], 0, daylight(.init(month: 13, week: 5, weekday: 0, seconds: 0))))
    #expect(!zone([], 0, daylight(.init(month: 10, week: 0, weekday: 0, seconds: 0))))
    #expect(!zone([], 0, daylight(.init(month: 10, week: 5, weekday: 7, seconds: 0))))
    #expect(!zone([], 0, daylight(.init(month: 10, week: 5, weekday: 0, seconds: 604_800))))
  }

  private func zone(offset: Int) -> TimeZoneTable {
    TimeZoneTable(
      name: "UTC", firstOffset: offset, transitions: [],
      footer: .init(standardOffset: offset, daylight: nil))
  }

  private func ruleSet(_ zones: [TimeZoneTable], _ zone: TimeZoneTable) throws -> RuleSet {
    RuleSet(
      format: 1, pack: try PackName("a"), version: 1, currency: .cny, sourceDigest: .example(1),
      tiers: [try Tier("a")], zones: zones, measures: [.example(.day(zone))],
      rules: [
        Rule(
          id: try RuleID("r"), measure: 0, caps: .byTier(constants: [1]), action: .deny)
      ])
  }
}
