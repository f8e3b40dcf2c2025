import LedgerTesting
import MerkleLog
import Testing

@Suite struct AddCheckpointTests {
  /// Goal: the published session has its answers.
  @Test func session() throws {
    let key = try VerifierKey(vkey: WitnessSession.vkey)
    #expect(
      key.publicKey == bytes("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"))
    let leaves = try (0..<5).map { index in
      try Digest([0x2a, UInt8(index)] + [UInt8](repeating: 0, count: 30))
    }
    for size in [1, 3, 5] {
      let root = TreeHash.root(of: leaves[..<size])
      #expect(Base64.encode(root.bytes) == WitnessSession.roots[size])
    }
    #expect(
      try ConsistencyProof(oldSize: 3, leaves: leaves).path.map {
        Base64.encode($0.bytes)
      } == WitnessSession.from3To5)

    var record = WitnessedTree.none
    for (index, step) in WitnessSession.steps.enumerated() {
      let status: Int
      do throws(AddCheckpointError) {
        let request = try AddCheckpointRequest(step.body)
        #expect(request.encoded == step.body)
        guard request.origin == Origin(key.name) else {
          throw AddCheckpointError.unknownLog(request.origin)
        }
        try request.checkSignature(keys: [key], check: Ed25519.check)
        record = WitnessedTree(try request.checkpoint(after: record))
        status = 200
      } catch {
        status = error.statusCode
        if status == 409 { #expect(error == .conflict(size: record.size)) }
      }
      #expect(status == step.status, "step \(index)")
      #expect(record.size == step.size, "step \(index)")
    }
  }

  /// Goal: a witness agrees to exactly what extends its record by the proof of that.
  ///
  /// Method: all old sizes, records and new sizes up to 9, with the true proof, with each hash left
  /// out, and with one more; the trees are of the true leaves or of ones with another first leaf.
  @Test func exhaustive() throws {
    let origin = try Origin("log")
    let leaves = Array(Records.leaves.prefix(9))
    var forked = leaves
    forked[0] = .zero
    for recordSize in 0...9 {
      let record = WitnessedTree(
        size: UInt64(recordSize), root: Naive.root(leaves[..<recordSize]))
      for newLeaves in [leaves, forked] {
        for oldSize in 0...9 {
          for size in 0...9 {
            let proof =
              0 < oldSize && oldSize < size ? Naive.consistency(oldSize, newLeaves[..<size]) : []
            var proofs = [(proof, true), (proof + [.zero], false)]
            for index in proof.indices {
              var shorter = proof
              shorter.remove(at: index)
              proofs.append((shorter, false))
            }
            let root = Naive.root(newLeaves[..<size])
            let isTrue =
              recordSize == 0 || Naive.root(newLeaves[..<recordSize]) == record.root
            for (path, isWhole) in proofs {
              let text = ascii("log\n\(size)\n\(Base64.encode(root.bytes))\n")
              let note = try Note(
                text: text,
                signatures: [try #require(NoteSignature(line: "— log AAAAAAA="))])
              let request = try AddCheckpointRequest(
                oldSize: UInt64(oldSize), proof: path, note: note)
              #expect(request.origin == origin)
              let status: Int
              do {
                let checkpoint = try request.checkpoint(after: record)
                #expect(checkpoint.root == root)
                status = 200
              } catch {
                status = error.statusCode
              }
              let expected =
                oldSize > size
                ? 400 : oldSize != recordSize ? 409 : isWhole && isTrue ? 200 : 422
              #expect(status == expected, "\(recordSize) \(oldSize) \(size) \(path.count)")
            }
          }
        }
      }
    }
  }

  @Test func emptyTreeWithAnotherRoot() throws {
    let note = "log\n0\n\(WitnessSession.roots[1] ?? "")\n\n— log AAAAAAA=\n"
    let request = try AddCheckpointRequest(ascii("old 0\n\n" + note))
    #expect(throws: AddCheckpointError.inconsistent(.wrongEmptyRoot(request.root))) {
      _ = try request.checkpoint(after: .none)
    }
  }

  static let hash = WitnessSession.from1To3[0]
  static let note = WitnessSession.checkpoint(3)

  static let malformed: [Malformed<String, AddCheckpointError>] = [
    Malformed("empty", "", .malformedOldSize),
    Malformed("no old line", "\n" + note, .malformedOldSize),
    Malformed("capital", "Old 1\n\n" + note, .malformedOldSize),
    Malformed("two spaces", "old  1\n\n" + note, .malformedOldSize),
    Malformed("leading zero", "old 01\n\n" + note, .malformedOldSize),
    Malformed("sign", "old +1\n\n" + note, .malformedOldSize),
    Malformed("negative", "old -1\n\n" + note, .malformedOldSize),
    Malformed("no number", "old \n\n" + note, .malformedOldSize),
    Malformed("above 2^63 - 1", "old 9223372036854775808\n\n" + note, .malformedOldSize),
    Malformed("carriage return", "old 1\r\n\n" + note, .malformedOldSize),
    Malformed("no blank line", "old 1\n" + note, .malformedHash(1)),
    Malformed("short hash", "old 1\nAAAA\n\n" + note, .malformedHash(1)),
    Malformed("second hash", "old 1\n\(hash)\n \(hash)\n\n" + note, .malformedHash(2)),
    Malformed("not canonical", "old 1\n\(hash.dropLast(2))B=\n\n" + note, .malformedHash(1)),
    Malformed("ends in hashes", "old 1\n\(hash)\n", .malformedHash(2)),
    Malformed(
      "64 hashes", "old 1\n" + String(repeating: hash + "\n", count: 64) + "\n" + note,
      .tooManyHashes),
    Malformed("no note", "old 1\n\n", .malformedCheckpoint(.note(.noSeparator))),
    Malformed(
      "two blank lines", "old 1\n\n\n" + note, .malformedCheckpoint(.extensionLines)),
    Malformed(
      "unsigned", "old 1\n\nlog\n1\n\(hash)\n\n", .malformedCheckpoint(.note(.noSignatures))),
    Malformed(
      "extension line", "old 1\n\nlog\n1\n\(hash)\nmore\n\n— log AAAAAAA=\n",
      .malformedCheckpoint(.extensionLines)),
    Malformed(
      "size", "old 1\n\nlog\n01\n\(hash)\n\n— log AAAAAAA=\n",
      .malformedCheckpoint(.malformedSize)),
  ]

  @Test(arguments: malformed)
  func refuseMalformed(_ malformed: Malformed<String, AddCheckpointError>) {
    #expect(throws: malformed.error) { _ = try AddCheckpointRequest(ascii(malformed.input)) }
    #expect(malformed.error.statusCode == 400)
  }

  @Test func limits() throws {
    let whole = ascii("old 1\n" + String(repeating: Self.hash + "\n", count: 63) + "\n" + Self.note)
    #expect(try AddCheckpointRequest(whole).proof.count == 63)
    let count = LogLimits.addCheckpointByteCountMax + 1
    #expect(throws: AddCheckpointError.tooLong(byteCount: count)) {
      _ = try AddCheckpointRequest([UInt8](repeating: 0x61, count: count))
    }
    let note = try Note(ascii(Self.note))
    #expect(throws: AddCheckpointError.malformedOldSize) {
      _ = try AddCheckpointRequest(oldSize: 1 << 63, proof: [], note: note)
    }
    #expect(throws: AddCheckpointError.tooManyHashes) {
      _ = try AddCheckpointRequest(
        oldSize: 1, proof: [Digest](repeating: .zero, count: 64), note: note)
    }
  }

  /// Goal: what is read is written back, whatever the bytes; nothing ends the process.
  ///
  /// Method: every prefix, and every byte replaced by each of some, of a whole request.
  @Test func everyPrefixAndByte() {
    let whole = WitnessSession.body(3, WitnessSession.from3To5, WitnessSession.checkpoint(5))
    for count in 0..<whole.count {
      #expect(throws: AddCheckpointError.self) {
        _ = try AddCheckpointRequest(Array(whole[..<count]))
      }
    }
    var readCount = 0
    for place in whole.indices {
      for byte in [0x00, 0x0a, 0x20, 0x30, 0x39, 0x41, 0x7f, 0xff, whole[place] ^ 1] as [UInt8]
      where byte != whole[place] {
        var bent = whole
        bent[place] = byte
        guard let request = try? AddCheckpointRequest(bent) else { continue }
        readCount += 1
        #expect(request.encoded == bent)
      }
    }
    #expect(readCount > 0)
  }
}

@Suite struct AddCheckpointAnswerTests {
  private func answer(
    _ status: Int, _ mediaType: String?, _ body: String
  ) throws -> AddCheckpointAnswer {
    try AddCheckpointAnswer(status: status, mediaType: mediaType, body: ascii(body))
  }

  @Test func answers() throws {
    let line = NoteTests.peterLine
    let signature = try #require(NoteSignature(line: line))
    #expect(try answer(200, nil, line) == .cosigned([signature]))
    #expect(try answer(200, "text/plain", line + line) == .cosigned([signature, signature]))
    #expect(try answer(409, "text/x.tlog.size", "3\n") == .conflict(size: 3))
    #expect(try answer(409, "text/x.tlog.size", "0\n") == .conflict(size: 0))
    for type in ["Text/X.TLOG.Size", "text/x.tlog.size;charset=utf-8", " text/x.tlog.size ; q=1"] {
      #expect(try answer(409, type, "3\n") == .conflict(size: 3))
    }
    #expect(try answer(422, nil, "no\nmore") == .inconsistent(text: "no"))
    #expect(try answer(500, nil, "") == .refused(status: 500, text: ""))
    #expect(try answer(404, nil, "\u{1b}[2J") == .refused(status: 404, text: ""))
    let long = String(repeating: "x", count: 1_000)
    #expect(try answer(403, nil, long) == .refused(status: 403, text: String(long.prefix(200))))
  }

  static let malformed: [(Int, String?, String, AddCheckpointAnswerError)] = [
    (200, nil, "", .malformedSignatureLine(1)),
    (200, nil, "\n", .malformedSignatureLine(1)),
    (200, nil, String(NoteTests.peterLine.dropLast()), .malformedSignatureLine(1)),
    (200, nil, NoteTests.peterLine + "\n", .malformedSignatureLine(2)),
    (200, nil, String(repeating: NoteTests.peterLine, count: 101), .tooManySignatures),
    (409, nil, "3\n", .wrongMediaType(nil)),
    (409, "text/plain", "3\n", .wrongMediaType("text/plain")),
    (409, "text/x.tlog.sizes", "3\n", .wrongMediaType("text/x.tlog.sizes")),
    (409, "; text/x.tlog.size", "3\n", .wrongMediaType("; text/x.tlog.size")),
    (409, "text/x.tlog.size", "3", .malformedSize),
    (409, "text/x.tlog.size", "03\n", .malformedSize),
    (409, "text/x.tlog.size", "3\n\n", .malformedSize),
    (409, "text/x.tlog.size", "", .malformedSize),
    (409, "text/x.tlog.size", "9223372036854775808\n", .malformedSize),
  ]

  @Test(arguments: malformed)
  func refuseMalformed(
    status: Int, mediaType: String?, body: String, error: AddCheckpointAnswerError
  ) {
    #expect(throws: error) { _ = try answer(status, mediaType, body) }
  }

  @Test func refuseLong() {
    let count = LogLimits.addCheckpointAnswerByteCountMax + 1
    #expect(throws: AddCheckpointAnswerError.tooLong(byteCount: count)) {
      _ = try answer(500, nil, String(repeating: "x", count: count))
    }
  }
}
