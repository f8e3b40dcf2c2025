package import LedgerModel
package import LedgerWire
package import MerkleLog

/// One entry as the store has it.
package struct StoredEntry: Sendable {
  package let bytes: ArraySlice<UInt8>
  package let sideData: ArraySlice<UInt8>
  /// Of the bytes.
  package let leaf: Digest

  package init(_ bytes: ArraySlice<UInt8>, sideData: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.sideData = sideData
    leaf = TreeHash.leaf(bytes)
  }
}

/// A submission with its instructions, or a system entry, as the log has it: well formed and
/// linked, and not yet decided again.
package struct LoggedBatch: Sendable {
  package enum Body: Sendable {
    case submission(VerifiedSubmission)
    case system(SystemEvent)
  }

  /// Of the first entry.
  package let first: SequenceNumber
  package let time: LedgerTime
  /// The leaf hash of the entry before the first.
  package let previous: Digest
  package let body: Body
  package let entries: LoggedEntries
}

/// The entries of a batch, one after the other in one buffer.
package struct LoggedEntries: Sendable {
  /// The leaf hash of each.
  package private(set) var leaves: [Digest] = []
  private var bytes: [UInt8] = []
  private var sideData: [UInt8] = []
  /// Where each ends.
  private var ends: [(bytes: Int, sideData: Int)] = []

  package var count: Int { leaves.count }
  package var byteCount: Int { bytes.count + sideData.count }

  mutating func reserveCapacity(_ count: Int) {
    leaves.reserveCapacity(count)
    ends.reserveCapacity(count)
  }

  mutating func append(_ entry: StoredEntry) {
    leaves.append(entry.leaf)
    bytes.append(contentsOf: entry.bytes)
    sideData.append(contentsOf: entry.sideData)
    ends.append((bytes.count, sideData.count))
  }

  func bytes(_ index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1].bytes)..<ends[index].bytes]
  }

  func sideData(_ index: Int) -> ArraySlice<UInt8> {
    sideData[(index == 0 ? 0 : ends[index - 1].sideData)..<ends[index].sideData]
  }
}
