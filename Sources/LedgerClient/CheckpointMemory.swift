import MerkleLog
import Synchronization

/// The newest checkpoint that was verified.
final class CheckpointMemory: Sendable {
  private let stored = Mutex<VerifiedCheckpoint?>(nil)

  var newest: VerifiedCheckpoint? { stored.withLock { $0 } }

  /// Keeps a checkpoint where it is newer.
  ///
  /// - Returns: `false` where it is of the same size as the newest, but has another root: a fork.
  func remember(_ checkpoint: VerifiedCheckpoint) -> Bool {
    stored.withLock { newest in
      guard let known = newest?.checkpoint, checkpoint.checkpoint.size <= known.size else {
        newest = checkpoint
        return true
      }
      return checkpoint.checkpoint.size < known.size || checkpoint.checkpoint.root == known.root
    }
  }
}
