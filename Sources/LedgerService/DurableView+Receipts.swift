import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

extension DurableView {
  /// What a waiter of a durable batch is told.
  func answer(
    _ waiter: Waiter, in durable: BatchInFlight
  ) -> Result<SubmissionReceipt, SubmitError> {
    do throws(ReadError) {
      switch waiter.answer {
      case .sequenced(let records):
        return .success(try receipt(of: records, in: durable))
      case .alreadySequenced(let sequence):
        return .success(
          try receipt(at: sequence, party: waiter.waiting.submission.statement.party))
      }
    } catch {
      // It is durable, but cannot be read back: the status query tells once it can.
      return .failure(.storageFull(retryAfterSeconds: limits.retryAfterSeconds))
    }
  }

  private func receipt(
    of range: Range<Int>, in durable: BatchInFlight
  ) throws(ReadError) -> SubmissionReceipt {
    let sequence = SequenceNumber(durable.batch.first.value + UInt64(range.lowerBound))
    var receipts: [InstructionReceipt] = []
    receipts.reserveCapacity(range.count - 1)
    for record in durable.batch.records[range].dropFirst() {
      guard case .instruction(let verified, let applied, let party) = record else { continue }
      let id = verified.instruction.id
      switch applied.outcome {
      case .accepted:
        receipts.append(
          InstructionReceipt(
            id: id, sequence: applied.sequence, firstSequence: applied.sequence,
            outcome: .accepted, message: nil, breach: nil))
      case .rejected(let rejection):
        var breach: LimitBreach?
        if case .limitExceeded(let limit) = rejection, isOwn(limit.account, of: party) {
          breach = limit
        }
        receipts.append(
          InstructionReceipt(
            id: id, sequence: applied.sequence, firstSequence: applied.sequence,
            outcome: LoggedOutcome(applied.outcome),
            message: rejection.message(showing: breach), breach: breach))
      case .duplicate(let first):
        receipts.append(
          try receipt(of: id, at: applied.sequence, first: first, party: party))
      }
    }
    return SubmissionReceipt(
      sequence: sequence, time: durable.batch.time, instructions: receipts)
  }

  /// The receipt of a submission that was sequenced before, from the log.
  private func receipt(
    at sequence: SequenceNumber, party: Party
  ) throws(ReadError) -> SubmissionReceipt {
    let submission = try entry(at: sequence).entry
    guard case .submission(let bytes, _) = submission.body,
      let statement = try? Statement(canonicalBytes: bytes)
    else { throw .storage(detail: "entry \(sequence) is no submission") }
    var receipts: [InstructionReceipt] = []
    for offset in 1...statement.count {
      receipts.append(
        try instructionReceipt(
          at: SequenceNumber(sequence.value + UInt64(offset)), party: party))
    }
    return SubmissionReceipt(
      sequence: sequence, time: submission.time, instructions: receipts)
  }

  /// The receipt of one logged instruction.
  private func instructionReceipt(
    at sequence: SequenceNumber, party: Party
  ) throws(ReadError) -> InstructionReceipt {
    let stored = try entry(at: sequence)
    guard case .instruction(let bytes, let outcome) = stored.entry.body,
      let instruction = try? Instruction(canonicalBytes: bytes)
    else { throw .storage(detail: "entry \(sequence) is no instruction") }
    let first: SequenceNumber
    if case .duplicate(let earlier) = outcome { first = earlier } else { first = sequence }
    return try receipt(of: instruction.id, at: sequence, first: first, party: party)
  }

  /// The receipt of a copy at `sequence`, with the outcome of the first.
  private func receipt(
    of id: InstructionID, at sequence: SequenceNumber, first: SequenceNumber, party: Party
  ) throws(ReadError) -> InstructionReceipt {
    let stored = try entry(at: first)
    guard case .instruction(_, let outcome) = stored.entry.body else {
      throw .storage(detail: "entry \(first) is no instruction")
    }
    var breach: LimitBreach?
    if case .rejected(_, let rule?) = outcome, let inputs = stored.sideData.breach,
      isOwn(inputs.account, of: party)
    {
      breach = inputs.breach(of: rule)
    }
    return InstructionReceipt(
      id: id, sequence: sequence, firstSequence: first, outcome: outcome, message: nil,
      breach: breach)
  }

  /// Whether a limit's inputs may be shown to a party: only of its own accounts.
  private func isOwn(_ account: AccountID, of party: Party) -> Bool {
    guard case .participant(let id) = party else { return false }
    return withState { state in
      guard let slot = state.slotByAccount[account],
        let participant = state.accounts[slot].participant
      else { return false }
      return state.participants[participant].id == id
    }
  }

  /// What became of an id.
  ///
  /// `neverExecuted` only where the view and the index are complete to a ledger time at which the
  /// id can no longer come; `notYetKnown` before.
  func status(
    of id: InstructionID, party: Party?
  ) throws(ReadError) -> InstructionStatus {
    let (recent, asOf, time) = withState { ($0.recent[id] ?? [], $0.tree.size, $0.time) }
    var found = recent.map { ($0.party, $0.sequence) }
    let indexed = try storage { () throws(StoreError) in try index.sequences(id: id) }
    for (owner, sequence) in indexed { found.append((owner, sequence)) }
    if let party { found.removeAll { $0.0 != party } }
    var firsts: [Party: SequenceNumber] = [:]
    for (owner, sequence) in found {
      firsts[owner] = min(firsts[owner] ?? sequence, sequence)
    }
    guard firsts.count <= 1 else {
      throw .ambiguous(parties: firsts.keys.map(\.description).sorted())
    }
    if let (owner, sequence) = firsts.first {
      let receipt = try instructionReceipt(at: sequence, party: owner)
      return .executed(
        party: owner, receipt, time: try entry(at: sequence).entry.time)
    }
    let parameters = genesis.parameters
    let horizon =
      party.map { parameters.horizonMicroseconds(of: $0) }
      ?? max(parameters.participantHorizonMicroseconds, parameters.officerHorizonMicroseconds)
    return time > id.time.advanced(byMicroseconds: horizon)
      ? .neverExecuted(asOf: asOf, time: time) : .notYetKnown(asOf: asOf, time: time)
  }
}

extension Rejection {
  /// In words, without the inputs of a limit on another participant's account.
  fileprivate func message(showing breach: LimitBreach?) -> String {
    if case .limitExceeded(let limit) = self, breach == nil {
      return "rule `\(limit.rule)` of the payee's wallet refuses; its figures are its own bank's"
    }
    return description
  }
}
