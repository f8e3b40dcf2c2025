internal import LedgerModel
internal import LedgerStorage
internal import MerkleLog

/// Every bound of exports, in one place.
package enum ExportLimits {
  /// Bytes of a file of hashes.
  package static let hashTileBytesMax = Tile.widthMax * Digest.byteCount
  /// Bytes of a file of entries: 256 of the longest, each behind its length.
  package static let bundleBytesMax = Tile.widthMax * (2 + LogLimits.entryByteCountMax)
  /// Bytes of a checkpoint's file.
  package static let checkpointBytesMax = StorageLimits.noteBytesMax
  /// Bundles that are read and wait to be written, or to be added to the tree.
  static let bundlesAheadMax = 32
  /// Rows read at once; a row has up to 256 entries and 128 KiB.
  static let rowsPerRead = 16
  /// Superfluous files that an audit names one by one.
  static let superfluousFilesNamedMax = 16
  /// Bundles between two looks at progress and cancellation.
  static let bundlesPerLook: UInt64 = 16
}
