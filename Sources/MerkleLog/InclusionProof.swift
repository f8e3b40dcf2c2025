/// The evidence that a leaf is in a tree: the hash of each subtree beside its path to the root.
///
/// A value is well formed: the index is in the tree and the path has the one length it can have.
/// Whether it *holds* is for ``verify(leaf:root:)`` to say.
///
/// - Source: RFC 6962 section 2.1.1, RFC 9162 section 2.1.3.
public struct InclusionProof: Hashable, Sendable {
  /// The place of the leaf, from 0.
  public let index: UInt64

  /// The number of leaves of the tree.
  public let treeSize: UInt64

  /// The hashes, the leaf's sibling first, the child of the root last.
  public let path: [Digest]

  /// Creates a proof from its parts, as received or stored.
  ///
  /// - Throws: ``ProofError/indexOutsideTree(index:treeSize:)`` or
  ///   ``ProofError/wrongLength(expected:found:)``.
  public init(index: UInt64, treeSize: UInt64, path: [Digest]) throws(ProofError) {
    let expected = try Self.length(index: index, treeSize: treeSize)
    guard path.count == expected else {
      throw .wrongLength(expected: expected, found: path.count)
    }
    self.index = index
    self.treeSize = treeSize
    self.path = path
  }

  /// Creates a proof from parts that were generated together.
  init(index: UInt64, treeSize: UInt64, generated path: [Digest]) {
    self.index = index
    self.treeSize = treeSize
    self.path = path
  }

  /// Generates the proof for one of `leaves`, the leaf hashes of a whole tree.
  ///
  /// - Throws: ``ProofError/indexOutsideTree(index:treeSize:)``.
  /// - Complexity: O(leaves). A tree that is asked often wants a ``MerkleTree``.
  public init(index: UInt64, leaves: [Digest]) throws(ProofError) {
    self.index = index
    self.treeSize = UInt64(leaves.count)
    self.path = try Self.ranges(index: index, treeSize: treeSize).map { range in
      TreeHash.root(of: leaves[Int(range.lowerBound)..<Int(range.upperBound)])
    }
  }

  /// Returns the leaves under each hash of the proof, in the order of ``path``.
  ///
  /// This is the proof's shape, which depends on no hash. Whoever can give the root of each range
  /// has the proof. A range starts at a multiple of a power of two not less than its length.
  ///
  /// - Throws: ``ProofError/indexOutsideTree(index:treeSize:)``.
  /// - Complexity: O(log treeSize).
  public static func ranges(
    index: UInt64, treeSize: UInt64
  ) throws(ProofError) -> [Range<UInt64>] {
    guard index < treeSize else {
      throw .indexOutsideTree(index: index, treeSize: treeSize)
    }
    var ranges: [Range<UInt64>] = []
    var node = 0..<treeSize
    while node.lowerBound + 1 < node.upperBound {
      let middle = node.middle
      if index < middle {
        ranges.append(middle..<node.upperBound)
        node = node.lowerBound..<middle
      } else {
        ranges.append(node.lowerBound..<middle)
        node = middle..<node.upperBound
      }
    }
    ranges.reverse()
    return ranges
  }

  /// Returns the number of hashes in a proof for these two numbers, and no other is valid.
  ///
  /// - Throws: ``ProofError/indexOutsideTree(index:treeSize:)``.
  public static func length(index: UInt64, treeSize: UInt64) throws(ProofError) -> Int {
    guard index < treeSize else {
      throw .indexOutsideTree(index: index, treeSize: treeSize)
    }
    let shape = PathShape(index: index, last: treeSize - 1)
    return shape.innerCount + shape.borderCount
  }

  /// Returns the root of the tree in which this path leads up from `leaf`, a leaf hash.
  public func root(from leaf: Digest) -> Digest {
    let shape = PathShape(index: index, last: treeSize - 1)
    var hash = leaf
    for (height, sibling) in path.prefix(shape.innerCount).enumerated() {
      let isRight = index >> UInt64(height) & 1 == 1
      hash = isRight ? TreeHash.node(sibling, hash) : TreeHash.node(hash, sibling)
    }
    for sibling in path.dropFirst(shape.innerCount) {
      hash = TreeHash.node(sibling, hash)
    }
    return hash
  }

  /// Returns only if the leaf with hash `leaf` is in the tree of root `root`, at ``index``.
  ///
  /// - Throws: ``ProofError/rootMismatch(computed:expected:)``.
  /// - Complexity: O(log treeSize).
  public func verify(leaf: Digest, root: Digest) throws(ProofError) {
    let computed = self.root(from: leaf)
    guard computed == root else {
      throw .rootMismatch(computed: computed, expected: root)
    }
  }
}

/// How the path from a leaf to the root runs beside the path from the last leaf.
struct PathShape {
  /// The number of levels up to where the two paths meet: a sibling on each, on either side.
  let innerCount: Int

  /// The number of siblings above, where the tree's right edge leads up: all of them left.
  let borderCount: Int

  init(index: UInt64, last: UInt64) {
    innerCount = UInt64.bitWidth - (index ^ last).leadingZeroBitCount
    // A shift by 64, when the paths meet only at the very top, gives 0 as it should.
    borderCount = (index >> UInt64(innerCount)).nonzeroBitCount
  }
}

extension Range<UInt64> {
  /// Where a node over this range of two leaves or more is split: RFC 6962's k, from its start.
  ///
  /// k is the largest power of two less than the number of leaves.
  var middle: UInt64 {
    let last = upperBound - lowerBound - 1
    return lowerBound + 1 << UInt64(UInt64.bitWidth - 1 - last.leadingZeroBitCount)
  }
}
