public import LedgerModel

/// Which keys act for which party, and when.
///
/// Each party has keys of its own: a statement names its party, so that the same key may act for
/// two, and nobody can hinder another by registering his key first.
public struct KeyRegistry: Sendable {
  /// One key of one party, for ever: what is revoked or ended stays, and is not registered again.
  public struct Entry: Hashable, Sendable {
    /// Whether the key may act at all.
    public enum Standing: Hashable, Sendable {
      case active
      case suspended
      case revoked
    }

    public let key: PublicKey
    public let party: Party
    public let validFrom: LedgerTime
    /// Not valid at or after this; `nil` is no end.
    public internal(set) var validUntil: LedgerTime?
    public internal(set) var standing: Standing = .active

    /// Whether the key can never act again.
    func isSpent(at time: LedgerTime) -> Bool {
      standing == .revoked || validUntil.map { $0 <= time } ?? false
    }
  }

  /// The keys of one party.
  private struct Ring: Sendable {
    /// In order of registration.
    var entries: [Entry] = []
    var indexByKey: [PublicKey: Int] = [:]
  }

  private var rings: [Party: Ring] = [:]

  init() {}

  /// Returns the party's entry of the key, or `nil` where it was never registered for it.
  public func entry(_ key: PublicKey, of party: Party) -> Entry? {
    guard let ring = rings[party], let index = ring.indexByKey[key] else { return nil }
    return ring.entries[index]
  }

  /// All keys of a party, in order of registration, revoked ones included.
  public func entries(of party: Party) -> [Entry] { rings[party]?.entries ?? [] }

  /// All keys of a party, those first which may act at `time`.
  ///
  /// A signature is tried with a bounded number of keys, which those that may not act must not use
  /// up.
  public func candidates(of party: Party, at time: LedgerTime) -> [PublicKey] {
    let entries = entries(of: party)
    func mayAct(_ entry: Entry) -> Bool {
      entry.standing == .active && entry.validFrom <= time && !entry.isSpent(at: time)
    }
    return entries.filter(mayAct).map(\.key) + entries.filter { !mayAct($0) }.map(\.key)
  }

  /// Decides whether a key may act for a party at an instant.
  ///
  /// - Throws: The first reason that it may not, in this order: unknown, revoked, suspended, not
  ///   yet valid, expired.
  public func check(
    _ key: PublicKey, actingFor party: Party, at time: LedgerTime
  ) throws(SubmissionRefusal) {
    guard let entry = entry(key, of: party) else { throw .keyUnknown(key) }
    switch entry.standing {
    case .revoked: throw .keyRevoked(key)
    case .suspended: throw .keySuspended(key)
    case .active: break
    }
    guard time >= entry.validFrom else { throw .keyNotYetValid(key, from: entry.validFrom) }
    if let until = entry.validUntil, time >= until { throw .keyExpired(key, until: until) }
  }

  /// How many of the party's keys can act now and whenever: time alone takes none of them away.
  func lastingCount(of party: Party, at time: LedgerTime, without excluded: PublicKey) -> Int {
    entries(of: party).count { entry in
      entry.key != excluded && entry.standing == .active && entry.validFrom <= time
        && entry.validUntil == nil
    }
  }

  mutating func add(
    _ key: PublicKey, to party: Party, from: LedgerTime, until: LedgerTime?
  ) {
    precondition(entry(key, of: party) == nil, "key \(key) of \(party) is registered twice")
    let entry = Entry(key: key, party: party, validFrom: from, validUntil: until)
    var ring = rings.removeValue(forKey: party) ?? Ring()
    ring.indexByKey[key] = ring.entries.count
    ring.entries.append(entry)
    rings[party] = ring
  }

  mutating func setStanding(_ standing: Entry.Standing, of key: PublicKey, party: Party) {
    change(key, of: party) { $0.standing = standing }
  }

  /// Ends the key's validity at `time`, or leaves an earlier end.
  mutating func end(_ key: PublicKey, of party: Party, at time: LedgerTime) {
    change(key, of: party) { entry in
      entry.validUntil = min(entry.validUntil ?? time, time)
    }
  }

  /// Writes the keys of parties, one after the other.
  func write(of parties: [Party], to snapshot: inout SnapshotWriter) {
    for party in parties {
      let entries = entries(of: party)
      snapshot.write(entries.count)
      for entry in entries {
        snapshot.write(entry.key.value)
        snapshot.write(entry.validFrom.microseconds)
        snapshot.write(entry.validUntil != nil)
        snapshot.write(entry.validUntil?.microseconds ?? 0)
        let standing: UInt8 =
          switch entry.standing {
          case .active: 0
          case .suspended: 1
          case .revoked: 2
          }
        snapshot.write(standing)
      }
    }
  }

  init(of parties: [Party], reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    for party in parties {
      for _ in 0..<(try snapshot.count(max: 1 << 20)) {
        let key = PublicKey(try snapshot.bytes32())
        let from = LedgerTime(microseconds: try snapshot.uint64())
        let isEnding = try snapshot.bool()
        let until = LedgerTime(microseconds: try snapshot.uint64())
        let standing: Entry.Standing
        switch try snapshot.uint8() {
        case 0: standing = .active
        case 1: standing = .suspended
        case 2: standing = .revoked
        case let other: throw SnapshotError("key \(key) has standing \(other)")
        }
        guard entry(key, of: party) == nil else {
          throw SnapshotError("key \(key) of \(party) comes twice")
        }
        add(key, to: party, from: from, until: isEnding ? until : nil)
        setStanding(standing, of: key, party: party)
      }
    }
  }

  private mutating func change(
    _ key: PublicKey, of party: Party, _ change: (inout Entry) -> Void
  ) {
    guard let index = rings[party]?.indexByKey[key] else {
      preconditionFailure("key \(key) of \(party) is not registered")
    }
    change(&rings[party, default: Ring()].entries[index])
  }
}
