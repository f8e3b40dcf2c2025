/// Why a decimal is no amount of a currency.
public enum DecimalFault: Error, Hashable, Sendable {
  /// It has a sign, a separator, an exponent or no digits on one side of its point.
  case malformed
  /// After the point, more than the currency has.
  case tooManyDigits(found: Int)
  case tooLarge
  case zero
}

extension Amount {
  /// Reads a decimal exactly: digits, and at most one point with no more digits after it than the
  /// currency has.
  ///
  /// - Parameters:
  ///   - text: Such as `12.50`, `12.5` or `12`.
  ///   - exponent: The decimal digits of the currency's minor unit.
  /// - Throws: ``DecimalFault``.
  public init(decimal text: String, exponent: Int) throws(DecimalFault) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count,
      parts.allSatisfy({ part in
        !part.isEmpty && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      })
    else { throw .malformed }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.utf8.count <= exponent else {
      throw .tooManyDigits(found: fraction.utf8.count)
    }
    let padding = String(repeating: "0", count: exponent - fraction.utf8.count)
    guard let value = UInt64(parts[0] + fraction + padding), value <= Self.max.minorUnits else {
      throw .tooLarge
    }
    guard let amount = Amount(minorUnits: value) else { throw .zero }
    self = amount
  }
}
