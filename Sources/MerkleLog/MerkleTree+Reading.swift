/// Why a tree could not answer, in order of precedence.
public enum TreeReadError<LoadFailure: Error>: Error {
  /// The tree has not reached the size that was asked about.
  case sizeAhead(requested: UInt64, size: UInt64)
  /// What was asked for does not exist in a tree of that size.
  case noProof(ProofError)
  /// The leaf hashes of a tile could not be read; the reader's own error says whether a retry
  /// helps.
  case load(LoadFailure)
  /// The leaf hashes read are not those appended: the storage is damaged. A retry does not help.
  case wrongLeaves(tileIndex: UInt64, computed: Digest, expected: Digest)
}

extension TreeReadError: Equatable where LoadFailure: Equatable {}
extension TreeReadError: Hashable where LoadFailure: Hashable {}

extension TreeReadError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .sizeAhead(let requested, let size):
      "the tree has `\(size)` leaves, `\(requested)` were asked about; ask about at most `\(size)`"
    case .noProof(let error):
      "\(error)"
    case .load(let failure):
      "the leaf hashes could not be read: \(failure)"
    case .wrongLeaves(let tileIndex, let computed, let expected):
      "the leaf hashes read for tile `\(tileIndex)` have root `\(computed)`, not `\(expected)`"
    }
  }
}

extension MerkleTree {
  /// Returns the root hash of the tree as it was at `size`.
  ///
  /// - Parameters:
  ///   - size: At most the present size.
  ///   - leaves: Returns the 256 leaf hashes of the complete tile with the given index. It is
  ///     called at most once.
  /// - Returns: What ``root`` was at that size.
  /// - Throws: ``TreeReadError/sizeAhead(requested:size:)``, or a failure to read leaves.
  /// - Complexity: O(log size), and 256 node hashes for each level of tiles at most.
  public func root<Failure: Error>(
    at size: UInt64, leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> Digest {
    guard size <= self.size else { throw .sizeAhead(requested: size, size: self.size) }
    guard size != self.size else { return root }
    guard size > 0 else { return TreeHash.emptyRoot }
    return try hashes(of: [0..<size], leaves: leaves)[0]
  }

  /// Returns the proof that leaf `index` is in the tree as it was at `treeSize`.
  ///
  /// - Parameters:
  ///   - index: The place of the leaf, from 0.
  ///   - treeSize: At most the present size.
  ///   - leaves: Returns the 256 leaf hashes of the complete tile with the given index. It is
  ///     called at most twice, and never twice for one tile.
  /// - Returns: A proof that verifies against ``root(at:leaves:)``.
  /// - Throws: ``TreeReadError/sizeAhead(requested:size:)``, ``TreeReadError/noProof(_:)``, or a
  ///   failure to read leaves.
  /// - Complexity: O(log size), and 512 node hashes for each level of tiles at most.
  public func inclusionProof<Failure: Error>(
    index: UInt64, treeSize: UInt64, leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> InclusionProof {
    guard treeSize <= size else { throw .sizeAhead(requested: treeSize, size: size) }
    let ranges: [Range<UInt64>]
    do {
      ranges = try InclusionProof.ranges(index: index, treeSize: treeSize)
    } catch {
      throw .noProof(error)
    }
    let path = try hashes(of: ranges, leaves: leaves)
    return InclusionProof(index: index, treeSize: treeSize, generated: path)
  }

  /// Returns the proof that the tree as it was at `newSize` extends the tree as it was at
  /// `oldSize`.
  ///
  /// - Parameters:
  ///   - oldSize: At least 1.
  ///   - newSize: At least `oldSize`, at most the present size.
  ///   - leaves: Returns the 256 leaf hashes of the complete tile with the given index. It is
  ///     called at most twice, and never twice for one tile.
  /// - Returns: A proof that verifies against ``root(at:leaves:)`` at the two sizes.
  /// - Throws: ``TreeReadError/sizeAhead(requested:size:)``, ``TreeReadError/noProof(_:)``, or a
  ///   failure to read leaves.
  /// - Complexity: O(log size), and 512 node hashes for each level of tiles at most.
  public func consistencyProof<Failure: Error>(
    oldSize: UInt64, newSize: UInt64, leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> ConsistencyProof {
    guard newSize <= size else { throw .sizeAhead(requested: newSize, size: size) }
    let ranges: [Range<UInt64>]
    do {
      ranges = try ConsistencyProof.ranges(oldSize: oldSize, newSize: newSize)
    } catch {
      throw .noProof(error)
    }
    let path = try hashes(of: ranges, leaves: leaves)
    return ConsistencyProof(oldSize: oldSize, newSize: newSize, generated: path)
  }

  /// Returns the hashes in a tile, as in a tree of the size that gave the tile its width.
  ///
  /// - Parameters:
  ///   - level: The tile level, 0 for leaf hashes.
  ///   - index: The index of the tile in its level.
  ///   - width: How many of its first hashes to return, 1 to 256.
  ///   - leaves: Returns the 256 leaf hashes of the complete tile with the given index. It is
  ///     called at most once, and only for level 0.
  /// - Returns: `width` hashes, or `nil` if the tree has not that many there.
  /// - Throws: A failure to read leaves.
  public func tile<Failure: Error>(
    level: Int, index: UInt64, width: Int,
    leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> ArraySlice<Digest>? {
    guard width >= 1, width <= Tile.width(level: level, index: index, treeSize: size) else {
      return nil
    }
    guard level == 0, !isLastLeafTile(index) else {
      return levels[level].tile(index).prefix(width)
    }
    return try LeafTile(index: index, of: self, leaves: leaves).leaves.prefix(width)
  }
}

// MARK: - Hashes of ranges

extension MerkleTree {
  /// Whether the tile of leaf hashes with this index is the last one, which is in memory.
  private func isLastLeafTile(_ tileIndex: UInt64) -> Bool {
    tileIndex == size / UInt64(Tile.widthMax)
  }

  /// Returns the root over each of `ranges`, which are nodes of some tree of at most this size.
  private func hashes<Failure: Error>(
    of ranges: [Range<UInt64>], leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> [Digest] {
    var loaded: [LeafTile] = []
    var hashes: [Digest] = []
    hashes.reserveCapacity(ranges.count)
    for range in ranges {
      hashes.append(try hash(of: range, loaded: &loaded, leaves: leaves))
    }
    return hashes
  }

  /// Returns the root over `range`, folded from its perfect subtrees, last and smallest first.
  private func hash<Failure: Error>(
    of range: Range<UInt64>, loaded: inout [LeafTile],
    leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> Digest {
    var root: Digest?
    var end = range.upperBound
    while end > range.lowerBound {
      let height = (end - range.lowerBound).trailingZeroBitCount
      let start = end - 1 << UInt64(height)
      let subtree = try subtree(
        height: height, index: start >> UInt64(height), loaded: &loaded, leaves: leaves)
      root = root.map { TreeHash.node(subtree, $0) } ?? subtree
      end = start
    }
    return root ?? TreeHash.emptyRoot
  }

  /// Returns the root of a perfect subtree of 2^height leaves, the `index`th of its height.
  private func subtree<Failure: Error>(
    height: Int, index: UInt64, loaded: inout [LeafTile],
    leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) -> Digest {
    let level = height / Tile.height
    let heightInTile = height % Tile.height
    let first = index << UInt64(heightInTile)
    let tileIndex = first >> UInt64(Tile.height)
    let offset = Int(first % UInt64(Tile.widthMax))

    guard level == 0, !isLastLeafTile(tileIndex) else {
      let tile = levels[level].tile(tileIndex)
      return TreeHash.root(of: tile[offset..<(offset + 1 << heightInTile)])
    }
    if let tile = loaded.first(where: { $0.index == tileIndex }) {
      return tile.node(height: heightInTile, index: offset >> heightInTile)
    }
    let tile = try LeafTile(index: tileIndex, of: self, leaves: leaves)
    loaded.append(tile)
    return tile.node(height: heightInTile, index: offset >> heightInTile)
  }
}

/// A complete tile of leaf hashes, read back and checked, with the nodes above them.
private struct LeafTile {
  let index: UInt64

  /// The nodes from the root at 1, where the children of node i are 2i and 2i + 1.
  private let nodes: [Digest]

  /// Reads the tile and checks it against the hash that `tree` has of it.
  init<Failure: Error>(
    index: UInt64, of tree: MerkleTree,
    leaves: (_ tileIndex: UInt64) throws(Failure) -> [Digest]
  ) throws(TreeReadError<Failure>) {
    let hashes: [Digest]
    do {
      hashes = try leaves(index)
    } catch {
      throw .load(error)
    }
    let width = UInt64(Tile.widthMax)
    let expected = tree.levels[1].tile(index / width)[Int(index % width)]
    guard hashes.count == Tile.widthMax else {
      throw .wrongLeaves(
        tileIndex: index, computed: TreeHash.root(of: hashes), expected: expected)
    }
    var nodes = [Digest](repeating: .zero, count: Tile.widthMax) + hashes
    for node in (1..<Tile.widthMax).reversed() {
      nodes[node] = TreeHash.node(nodes[2 * node], nodes[2 * node + 1])
    }
    guard nodes[1] == expected else {
      throw .wrongLeaves(tileIndex: index, computed: nodes[1], expected: expected)
    }
    self.index = index
    self.nodes = nodes
  }

  /// The leaf hashes.
  var leaves: ArraySlice<Digest> { nodes[Tile.widthMax...] }

  /// Returns the root of the perfect subtree of 2^height leaves, the `index`th in the tile.
  func node(height: Int, index: Int) -> Digest { nodes[Tile.widthMax >> height + index] }
}
