import LedgerModel

/// A hash that differs from process to process, so that nobody can choose ids that collide.
///
/// Where an id is *found* may depend on it; nothing that is decided, encoded or shown does, since
/// the tables here are never read in their own order. The one place that uses `Hasher`.
enum SeededHash {
  static func of(_ value: Bytes16) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(value.high)
    hasher.combine(value.low)
    return UInt64(truncatingIfNeeded: hasher.finalize())
  }
}
