import LedgerModel

/// A decimal number as XML has it, without a sign or an exponent, and never by way of binary
/// floats.
///
/// One form only: no leading zeros but the one before the point, digits on both sides of the point,
/// no white space. XML Schema has more forms of the same numbers, and all of these are its own.
///
/// - Source: XML Schema Part 2, 3.2.3; ISO 20022 amounts have at most 18 digits.
package struct DecimalText: Hashable {
  package static let digitsMax = 18

  /// The digits without the point: below 10^18.
  package let digits: UInt64
  package let digitCount: Int
  /// How many of them follow the point.
  package let fractionDigits: Int

  /// Reads the number, or `nil` for any other form and above ``digitsMax`` digits.
  package init?(_ text: String) {
    let zero = UInt8(ascii: "0")
    var digits: UInt64 = 0
    var count = 0
    var point: Int?
    for byte in text.utf8 {
      if byte == UInt8(ascii: "."), count > 0, point == nil {
        point = count
      } else {
        guard zero <= byte, byte <= UInt8(ascii: "9"), count < Self.digitsMax else { return nil }
        // A second digit of the whole part after a leading zero.
        guard count != 1 || point != nil || digits != 0 else { return nil }
        digits = digits * 10 + UInt64(byte - zero)
        count += 1
      }
    }
    guard count > 0, point != count else { return nil }
    self.digits = digits
    self.digitCount = count
    self.fractionDigits = point.map { count - $0 } ?? 0
  }

  /// The number in units of `10^-exponent`, or `nil` where it has more fraction digits than that,
  /// zeros included.
  package func scaled(to exponent: Int) -> Int128? {
    guard fractionDigits <= exponent else { return nil }
    // Below 10^18 times 10^17 at most: far within 10^38.
    return Int128(digits) * Self.power(exponent - fractionDigits)
  }

  /// Writes a sum of minor units with all of the currency's fraction digits; exponent 6 has one
  /// more than ISO 20022, so its last digit must be zero and is left out.
  ///
  /// - Returns: `nil` for what has more than ``digitsMax`` digits, or a sixth one that is not zero.
  package static func text(of minorUnits: Int128, exponent: Int) -> String? {
    precondition(minorUnits >= 0, "\(minorUnits) minor units; the side has a place of its own")
    var units = minorUnits
    var fractionDigits = exponent
    while fractionDigits > fractionDigitsMax {
      guard units.isMultiple(of: 10) else { return nil }
      units /= 10
      fractionDigits -= 1
    }
    guard units < power(digitsMax) else { return nil }
    guard fractionDigits > 0 else { return String(units) }
    let (whole, fraction) = units.quotientAndRemainder(dividingBy: power(fractionDigits))
    let digits = String(fraction)
    return "\(whole)." + String(repeating: "0", count: fractionDigits - digits.count) + digits
  }

  /// Of ISO 20022's amounts.
  static let fractionDigitsMax = 5
  /// Of ISO 20022's control sums.
  static let controlFractionDigitsMax = 17

  /// Ten to the `exponent`, which is at most 38.
  static func power(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}

/// Why a decimal is no amount of its currency.
public enum AmountProblem: Hashable, Sendable {
  case fractionDigits(max: Int)
  case zero
  case tooLarge

  var wanted: String {
    switch self {
    case .fractionDigits(let max): "at most \(max) fraction digits in this currency"
    case .zero: "more than zero"
    case .tooLarge: "at most \(Amount.max) minor units"
    }
  }
}
