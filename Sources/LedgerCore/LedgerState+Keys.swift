import LedgerModel

extension LedgerState {
  mutating func register(_ order: RegisterKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try checkNew([order.key], of: order.party)
    if let until = order.validUntil {
      guard order.validFrom < until, time < until else { throw .keyValidityEmpty(order.key) }
    }
    try checkRoom(for: 1, in: order.party)

    keys.add(order.key, to: order.party, from: order.validFrom, until: order.validUntil)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func rotate(_ order: RotateKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    let old = try entry(order.oldKey, of: order.party)
    try checkNew([order.newKey], of: order.party)
    guard old.standing != .revoked else { throw .keyRevoked(order.oldKey) }
    let endsAtOnce = order.overlapUntil.microseconds == 0
    guard endsAtOnce || time < order.overlapUntil else { throw .keyValidityEmpty(order.oldKey) }
    try checkRoom(for: 1, in: order.party)

    keys.add(order.newKey, to: order.party, from: time, until: nil)
    keys.end(order.oldKey, of: order.party, at: endsAtOnce ? time : order.overlapUntil)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func suspend(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    let entry = try entry(order.key, of: order.party)
    switch entry.standing {
    case .revoked: throw .keyRevoked(order.key)
    case .suspended: throw .keySuspended(order.key)
    case .active: break
    }
    try checkQuorum(of: order.party, without: order.key)

    keys.setStanding(.suspended, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func reinstate(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    let entry = try entry(order.key, of: order.party)
    switch entry.standing {
    case .revoked: throw .keyRevoked(order.key)
    case .active: throw .keyNotSuspended(order.key)
    case .suspended: break
    }

    keys.setStanding(.active, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func revoke(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    let entry = try entry(order.key, of: order.party)
    guard entry.standing != .revoked else { throw .keyRevoked(order.key) }
    try checkQuorum(of: order.party, without: order.key)

    keys.setStanding(.revoked, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func replaceOfficers(with newKeys: [PublicKey]) throws(Rejection) -> Done {
    try checkNew(newKeys, of: .issuer)
    // Of those in force now none is left.
    guard newKeys.count <= Limits.keysPerPartyMax,
      keys.entries(of: .issuer).count + newKeys.count <= Limits.keysEverPerPartyMax
    else { throw .keysFull(.issuer) }
    guard newKeys.count >= genesis.quorums.officersMax else {
      throw .quorumUnreachable(required: genesis.quorums.officersMax, left: newKeys.count)
    }

    for entry in keys.entries(of: .issuer) {
      keys.setStanding(.revoked, of: entry.key, party: .issuer)
    }
    for key in newKeys { keys.add(key, to: .issuer, from: time, until: nil) }
    return Done(changes: [keysChange(.issuer)])
  }

  /// Throws unless all keys are distinct, new to the party, and none is the log's, which moves no
  /// money.
  func checkNew(_ newKeys: [PublicKey], of party: Party) throws(Rejection) {
    var seen: Set<PublicKey> = [genesis.logKey]
    for key in newKeys {
      guard keys.entry(key, of: party) == nil, seen.insert(key).inserted else {
        throw .keyExists(key)
      }
    }
  }

  private func checkParty(_ party: Party) throws(Rejection) {
    if case .participant(let id) = party { _ = try participantIndex(id) }
  }

  private func entry(
    _ key: PublicKey, of party: Party
  ) throws(Rejection) -> KeyRegistry.Entry {
    guard let entry = keys.entry(key, of: party) else { throw .keyUnknown(key) }
    return entry
  }

  private func checkRoom(for count: Int, in party: Party) throws(Rejection) {
    let entries = keys.entries(of: party)
    let inForce = entries.count { !$0.isSpent(at: time) }
    guard inForce + count <= Limits.keysPerPartyMax,
      entries.count + count <= Limits.keysEverPerPartyMax
    else { throw .keysFull(party) }
  }

  /// Throws where taking the key away would leave a quorum out of reach; participants have none.
  ///
  /// Only keys without an end count, so that no quorum is lost by waiting.
  private func checkQuorum(
    of party: Party, without key: PublicKey
  ) throws(Rejection) {
    let required: Int
    switch party {
    case .issuer: required = genesis.quorums.officersMax
    case .recovery: required = genesis.quorums.recovery
    case .participant: return
    }
    let left = keys.lastingCount(of: party, at: time, without: key)
    guard left >= required else { throw .quorumUnreachable(required: required, left: left) }
  }

  private func keysChange(_ party: Party) -> StateChange {
    .keys(party, keys.entries(of: party))
  }
}
