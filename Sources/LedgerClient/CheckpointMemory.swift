import MerkleLog
import Synchronization

/// The newest checkpoint that was verified.
final class CheckpointMemory: Sendable {
  private let stored = Mutex<VerifiedCheckpoint?>(nil)
  private let onNewer: (@Sendable (VerifiedCheckpoint) -> Void)?

  /// - Parameter onNewer: Told of each checkpoint that is newer than all before it.
  init(onNewer: (@Sendable (VerifiedCheckpoint) -> Void)?) { self.onNewer = onNewer }

  var newest: VerifiedCheckpoint? { stored.withLock { $0 } }

  /// Keeps a checkpoint where it is newer.
  ///
  /// - Returns: `false` where it is of the same size as the newest, but has another root: a fork.
  func remember(_ checkpoint: VerifiedCheckpoint) -> Bool {
    let (isConsistent, isNewer) = stored.withLock { newest in
      guard let known = newest?.checkpoint, checkpoint.checkpoint.size <= known.size else {
        newest = checkpoint
        return (true, true)
      }
      let isOlder = checkpoint.checkpoint.size < known.size
      return (isOlder || checkpoint.checkpoint.root == known.root, false)
    }
    // Outside the lock, since whoever is told may take his time.
    if isNewer { onNewer?(checkpoint) }
    return isConsistent
  }
}
