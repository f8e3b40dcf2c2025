import MerkleLog
import Testing

@Suite struct MerkleTreeTests {
  /// Roots by size.
  ///
  /// Vectors: golang.org/x/mod 0.7.0, and FiloSottile/sunlight for size 300.
  static let roots: [(Int, String)] = [
    (1, "3b367d6db7bc51726d918b18e9a79e0fce53f867fbe38671f609e6bb59d46035"),
    (2, "5c34a11205877ecf2c4f28e25495d08301b33dbfb862419f7946fa6fdf8124ef"),
    (3, "11139f0ae3789cb227ab8c3e57d66e8925e3adb96c24d57311832150d6ac905b"),
    (255, "12d20e0393b2b10464b55a5269dd066f0b836ea9512a34f13e3ad5c72575f43b"),
    (256, "dc9349f9787ed0086da6d97f679c51a5198f98e456e95b1d87fa3abc012fec31"),
    (257, "7bc95338d9eb756fddd6fcde386a6cd7692116c13bf5abef15dfb7e5358e68ae"),
    (300, "830df5c90aea65909c10e3ebcd7f9ba72de727a4209e04ca9fc1b59b48badae5"),
    (512, "1d0e72178d7ca1271dc828338f2ad867aa4088c899a273150385a317be4cd712"),
    (1000, "997c0067c5ee716990d44a6731a704890ac7957401b97605fdf266b3cab8b4ef"),
    (65535, "b6b5e41ae18d95f27664e44411b35f4104fc7946031cb6b5e08c2d5fb08d3a8f"),
    (65536, "1a282a1c4af74dba856a32f9ea63a23259cff8bdd7955affe669e18c2db15aed"),
    (65537, "25e9829b8e55d5b4faf5e832b4707478b79095616521d9aa1deb80ffe24634f8"),
    (70000, "db95a5c3802aae796452d22b34d53e749c9bc06fbe9ad229954d80d8eaa3ee16"),
  ]

  static let tree: MerkleTree = {
    var tree = MerkleTree()
    tree.append(contentsOf: Records.leaves)
    return tree
  }()

  /// Reads a complete tile, as from a store.
  static func leaves(_ tileIndex: UInt64) -> [Digest] {
    let start = Int(tileIndex) * 256
    return Array(Records.leaves[start..<(start + 256)])
  }

  @Test func rootsAtTileBoundaries() throws {
    let expected = Dictionary(uniqueKeysWithValues: Self.roots)
    var tree = MerkleTree()
    var range = CompactRange()
    #expect(tree.root == TreeHash.emptyRoot)
    for (index, leaf) in Records.leaves.enumerated() {
      tree.append(leaf)
      range.append(leaf)
      guard let hex = expected[index + 1] else { continue }
      #expect(tree.root.description == hex)
      #expect(range.root.description == hex)
      #expect(TreeHash.root(of: Records.leaves[...index]).description == hex)
      #expect(try Self.tree.root(at: UInt64(index + 1), leaves: Self.leaves).description == hex)
    }
    #expect(tree.size == 70_000)
    #expect(try tree.root(at: 0, leaves: Self.leaves) == TreeHash.emptyRoot)
  }

  /// Goal: a tree of any size answers for each of its earlier sizes as the definition does.
  ///
  /// Method: every size to 520 of a tree of 600; indices and old sizes around each boundary.
  @Test(arguments: [1, 2, 100, 255, 256, 257, 258, 300, 384, 511, 512, 513, 520, 600])
  func smallHistoricProofs(size: Int) throws {
    var tree = MerkleTree()
    tree.append(contentsOf: Records.leaves.prefix(600))
    let leaves = Records.leaves[..<size]
    #expect(try tree.root(at: UInt64(size), leaves: Self.leaves) == Naive.root(leaves))
    for place in Set([0, 1, 2, 127, 128, 254, 255, 256, 257, 299, 511, 512, 513, size - 1, size])
    where place <= size {
      if place < size {
        let proof = try tree.inclusionProof(
          index: UInt64(place), treeSize: UInt64(size), leaves: Self.leaves)
        #expect(proof.path == Naive.inclusion(place, leaves))
      }
      if place > 0 {
        let proof = try tree.consistencyProof(
          oldSize: UInt64(place), newSize: UInt64(size), leaves: Self.leaves)
        #expect(proof.path == Naive.consistency(place, leaves))
      }
    }
  }

  static let boundaries = [255, 256, 257, 300, 512, 65535, 65536, 65537, 69_888, 70_000]

  /// Goal: at two levels of tiles, proofs are the definition's and hold, reading at most two tiles.
  @Test(arguments: boundaries)
  func largeHistoricProofs(size: Int) throws {
    let leaves = Records.leaves[..<size]
    let treeSize = UInt64(size)
    let root = TreeHash.root(of: leaves)
    var read: [UInt64] = []
    func load(_ tileIndex: UInt64) -> [Digest] {
      read.append(tileIndex)
      return Self.leaves(tileIndex)
    }
    for place in Set([0, 1, 255, 256, 32_768, 65_535, 65_536, 69_999, size - 1, size])
    where place <= size {
      if place < size {
        read = []
        let proof = try Self.tree.inclusionProof(
          index: UInt64(place), treeSize: treeSize, leaves: load)
        try proof.verify(leaf: leaves[place], root: root)
        #expect(proof.path == Naive.inclusion(place, leaves))
        #expect(read.count <= 2 && Set(read).count == read.count)
      }
      if place > 0 {
        read = []
        let proof = try Self.tree.consistencyProof(
          oldSize: UInt64(place), newSize: treeSize, leaves: load)
        try proof.verify(oldRoot: TreeHash.root(of: leaves[..<place]), newRoot: root)
        #expect(proof.path == Naive.consistency(place, leaves))
        #expect(read.count <= 2 && Set(read).count == read.count)
      }
    }
    read = []
    #expect(try Self.tree.root(at: treeSize, leaves: load) == root)
    #expect(read.count <= 1)
  }

  /// Vectors: golang.org/x/mod 0.7.0.
  @Test func proofVectors() throws {
    let seven = [
      "13c84ab714bb0272b5b1ffcd7de71fc5865ad4201ff29b12644d3866594260fd",
      "91ab1a9994381e974a3b44988ae80920302ad8739cb0232cca8434ba3ebdc55c",
      "ae036ff700d8de19c9adfe5e7190dd7397187c3425db4e7de4d8dfbbc299ea6b",
      "604b85511733574edb6f541e713603f232a63a75d1a35c94422379610d447ab1",
      "1754ffb084aa858abb28345faf202c24b3d38271ac871b9b5dcba1413c8de78b",
      "f89cea61f411531dce4b71a35266299e98cffb2af3d015411617b38a27ba5700",
      "dc9349f9787ed0086da6d97f679c51a5198f98e456e95b1d87fa3abc012fec31",
    ]
    let inclusion = try Self.tree.inclusionProof(index: 256, treeSize: 300, leaves: Self.leaves)
    #expect(inclusion.path.map(\.description) == seven)
    let consistency = try Self.tree.consistencyProof(
      oldSize: 257, newSize: 300, leaves: Self.leaves)
    let leaf256 = "ad4006d62dc11240e4cd6c8c8e0b9520cccf9bbf1b8a1f64a1d0c4570c50925b"
    #expect(consistency.path.map(\.description) == [leaf256] + seven)

    for (size, index, length) in [
      (300, 0, 9), (300, 255, 9), (300, 256, 7), (300, 299, 5), (70_000, 69_999, 9),
      (70_000, 65_536, 14), (70_000, 0, 17),
    ] as [(UInt64, UInt64, Int)] {
      let proof = try Self.tree.inclusionProof(index: index, treeSize: size, leaves: Self.leaves)
      #expect(proof.path.count == length)
    }
    for (oldSize, newSize, length) in [
      (1, 300, 9), (255, 300, 10), (256, 300, 1), (65_536, 70_000, 1), (65_537, 70_000, 15),
      (300, 70_000, 16),
    ] as [(UInt64, UInt64, Int)] {
      let proof = try Self.tree.consistencyProof(
        oldSize: oldSize, newSize: newSize, leaves: Self.leaves)
      #expect(proof.path.count == length)
    }
  }

  @Test func refuseWhatIsNotThere() {
    #expect(throws: TreeReadError<Never>.sizeAhead(requested: 70_001, size: 70_000)) {
      _ = try Self.tree.root(at: 70_001, leaves: Self.leaves)
    }
    #expect(throws: TreeReadError<Never>.sizeAhead(requested: 70_001, size: 70_000)) {
      _ = try Self.tree.inclusionProof(index: 70_000, treeSize: 70_001, leaves: Self.leaves)
    }
    #expect(throws: TreeReadError<Never>.sizeAhead(requested: 70_001, size: 70_000)) {
      _ = try Self.tree.consistencyProof(oldSize: 1, newSize: 70_001, leaves: Self.leaves)
    }
    #expect(
      throws: TreeReadError<Never>.noProof(.indexOutsideTree(index: 300, treeSize: 300))
    ) {
      _ = try Self.tree.inclusionProof(index: 300, treeSize: 300, leaves: Self.leaves)
    }
    #expect(throws: TreeReadError<Never>.noProof(.oldTreeEmpty)) {
      _ = try Self.tree.consistencyProof(oldSize: 0, newSize: 300, leaves: Self.leaves)
    }
  }

  /// Goal: leaf hashes that are not those appended never make a proof.
  @Test func refuseDamagedStorage() throws {
    struct DiskFailure: Error, Equatable {}
    #expect(throws: TreeReadError<DiskFailure>.load(DiskFailure())) {
      _ = try Self.tree.inclusionProof(index: 0, treeSize: 300) { _ throws(DiskFailure) in
        throw DiskFailure()
      }
    }
    let expected = TreeHash.root(of: Self.leaves(0))
    for damage in 0..<256 {
      var leaves = Self.leaves(0)
      leaves[damage] = .zero
      let found = leaves
      #expect(
        throws: TreeReadError<Never>.wrongLeaves(
          tileIndex: 0, computed: TreeHash.root(of: found), expected: expected)
      ) {
        _ = try Self.tree.inclusionProof(index: 77, treeSize: 300) { _ in found }
      }
    }
    for count in [0, 1, 255, 257] {
      let leaves = Array(Records.leaves.prefix(count))
      #expect(throws: TreeReadError<Never>.self) {
        _ = try Self.tree.inclusionProof(index: 0, treeSize: 300) { _ in leaves }
      }
    }
  }

  /// Goal: a tree made from the roots of its tiles is the tree made from its leaves.
  @Test(arguments: [0, 1, 255, 256, 257, 600, 65_536, 65_537, 70_000])
  func restoreFromTileRoots(size: Int) throws {
    let complete = size / 256
    let tree = MerkleTree(
      tileRoots: (0..<complete).map { TreeHash.root(of: Self.leaves(UInt64($0))) },
      lastLeaves: Records.leaves[(complete * 256)..<size])
    #expect(tree.size == UInt64(size))
    #expect(tree.root == TreeHash.root(of: Records.leaves[..<size]))
    guard size > 0 else { return }
    let proof = try tree.inclusionProof(
      index: UInt64(size / 2), treeSize: UInt64(size), leaves: Self.leaves)
    try proof.verify(leaf: Records.leaves[size / 2], root: tree.root)
  }

  @Test func copiesAreIndependent() throws {
    var tree = MerkleTree()
    tree.append(contentsOf: Records.leaves.prefix(65_535))
    let before = tree
    let root = tree.root
    tree.append(contentsOf: Records.leaves[65_535..<66_000])
    #expect(before.root == root)
    #expect(before.size == 65_535)
    #expect(try tree.root(at: 65_535, leaves: Self.leaves) == root)
    var other = before
    other.append(.zero)
    #expect(other.root != tree.root)
    #expect(tree.root == TreeHash.root(of: Records.leaves[..<66_000]))
  }

  @Test func compactRangeRestores() throws {
    var range = CompactRange()
    for size in 0..<300 {
      let restored = try #require(CompactRange(count: range.count, edge: range.edge))
      #expect(restored == range)
      #expect(restored.root == TreeHash.root(of: Records.leaves[..<size]))
      #expect(CompactRange(count: range.count, edge: range.edge + [.zero]) == nil)
      range.append(Records.leaves[size])
    }
    #expect(CompactRange(count: .max, edge: [Digest](repeating: .zero, count: 64)) == nil)
  }
}
