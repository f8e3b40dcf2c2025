import LedgerModel

/// A hash that differs from process to process, so that nobody can choose ids that collide.
///
/// Where an id is *found* may depend on it; nothing that is decided, encoded or shown does, since
/// the tables here are never read in their own order. The one place that uses `Hasher`, for the
/// seeds alone: hashing 16 bytes with it costs some 20 ns, and multiplying them 2.
enum SeededHash {
  // Odd, so that no multiplication loses a bit.
  private static let seeds: (UInt64, UInt64, UInt64) = {
    func seed(_ number: Int) -> UInt64 {
      var hasher = Hasher()
      hasher.combine(number)
      return UInt64(truncatingIfNeeded: hasher.finalize()) | 1
    }
    return (seed(1), seed(2), seed(3))
  }()

  /// Both words, masked by secrets and multiplied to 128 bits, folded twice.
  static func of(_ value: Bytes16) -> UInt64 {
    let seeds = seeds
    let mixed = fold(value.high ^ seeds.0, value.low ^ seeds.1)
    return fold(mixed ^ seeds.2, seeds.0)
  }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
