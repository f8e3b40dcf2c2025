/// A time zone as it was when the rules were signed (RFC 9636): no zone database is asked again.
public struct TimeZoneTable: Hashable, Sendable {
  /// From an instant on, local time is UTC plus an offset.
  public struct Transition: Hashable, Sendable {
    /// Seconds since 1970.
    public let at: Int64
    /// Seconds.
    public let offset: Int

    public init(at: Int64, offset: Int) {
      self.at = at
      self.offset = offset
    }
  }

  /// POSIX `Mm.w.d/time`.
  public struct RuleDate: Hashable, Sendable {
    /// 1 to 12.
    public let month: Int
    /// 1 to 5; 5 is the last.
    public let week: Int
    /// 0 is Sunday.
    public let weekday: Int
    /// After local midnight; may be negative or over a day.
    public let seconds: Int

    public init(month: Int, week: Int, weekday: Int, seconds: Int) {
      self.month = month
      self.week = week
      self.weekday = weekday
      self.seconds = seconds
    }
  }

  /// Daylight saving time, which recurs each year.
  public struct Daylight: Hashable, Sendable {
    public let offset: Int
    /// In standard time.
    public let start: RuleDate
    /// In daylight saving time.
    public let end: RuleDate

    public init(offset: Int, start: RuleDate, end: RuleDate) {
      self.offset = offset
      self.start = start
      self.end = end
    }
  }

  /// The rule after the last transition.
  public struct Footer: Hashable, Sendable {
    public let standardOffset: Int
    public let daylight: Daylight?

    public init(standardOffset: Int, daylight: Daylight?) {
      self.standardOffset = standardOffset
      self.daylight = daylight
    }
  }

  /// IANA name.
  public let name: String
  /// UTC offset in seconds before the first transition.
  public let firstOffset: Int
  /// In ascending order of instant.
  public let transitions: [Transition]
  public let footer: Footer

  public init(name: String, firstOffset: Int, transitions: [Transition], footer: Footer) {
    self.name = name
    self.firstOffset = firstOffset
    self.transitions = transitions
    self.footer = footer
  }
}

extension TimeZoneTable {
  /// The zone without an offset.
  public static let utc = TimeZoneTable(
    name: "UTC", firstOffset: 0, transitions: [], footer: Footer(standardOffset: 0, daylight: nil))

  /// Every offset from UTC, in seconds: above -25 hours and below 26 (RFC 9636, section 3.2).
  public static let offsetSecondsRange = -89_999...93_599
  /// No transition is further from 1970, in seconds: some 34,000 years.
  public static let instantSecondsMax: Int64 = 1 << 40
  /// Every rule date's time, in seconds after midnight: 167:59:59 either way (RFC 9636, section
  /// 3.3.2).
  public static let ruleSecondsRange = -604_799...604_799

  /// Whether transitions ascend, every number is within its bounds, and the footer agrees with the
  /// last transition.
  ///
  /// The two months of daylight saving time lie two or more apart, so that its changes alternate.
  public var isValid: Bool {
    let offsets = [firstOffset, footer.standardOffset] + transitions.map(\.offset)
    guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7F }),
      offsets.allSatisfy(Self.isOffset),
      transitions.allSatisfy({ -Self.instantSecondsMax...Self.instantSecondsMax ~= $0.at }),
      zip(transitions, transitions.dropFirst()).allSatisfy({ $0.at < $1.at })
    else { return false }
    let last = transitions.last?.offset ?? firstOffset
    guard let daylight = footer.daylight else { return last == footer.standardOffset }
    let apart = abs(daylight.start.month - daylight.end.month)
    return Self.isOffset(daylight.offset) && daylight.start.isValid && daylight.end.isValid
      && 2...10 ~= apart && (last == footer.standardOffset || last == daylight.offset)
  }

  private static func isOffset(_ seconds: Int) -> Bool {
    offsetSecondsRange ~= seconds
  }
}

extension TimeZoneTable.RuleDate {
  fileprivate var isValid: Bool {
    1...12 ~= month && 1...5 ~= week && 0...6 ~= weekday
      && TimeZoneTable.ruleSecondsRange ~= seconds
  }
}
