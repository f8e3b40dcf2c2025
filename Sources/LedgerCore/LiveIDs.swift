import LedgerModel

/// The instruction ids that can still come again, party by party.
///
/// An id is remembered until ledger time passes its own time plus the party's horizon: for each
/// party there is one table for each second in which ids expire, which is dropped whole. The window
/// is checked first, so remembering an id to the end of its second shows in the counts alone, and
/// in the bound on them.
struct LiveIDs: Sendable {
  /// What is kept of the first instruction of an id.
  struct First: Sendable {
    let id: Bytes16
    let sequence: SequenceNumber
    /// The first half of the digest.
    ///
    /// Only the party itself can know another order with the same half, after 2^64 tries, and would
    /// get for it the outcome of its own first order.
    let digest: Bytes16
  }

  /// The ids of one party that expire in one second.
  private struct Table: Sendable {
    var firsts: [First] = []
    private var numbers: NumberTable

    /// - Parameter count: How many ids the second before had: this one has about as many, and a
    ///   table that grows costs twice.
    init(expecting count: Int) {
      firsts.reserveCapacity(count)
      numbers = NumberTable(expecting: count)
    }

    func first(_ id: Bytes16) -> First? {
      numbers.number(hash: SeededHash.of(id)) { firsts[$0].id == id }.map { firsts[$0] }
    }

    /// Those at a sequence number or later, which stand at the end.
    func firsts(from sequence: SequenceNumber) -> ArraySlice<First> {
      firsts[((firsts.lastIndex { $0.sequence < sequence } ?? -1) + 1)...]
    }

    func trace(of id: Bytes16) -> UInt64 { numbers.trace(of: SeededHash.of(id)) }

    mutating func remember(_ first: First) {
      firsts.append(first)
      numbers.insert(firsts.count - 1, hash: SeededHash.of(first.id)) {
        SeededHash.of(firsts[$0].id)
      }
    }
  }

  /// The ids of one party.
  private struct Lane: Sendable {
    /// Ascending; `tables[n]` has the ids that expire in `seconds[n]`.
    var seconds: [UInt64] = []
    var tables: [Table] = []
    var count = 0
    /// Where an id was remembered last, and the next one probably is.
    var latest = 0

    /// The place of a second's table, or where it would be.
    func place(of second: UInt64) -> (index: Int, isThere: Bool) {
      if latest < seconds.count, seconds[latest] == second { return (latest, true) }
      var low = 0
      var high = seconds.count
      while low < high {
        let middle = (low + high) / 2
        if seconds[middle] < second { low = middle + 1 } else { high = middle }
      }
      return (low, low < seconds.count && seconds[low] == second)
    }

    mutating func remember(_ first: First, until second: UInt64) {
      let (index, isThere) = place(of: second)
      if !isThere {
        // Of the second just before alone, so that all tables together are never made larger than
        // twice the ids there are.
        let isNext = index > 0 && seconds[index - 1] + 1 == second
        let expected = isNext ? tables[index - 1].firsts.count : 0
        seconds.insert(second, at: index)
        tables.insert(Table(expecting: expected), at: index)
      }
      tables[index].remember(first)
      latest = index
      count += 1
    }

    /// Drops the tables of all seconds before `second`, and returns how many ids that were.
    mutating func forget(before second: UInt64) -> Int {
      let ended = place(of: second).index
      guard ended > 0 else { return 0 }
      let forgotten = tables[..<ended].reduce(0) { $0 + $1.firsts.count }
      seconds.removeFirst(ended)
      tables.removeFirst(ended)
      latest = max(0, latest - ended)
      count -= forgotten
      return forgotten
    }
  }

  /// By the party's number.
  private var lanes: [Lane] = []
  /// Seconds since 1970: all tables of earlier ones are gone.
  private(set) var firstSecond: UInt64
  private(set) var count = 0

  init(at time: LedgerTime) { firstSecond = time.microseconds / 1_000_000 }

  /// Ids of one party that are remembered now.
  func count(of party: PartyNumber) -> Int {
    party.value < lanes.count ? lanes[party.value].count : 0
  }

  /// The first instruction of an id, where that is live.
  func first(_ id: InstructionID, of party: PartyNumber, horizonMicroseconds: UInt64) -> First? {
    guard party.value < lanes.count else { return nil }
    let (index, isThere) = lanes[party.value].place(of: second(of: id, horizonMicroseconds))
    return isThere ? lanes[party.value].tables[index].first(id.value) : nil
  }

  /// Reads where an id is, or would be, so that it is in the cache when the id's turn comes.
  ///
  /// - Returns: A number that depends on what was read, and means nothing.
  func trace(
    of id: InstructionID, of party: PartyNumber, horizonMicroseconds: UInt64
  ) -> UInt64 {
    guard party.value < lanes.count else { return 0 }
    let (index, isThere) = lanes[party.value].place(of: second(of: id, horizonMicroseconds))
    return isThere ? lanes[party.value].tables[index].trace(of: id.value) : 0
  }

  mutating func remember(
    _ id: InstructionID, of party: PartyNumber, horizonMicroseconds: UInt64,
    at sequence: SequenceNumber, digest: Bytes32
  ) {
    let first = First(
      id: id.value, sequence: sequence,
      digest: Bytes16(high: digest.words.0, low: digest.words.1))
    remember(first, of: party, until: second(of: id, horizonMicroseconds))
  }

  private mutating func remember(_ first: First, of party: PartyNumber, until second: UInt64) {
    while lanes.count <= party.value { lanes.append(Lane()) }
    lanes[party.value].remember(first, until: second)
    count += 1
  }

  /// Forgets all ids that expired before `time`.
  ///
  /// - Complexity: O(parties + tables that end) once a second, else O(1).
  mutating func forget(before time: LedgerTime) {
    let current = time.microseconds / 1_000_000
    guard current > firstSecond else { return }
    for index in lanes.indices where lanes[index].count > 0 {
      count -= lanes[index].forget(before: current)
    }
    firstSecond = current
  }

  /// Ids of one party that expire in one second, in the order in which they came.
  private typealias Group = (party: Int, second: UInt64, firsts: ArraySlice<First>)

  /// Writes the ids of some parties that came first at `sequence` or later.
  ///
  /// - Returns: The second in which the last of them expires; `nil` where there are none.
  func write(
    of parties: Range<Int>, from sequence: SequenceNumber, to snapshot: inout SnapshotWriter
  ) -> UInt64? {
    let groups = groups(of: parties, from: sequence)
    snapshot.write(groups.count)
    for group in groups {
      snapshot.write(group.party)
      snapshot.write(group.second)
      snapshot.write(group.firsts.count)
      for first in group.firsts {
        snapshot.write(first.id)
        snapshot.write(first.sequence.value)
        snapshot.write(first.digest)
      }
    }
    return groups.map(\.second).max()
  }

  private func groups(of parties: Range<Int>, from sequence: SequenceNumber) -> [Group] {
    lanes.indices.clamped(to: parties).flatMap { party in
      zip(lanes[party].seconds, lanes[party].tables).compactMap { second, table in
        let firsts = table.firsts(from: sequence)
        return firsts.isEmpty ? nil : (party, second, firsts)
      }
    }
  }

  /// Reads ids, which all came after those of their party read before; what has expired since is
  /// passed over.
  mutating func read(from snapshot: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try snapshot.count(max: .max)) {
      let party = PartyNumber(try snapshot.count(max: Limits.participantsMax + 1))
      let second = try snapshot.uint64()
      for _ in 0..<(try snapshot.count(max: Int(UInt32.max) - 1)) {
        let first = First(
          id: try snapshot.bytes16(), sequence: SequenceNumber(try snapshot.uint64()),
          digest: try snapshot.bytes16())
        guard second >= firstSecond else { continue }
        remember(first, of: party, until: second)
      }
    }
  }

  private func second(of id: InstructionID, _ horizonMicroseconds: UInt64) -> UInt64 {
    id.time.advanced(byMicroseconds: horizonMicroseconds).microseconds / 1_000_000
  }
}

extension LiveIDs.First {
  /// Whether the instruction of that digest is this one.
  func isSame(as digest: Bytes32) -> Bool {
    self.digest.high == digest.words.0 && self.digest.low == digest.words.1
  }
}

/// A party's place in tables: the issuer, recovery, and the participants in order of admission.
struct PartyNumber: Hashable, Sendable {
  /// The issuer and recovery.
  static let officers = 0..<2
  static let participants = 2..<Int.max

  let value: Int

  init(_ value: Int) { self.value = value }

  /// - Parameters:
  ///   - party: Who acts.
  ///   - participant: Its index, where it is one.
  init(_ party: Party, participant: Int?) {
    switch party {
    case .issuer: value = 0
    case .recovery: value = 1
    case .participant: value = 2 + (participant ?? 0)
    }
  }
}

/// The statements that were sequenced and have not expired, each once: with the most signers.
struct SequencedSubmissions: Sendable {
  /// How a statement was sequenced last.
  struct Former: Sendable {
    let sequence: SequenceNumber
    let signerCount: Int
    let party: PartyNumber
  }

  private var formers: [SubmissionDigest: Former] = [:]
  private var expiries: ExpiryBuckets<SubmissionDigest>
  /// By the party's number.
  private var counts: [Int] = []

  init(at time: LedgerTime) { expiries = ExpiryBuckets(at: time) }

  var count: Int { formers.count }

  /// Statements of one party that are remembered now.
  func count(of party: PartyNumber) -> Int {
    party.value < counts.count ? counts[party.value] : 0
  }

  func former(_ digest: SubmissionDigest) -> Former? { formers[digest] }

  mutating func remember(_ digest: SubmissionDigest, _ former: Former, until expiry: LedgerTime) {
    guard formers.updateValue(former, forKey: digest) == nil else { return }
    expiries.add(digest, expiring: expiry)
    count(former)
  }

  /// Writes all, in the order of the log.
  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(expiries.first)
    snapshot.write(formers.count)
    var buckets: [SubmissionDigest: UInt64] = [:]
    expiries.forEach { digest, bucket in buckets[digest] = bucket }
    for (digest, former) in formers.sorted(by: { $0.value.sequence < $1.value.sequence }) {
      guard let bucket = buckets[digest] else { preconditionFailure("\(digest) never expires") }
      snapshot.write(digest.value)
      snapshot.write(former.sequence.value)
      snapshot.write(former.signerCount)
      snapshot.write(former.party.value)
      snapshot.write(bucket)
    }
  }

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    expiries = ExpiryBuckets(first: try snapshot.uint64())
    for _ in 0..<(try snapshot.count(max: .max)) {
      let digest = SubmissionDigest(try snapshot.bytes32())
      let former = Former(
        sequence: SequenceNumber(try snapshot.uint64()), signerCount: try snapshot.int(),
        party: PartyNumber(try snapshot.count(max: Limits.participantsMax + 2)))
      guard formers.updateValue(former, forKey: digest) == nil else {
        throw SnapshotError("submission \(former.sequence) comes twice")
      }
      expiries.add(digest, bucket: try snapshot.uint64())
      count(former)
    }
  }

  private mutating func count(_ former: Former) {
    while counts.count <= former.party.value { counts.append(0) }
    counts[former.party.value] += 1
  }

  mutating func forget(before time: LedgerTime) {
    expiries.removeExpired(at: time) { digest in
      guard let former = formers.removeValue(forKey: digest) else { return }
      counts[former.party.value] -= 1
    }
  }
}

/// Keys grouped by the minute in which they expire.
struct ExpiryBuckets<Key: Sendable>: Sendable {
  private static var bucketMicroseconds: UInt64 { 60_000_000 }

  private var buckets: [UInt64: [Key]] = [:]
  /// All buckets before this one are gone.
  private(set) var first: UInt64

  init(at time: LedgerTime) { self.init(first: time.microseconds / Self.bucketMicroseconds) }

  init(first: UInt64) { self.first = first }

  mutating func add(_ key: Key, expiring expiry: LedgerTime) {
    add(key, bucket: max(first, expiry.microseconds / Self.bucketMicroseconds))
  }

  mutating func add(_ key: Key, bucket: UInt64) { buckets[bucket, default: []].append(key) }

  /// Hands over all, bucket by bucket.
  func forEach(_ body: (Key, UInt64) -> Void) {
    for bucket in buckets.keys.sorted() { for key in buckets[bucket] ?? [] { body(key, bucket) } }
  }

  /// Removes each bucket that ended by `time`, and hands its keys to `remove`.
  ///
  /// - Complexity: O(keys removed + buckets passed); a gap longer than all horizons costs no more
  ///   than the buckets there are.
  mutating func removeExpired(at time: LedgerTime, remove: (Key) -> Void) {
    let current = time.microseconds / Self.bucketMicroseconds
    guard current > first else { return }
    if current - first > UInt64(buckets.count) {
      for bucket in buckets.keys.sorted() where bucket < current { removeBucket(bucket, remove) }
    } else {
      for bucket in first..<current { removeBucket(bucket, remove) }
    }
    first = current
  }

  private mutating func removeBucket(_ bucket: UInt64, _ remove: (Key) -> Void) {
    for key in buckets.removeValue(forKey: bucket) ?? [] { remove(key) }
  }
}
