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

  package init() {}

  /// The sequence number of the next entry.
  package var next: SequenceNumber { SequenceNumber(tree.size) }

  /// Encodes a whole batch.
  ///
  /// - Returns: Its rows, ready for the store.
  package mutating func write(_ batch: SequencedBatch) -> [StoredRow] {
    precondition(batch.first == next, "batch of \(batch.first) where \(next) comes next")
    var packer = RowPacker(first: batch.first)
    for record in batch.records {
      let written = write(record, at: batch.time)
      packer.append(entry: written.entry, sideData: written.sideData)
    }
    return packer.finish()
  }

  /// Encodes entry 0.
  package mutating func writeGenesis(
    _ genesis: [UInt8], signatures: [StatementSignature], at time: LedgerTime
  ) -> [UInt8] {
    precondition(next == .genesis, "the genesis is entry 0, not \(next)")
    return append(.genesis(bytes: genesis, signatures: signatures), at: time)
  }

  /// Encodes one entry.
  package mutating func write(
    _ record: SequencedRecord, at time: LedgerTime
  ) -> (entry: [UInt8], sideData: [UInt8]) {
    switch record {
    case .submission(let submission):
      let body = LogEntry.Body.submission(
        statement: submission.statementBytes, signatures: submission.signatures)
      return (append(body, at: time), [])
    case .instruction(let verified, let applied, _):
      let sequence = next
      precondition(applied.sequence == sequence, "\(applied.sequence) written as \(sequence)")
      if let effect = applied.debit { extendRunningHash(of: effect.slot, with: sequence) }
      if let effect = applied.credit { extendRunningHash(of: effect.slot, with: sequence) }
      let body = LogEntry.Body.instruction(
        bytes: verified.bytes, outcome: LoggedOutcome(applied.outcome))
      return (append(body, at: time), Self.sideData(of: applied).canonicalBytes)
    case .system(let event): return (append(.system(event), at: time), [])
    }
  }

  /// What is kept beside an instruction's entry.
  package static func sideData(of applied: Applied) -> SideData {
    var breach: SideData.Breach?
    if case .rejected(.limitExceeded(let limit)) = applied.outcome {
      breach = SideData.Breach(limit)
    }
    return SideData(
      effects: [applied.debit, applied.credit].compactMap { $0?.posting }, breach: breach)
  }

  private mutating func append(_ body: LogEntry.Body, at time: LedgerTime) -> [UInt8] {
    let bytes = LogEntry(sequence: next, time: time, previous: head, body: body).canonicalBytes
    head = TreeHash.leaf(bytes)
    tree.append(head)
    return bytes
  }

  private mutating func extendRunningHash(of slot: Int, with sequence: SequenceNumber) {
    while runningHashes.count <= slot { runningHashes.append(.zero) }
    var hash = SHA256()
    hash.update(runningHashes[slot])
    hash.update((0..<8).map { UInt8(truncatingIfNeeded: sequence.value >> (56 - 8 * $0)) })
    runningHashes[slot] = hash.finalize()
  }
}
