public import LedgerModel

extension LedgerState {
  /// Decides, at ledger time, whether a submission is let in, and gives it its number.
  ///
  /// A statement that was sequenced is answered by that, whatever became of its keys since, unless
  /// more have signed it now.
  ///
  /// The gateway has checked the signatures and had a first look at the rest; this is the decision.
  ///
  /// - Throws: The first ``SubmissionRefusal`` that holds, in declaration order; the submission is
  ///   then dropped whole, and is not logged.
  public mutating func admit(
    _ submission: VerifiedSubmission
  ) throws(SubmissionRefusal) -> Admission {
    checkNoCommitmentIsDue()
    let statement = submission.statement
    let signers = submission.signatures.map(\.key)
    try checkUnexpired(statement)
    let former = sequencedSubmissions.former(submission.digest)
    if let former, signers.count <= former.signerCount {
      return .alreadySequenced(at: former.sequence)
    }
    try check(statement, signers: signers)
    let participant = participantIndex(of: statement.party)
    let partyNumber = PartyNumber(statement.party, participant: participant)
    try checkLiveIDs(adding: statement.count, isNew: former == nil, of: partyNumber)

    let sequence = takeSequence()
    sequencedSubmissions.remember(
      submission.digest,
      SequencedSubmissions.Former(
        sequence: sequence, signerCount: signers.count, party: partyNumber),
      until: statement.expiry)
    let admitted = AdmittedSubmission(
      sequence: sequence, party: statement.party, participant: participant, signers: signers,
      partyNumber: partyNumber,
      horizonMicroseconds: genesis.parameters.horizonMicroseconds(of: statement.party))
    return .admitted(admitted)
  }

  /// Checks everything about a statement that the state decides, without letting it in.
  ///
  /// - Throws: The first ``SubmissionRefusal`` that holds, in declaration order, signer by signer.
  public func check(_ statement: Statement, signers: [PublicKey]) throws(SubmissionRefusal) {
    try checkUnexpired(statement)
    let horizon = genesis.parameters.horizonMicroseconds(of: statement.party)
    guard statement.expiry <= time.advanced(byMicroseconds: horizon) else {
      throw .expiryTooFar(expiry: statement.expiry, horizonMicroseconds: horizon)
    }
    if case .participant(let id) = statement.party, indexByParticipant[id] == nil {
      throw .partyUnknown(statement.party)
    }
    for key in signers { try keys.check(key, actingFor: statement.party, at: time) }
  }

  private func checkUnexpired(_ statement: Statement) throws(SubmissionRefusal) {
    guard statement.ledger == id else { throw .wrongLedger(statement.ledger) }
    guard time < statement.expiry else { throw .statementExpired(expiry: statement.expiry) }
  }

  /// A party may hold as many ids as are left free.
  ///
  /// One alone holds half of all, so that there is room for others whenever they come, and n that
  /// want all they can get one part in n + 1 each. The same bound, apart, is on the statements
  /// remembered, since one whose orders are refused may use no id.
  ///
  /// - Source: A. K. Choudhury and E. L. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory
  ///   Packet Switches", 1998, with a factor of 1.
  private func checkLiveIDs(
    adding count: Int, isNew: Bool, of party: PartyNumber
  ) throws(SubmissionRefusal) {
    let max = genesis.parameters.liveIDsMax
    let statements = sequencedSubmissions.count(of: party) + (isNew ? 1 : 0)
    guard liveIDs.count(of: party) + count <= max - liveIDs.count,
      statements <= max - sequencedSubmissions.count
    else { throw .liveIDsFull(max: max) }
  }

  func participantIndex(of party: Party) -> Int? {
    guard case .participant(let id) = party else { return nil }
    return indexByParticipant[id].map(Int.init)
  }
}
