import LedgerModel

extension CivilDate {
  /// `YYYY-MM-DD`, of the years 1 to 9999: what ISO 20022 calls an ISODate, without an offset.
  var isoText: String {
    let digits = String(year * 10_000 + month * 100 + day)
    let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    return "\(padded.dropLast(4))-\(padded.dropLast(2).suffix(2))-\(padded.suffix(2))"
  }

  /// Reads ``isoText``, or `nil` for anything else and for days that no calendar has.
  init?(isoText text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2] else { return nil }
    guard parts.allSatisfy({ $0.allSatisfy(\.isDigit) }) else { return nil }
    let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
    let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])
    guard date.year >= 1, 1...12 ~= date.month, 1...31 ~= date.day,
      CivilDate(daysSince1970: date.daysSince1970) == date
    else { return nil }
    self = date
  }
}

extension LedgerTime {
  /// Reads an ISODateTime that says its offset (`Z`, or at most 14 hours), with at most six
  /// fraction digits, or `nil`: without an offset it would be no instant.
  init?(isoText text: String) {
    guard let microseconds = CivilDate.microseconds(rfc3339: text) else { return nil }
    // XML Schema Part 2, 3.2.7.3; RFC 3339 has offsets up to 23:59.
    if !text.hasSuffix("Z"), text.suffix(5) > "14:00" { return nil }
    self.init(microseconds: microseconds)
  }
}
