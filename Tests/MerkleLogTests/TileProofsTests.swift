import MerkleLog
import Testing

/// Goal: proofs made from tiles are those that the tree makes, with no more tiles than are named.
///
/// Method: pairs of sizes around every boundary to 70,000, against ``MerkleTree``; a tile that is
/// missing gives no proof, and one that is altered gives one that does not verify.
@Suite struct TileProofsTests {
  private static let sizes: [UInt64] = [
    1, 2, 3, 100, 255, 256, 257, 300, 511, 512, 513, 65_535, 65_536, 65_537, 66_000, 70_000,
  ]

  private static func tiles(_ needed: [Tile], size: UInt64) throws -> [Tile: [Digest]] {
    var tiles: [Tile: [Digest]] = [:]
    for tile in needed {
      guard case .hashes(let level) = tile.content else { continue }
      let hashes = try MerkleTreeTests.tree.tile(
        level: level, index: tile.index, width: tile.width, leaves: MerkleTreeTests.leaves)
      tiles[tile] = Array(try #require(hashes))
    }
    return tiles
  }

  @Test(arguments: sizes)
  func agreeWithTheTree(newSize: UInt64) throws {
    let tree = MerkleTreeTests.tree
    let newRoot = try tree.root(at: newSize, leaves: MerkleTreeTests.leaves)
    for oldSize in Self.sizes where oldSize <= newSize {
      let needed = try TileProofs.tilesForConsistency(oldSize: oldSize, newSize: newSize)
      #expect(needed.count <= 9, "\(oldSize) to \(newSize): \(needed)")
      let tiles = try Self.tiles(needed, size: newSize)
      let proofs = TileProofs(treeSize: newSize, tiles: tiles)
      let proof = try #require(try proofs.consistencyProof(from: oldSize))
      let expected = try tree.consistencyProof(
        oldSize: oldSize, newSize: newSize, leaves: MerkleTreeTests.leaves)
      let oldRoot = try tree.root(at: oldSize, leaves: MerkleTreeTests.leaves)
      #expect(proof == expected)
      #expect(proofs.root(at: oldSize) == oldRoot)
      try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
      for tile in needed {
        var fewer = tiles
        fewer[tile] = nil
        let lacking = TileProofs(treeSize: newSize, tiles: fewer)
        #expect(
          try lacking.root(at: oldSize) == nil || lacking.consistencyProof(from: oldSize) == nil)
      }
    }
  }

  @Test func alteredTilesProveNothing() throws {
    let needed = try TileProofs.tilesForConsistency(oldSize: 300, newSize: 70_000)
    let tiles = try Self.tiles(needed, size: 70_000)
    let oldRoot = try MerkleTreeTests.tree.root(at: 300, leaves: MerkleTreeTests.leaves)
    let newRoot = try MerkleTreeTests.tree.root(at: 70_000, leaves: MerkleTreeTests.leaves)
    for tile in needed {
      var altered = tiles
      let count = altered[tile]?.count ?? 0
      altered[tile] = [Digest](repeating: Records.leaf(0), count: count)
      let proofs = TileProofs(treeSize: 70_000, tiles: altered)
      let proof = try #require(try proofs.consistencyProof(from: 300))
      #expect(throws: ProofError.self) { try proof.verify(oldRoot: oldRoot, newRoot: newRoot) }
    }
  }

  @Test func thereIsNoneFromNothing() {
    #expect(throws: ProofError.self) {
      try TileProofs.tilesForConsistency(oldSize: 0, newSize: 5)
    }
    #expect(throws: ProofError.self) {
      try TileProofs.tilesForConsistency(oldSize: 6, newSize: 5)
    }
  }
}
