internal import LedgerModel

/// Every bound of the stores, in one place.
package enum StorageLimits {
  /// Entries in one row.
  package static let entriesPerRowMax = 256
  /// Framed bytes in each of a row's two columns, unless the row holds a single entry.
  package static let rowBytesMax = 65_536
  /// Bytes of one entry (C2SP tlog-tiles: a `uint16` length).
  package static let entryBytesMax = Limits.logEntryBytesMax
  /// Bytes of one entry's side data, framed as the entries are.
  package static let sideDataBytesMax = 65_535
  /// Bytes of one document that orders were made from.
  package static let documentBytesMax = 1 << 20
  /// Bytes of one kept checkpoint, its signatures included.
  package static let noteBytesMax = 16_384
  /// Parties that ``LogIndex/sequences(id:)`` answers with for one id.
  package static let partiesPerIDMax = 64
  /// Runs of instructions in one ``IndexPage``: 2 MiB of ids.
  package static let runsPerPage = 64
}
