import LedgerModel
import MerkleLog

/// How a file writes ``ProvenEntries``: hashes that several paths share are written once.
struct ProvenEntriesDocument: Codable {
  struct Entry: Codable {
    let sequence: UInt64
    /// Base64.
    let entry: String
    /// Places in `hashes`, the leaf's sibling first.
    let path: [Int]
  }

  let checkpoint: String
  /// Base64.
  let hashes: [String]
  let entries: [Entry]

  init(_ proven: ProvenEntries) {
    var hashes: [Digest] = []
    var places: [Digest: Int] = [:]
    func place(of hash: Digest) -> Int {
      if let place = places[hash] { return place }
      places[hash] = hashes.count
      hashes.append(hash)
      return hashes.count - 1
    }
    checkpoint = String(decoding: proven.checkpoint, as: UTF8.self)
    entries = proven.entries.map { entry in
      Entry(
        sequence: entry.sequence.value, entry: Base64.encode(entry.bytes),
        path: entry.path.map { place(of: $0) })
    }
    self.hashes = hashes.map { Base64.encode($0.bytes) }
  }

  /// - Throws: ``EvidenceFault`` of the kind `form`.
  func proven() throws(EvidenceFault) -> ProvenEntries {
    var hashes: [Digest] = []
    for text in self.hashes { hashes.append(try Base64Field.digest(text, "log.hashes")) }
    var entries: [ProvenEntries.Entry] = []
    for entry in self.entries {
      guard entry.path.count <= ProofLimits.pathHashesMax else {
        throw EvidenceFault(.form, "the path of entry \(entry.sequence) is too long")
      }
      var path: [Digest] = []
      for place in entry.path {
        guard hashes.indices.contains(place) else {
          throw EvidenceFault(.form, "`log.entries.path` names hash \(place) of \(hashes.count)")
        }
        path.append(hashes[place])
      }
      entries.append(
        ProvenEntries.Entry(
          sequence: SequenceNumber(entry.sequence),
          bytes: try Base64Field.bytes(entry.entry, "log.entries.entry"), path: path))
    }
    return ProvenEntries(checkpoint: Array(checkpoint.utf8), entries: entries)
  }
}

/// Fields of a proof file that are base64.
enum Base64Field {
  static func bytes(_ text: String, _ field: String) throws(EvidenceFault) -> [UInt8] {
    guard let bytes = Base64.decode(Array(text.utf8)) else {
      throw EvidenceFault(.form, "`\(field)` is no canonical base64")
    }
    return bytes
  }

  static func digest(_ text: String, _ field: String) throws(EvidenceFault) -> Digest {
    guard let digest = try? Digest(try bytes(text, field)) else {
      throw EvidenceFault(.form, "`\(field)` is not the base64 of 32 bytes")
    }
    return digest
  }
}
