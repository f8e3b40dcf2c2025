import LedgerCore
package import LedgerModel
import LedgerWire
package import MerkleLog

/// Puts a log's entries together to batches, and checks all of them that needs no ledger.
///
/// That is: the one encoding, sequence numbers, times that never go back, links, instructions under
/// their statement's root. What an order does to the ledger is decided again by ``LogReplay``, on
/// another core if one likes.
package struct BatchReader: Sendable {
  /// The sequence number of the entry to read next.
  package private(set) var next: SequenceNumber
  /// The leaf hash of the entry before.
  package private(set) var head: Digest
  /// Of the entry before.
  private var time: LedgerTime
  private var pending: PendingSubmission?

  /// Begins after what a replay has gone through.
  ///
  /// - Parameters:
  ///   - replay: Its end is this one's beginning.
  ///   - head: The leaf hash of the last entry replayed.
  package init(after replay: LogReplay, head: Digest) {
    next = replay.next
    time = replay.state.time
    self.head = head
  }

  /// Whether the last entry read is of a submission that is not complete yet.
  package var isWithinSubmission: Bool { pending != nil }

  /// Reads the next entry.
  ///
  /// - Parameters:
  ///   - entry: As the store has it.
  ///   - check: Takes each signature, and says whether to go on.
  /// - Returns: The batch that is complete with this entry; `nil` within a submission.
  /// - Throws: ``LogFault``; the reading is then at its end.
  package mutating func read(
    _ entry: StoredEntry, signatures check: (SignatureJob) -> Bool
  ) throws(LogFault) -> LoggedBatch? {
    let batch: LoggedBatch?
    if let instruction = InstructionEntry(canonicalBytes: entry.bytes) {
      try checkPlace(instruction.sequence, instruction.time, after: instruction.previous)
      batch = try append(instruction, entry)
    } else {
      let logged = try decode(entry)
      try checkPlace(logged.sequence, logged.time, after: logged.previous)
      if let instruction = InstructionEntry(logged) {
        batch = try append(instruction, entry)
      } else if pending != nil {
        throw LogFault(.statement, at: next, "an instruction of the submission is missing here")
      } else {
        batch = try begin(logged, entry, signatures: check)
      }
      time = logged.time
    }
    head = entry.leaf
    next = next.next
    return batch
  }

  /// Checks that the log does not end within a submission.
  package func finish() throws(LogFault) {
    guard pending == nil else {
      throw LogFault(.truncated, at: next, "the log ends within a submission")
    }
  }

  private func decode(_ entry: StoredEntry) throws(LogFault) -> LogEntry {
    do {
      return try LogEntry(canonicalBytes: entry.bytes)
    } catch {
      throw LogFault(.encoding, at: next, error.description, found: entry.leaf)
    }
  }

  @inline(__always)  // Called for each entry; a call would copy the reader.
  private func checkPlace(
    _ sequence: SequenceNumber, _ time: LedgerTime, after previous: Digest
  ) throws(LogFault) {
    guard sequence == next else {
      throw LogFault(.chain, at: next, "it says that it is entry \(sequence)")
    }
    guard previous == head else {
      throw LogFault(
        .chain, at: next, "it does not name the entry before it", expected: head, found: previous)
    }
    guard time >= self.time else {
      throw LogFault(.chain, at: next, "its ledger time is before the last entry's")
    }
  }

  private mutating func begin(
    _ logged: LogEntry, _ entry: StoredEntry, signatures check: (SignatureJob) -> Bool
  ) throws(LogFault) -> LoggedBatch? {
    switch logged.body {
    case .genesis: throw LogFault(.genesis, at: next, "a second genesis")
    case .instruction: preconditionFailure("an instruction begins no batch")
    case .system(let event):
      var entries = LoggedEntries()
      entries.append(entry)
      return LoggedBatch(
        first: next, time: logged.time, previous: head, body: .system(event), entries: entries)
    case .submission(let statementBytes, let signatures):
      let statement: Statement
      do {
        statement = try Statement(canonicalBytes: statementBytes)
      } catch {
        throw LogFault(.statement, at: next, error.description)
      }
      let ascends = zip(signatures, signatures.dropFirst()).allSatisfy { $0.key < $1.key }
      guard !signatures.isEmpty, ascends else {
        throw LogFault(.statement, at: next, "its signatures do not ascend by key")
      }
      let message = DSSE.preAuthenticationEncoding(
        type: DSSE.statementType, payload: statementBytes)
      for signature in signatures {
        let job = SignatureJob(sequence: next, signature: signature, message: message)
        guard check(job) else { throw job.fault }
      }
      var begun = PendingSubmission(
        first: next, time: logged.time, previous: head, statement: statement,
        statementBytes: statementBytes, signatures: signatures)
      begun.entries.reserveCapacity(1 + statement.count)
      begun.instructionRanges.reserveCapacity(statement.count)
      begun.entries.append(entry)
      pending = begun
      return nil
    }
  }

  private mutating func append(
    _ instruction: InstructionEntry, _ entry: StoredEntry
  ) throws(LogFault) -> LoggedBatch? {
    guard let begun = pending?.time else {
      throw LogFault(.statement, at: next, "an instruction without a submission before it")
    }
    guard instruction.time == begun else {
      throw LogFault(.chain, at: next, "its ledger time is not its submission's")
    }
    // In place: a copy of what is pending, an entry, would cost O(instructions²).
    try pending?.append(instruction, entry)
    guard pending?.isComplete == true, let complete = pending.take() else { return nil }
    return try Self.batch(complete)
  }

  private static func batch(_ pending: PendingSubmission) throws(LogFault) -> LoggedBatch {
    let bytes = InstructionBytes(pending.instructionBuffer, ranges: pending.instructionRanges)
    var leaves: [Digest] = []
    leaves.reserveCapacity(bytes.count)
    var instructions: [VerifiedInstruction] = []
    instructions.reserveCapacity(bytes.count)
    for (index, bytes) in bytes.enumerated() {
      let leaf = TreeHash.leaf(bytes)
      leaves.append(leaf)
      do {
        instructions.append(
          VerifiedInstruction(
            verified: try Instruction(canonicalBytes: bytes), digest: Bytes32(leaf)))
      } catch {
        let sequence = SequenceNumber(pending.first.value + 1 + UInt64(index))
        throw LogFault(.encoding, at: sequence, error.description)
      }
    }
    let root = TreeHash.root(of: leaves)
    guard Bytes32(root) == pending.statement.root else {
      throw LogFault(
        .statement, at: pending.first, "its instructions are not those signed",
        expected: pending.statement.root.digest, found: root)
    }
    return LoggedBatch(
      first: pending.first, time: pending.time, previous: pending.previous,
      body: .submission(
        VerifiedSubmission(
          verified: pending.statement, bytes: pending.statementBytes,
          signatures: pending.signatures,
          digest: SubmissionVerifier.digest(pending.statementBytes),
          instructions: instructions, instructionBytes: bytes)),
      entries: pending.entries)
  }
}

/// A submission whose instructions are still to come.
private struct PendingSubmission: Sendable {
  let first: SequenceNumber
  let time: LedgerTime
  let previous: Digest
  let statement: Statement
  let statementBytes: [UInt8]
  let signatures: [StatementSignature]
  var entries = LoggedEntries()
  var instructionBuffer: [UInt8] = []
  var instructionRanges: [Range<Int32>] = []
  var sideDataBytes = 0

  var isComplete: Bool { instructionRanges.count == statement.count }

  /// Adds an instruction's entry, and bounds what is held before it is known to be signed.
  ///
  /// A body of so many bytes is refused at the door, and what is beside an instruction is less than
  /// that.
  mutating func append(
    _ instruction: InstructionEntry, _ entry: StoredEntry
  ) throws(LogFault) {
    let start = Int32(instructionBuffer.count)
    instructionBuffer.append(contentsOf: instruction.instruction)
    instructionRanges.append(start..<Int32(instructionBuffer.count))
    sideDataBytes += entry.sideData.count
    entries.append(entry)
    guard instructionBuffer.count <= WireLimits.submissionBytesMax else {
      throw LogFault(
        .statement, at: instruction.sequence,
        "its submission has more than \(WireLimits.submissionBytesMax) bytes, more than are taken")
    }
    guard sideDataBytes <= WireLimits.submissionBytesMax else {
      throw LogFault(
        .sideData, at: instruction.sequence,
        "more than \(WireLimits.submissionBytesMax) bytes lie beside its submission")
    }
  }
}
