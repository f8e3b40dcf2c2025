import MerkleLog
import Testing

@Suite struct TileTests {
  /// Vectors: golang.org/x/mod tlog_test.go, transparency-dev/tessera api/layout/paths_test.go.
  @Test(arguments: [
    (Tile.Content.hashes(level: 0), UInt64(0), 256, "tile/0/000"),
    (.hashes(level: 0), 255, 256, "tile/0/255"),
    (.hashes(level: 1), 0, 1, "tile/1/000.p/1"),
    (.hashes(level: 0), 273, 112, "tile/0/273.p/112"),
    (.hashes(level: 2), 1000, 256, "tile/2/x001/000"),
    (.hashes(level: 0), 1_234_067, 256, "tile/0/x001/x234/067"),
    (.hashes(level: 3), 1_234_067, 8, "tile/3/x001/x234/067.p/8"),
    (.entries, 123_456_789, 256, "tile/entries/x123/x456/789"),
    (.entries, 0, 255, "tile/entries/000.p/255"),
    (.entries, 1, 1, "tile/entries/001.p/1"),
    (.hashes(level: 63), 0, 256, "tile/63/000"),
    (
      .hashes(level: 0), LogLimits.treeSizeMax, 256,
      "tile/0/x009/x223/x372/x036/x854/x775/807"
    ),
  ])
  func paths(content: Tile.Content, index: UInt64, width: Int, path: String) throws {
    let tile = try Tile(content, index: index, width: width)
    #expect(tile.path == path)
    #expect(try Tile(path: path) == tile)
    #expect(tile.isComplete == !path.contains(".p"))
  }

  @Test(arguments: [
    "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/0/x000",
    "tile/0/000/", "/tile/0/000", "tile//000", "tile/00/000", "tile/01/000", "tile/64/000",
    "tile/-1/000", "tile/+1/000", "tile/a/000", "tile/0/-01", "tile/3/-1/000", "tile/0/001/000",
    "tile/0/x001/x000", "tile/0/x000/001", "tile/0/x000/x001/001", "tile/0/x01/000",
    "tile/0/X001/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
    "tile/0/000.p/01", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000.p/1/2", "tile/0/.p/1",
    "tile/0/000.P/1", "tile/0/000.q/1", "tile/0/x001.p/000", "tile/0/x001.p/5", "tile/8/0/000",
    "tile/data/000", "tile/entries", "tile/entries/", "tile/Entries/000", "tile/entries/000.p/0",
    "Tile/0/000", "tile/0/0é0", "tile/0/٠٠٠", "tile/0/x009/x223/x372/x036/x854/x775/808",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/000 ", "tile/0/000\n",
  ])
  func refuseOtherPaths(path: String) {
    #expect(throws: TileError.malformedPath(path)) { _ = try Tile(path: path) }
  }

  /// Goal: an index has one path.
  ///
  /// Method: numbers of each magnitude, at each width.
  @Test(arguments: UInt64(0)..<32)
  func pathsRoundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for bits in 0..<63 {
      let index = UInt64.random(in: 0...(1 << UInt64(bits)), using: &random)
      let level = Int.random(in: 0...63, using: &random)
      let width = Int.random(in: 1...256, using: &random)
      for content in [Tile.Content.hashes(level: level), .entries] {
        let tile = try Tile(content, index: index, width: width)
        #expect(try Tile(path: tile.path) == tile, "seed \(seed)")
      }
    }
  }

  @Test func refuseOtherParts() {
    #expect(throws: TileError.levelOutOfRange(64)) { _ = try Tile(.hashes(level: 64), index: 0) }
    #expect(throws: TileError.levelOutOfRange(-1)) { _ = try Tile(.hashes(level: -1), index: 0) }
    #expect(throws: TileError.indexOutOfRange(1 << 63)) { _ = try Tile(.entries, index: 1 << 63) }
    #expect(throws: TileError.widthOutOfRange(0)) { _ = try Tile(.entries, index: 0, width: 0) }
    #expect(throws: TileError.widthOutOfRange(257)) { _ = try Tile(.entries, index: 0, width: 257) }
  }

  /// Goal: a tile exists up to a size exactly where that size or an earlier one implies it.
  @Test func existingTiles() throws {
    var implied: Set<Tile> = []
    for size in 0...600 {
      implied.formUnion(Tile.tilesAdded(from: 0, to: UInt64(size)))
      for content in [Tile.Content.entries, .hashes(level: 0), .hashes(level: 1)] {
        for index in UInt64(0)...3 {
          for width in [1, 2, 43, 44, 255, 256] {
            let tile = try Tile(content, index: index, width: width)
            #expect(tile.exists(upTo: UInt64(size)) == implied.contains(tile), "\(tile) of \(size)")
          }
        }
      }
    }
  }

  /// Goal: a size implies these tiles and no others.
  ///
  /// Method: the two sizes the specification lists, and boundaries.
  @Test func tilesOfSizes() {
    func paths(_ size: UInt64, from oldSize: UInt64 = 0) -> [String] {
      Tile.tilesAdded(from: oldSize, to: size).map(\.path)
    }
    #expect(paths(0) == [])
    #expect(paths(1) == ["tile/entries/000.p/1", "tile/0/000.p/1"])
    #expect(paths(255) == ["tile/entries/000.p/255", "tile/0/000.p/255"])
    #expect(paths(256) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
    #expect(
      paths(257) == [
        "tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1",
        "tile/1/000.p/1",
      ])
    let all = paths(70_000)
    #expect(all.count == 274 + 274 + 2 + 1)
    #expect(
      paths(70_000, from: 69_999) == ["tile/entries/273.p/112", "tile/0/273.p/112"])
    for path in ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"] {
      #expect(all.contains(path))
    }
    #expect(paths(300, from: 300) == [])
    #expect(
      paths(512, from: 257) == ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"])

    #expect(Tile(.entries, index: 0, treeSize: 255)?.path == "tile/entries/000.p/255")
    #expect(Tile(.entries, index: 1, treeSize: 257)?.path == "tile/entries/001.p/1")
    #expect(Tile(.entries, index: 0, treeSize: 257)?.path == "tile/entries/000")
    #expect(Tile(.entries, index: 1, treeSize: 256) == nil)
    #expect(Tile(.hashes(level: 1), index: 0, treeSize: 255) == nil)
    #expect(Tile(.hashes(level: 9), index: 0, treeSize: .max) == nil)
  }

  /// Vectors: golang.org/x/mod 0.7.0, and FiloSottile/sunlight for size 300.
  @Test(arguments: [
    ("tile/0/000", "66a1d43136a854a5776d5bce14bf101c925fc7d4b32f1be23b658f636ebfcddb"),
    ("tile/0/001.p/44", "699f078d937f13343d71ad39321757de3ecf391e8d7a1b2015ad38bd36f5d60a"),
    ("tile/1/000.p/1", "dcef9e571841bfe2defd16306f8a7d69f5054092fb8b7f983970c646f7f5fd85"),
    ("tile/0/255", "093d0e3b233e3008038a48567793a5556d41c4f949ca3aa668e3b5a031de9f99"),
    ("tile/0/256.p/1", "deed2d3bbc571a752a04412fdb4ed8d1e1f9df279432887c9aea9f9fbb0f0e6a"),
    ("tile/0/273.p/112", "d7b596fc8bc1b8a73cd40f8e68217aed9222f27740b23ddd836d9057655543a5"),
    ("tile/1/000", "81b1e4e2904f7c400d4242d3f4e332299c04be267bab7785ffe9fb8d40b60a53"),
    ("tile/1/001.p/17", "6a6ff5bd52eca63040bcc7d0bbebefa472178c1fc2bafb9230e07ae057ec9d8b"),
    ("tile/2/000.p/1", "cd52887811b6bf7e8c18f905d19e569a74e7a7d5be6c67daaefe30d303095aa9"),
    ("tile/entries/000", "985287e65b66e7b12f16d01217b32858b6a0f9dae6d00c0431d0db350087f638"),
    ("tile/entries/001.p/44", "9be4acd928d562c359a25b51bfa0d650869670d05861cd7f0da4af5cc5ae0689"),
    ("tile/entries/273.p/112", "a9d281e21f092cdd0436133aabe54cd764764c84b30e5af37ab7afaefaf4a377"),
  ])
  func contents(path: String, hash: String) throws {
    let tile = try Tile(path: path)
    switch tile.content {
    case .entries:
      let first = Int(tile.index) * 256
      let entries = (first..<(first + tile.width)).map(Records.entry)
      let bundle = try EntryBundle.encode(entries)
      #expect(SHA256.hash(bundle).description == hash)
      #expect(try EntryBundle.decode(bundle, count: tile.width).map(Array.init) == entries)
    case .hashes(let level):
      let hashes = try #require(
        try MerkleTreeTests.tree.tile(
          level: level, index: tile.index, width: tile.width, leaves: MerkleTreeTests.leaves))
      let bytes = Tile.encode(hashes)
      #expect(SHA256.hash(bytes).description == hash)
      #expect(try tile.decode(bytes) == Array(hashes))
      #expect(
        throws: TileError.wrongByteCount(expected: bytes.count, found: bytes.count - 1)
      ) {
        _ = try tile.decode(bytes.dropLast())
      }
    }
  }

  @Test func treeHasNoOtherTiles() throws {
    let tree = MerkleTreeTests.tree
    for (level, index, width) in [
      (0, 273, 113), (0, 274, 1), (1, 1, 18), (1, 2, 1), (2, 0, 2), (3, 0, 1), (0, 0, 0),
      (0, 0, 257), (-1, 0, 1), (64, 0, 1),
    ] as [(Int, UInt64, Int)] {
      let tile = try tree.tile(
        level: level, index: index, width: width, leaves: MerkleTreeTests.leaves)
      #expect(tile == nil, "level \(level), index \(index), width \(width)")
    }
    #expect(try MerkleTree().tile(level: 0, index: 0, width: 1) { _ in [] } == nil)
  }

  /// Vectors: transparency-dev/tessera testdata/log.
  @Test func tesseraLog() throws {
    let bundle = try EntryBundle.encode(TesseraLog.entries)
    #expect(
      bundle
        == bytes(
          """
          00036f6e65 000374776f 00057468726565 0004666f7572 000466697665 0003736978 0005736576656e
          0003656974 00046e61696e 000374656e 0006696c6576656e 00057477656c66 0008746872656574656e
          0007666f757274656e 000666697674656e
          """))
    #expect(
      Tile.encode(TesseraLog.leaves.prefix(3))
        == bytes(
          """
          d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9
          ab1ab7f07c7c8fe0eff4ba6faa53c7e4412e91a599153e8aa4e01beece5b7825
          671f146c5e471e8a1a83a3c214ce4ba907b8f3a5888d14cc8cd3ce75bb12ef94
          """))
  }
}

@Suite struct EntryBundleTests {
  @Test func limits() throws {
    let longest = [UInt8](repeating: 7, count: LogLimits.entryByteCountMax)
    let bundle = try EntryBundle.encode([[], longest, [1]])
    #expect(bundle.prefix(5) == [0, 0, 0xff, 0xff, 7])
    #expect(try EntryBundle.decode(bundle, count: 3).map(Array.init) == [[], longest, [1]])
    #expect(throws: EntryBundleError.entryTooLong(byteCount: 65_536)) {
      _ = try EntryBundle.encode([longest + [7]])
    }
    #expect(throws: EntryBundleError.tooManyEntries) {
      _ = try EntryBundle.encode([[UInt8]](repeating: [], count: 257))
    }
    var kept: [UInt8] = [1, 2]
    #expect(throws: EntryBundleError.self) { try EntryBundle.append(longest + [7], to: &kept) }
    #expect(kept == [1, 2])
  }

  @Test func refuseDamage() throws {
    let bundle: [UInt8] = [0, 1, 9, 0, 0, 0, 2, 8, 8]
    #expect(try EntryBundle.decode(bundle, count: 3) == [[9], [], [8, 8]])
    #expect(throws: EntryBundleError.wrongEntryCount(expected: 4, found: 3)) {
      _ = try EntryBundle.decode(bundle, count: 4)
    }
    #expect(throws: EntryBundleError.truncated(byteOffset: 5)) {
      _ = try EntryBundle.decode(bundle.dropLast(), count: 3)
    }
    #expect(throws: EntryBundleError.truncated(byteOffset: 9)) {
      _ = try EntryBundle.decode(bundle + [0], count: 3)
    }
    #expect(try EntryBundle.decode([], count: 0) == [])
    #expect(
      "\(EntryBundleError.truncated(byteOffset: 9))"
        == "the bundle ends inside the entry that starts at byte `9`")
  }
}
