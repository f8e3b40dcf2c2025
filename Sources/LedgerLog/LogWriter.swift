import LedgerCore
package import LedgerModel
package import LedgerStorage
package import LedgerWire
package import MerkleLog

/// Turns what the core decided into log entries: encodes, chains and hashes, in log order.
package struct LogWriter: Sendable {
  /// The leaf hash of the newest entry, which the next one names.
  package private(set) var head: Digest = .zero
  /// Over all entries written.
  package private(set) var tree = MerkleTree()
  package private(set) var entries: EntryWriter
  /// Leaves of accounts that a batch makes after an opening: some two milliseconds' work.
  private static let leavesAheadMax = 4_096

  /// Creates the writer of a new log, and writes entry 0.
  ///
  /// - Parameters:
  ///   - genesis: Valid.
  ///   - bytes: Its canonical bytes, as the officers signed them.
  ///   - signatures: One an officer, in their order.
  ///   - secret: The one that the genesis names, where entries are to follow.
  ///   - time: Of the entry.
  package init(
    genesis: Genesis, bytes: [UInt8], signatures: [StatementSignature],
    secret: CommitmentSecret?, at time: LedgerTime
  ) {
    entries = EntryWriter(StateTree(genesis: genesis, secret: secret))
    write(.genesis(bytes: bytes, signatures: signatures), at: time)
  }

  /// Creates the writer that goes on after entries that were replayed.
  ///
  /// - Parameters:
  ///   - entries: As they left it.
  ///   - head: The leaf hash of the last one.
  ///   - tree: Over them.
  package init(after entries: EntryWriter, head: Digest, tree: MerkleTree) {
    self.entries = entries
    self.head = head
    self.tree = tree
  }

  /// Writes what later entries depend on: the tree and the running hashes.
  func write(to snapshot: inout SnapshotWriter) {
    let (roots, leaves) = tree.held
    for hashes in [roots, leaves, runningHashes] {
      snapshot.write(hashes.count)
      for hash in hashes { snapshot.write(Bytes32(hash)) }
    }
  }

  /// What a snapshot has of the log, from which the writer is made once the state is read.
  struct Kept {
    let tree: MerkleTree
    let runningHashes: [Digest]

    init(reading snapshot: inout SnapshotReader, size: UInt64) throws(SnapshotError) {
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
      tree = MerkleTree(tileRoots: lists[0], lastLeaves: lists[1])
      runningHashes = lists[2]
      guard tree.size == size else {
        throw SnapshotError("a tree of \(tree.size) leaves over \(size) entries")
      }
    }
  }

  /// The sequence number of the next entry.
  package var next: SequenceNumber { SequenceNumber(tree.size) }

  /// As ``StateTree/runningHashes``.
  package var runningHashes: [Digest] { entries.accounts.runningHashes }

  /// The bytes of the newest entry, until the next is written.
  package var entry: ArraySlice<UInt8> { entries.entry }

  /// What is kept beside the newest entry, until the next is written.
  private var sideData: ArraySlice<UInt8> { entries.sideData }

  /// Encodes a whole batch.
  ///
  /// - Complexity: O(entries).
  package mutating func write(_ batch: SequencedBatch) -> WrittenBatch {
    precondition(batch.first == next, "batch of \(batch.first) where \(next) comes next")
    entries.hashAhead(Self.leavesAheadMax)
    var packer = RowPacker(first: batch.first)
    var runningHashes: [Digest] = []
    runningHashes.reserveCapacity(2 * batch.entryCount)
    for record in batch.records {
      switch record {
      case .system(let event):
        write(event, at: batch.time)
        pack(into: &packer)
      case .commitment(let totals):
        entries.write(totals, at: next, batch.time, after: head)
        chain()
        pack(into: &packer)
      case .submission(let sequenced):
        write(sequenced.submission, at: batch.time)
        pack(into: &packer)
        // By index, here and in the service: to iterate is to copy each.
        for index in sequenced.applied.indices {
          entries.readAhead(sequenced.applied, at: index)
          write(
            sequenced.applied[index], of: sequenced.submission.instructionBytes[index],
            at: batch.time)
          pack(into: &packer)
          if let slot = sequenced.applied[index].debit?.slot {
            runningHashes.append(entries.accounts.runningHash(of: slot))
          }
          if let slot = sequenced.applied[index].credit?.slot {
            runningHashes.append(entries.accounts.runningHash(of: slot))
          }
          for effect in sequenced.applied[index].cascade {
            runningHashes.append(entries.accounts.runningHash(of: effect.slot))
          }
        }
      }
    }
    return WrittenBatch(
      rows: packer.finish(), head: head, tree: tree, runningHashes: runningHashes)
  }

  /// Encodes the entry of a submission itself.
  private mutating func write(_ submission: VerifiedSubmission, at time: LedgerTime) {
    write(
      .submission(statement: submission.statementBytes, signatures: submission.signatures),
      at: time)
  }

  /// Encodes the entry of a system event.
  private mutating func write(_ event: SystemEvent, at time: LedgerTime) {
    write(.system(event), at: time)
  }

  /// Encodes the entry of one instruction, whose bytes are `instruction`.
  private mutating func write(
    _ applied: Applied, of instruction: ArraySlice<UInt8>, at time: LedgerTime
  ) {
    precondition(applied.sequence == next, "\(applied.sequence) written as \(next)")
    entries.write(applied, of: instruction, at: time, after: head)
    chain()
  }

  private mutating func write(_ body: LogEntry.Body, at time: LedgerTime) {
    entries.write(LogEntry(sequence: next, time: time, previous: head, body: body))
    chain()
  }

  private mutating func chain() {
    head = TreeHash.leaf(entries.entry)
    tree.append(head)
  }

  private func pack(into packer: inout RowPacker) {
    // Safe: both spans end with the call, and the buffers outlive it.
    unsafe packer.append(entry: entry.span.bytes, sideData: sideData.span.bytes)
  }
}

/// A batch as it stands in the log, and what the log is with it.
package struct WrittenBatch: Sendable {
  /// Ready for the store.
  package let rows: [StoredRow]
  /// The leaf hash of the last entry.
  package let head: Digest
  /// Over all entries up to there.
  package let tree: MerkleTree
  /// What each effect makes of its account's running hash: debit before credit, in log order.
  package let runningHashes: [Digest]
}
