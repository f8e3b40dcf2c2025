/// Sixteen bytes in network order, held as two words so that comparing and hashing are cheap.
public struct Bytes16: Hashable, Comparable, Sendable {
  /// Bytes 0 to 7, big-endian.
  public let high: UInt64
  /// Bytes 8 to 15, big-endian.
  public let low: UInt64

  @inlinable  // Used by the inlinable initialiser below.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Creates the value from its bytes, or `nil` unless there are exactly 16.
  @inlinable
  public init?(_ bytes: some Collection<UInt8>) {
    // @inlinable: called by LedgerWire for each payment; unspecialised, generics led its profile.
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in bytes {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(byte)
    }
    self.init(high: high, low: low)
  }

  /// Creates the value from its text form, `8-4-4-4-12` lower-case hexadecimal digits (RFC 9562,
  /// section 4), or `nil` for anything else.
  public init?(uuidText text: some StringProtocol) {
    var digits: [UInt8] = []
    digits.reserveCapacity(32)
    var offset = 0
    for byte in text.utf8 {
      if offset == 8 || offset == 13 || offset == 18 || offset == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
      } else {
        digits.append(byte)
      }
      offset += 1
    }
    guard offset == 36, let bytes = Hexadecimal.decode(digits) else { return nil }
    self.init(bytes)
  }

  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(16)
    for shift in stride(from: 56, through: 0, by: -8) {
      result.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      result.append(UInt8(truncatingIfNeeded: low >> UInt64(shift)))
    }
    return result
  }

  /// The `8-4-4-4-12` text form.
  public var uuidText: String {
    let digits = Array(Hexadecimal.encode(bytes).utf8)
    var text: [UInt8] = []
    for (offset, digit) in digits.enumerated() {
      if offset == 8 || offset == 12 || offset == 16 || offset == 20 {
        text.append(UInt8(ascii: "-"))
      }
      text.append(digit)
    }
    return String(decoding: text, as: UTF8.self)
  }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.high, lhs.low) < (rhs.high, rhs.low)
  }
}
