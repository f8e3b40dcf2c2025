import LedgerModel

extension LedgerState {
  /// Checks that the party may order such an operation, and that enough of its keys have signed.
  ///
  /// Authority is refused unless granted: each operation names who may order it.
  ///
  /// - Throws: ``Rejection/wrongRole(operation:party:)``,
  ///   ``Rejection/quorumNotMet(required:signed:)`` or
  ///   ``Rejection/participantSuspended(_:)``, in this order.
  @inline(__always)  // As what `transfer` calls.
  func authorise(
    _ operation: Operation, in submission: AdmittedSubmission
  ) throws(Rejection) {
    let quorums = genesis.quorums
    let signed = submission.signers.count
    switch operation {
    case .admitParticipant, .reinstateParticipant:
      try require(.issuer, quorums.participants, signed, for: operation, in: submission)
    case .suspendParticipant, .confirmClock:
      try require(.issuer, 1, signed, for: operation, in: submission)
    case .issue:
      try require(.issuer, quorums.issuance, signed, for: operation, in: submission)
    case .freeze, .unfreeze:
      try require(.issuer, quorums.freezes, signed, for: operation, in: submission)
    case .activateRuleSet, .withdrawRuleSet, .setParticipantAttribute:
      try require(.issuer, quorums.rules, signed, for: operation, in: submission)
    case .replaceOfficers:
      try require(.recovery, quorums.recovery, signed, for: operation, in: submission)
    case .registerKey(let order):
      try authoriseKeyOrder(of: order.party, operation, in: submission)
    case .rotateKey(let order):
      try authoriseKeyOrder(of: order.party, operation, in: submission)
    case .revokeKey(let order):
      try authoriseKeyOrder(of: order.party, concerning: order.key, operation, in: submission)
    case .suspendKey(let order):
      try authoriseKeySuspension(of: order, operation, in: submission)
    case .reinstateKey(let order):
      // Lifting always needs the quorum, whoever suspended, and the key itself does not count:
      // suspended by the instruction before, it is still among the signers.
      let party: Party = order.party == .recovery ? .recovery : .issuer
      let required = party == .recovery ? quorums.recovery : quorums.keys
      let others = submission.signers.count { $0 != order.key }
      try require(party, required, others, for: operation, in: submission)
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut:
      guard submission.participant != nil else { throw wrongRole(operation, submission) }
    }
    if let index = submission.participant, participants[index].isSuspended {
      throw .participantSuspended(participants[index].id)
    }
  }

  /// A participant orders about its own keys; officers, by quorum, about their own and any
  /// participant's; the recovery keys about themselves.
  private func authoriseKeyOrder(
    of party: Party, concerning key: PublicKey? = nil, _ operation: Operation,
    in submission: AdmittedSubmission
  ) throws(Rejection) {
    // The key concerned does not count towards the quorum on itself.
    let signed = submission.signers.count { $0 != key }
    switch party {
    case .participant:
      if submission.party == party { return }
      try require(.issuer, genesis.quorums.keys, signed, for: operation, in: submission)
    case .issuer:
      try require(.issuer, genesis.quorums.keys, signed, for: operation, in: submission)
    case .recovery:
      try require(.recovery, genesis.quorums.recovery, signed, for: operation, in: submission)
    }
  }

  /// One officer alone suspends a participant's key or his own; another officer's needs the quorum.
  private func authoriseKeySuspension(
    of order: PartyKey, _ operation: Operation, in submission: AdmittedSubmission
  ) throws(Rejection) {
    // Contains, not equals: more signatures never have less authority.
    let isOwnKey = submission.signers.contains(order.key) && submission.party == order.party
    let isParticipantsKey = if case .participant = order.party { true } else { false }
    if isOwnKey || (isParticipantsKey && submission.party == .issuer) { return }
    try authoriseKeyOrder(
      of: order.party, concerning: order.key, operation, in: submission)
  }

  private func require(
    _ party: Party, _ quorum: Int, _ signed: Int, for operation: Operation,
    in submission: AdmittedSubmission
  ) throws(Rejection) {
    guard submission.party == party else { throw wrongRole(operation, submission) }
    guard signed >= quorum else { throw .quorumNotMet(required: quorum, signed: signed) }
  }

  private func wrongRole(_ operation: Operation, _ submission: AdmittedSubmission) -> Rejection {
    .wrongRole(operation: operation.name, party: submission.party.description)
  }
}
