import LedgerModel

extension LedgerState {
  /// Checks that the party may order such an operation, and that enough of its keys have signed.
  ///
  /// - Throws: ``Rejection/wrongRole(operation:party:)``,
  ///   ``Rejection/quorumNotMet(required:signed:)`` or
  ///   ``Rejection/participantSuspended(_:)``, in this order.
  @inline(__always)  // As what `transfer` calls.
  func authorise(
    _ operation: Operation, in submission: AdmittedSubmission
  ) throws(Rejection) {
    switch operation {
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut:
      // As the general way decides, without its cost: of these there are millions.
      guard submission.participant != nil else { throw wrongRole(operation, submission) }
    case .admitParticipant, .suspendParticipant, .reinstateParticipant, .registerKey, .rotateKey,
      .suspendKey, .reinstateKey, .revokeKey, .replaceOfficers, .setParticipantAttribute,
      .registerCertificate, .revokeCertificate, .freeze, .unfreeze, .issue, .activateRuleSet,
      .withdrawRuleSet, .confirmClock:
      try require(operation, in: submission)
    }
    if let index = submission.participant, participants[index].isSuspended {
      throw .participantSuspended(participants[index].id)
    }
  }

  private func require(
    _ operation: Operation, in submission: AdmittedSubmission
  ) throws(Rejection) {
    let authority = genesis.authority(
      for: operation, of: submission.party, signers: submission.signers)
    switch authority {
    case .none: throw wrongRole(operation, submission)
    case .keys(let required, let counted):
      guard counted >= required else { throw .quorumNotMet(required: required, signed: counted) }
    }
  }

  private func wrongRole(_ operation: Operation, _ submission: AdmittedSubmission) -> Rejection {
    .wrongRole(operation: operation.name, party: submission.party.description)
  }
}
