import LedgerModel

extension LedgerState {
  mutating func register(_ order: RegisterKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try keys.check(order, at: time, logKey: genesis.logKey)
    try checkRoom(for: 1, in: order.party)

    keys.register(order)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func rotate(_ order: RotateKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try keys.check(order, at: time, logKey: genesis.logKey)
    try checkRoom(for: 1, in: order.party)

    keys.rotate(order, at: time)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func suspend(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try keys.check(order, becoming: .suspended)
    try checkQuorum(of: order.party, without: order.key)

    keys.setStanding(.suspended, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func reinstate(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try keys.check(order, becoming: .active)

    keys.setStanding(.active, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func revoke(_ order: PartyKey) throws(Rejection) -> Done {
    try checkParty(order.party)
    try keys.check(order, becoming: .revoked)
    try checkQuorum(of: order.party, without: order.key)

    keys.setStanding(.revoked, of: order.key, party: order.party)
    return Done(changes: [keysChange(order.party)])
  }

  mutating func replaceOfficers(with newKeys: [PublicKey]) throws(Rejection) -> Done {
    try keys.checkNew(newKeys, of: .issuer, logKey: genesis.logKey)
    // Of those in force now none is left.
    guard newKeys.count <= Limits.keysPerPartyMax,
      keys.entries(of: .issuer).count + newKeys.count <= Limits.keysEverPerPartyMax
    else { throw .keysFull(.issuer) }
    guard newKeys.count >= genesis.quorums.officersMax else {
      throw .quorumUnreachable(required: genesis.quorums.officersMax, left: newKeys.count)
    }

    keys.replaceOfficers(with: newKeys, at: time)
    return Done(changes: [keysChange(.issuer)])
  }

  private func checkParty(_ party: Party) throws(Rejection) {
    if case .participant(let id) = party { _ = try participantIndex(id) }
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
