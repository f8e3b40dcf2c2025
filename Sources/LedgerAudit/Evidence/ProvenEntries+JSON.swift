import LedgerModel
import MerkleLog

/// How a file writes ``ProvenEntries``: hashes that several paths share are written once.
struct ProvenEntriesDocument: Codable {
  struct Entry: Codable {
    let sequence: UInt64
    /// Base64.
    let entry: String
    /// Places in `hashes`, the leaf's sibling first.
    let path: [UInt32]
  }

  let checkpoint: String
  /// Base64.
  let hashes: [String]
  let entries: [Entry]

  init(_ proven: ProvenEntries) {
    checkpoint = String(decoding: proven.checkpoint, as: UTF8.self)
    hashes = proven.hashes.map { Base64.encode($0.bytes) }
    entries = proven.entries.map {
      Entry(sequence: $0.sequence.value, entry: Base64.encode($0.bytes), path: $0.path)
    }
  }

  /// - Throws: ``EvidenceFault`` of the kind `form`.
  func proven() throws(EvidenceFault) -> ProvenEntries {
    var hashes: [Digest] = []
    for text in self.hashes { hashes.append(try Base64Field.digest(text, "log.hashes")) }
    var entries: [ProvenEntries.Entry] = []
    for entry in self.entries {
      entries.append(
        ProvenEntries.Entry(
          sequence: SequenceNumber(entry.sequence),
          bytes: try Base64Field.bytes(entry.entry, "log.entries.entry"), path: entry.path))
    }
    return try ProvenEntries(
      checkpoint: Array(checkpoint.utf8), hashes: hashes, entries: entries)
  }
}
