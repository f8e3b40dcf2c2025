import LedgerModel

extension Window {
  /// Whether two windows are the same but for the transitions of their zones and the days of their
  /// calendars, and remember as many payments.
  func decidesSame(as other: Window) -> Bool {
    if case .rolling = self { return self == other }
    return spansSame(as: other)
  }

  /// Whether this window lies within the other at every payment: the other one then looks as well,
  /// counts all that this one does, and remembers no more.
  ///
  /// `false` where that is not certain.
  func isWithin(_ other: Window) -> Bool {
    switch (self, other) {
    case (.payment, _): other.isAlways
    case (_, .payment): false
    case (.rolling(let one, let max), .rolling(let two, let otherMax)):
      one <= two && max >= otherMax
    // Its memory may be full, and the other's never is.
    case (.rolling, _): false
    case (_, .lifetime): true
    case (.day(let one), .day(let two)), (.month(let one), .month(let two)),
      (.year(let one), .year(let two)), (.day(let one), .week(let two, _)),
      (.day(let one), .month(let two)), (.day(let one), .year(let two)),
      (.month(let one), .year(let two)):
      one == two
    case (.span(let span), .day(let zone)), (.span(let span), .week(let zone, _)),
      (.span(let span), .month(let zone)), (.span(let span), .year(let zone)):
      span.zone == zone && !span.crossesMidnight
    case (.span(let one), .span(let two)): one.isWithin(two)
    case (.after(let one, let length), .after(let two, let otherLength)):
      one == two && length <= otherLength
    case (.after(let one, _), .since(let two)): one == two
    default: self == other
    }
  }
}

extension TimeSpan {
  private static let secondsPerDay = 86_400

  /// Whether each span lies within one of the others: of the same date, or of the date before that
  /// is not over yet.
  fileprivate func isWithin(_ other: TimeSpan) -> Bool {
    guard zone == other.zone else { return false }
    let isOfSameDate =
      other.from <= from && lastSecond <= other.lastSecond && days.isWithin(other.days)
    let isOfDateBefore =
      other.from <= from + Self.secondsPerDay
      && lastSecond + Self.secondsPerDay <= other.lastSecond && other.days.isEveryDay
    return isOfSameDate || isOfDateBefore
  }

  /// When it ends, in seconds after the midnight before it begins.
  private var lastSecond: Int { crossesMidnight ? to + Self.secondsPerDay : to }
}

extension TimeSpan.Days {
  /// Whether they are all dates.
  fileprivate var isEveryDay: Bool {
    if case .weekdays(let weekdays) = self {
      weekdays.count == Weekday.allCases.count
    } else {
      false
    }
  }

  /// Whether all these dates are among the others.
  fileprivate func isWithin(_ other: TimeSpan.Days) -> Bool {
    if other.isEveryDay { return true }
    switch (self, other) {
    case (.weekdays(let one), .weekdays(let two)): return one.allSatisfy(two.contains)
    case (.businessDays(let calendar), .weekdays(let weekdays)):
      return Weekday.allCases.allSatisfy { calendar.weekend.contains($0) || weekdays.contains($0) }
    default: return self == other
    }
  }
}
