public import LedgerModel

extension LedgerState {
  /// Decides, at ledger time, whether a submission is let in, and gives it its number.
  ///
  /// The gateway has checked the signatures and had a first look at the rest; this is the decision.
  ///
  /// - Throws: The first ``SubmissionRefusal`` that holds, in declaration order; the submission is
  ///   then dropped whole, and is not logged.
  public mutating func admit(
    _ submission: VerifiedSubmission
  ) throws(SubmissionRefusal) -> Admission {
    let statement = submission.statement
    try check(statement, signers: submission.signatures.map(\.key))
    if let sequence = sequencedSubmissions.sequence(of: submission.digest) {
      return .alreadySequenced(at: sequence)
    }
    let participant = participantIndex(of: statement.party)
    let partyNumber = PartyNumber(statement.party, participant: participant)
    try checkLiveIDs(adding: statement.count, of: partyNumber)

    let sequence = takeSequence()
    sequencedSubmissions.remember(submission.digest, at: sequence, until: statement.expiry)
    let admitted = AdmittedSubmission(
      sequence: sequence, party: statement.party,
      participant: participant, signers: submission.signatures.map(\.key),
      partyNumber: partyNumber,
      horizonMicroseconds: genesis.parameters.horizonMicroseconds(of: statement.party))
    return .admitted(admitted)
  }

  /// Checks everything about a statement that the state decides, without letting it in.
  ///
  /// - Throws: The first ``SubmissionRefusal`` that holds, in declaration order, signer by signer.
  public func check(_ statement: Statement, signers: [PublicKey]) throws(SubmissionRefusal) {
    guard statement.ledger == id else { throw .wrongLedger(statement.ledger) }
    guard time < statement.expiry else { throw .statementExpired(expiry: statement.expiry) }
    let horizon = genesis.parameters.horizonMicroseconds(of: statement.party)
    guard statement.expiry <= time.advanced(byMicroseconds: horizon) else {
      throw .expiryTooFar(expiry: statement.expiry, horizonMicroseconds: horizon)
    }
    if case .participant(let id) = statement.party, indexByParticipant[id] == nil {
      throw .partyUnknown(statement.party)
    }
    for key in signers { try keys.check(key, actingFor: statement.party, at: time) }
  }

  /// A party may hold as many ids as are left free: one alone half of all, so that there is room
  /// for others whenever they come, and n that want all they can get one part in n + 1 each.
  ///
  /// - Source: A. K. Choudhury and E. L. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory
  ///   Packet Switches", 1998, with a factor of 1.
  private func checkLiveIDs(
    adding count: Int, of party: PartyNumber
  ) throws(SubmissionRefusal) {
    let max = genesis.parameters.liveIDsMax
    guard liveIDs.count(of: party) + count <= max - liveIDs.count else {
      throw .liveIDsFull(max: max)
    }
  }

  func participantIndex(of party: Party) -> Int? {
    guard case .participant(let id) = party else { return nil }
    return indexByParticipant[id].map(Int.init)
  }
}
