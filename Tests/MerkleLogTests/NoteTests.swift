import MerkleLog
import Testing

/// Vectors: golang.org/x/mod/sumdb/note example_test.go and note_test.go, C2SP signed-note.md.
@Suite struct NoteTests {
  static let text =
    "If you think cryptography is the answer to your problem,\n"
    + "then you don't know what your problem is.\n"
  static let peterVkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  static let peterLine =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    + "KE6RyyBwJnAM=\n"
  static let enochVkey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
  static let enochLine =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WW"
    + "d1RvMc+QQ=\n"
  static let peterSeed = bytes("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173")

  static func note(_ lines: String...) -> [UInt8] { ascii(text + "\n" + lines.joined()) }

  private func verify(
    _ note: [UInt8], _ vkeys: String...
  ) throws -> [VerifiedSignature] {
    try Note(note).verify(
      keys: vkeys.map { try VerifierKey(vkey: $0) }, check: Ed25519.check)
  }

  @Test func c2spExample() throws {
    let key = try VerifierKey(
      vkey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    let bytes = ascii(
      "This is an example message.\n\n"
        + "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXs"
        + "YjOBH3mFXmRKu"
        + "wHjG1Yu72IneyaQM=\n")
    let note = try Note(bytes)
    #expect(note.text == ascii("This is an example message.\n"))
    #expect(note.encoded == bytes)
    let verified = try note.verify(keys: [key], check: Ed25519.check)
    #expect(verified.map(\.key) == [key])
    #expect(verified.map(\.timestampSeconds) == [nil])
  }

  @Test func goExample() throws {
    let note = Self.note(Self.peterLine, Self.enochLine)
    #expect(try Note(note).encoded == note)
    #expect(try Note(note).signatures.count == 2)
    #expect(try verify(note, Self.peterVkey).map(\.key.vkey) == [Self.peterVkey])
    #expect(
      try verify(note, Self.enochVkey, Self.peterVkey).map(\.key.vkey)
        == [Self.peterVkey, Self.enochVkey])
    #expect(throws: NoteError.noKnownSignature) { _ = try verify(note) }
    #expect(throws: NoteError.noKnownSignature) {
      _ = try verify(Self.note(Self.enochLine), Self.peterVkey)
    }
  }

  /// A log of note signing for real, whose origin is not the name of its key.
  @Test func sumDatabase() throws {
    let note = ascii(
      "go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n"
        + "— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebH"
        + "LAyaKbbTM75QT"
        + "tPydhKCExixSfwQ=\n")
    let opened = try Checkpoint.open(
      note, origin: Origin("go.sum database tree"),
      logKey: VerifierKey(
        vkey: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"),
      check: Ed25519.check)
    #expect(opened.checkpoint.size == 35_225_469)
  }

  /// Goal: we sign as Go does, byte for byte.
  @Test func signAsGoDoes() throws {
    for (seed, vkey, line) in [
      (Self.peterSeed, Self.peterVkey, Self.peterLine),
      ([UInt8](repeating: 0, count: 32), Self.enochVkey, Self.enochLine),
    ] {
      let key = try VerifierKey(vkey: vkey)
      let pair = Ed25519.keyPair(seed: seed)
      #expect(pair.publicKey == key.publicKey)
      let signature = NoteSignature(signing: ascii(Self.text), by: key, with: pair.sign)
      #expect(signature.line == line)
      #expect(NoteSignature(line: line) == signature)
      #expect(NoteSignature(line: String(line.dropLast())) == signature)
      #expect(
        try Note(text: ascii(Self.text), signatures: [signature]).encoded == Self.note(line))
    }
    let peter = try #require(NoteSignature(line: Self.peterLine))
    let enoch = try #require(NoteSignature(line: Self.enochLine))
    let both = try Note(text: ascii(Self.text), signatures: [peter]).adding(enoch)
    #expect(both.encoded == Self.note(Self.peterLine, Self.enochLine))
    #expect(throws: NoteError.duplicateSignature(name: enoch.name, id: enoch.keyID)) {
      _ = try both.adding(enoch)
    }
  }

  @Test func falseSignatureRefusesTheNote() throws {
    let peter = try VerifierKey(vkey: Self.peterVkey)
    let invalid = NoteError.invalidSignature(name: peter.name, id: peter.id)
    var longer = Self.peterLine
    longer.insert(contentsOf: "ABCD", at: longer.index(longer.startIndex, offsetBy: 60))
    #expect(throws: invalid) {
      _ = try verify(Self.note(longer, Self.enochLine), Self.peterVkey, Self.enochVkey)
    }
    #expect(throws: invalid) {
      _ = try verify(Self.note(Self.enochLine, longer), Self.peterVkey, Self.enochVkey)
    }
    // Whom one does not trust may sign what he likes.
    #expect(try verify(Self.note(longer, Self.enochLine), Self.enochVkey).count == 1)
    #expect(throws: invalid) {
      _ = try verify(ascii("Another text.\n\n" + Self.peterLine), Self.peterVkey)
    }
    #expect(throws: NoteError.duplicateSignature(name: peter.name, id: peter.id)) {
      _ = try verify(Self.note(Self.peterLine, Self.peterLine), Self.peterVkey)
    }
    #expect(throws: NoteError.ambiguousKey(name: peter.name, id: peter.id)) {
      _ = try verify(Self.note(Self.peterLine), Self.peterVkey, Self.peterVkey)
    }
  }

  /// Goal: every bit that is signed counts.
  @Test func everyBitOfTextAndSignatureCounts() throws {
    let note = try Note(Self.note(Self.peterLine))
    let key = try VerifierKey(vkey: Self.peterVkey)
    for place in note.text.indices.dropLast() {
      var text = note.text
      text[place] = text[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
      let bent = try Note(text: text, signatures: note.signatures)
      #expect(throws: NoteError.self) {
        _ = try bent.verify(keys: [key], check: Ed25519.check)
      }
    }
    for place in 0..<68 {
      var blob = note.signatures[0].keyID.bytes + note.signatures[0].bytes
      blob[place] ^= 0x04
      let line = "— PeterNeumann \(Base64.encode(blob))\n"
      #expect(throws: NoteError.self) { _ = try verify(Self.note(line), Self.peterVkey) }
    }
  }

  static let malformed: [Malformed<[UInt8], NoteError>] = [
    Malformed("empty", [], .noSeparator),
    Malformed("no blank line", ascii(text + peterLine), .noSeparator),
    Malformed("no signature", ascii(text + "\n"), .noSignatures),
    Malformed("no text", ascii(peterLine), .noSeparator),
    Malformed("only a blank line", ascii("\n" + peterLine), .noSeparator),
    Malformed("no final line feed", note(peterLine).dropLast(), .malformedSignatureLine(1)),
    Malformed("blank line at the end", note(peterLine, "\n"), .noSignatures),
    Malformed("hyphen", note("- PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("two hyphens", note("-- PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("en dash", note("– PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("no space", note("—PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("two spaces", note("—  PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("space inside", note("— PeterNeumann  x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("space at the end", note("— PeterNeumann x08go/Zk \n"), .malformedSignatureLine(1)),
    Malformed("space in front", note(" — PeterNeumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("no name", note("— x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("empty name", note("—  x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("plus in name", note("— Peter+Neumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("nbsp in name", note("— Peter\u{a0}Neumann x08go/Zk\n"), .malformedSignatureLine(1)),
    Malformed("no base64", note("— PeterNeumann \n"), .malformedSignatureLine(1)),
    Malformed("four bytes", note("— PeterNeumann x08gow==\n"), .malformedSignatureLine(1)),
    Malformed("not base64", note("— PeterNeumann x08go/Z\n"), .malformedSignatureLine(1)),
    Malformed("loose base64", note("— PeterNeumann x08go/Zl==\n"), .malformedSignatureLine(1)),
    Malformed("unused bits", note("— PeterNeumann x08go/Zkkl==\n"), .malformedSignatureLine(1)),
    Malformed("second line", note(peterLine, "junk\n"), .malformedSignatureLine(2)),
    Malformed("carriage return", ascii("text\r\n\n" + peterLine), .controlByte(byteOffset: 4)),
    Malformed("tab", ascii("a\ttext\n\n" + peterLine), .controlByte(byteOffset: 1)),
    Malformed("nul", ascii("a\0text\n\n" + peterLine), .controlByte(byteOffset: 1)),
    Malformed("not UTF-8", [0x61, 0xff, 0x0a, 0x0a] + ascii(peterLine), .notUTF8),
    Malformed("surrogate", [0xed, 0xa0, 0x80, 0x0a, 0x0a] + ascii(peterLine), .notUTF8),
    Malformed(
      "too many signatures", ascii(text + "\n" + String(repeating: peterLine, count: 101)),
      .tooManySignatures
    ),
    Malformed(
      "too long",
      [UInt8](repeating: 0x61, count: LogLimits.noteByteCountMax) + ascii("\n\n" + peterLine),
      .tooLong(byteCount: LogLimits.noteByteCountMax + 2 + peterLine.utf8.count)
    ),
  ]

  @Test(arguments: malformed)
  func refuseMalformed(_ malformed: Malformed<[UInt8], NoteError>) {
    #expect(throws: malformed.error) { _ = try Note(malformed.input) }
  }

  /// Goal: the last blank line ends the text.
  ///
  /// Method: texts that hold blank lines themselves.
  @Test(arguments: [
    "a\n", "\n", "a\n\nb\n", "a\n\n", "\n\n\n", "— not a signature\n\nb\n", "é\u{2028}\n",
  ])
  func textsWithBlankLines(text: String) throws {
    let signature = try #require(NoteSignature(line: Self.peterLine))
    let note = try Note(text: ascii(text), signatures: [signature])
    #expect(try Note(note.encoded) == note)
    #expect(note.text == ascii(text))
  }

  @Test func refuseMalformedParts() throws {
    let signature = try #require(NoteSignature(line: Self.peterLine))
    #expect(throws: NoteError.noSignatures) { _ = try Note(text: ascii("a\n"), signatures: []) }
    #expect(throws: NoteError.noSeparator) { _ = try Note(text: [], signatures: [signature]) }
    #expect(throws: NoteError.noSeparator) {
      _ = try Note(text: ascii("a"), signatures: [signature])
    }
    #expect(throws: NoteError.controlByte(byteOffset: 1)) {
      _ = try Note(text: ascii("a\r\n"), signatures: [signature])
    }
    #expect(throws: NoteError.tooManySignatures) {
      _ = try Note(
        text: ascii("a\n"), signatures: [NoteSignature](repeating: signature, count: 101))
    }
    #expect(
      "\(NoteError.malformedSignatureLine(2))"
        == "signature line `2` is not an em dash, a key name and canonical base64, line feed last")
  }
}

@Suite struct VerifierKeyTests {
  static let good = [
    NoteTests.peterVkey, NoteTests.enochVkey, CosignatureTests.witnessVkey,
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
  ]

  @Test(arguments: good)
  func roundTrips(vkey: String) throws {
    let key = try VerifierKey(vkey: vkey)
    #expect(key.vkey == vkey)
    #expect(
      try VerifierKey(name: key.name, algorithm: key.algorithm, publicKey: key.publicKey) == key)
  }

  /// Goal: a key that was mistyped is refused.
  ///
  /// Method: every proper substring, and each byte incremented, of good keys.
  @Test(arguments: good)
  func refuseMistyped(vkey: String) {
    let bytes = ascii(vkey)
    for start in bytes.indices {
      for end in start...bytes.count where end - start < bytes.count {
        let part = String(decoding: bytes[start..<end], as: UTF8.self)
        #expect(throws: KeyError.self, "\(part)") { _ = try VerifierKey(vkey: part) }
      }
    }
    for place in bytes.indices {
      var bent = bytes
      bent[place] += 1
      let text = String(decoding: bent, as: UTF8.self)
      #expect(throws: KeyError.self, "\(text)") { _ = try VerifierKey(vkey: text) }
    }
  }

  @Test func refuseWithReason() throws {
    // The published text has loose base64, which is refused before the length is looked at.
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKE"
    #expect(throws: KeyError.malformedKey) { _ = try VerifierKey(vkey: long + "Y==") }
    #expect(throws: KeyError.wrongByteCount(expected: 32, found: 36)) {
      _ = try VerifierKey(vkey: long + "Q==")
    }
    #expect(throws: KeyError.unknownAlgorithm(0x65)) {
      _ = try VerifierKey(
        vkey: "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }
    let peter = try VerifierKey(vkey: NoteTests.peterVkey)
    #expect(throws: KeyError.wrongID(stated: KeyID(rawValue: 0xc74f_20a4), computed: peter.id)) {
      _ = try VerifierKey(
        vkey: "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }
    #expect(throws: KeyError.malformedKey) {
      _ = try VerifierKey(
        vkey: "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }
    #expect(throws: KeyError.malformedName) {
      _ = try VerifierKey(
        vkey: "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }
    #expect(
      "\(KeyError.unknownAlgorithm(0x65))"
        == "key algorithm `101` is not known; `1` and `4` are Ed25519 of a log and of a witness")
  }

  @Test(arguments: [
    "", " ", "a b", "a+b", "a\tb", "a\nb", "a\u{85}b", "a\u{a0}", "\u{3000}a", "a\u{1}",
  ])
  func refuseNames(name: String) {
    #expect(throws: KeyError.malformedName) { _ = try KeyName(name) }
  }

  /// Goal: names that look alike are not the same.
  ///
  /// Method: one letter, two normal forms.
  @Test func namesAreBytes() throws {
    #expect("\u{e9}" == "e\u{301}")
    #expect(try KeyName("\u{e9}") != KeyName("e\u{301}"))
    #expect(try Origin("\u{e9}") != Origin("e\u{301}"))
  }
}

/// Vectors: FiloSottile/sunlight cmd/skylight/testdata.
@Suite struct CosignatureTests {
  static let timestampSeconds: UInt64 = 1_767_139_200
  static let witnessVkey =
    "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"
  static let witness2Vkey =
    "witness2.example.org+2e55b896+BIZ7fpceQWd60IfqQeS9IAnmNOCZjMDne8lZuguz/bi9"
  static let mirrorVkey = "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"

  @Test(arguments: [
    (
      "skylight test witness key", witnessVkey,
      "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n",
      "uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKqLX8jWlw"
        + "LKasxEGTLIqAVu"
        + "sneCBmBw=="
    ),
    (
      "skylight test witness2 key", witness2Vkey,
      "milan2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n",
      "LlW4lgAAAABpVGeAN/uFWqfjdU94rrKxFycCggM0Sa1L5tOJCJdYBwJ41CQsgKWA6B0+vywok3cPI3JI"
        + "zuPeR+VotuYe/eN"
        + "y0+30Dw=="
    ),
    (
      "skylight test mirror key", mirrorVkey,
      "rome2026h1.example.org\n300\ngw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=\n",
      "P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4g"
        + "VEEuGmxJjAfXKMC"
        + "ISpsJAg=="
    ),
    (
      "skylight test witness key", witnessVkey,
      "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n",
      "uKLPIAAAAABpVGeAiSaJcO1cGTSLxBoh4doJwD1KCZNOuX/4VbDlXThfKLO6M/8M83/EpVxspSuBZEBI"
        + "EvVEmXOUAD8ykwH"
        + "J94QABw=="
    ),
  ])
  func vectors(seedText: String, vkey: String, text: String, blob: String) throws {
    let key = try VerifierKey(vkey: vkey)
    let pair = Ed25519.keyPair(seed: SHA256.hash(ascii(seedText)).bytes)
    #expect(pair.publicKey == key.publicKey)
    let signature = NoteSignature(
      cosigning: ascii(text), by: key, timestampSeconds: Self.timestampSeconds, with: pair.sign)
    #expect(signature.line == "— \(key.name) \(blob)\n")
    let note = try Note(text: ascii(text), signatures: [signature])
    let verified = try note.verify(keys: [key], check: Ed25519.check)
    #expect(verified.map(\.timestampSeconds) == [Self.timestampSeconds])

    // The time is signed too.
    for place in 0..<8 {
      var blob = signature.keyID.bytes + signature.bytes
      blob[4 + place] ^= 0x80
      let bent = try #require(NoteSignature(line: "— \(key.name) \(Base64.encode(blob))"))
      #expect(throws: NoteError.invalidSignature(name: key.name, id: key.id)) {
        _ = try Note(text: ascii(text), signatures: [bent])
          .verify(keys: [key], check: Ed25519.check)
      }
    }
  }

  /// Vector: FiloSottile/sunlight; where a witness shows the last checkpoint of an origin.
  @Test func monitoringPath() {
    #expect(
      SHA256.hash(ascii("rome2026h1.example.org")).description
        == "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706")
  }

  /// Vector: transparency-dev/formats; a time is read without the key.
  @Test func keyIDs() throws {
    let signature = try #require(
      NoteSignature(
        line:
          "— witness ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gx"
          + "EHWWOworDcFiEBYJXORmnFBOBA=="))
    #expect(signature.keyID.description == "646846b9")
    #expect(signature.bytes.prefix(8) == bytes("0000000066fea4cf")[...])
    // A cosigner's ID has its own algorithm byte, though the key be the same.
    let log = try VerifierKey(
      vkey: "Wit1+55ee4561+AVhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk")
    let cosigner = try VerifierKey(
      name: log.name, algorithm: .ed25519Cosignature, publicKey: log.publicKey)
    #expect(cosigner.id.description == "9b3fb2d5")
  }
}
