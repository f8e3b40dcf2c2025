/// Proofs made from a few tiles of hashes, as whoever serves a log hands them out.
///
/// First ask which tiles are needed, then read those, then make the proof. Nothing vouches for what
/// was read: a proof from altered tiles does not verify.
///
/// - Source: C2SP tlog-tiles, "Merkle Tree".
public struct TileProofs: Sendable {
  /// Of the tree that the tiles are of.
  public let treeSize: UInt64
  private let tiles: [Tile: [Digest]]

  /// - Parameters:
  ///   - treeSize: Of the tree.
  ///   - tiles: Those that ``tilesForConsistency(oldSize:newSize:)`` names, each as wide as it
  ///     says.
  public init(treeSize: UInt64, tiles: [Tile: [Digest]]) {
    self.treeSize = treeSize
    self.tiles = tiles
  }

  /// Returns the tiles of a tree of `newSize` leaves that the proof of its consistency with the
  /// tree at `oldSize` is made from, and that tree's root; in order, each once.
  ///
  /// - Throws: ``ProofError``, where there is no such proof.
  /// - Complexity: O(log² newSize).
  public static func tilesForConsistency(
    oldSize: UInt64, newSize: UInt64
  ) throws(ProofError) -> [Tile] {
    var needed: [Tile] = []
    let ranges =
      try ConsistencyProof.ranges(oldSize: oldSize, newSize: newSize) + [0..<oldSize]
    for range in ranges {
      for node in nodes(of: range) {
        let tile = place(of: node, treeSize: newSize).tile
        if !needed.contains(tile) { needed.append(tile) }
      }
    }
    return needed
  }

  /// Returns the root of the tree as it was at `size`; `nil` where a tile for it is missing.
  ///
  /// - Complexity: O(log² size).
  public func root(at size: UInt64) -> Digest? {
    size == 0 ? TreeHash.emptyRoot : hash(of: 0..<size)
  }

  /// Returns the proof that the tree extends the one at `oldSize`; `nil` where a tile for it is
  /// missing.
  ///
  /// - Throws: ``ProofError``, where there is no such proof.
  /// - Complexity: O(log² size).
  public func consistencyProof(from oldSize: UInt64) throws(ProofError) -> ConsistencyProof? {
    var path: [Digest] = []
    for range in try ConsistencyProof.ranges(oldSize: oldSize, newSize: treeSize) {
      guard let hash = hash(of: range) else { return nil }
      path.append(hash)
    }
    return ConsistencyProof(oldSize: oldSize, newSize: treeSize, generated: path)
  }

  /// A perfect subtree: of 2^height leaves, the `index`th of its height.
  private struct Node {
    let height: Int
    let index: UInt64
  }

  /// The perfect subtrees that a range is made of, last and smallest first.
  private static func nodes(of range: Range<UInt64>) -> [Node] {
    var nodes: [Node] = []
    var end = range.upperBound
    while end > range.lowerBound {
      let height = (end - range.lowerBound).trailingZeroBitCount
      let start = end - 1 << UInt64(height)
      nodes.append(Node(height: height, index: start >> UInt64(height)))
      end = start
    }
    return nodes
  }

  /// The tile that a subtree's hashes are in, and where.
  private static func place(of node: Node, treeSize: UInt64) -> (tile: Tile, hashes: Range<Int>) {
    let level = node.height / Tile.height
    let heightInTile = node.height % Tile.height
    let first = node.index << UInt64(heightInTile)
    guard
      let tile = Tile(
        .hashes(level: level), index: first >> UInt64(Tile.height), treeSize: treeSize)
    else { preconditionFailure("no tile of \(treeSize) leaves has subtree \(node)") }
    let offset = Int(first % UInt64(Tile.widthMax))
    return (tile, offset..<(offset + 1 << heightInTile))
  }

  private func hash(of range: Range<UInt64>) -> Digest? {
    var root: Digest?
    for node in Self.nodes(of: range) {
      let (tile, hashes) = Self.place(of: node, treeSize: treeSize)
      guard let read = tiles[tile], hashes.upperBound <= read.count else { return nil }
      let subtree = TreeHash.root(of: read[hashes])
      root = root.map { TreeHash.node(subtree, $0) } ?? subtree
    }
    return root
  }
}
