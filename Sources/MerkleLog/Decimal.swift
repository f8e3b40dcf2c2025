/// Unsigned decimal numbers as the C2SP formats write them: no sign, no space, no leading zero.
enum Decimal {
  /// Returns the number that `text` spells, or `nil` if it is not canonical or is above `max`.
  static func decode(
    _ text: some Collection<UInt8>, max: UInt64 = LogLimits.treeSizeMax
  ) -> UInt64? {
    guard let first = text.first else { return nil }
    guard first != UInt8(ascii: "0") || text.count == 1 else { return nil }
    guard let value = digits(text), value <= max else { return nil }
    return value
  }

  /// Returns the value of one or more digits, leading zeros allowed, or `nil` past 64 bits.
  static func digits(_ text: some Collection<UInt8>) -> UInt64? {
    guard !text.isEmpty else { return nil }
    var value: UInt64 = 0
    for character in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
      let (product, tooWide) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(UInt64(character - UInt8(ascii: "0")))
      guard !tooWide, !carried else { return nil }
      value = sum
    }
    return value
  }
}
