package import LedgerModel

/// Cuts a batch into rows, each entry appended as its bytes become known.
///
/// An entry and its side data are copied once, into two buffers that a row then owns: a batch costs
/// two allocations a row, and none an entry.
package struct RowPacker {
  private var rows: [StoredRow] = []
  private var first: SequenceNumber
  private var count = 0
  private var entries: [UInt8] = []
  private var sideData: [UInt8] = []

  /// Creates a packer for a batch whose first entry is `first`.
  package init(first: SequenceNumber) { self.first = first }

  /// The sequence number of the next entry.
  package var next: SequenceNumber { SequenceNumber(first.value + UInt64(count)) }

  /// Adds the next entry with its side data.
  ///
  /// Traps where the entry is empty, or either has more than 65,535 bytes: the sequencer never
  /// makes such.
  package mutating func append(entry: RawSpan, sideData side: RawSpan) {
    let entryBytes = entry.byteCount
    precondition(entryBytes >= 1, "entry \(next) is empty")
    precondition(
      entryBytes <= StorageLimits.entryBytesMax, "entry \(next) has \(entryBytes) bytes")
    precondition(
      side.byteCount <= StorageLimits.sideDataBytesMax,
      "entry \(next) has \(side.byteCount) bytes of side data")
    if count == StorageLimits.entriesPerRowMax
      || entries.count + 2 + entryBytes > StorageLimits.rowBytesMax
      || sideData.count + 2 + side.byteCount > StorageLimits.rowBytesMax
    {
      closeRow()
    }
    if count == 0 {
      // Enough for 256 payments of the usual size, so that a buffer grows at most once more.
      entries.reserveCapacity(StorageLimits.rowBytesMax)
      sideData.reserveCapacity(16_384)
    }
    Self.frame(entry, into: &entries)
    Self.frame(side, into: &sideData)
    count += 1
  }

  /// Adds the next entry with its side data.
  package mutating func append(entry: [UInt8], sideData side: [UInt8]) {
    // Safe: both spans end with the call, and the arrays outlive it.
    unsafe append(entry: entry.span.bytes, sideData: side.span.bytes)
  }

  /// Returns the rows, and leaves the packer ready for the batch that follows.
  package mutating func finish() -> [StoredRow] {
    closeRow()
    defer { rows = [] }
    return rows
  }

  private mutating func closeRow() {
    guard count > 0 else { return }
    rows.append(
      StoredRow(first: first, count: count, entries: entries, sideData: sideData))
    first = next
    count = 0
    entries = []
    sideData = []
  }

  private static func frame(_ bytes: RawSpan, into buffer: inout [UInt8]) {
    buffer.append(UInt8(truncatingIfNeeded: bytes.byteCount >> 8))
    buffer.append(UInt8(truncatingIfNeeded: bytes.byteCount))
    // Safe: the pointer is used within the call only. One memory copy, not a loop over bytes.
    unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
  }
}
