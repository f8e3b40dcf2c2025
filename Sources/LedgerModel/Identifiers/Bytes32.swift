/// Thirty-two bytes: a digest or a public key.
public struct Bytes32: Hashable, Comparable, Sendable {
  /// Four big-endian words, first bytes first.
  public let words: (UInt64, UInt64, UInt64, UInt64)

  @inlinable  // Used by the inlinable initialiser below.
  public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Creates the value from its bytes, or `nil` unless there are exactly 32.
  @inlinable
  public init?(_ bytes: some Collection<UInt8>) {
    // @inlinable: called by LedgerWire for each payment; unspecialised, generics led its profile.
    guard bytes.count == 32 else { return nil }
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for byte in bytes {
      words.0 = words.0 << 8 | words.1 >> 56
      words.1 = words.1 << 8 | words.2 >> 56
      words.2 = words.2 << 8 | words.3 >> 56
      words.3 = words.3 << 8 | UInt64(byte)
    }
    self.init(words: words)
  }

  /// Creates the value from 64 lower-case hexadecimal digits, or `nil`.
  public init?(hex: some StringProtocol) { self.init(hex: String(hex)) }

  /// Creates the value from 64 lower-case hexadecimal digits, or `nil`.
  public init?(hex: String) {
    // Not generic, because a signature's hint of its key is read for each payment.
    guard let bytes = Hexadecimal.decode(Array(hex.utf8)) else { return nil }
    self.init(bytes)
  }

  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(32)
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 56, through: 0, by: -8) {
        result.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return result
  }

  public var hex: String { Hexadecimal.encode(bytes) }

  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.words == rhs.words }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.words < rhs.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
