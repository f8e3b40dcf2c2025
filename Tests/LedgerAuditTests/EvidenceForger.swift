import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog

/// A log as the holder of the log key could write it: any entries, chained, under a checkpoint that
/// the log key signs.
struct EvidenceForger {
  var log: SampleLog
  /// After entry 0, or later.
  let state: LedgerState

  /// Goes on where an honest log is.
  init(after builder: LogBuilder) {
    log = builder.log
    state = builder.state
  }

  init(isGenesisSigned: Bool = true) throws {
    let builder = try LogBuilder(recovery: SampleKeys.recovery)
    log = builder.log
    guard !isGenesisSigned else {
      state = builder.state
      return
    }
    let genesis = builder.state.genesis
    let entry = LogEntry(
      sequence: .genesis, time: .example, previous: .zero,
      body: .genesis(bytes: genesis.canonicalBytes, signatures: [])
    ).canonicalBytes
    state = LedgerState(
      genesis: genesis, id: LedgerID(Bytes32(TreeHash.leaf(entry))), at: .example)
    log.records = [SampleLog.Record(entry: entry)]
    log.trust = try TrustFile(ledger: state.id, genesis: genesis)
  }

  /// Of the next entry, unless another is given: a second after the last.
  var time: LedgerTime { .example.moved(seconds: Int64(log.records.count)) }

  /// Appends a submission of one instruction, and that one as decided.
  ///
  /// - Parameters:
  ///   - operation: What is ordered.
  ///   - party: Who orders it.
  ///   - keys: Sign it.
  ///   - time: Of the entries.
  ///   - expiry: Of the statement; a minute later unless given.
  ///   - made: The instant of the instruction's id; that of the entries unless given.
  ///   - outcome: As logged.
  ///   - more: Signatures that go along.
  ///   - bend: Changes the bytes of the statement before they are signed.
  /// - Returns: Where it is.
  /// - Throws: What is thrown where an example does not hold together.
  mutating func append(
    _ operation: LedgerModel.Operation, by party: Party, signedBy keys: [SigningKey],
    at time: LedgerTime? = nil, expiry: LedgerTime? = nil, made: LedgerTime? = nil,
    outcome: LoggedOutcome = .accepted, more: [StatementSignature] = [],
    bend: ([UInt8]) -> [UInt8] = { $0 }
  ) throws -> OrderProof {
    let number = UInt64(log.records.count)
    let time = time ?? self.time
    let instruction = Instruction(
      id: InstructionID(
        milliseconds: (made ?? time).microseconds / 1_000, random: (number, 1)),
      operation: operation
    ).canonicalBytes
    let statement = bend(
      Statement(
        ledger: state.id, party: party, count: 1, expiry: expiry ?? time.moved(seconds: 60),
        root: Bytes32(TreeHash.leaf(instruction))
      ).canonicalBytes)
    let message = DSSE.preAuthenticationEncoding(type: DSSE.statementType, payload: statement)
    let own = keys.map { StatementSignature(key: $0.publicKey, signature: $0.sign(message)) }
    let signatures = (own + more).sorted { $0.key < $1.key }
    append(.submission(statement: statement, signatures: signatures), time)
    append(.instruction(bytes: instruction, outcome: outcome), time)
    return OrderProof(
      instruction: SequenceNumber(number + 1), submission: SequenceNumber(number), path: [])
  }

  mutating func append(_ body: LogEntry.Body, _ time: LedgerTime) {
    let last = log.records[log.records.count - 1]
    log.records.append(
      SampleLog.Record(
        entry: LogEntry(
          sequence: SequenceNumber(UInt64(log.records.count)), time: time,
          previous: TreeHash.leaf(last.entry), body: body
        ).canonicalBytes))
  }

  /// Makes the evidence of an order.
  ///
  /// - Parameters:
  ///   - order: Where it is.
  ///   - keyOrders: Where those are that it rests on.
  ///   - others: Entries that go along for nothing.
  ///   - attestation: Goes along.
  /// - Returns: The evidence, which may prove nothing.
  /// - Throws: What is thrown where an example does not hold together.
  func evidence(
    _ order: OrderProof, _ keyOrders: [OrderProof] = [], others: [SequenceNumber] = [],
    attestation: SignedEnvelope? = nil
  ) throws -> PaymentEvidence {
    let leaves = log.records.map { TreeHash.leaf($0.entry) }
    let note = try LogBuilder.note(
      size: UInt64(leaves.count), root: TreeHash.root(of: leaves), of: state,
      by: SampleKeys.log)
    let orders = (keyOrders + [order]).flatMap { [$0.submission, $0.instruction] }
    let entries = try Set(orders + others + [.genesis]).sorted().map { sequence in
      (
        sequence: sequence, bytes: log.records[Int(sequence.value)].entry,
        path: try InclusionProof(index: sequence.value, leaves: leaves).path
      )
    }
    return PaymentEvidence(
      log: ProvenEntries(checkpoint: Array(note.utf8), entries), order: order,
      keyOrders: keyOrders, attestation: attestation)
  }

  /// A file that proves the order, or, where a kind of fault is given, nothing.
  func sample(
    _ name: String, _ order: OrderProof, _ keyOrders: [OrderProof] = [],
    others: [SequenceNumber] = [], fault kind: EvidenceFault.Kind? = nil
  ) throws -> EvidenceCase {
    EvidenceCase(
      name: name, json: try evidence(order, keyOrders, others: others).json, trust: log.trust,
      kind: kind)
  }
}
