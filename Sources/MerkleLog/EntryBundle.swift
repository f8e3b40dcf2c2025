/// The bytes of up to 256 entries: each after its length, a big-endian 16-bit number.
///
/// The leaf hash is over the entry without the length.
///
/// - Source: C2SP tlog-tiles, "Log Entries".
public enum EntryBundle {
  /// Returns the bundle of `entries`, at most 256.
  ///
  /// - Throws: ``EntryBundleError/tooManyEntries`` or
  ///   ``EntryBundleError/entryTooLong(byteCount:)``.
  public static func encode(_ entries: some Collection<[UInt8]>) throws(EntryBundleError) -> [UInt8]
  {
    guard entries.count <= Tile.widthMax else { throw .tooManyEntries }
    var bundle: [UInt8] = []
    for entry in entries { try append(entry, to: &bundle) }
    return bundle
  }

  /// Appends one entry to a bundle; how many it has is for the caller to count.
  ///
  /// - Throws: ``EntryBundleError/entryTooLong(byteCount:)``, and leaves `bundle` as it was.
  public static func append(_ entry: [UInt8], to bundle: inout [UInt8]) throws(EntryBundleError) {
    guard entry.count <= LogLimits.entryByteCountMax else {
      throw .entryTooLong(byteCount: entry.count)
    }
    bundle.append(UInt8(entry.count >> 8))
    bundle.append(UInt8(entry.count & 0xff))
    bundle.append(contentsOf: entry)
  }

  /// Returns the entries in `bundle`, which must be exactly `count`.
  ///
  /// - Throws: ``EntryBundleError/truncated(byteOffset:)`` or
  ///   ``EntryBundleError/wrongEntryCount(expected:found:)``.
  /// - Complexity: O(count); the entries share the bundle's memory.
  public static func decode(
    _ bundle: [UInt8], count: Int
  ) throws(EntryBundleError) -> [ArraySlice<UInt8>] {
    var entries: [ArraySlice<UInt8>] = []
    entries.reserveCapacity(Tile.widthMax)
    var offset = 0
    while offset < bundle.count {
      guard offset + 2 <= bundle.count else { throw .truncated(byteOffset: offset) }
      let start = offset + 2
      let end = start + Int(bundle[offset]) << 8 + Int(bundle[offset + 1])
      guard end <= bundle.count else { throw .truncated(byteOffset: offset) }
      entries.append(bundle[start..<end])
      offset = end
    }
    guard entries.count == count else {
      throw .wrongEntryCount(expected: count, found: entries.count)
    }
    return entries
  }
}

/// Why entries do not fit a bundle, or bytes are not one.
public enum EntryBundleError: Error, Hashable, Sendable {
  case tooManyEntries
  case entryTooLong(byteCount: Int)
  case truncated(byteOffset: Int)
  case wrongEntryCount(expected: Int, found: Int)
}

extension EntryBundleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooManyEntries:
      "a bundle has at most `\(Tile.widthMax)` entries"
    case .entryTooLong(let byteCount):
      "the entry has `\(byteCount)` bytes; at most `\(LogLimits.entryByteCountMax)` fit a bundle"
    case .truncated(let byteOffset):
      "the bundle ends inside the entry that starts at byte `\(byteOffset)`"
    case .wrongEntryCount(let expected, let found):
      "the bundle has `\(found)` entries; it should have exactly `\(expected)`"
    }
  }
}
