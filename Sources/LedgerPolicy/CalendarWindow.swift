public import LedgerModel

/// A day, month or year of a time zone's calendar, as a span of ledger time.
///
/// The *date* of an instant is the latest local date that any instant from 1970-01-01T00:00:00Z to
/// it has had. Where an offset change moves the local date back, the new date that had already
/// begun therefore goes on: dates never return. A date begins at the first instant whose local
/// date is that date or a later one, and ends where the next one begins. Windows thus follow each
/// other without gap or overlap; a day of a zone may have 23 or 25 hours, and a date that the zone
/// skipped (Pacific/Apia, 2011-12-30) has none.
public struct CalendarWindow: Hashable, Sendable {
  /// Its place among the windows of its kind, which never falls as time goes on.
  ///
  /// Days since 1970-01-01, months since January of year 0, or the year.
  public let key: Int32
  /// The first instant; 1970-01-01T00:00:00Z for a window that began before.
  public let start: LedgerTime
  /// The first instant after the window.
  public let end: LedgerTime

  /// Creates the window that holds an instant.
  ///
  /// - Precondition: `kind` is a day, month or year.
  public init(_ kind: Measure.Window, of zone: TimeZoneTable, at time: LedgerTime) {
    self.init(kind, of: zone, holding: zone.date(at: time.seconds))
  }

  /// Creates the window of a key.
  init(_ kind: Measure.Window, of zone: TimeZoneTable, key: Int32) {
    let first =
      switch kind {
      case .day: Int(key)
      case .month: Self.firstDay(month: Int(key))
      case .year: CivilDate(year: Int(key), month: 1, day: 1).daysSince1970
      case .payment, .lifetime: preconditionFailure("\(kind) is no calendar window")
      }
    self.init(kind, of: zone, holding: first)
  }

  private init(_ kind: Measure.Window, of zone: TimeZoneTable, holding date: Int) {
    let key: Int
    let first: Int
    let next: Int
    let civil = CivilDate(daysSince1970: date)
    switch kind {
    case .day:
      key = date
      first = date
      next = date + 1
    case .month:
      key = civil.year * 12 + civil.month - 1
      first = Self.firstDay(month: key)
      next = Self.firstDay(month: key + 1)
    case .year:
      key = civil.year
      first = CivilDate(year: key, month: 1, day: 1).daysSince1970
      next = CivilDate(year: key + 1, month: 1, day: 1).daysSince1970
    case .payment, .lifetime: preconditionFailure("\(kind) is no calendar window")
    }
    self.key = Int32(key)  // Ledger time ends in year 586,512, so none overflows.
    self.start = Self.time(zone.beginning(ofDate: first))
    self.end = Self.time(zone.beginning(ofDate: next))
  }

  private static func firstDay(month key: Int) -> Int {
    CivilDate(year: key / 12, month: key % 12 + 1, day: 1).daysSince1970
  }

  private static func time(_ seconds: Int64) -> LedgerTime {
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
    return LedgerTime(microseconds: overflow ? .max : product)
  }
}

extension TimeZoneTable {
  /// No offset is further from UTC, in seconds, either way.
  private static let offsetMax = TimeZoneTable.offsetSecondsRange.upperBound

  /// Returns the first instant, from 1970 on, whose local date is `date` or a later one.
  ///
  /// - Parameter date: Days since 1970-01-01.
  /// - Returns: Seconds since 1970.
  fileprivate func beginning(ofDate date: Int) -> Int64 {
    let midnight = Int64(date) * 86_400
    // No earlier instant can have the date. From here each span of one offset is asked in turn.
    var from = max(0, midnight - Int64(Self.offsetMax))
    while true {
      let candidate = max(from, midnight - Int64(offset(at: from)))
      guard let next = transition(after: from), next.at <= candidate else { return candidate }
      from = next.at
    }
  }

  /// Returns the latest local date that any instant from 1970 to this one has had.
  ///
  /// - Parameter instant: Seconds since 1970, not negative.
  /// - Returns: Days since 1970-01-01.
  fileprivate func date(at instant: Int64) -> Int {
    var date = (Int(instant) + Self.offsetMax).dividedFloor(by: 86_400)
    while beginning(ofDate: date) > instant { date -= 1 }
    return date
  }
}
