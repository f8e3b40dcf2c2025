import MerkleLog
import Testing

/// A complete log.
///
/// Vectors: transparency-dev/tessera testdata/log.
enum TesseraLog {
  static let entries = [
    "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven",
    "twelf", "threeten", "fourten", "fivten",
  ].map(ascii)
  static let leaves = entries.map { TreeHash.leaf($0) }
  static let originText = "example.com/log/testdata"
  static let vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
  static let seed = bytes("eca663f499017d2365c27c7a7679158d43cfec1330bdb259290afbd0d21777a0")

  /// Size, root and signature, where upstream published one.
  static let checkpoints: [(Int, String, String?)] = [
    (
      0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
      "M9e0lhxJACzE1KoUdqKuPa+9p6R7dSW8BlEvrg/noo8FkGg6PbJoRNOcdjqjOq89wVvTA60eubCc4oufo5BvIVEgtQc="
    ),
    (
      1, "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=",
      "M9e0lhr9kuLxGdAtaUrhm84TQffVsLdcy808sN0a3WyniNlfcr9+bywoiIke1YYciCNjJGkCgIlQ8b16jhsmg/SChAM="
    ),
    (
      2, "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=",
      "M9e0llH4NKmlf0u7C8tkJioQOmi7l5ELqljXgKRg6R3G5JJ7vx7emDWo5fpqKuA/Dk/jRrI6il+7QCVirNhyUAWGoAk="
    ),
    (6, "a6sWvsc2eEzmj72vah7mZ5dwFltivehh2b11qwlp5Jg=", nil),
    (
      8, "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=",
      "M9e0lq1EK37dHtgv9O3UzPxisw5vwIPcJsX9ab0xt4mvVfbdUR1fbMjN6sBFYpBoBEmD4+cWhj/AVgI5MitCO5+mews="
    ),
    (
      15, "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
      "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI="
    ),
  ]

  static let noteText = note(checkpoints[5])

  static func note(_ checkpoint: (Int, String, String?)) -> String {
    "\(originText)\n\(checkpoint.0)\n\(checkpoint.1)\n\n— \(originText) \(checkpoint.2 ?? "")\n"
  }
}

@Suite struct CheckpointTests {
  /// Goal: we sign as Tessera does, byte for byte, and open what it signed.
  @Test(arguments: TesseraLog.checkpoints)
  func tesseraLog(size: Int, root: String, signature: String?) throws {
    let key = try VerifierKey(vkey: TesseraLog.vkey)
    let pair = Ed25519.keyPair(seed: TesseraLog.seed)
    #expect(pair.publicKey == key.publicKey)
    let checkpoint = try Checkpoint(
      origin: Origin(TesseraLog.originText), size: UInt64(size),
      root: TreeHash.root(of: TesseraLog.leaves[..<size]))
    #expect(Base64.encode(checkpoint.root.bytes) == root)
    #expect(checkpoint.text == ascii("\(TesseraLog.originText)\n\(size)\n\(root)\n"))
    #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
    #expect(Origin(key.name) == checkpoint.origin)

    let note = checkpoint.signed(by: key, with: pair.sign)
    if signature != nil {
      #expect(note.encoded == ascii(TesseraLog.note((size, root, signature))))
    }
    let opened = try Checkpoint.open(
      note.encoded, origin: checkpoint.origin, logKey: key, check: Ed25519.check)
    #expect(opened.checkpoint == checkpoint)
    #expect(opened.note == note)
    #expect(opened.cosignatures.isEmpty)
  }

  static let root = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="

  static let malformed: [(String, CheckpointError)] = [
    ("", .malformedText),
    ("\n", .malformedText),
    ("log\n15\n", .malformedText),
    ("log\n15\n\(root)", .malformedText),
    ("log\n15\n\(root)\nextension\n", .extensionLines),
    ("log\n15\n\(root)\n\n", .extensionLines),
    ("\n15\n\(root)\n", .malformedOrigin),
    ("lo\u{1}g\n15\n\(root)\n", .malformedOrigin),
    ("log\n\n\(root)\n", .malformedSize),
    ("log\n015\n\(root)\n", .malformedSize),
    ("log\n00\n\(root)\n", .malformedSize),
    ("log\n+15\n\(root)\n", .malformedSize),
    ("log\n-15\n\(root)\n", .malformedSize),
    ("log\n 15\n\(root)\n", .malformedSize),
    ("log\n15 \n\(root)\n", .malformedSize),
    ("log\n1_5\n\(root)\n", .malformedSize),
    ("log\n0xf\n\(root)\n", .malformedSize),
    ("log\n١٥\n\(root)\n", .malformedSize),
    ("log\n9223372036854775808\n\(root)\n", .malformedSize),
    ("log\n18446744073709551616\n\(root)\n", .malformedSize),
    ("log\n99999999999999999999999999\n\(root)\n", .malformedSize),
    ("log\n15\n\n", .malformedRoot),
    ("log\n15\nAAAA\n", .malformedRoot),
    ("log\n15\n\(root.dropLast())\n", .malformedRoot),
    ("log\n15\n\(root) \n", .malformedRoot),
    ("log\n15\n\(root.dropLast(2))t=\n", .malformedRoot),
    ("log\n15\n\(root.replacing("+", with: "-").replacing("/", with: "_"))\n", .malformedRoot),
    ("log\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cvL\n", .malformedRoot),
  ]

  @Test(arguments: malformed)
  func refuseMalformed(text: String, error: CheckpointError) {
    #expect(throws: error, "\(text)") { _ = try Checkpoint(text: ascii(text)) }
  }

  @Test func refuseMalformedParts() throws {
    let origin = try Origin("log")
    #expect(throws: CheckpointError.wrongEmptyRoot(.zero)) {
      _ = try Checkpoint(origin: origin, size: 0, root: .zero)
    }
    #expect(throws: CheckpointError.wrongEmptyRoot(.zero)) {
      _ = try Checkpoint(text: ascii("log\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
    }
    #expect(throws: CheckpointError.sizeOutOfRange(1 << 63)) {
      _ = try Checkpoint(origin: origin, size: 1 << 63, root: .zero)
    }
    #expect(throws: CheckpointError.malformedOrigin) { _ = try Origin("a\nb") }
    #expect(throws: CheckpointError.malformedOrigin) {
      _ = try Checkpoint(text: [0xff] + ascii("\n15\n\(Self.root)\n"))
    }
    let largest = try Checkpoint(origin: origin, size: LogLimits.treeSizeMax, root: .zero)
    #expect(try Checkpoint(text: largest.text) == largest)
  }

  @Test func openOnlyWhatTheLogSigned() throws {
    let key = try VerifierKey(vkey: TesseraLog.vkey)
    let witness = try VerifierKey(vkey: CosignatureTests.witnessVkey)
    let witness2 = try VerifierKey(vkey: CosignatureTests.witness2Vkey)
    let witnessPair = Ed25519.keyPair(seed: SHA256.hash(ascii("skylight test witness key")).bytes)
    let origin = try Origin(TesseraLog.originText)
    let note = try Note(ascii(TesseraLog.noteText))
    let cosignature = NoteSignature(
      cosigning: note.text, by: witness, timestampSeconds: CosignatureTests.timestampSeconds,
      with: witnessPair.sign)
    let cosigned = try note.adding(cosignature)

    let opened = try Checkpoint.open(
      cosigned, origin: origin, logKey: key, witnessKeys: [witness, witness2], check: Ed25519.check)
    #expect(opened.cosignatures.map(\.key) == [witness])
    #expect(
      opened.cosignatures.map(\.timestampSeconds) == [CosignatureTests.timestampSeconds])

    let witnessedOnly = try Note(text: note.text, signatures: [cosignature])
    #expect(throws: CheckpointError.notSignedByLog(key.name)) {
      _ = try Checkpoint.open(
        witnessedOnly, origin: origin, logKey: key, witnessKeys: [witness], check: Ed25519.check)
    }
    #expect(throws: CheckpointError.note(.noKnownSignature)) {
      _ = try Checkpoint.open(witnessedOnly, origin: origin, logKey: key, check: Ed25519.check)
    }
    // A witness's key is no log's key, even if it is configured as one.
    #expect(throws: CheckpointError.notSignedByLog(witness.name)) {
      _ = try Checkpoint.open(witnessedOnly, origin: origin, logKey: witness, check: Ed25519.check)
    }
    let other = try Origin("example.com/other")
    #expect(throws: CheckpointError.wrongOrigin(found: origin, expected: other)) {
      _ = try Checkpoint.open(note, origin: other, logKey: key, check: Ed25519.check)
    }
    #expect(throws: CheckpointError.note(.invalidSignature(name: key.name, id: key.id))) {
      _ = try Checkpoint.open(
        ascii(TesseraLog.noteText.replacing("\n15\n", with: "\n16\n")), origin: origin,
        logKey: key, check: Ed25519.check)
    }
    #expect(throws: CheckpointError.note(.noSeparator)) {
      _ = try Checkpoint.open([], origin: origin, logKey: key, check: Ed25519.check)
    }
    #expect(
      "\(CheckpointError.wrongOrigin(found: origin, expected: other))"
        == "the checkpoint is of log `example.com/log/testdata`, not of `example.com/other`")
  }

  /// Goal: a signature over something that is no checkpoint opens nothing.
  @Test func openOnlyCheckpoints() throws {
    let key = try VerifierKey(vkey: TesseraLog.vkey)
    let pair = Ed25519.keyPair(seed: TesseraLog.seed)
    for (text, error) in Self.malformed where text.last == "\n" && !text.contains("\u{1}") {
      let note = try Note(
        text: ascii(text),
        signatures: [NoteSignature(signing: ascii(text), by: key, with: pair.sign)])
      #expect(throws: error) {
        _ = try Checkpoint.open(note, origin: Origin("log"), logKey: key, check: Ed25519.check)
      }
    }
  }
}
