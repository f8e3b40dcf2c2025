import MerkleLog
import Testing

/// Vector: made by tlog-scales for the Tessera log, accepted by metamorphic-log.
@Suite struct LogProofTests {
  static let hashes = """
    zMKa4OAqd7D0V4wawXST15z0JiEEkprIBPkfxOesWvA=
    nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=
    zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=
    5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=

    """
  static let text = "c2sp.org/tlog-proof@v1\nindex 5\n\(hashes)\n\(TesseraLog.noteText)"

  private func verify(_ proof: LogProof, leaf: Digest) throws -> VerifiedCheckpoint {
    try proof.verify(
      leaf: leaf, origin: Origin(TesseraLog.originText),
      logKey: VerifierKey(vkey: TesseraLog.vkey), check: Ed25519.check)
  }

  @Test func vector() throws {
    let leaf = TreeHash.leaf(ascii("six"))
    #expect(
      leaf.description == "ca233e7a26b8c35c2c93f524c7b905e7a2105640d6dcc594694cff56d26efb25")
    let proof = try LogProof(ascii(Self.text))
    #expect(proof.encoded == ascii(Self.text))
    #expect(proof.extra == nil)
    #expect(proof.inclusion == (try InclusionProof(index: 5, leaves: TesseraLog.leaves)))
    #expect(try verify(proof, leaf: leaf).checkpoint.size == 15)
    #expect(
      try LogProof(inclusion: proof.inclusion, note: Note(ascii(TesseraLog.noteText))) == proof)
    for (index, other) in TesseraLog.leaves.enumerated() where index != 5 {
      #expect(throws: LogProofError.self) { _ = try verify(proof, leaf: other) }
    }
  }

  @Test(arguments: [[], [0], ascii("six"), [UInt8](repeating: 7, count: 65_535)])
  func extraTravelsAlong(extra: [UInt8]) throws {
    let plain = try LogProof(ascii(Self.text))
    let proof = try LogProof(inclusion: plain.inclusion, note: plain.note, extra: extra)
    let again = try LogProof(proof.encoded)
    #expect(again == proof)
    #expect(again.extra == extra)
    _ = try verify(again, leaf: TreeHash.leaf(ascii("six")))
  }

  /// Goal: every entry of a log has a proof that holds for it.
  ///
  /// Method: all of the Tessera log.
  @Test(arguments: [1, 2, 6, 8, 15])
  func everyEntry(size: Int) throws {
    let key = try VerifierKey(vkey: TesseraLog.vkey)
    let leaves = Array(TesseraLog.leaves.prefix(size))
    let note = try Checkpoint(
      origin: Origin(key.name), size: UInt64(size), root: TreeHash.root(of: leaves)
    ).signed(by: key, with: Ed25519.keyPair(seed: TesseraLog.seed).sign)
    for index in leaves.indices {
      let inclusion = try InclusionProof(index: UInt64(index), leaves: leaves)
      let proof = try LogProof(LogProof(inclusion: inclusion, note: note).encoded)
      _ = try verify(proof, leaf: leaves[index])
    }
  }

  static let malformed: [Malformed<String, LogProofError>] = [
    Malformed("empty", "", .malformedHeader),
    Malformed("other version", text.replacing("@v1", with: "@v2"), .malformedHeader),
    Malformed("no header", String(text.dropFirst(23)), .malformedHeader),
    Malformed("carriage return", text.replacing("@v1\n", with: "@v1\r\n"), .malformedHeader),
    Malformed(
      "extra not base64", text.replacing("index", with: "extra ???\nindex"), .malformedExtra),
    Malformed("extra loose", text.replacing("index", with: "extra Zh==\nindex"), .malformedExtra),
    Malformed(
      "two extras", text.replacing("index", with: "extra Zg==\nextra Zg==\nindex"), .malformedIndex
    ),
    Malformed(
      "extra after index", text.replacing("index 5", with: "index 5\nextra Zg=="), .malformedHash(1)
    ),
    Malformed("no index", text.replacing("index 5\n", with: ""), .malformedIndex),
    Malformed("index of letters", text.replacing("index 5", with: "index x"), .malformedIndex),
    Malformed("index negative", text.replacing("index 5", with: "index -5"), .malformedIndex),
    Malformed("index with zero", text.replacing("index 5", with: "index 05"), .malformedIndex),
    Malformed("index empty", text.replacing("index 5", with: "index "), .malformedIndex),
    Malformed("index and space", text.replacing("index 5", with: "index 5 "), .malformedIndex),
    Malformed("index two spaces", text.replacing("index 5", with: "index  5"), .malformedIndex),
    Malformed(
      "index too large", text.replacing("index 5", with: "index 9223372036854775808"),
      .malformedIndex
    ),
    Malformed("hash not base64", text.replacing("zMKa", with: "????"), .malformedHash(1)),
    Malformed("hash short", text.replacing("zMKa4OAq", with: "zMKa"), .malformedHash(1)),
    Malformed("hash long", text.replacing("nk9g", with: "nk9gnk9g"), .malformedHash(2)),
    Malformed("hash loose", text.replacing("5Y2Co=", with: "5Y2Cp="), .malformedHash(3)),
    Malformed(
      "ends in the hashes", "c2sp.org/tlog-proof@v1\nindex 5\n\(hashes)", .malformedHash(5)),
    Malformed(
      "no checkpoint", "c2sp.org/tlog-proof@v1\nindex 5\n\(hashes)\n",
      .checkpoint(.note(.noSeparator))),
    Malformed(
      "64 hashes",
      text.replacing(
        hashes, with: String(repeating: Base64.encode(Digest.zero.bytes) + "\n", count: 64)),
      .tooManyHashes
    ),
    Malformed(
      "a hash less", text.replacing(hashes.prefix(45), with: ""),
      .inclusion(.wrongLength(expected: 4, found: 3))),
    Malformed(
      "a hash more", text.replacing(hashes, with: hashes + hashes.prefix(45)),
      .inclusion(.wrongLength(expected: 4, found: 5))
    ),
    Malformed(
      "index past the tree", text.replacing("index 5", with: "index 15"),
      .inclusion(.indexOutsideTree(index: 15, treeSize: 15))
    ),
    Malformed(
      "no such size", text.replacing("\n15\n", with: "\n015\n"), .checkpoint(.malformedSize)),
  ]

  @Test(arguments: malformed)
  func refuseMalformed(_ malformed: Malformed<String, LogProofError>) {
    #expect(throws: malformed.error) { _ = try LogProof(ascii(malformed.input)) }
  }

  @Test func refuseTooLong() {
    let count = LogLimits.logProofByteCountMax + 1
    #expect(throws: LogProofError.tooLong(byteCount: count)) {
      _ = try LogProof([UInt8](repeating: 0x0a, count: count))
    }
  }

  @Test func refuseFalse() throws {
    let key = try VerifierKey(vkey: TesseraLog.vkey)
    let leaf = TreeHash.leaf(ascii("six"))
    let bent = try LogProof(ascii(Self.text.replacing("zMKa", with: "zMKb")))
    #expect(throws: LogProofError.self) { _ = try verify(bent, leaf: leaf) }
    let neighbour = try LogProof(ascii(Self.text.replacing("index 5", with: "index 4")))
    #expect(throws: LogProofError.self) { _ = try verify(neighbour, leaf: leaf) }
    let grown = try LogProof(ascii(Self.text.replacing("\n15\n", with: "\n16\n")))
    #expect(
      throws: LogProofError.checkpoint(.note(.invalidSignature(name: key.name, id: key.id)))
    ) { _ = try verify(grown, leaf: leaf) }
    let inclusion = try InclusionProof(index: 5, leaves: Array(TesseraLog.leaves.prefix(14)))
    #expect(throws: LogProofError.wrongTreeSize(proof: 14, checkpoint: 15)) {
      _ = try LogProof(inclusion: inclusion, note: Note(ascii(TesseraLog.noteText)))
    }
    #expect(
      "\(LogProofError.malformedHeader)" == "the first line is not `c2sp.org/tlog-proof@v1`")
  }
}
