package import LedgerModel

/// One row of the log: consecutive entries, and beside each the side data that stays outside its
/// leaf.
///
/// Both columns are framed alike, which for the entries is the entry bundle of C2SP tlog-tiles:
///
///     repeated: uint16 length, big-endian || that many bytes
///
/// A row holds 1 to 256 entries. Neither column is over 64 KiB, unless the row holds one entry.
/// Entries have at least one byte; side data may be empty.
package struct StoredRow: Hashable, Sendable {
  /// The sequence number of the row's first entry.
  package let first: SequenceNumber
  /// How many entries the row holds.
  package let count: Int
  /// The framed entries.
  package let entries: [UInt8]
  /// The framed side data, one piece an entry; opaque to every store.
  package let sideData: [UInt8]

  /// Creates the row as given; ``layout()`` says whether it is well formed.
  package init(first: SequenceNumber, count: Int, entries: [UInt8], sideData: [UInt8]) {
    self.first = first
    self.count = count
    self.entries = entries
    self.sideData = sideData
  }

  /// The sequence number that follows the row's last entry.
  package var end: SequenceNumber { SequenceNumber(first.value + UInt64(count)) }
}

/// Where each entry of a row lies, and each piece of side data.
package struct RowLayout: Hashable, Sendable {
  /// Ranges in ``StoredRow/entries``, in order, lengths left out.
  package let entries: [Range<Int>]
  /// Ranges in ``StoredRow/sideData``, as many.
  package let sideData: [Range<Int>]
}

extension StoredRow {
  /// Walks the framing of both columns, strictly.
  ///
  /// - Throws: ``StoreError/corrupt(detail:)``, naming the row, unless the row is exactly as its
  ///   type describes.
  /// - Complexity: O(count).
  package func layout() throws(StoreError) -> RowLayout {
    guard 1 <= count, count <= StorageLimits.entriesPerRowMax else {
      throw damaged("it claims \(count) entries, outside 1 to \(StorageLimits.entriesPerRowMax)")
    }
    guard first.value <= UInt64(Int64.max) - UInt64(count) else {
      throw damaged("its sequence numbers are beyond 2^63")
    }
    return RowLayout(
      entries: try ranges(in: entries, column: "entries", lengthMin: 1),
      sideData: try ranges(in: sideData, column: "side data", lengthMin: 0))
  }

  /// Returns the bytes of one entry and of its side data, or `nil` where the row does not hold it.
  ///
  /// - Throws: ``StoreError/corrupt(detail:)`` where the row is not well formed.
  /// - Complexity: O(count).
  package func entry(
    at sequence: SequenceNumber
  ) throws(StoreError) -> (entry: ArraySlice<UInt8>, sideData: ArraySlice<UInt8>)? {
    let layout = try layout()
    guard first <= sequence, sequence < end else { return nil }
    let offset = Int(sequence.value - first.value)
    return (entries[layout.entries[offset]], sideData[layout.sideData[offset]])
  }

  private func ranges(
    in bytes: [UInt8], column: String, lengthMin: Int
  ) throws(StoreError) -> [Range<Int>] {
    guard count == 1 || bytes.count <= StorageLimits.rowBytesMax else {
      throw damaged(
        "its \(column) have \(bytes.count) bytes, above \(StorageLimits.rowBytesMax)")
    }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    var offset = 0
    for index in 0..<count {
      guard bytes.count - offset >= 2 else {
        throw damaged("its \(column) end before entry \(first.value + UInt64(index))")
      }
      let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
      offset += 2
      guard length >= lengthMin else {
        throw damaged("its \(column) hold nothing for entry \(first.value + UInt64(index))")
      }
      guard bytes.count - offset >= length else {
        throw damaged("its \(column) end within entry \(first.value + UInt64(index))")
      }
      ranges.append(offset..<offset + length)
      offset += length
    }
    guard offset == bytes.count else {
      throw damaged("its \(column) have \(bytes.count - offset) bytes after the last entry")
    }
    return ranges
  }

  private func damaged(_ what: String) -> StoreError {
    .corrupt(detail: "the row of entry \(first): \(what)")
  }
}
