import LedgerCore
import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
package import MerkleLog

/// All that shows what a ledger was ordered and decided once, in one file that needs no connection.
///
/// - Source: docs/formats/evidence.md.
package struct PaymentEvidence: Hashable, Sendable {
  /// The genesis, what registered and changed the signers' keys, the submission and the
  /// instruction.
  package let log: ProvenEntries
  /// The instruction's entry, and its submission's.
  package let instruction: SequenceNumber
  package let submission: SequenceNumber
  /// From the instruction's leaf to the statement's root.
  package let path: [Digest]
  /// A ``DecisionStatement``, signed by the log key or by an auditor; `nil` where nobody did.
  package let attestation: SignedEnvelope?

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
  /// - Complexity: O(entries up to the order).
  package static func make(
    of question: Question, by prover: LogProver, store: any LedgerStore,
    attestedBy key: SigningKey?, progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> PaymentEvidence {
    let found: FoundOrder?
    do throws(HistoryError) {
      found = try FoundOrder.find(question, in: store, progress)
    } catch {
      throw .history(error)
    }
    guard let found else { throw .noOrder }
    let sequences =
      found.statement.signers.flatMap(\.entries).map { SequenceNumber($0) }
      + [found.submission, found.instruction]
    return PaymentEvidence(
      log: try prover.entries(sequences), instruction: found.instruction,
      submission: found.submission, path: found.path,
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
    let found: FoundOrder?
    do throws(HistoryError) {
      found = try FoundOrder.find(.entry(instruction), in: store, progress)
    } catch {
      throw .history(error)
    }
    guard let found else { throw .noOrder }
    return found.statement
  }
}

/// An order of a log, as evidence needs it.
private struct FoundOrder {
  let submission: SequenceNumber
  let instruction: SequenceNumber
  let path: [Digest]
  let statement: DecisionStatement

  private static let entriesPerLook: UInt64 = 16_384

  /// Replays a log up to an order.
  static func find(
    _ question: PaymentEvidence.Question, in store: any LedgerStore,
    _ progress: (AuditProgress) -> Void
  ) throws(HistoryError) -> FoundOrder? {
    var history = try LogHistory(store, trust: nil)
    defer { history.cancel() }
    var register = PowersRegister(history.genesis)
    var looks: UInt64 = 0
    var leftFree: FoundOrder?
    while let batch = try history.next() {
      let index = batch.index(of: question)
      let before = index == nil ? nil : history.replay.state
      let sequenced = try history.replay(batch)
      if let index, let before {
        let found = FoundOrder(index, of: batch, sequenced, on: before, register)
        // An order that left its id free may have been given again.
        guard case .id = question, found.leavesIDFree(sequenced, index) else { return found }
        leftFree = leftFree ?? found
      }
      register.take(sequenced)
      guard history.entriesDone / entriesPerLook > looks else { continue }
      looks = history.entriesDone / entriesPerLook
      progress(history.progress)
    }
    return leftFree
  }

  private func leavesIDFree(_ batch: SequencedBatch, _ index: Int) -> Bool {
    guard case .submission(let sequenced)? = batch.records.first,
      case .rejected(let rejection) = sequenced.applied[index].outcome
    else { return false }
    return rejection.leavesIDFree
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
    for earlier in record.submission.instructions[..<index] {
      _ = state.apply(earlier, in: admitted)
    }
    submission = batch.first
    instruction = record.applied[index].sequence
    let leaves = record.submission.instructionBytes.map { TreeHash.leaf($0) }
    guard let proof = try? InclusionProof(index: UInt64(index), leaves: leaves) else {
      preconditionFailure("instruction \(index) of \(leaves.count)")
    }
    path = proof.path
    statement = DecisionStatement(index, of: record, on: state, register)
  }
}

extension LoggedBatch {
  fileprivate func index(of question: PaymentEvidence.Question) -> Int? {
    guard case .submission(let submission) = body else { return nil }
    switch question {
    case .id(let id, let party):
      guard party.map({ $0 == submission.statement.party }) ?? true else { return nil }
      return submission.instructions.firstIndex { $0.instruction.id == id }
    case .entry(let sequence):
      guard sequence > first, sequence.value - first.value <= UInt64(submission.statement.count)
      else { return nil }
      return Int(sequence.value - first.value) - 1
    }
  }
}
