package import LedgerModel

/// Why a store refused or failed.
///
/// Every case but ``unknownOutcome(detail:)`` also says that nothing was stored: what was there
/// before is there still, no less and no more.
package enum StoreError: Error, Hashable, Sendable {
  /// The folder is not there, or is no folder.
  case directoryNotFound(path: String)
  /// The folder is there, but one of a ledger's files is not in it.
  case fileNotFound(path: String)
  /// A ledger is created where something is already.
  case alreadyExists(path: String)
  /// The file or folder exists, but is of another program.
  case notALedger(path: String, detail: String)
  /// The file was written by a newer version of Specie.
  case newerFormat(path: String, found: Int, newest: Int)
  /// Another process, or another opening in this one, has the ledger.
  case inUse(path: String)
  /// The medium or the permissions allow no writing.
  case readOnly(detail: String)
  /// The store was closed, or its simulated machine crashed.
  case closed
  /// The rows do not begin where the stored ones end, or leave a gap among themselves.
  case discontiguous(expected: SequenceNumber, found: SequenceNumber)
  /// What the caller handed over breaks the contract.
  case invalid(detail: String)
  /// The medium has no room. Known not to have happened: the same bytes can be tried again.
  case full(detail: String)
  /// What was read is not what was written.
  case corrupt(detail: String)
  /// The medium or the library failed before anything was stored.
  case failed(detail: String)
  /// Nobody knows what was stored: end the process, open again, replay. Never guess.
  case unknownOutcome(detail: String)
}

extension StoreError {
  /// What the caller can do about it.
  package enum Remedy: Hashable, Sendable {
    /// Close admission, and try the same bytes again until there is room.
    case retrySameBytes
    /// End the process: the outcome is unknown, and every later call is refused as well.
    case endProcess
    /// Nothing was stored, and trying again does not help before someone has looked.
    case giveUp
  }

  /// The answer to a failed append.
  package var remedy: Remedy {
    switch self {
    case .full: .retrySameBytes
    case .unknownOutcome: .endProcess
    case .directoryNotFound, .fileNotFound, .alreadyExists, .notALedger, .newerFormat, .inUse,
      .readOnly, .closed, .discontiguous, .invalid, .corrupt, .failed:
      .giveUp
    }
  }

  /// The stable name, never changed and never used again for another meaning.
  package var code: String {
    switch self {
    case .directoryNotFound: "directory_not_found"
    case .fileNotFound: "file_not_found"
    case .alreadyExists: "already_exists"
    case .notALedger: "not_a_ledger"
    case .newerFormat: "newer_format"
    case .inUse: "in_use"
    case .readOnly: "read_only"
    case .closed: "store_closed"
    case .discontiguous: "discontiguous"
    case .invalid: "storage_invalid"
    case .full: "storage_full"
    case .corrupt: "storage_corrupt"
    case .failed: "storage_failed"
    case .unknownOutcome: "storage_outcome_unknown"
    }
  }
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .directoryNotFound(let path):
      "there is no folder `\(path)`; name the folder of a ledger, or create one with `specie init`"
    case .fileNotFound(let path):
      "there is no file `\(path)`; name a complete ledger folder, or create one with `specie init`"
    case .alreadyExists(let path):
      "`\(path)` is not empty; a ledger has one genesis, so name a new or an empty folder"
    case .notALedger(let path, let detail):
      "`\(path)` is no Specie ledger: \(detail)"
    case .newerFormat(let path, let found, let newest):
      "`\(path)` has format \(found), and this version reads up to \(newest); "
        + "use the newer version that wrote it"
    case .inUse(let path):
      "`\(path)` is in use by another process; stop that one first, or work on a copy"
    case .readOnly(let detail):
      "the ledger cannot be written: \(detail)"
    case .closed:
      "the store is closed; open it again"
    case .discontiguous(let expected, let found):
      "the next entry is `\(expected)`, but the rows begin at `\(found)`"
    case .invalid(let detail):
      "the store was handed what it must not hold: \(detail)"
    case .full(let detail):
      "there is no room left (\(detail)); nothing was stored, and the same can be tried again"
    case .corrupt(let detail):
      "the stored ledger is damaged: \(detail)"
    case .failed(let detail):
      "the store failed before anything was stored: \(detail)"
    case .unknownOutcome(let detail):
      "nobody knows whether the last write happened (\(detail)); end the process, and open again"
    }
  }
}
