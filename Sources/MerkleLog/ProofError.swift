/// Why a proof does not exist or does not hold, in order of precedence.
public enum ProofError: Error, Hashable, Sendable {
  /// There is no leaf `index` in a tree of `treeSize` leaves.
  case indexOutsideTree(index: UInt64, treeSize: UInt64)
  /// Nothing can be proven of the empty tree, which any tree extends.
  case oldTreeEmpty
  /// A tree cannot shrink.
  case sizesOutOfOrder(oldSize: UInt64, newSize: UInt64)
  /// The sizes fix the number of hashes, and it is another.
  case wrongLength(expected: Int, found: Int)
  /// The hashes lead to another old root: they prove nothing, or the old tree was another.
  case oldRootMismatch(computed: Digest, expected: Digest)
  /// The hashes lead to another root than the tree's.
  case rootMismatch(computed: Digest, expected: Digest)
}

extension ProofError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .indexOutsideTree(let index, let treeSize):
      "leaf `\(index)` is not in a tree of `\(treeSize)` leaves; name a smaller index"
    case .oldTreeEmpty:
      "no proof starts from the empty tree; name an old size of at least `1`"
    case .sizesOutOfOrder(let oldSize, let newSize):
      "old size `\(oldSize)` is above new size `\(newSize)`; a log only grows"
    case .wrongLength(let expected, let found):
      "the proof has `\(found)` hashes; for these sizes it has exactly `\(expected)`"
    case .oldRootMismatch(let computed, let expected):
      "the proof leads to old root `\(computed)`, not to `\(expected)`"
    case .rootMismatch(let computed, let expected):
      "the proof leads to root `\(computed)`, not to `\(expected)`"
    }
  }
}
