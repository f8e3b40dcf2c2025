import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

extension DurableView {
  /// What whoever waited for a submission is told.
  func receipt(
    of durable: DurableSubmission
  ) throws(SubmitError) -> SubmissionReceipt {
    do throws(ReadError) {
      switch durable.answer {
      case .sequenced(let record):
        guard case .submission(let sequenced) = durable.batch.batch.records[record] else {
          preconditionFailure("record \(record) is no submission")
        }
        return try receipt(of: sequenced, at: durable.batch.batch.time)
      case .alreadySequenced(let sequence):
        return try receipt(at: sequence, party: durable.party)
      }
    } catch {
      throw .outcomeUnreadable(detail: error.description)
    }
  }

  /// What whoever tried an order is told: the outcome, at the entry that it would have had.
  func receipt(
    ofDryRun submission: VerifiedSubmission, _ outcome: Outcome, at sequence: SequenceNumber
  ) throws(SubmitError) -> InstructionReceipt {
    do throws(ReadError) {
      return try receipt(
        of: submission.instructions[0].instruction, outcome, at: sequence.next,
        party: submission.statement.party)
    } catch {
      throw .outcomeUnreadable(detail: error.description)
    }
  }

  private func receipt(
    of sequenced: SequencedSubmission, at time: LedgerTime
  ) throws(ReadError) -> SubmissionReceipt {
    let party = sequenced.submission.statement.party
    var receipts: [InstructionReceipt] = []
    receipts.reserveCapacity(sequenced.applied.count)
    for (index, applied) in sequenced.applied.enumerated() {
      receipts.append(
        try receipt(
          of: sequenced.submission.instructions[index].instruction, applied.outcome,
          at: applied.sequence, party: party))
    }
    return SubmissionReceipt(
      sequence: sequenced.sequence, time: time, instructions: receipts)
  }

  private func receipt(
    of instruction: Instruction, _ outcome: Outcome, at sequence: SequenceNumber, party: Party
  ) throws(ReadError) -> InstructionReceipt {
    switch outcome {
    case .accepted, .remarked:
      return InstructionReceipt(
        id: instruction.id, sequence: sequence, firstSequence: sequence,
        outcome: LoggedOutcome(outcome), breach: nil)
    case .rejected(let rejection):
      var breach: LimitBreach?
      if case .limitExceeded(let limit) = rejection { breach = limit }
      return refusal(
        of: instruction.id, at: sequence, first: sequence, LoggedOutcome(outcome), rejection,
        breach, party: party, payer: instruction.operation.payer)
    case .duplicate(let first):
      return try receipt(of: instruction.id, at: sequence, first: first, party: party)
    }
  }

  /// The receipt of a submission that was sequenced before, from the log.
  ///
  /// - Complexity: Its rows are read once; a row more for each duplicate in it.
  private func receipt(
    at sequence: SequenceNumber, party: Party
  ) throws(ReadError) -> SubmissionReceipt {
    let submission = try entry(at: sequence).entry
    guard case .submission(let bytes, _) = submission.body,
      let statement = try? Statement(canonicalBytes: bytes)
    else { throw .storage(detail: "entry \(sequence) is no submission") }
    var receipts: [InstructionReceipt] = []
    receipts.reserveCapacity(statement.count)
    for logged in try entries(from: sequence.next, count: statement.count) {
      receipts.append(try receipt(of: logged, party: party))
    }
    return SubmissionReceipt(
      sequence: sequence, time: submission.time, instructions: receipts)
  }

  /// The receipt of one logged instruction, with the outcome of its first copy.
  private func receipt(
    of logged: LoggedEntry, party: Party
  ) throws(ReadError) -> InstructionReceipt {
    let sequence = logged.entry.sequence
    guard case .instruction(let bytes, let outcome) = logged.entry.body,
      let instruction = try? Instruction(canonicalBytes: bytes)
    else { throw .storage(detail: "entry \(sequence) is no instruction") }
    if case .duplicate(let first) = outcome {
      return try receipt(of: instruction.id, at: sequence, first: first, party: party)
    }
    return receipt(
      of: instruction.id, at: sequence, first: sequence, outcome, logged.sideData, party: party)
  }

  /// The receipt of a copy at `sequence`, with the outcome of the first.
  private func receipt(
    of id: InstructionID, at sequence: SequenceNumber, first: SequenceNumber, party: Party
  ) throws(ReadError) -> InstructionReceipt {
    let logged = try entry(at: first)
    guard case .instruction(_, let outcome) = logged.entry.body else {
      throw .storage(detail: "entry \(first) is no instruction")
    }
    return receipt(of: id, at: sequence, first: first, outcome, logged.sideData, party: party)
  }

  private func receipt(
    of id: InstructionID, at sequence: SequenceNumber, first: SequenceNumber,
    _ outcome: LoggedOutcome, _ sideData: SideData, party: Party
  ) -> InstructionReceipt {
    var breach: LimitBreach?
    if case .rejected(_, let rule?, let pack) = outcome {
      breach = sideData.breach?.breach(of: rule, in: pack)
    }
    return refusal(of: id, at: sequence, first: first, outcome, nil, breach, party: party)
  }

  /// The receipt of an order, with as much of the limit that refused it as its party may know.
  ///
  /// The order's payer is the party's own, or no limit would have been asked: where it is at hand,
  /// and the limit is its, nothing is looked up.
  private func refusal(
    of id: InstructionID, at sequence: SequenceNumber, first: SequenceNumber,
    _ outcome: LoggedOutcome, _ rejection: Rejection?, _ breach: LimitBreach?, party: Party,
    payer: AccountID? = nil
  ) -> InstructionReceipt {
    var isWithheld = false
    let known = breach.flatMap { $0.account == payer || mayKnow($0, party) ? $0 : nil }
    if case .shared? = known?.extent, case .participant = party { isWithheld = true }
    return InstructionReceipt(
      id: id, sequence: sequence, firstSequence: first, outcome: outcome, rejection: rejection,
      breach: known, isWithheld: isWithheld)
  }

  /// Whether a limit's inputs may be shown to a party: the issuer's orders are refused by limits of
  /// others' accounts, and it sees them; a participant, only of its own accounts.
  private func mayKnow(_ breach: LimitBreach, _ party: Party) -> Bool {
    guard case .participant(let id) = party else { return true }
    return holder(of: breach.account) == id
  }

  /// What became of an id.
  ///
  /// `neverExecuted` only where the view and the index are complete to a ledger time at which the
  /// id can no longer come; `notYetKnown` before.
  func status(
    of id: InstructionID, party: Party?, for access: Access
  ) throws(ReadError) -> InstructionStatus {
    let party = try asked(party, by: access)
    let (unindexed, asOf, time) = withState { ($0.unindexed.chunks, $0.tree.size, $0.time) }
    var found: [(Party, SequenceNumber)] = []
    for chunk in unindexed {
      for instruction in chunk.instructions where instruction.id == id {
        found.append((instruction.party, instruction.sequence))
      }
    }
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
      let logged = try entry(at: sequence)
      let receipt = try receipt(of: logged, party: owner)
      // The index is outside the log, so what it says is held against the log.
      guard receipt.id == id else {
        throw .storage(detail: "the index of ids is wrong: entry \(sequence) is not \(id)")
      }
      return .executed(party: owner, receipt, time: logged.entry.time)
    }
    return time > id.time.advanced(byMicroseconds: horizonMicroseconds(of: party))
      ? .neverExecuted(by: party, asOf: asOf, time: time)
      : .notYetKnown(of: party, asOf: asOf, time: time)
  }

  /// Whose order is asked about; `nil` for whoever's.
  ///
  /// Of another's it is not said that it was never executed, or it might be given again.
  private func asked(_ party: Party?, by access: Access) throws(ReadError) -> Party? {
    guard !access.seesAllAccounts else { return party }
    if let party {
      guard access.sees(party) else { throw .anotherParty(party) }
      return party
    }
    let own = access.participants
    guard own.count < 2 else { throw .partyNeeded(own.map(\.text).sorted()) }
    guard let only = own.first else { throw .notFound }
    return .participant(only)
  }

  /// How long a party's id may come after its own time; of no party in particular, any one's.
  func horizonMicroseconds(of party: Party?) -> UInt64 {
    let parameters = genesis.parameters
    return party.map { parameters.horizonMicroseconds(of: $0) }
      ?? max(parameters.participantHorizonMicroseconds, parameters.officerHorizonMicroseconds)
  }
}

extension Operation {
  /// Who pays in a transfer: an account of the acting party, or no limit would have been looked at.
  fileprivate var payer: AccountID? {
    switch self {
    case .settle(let order), .fund(let order), .pay(let order), .cashOut(let order): order.payer
    default: nil
    }
  }
}
