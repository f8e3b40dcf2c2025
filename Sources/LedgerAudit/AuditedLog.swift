import LedgerLog
import LedgerModel
package import LedgerStorage
import MerkleLog

/// A log that is to be audited, wherever its bytes are; nothing of it is believed.
package struct AuditedLog: Sendable {
  /// What holds the log.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A ledger's folder.
    case folder
    /// The database alone, without what lies beside it.
    case database
    /// Plain files of hashes and entries.
    case export
    /// A running server.
    case server
  }

  package let kind: Kind
  let store: any LedgerStore
  let checkpoints: any CheckpointKeeper
  /// The index of ids, or why it cannot be read; `nil` where the log comes without one.
  let index: Result<any LogIndex, StoreError>?
  /// Snapshots of the ledger's state that its log key signed; `nil` where the log comes without.
  let snapshots: (any SnapshotKeeper)?
  /// The newest checkpoint as it is published, with its cosignatures: a signed note.
  let published: [UInt8]?
  /// The files of hashes, where the log has such.
  let tiles: TileDirectory?
  /// Why not even the beginning can be read.
  let fault: LogFault?

  /// A ledger's folder.
  ///
  /// - Parameters:
  ///   - store: The log, which no one writes to meanwhile.
  ///   - checkpoints: Those kept beside it.
  ///   - cosigned: The published checkpoint, where there are witnesses.
  ///   - index: Of ids, or why it cannot be read, where the folder has one.
  ///   - snapshots: Of the ledger's state.
  package init(
    store: any LedgerStore, checkpoints: any CheckpointKeeper,
    cosigned: (any CosignedKeeper)? = nil,
    index: Result<any LogIndex, StoreError>? = nil,
    snapshots: (any SnapshotKeeper)? = nil
  ) {
    kind = .folder
    self.store = store
    self.checkpoints = checkpoints
    self.index = index
    self.snapshots = snapshots
    tiles = nil
    do throws(StoreError) {
      published = try cosigned?.newest().map { Array($0.utf8) }
      fault = nil
    } catch {
      published = nil
      fault = LogFault(.checkpoint, at: .genesis, error.description)
    }
  }

  /// A database alone.
  package init(database store: any LedgerStore) {
    kind = .database
    self.store = store
    checkpoints = NoCheckpoints()
    index = nil
    snapshots = nil
    published = nil
    tiles = nil
    fault = nil
  }

  /// A log as plain files: as many entries as its checkpoint says.
  ///
  /// - Parameters:
  ///   - files: Where they are.
  ///   - kind: ``Kind/export`` or ``Kind/server``.
  /// - Throws: ``TileFileError`` where nothing can be read; what is wrong with it, the audit says.
  package init(files: any TileFiles, kind: Kind = .export) throws(TileFileError) {
    let directory = TileDirectory(files)
    var size: UInt64 = 0
    var note: [UInt8]?
    var fault: LogFault?
    do throws(TileDirectoryError) {
      note = try directory.checkpoint()
    } catch .files(.failed(let detail)) {
      throw .failed(detail: detail)
    } catch {
      fault = LogFault(.checkpoint, at: .genesis, error.description)
    }
    if let note {
      do {
        size = try Checkpoint(text: try Note(note).text).size
      } catch {
        fault = LogFault(.checkpoint, at: .genesis, "`checkpoint` is none: \(error)")
      }
    } else if fault == nil {
      fault = LogFault(.checkpoint, at: .genesis, "there is no file `checkpoint`")
    }
    self.kind = kind
    self.fault = fault
    store = TileStore(directory, size: size)
    checkpoints = NoCheckpoints()
    index = nil
    snapshots = nil
    published = note
    tiles = directory
  }
}

/// Nothing is kept beside the log.
private struct NoCheckpoints: CheckpointKeeper {
  func append(_ note: String) throws(StoreError) {
    throw .readOnly(detail: "no checkpoints are kept here")
  }

  func newest() -> String? { nil }

  func page(from position: UInt64) -> CheckpointPage { CheckpointPage(notes: [], next: nil) }

  func close() {}
}

/// A checkpoint that is not among those kept beside the log.
struct KnownCheckpoint: Sendable {
  enum Source: Sendable {
    /// It was kept elsewhere, and given to the audit.
    case given
    /// The log's owner publishes it.
    case published
  }

  let source: Source
  let checkpoint: Checkpoint

  var name: String {
    switch source {
    case .given: "the checkpoint given"
    case .published: "the published checkpoint"
    }
  }
}
