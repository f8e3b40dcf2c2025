internal import LedgerModel

/// The counters of one measure, by a dense key: an owner, a participant, a class, a tier.
struct DenseCounters: Hashable, Sendable {
  private var counters: [Counter] = []

  subscript(key: Int) -> Counter {
    key < counters.count ? counters[key] : .empty
  }

  func mapped(_ change: (Counter) -> Counter) -> Self {
    var mapped = Self()
    mapped.counters = counters.map(change)
    return mapped
  }

  mutating func update(_ key: Int, _ change: (inout Counter) -> Void) {
    if counters.count <= key {
      counters.append(contentsOf: repeatElement(.empty, count: key + 1 - counters.count))
    }
    change(&counters[key])
  }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(counters.count)
    for counter in counters { counter.write(to: &snapshot) }
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: .max)) {
      counters.append(try Counter(reading: &snapshot))
    }
  }
}

/// Two accounts by their slots, of which each fits 31 bits.
struct AccountPair: Hashable, Comparable, Sendable {
  let value: UInt64

  init(_ first: Int, _ second: Int) { value = UInt64(first) << 32 | UInt64(second) }

  init(value: UInt64) { self.value = value }

  var first: Int { Int(value >> 32) }
  var second: Int { Int(value & 0xFFFF_FFFF) }

  static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }
}

/// The counters of one measure, by pairs of accounts: 40 bytes a pair that has used something.
struct PairCounters: Hashable, Sendable {
  private var counterByPair: [AccountPair: Counter] = [:]

  var count: Int { counterByPair.count }

  func contains(_ pair: AccountPair) -> Bool { counterByPair[pair] != nil }

  subscript(pair: AccountPair) -> Counter { counterByPair[pair] ?? .empty }

  func mapped(_ change: (Counter) -> Counter) -> Self {
    var mapped = Self()
    mapped.counterByPair = counterByPair.mapValues(change)
    return mapped
  }

  mutating func update(_ pair: AccountPair, _ change: (inout Counter) -> Void) {
    change(&counterByPair[pair, default: .empty])
  }

  /// Forgets a pair, whose window has ended.
  mutating func remove(_ pair: AccountPair) { counterByPair[pair] = nil }

  /// Forgets all, where their window has ended.
  mutating func removeAll() { counterByPair.removeAll(keepingCapacity: true) }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(counterByPair.count)
    for pair in counterByPair.keys.sorted() {
      snapshot.write(pair.value)
      self[pair].write(to: &snapshot)
    }
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: .max)) {
      let pair = AccountPair(value: try snapshot.uint64())
      counterByPair[pair] = try Counter(reading: &snapshot)
    }
  }
}

/// When each pair of accounts last met, or first: 24 bytes a pair.
struct PairTimes: Hashable, Sendable {
  private var timeByPair: [AccountPair: UInt64] = [:]

  var count: Int { timeByPair.count }

  subscript(pair: AccountPair) -> LedgerTime? {
    get { timeByPair[pair].map { LedgerTime(microseconds: $0) } }
    set { timeByPair[pair] = newValue?.microseconds }
  }

  mutating func removeAll() { timeByPair.removeAll(keepingCapacity: true) }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(timeByPair.count)
    for pair in timeByPair.keys.sorted() {
      snapshot.write(pair.value)
      snapshot.write(timeByPair[pair] ?? 0)
    }
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: .max)) {
      let pair = AccountPair(value: try snapshot.uint64())
      timeByPair[pair] = try snapshot.uint64()
    }
  }
}

/// The payees that each payer knows, with since when, bounded for each payer and for all.
struct PayeeTable: Hashable, Sendable {
  private var times = PairTimes()
  /// By the payer's slot.
  private var counts: [UInt16] = []

  /// How many payees all payers know.
  var count: Int { times.count }

  subscript(payer: Int, payee: Int) -> LedgerTime? { times[AccountPair(payer, payee)] }

  /// How many payees the payer knows.
  func count(of payer: Int) -> Int { payer < counts.count ? Int(counts[payer]) : 0 }

  mutating func insert(_ payer: Int, _ payee: Int, at time: LedgerTime) {
    if counts.count <= payer {
      counts.append(contentsOf: repeatElement(0, count: payer + 1 - counts.count))
    }
    counts[payer] += 1
    times[AccountPair(payer, payee)] = time
  }

  mutating func remove(_ payer: Int, _ payee: Int) {
    counts[payer] -= 1
    times[AccountPair(payer, payee)] = nil
  }

  mutating func removeAll() {
    times.removeAll()
    counts.removeAll()
  }

  func write(to snapshot: inout SnapshotWriter) {
    times.write(to: &snapshot)
    snapshot.write(counts.count)
    for count in counts { snapshot.write(UInt32(count)) }
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    times = try PairTimes(reading: &snapshot)
    for _ in 0..<(try snapshot.count(max: .max)) {
      counts.append(UInt16(truncatingIfNeeded: try snapshot.uint32()))
    }
  }
}
