/// A date of the proleptic Gregorian calendar (ISO 8601), for calendar windows and for printing.
public struct CivilDate: Hashable, Sendable {
  public let year: Int
  public let month: Int
  public let day: Int

  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Creates the date that lies `days` after 1970-01-01.
  ///
  /// Counts in eras of 400 years that begin on 1 March, so that the leap day is the last of a year.
  public init(daysSince1970 days: Int) {
    let shifted = days + 719_468  // Days since 0000-03-01.
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to this date.
  public var daysSince1970: Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// RFC 3339 in UTC; six fraction digits unless the instant is a whole second.
  public static func rfc3339(microseconds: UInt64) -> String {
    let seconds = Int(microseconds / 1_000_000)
    let fraction = Int(microseconds % 1_000_000)
    let date = CivilDate(daysSince1970: seconds / 86_400)
    let time = seconds % 86_400
    let whole =
      "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + "\(padded(time / 3_600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
    return fraction == 0 ? whole + "Z" : whole + ".\(padded(fraction, 6))Z"
  }

  /// Reads RFC 3339 with a known offset or `Z`, and up to six fraction digits; `nil` for anything
  /// else.
  ///
  /// - Returns: Microseconds since 1970; instants before that are `nil`.
  public static func microseconds(rfc3339 text: some StringProtocol) -> UInt64? {
    guard let (seconds, fraction) = instant(rfc3339: text), seconds >= 0 else { return nil }
    return UInt64(seconds) * 1_000_000 + fraction
  }

  /// Reads the same; an instant before 1970 is its first.
  public static func microsecondsSince1970(rfc3339 text: some StringProtocol) -> UInt64? {
    guard let (seconds, fraction) = instant(rfc3339: text) else { return nil }
    return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000 + fraction
  }

  private static func instant(
    rfc3339 text: some StringProtocol
  ) -> (seconds: Int, microseconds: UInt64)? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    func character(_ offset: Int, _ expected: Character) -> Bool {
      offset < bytes.count && bytes[offset] == expected.asciiValue
    }
    guard bytes.count >= 20, let year = number(0..<4), character(4, "-"),
      let month = number(5..<7), character(7, "-"), let day = number(8..<10), character(10, "T"),
      let hour = number(11..<13), character(13, ":"), let minute = number(14..<16),
      character(16, ":"), let second = number(17..<19),
      1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
    var offset = 19
    var fraction = 0
    if character(offset, ".") {
      let start = offset + 1
      var end = start
      while end < bytes.count, bytes[end] >= UInt8(ascii: "0"), bytes[end] <= UInt8(ascii: "9") {
        end += 1
      }
      guard 1...6 ~= end - start, let digits = number(start..<end) else { return nil }
      fraction = digits
      for _ in (end - start)..<6 { fraction *= 10 }
      offset = end
    }
    var zoneSeconds = 0
    if character(offset, "Z"), offset + 1 == bytes.count {
      zoneSeconds = 0
    } else {
      guard offset + 6 == bytes.count, character(offset, "+") || character(offset, "-"),
        let hours = number(offset + 1..<offset + 3), character(offset + 3, ":"),
        let minutes = number(offset + 4..<offset + 6), hours < 24, minutes < 60
      else { return nil }
      zoneSeconds = (hours * 3_600 + minutes * 60) * (character(offset, "-") ? -1 : 1)
      // `-00:00` says that the offset is not known (RFC 3339, section 4.3).
      guard zoneSeconds != 0 || character(offset, "+") else { return nil }
    }
    let seconds =
      date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - zoneSeconds
    return (seconds, UInt64(fraction))
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension CivilDate: CustomStringConvertible {
  /// ISO 8601: `2026-03-01`.
  public var description: String {
    "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  /// Reads a date in ISO 8601, of the years 0 to 9999; `nil` for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == 10, let instant = Self.instant(rfc3339: text + "T00:00:00Z") else {
      return nil
    }
    // At midnight, so that nothing is rounded.
    self.init(daysSince1970: instant.seconds / 86_400)
  }
}
