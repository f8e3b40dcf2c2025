/// Over what time a measure sums.
public enum Window: Hashable, Sendable {
  /// One payment alone.
  case payment
  /// Since the ledger began to count.
  case lifetime
  /// A span of the calendar of a zone.
  case day(TimeZoneTable)
  /// From the first weekday on.
  case week(TimeZoneTable, first: Weekday)
  case month(TimeZoneTable)
  case year(TimeZoneTable)
  /// From one business day's cut-off until the next one's.
  case businessDay(BusinessCalendar)
  /// A time of day, which may cross midnight; outside it nothing is counted or limited.
  case span(TimeSpan)
  /// The time that ends now: a payment at `t` counts before `t + microseconds`.
  ///
  /// At most `eventsMax` payments a key are counted; at the next one the rule denies with its own
  /// code.
  case rolling(microseconds: UInt64, eventsMax: Int)
  /// Since the newest event of that name; where there was none, since the ledger began to count.
  case since(EventName)
  /// From an event on, for a time; outside it nothing is counted or limited.
  case after(EventName, microseconds: UInt64)

  /// The calendar whose transitions decide; `nil` for windows that need none.
  public var zone: TimeZoneTable? {
    switch self {
    case .day(let zone), .month(let zone), .year(let zone), .week(let zone, _): zone
    case .businessDay(let calendar): calendar.zone
    case .span(let span): span.zone
    case .payment, .lifetime, .rolling, .since, .after: nil
    }
  }

  /// The business calendar that decides; `nil` for windows that need none.
  public var calendar: BusinessCalendar? {
    switch self {
    case .businessDay(let calendar): calendar
    case .span(let span): span.days.calendar
    case .payment, .lifetime, .day, .week, .month, .year, .rolling, .since, .after: nil
    }
  }

  /// The event that it counts from.
  public var event: EventName? {
    switch self {
    case .since(let event), .after(let event, _): event
    case .payment, .lifetime, .day, .week, .month, .year, .businessDay, .span, .rolling: nil
    }
  }

  /// Whether rules of the window look at payments at every time.
  public var isAlways: Bool {
    switch self {
    case .span, .after: false
    case .payment, .lifetime, .day, .week, .month, .year, .businessDay, .rolling, .since: true
    }
  }

  /// Whether two windows are the same but for the transitions of their zones and the days of their
  /// calendars: a new holiday does not begin a count anew.
  public func spansSame(as other: Window) -> Bool {
    switch (self, other) {
    case (.day(let one), .day(let two)), (.month(let one), .month(let two)),
      (.year(let one), .year(let two)):
      one.name == two.name
    case (.week(let one, let first), .week(let two, let second)):
      one.name == two.name && first == second
    case (.businessDay(let one), .businessDay(let two)): one.name == two.name
    case (.span(let one), .span(let two)): one.isSame(as: two)
    case (.rolling(let one, _), .rolling(let two, _)): one == two
    default: self == other
    }
  }
}

/// A day of the week, numbered as ISO 8601 does.
public enum Weekday: Int, Hashable, Comparable, Sendable, CaseIterable {
  case monday = 1
  case tuesday
  case wednesday
  case thursday
  case friday
  case saturday
  case sunday

  /// Creates the weekday of a date, in days since 1970-01-01, which was a Thursday.
  public init(ofDate days: Int) {
    let number = (days % 7 + 7 + 3) % 7 + 1
    guard let weekday = Weekday(rawValue: number) else {
      preconditionFailure("day \(number) of the week")
    }
    self = weekday
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Which dates are business days, and when each ends.
public struct BusinessCalendar: Hashable, Sendable {
  public let name: CalendarName
  public let zone: TimeZoneTable
  /// Ascending, distinct; the weekdays that are no business days: not all seven.
  public let weekend: [Weekday]
  /// Ascending, distinct; further dates that are none, in days since 1970-01-01.
  public let holidays: [Int]
  /// When a business day ends, in seconds after midnight: `1 ... 86_400`.
  ///
  /// What comes at the cut-off or later belongs to the next business day.
  public let cutOffSeconds: Int

  public init(
    name: CalendarName, zone: TimeZoneTable, weekend: [Weekday], holidays: [Int],
    cutOffSeconds: Int
  ) {
    self.name = name
    self.zone = zone
    self.weekend = weekend
    self.holidays = holidays
    self.cutOffSeconds = cutOffSeconds
  }

  /// Whether a date, in days since 1970-01-01, is a business day.
  ///
  /// - Complexity: O(log holidays).
  public func isBusinessDay(_ days: Int) -> Bool {
    guard !weekend.contains(Weekday(ofDate: days)) else { return false }
    var low = 0
    var high = holidays.count
    while low < high {
      let middle = (low + high) / 2
      if holidays[middle] < days { low = middle + 1 } else { high = middle }
    }
    return low == holidays.count || holidays[low] != days
  }
}

/// A time of day in a zone, on some days.
public struct TimeSpan: Hashable, Sendable {
  /// The dates on which it begins.
  public enum Days: Hashable, Sendable {
    /// Ascending, distinct, at least one.
    case weekdays([Weekday])
    case businessDays(BusinessCalendar)
    /// All dates that are no business days.
    case otherDays(BusinessCalendar)

    public var calendar: BusinessCalendar? {
      switch self {
      case .weekdays: nil
      case .businessDays(let calendar), .otherDays(let calendar): calendar
      }
    }

    /// Whether a span begins on a date, in days since 1970-01-01.
    public func contains(_ date: Int) -> Bool {
      switch self {
      case .weekdays(let weekdays): weekdays.contains(Weekday(ofDate: date))
      case .businessDays(let calendar): calendar.isBusinessDay(date)
      case .otherDays(let calendar): !calendar.isBusinessDay(date)
      }
    }
  }

  public let zone: TimeZoneTable
  /// Seconds after midnight, `0 ... 86_399`.
  public let from: Int
  /// Seconds after midnight, `1 ... 86_400`, not equal to ``from``; at or below it, of the next
  /// date.
  public let to: Int
  public let days: Days

  public init(zone: TimeZoneTable, from: Int, to: Int, days: Days) {
    self.zone = zone
    self.from = from
    self.to = to
    self.days = days
  }

  /// Whether it ends on the date after the one on which it begins.
  public var crossesMidnight: Bool { to <= from }

  /// Whether two spans are the same but for transitions and holidays.
  func isSame(as other: TimeSpan) -> Bool {
    guard zone.name == other.zone.name, from == other.from, to == other.to else { return false }
    switch (days, other.days) {
    case (.weekdays(let one), .weekdays(let two)): return one == two
    case (.businessDays(let one), .businessDays(let two)),
      (.otherDays(let one), .otherDays(let two)):
      return one.name == two.name
    default: return false
    }
  }
}

/// What an event is.
public struct EventDefinition: Hashable, Sendable {
  public enum Trigger: Hashable, Sendable {
    /// A wallet's participant said so, by a signed order.
    case recorded
    /// The wallet was opened.
    case opened
    /// The wallet's first payment to the payee; for the scope ``Measure/Scope/pair`` alone.
    case firstPayment
    /// The wallet made a payment of these operations that passes the filter.
    case payment([Measure.Operation], PaymentFilter)
  }

  public let name: EventName
  public let trigger: Trigger

  public init(name: EventName, trigger: Trigger) {
    self.name = name
    self.trigger = trigger
  }
}
