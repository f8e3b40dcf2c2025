package import LedgerCore
package import LedgerModel
import LedgerWire
import MerkleLog

/// Re-executes a log entry by entry, and holds every byte of it against what the core decides.
///
/// Opening a ledger and auditing one are the same replay: same orders in, same bytes out.
package struct LogReplay: Sendable {
  /// One signature of the log, to be checked here or on another core.
  package struct SignatureJob: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let signature: StatementSignature
    package let message: [UInt8]

    package var isValid: Bool {
      Ed25519.isValid(signature.signature, on: message, by: signature.key)
    }

    package var fault: LogFault {
      LogFault(.signature, at: sequence, "the signature of key `\(signature.key)` is not valid")
    }
  }

  /// A submission whose instructions are still to come.
  private struct Pending: Sendable {
    let entry: LogEntry
    let stored: StoredEntry
    let statement: Statement
    let signatures: [StatementSignature]
    var instructions: [(entry: LogEntry, stored: StoredEntry)] = []
    /// Of the instructions, and of what is beside them.
    var instructionBytes = 0
    var sideDataBytes = 0
  }

  /// An entry as the store has it.
  private struct StoredEntry: Sendable {
    let bytes: [UInt8]
    let sideData: [UInt8]
  }

  package private(set) var state: LedgerState
  package private(set) var writer: LogWriter
  private var pending: Pending?

  /// Begins with entry 0.
  ///
  /// - Parameters:
  ///   - bytes: Of entry 0.
  ///   - check: Takes each signature, and says whether to go on.
  /// - Throws: ``LogFault``.
  package init(
    genesisEntry bytes: [UInt8], signatures check: (SignatureJob) -> Bool
  ) throws(LogFault) {
    let entry = try Self.decode(bytes, at: .genesis)
    guard case .genesis(let genesisBytes, let signatures) = entry.body,
      entry.sequence == .genesis, entry.previous == .zero
    else { throw LogFault(.genesis, at: .genesis, "entry 0 is no genesis") }
    let genesis: Genesis
    do {
      genesis = try Genesis(canonicalBytes: genesisBytes)
    } catch {
      throw LogFault(.genesis, at: .genesis, error.description)
    }
    guard signatures.map(\.key) == genesis.officers.map(\.key) else {
      throw LogFault(.genesis, at: .genesis, "it is not signed by each officer, in order")
    }
    let message = DSSE.preAuthenticationEncoding(
      type: DSSE.genesisType, payload: genesisBytes)
    for signature in signatures {
      let job = SignatureJob(sequence: .genesis, signature: signature, message: message)
      guard check(job) else { throw job.fault }
    }
    writer = LogWriter()
    _ = writer.writeGenesis(genesisBytes, signatures: signatures, at: entry.time)
    state = LedgerState(
      genesis: genesis, id: LedgerID(Bytes32(writer.head)), at: entry.time)
  }

  /// Goes on after a snapshot, whose entries are not replayed.
  package init(after snapshot: Snapshot) {
    state = snapshot.state
    writer = snapshot.writer
  }

  /// The sequence number of the entry to feed next.
  package var next: SequenceNumber {
    SequenceNumber(writer.next.value + UInt64(pending.map { 1 + $0.instructions.count } ?? 0))
  }

  /// Replays the next entry.
  ///
  /// - Parameters:
  ///   - bytes: Of the entry.
  ///   - sideData: What is kept beside it.
  ///   - check: Takes each signature, and says whether to go on.
  /// - Returns: The batch that is complete with this entry: a submission with all its
  ///   instructions, or a system entry; `nil` within a submission.
  /// - Throws: ``LogFault``; the replay is then at its end.
  package mutating func feed(
    _ bytes: [UInt8], sideData: [UInt8], signatures check: (SignatureJob) -> Bool
  ) throws(LogFault) -> SequencedBatch? {
    let sequence = next
    let entry = try Self.decode(bytes, at: sequence)
    guard entry.sequence == sequence else {
      throw LogFault(.chain, at: sequence, "it says that it is entry \(entry.sequence)")
    }
    let stored = StoredEntry(bytes: bytes, sideData: sideData)
    guard pending == nil else { return try feedInstruction(entry, stored) }
    try checkChain(entry)
    switch entry.body {
    case .genesis: throw LogFault(.genesis, at: sequence, "a second genesis")
    case .instruction:
      throw LogFault(.statement, at: sequence, "an instruction without a submission before it")
    case .system(let event):
      begin(at: entry.time)
      let placed = state.tick()
      precondition(placed == sequence, "the core counts \(placed), the log \(sequence)")
      writer.write(event, at: entry.time)
      try compare(stored, at: sequence, decided: nil)
      var batch = SequencedBatch(time: entry.time, first: sequence)
      batch.append(.system(event))
      return batch
    case .submission(let statementBytes, let signatures):
      let statement: Statement
      do {
        statement = try Statement(canonicalBytes: statementBytes)
      } catch {
        throw LogFault(.statement, at: sequence, error.description)
      }
      let message = DSSE.preAuthenticationEncoding(
        type: DSSE.statementType, payload: statementBytes)
      let ascends = zip(signatures, signatures.dropFirst()).allSatisfy { $0.key < $1.key }
      guard !signatures.isEmpty, ascends else {
        throw LogFault(.statement, at: sequence, "its signatures do not ascend by key")
      }
      for signature in signatures {
        let job = SignatureJob(sequence: sequence, signature: signature, message: message)
        guard check(job) else { throw job.fault }
      }
      pending = Pending(
        entry: entry, stored: stored, statement: statement, signatures: signatures)
      return nil
    }
  }

  /// Checks that the log does not end within a submission.
  package func finish() throws(LogFault) {
    guard pending == nil else {
      throw LogFault(.truncated, at: next, "the log ends within a submission")
    }
  }

  private static func decode(
    _ bytes: [UInt8], at sequence: SequenceNumber
  ) throws(LogFault) -> LogEntry {
    do {
      return try LogEntry(canonicalBytes: bytes)
    } catch {
      throw LogFault(.encoding, at: sequence, error.description, found: TreeHash.leaf(bytes))
    }
  }

  private func checkChain(_ entry: LogEntry) throws(LogFault) {
    guard entry.previous == writer.head else {
      throw LogFault(
        .chain, at: entry.sequence, "it does not name the entry before it",
        expected: writer.head, found: entry.previous)
    }
    guard entry.time >= state.time else {
      throw LogFault(.chain, at: entry.sequence, "its ledger time is before the last entry's")
    }
  }

  /// Entries of one stamp are one batch; the genesis is a batch of its own.
  private mutating func begin(at time: LedgerTime) {
    if time > state.time { state.begin(at: time) }
  }

  private mutating func feedInstruction(
    _ entry: LogEntry, _ stored: StoredEntry
  ) throws(LogFault) -> SequencedBatch? {
    guard let time = pending?.entry.time else { return nil }
    guard case .instruction(let bytes, _) = entry.body else {
      throw LogFault(
        .statement, at: entry.sequence, "an instruction of the submission is missing here")
    }
    guard entry.time == time else {
      throw LogFault(.chain, at: entry.sequence, "its ledger time is not its submission's")
    }
    try bound(bytes.count, stored.sideData.count, at: entry.sequence)
    // In place: a copy of what is pending, an entry, would cost O(instructions²).
    pending?.instructions.append((entry, stored))
    guard let submission = pending,
      submission.instructions.count == submission.statement.count
    else { return nil }
    pending = nil
    return try execute(submission)
  }

  /// Bounds what is held until a submission is complete, before it is known to be signed: a body of
  /// so many bytes is refused at the door, and what is beside an instruction is less than that.
  private mutating func bound(
    _ instructionBytes: Int, _ sideDataBytes: Int, at sequence: SequenceNumber
  ) throws(LogFault) {
    pending?.instructionBytes += instructionBytes
    pending?.sideDataBytes += sideDataBytes
    guard let pending else { return }
    guard pending.instructionBytes <= WireLimits.submissionBytesMax else {
      throw LogFault(
        .statement, at: sequence,
        "its submission has more than \(WireLimits.submissionBytesMax) bytes, more than are taken")
    }
    guard pending.sideDataBytes <= WireLimits.submissionBytesMax else {
      throw LogFault(
        .sideData, at: sequence,
        "more than \(WireLimits.submissionBytesMax) bytes lie beside its submission")
    }
  }

  private mutating func execute(_ pending: Pending) throws(LogFault) -> SequencedBatch {
    let first = pending.entry.sequence
    let verified = try verified(pending)
    begin(at: pending.entry.time)
    let admission: Admission
    do {
      admission = try state.admit(verified)
    } catch {
      throw LogFault(.authority, at: first, error.description)
    }
    guard case .admitted(let submission) = admission else {
      throw LogFault(.authority, at: first, "the submission was sequenced before")
    }
    writer.write(verified, at: pending.entry.time)
    try compare(pending.stored, at: first, decided: nil)
    let applied = state.apply(verified, submission)
    for (index, item) in pending.instructions.enumerated() {
      writer.readAhead(applied, at: index)
      writer.write(
        applied[index], of: verified.instructionBytes[index], at: pending.entry.time)
      try compare(item.stored, at: applied[index].sequence, decided: applied[index].outcome)
    }
    state.checkTotals()
    var batch = SequencedBatch(time: pending.entry.time, first: first)
    batch.append(
      .submission(SequencedSubmission(verified, at: first, applied: applied)))
    return batch
  }

  private func verified(_ pending: Pending) throws(LogFault) -> VerifiedSubmission {
    var instructions: [VerifiedInstruction] = []
    var instructionBytes: [[UInt8]] = []
    var leaves: [Digest] = []
    for (entry, _) in pending.instructions {
      guard case .instruction(let bytes, _) = entry.body else { continue }
      let leaf = TreeHash.leaf(bytes)
      leaves.append(leaf)
      instructionBytes.append(bytes)
      do {
        instructions.append(
          VerifiedInstruction(
            verified: try Instruction(canonicalBytes: bytes), digest: Bytes32(leaf)))
      } catch {
        throw LogFault(.encoding, at: entry.sequence, error.description)
      }
    }
    let root = TreeHash.root(of: leaves)
    guard Bytes32(root) == pending.statement.root else {
      throw LogFault(
        .statement, at: pending.entry.sequence, "its instructions are not those signed",
        expected: pending.statement.root.digest, found: root)
    }
    guard case .submission(let statementBytes, _) = pending.entry.body else {
      preconditionFailure("a pending entry is a submission")
    }
    return VerifiedSubmission(
      verified: pending.statement, bytes: statementBytes, signatures: pending.signatures,
      digest: SubmissionVerifier.digest(statementBytes),
      instructions: instructions, instructionBytes: InstructionBytes(instructionBytes))
  }

  /// Compares the entry that the writer has just written anew with the stored one, byte by byte.
  private func compare(
    _ stored: StoredEntry, at sequence: SequenceNumber, decided outcome: Outcome?
  ) throws(LogFault) {
    guard writer.entry.elementsEqual(stored.bytes) else {
      throw difference(stored, decided: outcome, at: sequence)
    }
    guard writer.sideData.elementsEqual(stored.sideData) else {
      throw LogFault(
        .sideData, at: sequence, "what is kept beside it is not what replay computes",
        expected: SHA256.hash(writer.sideData), found: SHA256.hash(stored.sideData))
    }
  }

  private func difference(
    _ stored: StoredEntry, decided outcome: Outcome?, at sequence: SequenceNumber
  ) -> LogFault {
    let expected = writer.head
    let found = TreeHash.leaf(stored.bytes)
    if let outcome, let entry = try? LogEntry(canonicalBytes: stored.bytes),
      case .instruction(_, let logged) = entry.body, logged != LoggedOutcome(outcome)
    {
      return LogFault(
        .decision, at: sequence,
        "the log says \(logged), replay decides \(LoggedOutcome(outcome))",
        expected: expected, found: found)
    }
    return LogFault(
      .chain, at: sequence, "it is not what replay writes", expected: expected, found: found)
  }
}
