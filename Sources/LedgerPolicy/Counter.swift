internal import LedgerModel

/// What one key has used of one measure in its newest window: 16 bytes.
///
/// The sum has 96 bits with its sign. It is exact: one payment moves at most 10^18 minor units, so
/// a key would need 3.9 · 10^10 payments of the largest amount within one window to pass 2^95. That
/// is the whole supply, at its largest, 4.4 · 10^9 times over, and a log of more than 7 TB for it
/// alone. 64 bits would not do: 19 such payments pass them, and a tier without a cap may make them.
struct Counter: Hashable, Sendable {
  /// Nothing used, in no window.
  static let empty = Counter(low: 0, high: 0, key: .min)

  private var low: UInt64
  private var high: Int32
  /// Of the window that the sum is of; of a rolling window, how many payments it is of.
  private(set) var key: Int32

  private init(low: UInt64, high: Int32, key: Int32) {
    self.low = low
    self.high = high
    self.key = key
  }

  /// The sum, of whichever window.
  var sum: Int128 { Int128(high) << 64 | Int128(low) }

  /// Whether `asked` more in the window `key` would be more than `maximum`.
  ///
  /// For sums of nothing negative.
  func wouldPass(_ maximum: UInt64, adding asked: UInt64, key: Int32) -> Bool {
    guard self.key == key else { return asked > maximum }
    let (sum, overflow) = low.addingReportingOverflow(asked)
    return high != 0 || overflow || sum > maximum
  }

  /// What is used in the window `key`.
  func used(key: Int32) -> Int128 { self.key == key ? sum : 0 }

  /// Counts `asked` in the window `key`.
  mutating func add(_ asked: UInt64, key: Int32) {
    guard self.key == key else {
      precondition(self.key < key, "window \(key) comes after window \(self.key)")
      self = Counter(low: asked, high: 0, key: key)
      return
    }
    let (sum, overflow) = low.addingReportingOverflow(asked)
    low = sum
    if overflow { high += 1 }  // Traps past 2^95, which the type's argument rules out.
  }

  /// Counts what may be negative in the window `key`.
  mutating func add(signed asked: Int128, key: Int32) {
    precondition(self.key <= key, "window \(key) comes after window \(self.key)")
    set(used(key: key) + asked, key: key)
  }

  /// Counts one payment more, or one less, of a rolling window.
  mutating func addPayment(_ asked: Int128, of count: Int32) {
    set(sum + asked, key: max(key, 0) + count)
  }

  /// The same sum, of a window of another key.
  func renamed(_ key: Int32) -> Counter { Counter(low: low, high: high, key: key) }

  private mutating func set(_ sum: Int128, key: Int32) {
    low = UInt64(truncatingIfNeeded: sum)
    high = Int32(sum >> 64)
    self.key = key
  }

  /// Payments that a rolling window holds.
  var payments: Int { Int(max(key, 0)) }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(low)
    snapshot.write(
      UInt64(UInt32(bitPattern: high)) << 32 | UInt64(UInt32(bitPattern: key)))
  }

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    let low = try snapshot.uint64()
    let packed = try snapshot.uint64()
    self.init(
      low: low, high: Int32(bitPattern: UInt32(packed >> 32)),
      key: Int32(bitPattern: UInt32(packed & 0xFFFF_FFFF)))
  }
}
