package import LedgerCore
package import LedgerModel
package import LedgerStorage
package import LedgerWire
package import MerkleLog

/// Turns what the core decided into log entries: encodes, chains and hashes, in log order.
///
/// The service's writer and the replay use the same one, so that a replay must give the same bytes.
package struct LogWriter: Sendable {
  /// The leaf hash of the newest entry, which the next one names.
  package private(set) var head: Digest = .zero
  /// Over all entries written.
  package private(set) var tree = MerkleTree()
  /// By account slot: a hash over the sequence numbers of its accepted entries.
  ///
  /// - Source: docs/formats/log-entry.md, "Running hash".
  package private(set) var runningHashes: [Digest] = []

  /// What was read ahead, for nobody.
  private var runningHashTrace: UInt64 = 0
  private static let readAheadMax = 128

  // Used again for each entry, so that writing one allocates nothing.
  private var entryBuffer = ProtobufWriter(capacity: 1_024)
  private var sideBuffer = ProtobufWriter(capacity: 256)

  package init() {}

  /// Writes what later entries depend on: the tree and the running hashes.
  func write(to snapshot: inout SnapshotWriter) {
    let (roots, leaves) = tree.held
    for hashes in [roots, leaves, runningHashes] {
      snapshot.write(hashes.count)
      for hash in hashes { snapshot.write(Bytes32(hash)) }
    }
  }

  init(
    reading snapshot: inout SnapshotReader, head: Digest, size: UInt64
  ) throws(SnapshotError) {
    var lists: [[Digest]] = []
    for _ in 0..<3 {
      let count = try snapshot.count(max: .max)
      var hashes: [Digest] = []
      hashes.reserveCapacity(min(count, 1 << 24))
      for _ in 0..<count { hashes.append(try snapshot.bytes32().digest) }
      lists.append(hashes)
    }
    guard lists[1].count < Tile.widthMax else {
      throw SnapshotError("\(lists[1].count) leaves after the last complete tile")
    }
    self.head = head
    tree = MerkleTree(tileRoots: lists[0], lastLeaves: lists[1])
    runningHashes = lists[2]
    guard tree.size == size else {
      throw SnapshotError("a tree of \(tree.size) leaves over \(size) entries")
    }
  }

  /// The sequence number of the next entry.
  package var next: SequenceNumber { SequenceNumber(tree.size) }

  /// The bytes of the newest entry, until the next is written.
  package var entry: ArraySlice<UInt8> { entryBuffer.written }

  /// What is kept beside the newest entry, until the next is written.
  package var sideData: ArraySlice<UInt8> { sideBuffer.written }

  /// Encodes a whole batch.
  ///
  /// - Returns: Its rows, ready for the store.
  package mutating func write(_ batch: SequencedBatch) -> [StoredRow] {
    precondition(batch.first == next, "batch of \(batch.first) where \(next) comes next")
    var packer = RowPacker(first: batch.first)
    for record in batch.records {
      switch record {
      case .system(let event):
        write(event, at: batch.time)
        pack(into: &packer)
      case .submission(let sequenced):
        write(sequenced.submission, at: batch.time)
        pack(into: &packer)
        for index in sequenced.applied.indices {
          readAhead(sequenced.applied, at: index)
          write(
            sequenced.applied[index], of: sequenced.submission.instructionBytes[index],
            at: batch.time)
          pack(into: &packer)
        }
      }
    }
    return packer.finish()
  }

  /// Encodes entry 0.
  package mutating func writeGenesis(
    _ genesis: [UInt8], signatures: [StatementSignature], at time: LedgerTime
  ) -> [UInt8] {
    precondition(next == .genesis, "the genesis is entry 0, not \(next)")
    write(.genesis(bytes: genesis, signatures: signatures), at: time)
    return Array(entry)
  }

  /// Encodes the entry of a submission itself.
  package mutating func write(_ submission: VerifiedSubmission, at time: LedgerTime) {
    write(
      .submission(statement: submission.statementBytes, signatures: submission.signatures),
      at: time)
  }

  /// Encodes the entry of a system event.
  package mutating func write(_ event: SystemEvent, at time: LedgerTime) {
    write(.system(event), at: time)
  }

  /// Encodes the entry of one instruction, whose bytes are `instruction`.
  package mutating func write(
    _ applied: Applied, of instruction: ArraySlice<UInt8>, at time: LedgerTime
  ) {
    let sequence = next
    precondition(applied.sequence == sequence, "\(applied.sequence) written as \(sequence)")
    entryBuffer.removeAll()
    entryBuffer.instructionEntry(
      sequence: sequence, time: time, previous: head, instruction: instruction,
      outcome: LoggedOutcome(applied.outcome))
    sideBuffer.removeAll()
    if let effect = applied.debit {
      extendRunningHash(of: effect.slot, with: sequence)
      sideBuffer.effect(effect.posting)
    }
    if let effect = applied.credit {
      extendRunningHash(of: effect.slot, with: sequence)
      sideBuffer.effect(effect.posting)
    }
    if case .rejected(.limitExceeded(let limit)) = applied.outcome {
      sideBuffer.breach(SideData.Breach(limit))
    }
    chain()
  }

  /// Reads the running hashes that are about to be extended, for many outcomes in one loop, so that
  /// the memory of many is under way at once: see `LedgerState.locate`.
  ///
  /// - Parameters:
  ///   - applied: What became of a submission's instructions.
  ///   - index: The one that is written next; at most of them nothing is done.
  package mutating func readAhead(_ applied: [Applied], at index: Int) {
    guard index.isMultiple(of: Self.readAheadMax) else { return }
    var trace: UInt64 = 0
    for index in index..<min(index + Self.readAheadMax, applied.count) {
      if let slot = applied[index].debit?.slot, slot < runningHashes.count {
        trace &+= runningHashes[slot].bigEndianWords.0
      }
      if let slot = applied[index].credit?.slot, slot < runningHashes.count {
        trace &+= runningHashes[slot].bigEndianWords.0
      }
    }
    runningHashTrace = trace
  }

  private mutating func write(_ body: LogEntry.Body, at time: LedgerTime) {
    entryBuffer.removeAll()
    sideBuffer.removeAll()
    entryBuffer.entry(LogEntry(sequence: next, time: time, previous: head, body: body))
    chain()
  }

  private mutating func chain() {
    head = TreeHash.leaf(entryBuffer.written)
    tree.append(head)
  }

  private func pack(into packer: inout RowPacker) {
    // Safe: both spans end with the call, and the buffers outlive it.
    unsafe packer.append(entry: entry.span.bytes, sideData: sideData.span.bytes)
  }

  private mutating func extendRunningHash(of slot: Int, with sequence: SequenceNumber) {
    while runningHashes.count <= slot { runningHashes.append(.zero) }
    runningHashes[slot] = SHA256.hash(runningHashes[slot], sequence.value)
  }
}
