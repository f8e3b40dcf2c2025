import LedgerModel

/// The calendar of a zone whose offset never changes, by counting years and months one by one.
struct ReferenceCalendar {
  let offsetSeconds: Int

  init(_ zone: TimeZoneTable) {
    precondition(
      zone.transitions.isEmpty && zone.footer.daylight == nil, "\(zone.name) is not fixed")
    offsetSeconds = zone.footer.standardOffset
  }

  /// A day, month or year as `[year, month, day]`, `[year, month]` or `[year]`.
  func window(_ kind: Measure.Window, at time: LedgerTime) -> [Int] {
    let local = Int(time.microseconds / 1_000_000) + offsetSeconds
    var day = local >= 0 ? local / 86_400 : -((-local + 86_399) / 86_400)
    var year = 1970
    while day < 0 {
      year -= 1
      day += Self.days(inYear: year)
    }
    while day >= Self.days(inYear: year) {
      day -= Self.days(inYear: year)
      year += 1
    }
    var month = 1
    while day >= Self.days(inMonth: month, ofYear: year) {
      day -= Self.days(inMonth: month, ofYear: year)
      month += 1
    }
    switch kind {
    case .day: return [year, month, day + 1]
    case .month: return [year, month]
    case .year: return [year]
    case .lifetime: return []
    case .payment: preconditionFailure("a payment is no span of time")
    }
  }

  /// The first instant of the window after the one that holds `time`; `nil` where it has no end.
  func end(_ kind: Measure.Window, at time: LedgerTime) -> LedgerTime? {
    let window = window(kind, at: time)
    let year = window.first ?? 0
    var day = (1970..<max(1970, year)).reduce(0) { $0 + Self.days(inYear: $1) }
    switch kind {
    case .lifetime: return nil
    case .payment: preconditionFailure("a payment is no span of time")
    case .year: day += Self.days(inYear: year)
    case .month: day += (1...window[1]).reduce(0) { $0 + Self.days(inMonth: $1, ofYear: year) }
    case .day:
      day += (1..<window[1]).reduce(0) { $0 + Self.days(inMonth: $1, ofYear: year) } + window[2]
    }
    return LedgerTime(microseconds: UInt64(day * 86_400 - offsetSeconds) * 1_000_000)
  }

  private static func days(inYear year: Int) -> Int {
    (1...12).reduce(0) { $0 + days(inMonth: $1, ofYear: year) }
  }

  private static func days(inMonth month: Int, ofYear year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2:
      year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
    default: 31
    }
  }
}
