import LedgerModel
import LedgerPolicy
import Testing

@Suite struct CalendarWindowTests {
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
    let first = Int64(try #require(CivilDate.microseconds(rfc3339: from)) / 1_000_000)
    for kind in [Measure.Window.day, .month, .year] {
      var date = Int.min
      // Enters a day and a half early, so that a date that has begun before `first` is known.
      let early = Swift.max(0, first - 200_000)
      var window: CalendarWindow?
      for instant in stride(from: early, to: first + 400 * 86_400, by: step) {
        date = max(date, floorDay(instant + Int64(zone.offset(at: instant))))
        guard instant >= first else { continue }
        let found = CalendarWindow(kind, of: zone, at: time(instant))
        let expected = key(kind, date)
        guard found.key == expected else {
          Issue.record("\(zone.name) \(kind) at \(time(instant)): \(found.key), not \(expected)")
          return
        }
        #expect(found.start <= time(instant) && time(instant) < found.end)
        if let before = window, before.key != found.key {
          #expect(found.start == before.end)
          #expect(found.key > before.key)
          #expect(found.start > time(instant - Int64(step)))
        } else if let before = window {
          #expect(found == before)
        }
        window = found
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
    let microseconds = try #require(CivilDate.microseconds(rfc3339: text))
    #expect(zone.offset(at: Int64(microseconds / 1_000_000)) == offset)
  }

  /// Goal: the edges that people will ask about are exact.
  @Test(
    arguments: [
      (Zones.shanghai, Measure.Window.day, "2025-03-01T15:59:59.999999Z", "2025-03-01T16:00:00Z"),
      (Zones.shanghai, .day, "2025-03-01T16:00:00Z", "2025-03-02T16:00:00Z"),
      (Zones.shanghai, .year, "2025-12-31T15:59:59Z", "2025-12-31T16:00:00Z"),
      (Zones.shanghai, .month, "2024-02-29T15:00:00Z", "2024-02-29T16:00:00Z"),
      (Zones.berlin, .day, "2025-03-30T12:00:00Z", "2025-03-30T22:00:00Z"),
      (Zones.berlin, .day, "2025-10-26T12:00:00Z", "2025-10-26T23:00:00Z"),
      (Zones.apia, .day, "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"),
      (Zones.apia, .day, "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
      // Midnight of 2018-11-04 did not exist: the day began at 01:00, which is 03:00 UTC.
      (Zones.saoPaulo, .day, "2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z"),
      // 23:00 of 2019-02-16 came twice; the day ended at the midnight after the second.
      (Zones.saoPaulo, .day, "2019-02-17T01:30:00Z", "2019-02-17T03:00:00Z"),
    ])
  func endWhereTheNextOneBegins(
    zone: TimeZoneTable, kind: Measure.Window, at text: String, end: String
  ) throws {
    let microseconds = try #require(CivilDate.microseconds(rfc3339: text))
    let window = CalendarWindow(kind, of: zone, at: LedgerTime(microseconds: microseconds))
    #expect(window.end.description == end)
  }

  /// Goal: the last instants of ledger time have windows too.
  @Test func reachTheEndOfTime() {
    for zone in Zones.all {
      for kind in [Measure.Window.day, .month, .year] {
        let window = CalendarWindow(kind, of: zone, at: LedgerTime(microseconds: .max))
        #expect(window.end == LedgerTime(microseconds: .max))
      }
    }
  }

  private func time(_ seconds: Int64) -> LedgerTime {
    LedgerTime(microseconds: UInt64(seconds) * 1_000_000)
  }

  private func floorDay(_ seconds: Int64) -> Int {
    Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
  }

  private func key(_ kind: Measure.Window, _ date: Int) -> Int32 {
    let civil = CivilDate(daysSince1970: date)
    return switch kind {
    case .day: Int32(date)
    case .month: Int32(civil.year * 12 + civil.month - 1)
    default: Int32(civil.year)
    }
  }
}
