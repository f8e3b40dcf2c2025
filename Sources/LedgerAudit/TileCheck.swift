import LedgerLog
import LedgerModel
import MerkleLog

/// Holds a log's files of hashes against its entries, and its entries against what they prove.
///
/// A tile is proven from the root down: the last tiles of all levels together give the root, and a
/// complete one gives the hash that stands for it a level higher. A proven leaf hash tells a wrong
/// entry by itself. Where a tile is not proven, the entries decide, and then it is the tile that is
/// wrong.
///
/// - Source: docs/formats/merkle-log.md, ML-9.
struct TileCheck: Sendable {
  private let directory: TileDirectory
  private let size: UInt64
  /// Levels 1 and up: the tiles of each, as their files have them, up to the first that cannot be
  /// read, so that a size that nobody has files for costs nothing.
  private var levels: [[StoredTile]] = []
  /// Whether the last tiles of all levels give the root.
  private var isEdgeProven = false
  /// The tile of leaf hashes that was read last.
  private var leafTile: (index: UInt64, tile: StoredTile)?
  /// The first thing found wrong with a tile of leaf hashes, if the entries are right.
  private(set) var leafFault: LogFault?
  /// Tiles that were compared.
  private(set) var tilesChecked: UInt64 = 0

  /// One file of hashes.
  private struct StoredTile: Sendable {
    let tile: Tile
    /// `nil` where there is no such file, or not of its length.
    let hashes: ArraySlice<Digest>?
    let problem: String?
    var isProven = false
  }

  /// Reads all tiles but those of leaf hashes, and proves what the root proves.
  ///
  /// - Parameters:
  ///   - directory: Where the files are.
  ///   - checkpoint: What they are of; its signature is checked.
  /// - Complexity: O(size / 256), in memory too.
  init(_ directory: TileDirectory, checkpoint: Checkpoint) {
    self.directory = directory
    size = checkpoint.size
    for level in 1...Tile.levelMax {
      var tiles: [StoredTile] = []
      while let tile = Tile(.hashes(level: level), index: UInt64(tiles.count), treeSize: size) {
        tiles.append(Self.read(tile, in: directory))
        if tiles.last?.hashes == nil { break }
      }
      if tiles.isEmpty { break }
      levels.append(tiles)
    }
    prove(checkpoint.root)
  }

  private static func read(_ tile: Tile, in directory: TileDirectory) -> StoredTile {
    do throws(TileDirectoryError) {
      return StoredTile(tile: tile, hashes: try directory.hashes(tile), problem: nil)
    } catch {
      return StoredTile(tile: tile, hashes: nil, problem: error.description)
    }
  }

  // MARK: - Proving

  private mutating func prove(_ root: Digest) {
    var edge: [ArraySlice<Digest>] = []
    var isWhole = true
    for level in 0...levels.count {
      let last = size >> UInt64((level + 1) * Tile.height)
      guard let tile = Tile(.hashes(level: level), index: last, treeSize: size) else { continue }
      if let hashes = Self.read(tile, in: directory).hashes {
        edge.append(hashes)
      } else {
        isWhole = false
      }
    }
    isEdgeProven = isWhole && Self.fold(edge) == root
    for level in levels.indices.reversed() {
      for index in levels[level].indices {
        levels[level][index].isProven = isProven(levels[level][index], level: level + 1)
      }
    }
  }

  /// Whether the levels above prove a tile.
  private func isProven(_ stored: StoredTile, level: Int) -> Bool {
    guard let hashes = stored.hashes else { return false }
    guard stored.tile.isComplete else { return isEdgeProven }
    // The levels held begin with 1: at `level` is the one above.
    guard level < levels.count else { return false }
    let (parent, place) = stored.tile.index.quotientAndRemainder(
      dividingBy: UInt64(Tile.widthMax))
    guard parent < UInt64(levels[level].count) else { return false }
    let above = levels[level][Int(parent)]
    guard above.isProven, let expected = above.hashes else { return false }
    return expected[expected.startIndex + Int(place)] == TreeHash.root(of: hashes)
  }

  /// The root that the last tiles of all levels give, lowest first: the subtrees that each ends in,
  /// the smaller to the right.
  private static func fold(_ edge: [ArraySlice<Digest>]) -> Digest? {
    var root: Digest?
    for hashes in edge {
      var rest = hashes
      var subtrees: [Digest] = []
      while !rest.isEmpty {
        let width = 1 << (Int.bitWidth - 1 - rest.count.leadingZeroBitCount)
        subtrees.append(TreeHash.root(of: rest.prefix(width)))
        rest = rest.dropFirst(width)
      }
      for subtree in subtrees.reversed() {
        root = root.map { TreeHash.node(subtree, $0) } ?? subtree
      }
    }
    return root
  }

  // MARK: - Leaves

  /// Holds an entry against its tile of leaf hashes, in order.
  ///
  /// - Throws: ``LogFault`` where a proven tile has another hash: then the entry is wrong.
  mutating func check(_ entry: LinkedEntry) throws(LogFault) {
    guard entry.sequence.value < size else { return }
    let (index, place) = entry.sequence.value.quotientAndRemainder(
      dividingBy: UInt64(Tile.widthMax))
    if leafTile?.index != index { read(index) }
    guard let stored = leafTile?.tile else { return }
    guard let hashes = stored.hashes else {
      note(stored.tile, at: entry.sequence, stored.problem ?? "it cannot be read")
      return
    }
    let expected = hashes[hashes.startIndex + Int(place)]
    guard expected != entry.leaf else { return }
    if stored.isProven {
      throw entry.altered(
        expected: expected, "it is not the entry that `\(stored.tile)` and the checkpoint prove")
    }
    note(
      stored.tile, at: entry.sequence, "its hash of entry \(entry.sequence) is not the entry's",
      expected: entry.leaf, found: expected)
  }

  private mutating func read(_ index: UInt64) {
    guard let tile = Tile(.hashes(level: 0), index: index, treeSize: size) else { return }
    tilesChecked += 1
    var stored = Self.read(tile, in: directory)
    stored.isProven = isProven(stored, level: 0)
    leafTile = (index, stored)
  }

  private mutating func note(
    _ tile: Tile, at sequence: SequenceNumber, _ problem: String, expected: Digest? = nil,
    found: Digest? = nil
  ) {
    guard leafFault == nil else { return }
    leafFault = Self.fault(tile, at: sequence, problem, expected: expected, found: found)
  }

  private static func fault(
    _ tile: Tile, at sequence: SequenceNumber, _ problem: String, expected: Digest? = nil,
    found: Digest? = nil
  ) -> LogFault {
    LogFault(
      .tile, at: sequence, problem.contains(tile.path) ? problem : "`\(tile)`: \(problem)",
      expected: expected, found: found)
  }

  // MARK: - End

  /// Holds all higher tiles against the tree over the entries, which is the checkpoint's.
  ///
  /// - Throws: ``LogFault`` for the tile that concerns the lowest sequence number.
  mutating func finish(_ tree: MerkleTree) throws(LogFault) {
    var first = leafFault
    for (offset, tiles) in levels.enumerated() {
      for stored in tiles {
        tilesChecked += 1
        guard let fault = Self.compare(stored, level: offset + 1, with: tree) else { continue }
        if fault.sequence < (first?.sequence ?? SequenceNumber(.max)) { first = fault }
        break
      }
    }
    if let first { throw first }
  }

  private static func compare(
    _ stored: StoredTile, level: Int, with tree: MerkleTree
  ) -> LogFault? {
    let tile = stored.tile
    func entry(_ place: Int) -> SequenceNumber {
      let hash = tile.index * UInt64(Tile.widthMax) + UInt64(place)
      return SequenceNumber(hash << UInt64(level * Tile.height))
    }
    guard let hashes = stored.hashes else {
      return fault(tile, at: entry(0), stored.problem ?? "it cannot be read")
    }
    guard let expected = tree.hashes(of: tile, level: level) else {
      return fault(tile, at: entry(0), "the log has no such tile")
    }
    for (place, pair) in zip(hashes, expected).enumerated() where pair.0 != pair.1 {
      return fault(
        tile, at: entry(place), "its hash \(place) is not that of the entries from here on",
        expected: pair.1, found: pair.0)
    }
    return nil
  }

  /// Looks at every file there is: older partial tiles must agree with the newer, and what no log
  /// of this size has is named.
  ///
  /// - Parameter superfluous: Called with each such file.
  /// - Throws: ``LogFault`` for an older partial tile that has other bytes.
  func checkFiles(superfluous: (String) -> Void) throws(LogFault) {
    var older: [Tile] = []
    do throws(TileDirectoryError) {
      _ = try directory.list { path in
        switch standing(of: path) {
        case .needed: break
        case .older(let tile): older.append(tile)
        case .superfluous: superfluous(path)
        }
      }
    } catch {
      throw LogFault(.tile, at: .genesis, error.description)
    }
    for tile in older { try checkOlder(tile) }
  }

  private enum Standing {
    case needed
    /// A partial tile of an older size, whose complete one does not exist yet.
    case older(Tile)
    case superfluous
  }

  private func standing(of path: String) -> Standing {
    guard let tile = try? Tile(path: path), tile.exists(upTo: size),
      let newest = Tile(tile.content, index: tile.index, treeSize: size)
    else { return .superfluous }
    if tile == newest { return .needed }
    return newest.isComplete ? .superfluous : .older(tile)
  }

  private func checkOlder(_ tile: Tile) throws(LogFault) {
    guard let newest = Tile(tile.content, index: tile.index, treeSize: size) else { return }
    let level = if case .hashes(let level) = tile.content { level } else { 0 }
    let place = SequenceNumber((tile.index * UInt64(Tile.widthMax)) << UInt64(level * Tile.height))
    let agrees: Bool
    do throws(TileDirectoryError) {
      agrees =
        switch tile.content {
        case .hashes: try directory.hashes(tile) == directory.hashes(newest).prefix(tile.width)
        case .entries: try directory.entries(tile) == directory.entries(newest).prefix(tile.width)
        }
    } catch {
      throw Self.fault(tile, at: place, error.description)
    }
    guard agrees else {
      throw Self.fault(tile, at: place, "it is not the beginning of `\(newest)`")
    }
  }
}

extension MerkleTree {
  /// The hashes of a tile above the leaves, or `nil` where the tree has not so many.
  fileprivate func hashes(of tile: Tile, level: Int) -> ArraySlice<Digest>? {
    let found = try? self.tile(level: level, index: tile.index, width: tile.width) {
      (_) throws(Never) in []
    }
    return found ?? nil
  }
}
