package import LedgerLog
package import LedgerStorage
package import MerkleLog

/// Why a log was not exported.
package enum ExportError: Error, Hashable, Sendable {
  /// The genesis is not what the trust file says, or none.
  case log(LogFault)
  /// The log has signed no checkpoint yet, and an export is what one is over.
  case noCheckpoint
  /// The log's newest checkpoint is none of its own.
  case checkpoint(CheckpointError)
  /// The log ends before its newest checkpoint does.
  case truncated(entries: UInt64, size: UInt64)
  case tiles(LogTilesError)
  /// The entries do not have the root that the checkpoint signed.
  case wrongRoot(size: UInt64, exportedSize: UInt64, expected: Digest, found: Digest)
  /// The checkpoint in the folder is not of this log.
  case otherExport(CheckpointError)
  /// The folder holds a longer log than this one.
  case wentBack(exportedSize: UInt64, size: UInt64)
  /// The log has signed two checkpoints of one size.
  case forked(size: UInt64)
  /// The folder's hashes do not have the root of the checkpoint in it.
  case damagedExport(detail: String)
  case files(TileFileError)
  /// A server does not answer, or not with what its checkpoint covers.
  case answer(String)
  case cancelled
}

extension ExportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .log(let fault): "\(fault)"
    case .noCheckpoint:
      "the log has no checkpoint yet, and only what one covers is exported; serve the ledger once"
    case .checkpoint(let error): "the log's newest checkpoint is not its own: \(error)"
    case .truncated(let entries, let size):
      "the log has \(entries) entries, and its newest checkpoint covers \(size): it was cut short"
    case .tiles(let error): "\(error)"
    case .wrongRoot(let size, let exportedSize, let expected, let found):
      (exportedSize == 0
        ? "the log's first \(size) entries are not those that its checkpoint covers"
        : "the \(exportedSize) entries exported before, and the log's up to \(size), are not those "
          + "that its checkpoint covers: the log was rewritten since, or is damaged")
        + "; their root is \(found), and the checkpoint's \(expected). Nothing was written; "
        + "`specie audit verify` says which entry is wrong"
    case .otherExport(let error): "the folder's checkpoint is not of this log: \(error)"
    case .wentBack(let exportedSize, let size):
      "the folder holds \(exportedSize) entries of this log, and its newest checkpoint covers "
        + "\(size): the log was cut back. Nothing was written; keep the folder as evidence"
    case .forked(let size):
      "the log has signed two checkpoints of \(size) entries with two roots: the folder's, and its "
        + "newest. Nothing was written; keep both as evidence"
    case .damagedExport(let detail):
      "the exported files are damaged: \(detail). Nothing was written; export to a new folder"
    case .files(let error): "\(error)"
    case .answer(let problem): problem
    case .cancelled: "cancelled; run it again, and it goes on"
    }
  }
}
