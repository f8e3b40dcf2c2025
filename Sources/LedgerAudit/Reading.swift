import LedgerLog
import MerkleLog

/// Some entries of the log, read and found well formed, on their way to the replay.
struct Reading: Sendable {
  /// In the order of the log.
  enum Item: Sendable {
    case batch(LoggedBatch)
    /// One that agrees with the entries that it covers.
    case checkpoint(size: UInt64, isGiven: Bool)
    case doubt(Doubt)
  }

  /// Why no more is read.
  enum End: Sendable {
    /// There is no more: the leaf hash of the last entry, the tree over all, and what is known of
    /// the tiles.
    case log(head: Digest, tree: MerkleTree, tiles: TileCheck?)
    /// Where `entries` were read, and their root is that.
    case fault(LogFault, entries: UInt64, root: Digest)
    /// A signature is not valid; the pool knows which.
    case signature
  }

  /// Over all entries before.
  let before: MerkleTree
  var items: [Item] = []
  /// `nil` where there is more.
  var end: End?
}

/// Either the log's last entry but one was altered, or the last one's link.
///
/// Nothing names the last. If all is well once its link is put right, the link was altered.
struct Doubt: Sendable {
  /// Both entries, or the batches that they complete, with the link put right.
  let batches: [LoggedBatch]
  /// What is wrong unless the link was altered.
  let fault: LogFault

  /// Replays both; where that goes well, the last entry's own turn comes.
  func settle(after replay: LogReplay) throws(LogFault) {
    var trial = replay
    for batch in batches {
      do throws(LogFault) { _ = try trial.replay(batch) } catch { throw fault }
    }
  }
}
