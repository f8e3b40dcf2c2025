import LedgerModel
import MerkleLog

/// What an entry says of its own place: read from its first bytes, though the rest may be damaged.
///
/// - Source: docs/formats/log-entry.md, fields 1 to 3.
struct EntryLink: Hashable, Sendable {
  let sequence: SequenceNumber
  /// The leaf hash of the entry before.
  let previous: Digest
  /// Where in the entry the 32 bytes of `previous` begin.
  let previousOffset: Int

  /// Reads the link, or returns `nil` where the first bytes are no entry's.
  init?(_ entry: ArraySlice<UInt8>) {
    var offset = entry.startIndex
    guard let sequence = Self.field(1, of: entry, at: &offset),
      Self.field(2, of: entry, at: &offset) != nil,
      offset + 2 + Digest.byteCount <= entry.endIndex,
      entry[offset] == 3 << 3 | 2, entry[offset + 1] == UInt8(Digest.byteCount),
      let previous = try? Digest(entry[offset + 2..<offset + 2 + Digest.byteCount])
    else { return nil }
    self.sequence = SequenceNumber(sequence)
    self.previous = previous
    previousOffset = offset + 2 - entry.startIndex
  }

  /// Whether an entry, whose link this is, is one that the core placed.
  func isOfSystem(_ entry: ArraySlice<UInt8>) -> Bool {
    // The body's tag, of two bytes, comes after the three fields.
    entry.dropFirst(previousOffset + Digest.byteCount).starts(with: [0x9A, 0x01])
  }

  /// The entry as it would be if it named another as the one before.
  func entry(_ entry: ArraySlice<UInt8>, naming previous: Digest) -> [UInt8] {
    var changed = Array(entry)
    changed.replaceSubrange(
      previousOffset..<previousOffset + Digest.byteCount, with: previous.bytes)
    return changed
  }

  /// An optional `uint64` field: zero where it is left out, `nil` where it has no end.
  private static func field(_ number: UInt8, of entry: ArraySlice<UInt8>, at offset: inout Int)
    -> UInt64?
  {
    guard offset < entry.endIndex, entry[offset] == number << 3 else { return 0 }
    offset += 1
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard offset < entry.endIndex else { return nil }
      let byte = entry[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
