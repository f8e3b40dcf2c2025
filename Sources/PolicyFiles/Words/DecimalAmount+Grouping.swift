extension DecimalAmount {
  /// Writes minor units with every digit after the point, and a comma before each three before it.
  static func grouped(_ minorUnits: Int128, exponent: Int) -> String {
    let text = text(minorUnits, exponent: exponent)
    let sign = text.hasPrefix("-") ? "-" : ""
    let digits = text.dropFirst(sign.count)
    let whole = digits.prefix { $0 != "." }
    return sign + grouped(whole) + digits.dropFirst(whole.count)
  }

  /// Writes a count in groups of three digits, and its noun: `1 order`, `2,000 orders`.
  static func count(_ count: Int, _ noun: String) -> String {
    "\(grouped(Int128(count), exponent: 0)) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func grouped(_ digits: some StringProtocol) -> String {
    var grouped = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { grouped.append(",") }
      grouped.append(digit)
    }
    return grouped
  }
}
