package import LedgerModel

/// What orders make of keys, as far as the keys that they name decide it: one place for the ledger,
/// and for who has some of its orders alone.
extension KeyRegistry {
  /// The keys that a genesis names.
  ///
  /// - Parameters:
  ///   - genesis: Valid.
  ///   - time: Of entry 0.
  package init(_ genesis: Genesis, at time: LedgerTime) {
    self.init()
    for officer in genesis.officers { add(officer.key, to: .issuer, from: time, until: nil) }
    for holder in genesis.recovery { add(holder.key, to: .recovery, from: time, until: nil) }
  }

  /// Takes on an order that was accepted, for who does not know all orders before it.
  ///
  /// A key of which no order known here has said anything is not changed. How many keys a party
  /// has, and whether enough are left, is not looked at.
  ///
  /// - Parameters:
  ///   - operation: Of the order; one that is not about keys changes nothing.
  ///   - time: Of its entry.
  ///   - genesis: The ledger's.
  /// - Throws: The ``Rejection`` by which the ledger would have refused it, for what is known of
  ///   the keys that it names; nothing has changed then.
  package mutating func take(
    _ operation: Operation, at time: LedgerTime, in genesis: Genesis
  ) throws(Rejection) {
    switch operation {
    case .admitParticipant(let order):
      let party = Party.participant(order.participant)
      try checkNew(order.keys, of: party, logKey: genesis.logKey)
      admit(order, at: time)
    case .registerKey(let order):
      try check(order, at: time, logKey: genesis.logKey)
      register(order)
    case .rotateKey(let order):
      if entry(order.oldKey, of: order.party) == nil {
        try checkNew([order.newKey], of: order.party, logKey: genesis.logKey)
        guard order.oldKey != order.newKey else { throw .keyExists(order.newKey) }
        try checkOverlap(order, at: time)
      } else {
        try check(order, at: time, logKey: genesis.logKey)
      }
      rotate(order, at: time)
    case .suspendKey(let order): try take(order, becoming: .suspended)
    case .reinstateKey(let order): try take(order, becoming: .active)
    case .revokeKey(let order): try take(order, becoming: .revoked)
    case .replaceOfficers(let keys):
      try checkNew(keys, of: .issuer, logKey: genesis.logKey)
      replaceOfficers(with: keys, at: time)
    case .suspendParticipant, .reinstateParticipant, .setParticipantAttribute,
      .registerCertificate, .revokeCertificate, .openWallet,
      .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee, .unlistPayee,
      .recordEvent, .redeem, .settle, .fund, .pay, .cashOut, .freeze, .unfreeze, .issue,
      .activateRuleSet, .withdrawRuleSet, .confirmClock:
      break
    }
  }

  private mutating func take(
    _ order: PartyKey, becoming standing: Entry.Standing
  ) throws(Rejection) {
    guard entry(order.key, of: order.party) != nil else { return }
    try check(order, becoming: standing)
    setStanding(standing, of: order.key, party: order.party)
  }

  /// Throws unless all keys are distinct, new to the party, and none is the log's, which moves no
  /// money.
  func checkNew(
    _ newKeys: [PublicKey], of party: Party, logKey: PublicKey
  ) throws(Rejection) {
    var seen: Set<PublicKey> = [logKey]
    for key in newKeys {
      guard entry(key, of: party) == nil, seen.insert(key).inserted else {
        throw .keyExists(key)
      }
    }
  }

  func check(
    _ order: RegisterKey, at time: LedgerTime, logKey: PublicKey
  ) throws(Rejection) {
    try checkNew([order.key], of: order.party, logKey: logKey)
    if let until = order.validUntil {
      guard order.validFrom < until, time < until else { throw .keyValidityEmpty(order.key) }
    }
  }

  func check(_ order: RotateKey, at time: LedgerTime, logKey: PublicKey) throws(Rejection) {
    let old = try known(order.oldKey, of: order.party)
    try checkNew([order.newKey], of: order.party, logKey: logKey)
    guard old.standing != .revoked else { throw .keyRevoked(order.oldKey) }
    try checkOverlap(order, at: time)
  }

  func check(_ order: PartyKey, becoming standing: Entry.Standing) throws(Rejection) {
    switch (try known(order.key, of: order.party).standing, standing) {
    case (.revoked, _): throw .keyRevoked(order.key)
    case (.suspended, .suspended): throw .keySuspended(order.key)
    case (.active, .active): throw .keyNotSuspended(order.key)
    case (.active, .suspended), (.active, .revoked), (.suspended, .active), (.suspended, .revoked):
      break
    }
  }

  mutating func admit(_ order: AdmitParticipant, at time: LedgerTime) {
    for key in order.keys {
      add(key, to: .participant(order.participant), from: time, until: nil)
    }
  }

  mutating func register(_ order: RegisterKey) {
    add(order.key, to: order.party, from: order.validFrom, until: order.validUntil)
  }

  mutating func rotate(_ order: RotateKey, at time: LedgerTime) {
    add(order.newKey, to: order.party, from: time, until: nil)
    guard entry(order.oldKey, of: order.party) != nil else { return }
    end(order.oldKey, of: order.party, at: order.endsAtOnce ? time : order.overlapUntil)
  }

  mutating func replaceOfficers(with newKeys: [PublicKey], at time: LedgerTime) {
    for entry in entries(of: .issuer) {
      setStanding(.revoked, of: entry.key, party: .issuer)
    }
    for key in newKeys { add(key, to: .issuer, from: time, until: nil) }
  }

  private func checkOverlap(_ order: RotateKey, at time: LedgerTime) throws(Rejection) {
    guard order.endsAtOnce || time < order.overlapUntil else {
      throw .keyValidityEmpty(order.oldKey)
    }
  }

  private func known(_ key: PublicKey, of party: Party) throws(Rejection) -> Entry {
    guard let entry = entry(key, of: party) else { throw .keyUnknown(key) }
    return entry
  }
}

extension RotateKey {
  /// Whether the old key is not valid beside the new one.
  fileprivate var endsAtOnce: Bool { overlapUntil.microseconds == 0 }
}
