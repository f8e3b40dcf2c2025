/// A Merkle tree in memory that proves anything about any of its sizes, past or present.
///
/// Leaf hashes live with the log, on disk: here are only those of the last, incomplete tile, and
/// the hash of each complete tile of 256. That is 32 bytes for 256 leaves, or 125 MB for a thousand
/// million. Whoever asks for a proof lends a way to read the leaf hashes of one tile; they are
/// checked against the hash kept here, so that a proof from damaged storage is refused, not given.
///
/// The tree only grows, and what it says of an older size never changes. A copy shares all complete
/// tiles: it costs O(size / 65,536), and appending to one of the two costs no more than that again.
///
/// - Source: C2SP tlog-tiles, "Merkle Tree".
public struct MerkleTree: Sendable {
  /// The number of leaves.
  public private(set) var size: UInt64 = 0

  /// Tile levels, leaves first.
  ///
  /// The first has its last tile only; the others have every hash.
  private(set) var levels: [TileLevel] = []

  /// Creates the tree without leaves.
  public init() {}

  /// Creates a tree from what one holds: the root of each complete tile, and the leaf hashes after.
  ///
  /// - Parameters:
  ///   - tileRoots: The hashes of tile level 1, in order.
  ///   - lastLeaves: The leaf hashes after the last complete tile, in order; fewer than 256.
  /// - Complexity: O(tileRoots + lastLeaves).
  public init(tileRoots: some Sequence<Digest>, lastLeaves: some Sequence<Digest>) {
    for root in tileRoots {
      record(root, level: 1)
      size += UInt64(Tile.widthMax)
    }
    let completeSize = size
    for leaf in lastLeaves { append(leaf) }
    precondition(
      size - completeSize < UInt64(Tile.widthMax),
      "\(size - completeSize) leaves after the last complete tile are a tile more")
  }

  /// What the tree holds, from which ``init(tileRoots:lastLeaves:)`` makes it again.
  ///
  /// - Complexity: O(size / 256).
  public var held: (tileRoots: [Digest], lastLeaves: [Digest]) {
    guard let leaves = levels.first else { return ([], []) }
    let roots = levels.count > 1 ? levels[1].tiles.flatMap { $0 } + levels[1].lastTile : []
    return (roots, leaves.lastTile)
  }

  /// The root hash of the tree.
  ///
  /// - Complexity: O(log size).
  public var root: Digest {
    var root: Digest?
    for level in levels { root = level.edge.fold(onto: root) }
    return root ?? TreeHash.emptyRoot
  }

  /// Appends a leaf, given its leaf hash.
  ///
  /// - Complexity: O(1) amortised, with one node hash a leaf on average; O(log size) at worst.
  public mutating func append(_ leaf: Digest) {
    precondition(size < LogLimits.treeSizeMax, "the tree is full at \(size) leaves")
    record(leaf, level: 0)
    size += 1
  }

  /// Appends leaves, given their leaf hashes.
  ///
  /// - Complexity: O(leaves + log size).
  public mutating func append(contentsOf leaves: some Sequence<Digest>) {
    for leaf in leaves { append(leaf) }
  }

  /// Adds a hash at tile level `level`, and the root of each tile which that completes.
  private mutating func record(_ hash: Digest, level: Int) {
    var carry = hash
    for level in level... {
      while level >= levels.count { levels.append(TileLevel(keepsTiles: !levels.isEmpty)) }
      guard let root = levels[level].append(carry) else { return }
      carry = root
    }
  }
}

/// The hashes of one tile level, in tiles.
struct TileLevel: Sendable {
  /// Whether complete tiles are kept here; those of leaf hashes are kept with the log.
  let keepsTiles: Bool

  /// The complete tiles, if kept: 256 hashes each, never changed.
  private(set) var tiles: [[Digest]] = []

  /// The hashes of the last tile, fewer than 256.
  private(set) var lastTile: [Digest] = []

  /// The right edge within the last tile.
  private(set) var edge = CompactRange()

  init(keepsTiles: Bool) {
    self.keepsTiles = keepsTiles
    lastTile.reserveCapacity(Tile.widthMax)
  }

  /// Adds a hash, and returns the root of the tile if that completes it.
  mutating func append(_ hash: Digest) -> Digest? {
    lastTile.append(hash)
    edge.append(hash)
    guard lastTile.count == Tile.widthMax else { return nil }
    let root = edge.root
    edge.removeAll()
    if keepsTiles {
      tiles.append(lastTile)
      lastTile = []
      lastTile.reserveCapacity(Tile.widthMax)
    } else {
      lastTile.removeAll(keepingCapacity: true)
    }
    return root
  }

  /// Returns the hashes held of the tile with index `tileIndex`, complete or last.
  func tile(_ tileIndex: UInt64) -> [Digest] {
    tileIndex < UInt64(tiles.count) ? tiles[Int(tileIndex)] : lastTile
  }
}
