internal import LedgerModel

/// What one wallet has used of one measure in its newest window: 16 bytes.
///
/// The sum has 96 bits. It is exact: one payment moves at most 10^18 minor units, so a wallet would
/// need 7.9 · 10^10 payments of the largest amount within one window to pass 2^96. That is the
/// whole supply, at its largest, 8.8 · 10^9 times over, and a log of more than 15 TB for it alone.
/// 64 bits would not do: 19 such payments pass them, and a tier without a maximum may make them.
struct Counter: Hashable, Sendable {
  /// Nothing used, in no window.
  static let empty = Counter(low: 0, high: 0, key: .min)

  private var low: UInt64
  private var high: UInt32
  /// Of the window that the sum is of.
  private(set) var key: Int32

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(low)
    snapshot.write(UInt64(high) << 32 | UInt64(UInt32(bitPattern: key)))
  }

  /// Whether `asked` more in the window `key` would pass `maximum`, which is inclusive.
  func wouldPass(_ maximum: UInt64, adding asked: UInt64, key: Int32) -> Bool {
    guard self.key == key else { return asked > maximum }
    let (sum, overflow) = low.addingReportingOverflow(asked)
    return high != 0 || overflow || sum > maximum
  }

  /// What is used in the window `key`.
  func used(key: Int32) -> Int128 {
    self.key == key ? Int128(high) << 64 | Int128(low) : 0
  }

  /// Counts `asked` in the window `key`.
  mutating func add(_ asked: UInt64, key: Int32) {
    guard self.key == key else {
      precondition(self.key < key, "window \(key) comes after window \(self.key)")
      self = Counter(low: asked, high: 0, key: key)
      return
    }
    let (sum, overflow) = low.addingReportingOverflow(asked)
    low = sum
    if overflow { high += 1 }  // Traps past 2^96, which the type's argument rules out.
  }
}

extension Counter {
  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    let low = try snapshot.uint64()
    let packed = try snapshot.uint64()
    self.init(
      low: low, high: UInt32(packed >> 32),
      key: Int32(bitPattern: UInt32(packed & 0xFFFF_FFFF)))
  }
}
