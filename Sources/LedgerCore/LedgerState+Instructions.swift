public import LedgerModel

extension LedgerState {
  /// Decides and commits each instruction of a submission, in order.
  ///
  /// - Returns: One outcome an instruction.
  public mutating func apply(
    _ submission: VerifiedSubmission, _ admitted: AdmittedSubmission
  ) -> [Applied] {
    let count = submission.instructions.count
    var applied: [Applied] = []
    applied.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: Self.locatedMax) {
      let part = start..<min(start + Self.locatedMax, count)
      let slots = locate(part, of: submission, admitted)
      for index in part {
        applied.append(
          apply(submission.instructions[index], in: admitted, located: slots[index - start]))
      }
    }
    return applied
  }

  /// Decides and commits one instruction, or refuses it and changes nothing but its id's record.
  ///
  /// - Parameters:
  ///   - verified: Its signature is checked; its type is the proof.
  ///   - submission: The one that it came in, admitted in this batch.
  /// - Returns: The outcome, at the next sequence number: the first ``Rejection`` that holds, in
  ///   declaration order, or acceptance with what it changed.
  /// - Complexity: O(1), expected, for money; O(keys of a party) for keys.
  public mutating func apply(
    _ verified: VerifiedInstruction, in submission: AdmittedSubmission
  ) -> Applied {
    apply(verified, in: submission, located: .unknown)
  }

  @inline(__always)  // As what `transfer` calls.
  private mutating func apply(
    _ verified: VerifiedInstruction, in submission: AdmittedSubmission, located: TransferSlots
  ) -> Applied {
    if let outcome = outcomeByID(verified.instruction.id, digest: verified.digest, in: submission) {
      return Applied(
        sequence: takeSequence(), outcome: outcome, debit: nil, credit: nil, cascade: [],
        changes: [])
    }
    let sequence = nextSequence
    do {
      let done = try perform(verified.instruction, in: submission, located: located)
      remember(verified, in: submission, at: takeSequence())
      return Applied(
        sequence: sequence, outcome: done.remarks.isEmpty ? .accepted : .remarked(done.remarks),
        debit: done.debit, credit: done.credit, cascade: done.cascade,
        changes: done.changes)
    } catch {
      _ = takeSequence()
      if !error.leavesIDFree {
        remember(verified, in: submission, at: sequence)
      }
      return Applied(
        sequence: sequence, outcome: .rejected(error), debit: nil, credit: nil, cascade: [],
        changes: [])
    }
  }

  /// What the id alone decides, or `nil` where it is a new one within its window.
  @inline(__always)
  func outcomeByID(
    _ id: InstructionID, digest: Bytes32, in submission: AdmittedSubmission
  ) -> Outcome? {
    let horizon = submission.horizonMicroseconds
    guard time <= id.time.advanced(byMicroseconds: horizon) else {
      return .rejected(.idTooOld(horizonMicroseconds: horizon))
    }
    guard id.time <= time.advanced(byMicroseconds: Limits.idAheadMicrosecondsMax) else {
      return .rejected(.idInFuture)
    }
    guard
      let first = liveIDs.first(
        id, of: submission.partyNumber, horizonMicroseconds: horizon)
    else { return nil }
    return first.isSame(as: digest)
      ? .duplicate(of: first.sequence) : .rejected(.idReused(first: first.sequence))
  }

  @inline(__always)
  private mutating func remember(
    _ verified: VerifiedInstruction, in submission: AdmittedSubmission, at sequence: SequenceNumber
  ) {
    liveIDs.remember(
      verified.instruction.id, of: submission.partyNumber,
      horizonMicroseconds: submission.horizonMicroseconds, at: sequence, digest: verified.digest)
  }

  /// What an accepted operation did.
  struct Done {
    var debit: AccountEffect?
    var credit: AccountEffect?
    var cascade: [AccountEffect] = []
    var remarks: [Remark] = []
    var changes: [StateChange] = []
  }

  /// Performs an operation at `nextSequence`, or throws and changes nothing.
  private mutating func perform(
    _ instruction: Instruction, in submission: AdmittedSubmission, located: TransferSlots
  ) throws(Rejection) -> Done {
    try checkAuthority(for: instruction, in: submission)
    switch instruction.operation {
    case .admitParticipant(let order): return try admitParticipant(order)
    case .suspendParticipant(let order): return try suspend(order.participant)
    case .reinstateParticipant(let order): return try reinstate(order.participant)
    case .registerKey(let order): return try register(order)
    case .rotateKey(let order): return try rotate(order)
    case .suspendKey(let order): return try suspend(order)
    case .reinstateKey(let order): return try reinstate(order)
    case .revokeKey(let order): return try revoke(order)
    case .replaceOfficers(let keys): return try replaceOfficers(with: keys)
    case .registerCertificate(let order): return try register(order, in: submission)
    case .revokeCertificate(let order): return try revoke(order)
    case .openWallet(let order): return try openWallet(order, in: submission)
    case .setWalletTier(let wallet, let tier):
      return try setTier(of: wallet, to: tier, in: submission)
    case .closeWallet(let wallet): return try closeWallet(wallet, in: submission)
    case .freeze(let order): return try freeze(order)
    case .unfreeze(let target, _): return try unfreeze(target)
    case .issue(let order): return try issue(order, instruction, in: submission)
    case .redeem(let order): return try redeem(order, instruction, in: submission)
    case .settle(let order):
      return try transfer(order, instruction, as: .settle, in: submission, located)
    case .fund(let order):
      return try transfer(order, instruction, as: .fund, in: submission, located)
    case .pay(let order):
      return try transfer(order, instruction, as: .pay, in: submission, located)
    case .cashOut(let order):
      return try transfer(order, instruction, as: .cashOut, in: submission, located)
    case .setWalletAttribute(let order): return try set(order, in: submission)
    case .setParticipantAttribute(let order): return try set(order)
    case .linkAccount(let wallet, let account):
      return try link(wallet, to: account, in: submission)
    case .listPayee(let order): return try list(order, in: submission)
    case .unlistPayee(let order): return try unlist(order, in: submission)
    case .recordEvent(let event, let wallet):
      return try record(event, of: wallet, in: submission)
    case .activateRuleSet(let order): return try activate(order)
    case .withdrawRuleSet(let order): return try withdraw(order)
    case .confirmClock(let instant): return try confirmClock(instant)
    }
  }

  private func confirmClock(_ instant: LedgerTime) throws(Rejection) -> Done {
    let (earlier, later) = (min(instant, time), max(instant, time))
    guard later <= earlier.advanced(byMicroseconds: Limits.clockConfirmationMicrosecondsMax)
    else { throw .clockDisagrees(instant: instant) }
    return Done()
  }
}
