package import LedgerModel

/// The slow, naive second ledger: it keeps what happened, and answers every question by reading
/// all of it again.
///
/// Nothing is derived ahead and nothing is updated. A balance is a sum over all accepted orders, a
/// standing is the last accepted order about it, and a limit's use is a sum over the payments that
/// fell in the window. Of all the rejections that hold for an instruction, the answer is the one
/// that is declared first. It is written from the design and from the doc comments of
/// `LedgerModel`, and imports nothing else, so that `LedgerCore` agrees with it for no common
/// reason.
///
/// It knows the orders of the state machine's versions 1 and 3, and rule sets of format 1;
/// LedgerPolicyTests has the reference of all rules.
package struct ReferenceLedger: Sendable {
  /// One accepted order.
  struct Accepted: Sendable {
    let sequence: SequenceNumber
    let time: LedgerTime
    let party: Party
    let operation: Operation
  }

  /// One id that was used up.
  struct Consumed: Sendable {
    let party: Party
    let id: InstructionID
    let digest: Bytes32
    let sequence: SequenceNumber
  }

  /// One submission that was let in.
  struct Sequenced: Sendable {
    let digest: SubmissionDigest
    let party: Party
    let expiry: LedgerTime
    let signerCount: Int
    let sequence: SequenceNumber
  }

  package let genesis: Genesis
  package let id: LedgerID
  package let genesisTime: LedgerTime
  package private(set) var time: LedgerTime
  package private(set) var nextSequence = SequenceNumber(1)
  private(set) var accepted: [Accepted] = []
  private(set) var consumed: [Consumed] = []
  private(set) var sequenced: [Sequenced] = []

  package init(genesis: Genesis, id: LedgerID, at time: LedgerTime) {
    self.genesis = genesis
    self.id = id
    self.genesisTime = time
    self.time = time
  }

  package mutating func begin(at time: LedgerTime) { self.time = time }
}

/// What the reference says became of one instruction.
package struct ReferenceAnswer: Hashable, Sendable {
  package let sequence: SequenceNumber
  package let outcome: Outcome
  package let debit: PostingEffect?
  package let credit: PostingEffect?
  /// Every rejection that held, the answer first; of an id that decides alone, only that one.
  package let holding: [Rejection]
}

/// What the reference says to a submission.
package enum ReferenceAdmission: Hashable, Sendable {
  case admitted(at: SequenceNumber)
  case alreadySequenced(at: SequenceNumber)
  case refused(SubmissionRefusal)
}

extension ReferenceLedger {
  package mutating func admit(_ submission: VerifiedSubmission) -> ReferenceAdmission {
    let statement = submission.statement
    let signers = submission.signatures.map(\.key)
    if statement.ledger != id { return .refused(.wrongLedger(statement.ledger)) }
    if statement.expiry <= time { return .refused(.statementExpired(expiry: statement.expiry)) }
    let former = sequenced.last { $0.digest == submission.digest }
    if let former, former.signerCount >= signers.count {
      return .alreadySequenced(at: former.sequence)
    }
    if let refusal = refusal(of: statement, signers: signers) { return .refused(refusal) }
    let free = genesis.parameters.liveIDsMax - liveIDCount
    guard liveIDCount(of: statement.party) + statement.count <= free else {
      return .refused(.liveIDsFull(max: genesis.parameters.liveIDsMax))
    }
    let own = liveStatementCount(of: statement.party) + (former == nil ? 1 : 0)
    guard own <= genesis.parameters.liveIDsMax - liveStatementCount(of: nil) else {
      return .refused(.liveIDsFull(max: genesis.parameters.liveIDsMax))
    }
    sequenced.append(
      Sequenced(
        digest: submission.digest, party: statement.party, expiry: statement.expiry,
        signerCount: signers.count, sequence: nextSequence))
    nextSequence = nextSequence.next
    return .admitted(at: SequenceNumber(nextSequence.value - 1))
  }

  private func refusal(of statement: Statement, signers: [PublicKey]) -> SubmissionRefusal? {
    let horizon = genesis.parameters.horizonMicroseconds(of: statement.party)
    if statement.ledger != id { return .wrongLedger(statement.ledger) }
    if statement.expiry <= time { return .statementExpired(expiry: statement.expiry) }
    if statement.expiry.microseconds - time.microseconds > horizon {
      return .expiryTooFar(expiry: statement.expiry, horizonMicroseconds: horizon)
    }
    if case .participant(let id) = statement.party, participant(id) == nil {
      return .partyUnknown(statement.party)
    }
    let known = keys(of: statement.party)
    for signer in signers {
      guard let key = known.first(where: { $0.key == signer }) else { return .keyUnknown(signer) }
      if key.isRevoked { return .keyRevoked(signer) }
      if key.isSuspended { return .keySuspended(signer) }
      if time < key.validFrom { return .keyNotYetValid(signer, from: key.validFrom) }
      if let until = key.validUntil, until <= time { return .keyExpired(signer, until: until) }
    }
    return nil
  }

  /// Ids are forgotten when the second is over in which they could last come again.
  package var liveIDCount: Int { liveIDCount(of: nil) }

  private func liveIDCount(of party: Party?) -> Int {
    func second(_ time: LedgerTime) -> UInt64 { time.microseconds / 1_000_000 }
    return consumed.count { entry in
      let horizon = genesis.parameters.horizonMicroseconds(of: entry.party)
      return (party ?? entry.party) == entry.party
        && second(entry.id.time.advanced(byMicroseconds: horizon)) >= second(time)
    }
  }

  /// Statements are forgotten when the minute is over in which they expire.
  private func liveStatementCount(of party: Party?) -> Int {
    func minute(_ time: LedgerTime) -> UInt64 { time.microseconds / 60_000_000 }
    let live = sequenced.filter { entry in
      (party ?? entry.party) == entry.party && minute(entry.expiry) >= minute(time)
    }
    return Set(live.map(\.digest)).count
  }

  /// Answers one instruction of an admitted submission.
  package mutating func apply(
    _ verified: VerifiedInstruction, of party: Party, signers: [PublicKey]
  ) -> ReferenceAnswer {
    let sequence = nextSequence
    nextSequence = sequence.next
    let id = verified.instruction.id
    func answer(_ outcome: Outcome, holding: [Rejection] = []) -> ReferenceAnswer {
      ReferenceAnswer(
        sequence: sequence, outcome: outcome, debit: nil, credit: nil, holding: holding)
    }

    if let rejection = rejectionByWindow(id, of: party) {
      return answer(.rejected(rejection), holding: [rejection])
    }
    if let first = consumed.first(where: { $0.party == party && $0.id == id }) {
      let rejection = Rejection.idReused(first: first.sequence)
      return first.digest == verified.digest
        ? answer(.duplicate(of: first.sequence))
        : answer(.rejected(rejection), holding: [rejection])
    }

    let operation = verified.instruction.operation
    let needed = max(
      operation.firstVersion, verified.instruction.document == nil ? .one : .four)
    guard needed <= genesis.version else {
      let rejection = Rejection.notInVersion(operation: operation.name, needs: needed)
      return answer(.rejected(rejection), holding: [rejection])
    }
    let holding = rejections(of: operation, by: party, signers: signers).sortedByPrecedence()
    let use = Consumed(party: party, id: id, digest: verified.digest, sequence: sequence)
    if let rejection = holding.first {
      // Whoever had no authority leaves the id to who will have it.
      switch rejection {
      case .wrongRole, .quorumNotMet: break
      default: consumed.append(use)
      }
      return answer(.rejected(rejection), holding: holding)
    }
    let movement = movement(of: operation)
    let before = [movement?.payer, movement?.payee].map { $0.flatMap { posting(of: $0)?.previous } }
    consumed.append(use)
    accepted.append(Accepted(sequence: sequence, time: time, party: party, operation: operation))
    func effect(_ account: AccountID?, previous: SequenceNumber?) -> PostingEffect? {
      account.map {
        PostingEffect(account: $0, balance: exact(balance(of: $0)), previous: previous)
      }
    }
    return ReferenceAnswer(
      sequence: sequence, outcome: .accepted, debit: effect(movement?.payer, previous: before[0]),
      credit: effect(movement?.payee, previous: before[1]), holding: [])
  }

  private func rejectionByWindow(_ id: InstructionID, of party: Party) -> Rejection? {
    let horizon = genesis.parameters.horizonMicroseconds(of: party)
    let own = Int128(id.time.microseconds)
    let now = Int128(time.microseconds)
    if own < now - Int128(horizon) { return .idTooOld(horizonMicroseconds: horizon) }
    if own > now + 60_000_000 { return .idInFuture }
    return nil
  }

  /// Every rejection that holds, the payer's before the payee's where both have the same.
  func rejections(
    of operation: Operation, by party: Party, signers: [PublicKey]
  ) -> [Rejection] {
    let authority = authorityRejections(of: operation, by: party, signers: signers)
    switch operation {
    case .admitParticipant, .suspendParticipant, .reinstateParticipant:
      return authority + participantRejections(of: operation)
    case .registerKey, .rotateKey, .suspendKey, .reinstateKey, .revokeKey, .replaceOfficers:
      return authority + keyRejections(of: operation)
    case .registerCertificate, .revokeCertificate:
      return authority + certificateRejections(of: operation, by: party)
    case .openWallet, .setWalletTier, .closeWallet, .freeze, .unfreeze:
      return authority + accountRejections(of: operation, by: party)
    case .issue, .redeem, .settle, .fund, .pay, .cashOut:
      return authority + moneyRejections(of: operation, by: party)
    case .activateRuleSet(let order):
      return authority + ruleRejections(of: order.ruleSet)
    case .setParticipantAttribute, .setWalletAttribute, .linkAccount, .listPayee, .unlistPayee,
      .recordEvent, .withdrawRuleSet:
      preconditionFailure("\(operation.name) is of version 2")
    case .confirmClock(let instant):
      let (early, late) = (min(instant, time), max(instant, time))
      return authority
        + (late.microseconds - early.microseconds > 300_000_000
          ? [.clockDisagrees(instant: instant)] : [])
    }
  }

  private func ruleRejections(of ruleSet: RuleSet) -> [Rejection] {
    var rejections: [Rejection] = []
    if currency(ruleSet.currency) == nil { rejections.append(.currencyUnknown(ruleSet.currency)) }
    do { try ruleSet.validate(newestFormat: 1) } catch { rejections.append(.ruleSetInvalid(error)) }
    if let active = activeRuleSet(of: ruleSet.currency), active.pack == ruleSet.pack,
      active.version >= ruleSet.version
    {
      rejections.append(.ruleSetNotNewer(active: active.version, proposed: ruleSet.version))
    }
    return rejections
  }

  func exact(_ minorUnits: Int128) -> Balance {
    guard let narrow = Int64(exactly: minorUnits), let balance = Balance(minorUnits: narrow) else {
      preconditionFailure("a balance of \(minorUnits)")
    }
    return balance
  }
}

extension [Rejection] {
  /// In order of declaration; equal cases keep their order.
  func sortedByPrecedence() -> [Rejection] {
    let ranks = Dictionary(
      uniqueKeysWithValues: RejectionCode.allCases.enumerated().map { ($1, $0) })
    return enumerated().sorted { left, right in
      let leftRank = ranks[left.element.code] ?? 0
      let rightRank = ranks[right.element.code] ?? 0
      return (leftRank, left.offset) < (rightRank, right.offset)
    }.map(\.element)
  }
}
