import LedgerCore
import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire

/// All that shows what a ledger was ordered and decided once, in one file that needs no connection.
///
/// - Source: docs/formats/evidence.md.
package struct PaymentEvidence: Hashable, Sendable {
  /// The genesis, and the entries of all orders that follow.
  package let log: ProvenEntries
  package let order: OrderProof
  /// The orders that made the signers' keys their party's and changed them, and those keys' in
  /// turn; ascending.
  package let keyOrders: [OrderProof]
  /// A ``DecisionStatement``, signed by the log key or by an auditor; `nil` where nobody did.
  package let attestation: SignedEnvelope?

  package init(
    log: ProvenEntries, order: OrderProof, keyOrders: [OrderProof], attestation: SignedEnvelope?
  ) {
    self.log = log
    self.order = order
    self.keyOrders = keyOrders
    self.attestation = attestation
  }

  /// Which order is asked about.
  package enum Question: Sendable {
    case id(InstructionID, of: Party?)
    case entry(SequenceNumber)
  }

  /// Makes the evidence of one order by replaying the log up to it.
  ///
  /// - Parameters:
  ///   - question: Which order; of an id, the one that used it.
  ///   - prover: Over the log, under a checkpoint that covers the order.
  ///   - store: The log, which no one writes to meanwhile.
  ///   - key: Attests the decision; `nil` for nobody.
  ///   - progress: Called every few thousand entries.
  /// - Returns: The evidence.
  /// - Throws: ``EvidenceError``.
  /// - Complexity: O(entries up to the order); twice that of an id.
  package static func make(
    of question: Question, by prover: LogProver, store: any LedgerStore,
    attestedBy key: SigningKey?, progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> PaymentEvidence {
    let found = try FoundOrder.find(question, in: store, progress)
    let orders = [found.proof] + found.keyOrders
    return PaymentEvidence(
      log: try prover.entries(orders.flatMap { [$0.submission, $0.instruction] }),
      order: found.proof, keyOrders: found.keyOrders,
      attestation: key.map {
        SignedEnvelope(
          found.statement.bytes, type: DecisionStatement.payloadType, signedBy: $0)
      })
  }

  /// Makes again from the log what is attested, to compare.
  ///
  /// - Parameters:
  ///   - store: The log.
  ///   - progress: Called every few thousand entries.
  /// - Returns: What replay gives.
  /// - Throws: ``EvidenceError``.
  package func decision(
    from store: any LedgerStore, progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> DecisionStatement {
    try FoundOrder.find(.entry(order.instruction), in: store, progress).statement
  }
}

/// An order of a log, as evidence needs it.
private struct FoundOrder {
  let proof: OrderProof
  let keyOrders: [OrderProof]
  let statement: DecisionStatement

  private static let entriesPerLook: UInt64 = 16_384

  /// Replays a log up to an order.
  static func find(
    _ question: PaymentEvidence.Question, in store: any LedgerStore,
    _ progress: (AuditProgress) -> Void
  ) throws(EvidenceError) -> FoundOrder {
    do throws(HistoryError) {
      let target: SequenceNumber?
      switch question {
      case .entry(let sequence): target = sequence
      case .id(let id, let party): target = try locate(id, of: party, in: store, progress)
      }
      guard let target, let found = try find(target, in: store, progress) else {
        throw .log(LogFault(.truncated, at: target ?? .genesis, "the log has no such order"))
      }
      return found
    } catch {
      if case .log(let fault) = error, fault.kind == .truncated { throw .noOrder }
      throw .history(error)
    }
  }

  /// Finds the order that used an id, or else the first that gave it.
  ///
  /// An order that leaves its id free may have been given again.
  private static func locate(
    _ id: InstructionID, of party: Party?, in store: any LedgerStore,
    _ progress: (AuditProgress) -> Void
  ) throws(HistoryError) -> SequenceNumber? {
    var first: SequenceNumber?
    var used: [(party: Party, sequence: SequenceNumber)] = []
    try replay(store, progress) { batch, history throws(HistoryError) in
      let index = batch.index(of: id, party)
      let sequenced = try history.replay(batch)
      guard let index, case .submission(let record)? = sequenced.records.first else { return true }
      let applied = record.applied[index]
      first = first ?? applied.sequence
      switch applied.outcome {
      case .duplicate: return true
      case .rejected(let rejection) where rejection.leavesIDFree: return true
      case .accepted, .remarked, .rejected:
        used.append((record.submission.statement.party, applied.sequence))
        // Of a named party there is one; of all, each may have used the id once.
        return party == nil
      }
    }
    guard used.count <= 1 else {
      throw .ambiguous(parties: used.map(\.party).sorted { $0.description < $1.description })
    }
    return used.first?.sequence ?? first
  }

  private static func find(
    _ target: SequenceNumber, in store: any LedgerStore, _ progress: (AuditProgress) -> Void
  ) throws(HistoryError) -> FoundOrder? {
    var register: PowersRegister?
    var found: FoundOrder?
    try replay(store, progress) { batch, history throws(HistoryError) in
      var powers = register ?? PowersRegister(history.genesis)
      register = nil  // So that it is changed in place.
      let index = batch.index(of: target)
      let before = index == nil ? nil : history.replay.state
      let sequenced = try history.replay(batch)
      if let index, let before {
        found = FoundOrder(index, of: batch, sequenced, on: before, powers)
        return false
      }
      powers.take(sequenced)
      register = powers
      return batch.first <= target
    }
    return found
  }

  /// Goes through a log until `take` wants no more.
  private static func replay(
    _ store: any LedgerStore, _ progress: (AuditProgress) -> Void,
    _ take: (LoggedBatch, inout LogHistory) throws(HistoryError) -> Bool
  ) throws(HistoryError) {
    var history = try LogHistory(store, trust: nil)
    defer { history.cancel() }
    var looks: UInt64 = 0
    while let batch = try history.next() {
      guard try take(batch, &history) else { return }
      guard history.entriesDone / entriesPerLook > looks else { continue }
      looks = history.entriesDone / entriesPerLook
      progress(history.progress)
    }
  }

  private init(
    _ index: Int, of batch: LoggedBatch, _ sequenced: SequencedBatch, on before: LedgerState,
    _ register: PowersRegister
  ) {
    guard case .submission(let record)? = sequenced.records.first else {
      preconditionFailure("entry \(batch.first) is no submission")
    }
    var state = before
    if batch.time > state.time { state.begin(at: batch.time) }
    guard case .admitted(let admitted) = try? state.admit(record.submission) else {
      preconditionFailure("submission \(batch.first) was let in, and is not")
    }
    // Keys are decided when a submission is let in, whatever its own instructions do to them.
    let keys = state.keys
    for earlier in record.submission.instructions[..<index] {
      _ = state.apply(earlier, in: admitted)
    }
    proof = OrderProof(index, of: record)
    keyOrders = register.proofs(
      of: record.submission.signatures.map(\.key), record.submission.statement.party)
    statement = DecisionStatement(index, of: record, on: state, keys: keys, register)
  }
}

extension LoggedBatch {
  fileprivate func index(of id: InstructionID, _ party: Party?) -> Int? {
    guard case .submission(let submission) = body,
      party.map({ $0 == submission.statement.party }) ?? true
    else { return nil }
    return submission.instructions.firstIndex { $0.instruction.id == id }
  }

  fileprivate func index(of sequence: SequenceNumber) -> Int? {
    guard case .submission(let submission) = body, sequence > first,
      sequence.value - first.value <= UInt64(submission.statement.count)
    else { return nil }
    return Int(sequence.value - first.value) - 1
  }
}
