import LedgerClient
import MerkleLog
import Synchronization

/// The newest checkpoint that commands saw of a ledger, kept from one to the next, so that a server
/// that goes back is noticed.
///
/// It holds nothing that cannot be had again, and so is written without waiting for the medium.
final class CheckpointFile: Sendable {
  private static let bytesMax = 65_536

  let path: String
  /// Whether a failure was told; one is enough, since each command goes on without the file.
  private let hasWarned = Mutex(false)

  init(path: String) { self.path = path }

  /// The signed note that was kept last; `nil` where there is none yet.
  func read() throws(CommandFault) -> [UInt8]? {
    guard LocalFile.exists(path) else { return nil }
    return try LocalFile.read(path, bytesMax: Self.bytesMax)
  }

  /// Keeps a checkpoint, unless another command kept a newer one meanwhile.
  func keep(_ checkpoint: VerifiedCheckpoint) {
    // The lock is for tasks that would write at once.
    hasWarned.withLock { hasWarned in
      do throws(CommandFault) {
        if let kept = try read(), Self.size(of: kept) >= checkpoint.checkpoint.size { return }
        try LocalFile.replace(path, checkpoint.note.encoded, mode: 0o644, durability: .none)
      } catch {
        guard !hasWarned else { return }
        hasWarned = true
        StandardError.write(
          "warning: the newest checkpoint is not kept: \(error); name another file with "
            + "--checkpoint")
      }
    }
  }

  private static func size(of note: [UInt8]) -> UInt64 {
    guard let note = try? Note(note), let checkpoint = try? Checkpoint(text: note.text) else {
      return 0
    }
    return checkpoint.size
  }
}
