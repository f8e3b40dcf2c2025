import MerkleLog
import Testing

@Suite struct ProofExhaustiveTests {
  static let sizeMax = 130

  /// Goal: for every leaf of every small tree, the proof is RFC 6962's, it alone holds, and its
  /// length is known beforehand.
  ///
  /// Method: against the recursive definition; then one bit of each hash flipped, each hash
  /// removed, each neighbouring index, and each other size.
  @Test(arguments: 1...sizeMax)
  func inclusion(size: Int) throws {
    let leaves = Array(Records.leaves.prefix(size))
    let root = Naive.root(leaves[...])
    let treeSize = UInt64(size)
    for index in 0..<size {
      let path = Naive.inclusion(index, leaves[...])
      let proof = try InclusionProof(index: UInt64(index), leaves: leaves)
      #expect(proof.path == path)
      #expect(try InclusionProof.length(index: UInt64(index), treeSize: treeSize) == path.count)
      #expect(try InclusionProof(index: UInt64(index), treeSize: treeSize, path: path) == proof)
      try proof.verify(leaf: leaves[index], root: root)

      func isRefused(_ index: UInt64, _ size: UInt64, _ path: [Digest]) -> Bool {
        do {
          try InclusionProof(index: index, treeSize: size, path: path)
            .verify(leaf: leaves[Int(proof.index)], root: root)
          return false
        } catch {
          return true
        }
      }
      for other in [proof.index + 1, proof.index &- 1, proof.index ^ 2, proof.index ^ 64] {
        #expect(isRefused(other, treeSize, path), "\(index) of \(size) as \(other)")
      }
      for place in path.indices {
        var bent = path
        bent[place] = try flipped(path[place])
        #expect(isRefused(proof.index, treeSize, bent), "\(index) of \(size), hash \(place)")
        bent.remove(at: place)
        #expect(isRefused(proof.index, treeSize, bent), "\(index) of \(size), less \(place)")
      }
      #expect(isRefused(proof.index, treeSize, path + [root]))
      #expect(isRefused(proof.index, treeSize, [root] + path))
      #expect(throws: ProofError.self) {
        try proof.verify(leaf: flipped(leaves[index]), root: root)
      }
      #expect(throws: ProofError.self) {
        try proof.verify(leaf: leaves[index], root: flipped(root))
      }
    }
  }

  /// Goal: for every pair of small sizes, the proof is RFC 6962's, and it alone holds.
  ///
  /// Method: as for inclusion; and every other old size is refused with the same hashes.
  @Test(arguments: 1...sizeMax)
  func consistency(newSize: Int) throws {
    let leaves = Array(Records.leaves.prefix(newSize))
    let newRoot = Naive.root(leaves[...])
    for oldSize in 1...newSize {
      let oldRoot = Naive.root(leaves[..<oldSize])
      let path = Naive.consistency(oldSize, leaves[...])
      let proof = try ConsistencyProof(oldSize: UInt64(oldSize), leaves: leaves)
      #expect(proof.path == path)
      #expect(
        try ConsistencyProof.length(oldSize: proof.oldSize, newSize: proof.newSize) == path.count)
      try proof.verify(oldRoot: oldRoot, newRoot: newRoot)

      func isRefused(_ oldSize: UInt64, _ path: [Digest]) -> Bool {
        do {
          try ConsistencyProof(oldSize: oldSize, newSize: proof.newSize, path: path)
            .verify(oldRoot: oldRoot, newRoot: newRoot)
          return false
        } catch {
          return true
        }
      }
      for other in 0...UInt64(newSize + 1) where other != proof.oldSize {
        #expect(isRefused(other, path), "\(oldSize) to \(newSize) as from \(other)")
      }
      for place in path.indices {
        var bent = path
        bent[place] = try flipped(path[place])
        #expect(isRefused(proof.oldSize, bent), "\(oldSize) to \(newSize), hash \(place)")
        bent.remove(at: place)
        #expect(isRefused(proof.oldSize, bent), "\(oldSize) to \(newSize), less \(place)")
      }
      #expect(isRefused(proof.oldSize, path + [newRoot]))
      #expect(isRefused(proof.oldSize, [newRoot] + path))
      #expect(throws: ProofError.self) {
        try proof.verify(oldRoot: flipped(oldRoot), newRoot: newRoot)
      }
      #expect(throws: ProofError.self) {
        try proof.verify(oldRoot: oldRoot, newRoot: flipped(newRoot))
      }
    }
  }

  /// Goal: the roots and proofs of all small trees are those others compute.
  ///
  /// Method: one hash over all of them, by golang.org/x/mod 0.7.0 and a recursion of its own.
  @Test func accumulatedVectors() throws {
    var roots = SHA256()
    var range = CompactRange()
    for size in 1...256 {
      range.append(Records.leaves[size - 1])
      roots.update(ascii("\(size) \(range.root)\n"))
    }
    #expect(
      roots.finalize().description
        == "bb12dab4bd581d7fa5d2ddaec4f431319814c0821a39c86687242522b6b7e240")

    var inclusions = SHA256()
    var consistencies = SHA256()
    for size in 1...Self.sizeMax {
      let leaves = Array(Records.leaves.prefix(size))
      for index in 0..<size {
        let path = try InclusionProof(index: UInt64(index), leaves: leaves).path
        inclusions.update(ascii("\(size) \(index)\(path.map { " \($0)" }.joined())\n"))
      }
      for oldSize in 1...size {
        let path = try ConsistencyProof(oldSize: UInt64(oldSize), leaves: leaves).path
        consistencies.update(ascii("\(oldSize) \(size)\(path.map { " \($0)" }.joined())\n"))
      }
    }
    #expect(
      inclusions.finalize().description
        == "494996a126195095aa10db808b16a07e48333d3522400455580725e44e25e69a")
    #expect(
      consistencies.finalize().description
        == "638bf43708810c0394fa031b2a8c569b7ca6c1e068d5abb714668b3ad72d16a5")
  }

  /// Goal: no number makes shapes or lengths trap, and they agree with each other.
  ///
  /// Method: numbers near each power of two, up to the largest there are.
  @Test func shapesOfHugeTrees() throws {
    var numbers: [UInt64] = [.max]
    for bit in UInt64(0)..<64 {
      let power: UInt64 = 1 << bit
      numbers += [power - 1, power, power + 1]
    }
    for size in numbers {
      for other in numbers {
        if other < size {
          let ranges = try InclusionProof.ranges(index: other, treeSize: size)
          #expect(
            try ranges.count == InclusionProof.length(index: other, treeSize: size),
            "\(other) of \(size)")
        }
        if other > 0, other <= size {
          let ranges = try ConsistencyProof.ranges(oldSize: other, newSize: size)
          #expect(
            try ranges.count == ConsistencyProof.length(oldSize: other, newSize: size),
            "\(other) to \(size)")
        }
      }
    }
  }

  private func flipped(_ digest: Digest) throws -> Digest {
    var bytes = digest.bytes
    bytes[17] ^= 0x10
    return try Digest(bytes)
  }
}
