package import LedgerCore
package import LedgerModel
package import LedgerWire
import MerkleLog

/// Re-executes a log batch by batch, and holds every byte of it against what the core decides.
///
/// Opening a ledger and auditing one are the same replay: same orders in, same bytes out.
package struct LogReplay: Sendable {
  package private(set) var state: LedgerState
  package private(set) var entries: EntryWriter
  /// Whether there is side data to be compared.
  private let hasSideData: Bool

  /// Begins with entry 0.
  ///
  /// - Parameters:
  ///   - entry: Entry 0.
  ///   - secret: Of the ledger's commitments; without it their roots are taken as logged.
  ///   - hasSideData: Whether the log comes with it: an exported one does not.
  ///   - check: Takes each signature, and says whether to go on.
  /// - Throws: ``LogFault``.
  package init(
    genesis entry: StoredEntry, secret: CommitmentSecret? = nil, hasSideData: Bool = true,
    signatures check: (SignatureJob) -> Bool
  ) throws(LogFault) {
    let logged: LogEntry
    do {
      logged = try LogEntry(canonicalBytes: entry.bytes)
    } catch {
      throw LogFault(.encoding, at: .genesis, error.description, found: entry.leaf)
    }
    guard case .genesis(let genesisBytes, let signatures) = logged.body,
      logged.sequence == .genesis, logged.previous == .zero
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
    guard entry.sideData.isEmpty else {
      throw LogFault(
        .sideData, at: .genesis, "the genesis moves no money, and has nothing beside it",
        expected: SHA256.hash([]), found: SHA256.hash(entry.sideData))
    }
    state = LedgerState(genesis: genesis, id: LedgerID(Bytes32(entry.leaf)), at: logged.time)
    if let secret, secret.digest != genesis.parameters.commitments?.secretDigest {
      throw LogFault(
        .commitment, at: .genesis,
        genesis.parameters.commitments == nil
          ? "it commits to no states, and has no secret"
          : "its commitments have another secret than the one given")
    }
    entries = EntryWriter(StateTree(genesis: genesis, secret: secret))
    self.hasSideData = hasSideData
  }

  /// Goes on after a snapshot, whose entries are not replayed.
  ///
  /// - Parameters:
  ///   - snapshot: Where to begin.
  ///   - hasSideData: Whether the log comes with it.
  package init(after snapshot: Snapshot, hasSideData: Bool = true) {
    self.hasSideData = hasSideData
    state = snapshot.state
    entries = snapshot.writer.entries
  }

  /// The sequence number of the first entry of the next batch.
  package var next: SequenceNumber { state.nextSequence }

  /// Replays the next batch.
  ///
  /// - Returns: What the core decided.
  /// - Throws: ``LogFault``; the replay is then at its end.
  /// - Complexity: O(instructions).
  package mutating func replay(_ batch: LoggedBatch) throws(LogFault) -> SequencedBatch {
    precondition(batch.first == next, "batch of \(batch.first) where \(next) comes next")
    // Entries of one stamp are one batch; the genesis is a batch of its own.
    if batch.time > state.time { state.begin(at: batch.time) }
    var sequenced = SequencedBatch(time: batch.time, first: batch.first)
    try checkCommitment(in: batch)
    switch batch.body {
    case .system(.tick):
      _ = state.tick()
      try write(.system(.tick), asIn: batch)
      sequenced.append(.system(.tick))
    case .system(.commitment(let logged)):
      let totals = state.commit().totals
      try compare(totals, with: logged, at: batch.first)
      entries.write(
        totals, at: batch.first, batch.time, after: batch.previous, logged: logged.root)
      try compareRoot(in: batch)
      sequenced.append(.commitment(totals))
    case .submission(let submission):
      sequenced.append(.submission(try replay(submission, of: batch)))
    }
    return sequenced
  }

  /// Checks that the log commits to the state where it must, and nowhere else.
  private func checkCommitment(in batch: LoggedBatch) throws(LogFault) {
    let isCommitment = if case .system(.commitment) = batch.body { true } else { false }
    guard isCommitment != state.isCommitmentDue else { return }
    throw LogFault(
      .commitment, at: batch.first,
      isCommitment
        ? "it commits to the state, and nothing is due"
        : "a commitment to the state is due here, before all else of its ledger time")
  }

  /// Compares what is said in clear: whose money is wrong is said in numbers.
  private func compare(
    _ totals: StateTotals, with logged: StateCommitment, at sequence: SequenceNumber
  ) throws(LogFault) {
    guard totals != logged.totals else { return }
    throw LogFault(
      .commitment, at: sequence,
      "it says \(logged.totals), and replay computes \(totals)")
  }

  private func compareRoot(in batch: LoggedBatch) throws(LogFault) {
    let stored = batch.entries.bytes(0)
    guard !entries.entry.holdsSameBytes(as: stored) else {
      return try compare(with: batch, at: 0, decided: nil)
    }
    throw LogFault(
      .commitment, at: batch.first, "its root is not the one over all accounts as replayed",
      expected: TreeHash.leaf(entries.entry), found: TreeHash.leaf(stored))
  }

  private mutating func replay(
    _ submission: VerifiedSubmission, of batch: LoggedBatch
  ) throws(LogFault) -> SequencedSubmission {
    let admission: Admission
    do {
      admission = try state.admit(submission)
    } catch {
      throw LogFault(.authority, at: batch.first, error.description)
    }
    guard case .admitted(let admitted) = admission else {
      throw LogFault(.authority, at: batch.first, "the submission was sequenced before")
    }
    try write(
      .submission(statement: submission.statementBytes, signatures: submission.signatures),
      asIn: batch)
    let applied = state.apply(submission, admitted)
    for index in applied.indices {
      entries.readAhead(applied, at: index)
      entries.write(
        applied[index], of: submission.instructionBytes[index], at: batch.time,
        after: batch.entries.leaves[index])
      try compare(with: batch, at: index + 1, decided: applied[index].outcome)
    }
    state.checkTotals()
    return SequencedSubmission(submission, at: batch.first, applied: applied)
  }

  /// Writes a batch's first entry anew, and compares.
  private mutating func write(
    _ body: LogEntry.Body, asIn batch: LoggedBatch
  ) throws(LogFault) {
    entries.write(
      LogEntry(
        sequence: batch.first, time: batch.time, previous: batch.previous, body: body))
    try compare(with: batch, at: 0, decided: nil)
  }

  /// Compares the entry that has just been written anew with the stored one, byte by byte.
  @inline(__always)  // A call copies the replay, 1.3 KB for each entry.
  private func compare(
    with batch: LoggedBatch, at index: Int, decided outcome: Outcome?
  ) throws(LogFault) {
    let sequence = SequenceNumber(batch.first.value + UInt64(index))
    let stored = batch.entries.bytes(index)
    guard entries.entry.holdsSameBytes(as: stored) else {
      throw difference(stored, decided: outcome, at: sequence)
    }
    guard hasSideData else { return }
    let sideData = batch.entries.sideData(index)
    guard entries.sideData.holdsSameBytes(as: sideData) else {
      throw LogFault(
        .sideData, at: sequence, "what is kept beside it is not what replay computes",
        expected: SHA256.hash(entries.sideData), found: SHA256.hash(sideData))
    }
  }

  private func difference(
    _ stored: ArraySlice<UInt8>, decided outcome: Outcome?, at sequence: SequenceNumber
  ) -> LogFault {
    let expected = TreeHash.leaf(entries.entry)
    let found = TreeHash.leaf(stored)
    if let outcome, let entry = InstructionEntry(canonicalBytes: stored),
      entry.outcome != LoggedOutcome(outcome)
    {
      return LogFault(
        .decision, at: sequence,
        "the log says \(entry.outcome), replay decides \(LoggedOutcome(outcome))",
        expected: expected, found: found)
    }
    return LogFault(
      .chain, at: sequence, "it is not what replay writes", expected: expected, found: found)
  }
}

extension ArraySlice<UInt8> {
  /// Compares word by word: `elementsEqual` goes byte by byte.
  fileprivate func holdsSameBytes(as other: Self) -> Bool {
    guard count == other.count else { return false }
    // Safe: the spans end with the call, the loads are within them, and every bit pattern is valid.
    let (left, right) = unsafe (span.bytes, other.span.bytes)
    var offset = 0
    while offset + 8 <= left.byteCount {
      let leftWord = unsafe left.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let rightWord = unsafe right.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      guard leftWord == rightWord else { return false }
      offset += 8
    }
    while offset < left.byteCount {
      let leftByte = unsafe left.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      let rightByte = unsafe right.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      guard leftByte == rightByte else { return false }
      offset += 1
    }
    return true
  }
}
