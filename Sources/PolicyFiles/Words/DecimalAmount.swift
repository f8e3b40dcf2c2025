/// Reads and writes sums of money as people write them.
enum DecimalAmount {
  /// Returns minor units, or what is wrong: digits, at most one point, no sign, no separators.
  static func minorUnits(_ text: String, exponent: Int) -> Result<UInt64, AmountFailure> {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isDigits = parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
    guard 1...2 ~= parts.count, isDigits, parts[0].count == 1 || parts[0].first != UInt8(ascii: "0")
    else { return .failure(AmountFailure(problem: .invalidAmount(text, exponent: exponent))) }
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    guard fraction.count <= exponent else {
      return .failure(AmountFailure(problem: .overPreciseAmount(text, exponent: exponent)))
    }
    var value: UInt64 = 0
    let padding = repeatElement(UInt8(ascii: "0"), count: exponent - fraction.count)
    for digit in Array(parts[0]) + fraction + padding {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !overflow, !carry else {
        return .failure(AmountFailure(problem: .amountTooLarge(text)))
      }
      value = sum
    }
    return .success(value)
  }

  /// Writes minor units with every digit after the point.
  static func text(_ minorUnits: Int128, exponent: Int) -> String {
    let digits = String(minorUnits.magnitude)
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
    let sign = minorUnits < 0 ? "-" : ""
    guard exponent > 0 else { return sign + padded }
    return sign + padded.dropLast(exponent) + "." + padded.suffix(exponent)
  }
}

/// Why a text is no amount.
struct AmountFailure: Error {
  let problem: PolicyProblem
}
