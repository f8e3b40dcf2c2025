internal import LedgerModel

/// What a rolling window has counted, of all keys, in order of time: 40 bytes a payment.
///
/// A payment that is made though its key has no room is not remembered. That it was is: until it
/// would have left, the key's sum is too small to be compared with anything.
///
/// One queue for all keys, because time passes for all of them at once: what leaves the window is
/// at its front, whoever's it is, and each payment is put in and taken out once. The payments of
/// one key are chained, so that a refusal says at once when the oldest leaves.
struct RollingQueue: Hashable, Sendable {
  /// One payment that was counted.
  struct Item: Hashable, Sendable {
    let time: LedgerTime
    /// A dense key, or a pair's value.
    let key: UInt64
    let asked: Int64
    /// Of counterparties, whom the key has met.
    let counterparty: Int32
    /// How many items after this one the key's next is; 0 where there is none yet.
    fileprivate(set) var step: UInt32 = 0
  }

  /// Numbers of a key's first and last items, counted from the queue's beginning.
  private struct Chain: Hashable, Sendable {
    var first: Int
    var last: Int
  }

  private var items: [Item] = []
  private var front = 0
  /// Items that are no longer in `items`.
  private var dropped = 0
  private var chains: [UInt64: Chain] = [:]
  /// When each key's newest payment was that is not remembered; some have left by now.
  private var forgottenByKey: [UInt64: LedgerTime] = [:]
  /// When the newest was of a key for which there was no room above.
  private var forgottenOfAny: LedgerTime?

  var count: Int { items.count - front }

  mutating func append(_ item: Item) {
    let number = dropped + items.count
    if let chain = chains[item.key] {
      items[chain.last - dropped].step = UInt32(number - chain.last)
      chains[item.key]?.last = number
    } else {
      chains[item.key] = Chain(first: number, last: number)
    }
    items.append(item)
  }

  /// Takes on that a payment of a key is not remembered.
  ///
  /// - Parameters:
  ///   - key: Whose payment it is.
  ///   - time: When it is made.
  ///   - leaving: What was counted then or before has left; `nil` where nothing has.
  ///   - keysMax: Of more keys it is not told apart whose payment it was.
  /// - Complexity: O(1), amortised: what has left is looked for each time the keys have doubled,
  ///   and once a window's length where they are as many as may be.
  mutating func forget(
    _ key: UInt64, at time: LedgerTime, leaving: LedgerTime?, keysMax: Int
  ) {
    let count = forgottenByKey.count
    let hasDoubled = count >= 1_024 && count & (count - 1) == 0
    if let leaving, forgottenByKey[key] == nil,
      hasDoubled || (count >= keysMax && forgottenOfAny.map { $0 <= leaving } ?? true)
    {
      forgottenByKey = forgottenByKey.filter { $0.value > leaving }
    }
    if forgottenByKey.count < keysMax || forgottenByKey[key] != nil {
      forgottenByKey[key] = time
    } else {
      forgottenOfAny = time
    }
  }

  /// The newest payment that is not remembered and has not left: of a key, or of those that could
  /// not be told apart.
  func forgotten(_ key: UInt64, after time: LedgerTime?) -> LedgerTime? {
    var newest = forgottenOfAny
    if let own = forgottenByKey[key], newest.map({ own > $0 }) ?? true { newest = own }
    guard let newest, time.map({ newest > $0 }) ?? true else { return nil }
    return newest
  }

  /// Takes the first item where it was counted at `time` or before.
  mutating func removeFirst(countedThrough time: LedgerTime) -> Item? {
    guard front < items.count, items[front].time <= time else { return nil }
    let item = items[front]
    chains[item.key] =
      item.step == 0
      ? nil : chains[item.key].map { Chain(first: $0.first + Int(item.step), last: $0.last) }
    front += 1
    // What lies before the front is given back when it is half: each item moves once, amortised.
    if front >= 1_024, front * 2 >= items.count {
      items.removeFirst(front)
      dropped += front
      front = 0
    }
    return item
  }

  /// The time of the oldest item of a key.
  func firstTime(of key: UInt64) -> LedgerTime? {
    chains[key].map { items[$0.first - dropped].time }
  }

  static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.items[lhs.front...] == rhs.items[rhs.front...]
      && lhs.forgottenByKey == rhs.forgottenByKey && lhs.forgottenOfAny == rhs.forgottenOfAny
  }

  func hash(into hasher: inout Hasher) { hasher.combine(items[front...]) }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(count)
    for item in items[front...] {
      snapshot.write(item.time.microseconds)
      snapshot.write(item.key)
      snapshot.write(item.asked)
      snapshot.write(item.counterparty)
    }
    snapshot.write(forgottenByKey.count)
    for key in forgottenByKey.keys.sorted() {
      snapshot.write(key)
      snapshot.write(forgottenByKey[key]?.microseconds ?? 0)
    }
    snapshot.write(forgottenOfAny?.microseconds ?? 0)
  }

  init() {}

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: .max)) {
      append(
        Item(
          time: LedgerTime(microseconds: try snapshot.uint64()), key: try snapshot.uint64(),
          asked: try snapshot.int64(), counterparty: try snapshot.int32()))
    }
    for _ in 0..<(try snapshot.count(max: .max)) {
      let key = try snapshot.uint64()
      forgottenByKey[key] = LedgerTime(microseconds: try snapshot.uint64())
    }
    let ofAny = try snapshot.uint64()
    forgottenOfAny = ofAny == 0 ? nil : LedgerTime(microseconds: ofAny)
  }
}
