import MerkleLog
import Testing

/// Goal: after any edits, root and proofs are those of the definition over the leaves as they are.
///
/// Method: every size to 130 and some around larger powers of two; at each, random leaves are
/// added and replaced between refreshes, and held against the recursion of RFC 6962.
@Suite struct EditableMerkleTreeTests {
  @Test(arguments: UInt64(0)..<8)
  func agreesWithTheDefinition(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var tree = EditableMerkleTree()
    var leaves: [Digest] = []
    #expect(tree.root == TreeHash.emptyRoot)
    while leaves.count < 300 {
      for _ in 0..<Int.random(in: 1...(seed.isMultiple(of: 2) ? 3 : 40), using: &random) {
        #expect(tree.appendLeaf() == leaves.count)
        leaves.append(Records.leaf(Int.random(in: 0..<1_000_000, using: &random)))
        tree.set(leaves[leaves.count - 1], at: leaves.count - 1)
      }
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let index = Int.random(in: leaves.indices, using: &random)
        leaves[index] = Records.leaf(Int.random(in: 0..<1_000_000, using: &random))
        tree.set(leaves[index], at: index)
      }
      tree.refresh()
      #expect(tree.count == leaves.count)
      #expect(tree.root == Naive.root(leaves[...]), "seed \(seed), \(leaves.count) leaves")
      let index = Int.random(in: leaves.indices, using: &random)
      let proof = tree.proof(of: index)
      #expect(proof.path == Naive.inclusion(index, leaves[...]), "seed \(seed), leaf \(index)")
      #expect(proof.root(from: leaves[index]) == tree.root)
    }
  }

  @Test func agreesAtPowersOfTwo() {
    var tree = EditableMerkleTree()
    for (index, leaf) in Records.leaves.prefix(4_100).enumerated() {
      _ = tree.appendLeaf()
      tree.set(leaf, at: index)
      guard (index + 1).nonzeroBitCount < 3 else { continue }
      tree.refresh()
      #expect(tree.root == TreeHash.root(of: Records.leaves[...index]), "\(index + 1) leaves")
    }
  }
}

@Suite struct HMACTests {
  /// Vectors: RFC 4231, test cases 1 to 3.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), ascii("Hi There"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      ascii("Jefe"), ascii("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
  ])
  func publishedVectors(key: [UInt8], message: [UInt8], code: String) {
    #expect(HMAC(key: key).code(of: message).description == code)
  }
}
