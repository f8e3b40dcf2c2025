package import LedgerModel
import LedgerPolicy

// What a snapshot holds is all that the log has made, and no more: where things are found is built
// anew, and what the genesis says is read from the log.

extension LedgerState {
  /// Writes the state flat, without the live ids of participants, which ``writeIDs(from:to:)``
  /// writes: the officers' are few, and live for weeks.
  ///
  /// - Parameters:
  ///   - snapshot: Takes it.
  ///   - encode: Gives a rule set its bytes.
  /// - Complexity: O(accounts + counters + statements not yet expired).
  package func write(to snapshot: inout SnapshotWriter, encode: (RuleSet) -> [UInt8]) {
    snapshot.write(time.microseconds)
    snapshot.write(nextSequence.value)
    if let commitmentTimes {
      snapshot.write(commitmentTimes.last.microseconds)
      snapshot.write(commitmentTimes.lastSequence.value)
    }
    snapshot.write(freeTierCount)
    snapshot.write(tiers.count)
    for tier in tiers { snapshot.write(tier.text) }
    snapshot.write(participants.count)
    for (participant, share) in zip(participants, shares) {
      participant.write(to: &snapshot)
      snapshot.write(share.accounts)
      snapshot.write(share.freeTiers)
    }
    snapshot.write(accounts.count)
    for account in accounts { account.write(to: &snapshot) }
    snapshot.write(links.count)
    for wallet in links.keys.sorted() {
      snapshot.write(wallet)
      snapshot.write(links[wallet] ?? 0)
    }
    for currency in currencies {
      snapshot.write(currency.issued)
      snapshot.write(currency.redeemed)
      snapshot.write(currency.held)
      currency.policy.write(to: &snapshot, encode: encode)
    }
    keys.write(of: Self.parties(participants), to: &snapshot)
    certificates.write(of: Self.readers(participants), to: &snapshot)
    rtgsReferences.write(to: &snapshot)
    _ = liveIDs.write(of: PartyNumber.officers, from: .genesis, to: &snapshot)
    sequencedSubmissions.write(to: &snapshot)
  }

  /// Reads a state.
  ///
  /// - Parameters:
  ///   - snapshot: What ``write(to:encode:)`` wrote, and known to be that.
  ///   - genesis: Of the log.
  ///   - id: Of the ledger.
  ///   - decode: Reads a rule set's bytes.
  /// - Throws: ``SnapshotError`` where the bytes are no state. Whether its books balance is for
  ///   ``checkInvariants()``.
  package init(
    reading snapshot: inout SnapshotReader, genesis: Genesis, id: LedgerID,
    decode: ([UInt8]) throws(SnapshotError) -> RuleSet
  ) throws(SnapshotError) {
    self.init(genesis: genesis, id: id, at: LedgerTime(microseconds: try snapshot.uint64()))
    nextSequence = SequenceNumber(try snapshot.uint64())
    if let schedule = genesis.parameters.commitments {
      commitmentTimes = CommitmentTimes(
        schedule, from: LedgerTime(microseconds: try snapshot.uint64()),
        at: SequenceNumber(try snapshot.uint64()))
    }
    freeTierCount = try snapshot.int()
    for _ in 0..<(try snapshot.count(max: Limits.tiersPerLedgerMax)) {
      _ = intern(Tier(unchecked: try snapshot.text()))
    }
    for index in 0..<(try snapshot.count(max: Limits.participantsMax)) {
      let participant = try ParticipantState(
        reading: &snapshot, currencyCount: currencies.count)
      participants.append(participant)
      indexByParticipant[participant.id] = Int32(index)
      shares.append(
        ParticipantShare(accounts: try snapshot.int(), freeTiers: try snapshot.int()))
    }
    let count = try snapshot.count(max: Limits.accountsMax)
    guard count >= currencies.count else { throw SnapshotError("\(count) accounts") }
    accounts.reserveCapacity(count)
    for slot in 0..<count {
      let account = try AccountState(reading: &snapshot)
      guard account.currency < currencies.count, account.participant ?? 0 <= participants.count
      else { throw SnapshotError("account \(account.id) is nobody's") }
      if slot < currencies.count {
        // The genesis has opened the issuance accounts.
        guard accounts[slot].id == account.id else {
          throw SnapshotError("account \(account.id) stands for an issuance account")
        }
        accounts[slot] = account
      } else {
        guard self.slot(of: account.id) == nil else {
          throw SnapshotError("account \(account.id) comes twice")
        }
        _ = open(account)
      }
    }
    for _ in 0..<(try snapshot.count(max: Limits.accountsMax)) {
      let wallet = try snapshot.int32()
      links[wallet] = try snapshot.int32()
    }
    for index in currencies.indices {
      currencies[index].issued = try snapshot.int128()
      currencies[index].redeemed = try snapshot.int128()
      currencies[index].held = try snapshot.int128()
      currencies[index].policy = try PolicyEngine(
        reading: &snapshot, currency: currencies[index].currency.code,
        over: Self.policyAccounts(accounts, currency: index), decode: decode)
    }
    keys = try KeyRegistry(of: Self.parties(participants), reading: &snapshot)
    certificates = try CertificateRegistry(
      of: Self.readers(participants), reading: &snapshot)
    rtgsReferences = try UsedReferences(reading: &snapshot)
    try liveIDs.read(from: &snapshot)
    sequencedSubmissions = try SequencedSubmissions(reading: &snapshot)
  }

  /// Writes the live ids of participants' instructions that came first at `sequence` or later: most
  /// that are live were so at the last snapshot, and are written once.
  ///
  /// - Returns: The second in which the last of them expires; `nil` where there are none.
  /// - Complexity: O(ids written + parties · seconds of the horizon).
  package func writeIDs(
    from sequence: SequenceNumber, to snapshot: inout SnapshotWriter
  ) -> UInt64? {
    liveIDs.write(of: PartyNumber.participants, from: sequence, to: &snapshot)
  }

  /// Reads live ids, in the order in which they were written.
  ///
  /// - Throws: ``SnapshotError`` where the bytes are no ids.
  package mutating func readIDs(from snapshot: inout SnapshotReader) throws(SnapshotError) {
    try liveIDs.read(from: &snapshot)
  }

  /// The first second in which a live id may expire.
  package var firstLiveSecond: UInt64 { liveIDs.firstSecond }

  private static func parties(_ participants: [ParticipantState]) -> [Party] {
    [.issuer, .recovery] + participants.map { .participant($0.id) }
  }
}

extension ParticipantState {
  fileprivate func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(id.text)
    snapshot.write(name.text)
    snapshot.write(admitted.value)
    snapshot.write(isSuspended)
    let frozen: UInt8 =
      switch freeze {
      case nil: 0
      case .accepted: 1
      case .refused: 2
      }
    snapshot.write(frozen)
    for slot in settlementSlots { snapshot.write(slot ?? -1) }
  }

  fileprivate init(
    reading snapshot: inout SnapshotReader, currencyCount: Int
  ) throws(SnapshotError) {
    id = ParticipantID(unchecked: try snapshot.text())
    name = ParticipantName(unchecked: try snapshot.text())
    admitted = SequenceNumber(try snapshot.uint64())
    isSuspended = try snapshot.bool()
    switch try snapshot.uint8() {
    case 0: freeze = nil
    case 1: freeze = .accepted
    case 2: freeze = .refused
    case let other: throw SnapshotError("participant \(id) is frozen in way \(other)")
    }
    settlementSlots = []
    for _ in 0..<currencyCount {
      let slot = try snapshot.int()
      settlementSlots.append(slot < 0 ? nil : slot)
    }
  }
}
