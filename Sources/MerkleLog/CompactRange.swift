/// The right edge of a Merkle tree: all that is needed to append to it and to know its root.
///
/// For a tree of n leaves it holds the root of one perfect subtree for each bit set in n, largest
/// first: at most 63 hashes.
///
/// - Source: RFC 9162 section 2.1.2, where the edge is the verifier's stack.
public struct CompactRange: Hashable, Sendable {
  /// The number of leaves.
  public private(set) var count: UInt64 = 0

  /// The roots of the perfect subtrees, largest and leftmost first; as many as `count` has bits
  /// set.
  public private(set) var edge: [Digest] = []

  /// Creates the edge of the tree without leaves.
  public init() {}

  /// Restores an edge that was saved, or `nil` if `edge` is not as long as `count` needs.
  public init?(count: UInt64, edge: [Digest]) {
    guard count <= LogLimits.treeSizeMax, edge.count == count.nonzeroBitCount else { return nil }
    self.count = count
    self.edge = edge
  }

  /// The root hash of the tree.
  ///
  /// - Complexity: O(log count).
  public var root: Digest { fold(onto: nil) ?? TreeHash.emptyRoot }

  /// Appends a leaf, given its leaf hash.
  ///
  /// - Complexity: O(1) amortised, with one node hash a leaf on average; O(log count) at worst.
  public mutating func append(_ leaf: Digest) {
    precondition(count < LogLimits.treeSizeMax, "the tree is full at \(count) leaves")
    var hash = leaf
    var carry = count
    while carry & 1 == 1 {
      hash = TreeHash.node(edge.removeLast(), hash)
      carry >>= 1
    }
    edge.append(hash)
    count += 1
  }

  /// Appends leaves, given their leaf hashes.
  ///
  /// - Complexity: O(leaves + log count).
  public mutating func append(contentsOf leaves: some Sequence<Digest>) {
    for leaf in leaves { append(leaf) }
  }

  /// Returns the root of this tree with the tree of root `right` to its right, if there is one.
  ///
  /// The result is `nil` only when both are empty.
  func fold(onto right: Digest?) -> Digest? {
    var root = right
    for subtree in edge.reversed() {
      root = root.map { TreeHash.node(subtree, $0) } ?? subtree
    }
    return root
  }

  /// Forgets every leaf and keeps the memory.
  mutating func removeAll() {
    count = 0
    edge.removeAll(keepingCapacity: true)
  }
}
