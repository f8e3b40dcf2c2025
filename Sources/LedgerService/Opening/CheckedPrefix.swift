import LedgerLog
import LedgerModel
import MerkleLog

/// The tree over a log, which the newest kept checkpoint's root is held against as it grows.
///
/// Leaf by leaf, not submission by submission: the size of a checkpoint over other entries may lie
/// within a submission of the log at hand.
struct CheckedPrefix: Sendable {
  /// Over all entries taken.
  private(set) var tree: MerkleTree

  private let checkpoint: Checkpoint?
  private var isCompared = false

  /// - Parameters:
  ///   - checkpoint: The newest kept.
  ///   - tree: Over what is not read again: the genesis, or what a snapshot covers.
  /// - Throws: ``OpeningError/log(_:)`` where the checkpoint covers just that, and does not agree.
  init(_ checkpoint: Checkpoint?, tree: MerkleTree) throws(OpeningError) {
    self.checkpoint = checkpoint
    self.tree = tree
    try compare()
  }

  /// How many entries the checkpoint covers; 0 where there is none.
  var coveredSize: UInt64 { checkpoint?.size ?? 0 }

  /// Takes the next entry's leaf hash.
  mutating func append(_ leaf: Digest) throws(OpeningError) {
    tree.append(leaf)
    try compare()
  }

  /// Compares the roots where the checkpoint's size is reached.
  private mutating func compare() throws(OpeningError) {
    guard let checkpoint, tree.size == checkpoint.size else { return }
    guard tree.root == checkpoint.root else {
      throw .log(
        LogFault(
          .tree, at: SequenceNumber(checkpoint.size - 1),
          "the first \(checkpoint.size) entries are not those of the newest checkpoint",
          expected: checkpoint.root, found: tree.root))
    }
    isCompared = true
  }

  /// Checks, at the log's end, that the comparison was made.
  func finish() throws(OpeningError) {
    guard let checkpoint, !isCompared else { return }
    throw .log(
      LogFault(
        .tree, at: SequenceNumber(tree.size),
        "the newest checkpoint, of \(checkpoint.size) entries, was never held against the log",
        expected: checkpoint.root))
  }
}
