internal import Synchronization

/// The newest published checkpoint, with its cosignatures, kept durably beside the database.
///
/// Only the newest is kept, in the place of the one before: it stands for every older one, since
/// witnesses cosigned it as their extension. The signed checkpoints themselves are all kept, by the
/// ``CheckpointKeeper``.
package protocol CosignedKeeper: Sendable {
  /// Keeps a note in the place of the one before; when it returns, it is durable.
  ///
  /// - Throws: ``StoreError/full(detail:)``, after which the one before is still there, and the
  ///   same note can be tried again; or another ``StoreError``.
  func replace(_ note: String) throws(StoreError)

  /// Returns the note, or `nil` where none was kept.
  func newest() throws(StoreError) -> String?
}

/// A cosigned checkpoint kept in memory, for tests and simulation; it outlives a restart.
package final class MemoryCosignedKeeper: CosignedKeeper {
  private let state = Mutex<(note: String?, failures: [StoreError])>((nil, []))

  package init() {}

  package func replace(_ note: String) throws(StoreError) {
    _ = try CheckpointNotes.record(of: note)
    try state.withLock { state throws(StoreError) in
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      state.note = note
    }
  }

  package func newest() throws(StoreError) -> String? { state.withLock { $0.note } }

  /// Makes the next calls of ``replace(_:)`` fail, one each, keeping nothing.
  package func failNext(_ failures: StoreError...) {
    state.withLock { $0.failures += failures }
  }
}
