public import LedgerModel

/// Which keys act for which party, and when.
public struct KeyRegistry: Sendable {
  /// One key.
  ///
  /// It belongs to one party for ever, and is never used for another.
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
  }

  private var entries: [PublicKey: Entry] = [:]
  /// In order of registration.
  private var keysByParty: [Party: [PublicKey]] = [:]

  /// Returns the key's entry, or `nil` where it was never registered.
  public func entry(_ key: PublicKey) -> Entry? { entries[key] }

  /// All keys of a party, in order of registration, revoked ones included.
  public func entries(of party: Party) -> [Entry] {
    (keysByParty[party] ?? []).compactMap { entries[$0] }
  }

  /// Decides whether a key may act for a party at an instant.
  ///
  /// - Throws: The first reason that it may not, in this order: unknown, revoked, suspended, not
  ///   yet valid, expired.
  public func check(
    _ key: PublicKey, actingFor party: Party, at time: LedgerTime
  ) throws(SubmissionRefusal) {
    guard let entry = entries[key], entry.party == party else { throw .keyUnknown(key) }
    switch entry.standing {
    case .revoked: throw .keyRevoked(key)
    case .suspended: throw .keySuspended(key)
    case .active: break
    }
    guard time >= entry.validFrom else { throw .keyNotYetValid(key, from: entry.validFrom) }
    if let until = entry.validUntil, time >= until { throw .keyExpired(key, until: until) }
  }

  /// How many of the party's keys can still act, now or later.
  func usableCount(of party: Party, at time: LedgerTime, without excluded: PublicKey? = nil) -> Int
  {
    entries(of: party).count { entry in
      entry.key != excluded && entry.standing == .active
        && entry.validUntil.map { time < $0 } ?? true
    }
  }

  mutating func add(
    _ key: PublicKey, to party: Party, from: LedgerTime, until: LedgerTime?
  ) {
    precondition(entries[key] == nil, "key \(key) is registered twice")
    entries[key] = Entry(key: key, party: party, validFrom: from, validUntil: until)
    keysByParty[party, default: []].append(key)
  }

  mutating func setStanding(_ standing: Entry.Standing, of key: PublicKey) {
    entries[key]?.standing = standing
  }

  mutating func end(_ key: PublicKey, at time: LedgerTime) {
    guard let until = entries[key]?.validUntil, until <= time else {
      entries[key]?.validUntil = time
      return
    }
  }
}
