extension DecimalAmount {
  /// Writes minor units with every digit after the point, and a comma before each three before it.
  static func grouped(_ minorUnits: Int128, exponent: Int) -> String {
    let text = text(minorUnits, exponent: exponent)
    let sign = text.hasPrefix("-") ? "-" : ""
    let digits = text.dropFirst(sign.count)
    let whole = digits.prefix { $0 != "." }
    var grouped = ""
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place).isMultiple(of: 3) { grouped.append(",") }
      grouped.append(digit)
    }
    return sign + grouped + digits.dropFirst(whole.count)
  }
}
