import LedgerModel

/// The instruction ids that can still come again.
///
/// An id is remembered until ledger time passes its own time plus the party's horizon. The window
/// is checked first, so remembering an id a little longer, to the end of its minute, shows in
/// `count` alone, and in the cap on it.
struct LiveIDs: Sendable {
  struct Key: Hashable, Sendable {
    let party: Party
    let id: InstructionID
  }

  struct First: Sendable {
    let sequence: SequenceNumber
    let digest: Bytes32
  }

  private let parameters: Parameters
  private var firsts: [Key: First] = [:]
  private var expiries: ExpiryBuckets<Key>

  init(parameters: Parameters, at time: LedgerTime) {
    self.parameters = parameters
    self.expiries = ExpiryBuckets(at: time)
  }

  var count: Int { firsts.count }

  func first(_ id: InstructionID, of party: Party) -> First? {
    firsts[Key(party: party, id: id)]
  }

  mutating func remember(
    _ id: InstructionID, of party: Party, at sequence: SequenceNumber, digest: Bytes32
  ) {
    let key = Key(party: party, id: id)
    firsts[key] = First(sequence: sequence, digest: digest)
    let horizon = parameters.horizonMicroseconds(of: party)
    expiries.add(key, expiring: id.time.advanced(byMicroseconds: horizon))
  }

  mutating func forget(before time: LedgerTime) {
    expiries.removeExpired(at: time) { firsts[$0] = nil }
  }
}

/// The submissions that were sequenced and whose statements have not expired.
struct SequencedSubmissions: Sendable {
  private var sequences: [SubmissionDigest: SequenceNumber] = [:]
  private var expiries: ExpiryBuckets<SubmissionDigest>

  init(at time: LedgerTime) { expiries = ExpiryBuckets(at: time) }

  func sequence(of digest: SubmissionDigest) -> SequenceNumber? { sequences[digest] }

  mutating func remember(
    _ digest: SubmissionDigest, at sequence: SequenceNumber, until expiry: LedgerTime
  ) {
    sequences[digest] = sequence
    expiries.add(digest, expiring: expiry)
  }

  mutating func forget(before time: LedgerTime) {
    expiries.removeExpired(at: time) { sequences[$0] = nil }
  }
}

/// Keys grouped by the minute in which they expire.
struct ExpiryBuckets<Key: Sendable>: Sendable {
  private static var bucketMicroseconds: UInt64 { 60_000_000 }

  private var buckets: [UInt64: [Key]] = [:]
  /// All buckets before this one are gone.
  private var first: UInt64

  init(at time: LedgerTime) { first = time.microseconds / Self.bucketMicroseconds }

  mutating func add(_ key: Key, expiring expiry: LedgerTime) {
    let bucket = max(first, expiry.microseconds / Self.bucketMicroseconds)
    buckets[bucket, default: []].append(key)
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
