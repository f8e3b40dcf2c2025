import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import MerkleLog
import Testing

/// A store of entries that mean nothing, in rows cut at will.
struct NaiveLog {
  let entries: [[UInt8]]
  let disk = MemoryDisk()
  let store: MemoryStore
  let leaves: [Digest]

  init(entries: [[UInt8]], entriesPerRow: (Int) -> Int) throws {
    self.entries = entries
    leaves = entries.map { TreeHash.leaf($0) }
    store = try disk.open()
    var packer = RowPacker(first: .genesis)
    var rows: [StoredRow] = []
    var count = 0
    for (index, entry) in entries.enumerated() {
      packer.append(entry: entry, sideData: [UInt8](repeating: 7, count: index % 5))
      count += 1
      guard count >= entriesPerRow(rows.count) else { continue }
      rows += packer.finish()
      count = 0
    }
    try store.append(rows + packer.finish())
  }

  /// Rows of many lengths, among them one and 256.
  init(count: Int, seed: UInt64 = 1) throws {
    var random = SplitMix64(seed: seed)
    let lengths = (0..<64).map { _ in
      Bool.random(using: &random) ? 256 : Int.random(in: 1...300, using: &random)
    }
    try self.init(entries: (0..<count).map(Self.entry)) { lengths[$0 % lengths.count] }
  }

  static func entry(_ index: Int) -> [UInt8] { Array("entry \(index)".utf8) }

  /// The tree of the first entries.
  func tree(_ size: Int) -> MerkleTree {
    var tree = MerkleTree()
    tree.append(contentsOf: leaves[..<size])
    return tree
  }

  /// RFC 6962, section 2.1, as it is written there.
  static func root(_ leaves: ArraySlice<Digest>) -> Digest {
    guard leaves.count > 1 else { return leaves.first ?? SHA256.hash([UInt8]()) }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    let middle = leaves.startIndex + half
    return SHA256.hash([0x01] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
  }

  /// The hash of tile level `level` with this index, by its definition.
  func hash(level: Int, index: Int) -> [UInt8] {
    let span = 1 << (8 * level)
    return Self.root(leaves[index * span..<(index + 1) * span]).bytes
  }

  func bytes(of tile: Tile) -> [UInt8] {
    let first = Int(tile.index) * 256
    let places = first..<first + tile.width
    switch tile.content {
    case .entries:
      return places.flatMap { index -> [UInt8] in
        let length = entries[index].count
        return [UInt8(length >> 8), UInt8(length & 0xFF)] + entries[index]
      }
    case .hashes(let level): return places.flatMap { hash(level: level, index: $0) }
    }
  }
}

@Suite struct LogTilesTests {
  /// Goal: at every size, each tile that the size implies has the bytes of its definition.
  ///
  /// Method: all sizes from 1 to 600 over one store that has more, in rows that do not begin where
  /// bundles do; hashes by the recursion of RFC 6962.
  @Test func tilesOfAllSizes() throws {
    let log = try NaiveLog(count: 640)
    var known: [String: [UInt8]] = [:]
    for size in 1...600 {
      let tiles = LogTiles(log.store, tree: log.tree(size))
      for tile in Tile.tilesAdded(from: 0, to: UInt64(size)) {
        let bytes = try tiles.bytes(of: tile)
        #expect(bytes == known[tile.path] ?? log.bytes(of: tile), "\(tile) of \(size)")
        known[tile.path] = bytes
      }
      #expect(throws: LogTilesError.self) {
        try tiles.bytes(of: Tile(.entries, index: UInt64(size / 256), width: size % 256 + 1))
      }
      #expect(throws: LogTilesError.self) {
        try tiles.bytes(
          of: Tile(.hashes(level: 0), index: UInt64(size / 256), width: size % 256 + 1))
      }
    }
  }

  /// Goal: what was once served stays as it was: narrower tiles are beginnings of the wider.
  @Test(arguments: [256, 300, 512, 600])
  func narrowerTiles(size: Int) throws {
    let log = try NaiveLog(count: 600, seed: 3)
    let tiles = LogTiles(log.store, tree: log.tree(size))
    for widest in Tile.tilesAdded(from: 0, to: UInt64(size)) {
      for width in 1...widest.width {
        let tile = try Tile(widest.content, index: widest.index, width: width)
        #expect(try tiles.bytes(of: tile) == log.bytes(of: tile), "\(tile) of \(size)")
      }
    }
  }

  /// Goal: levels above the first follow the same rule around their first boundary.
  @Test func tilesOfLargeSizes() throws {
    let log = try NaiveLog(count: 70_000, seed: 5)
    for size in [65_535, 65_536, 65_537, 65_792, 70_000] {
      let tiles = LogTiles(log.store, tree: log.tree(size))
      let all = Tile.tilesAdded(from: 0, to: UInt64(size))
      let last = UInt64(size / 256)
      for tile in all where tile.index % 97 == 0 || tile.index + 2 >= last || tile.width < 256 {
        #expect(try tiles.bytes(of: tile) == log.bytes(of: tile), "\(tile) of \(size)")
      }
    }
  }

  /// Goal: one reader gives the same bundles in order, out of order, and after a failure.
  @Test func readerReadsOnAndBack() throws {
    let log = try NaiveLog(count: 2_000, seed: 9)
    let tiles = LogTiles(log.store, tree: log.tree(2_000))
    var random = SplitMix64(seed: 2)
    for rowsPerRead in [1, 2, 5, 64] {
      var reader = BundleReader(log.store, rowsPerRead: rowsPerRead)
      let order =
        (0..<8).map { UInt64($0) } + (0..<40).map { _ in .random(in: 0..<8, using: &random) }
      for index in order {
        let tile = try #require(Tile(.entries, index: index, treeSize: 2_000))
        #expect(try tiles.bundle(index, by: &reader).bytes == log.bytes(of: tile))
        #expect(throws: LogTilesError.noBundle(index: 8, size: 2_000)) {
          try tiles.bundle(8, by: &reader)
        }
      }
    }
  }

  /// Goal: the longest entries, which do not fit a row together, fit a bundle.
  @Test func longEntries() throws {
    let entries = (0..<20).map {
      [UInt8](repeating: UInt8($0 + 1), count: $0 % 3 == 0 ? 65_535 : 1)
    }
    let log = try NaiveLog(entries: entries) { _ in 256 }
    let tile = try Tile(.entries, index: 0, width: 20)
    let bytes = try LogTiles(log.store, tree: log.tree(20)).bytes(of: tile)
    #expect(bytes == log.bytes(of: tile))
  }

  /// Goal: what is damaged is not served, by whichever tile it is asked for, and what is not is.
  ///
  /// Method: each byte of three rows' entries is flipped in turn: within a complete bundle, and
  /// within the last.
  @Test func damageIsRefused() throws {
    let log = try NaiveLog(entries: (0..<300).map(NaiveLog.entry)) { _ in 10 }
    let tiles = LogTiles(log.store, tree: log.tree(300))
    let sound = log.disk.durableRows
    for place in [0, 12, 29] {
      for offset in sound[place].entries.indices {
        var rows = sound
        var entries = rows[place].entries
        entries[offset] ^= 1
        rows[place] = StoredRow(
          first: rows[place].first, count: 10, entries: entries, sideData: rows[place].sideData)
        log.disk.overwrite(with: rows)
        let index = UInt64(place * 10 / 256)
        for content in [Tile.Content.entries, .hashes(level: 0)] {
          for width in [1, 44] {
            let tile = try Tile(content, index: index, width: width)
            #expect(throws: LogTilesError.self, "row \(place), byte \(offset)") {
              try tiles.bytes(of: tile)
            }
          }
          let other = try #require(Tile(content, index: 1 - index, treeSize: 300))
          #expect(try tiles.bytes(of: other) == log.bytes(of: other))
        }
      }
    }
    log.disk.overwrite(with: Array(sound.dropLast()))
    let cut = try Tile(.entries, index: 1, width: 1)
    #expect(throws: LogTilesError.missingEntry(SequenceNumber(290))) { try tiles.bytes(of: cut) }
  }

  /// Goal: where the tree has each leaf hash, the message names the entry.
  @Test func namesTheEntry() throws {
    let log = try NaiveLog(entries: (0..<44).map(NaiveLog.entry)) { _ in 10 }
    let tiles = LogTiles(log.store, tree: log.tree(44))
    var wrong = (0..<44).map(NaiveLog.entry)
    wrong[17] = [1]
    let other = try NaiveLog(entries: wrong) { _ in 10 }
    log.disk.overwrite(with: other.disk.durableRows)
    #expect(
      throws: LogTilesError.wrongEntries(
        first: SequenceNumber(17), last: SequenceNumber(17), expected: log.leaves[17],
        found: other.leaves[17])
    ) { try tiles.bytes(of: Tile(.hashes(level: 0), index: 0, width: 3)) }
  }
}
