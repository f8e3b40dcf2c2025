/// The evidence that a tree extends an older one: nothing of the old was changed or removed.
///
/// A value is well formed: the sizes are in order and the path has the one length it can have.
/// Whether it *holds* is for ``verify(oldRoot:newRoot:)`` to say.
///
/// - Source: RFC 6962 section 2.1.2, RFC 9162 section 2.1.4.
public struct ConsistencyProof: Hashable, Sendable {
  /// The number of leaves of the older tree; at least 1.
  public let oldSize: UInt64

  /// The number of leaves of the newer tree; at least `oldSize`.
  public let newSize: UInt64

  /// The hashes, deepest first; none if the sizes are equal.
  public let path: [Digest]

  /// Creates a proof from its parts, as received or stored.
  ///
  /// - Throws: ``ProofError/oldTreeEmpty``, ``ProofError/sizesOutOfOrder(oldSize:newSize:)`` or
  ///   ``ProofError/wrongLength(expected:found:)``.
  public init(oldSize: UInt64, newSize: UInt64, path: [Digest]) throws(ProofError) {
    let expected = try Self.length(oldSize: oldSize, newSize: newSize)
    guard path.count == expected else {
      throw .wrongLength(expected: expected, found: path.count)
    }
    self.oldSize = oldSize
    self.newSize = newSize
    self.path = path
  }

  /// Creates a proof from parts that were generated together.
  init(oldSize: UInt64, newSize: UInt64, generated path: [Digest]) {
    self.oldSize = oldSize
    self.newSize = newSize
    self.path = path
  }

  /// Generates the proof that the tree over `leaves` extends the tree over the first `oldSize`.
  ///
  /// - Throws: ``ProofError/oldTreeEmpty`` or ``ProofError/sizesOutOfOrder(oldSize:newSize:)``.
  /// - Complexity: O(leaves). A tree that is asked often wants a ``MerkleTree``.
  public init(oldSize: UInt64, leaves: [Digest]) throws(ProofError) {
    self.oldSize = oldSize
    self.newSize = UInt64(leaves.count)
    self.path = try Self.ranges(oldSize: oldSize, newSize: newSize).map { range in
      TreeHash.root(of: leaves[Int(range.lowerBound)..<Int(range.upperBound)])
    }
  }

  /// Returns the leaves under each hash of the proof, in the order of ``path``.
  ///
  /// This is the proof's shape, which depends on no hash. Whoever can give the root of each range
  /// has the proof. A range starts at a multiple of a power of two not less than its length.
  ///
  /// - Throws: ``ProofError/oldTreeEmpty`` or ``ProofError/sizesOutOfOrder(oldSize:newSize:)``.
  /// - Complexity: O(log newSize).
  public static func ranges(
    oldSize: UInt64, newSize: UInt64
  ) throws(ProofError) -> [Range<UInt64>] {
    guard oldSize > 0 else { throw .oldTreeEmpty }
    guard oldSize <= newSize else {
      throw .sizesOutOfOrder(oldSize: oldSize, newSize: newSize)
    }
    var ranges: [Range<UInt64>] = []
    var node = 0..<newSize
    while oldSize != node.upperBound {
      let middle = node.middle
      if oldSize <= middle {
        ranges.append(middle..<node.upperBound)
        node = node.lowerBound..<middle
      } else {
        ranges.append(node.lowerBound..<middle)
        node = middle..<node.upperBound
      }
    }
    // At 0 the node is the whole old tree, whose root the verifier has.
    if node.lowerBound > 0 { ranges.append(node) }
    ranges.reverse()
    return ranges
  }

  /// Returns the number of hashes in a proof for these two sizes, and no other is valid.
  ///
  /// - Throws: ``ProofError/oldTreeEmpty`` or ``ProofError/sizesOutOfOrder(oldSize:newSize:)``.
  public static func length(oldSize: UInt64, newSize: UInt64) throws(ProofError) -> Int {
    guard oldSize > 0 else { throw .oldTreeEmpty }
    guard oldSize <= newSize else {
      throw .sizesOutOfOrder(oldSize: oldSize, newSize: newSize)
    }
    guard oldSize < newSize else { return 0 }
    let shape = PathShape(index: oldSize - 1, last: newSize - 1)
    let seedCount = oldSize.nonzeroBitCount == 1 ? 0 : 1
    return seedCount + shape.innerCount - oldSize.trailingZeroBitCount + shape.borderCount
  }

  /// Returns only if the tree of root `newRoot` extends the tree of root `oldRoot`.
  ///
  /// - Throws: ``ProofError/oldRootMismatch(computed:expected:)`` or
  ///   ``ProofError/rootMismatch(computed:expected:)``.
  /// - Complexity: O(log newSize).
  public func verify(oldRoot: Digest, newRoot: Digest) throws(ProofError) {
    let computed = roots(from: oldRoot)
    guard computed.old == oldRoot else {
      throw .oldRootMismatch(computed: computed.old, expected: oldRoot)
    }
    guard computed.new == newRoot else {
      throw .rootMismatch(computed: computed.new, expected: newRoot)
    }
  }

  /// Returns the roots that the path leads to, from the largest old subtree on the old right edge.
  private func roots(from oldRoot: Digest) -> (old: Digest, new: Digest) {
    guard oldSize < newSize else { return (oldRoot, oldRoot) }
    // If the old tree is perfect it is that subtree itself, and the proof leaves it out.
    let isPerfect = oldSize.nonzeroBitCount == 1
    let seed = isPerfect ? oldRoot : path[0]
    let siblings = path.dropFirst(isPerfect ? 0 : 1)

    let shape = PathShape(index: oldSize - 1, last: newSize - 1)
    let height = oldSize.trailingZeroBitCount
    let innerCount = shape.innerCount - height
    let position = (oldSize - 1) >> UInt64(height)
    var old = seed
    var new = seed
    for (level, sibling) in siblings.prefix(innerCount).enumerated() {
      if position >> UInt64(level) & 1 == 1 {
        old = TreeHash.node(sibling, old)
        new = TreeHash.node(sibling, new)
      } else {
        new = TreeHash.node(new, sibling)
      }
    }
    for sibling in siblings.dropFirst(innerCount) {
      old = TreeHash.node(sibling, old)
      new = TreeHash.node(sibling, new)
    }
    return (old, new)
  }
}
