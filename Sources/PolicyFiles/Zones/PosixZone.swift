import LedgerModel

/// Why a POSIX time zone text is not taken.
public enum PosixZoneError: Error, Hashable, Sendable {
  case empty
  case malformed(String)
  case julianDate(String)
}

extension PosixZoneError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "is empty, so that nothing is known of the time after the last transition"
    case .malformed(let text):
      "`\(text)`, is no POSIX time zone such as `CET-1CEST,M3.5.0,M10.5.0/3`"
    case .julianDate(let text):
      "`\(text)`, names days by their number in the year; only months, weeks and weekdays are taken"
    }
  }
}

/// Reads POSIX time zones: `CST-8`, `<-03>3`, `EST5EDT,M3.2.0,M11.1.0`.
///
/// - Source: POSIX.1-2024, section 8.3; RFC 9636, section 3.3.1, for times to 167 hours.
struct PosixZone {
  private let text: String
  private let bytes: [UInt8]
  private var index = 0

  static func read(_ text: String) throws(PosixZoneError) -> TimeZoneTable.Footer {
    guard !text.isEmpty else { throw .empty }
    var zone = PosixZone(text: text, bytes: Array(text.utf8))
    return try zone.footer()
  }

  private init(text: String, bytes: [UInt8]) {
    self.text = text
    self.bytes = bytes
  }

  private mutating func footer() throws(PosixZoneError) -> TimeZoneTable.Footer {
    try name()
    let standard = -(try time(hoursMax: 24))  // POSIX counts west of Greenwich as positive.
    guard index < bytes.count else { return .init(standardOffset: standard, daylight: nil) }
    try name()
    var offset = standard + 3_600
    if peek != UInt8(ascii: ",") { offset = -(try time(hoursMax: 24)) }
    let start = try date()
    let end = try date()
    guard index == bytes.count else { throw .malformed(text) }
    return .init(
      standardOffset: standard, daylight: .init(offset: offset, start: start, end: end))
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ byte: Character) -> Bool {
    guard peek == byte.asciiValue else { return false }
    index += 1
    return true
  }

  private mutating func name() throws(PosixZoneError) {
    let isBracketed = take("<")
    let start = index
    while let byte = peek, Self.isLetter(byte) || (isBracketed && Self.isSignOrDigit(byte)) {
      index += 1
    }
    guard index - start >= 3, !isBracketed || take(">") else { throw .malformed(text) }
  }

  private mutating func date() throws(PosixZoneError) -> TimeZoneTable.RuleDate {
    guard take(",") else { throw .malformed(text) }
    guard take("M") else {
      throw peek == UInt8(ascii: "J") || peek.map(Self.isSignOrDigit) ?? false
        ? .julianDate(text) : .malformed(text)
    }
    let month = try number(1...12)
    guard take(".") else { throw .malformed(text) }
    let week = try number(1...5)
    guard take(".") else { throw .malformed(text) }
    let weekday = try number(0...6)
    let seconds = take("/") ? try time(hoursMax: 167) : 7_200
    return .init(month: month, week: week, weekday: weekday, seconds: seconds)
  }

  /// Reads `[+-]hh[:mm[:ss]]` as seconds.
  private mutating func time(hoursMax: Int) throws(PosixZoneError) -> Int {
    let sign = take("-") ? -1 : 1
    if sign == 1 { _ = take("+") }
    var seconds = try number(0...hoursMax) * 3_600
    if take(":") {
      seconds += try number(0...59) * 60
      if take(":") { seconds += try number(0...59) }
    }
    return sign * seconds
  }

  private mutating func number(_ range: ClosedRange<Int>) throws(PosixZoneError) -> Int {
    let start = index
    var value = 0
    while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte, index - start < 3 {
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      index += 1
    }
    guard index > start, range ~= value else { throw .malformed(text) }
    return value
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  private static func isSignOrDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: "-")
  }
}
