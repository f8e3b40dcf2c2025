import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

/// Windows of the calendar as a payment meets them: the instant at which a rule that allows nothing
/// says that it begins anew.
@Suite struct CalendarWindowTests {
  /// An engine that permits no payment, so that each answer tells when the window ends.
  private func closed(_ window: Window) throws -> PolicyEngine {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy([PolicyLimit(.example(of: .count, per: .system, window), 0)]))
    return engine
  }

  private func end(in engine: PolicyEngine) -> LedgerTime? {
    engine.decide(.example(1)).breach?.resets
  }

  /// Goal: windows are those of the definition, in zones that skip, repeat and shorten days.
  ///
  /// Method: a walk in steps of half an hour or less, which divide every change below, keeps the
  /// running maximum of the local date. A window begins at the step where its key first changes.
  @Test(
    arguments: [
      (Zones.shanghai, "1986-04-01T00:00:00Z", 1_800),
      (Zones.berlin, "1980-01-01T00:00:00Z", 1_800),
      (Zones.berlin, "2999-12-01T00:00:00Z", 1_800), (Zones.apia, "2011-12-01T00:00:00Z", 1_800),
      (Zones.saoPaulo, "2017-09-01T00:00:00Z", 1_800),
      (Zones.backwards, "1970-01-01T00:00:00Z", 200),
      (Zones.lordHowe, "2030-01-01T00:00:00Z", 1_800), (Zones.utc, "2399-12-30T00:00:00Z", 1_800),
    ])
  func followTheRunningDate(zone: TimeZoneTable, from: String, step: Int) throws {
    #expect(zone.isValid)
    let first = Int64(try instant(from).seconds)
    for window in [
      Window.day(zone), .week(zone, first: .monday), .week(zone, first: .saturday), .month(zone),
      .year(zone),
    ] {
      var engine = try closed(window)
      var date = Int.min
      // Enters a day and a half early, so that a date that has begun before `first` is known.
      let early = Swift.max(0, first - 200_000)
      var before: (key: Int, end: LedgerTime)?
      for second in stride(from: early, to: first + 400 * 86_400, by: step) {
        date = max(date, floorDay(second + Int64(zone.offset(at: second))))
        guard second >= first else { continue }
        engine.advance(to: time(second))
        guard let end = end(in: engine) else {
          Issue.record("\(zone.name) \(window) has no end at \(time(second))")
          return
        }
        let key = key(window, date)
        let isSound =
          switch before {
          case nil: end > time(second)
          case (let same, let old)? where same == key: end == old
          case (_, let old)?:
            old <= time(second) && old > time(second - Int64(step)) && end > time(second)
          }
        guard isSound else {
          Issue.record("\(zone.name) \(window) at \(time(second)): \(end) after \(before as Any)")
          return
        }
        before = (key, end)
      }
    }
  }

  /// Goal: the offsets of a footer are those of POSIX, in every year.
  ///
  /// Method: known instants, worked out apart from this code with Python's `zoneinfo`.
  @Test(
    arguments: [
      (Zones.berlin, "2025-03-30T00:59:59Z", 3_600), (Zones.berlin, "2025-03-30T01:00:00Z", 7_200),
      (Zones.berlin, "2025-10-26T00:59:59Z", 7_200), (Zones.berlin, "2025-10-26T01:00:00Z", 3_600),
      (Zones.berlin, "2499-03-29T00:59:59Z", 3_600), (Zones.berlin, "2499-03-29T01:00:00Z", 7_200),
      (Zones.lordHowe, "2031-04-05T14:59:59Z", 39_600),
      (Zones.lordHowe, "2031-04-05T15:00:00Z", 37_800),
      (Zones.lordHowe, "2031-10-04T15:29:59Z", 37_800),
      (Zones.lordHowe, "2031-10-04T15:30:00Z", 39_600),
      (Zones.apia, "2011-12-30T09:59:59Z", -36_000), (Zones.apia, "2011-12-30T10:00:00Z", 50_400),
    ])
  func knowFooters(zone: TimeZoneTable, at text: String, offset: Int) throws {
    #expect(zone.offset(at: try instant(text).seconds) == offset)
  }

  /// Goal: the edges that people will ask about are exact, in the engine and in the reference.
  @Test(
    arguments: [
      (Window.day(Zones.shanghai), "2025-03-01T15:59:59.999999Z", "2025-03-01T16:00:00Z"),
      (.day(Zones.shanghai), "2025-03-01T16:00:00Z", "2025-03-02T16:00:00Z"),
      (.year(Zones.shanghai), "2025-12-31T15:59:59Z", "2025-12-31T16:00:00Z"),
      (.month(Zones.shanghai), "2024-02-29T15:00:00Z", "2024-02-29T16:00:00Z"),
      (.day(Zones.berlin), "2025-03-30T12:00:00Z", "2025-03-30T22:00:00Z"),
      (.day(Zones.berlin), "2025-10-26T12:00:00Z", "2025-10-26T23:00:00Z"),
      (.day(Zones.apia), "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"),
      (.day(Zones.apia), "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
      // Midnight of 2018-11-04 did not exist: the day began at 01:00, which is 03:00 UTC.
      (.day(Zones.saoPaulo), "2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z"),
      // 23:00 of 2019-02-16 came twice; the day ended at the midnight after the second.
      (.day(Zones.saoPaulo), "2019-02-17T01:30:00Z", "2019-02-17T03:00:00Z"),
      (.day(Zones.saoPaulo), "2019-02-17T02:30:00Z", "2019-02-17T03:00:00Z"),
      // 2025-03-02 was a Sunday.
      (.week(Zones.berlin, first: .monday), "2025-03-02T22:59:59Z", "2025-03-02T23:00:00Z"),
      (.week(Zones.berlin, first: .sunday), "2025-03-02T22:59:59Z", "2025-03-08T23:00:00Z"),
      // A week that holds a day of 23 hours, and one that holds a day of 25.
      (.week(Zones.berlin, first: .monday), "2025-03-24T00:00:00Z", "2025-03-30T22:00:00Z"),
      (.week(Zones.berlin, first: .monday), "2025-10-22T00:00:00Z", "2025-10-26T23:00:00Z"),
      // A Friday's cut-off, a weekend, and a Monday that is a holiday.
      (.businessDay(Self.business()), "2025-03-28T16:59:59Z", "2025-03-28T17:00:00Z"),
      (.businessDay(Self.business()), "2025-03-28T17:00:00Z", "2025-04-01T16:00:00Z"),
      (.businessDay(Self.business()), "2025-04-01T15:59:59.999999Z", "2025-04-01T16:00:00Z"),
      // A night is one window over midnight; in March it is an hour shorter.
      (.span(Self.night), "2025-03-29T19:00:00Z", "2025-03-30T04:00:00Z"),
      (.span(Self.night), "2025-03-30T03:59:59.999999Z", "2025-03-30T04:00:00Z"),
      (.span(Self.night), "2025-10-26T04:00:00Z", "2025-10-26T05:00:00Z"),
      // 02:30 did not exist on 2025-03-30: the span began at 03:00, which is 01:00 UTC.
      (.span(Self.early), "2025-03-30T01:00:00Z", "2025-03-30T02:00:00Z"),
      // 02:30 came twice on 2025-10-26; the span begins with the first.
      (.span(Self.early), "2025-10-26T00:30:00Z", "2025-10-26T03:00:00Z"),
    ] as [(Window, String, String)])
  func endWhereTheNextOneBegins(window: Window, at text: String, end: String) throws {
    var engine = try closed(window)
    engine.advance(to: try instant(text))
    #expect(self.end(in: engine)?.description == end)
    let zone = try #require(window.zone)
    #expect(try ReferenceCalendar(zone).end(window, at: instant(text))?.description == end)
  }

  /// Goal: outside its spans a rule does not look.
  @Test(
    arguments: [
      (Self.night, "2025-03-29T18:59:59.999999Z", true),
      (Self.night, "2025-03-29T19:00:00Z", false),
      (Self.night, "2025-03-30T03:59:59.999999Z", false),
      (Self.night, "2025-03-30T04:00:00Z", true),
      // The zone skipped 02:00 to 03:00.
      (Self.skipped, "2025-03-30T00:59:59.999999Z", true),
      (Self.skipped, "2025-03-30T01:00:00Z", true),
      (Self.skipped, "2025-03-31T00:00:00Z", false),
      (Self.early, "2025-03-30T00:59:59.999999Z", true),
      // Saturdays and Sundays, and the Monday that is a holiday.
      (Self.free, "2025-03-28T12:00:00Z", true), (Self.free, "2025-03-29T12:00:00Z", false),
      (Self.free, "2025-03-31T12:00:00Z", false), (Self.free, "2025-04-01T12:00:00Z", true),
    ])
  func lookWithinSpansAlone(span: TimeSpan, at text: String, isPermitted: Bool) throws {
    var engine = try closed(.span(span))
    engine.advance(to: try instant(text))
    #expect(engine.decide(.example(1)).isPermit == isPermitted)
  }

  /// Goal: an instant's business date is the first whose cut-off lies after it.
  @Test(
    arguments: [
      ("2025-03-28T16:59:59.999999Z", "2025-03-28"), ("2025-03-28T17:00:00Z", "2025-04-01"),
      ("2025-03-31T12:00:00Z", "2025-04-01"), ("2025-04-01T15:59:59.999999Z", "2025-04-01"),
      ("2025-04-01T16:00:00Z", "2025-04-02"),
    ])
  func dateAnInstant(at text: String, date: String) throws {
    #expect(Self.business().businessDate(at: try instant(text)) == CivilDate(date))
  }

  /// Goal: the last instants of ledger time have windows too.
  @Test func reachTheEndOfTime() throws {
    let last = LedgerTime(microseconds: .max)
    for zone in Zones.all {
      for window in [Window.day(zone), .month(zone), .year(zone)] {
        var engine = try closed(window)
        engine.advance(to: last)
        #expect(end(in: engine) == last)
      }
    }
  }

  private static let night = TimeSpan(
    zone: Zones.berlin, from: 72_000, to: 21_600, days: .weekdays(Weekday.allCases))
  private static let early = TimeSpan(
    zone: Zones.berlin, from: 9_000, to: 14_400, days: .weekdays(Weekday.allCases))
  private static let skipped = TimeSpan(
    zone: Zones.berlin, from: 7_200, to: 10_800, days: .weekdays(Weekday.allCases))
  private static let free = TimeSpan(
    zone: Zones.berlin, from: 0, to: 86_400, days: .otherDays(business()))

  /// Cut-off at 18:00 in Berlin; Monday 2025-03-31 is a holiday.
  private static func business() -> BusinessCalendar {
    BusinessCalendar(
      name: CalendarName(unchecked: "bank"), zone: Zones.berlin, weekend: [.saturday, .sunday],
      holidays: [CivilDate(year: 2_025, month: 3, day: 31).daysSince1970], cutOffSeconds: 64_800)
  }

  private func instant(_ text: String) throws -> LedgerTime {
    LedgerTime(microseconds: try #require(CivilDate.microseconds(rfc3339: text)))
  }

  private func time(_ seconds: Int64) -> LedgerTime {
    LedgerTime(microseconds: UInt64(seconds) * 1_000_000)
  }

  private func floorDay(_ seconds: Int64) -> Int {
    Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
  }

  private func key(_ window: Window, _ date: Int) -> Int {
    let civil = CivilDate(daysSince1970: date)
    return switch window {
    case .day: date
    case .week(_, let first): floorWeek(date + 3 - (first.rawValue - 1))
    case .month: civil.year * 12 + civil.month - 1
    default: civil.year
    }
  }

  private func floorWeek(_ days: Int) -> Int { days >= 0 ? days / 7 : (days - 6) / 7 }
}
