/// A Merkle tree in memory whose leaves can be replaced: the hash of every node, 64 bytes a leaf.
///
/// For state, where ``MerkleTree`` is for a log. Edits are cheap; ``refresh()`` makes the hashes
/// above them, each once however many leaves below it changed.
///
/// - Source: RFC 6962 section 2.1, for the shape.
package struct EditableMerkleTree: Sendable {
  /// By height, leaves first: the roots of all perfect subtrees.
  private var levels: [[Digest]] = [[]]
  /// A bit for each leaf that was set since the last refresh.
  private var edited: [UInt64] = []

  /// Creates the tree without leaves.
  package init() {}

  /// The number of leaves.
  package var count: Int { levels[0].count }

  /// Adds a leaf, which is to be set before the next refresh, and returns its index.
  ///
  /// - Complexity: O(1) amortised.
  package mutating func appendLeaf() -> Int {
    let index = count
    levels[0].append(.zero)
    for height in 1..<Int.bitWidth {
      let nodes = count >> height
      guard nodes > 0 else { break }
      if height == levels.count { levels.append([]) }
      guard levels[height].count < nodes else { break }
      levels[height].append(.zero)
    }
    if index.isMultiple(of: 64) { edited.append(0) }
    return index
  }

  /// Sets a leaf hash.
  ///
  /// - Complexity: O(1).
  package mutating func set(_ leaf: Digest, at index: Int) {
    levels[0][index] = leaf
    edited[index / 64] |= 1 << UInt64(index % 64)
  }

  /// Makes the hashes above all leaves that were set.
  ///
  /// - Complexity: O(nodes above them + leaves / 64).
  package mutating func refresh() {
    var changed = edited
    for word in edited.indices { edited[word] = 0 }
    for height in 1..<levels.count {
      var above = [UInt64](repeating: 0, count: levels[height].count / 64 + 1)
      for word in changed.indices {
        var bits = changed[word]
        while bits != 0 {
          let node = (word * 64 + bits.trailingZeroBitCount) / 2
          // Both children at once, and the same parent once.
          bits &= ~(0b11 << UInt64(2 * (node % 32)))
          guard node < levels[height].count else { continue }
          levels[height][node] = TreeHash.node(
            levels[height - 1][2 * node], levels[height - 1][2 * node + 1])
          above[node / 64] |= 1 << UInt64(node % 64)
        }
      }
      changed = above
    }
  }

  /// The root hash, as of the last refresh.
  ///
  /// - Complexity: O(log count).
  package var root: Digest { hash(of: 0..<UInt64(count)) }

  /// Returns the proof that the leaf at `index` is in the tree, as of the last refresh.
  ///
  /// - Precondition: There is such a leaf.
  /// - Complexity: O(log² count).
  package func proof(of index: Int) -> InclusionProof {
    guard
      let ranges = try? InclusionProof.ranges(index: UInt64(index), treeSize: UInt64(count))
    else { preconditionFailure("leaf \(index) of \(count)") }
    return InclusionProof(
      index: UInt64(index), treeSize: UInt64(count), generated: ranges.map { hash(of: $0) })
  }

  /// Returns the root over `range`, folded from its perfect subtrees, last and smallest first.
  private func hash(of range: Range<UInt64>) -> Digest {
    var root: Digest?
    var end = range.upperBound
    while end > range.lowerBound {
      let height = (end - range.lowerBound).trailingZeroBitCount
      let start = end - 1 << UInt64(height)
      let subtree = levels[height][Int(start >> UInt64(height))]
      root = root.map { TreeHash.node(subtree, $0) } ?? subtree
      end = start
    }
    return root ?? TreeHash.emptyRoot
  }
}
