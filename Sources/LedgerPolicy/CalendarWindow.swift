public import LedgerModel

/// A window of a calendar as a span of ledger time: a day, week, month or year, a business day, or
/// a time of day.
///
/// The *date* of an instant is the latest local date that any instant from 1970-01-01T00:00:00Z to
/// it has had. Where an offset change moves the local date back, the new date that had already
/// begun therefore goes on: dates never return. A date begins at the first instant whose local
/// date is that date or a later one, and ends where the next one begins. Windows thus follow each
/// other without gap or overlap; a day of a zone may have 23 or 25 hours, and a date that the zone
/// skipped (Pacific/Apia, 2011-12-30) has none. A time of day on a date is found in the same way.
///
/// - Source: docs/formats/rule-set.md, rules 13 to 18.
public struct CalendarWindow: Hashable, Sendable {
  /// Its place among the windows of its kind, which never falls as time goes on.
  ///
  /// Days since 1970-01-01 (of a week, of its first; of a business day, of its date; of a span, of
  /// the date on which it begins), months since January of year 0, or the year.
  public let key: Int32
  /// The first instant; 1970-01-01T00:00:00Z for a window that began before.
  public let start: LedgerTime
  /// The first instant after the window.
  public let end: LedgerTime

  /// Creates the window that holds an instant; `nil` where it lies in none, between two spans, or
  /// where the window is none of a calendar.
  ///
  /// - Complexity: O(log transitions), times the days of a weekend or holidays in a row.
  public init?(_ window: Window, at time: LedgerTime) {
    guard let key = Self.newestKey(of: window, at: time) else { return nil }
    self.init(window, key: key)
    // All others follow each other without gap, to the end of time.
    if case .span = window, end <= time { return nil }
  }

  /// The key of the newest window that has begun, be it over or not; `nil` where none has begun
  /// lately, or the window is none of a calendar.
  static func newestKey(of window: Window, at time: LedgerTime) -> Int32? {
    let key: Int? =
      switch window {
      case .span(let span): span.newestBeginning(at: time.seconds)
      case .businessDay(let calendar): calendar.businessDate(at: time.seconds)
      case .day(let zone), .month(let zone), .year(let zone), .week(let zone, _):
        window.key(ofDate: zone.date(at: time.seconds))
      case .payment, .lifetime, .rolling, .since, .after: nil
      }
    return key.map { Int32($0) }  // Ledger time ends in year 586,512, so none overflows.
  }

  /// Creates the window of a key; `nil` for a window that is none of a calendar.
  private init?(_ window: Window, key: Int32) {
    let number = Int(key)
    let start: Int64
    let end: Int64
    switch window {
    case .day(let zone):
      (start, end) = (zone.beginning(ofDate: number), zone.beginning(ofDate: number + 1))
    case .week(let zone, _):
      (start, end) = (zone.beginning(ofDate: number), zone.beginning(ofDate: number + 7))
    case .month(let zone):
      start = zone.beginning(ofDate: Self.firstDay(month: number))
      end = zone.beginning(ofDate: Self.firstDay(month: number + 1))
    case .year(let zone):
      start = zone.beginning(ofDate: CivilDate(year: number, month: 1, day: 1).daysSince1970)
      end = zone.beginning(ofDate: CivilDate(year: number + 1, month: 1, day: 1).daysSince1970)
    case .businessDay(let calendar):
      start = calendar.cutOff(ofDate: calendar.businessDay(before: number))
      end = calendar.cutOff(ofDate: number)
    case .span(let span):
      start = span.zone.beginning(ofDate: number, seconds: span.from)
      end = min(span.end(ofDate: number), span.nextBeginning(afterDate: number))
    case .payment, .lifetime, .rolling, .since, .after: return nil
    }
    self.key = key
    self.start = Self.time(start)
    self.end = Self.time(end)
  }

  /// Creates the business day of a date, in days since 1970-01-01; `nil` where the date is none.
  package init?(businessDay date: Int, of calendar: BusinessCalendar) {
    guard calendar.isBusinessDay(date), let key = Int32(exactly: date) else { return nil }
    self.init(.businessDay(calendar), key: key)
  }

  /// Returns the first instant after `time` at which a span begins; `nil` for other windows.
  static func nextBeginning(of window: Window, after time: LedgerTime) -> LedgerTime? {
    guard case .span(let span) = window else { return nil }
    return Self.time(span.nextBeginning(after: time.seconds))
  }

  private static func firstDay(month key: Int) -> Int {
    CivilDate(year: key / 12, month: key % 12 + 1, day: 1).daysSince1970
  }

  private static func time(_ seconds: Int64) -> LedgerTime {
    let (product, overflow) = UInt64(max(0, seconds)).multipliedReportingOverflow(by: 1_000_000)
    return LedgerTime(microseconds: overflow ? .max : product)
  }
}

extension Window {
  /// The key of the day, week, month or year that holds a date.
  fileprivate func key(ofDate date: Int) -> Int? {
    let civil = CivilDate(daysSince1970: date)
    switch self {
    case .day: return date
    case .week(_, let first):
      return date - (Weekday(ofDate: date).rawValue - first.rawValue).remainderFloor(by: 7)
    case .month: return civil.year * 12 + civil.month - 1
    case .year: return civil.year
    case .payment, .lifetime, .businessDay, .span, .rolling, .since, .after: return nil
    }
  }
}

extension BusinessCalendar {
  /// Returns the date of the business day that an instant is in.
  ///
  /// It is the first whose cut-off lies after the instant, and there always is one.
  ///
  /// - Complexity: O(log transitions), times the days of a weekend or holidays in a row.
  public func businessDate(at time: LedgerTime) -> CivilDate {
    CivilDate(daysSince1970: businessDate(at: time.seconds))
  }

  fileprivate func businessDate(at instant: Int64) -> Int {
    // The date of the instant, or a later one: its cut-off may have been.
    var date = zone.date(at: instant)
    while !isBusinessDay(date) || cutOff(ofDate: date) <= instant { date += 1 }
    return date
  }

  fileprivate func businessDay(before date: Int) -> Int {
    var earlier = date - 1
    while !isBusinessDay(earlier) { earlier -= 1 }
    return earlier
  }

  fileprivate func cutOff(ofDate date: Int) -> Int64 {
    zone.beginning(ofDate: date, seconds: cutOffSeconds)
  }
}

extension TimeSpan {
  /// How many dates without a span are looked through: 1,024 holidays and their weekends.
  private static let datesMax = 4_096

  /// When the span that begins on a date ends.
  fileprivate func end(ofDate date: Int) -> Int64 {
    zone.beginning(ofDate: crossesMidnight ? date + 1 : date, seconds: to)
  }

  /// When the span that begins on a date begins; `nil` where none does, or the zone skipped it.
  private func beginning(onDate date: Int) -> Int64? {
    guard days.contains(date) else { return nil }
    let beginning = zone.beginning(ofDate: date, seconds: from)
    return beginning < end(ofDate: date) ? beginning : nil
  }

  /// The newest date on which a span has begun at an instant; `nil` where that was long ago.
  fileprivate func newestBeginning(at instant: Int64) -> Int? {
    let today = zone.date(at: instant)
    // A span reaches into the next date at most.
    return (today - 2...today + 1).last { date in
      beginning(onDate: date).map { $0 <= instant } ?? false
    }
  }

  /// The first instant after another at which a span begins.
  fileprivate func nextBeginning(after instant: Int64) -> Int64 {
    let today = zone.date(at: instant)
    for date in today - 1...today + Self.datesMax {
      if let beginning = beginning(onDate: date), beginning > instant { return beginning }
    }
    return zone.beginning(ofDate: today + Self.datesMax)
  }

  /// When the first span of a later date begins.
  fileprivate func nextBeginning(afterDate date: Int) -> Int64 {
    for later in date + 1...date + Self.datesMax {
      if let beginning = beginning(onDate: later) { return beginning }
    }
    return zone.beginning(ofDate: date + Self.datesMax)
  }
}

extension TimeZoneTable {
  /// No offset is further from UTC, in seconds, either way.
  private static let offsetMax = TimeZoneTable.offsetSecondsRange.upperBound

  /// Returns the first instant, from 1970 on, whose local time is `seconds` on `date` or later.
  ///
  /// - Parameters:
  ///   - date: Days since 1970-01-01.
  ///   - seconds: After midnight.
  /// - Returns: Seconds since 1970.
  fileprivate func beginning(ofDate date: Int, seconds: Int = 0) -> Int64 {
    let local = Int64(date) * 86_400 + Int64(seconds)
    // No earlier instant can have it. From here each span of one offset is asked in turn.
    var from = max(0, local - Int64(Self.offsetMax))
    while true {
      let candidate = max(from, local - Int64(offset(at: from)))
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
