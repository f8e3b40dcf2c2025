import MerkleLog
import Testing

/// The eight-leaf tree that implementations of RFC 6962 share.
///
/// Vectors: transparency-dev/merkle testonly/constants.go and testdata.
@Suite struct ProofVectorTests {
  static let entries = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map(bytes)

  static let leaves = entries.map { TreeHash.leaf($0) }

  static let leafHexes = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
    "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
  ]

  static let level1 = [
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
  ]

  static let level2 = [
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]

  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  /// Index, size and hashes.
  static let inclusion: [(UInt64, UInt64, [String])] = [
    (0, 1, []),
    (0, 8, [leafHexes[1], level1[1], level2[1]]),
    (5, 8, [leafHexes[4], level1[3], level2[0]]),
    (2, 3, [level1[0]]),
    (1, 5, [leafHexes[0], level1[1], leafHexes[4]]),
  ]

  /// Old size, new size and hashes.
  static let consistency: [(UInt64, UInt64, [String])] = [
    (1, 1, []),
    (1, 8, [leafHexes[1], level1[1], level2[1]]),
    (6, 8, [level1[2], level1[3], level2[0]]),
    (2, 5, [level1[1], leafHexes[4]]),
    (6, 7, [level1[2], leafHexes[6], level2[0]]),
  ]

  @Test func hashes() {
    #expect(Self.leaves.map(\.description) == Self.leafHexes)
    for (index, hex) in Self.level1.enumerated() {
      let pair = Self.leaves[(2 * index)..<(2 * index + 2)]
      #expect(TreeHash.root(of: pair).description == hex)
    }
    for (index, hex) in Self.level2.enumerated() {
      let four = Self.leaves[(4 * index)..<(4 * index + 4)]
      #expect(TreeHash.root(of: four).description == hex)
    }
    for (size, hex) in Self.roots.enumerated() {
      #expect(TreeHash.root(of: Array(Self.leaves.prefix(size))).description == hex)
      var range = CompactRange()
      range.append(contentsOf: Self.leaves.prefix(size))
      #expect(range.root.description == hex)
      var tree = MerkleTree()
      tree.append(contentsOf: Self.leaves.prefix(size))
      #expect(tree.root.description == hex)
    }
  }

  @Test(arguments: inclusion)
  func inclusionHappyPath(index: UInt64, size: UInt64, hexes: [String]) throws {
    let leaves = Array(Self.leaves.prefix(Int(size)))
    let proof = try InclusionProof(index: index, leaves: leaves)
    #expect(proof.path.map(\.description) == hexes)
    try proof.verify(leaf: leaves[Int(index)], root: digest(Self.roots[Int(size)]))
  }

  @Test(arguments: consistency)
  func consistencyHappyPath(oldSize: UInt64, newSize: UInt64, hexes: [String]) throws {
    let proof = try ConsistencyProof(
      oldSize: oldSize, leaves: Array(Self.leaves.prefix(Int(newSize))))
    #expect(proof.path.map(\.description) == hexes)
    try proof.verify(
      oldRoot: digest(Self.roots[Int(oldSize)]), newRoot: digest(Self.roots[Int(newSize)]))
  }

  /// Goal: a proof bent in any of the published ways is refused.
  ///
  /// Method: each class of probe of the upstream test data, on each happy path.
  @Test(arguments: inclusion)
  func inclusionProbes(index: UInt64, size: UInt64, hexes: [String]) throws {
    let path = try hexes.map { try digest($0) }
    let root = try digest(Self.roots[Int(size)])
    let leaf = Self.leaves[Int(index)]
    var probes = Probes.paths(path, root: root).map { name, path in
      (name, Inclusion(index: index, size: size, path: path, leaf: leaf, root: root))
    }
    for (name, otherIndex) in [("+1", index + 1), ("-1", index &- 1), ("xor 2", index ^ 2)] {
      probes.append(
        (
          "index \(name)",
          Inclusion(index: otherIndex, size: size, path: path, leaf: leaf, root: root)
        ))
    }
    for (name, otherSize) in [("x2", size * 2), ("/2", size / 2), ("0", 0), ("max", .max)] {
      probes.append(
        (
          "size \(name)",
          Inclusion(index: index, size: otherSize, path: path, leaf: leaf, root: root)
        ))
    }
    for (name, otherRoot) in Probes.digests {
      probes.append(
        (
          "\(name) root",
          Inclusion(index: index, size: size, path: path, leaf: leaf, root: otherRoot)
        ))
      probes.append(
        (
          "\(name) leaf",
          Inclusion(index: index, size: size, path: path, leaf: otherRoot, root: root)
        ))
    }
    #expect(Inclusion(index: index, size: size, path: path, leaf: leaf, root: root).holds)
    for (name, probe) in probes {
      #expect(!probe.holds, "\(name) at index \(index), size \(size)")
    }
  }

  /// Goal: a proof bent in any of the published ways is refused.
  ///
  /// Method: each class of probe of the upstream test data, on each happy path.
  @Test(arguments: consistency)
  func consistencyProbes(oldSize: UInt64, newSize: UInt64, hexes: [String]) throws {
    let path = try hexes.map { try digest($0) }
    let oldRoot = try digest(Self.roots[Int(oldSize)])
    let newRoot = try digest(Self.roots[Int(newSize)])
    func holds(
      _ oldSize: UInt64, _ newSize: UInt64, _ path: [Digest], _ oldRoot: Digest, _ newRoot: Digest
    ) -> Bool {
      do {
        try ConsistencyProof(oldSize: oldSize, newSize: newSize, path: path)
          .verify(oldRoot: oldRoot, newRoot: newRoot)
        return true
      } catch {
        return false
      }
    }
    #expect(holds(oldSize, newSize, path, oldRoot, newRoot))
    for root in [oldRoot, newRoot] {
      for (name, other) in Probes.paths(path, root: root) {
        #expect(!holds(oldSize, newSize, other, oldRoot, newRoot), "\(name)")
      }
    }
    // With equal sizes and roots there is nothing to prove, so another size is another true proof
    // only if both stay equal; here one of the two changes.
    for size in [oldSize + 1, oldSize &- 1, oldSize ^ 2, 0, newSize + 1, .max] where size != oldSize
    {
      #expect(!holds(size, newSize, path, oldRoot, newRoot), "old size \(size)")
    }
    for size in [newSize * 2, newSize / 2, 0, oldSize - 1] where size != newSize {
      #expect(!holds(oldSize, size, path, oldRoot, newRoot), "new size \(size)")
    }
    for (name, root) in Probes.digests {
      #expect(!holds(oldSize, newSize, path, root, newRoot), "\(name) old root")
      #expect(!holds(oldSize, newSize, path, oldRoot, root), "\(name) new root")
    }
    if oldSize < newSize {
      #expect(!holds(oldSize, newSize, path, newRoot, oldRoot), "roots swapped")
      #expect(!holds(newSize, newSize, [], oldRoot, newRoot), "equal sizes, different roots")
    }
    #expect(!holds(newSize, newSize, [oldRoot], newRoot, newRoot), "equal sizes, a hash")
    #expect(!holds(0, newSize, [], TreeHash.emptyRoot, newRoot), "from the empty tree")
    #expect(!holds(0, 0, [], TreeHash.emptyRoot, TreeHash.emptyRoot), "empty to empty")
  }

  /// Goal: the errors come in their order of precedence, with the caller's values.
  @Test func errors() throws {
    let one = TreeHash.leaf([1])
    #expect(throws: ProofError.indexOutsideTree(index: 3, treeSize: 3)) {
      _ = try InclusionProof(index: 3, treeSize: 3, path: [])
    }
    #expect(throws: ProofError.indexOutsideTree(index: 0, treeSize: 0)) {
      _ = try InclusionProof(index: 0, leaves: [])
    }
    #expect(throws: ProofError.wrongLength(expected: 3, found: 1)) {
      _ = try InclusionProof(index: 0, treeSize: 8, path: [one])
    }
    #expect(throws: ProofError.oldTreeEmpty) {
      _ = try ConsistencyProof(oldSize: 0, newSize: 0, path: [one])
    }
    #expect(throws: ProofError.sizesOutOfOrder(oldSize: 3, newSize: 2)) {
      _ = try ConsistencyProof(oldSize: 3, newSize: 2, path: [one])
    }
    #expect(throws: ProofError.wrongLength(expected: 0, found: 1)) {
      _ = try ConsistencyProof(oldSize: 2, newSize: 2, path: [one])
    }
    let path = try ConsistencyProof(oldSize: 3, leaves: Array(Self.leaves.prefix(5))).path
    let proof = try ConsistencyProof(oldSize: 3, newSize: 5, path: path)
    let (oldRoot, newRoot) = try (digest(Self.roots[3]), digest(Self.roots[5]))
    #expect(throws: ProofError.oldRootMismatch(computed: oldRoot, expected: .zero)) {
      try proof.verify(oldRoot: .zero, newRoot: .zero)
    }
    #expect(throws: ProofError.rootMismatch(computed: newRoot, expected: .zero)) {
      try proof.verify(oldRoot: oldRoot, newRoot: .zero)
    }
    #expect(
      "\(ProofError.indexOutsideTree(index: 3, treeSize: 3))"
        == "leaf `3` is not in a tree of `3` leaves; name a smaller index")
    #expect(
      "\(ProofError.wrongLength(expected: 3, found: 1))"
        == "the proof has `1` hashes; for these sizes it has exactly `3`")
  }
}

/// An inclusion claim, well formed or not.
private struct Inclusion {
  var index: UInt64
  var size: UInt64
  var path: [Digest]
  var leaf: Digest
  var root: Digest

  var holds: Bool {
    do {
      try InclusionProof(index: index, treeSize: size, path: path).verify(leaf: leaf, root: root)
      return true
    } catch {
      return false
    }
  }
}

/// The ways upstream bends a proof.
private enum Probes {
  static let garbage = SHA256.hash(ascii("garbage"))

  static let digests = [
    ("random", SHA256.hash(ascii("random"))), ("empty tree's", TreeHash.emptyRoot),
    ("zero", Digest.zero),
  ]

  static func paths(_ path: [Digest], root: Digest) -> [(String, [Digest])] {
    var probes: [(String, [Digest])] = [
      ("garbage prepended", [garbage] + path), ("garbage appended", path + [garbage]),
      ("root prepended", [root] + path), ("root appended", path + [root]),
    ]
    for place in path.indices {
      for bit in 0..<256 {
        var bytes = path[place].bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let flipped = try? Digest(bytes) else { continue }
        var bent = path
        bent[place] = flipped
        probes.append(("hash \(place), bit \(bit) flipped", bent))
      }
      var removed = path
      removed.remove(at: place)
      probes.append(("hash \(place) removed", removed))
      var inserted = path
      inserted.insert(path[place], at: place)
      probes.append(("hash \(place) doubled", inserted))
      inserted[place] = garbage
      probes.append(("garbage inserted at \(place)", inserted))
    }
    if !path.isEmpty { probes.append(("no hashes", [])) }
    return probes
  }
}
