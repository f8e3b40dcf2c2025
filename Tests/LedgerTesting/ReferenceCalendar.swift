package import LedgerModel

/// The calendar of a zone, slowly: every offset that it ever has, in order, and scans of them all.
///
/// Windows of one kind are numbered by a date, a month or a year, so that the newest one that has
/// begun can be named. Nothing here is shared with the engine.
///
/// - Source: docs/formats/rule-set.md, rules 9 to 18.
package struct ReferenceCalendar: Sendable {
  /// A stretch of time with one offset.
  private struct Stretch: Sendable {
    /// Seconds since 1970.
    let from: Int
    /// The first second after it.
    let until: Int
    let offset: Int
  }

  /// From 1970 on, without gap.
  private let stretches: [Stretch]

  /// Creates the calendar; where daylight saving time recurs, through a last year.
  package init(_ zone: TimeZoneTable, throughYear last: Int = 2_100) {
    var changes = zone.transitions.map { (at: Int($0.at), offset: $0.offset) }
    var offset = changes.isEmpty ? zone.footer.standardOffset : zone.firstOffset
    if let daylight = zone.footer.daylight {
      let standard = zone.footer.standardOffset
      let known = changes.last?.at ?? .min
      // From 1968, so that the footer's offset at the beginning of 1970 is known too.
      let recurring = (1_968...last).flatMap { year in
        [
          (at: Self.localSeconds(of: daylight.start, inYear: year) - standard, daylight.offset),
          (at: Self.localSeconds(of: daylight.end, inYear: year) - daylight.offset, standard),
        ]
      }
      changes += recurring.filter { $0.at > known }.sorted { $0.at < $1.at }
    }
    var stretches: [Stretch] = []
    var from = 0
    for change in changes {
      if change.at > 0 {
        stretches.append(Stretch(from: from, until: change.at, offset: offset))
        from = change.at
      }
      offset = change.offset
    }
    stretches.append(Stretch(from: from, until: .max, offset: offset))
    self.stretches = stretches
  }

  /// The latest local time of any instant from 1970 to this one.
  ///
  /// - Parameter second: Since 1970.
  /// - Returns: Seconds from the local 1970-01-01T00:00:00.
  private func latestLocal(at second: Int) -> Int {
    var latest = Int.min
    for stretch in stretches where stretch.from <= second {
      latest = max(latest, min(stretch.until - 1, second) + stretch.offset)
    }
    return latest
  }

  /// The first second, from 1970 on, whose local time is this or later.
  private func first(localTime: Int) -> Int {
    for stretch in stretches {
      let candidate = max(stretch.from, localTime - stretch.offset)
      if candidate < stretch.until { return candidate }
    }
    preconditionFailure("no offset at \(localTime)")
  }

  /// The date of an instant, in days since 1970-01-01.
  package func date(at time: LedgerTime) -> Int {
    Self.floor(latestLocal(at: Int(time.seconds)), 86_400)
  }
}

extension ReferenceCalendar {
  /// The number of the newest window of the calendar that has begun, whether or not it has ended;
  /// `nil` where no span has begun in the last ten days.
  package func newest(_ window: Window, at time: LedgerTime) -> Int? {
    let date = date(at: time)
    switch window {
    case .day: return date
    case .week(_, let first):
      return (date - 6...date).last { Self.weekday(of: $0) == first.rawValue }
    case .month: return Self.civil(date).year * 12 + Self.civil(date).month - 1
    case .year: return Self.civil(date).year
    case .businessDay(let calendar):
      // No cut-off so far back lies ahead: local time is at most 26 h from UTC.
      var business = Int(time.seconds) / 86_400 - 4
      while !Self.isBusinessDay(business, calendar)
        || self.end(of: window, number: business) <= time
      {
        business += 1
      }
      return business
    case .span(let span):
      return (date - 10...date + 1).last { day in
        let from = beginning(of: window, number: day)
        return Self.begins(span, on: day) && from <= time && from < end(of: window, number: day)
      }
    case .payment, .lifetime, .rolling, .since, .after:
      preconditionFailure("\(window) is no window of the calendar")
    }
  }

  /// The first instant of a window.
  package func beginning(of window: Window, number: Int) -> LedgerTime {
    let local: Int
    switch window {
    case .day, .week: local = number * 86_400
    case .month: local = Self.firstDate(year: number / 12, month: number % 12 + 1) * 86_400
    case .year: local = Self.firstDate(year: number, month: 1) * 86_400
    case .businessDay(let calendar):
      var before = number - 1
      while !Self.isBusinessDay(before, calendar) { before -= 1 }
      local = before * 86_400 + calendar.cutOffSeconds
    case .span(let span): local = number * 86_400 + span.from
    case .payment, .lifetime, .rolling, .since, .after:
      preconditionFailure("\(window) is no window of the calendar")
    }
    return Self.time(first(localTime: local))
  }

  /// The first instant after a window.
  ///
  /// It asks for no weekday or holiday, so that a window that began before the calendar changed has
  /// an end.
  package func end(of window: Window, number: Int) -> LedgerTime {
    let local: Int
    switch window {
    case .day: local = (number + 1) * 86_400
    case .week: local = (number + 7) * 86_400
    case .month:
      local = Self.firstDate(year: (number + 1) / 12, month: (number + 1) % 12 + 1) * 86_400
    case .year: local = Self.firstDate(year: number + 1, month: 1) * 86_400
    case .businessDay(let calendar): local = number * 86_400 + calendar.cutOffSeconds
    case .span(let span): local = (number + (span.to <= span.from ? 1 : 0)) * 86_400 + span.to
    case .payment, .lifetime, .rolling, .since, .after:
      preconditionFailure("\(window) is no window of the calendar")
    }
    return Self.time(first(localTime: local))
  }

  /// When a window ends, or the next one begins where that is earlier: of other tables it may have
  /// been a business day, or a date on which a span begins.
  package func closing(of window: Window, number: Int) -> LedgerTime {
    let own = end(of: window, number: number)
    switch window {
    case .businessDay(let calendar):
      let next = (number + 1...number + 4_096).first { Self.isBusinessDay($0, calendar) }
      return next.map { min(own, beginning(of: window, number: $0)) } ?? own
    case .span(let span):
      let next = (number + 1...number + 4_096).first {
        Self.begins(span, on: $0)
          && beginning(of: window, number: $0) < end(of: window, number: $0)
      }
      return next.map { min(own, beginning(of: window, number: $0)) } ?? own
    case .day, .week, .month, .year, .payment, .lifetime, .rolling, .since, .after: return own
    }
  }

  /// What tells the window that holds an instant from the others of its kind.
  ///
  /// - Returns: Nothing for a lifetime, which is one window.
  package func window(_ kind: Window, at time: LedgerTime) -> [Int] {
    kind == .lifetime ? [] : newest(kind, at: time).map { [$0] } ?? []
  }

  /// The first instant after the window that holds `time`; `nil` where it has no end.
  package func end(_ kind: Window, at time: LedgerTime) -> LedgerTime? {
    kind == .lifetime ? nil : newest(kind, at: time).map { end(of: kind, number: $0) }
  }
}

extension ReferenceCalendar {
  private static func begins(_ span: TimeSpan, on date: Int) -> Bool {
    switch span.days {
    case .weekdays(let weekdays): weekdays.contains { $0.rawValue == weekday(of: date) }
    case .businessDays(let calendar): isBusinessDay(date, calendar)
    case .otherDays(let calendar): !isBusinessDay(date, calendar)
    }
  }

  private static func isBusinessDay(_ date: Int, _ calendar: BusinessCalendar) -> Bool {
    !calendar.weekend.contains { $0.rawValue == weekday(of: date) }
      && !calendar.holidays.contains(date)
  }

  /// 1 is Monday, 7 is Sunday.
  private static func weekday(of date: Int) -> Int {
    // 1970-01-01 was a Thursday, 4.
    date + 3 - floor(date + 3, 7) * 7 + 1
  }

  /// A date by counting years and months one by one.
  private static func civil(_ date: Int) -> (year: Int, month: Int) {
    var day = date
    var year = 1_970
    while day < 0 {
      year -= 1
      day += days(inYear: year)
    }
    while day >= days(inYear: year) {
      day -= days(inYear: year)
      year += 1
    }
    var month = 1
    while day >= days(inMonth: month, ofYear: year) {
      day -= days(inMonth: month, ofYear: year)
      month += 1
    }
    return (year, month)
  }

  /// The first date of a month, in days since 1970-01-01, by counting.
  private static func firstDate(year: Int, month: Int) -> Int {
    var date = 0
    for past in 1_970..<max(1_970, year) { date += days(inYear: past) }
    for ahead in min(1_970, year)..<1_970 { date -= days(inYear: ahead) }
    for past in 1..<month { date += days(inMonth: past, ofYear: year) }
    return date
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func days(inYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

  private static func days(inMonth month: Int, ofYear year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: isLeap(year) ? 29 : 28
    default: 31
    }
  }

  /// The local time of POSIX `Mm.w.d/time`, by going through the days of the month.
  private static func localSeconds(of rule: TimeZoneTable.RuleDate, inYear year: Int) -> Int {
    let first = firstDate(year: year, month: rule.month)
    let dates = (first..<first + days(inMonth: rule.month, ofYear: year)).filter { date in
      weekday(of: date) % 7 == rule.weekday
    }
    return dates[min(rule.week, dates.count) - 1] * 86_400 + rule.seconds
  }

  private static func floor(_ number: Int, _ divisor: Int) -> Int {
    var quotient = number / divisor
    if quotient * divisor > number { quotient -= 1 }
    return quotient
  }

  private static func time(_ second: Int) -> LedgerTime {
    LedgerTime(microseconds: UInt64(second) * 1_000_000)
  }
}
