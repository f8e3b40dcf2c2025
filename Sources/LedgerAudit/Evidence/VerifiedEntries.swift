package import LedgerModel
package import LedgerWire
package import MerkleLog

/// Entries that are in a log, under a checkpoint that an auditor believes.
package struct VerifiedEntries: Sendable {
  package let checkpoint: VerifiedCheckpoint
  package let ledger: LedgerID
  package let genesis: Genesis
  /// Ascending; the first is the genesis.
  package let entries: [LogEntry]

  /// - Throws: ``EvidenceFault`` where the file has not the entry.
  /// - Complexity: O(log entries).
  func entry(_ sequence: SequenceNumber) throws(EvidenceFault) -> LogEntry {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].sequence == sequence else {
      throw EvidenceFault(.form, "it names entry \(sequence), and does not have it")
    }
    return entries[low]
  }

  /// Checks that the file has entry 0 and these entries alone, so that nothing rides along.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  /// - Complexity: O(entries).
  func checkAllNeeded(for sequences: [SequenceNumber]) throws(EvidenceFault) {
    let needed = Set(sequences + [.genesis])
    guard let other = entries.first(where: { !needed.contains($0.sequence) }) else { return }
    throw EvidenceFault(.form, "it has entry \(other.sequence), of which it says nothing")
  }
}
