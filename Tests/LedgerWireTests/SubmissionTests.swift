import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: each way in which a submission is wrong has its own code, and nothing wrong gets through.
@Suite struct SubmissionTests {
  private static let keys = [signingKey(1), signingKey(2)]
  private static let stranger = signingKey(3)

  private static func instructions(_ count: Int = 2) -> [Instruction] {
    var values = RandomValues(seed: 5)
    return (0..<count).map { _ in values.instruction(kind: 18) }
  }

  private static func submission() -> Submission {
    Submission(
      instructions(), of: .bank(1), on: .example, expiry: .example, signedBy: [keys[0]])
  }

  private static func verify(
    _ submission: Submission, refusing refusal: SubmissionRefusal? = nil
  ) throws(WireError) -> VerifiedSubmission {
    try SubmissionVerifier.verify(
      submission,
      check: { (_) throws(SubmissionRefusal) in if let refusal { throw refusal } },
      isRegistered: { key, party in
        party == .bank(1) && keys.contains { $0.publicKey == key }
      },
      keys: { $0 == .bank(1) ? keys.map(\.publicKey) : [] })
  }

  private static func changed(
    statement: [UInt8]? = nil, type: String = DSSE.statementType,
    signatures: [Submission.Signature]? = nil, instructions: [[UInt8]]? = nil
  ) -> Submission {
    let sound = submission()
    return Submission(
      statementBytes: statement ?? sound.statementBytes, payloadType: type,
      signatures: signatures ?? sound.signatures,
      instructions: instructions.map { InstructionBytes($0) } ?? sound.instructions)
  }

  /// Instructions as given, under a statement with their own root and a good signature.
  private static func signed(_ instructions: [[UInt8]]) -> Submission {
    let statement = Statement(
      ledger: .example, party: .bank(1), count: instructions.count, expiry: .example,
      root: Submission.root(of: InstructionBytes(instructions)))
    return Submission(
      statementBytes: statement.canonicalBytes, signatures: [],
      instructions: InstructionBytes(instructions)
    ).signed(by: keys[0])
  }

  @Test func soundSubmission() throws {
    let submission = Self.submission().signed(by: Self.keys[1])
    let verified = try Self.verify(submission)
    #expect(verified.instructions.map(\.instruction) == Self.instructions())
    #expect(verified.signatures.map(\.key) == Self.keys.map(\.publicKey).sorted())
    // Without the hints too, and in whichever order they come.
    let unhinted = Self.changed(
      signatures: submission.signatures.reversed().map {
        Submission.Signature(signature: $0.signature, keyID: "")
      })
    #expect(try Self.verify(unhinted).digest == verified.digest)
  }

  @Test func everyCode() {
    let sound = Self.submission()
    let signature = sound.signatures[0]
    let bad = Submission.Signature(
      signature: [UInt8](repeating: 1, count: 64), keyID: signature.keyID)
    let cases: [(Submission, String)] = [
      (Self.changed(statement: [0xFF]), "malformed"),
      (Self.changed(statement: sound.statementBytes + [0xF8, 7, 1]), "non_canonical"),
      (Self.changed(statement: [0x0A, 1, 1, 0x18, 1]), "invalid_field"),
      (Self.changed(statement: []), "empty"),
      (Self.changed(signatures: []), "empty"),
      (Self.changed(signatures: Array(repeating: signature, count: 33)), "too_large"),
      (Self.changed(type: DSSE.genesisType), "wrong_payload_type"),
      (Self.changed(instructions: sound.instructions.prefix(1).map(Array.init)), "count_mismatch"),
      (Self.changed(instructions: sound.instructions.reversed().map(Array.init)), "root_mismatch"),
      (Self.changed(signatures: [bad]), "bad_signature"),
      (
        Self.changed(signatures: [Submission.Signature(signature: [1], keyID: "")]),
        "bad_signature"
      ),
      (Self.changed(signatures: [signature, signature]), "duplicate_signer"),
      (Self.changed(signatures: []).signed(by: Self.stranger), "signer_unknown"),
      (Self.signed([Array(sound.instructions[0]), [0xFF]]), "malformed"),
      (Self.signed([Array(sound.instructions[0]) + [0xF8, 7, 1]]), "non_canonical"),
      (Self.signed([[]]), "invalid_field"),
      (Self.signed([[UInt8](repeating: 0, count: 57_345)]), "too_large"),
    ]
    for (submission, code) in cases {
      do throws(WireError) {
        _ = try Self.verify(submission)
        Issue.record("\(code) was taken")
      } catch {
        #expect(error.code == code, "\(error)")
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test func stateRefuses() {
    let refusal = SubmissionRefusal.wrongLedger(.example)
    #expect(throws: WireError.refused(refusal)) {
      try Self.verify(Self.submission(), refusing: refusal)
    }
    #expect(WireError.refused(.keyRevoked(Self.keys[0].publicKey)).code == "signer_revoked")
  }

  /// Signature checks cost the most, so their number is bounded whatever comes.
  @Test func attemptsAreBounded() {
    let many = (0..<32).map { _ in
      Submission.Signature(signature: [UInt8](repeating: 0, count: 64), keyID: "")
    }
    #expect(throws: WireError.badSignature(index: 0)) {
      try Self.verify(Self.changed(signatures: many))
    }
  }

  @Test func protobufBodies() {
    #expect(throws: WireError.empty("byte of a submission")) { try Submission(protobuf: []) }
    #expect(throws: WireError.malformed(message: "submission")) {
      try Submission(protobuf: [0xFF, 1])
    }
    let huge = [UInt8](repeating: 0x0A, count: WireLimits.submissionBytesMax + 1)
    #expect(throws: (any Error).self) { try Submission(protobuf: huge) }
    #expect(throws: (any Error).self) { try Submission(json: huge) }
  }

  @Test func jsonBodies() throws {
    let sound = Self.submission()
    let text = String(decoding: sound.json, as: UTF8.self)
    // Both alphabets, and no hint.
    let urlSafe = text.replacing("+", with: "-").replacing("/", with: "_")
      .replacing("application_vnd.specie.statement.v1-protobuf", with: DSSE.statementType)
    #expect(try Submission(json: Array(urlSafe.utf8)) == sound)
    #expect(
      try Submission(json: Array(text.replacing("\"keyid\"", with: "\"hint\"").utf8))
        .signatures.map(\.keyID) == [""])

    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    let nested = #"{"envelope":"# + String(repeating: "{\"a\":", count: 50_000)
    for (json, code) in [
      ("{}", "malformed"), ("[]", "malformed"), ("null", "malformed"), ("{", "malformed"),
      (deep, "malformed"), (nested, "malformed"), ("\u{0}", "malformed"),
      (text + "x", "malformed"), (String(text.dropLast(3)), "malformed"),
      (text.replacing("=", with: ""), "invalid_field"),
      (text.replacing("\"payload\" : \"", with: "\"payload\" : \" "), "invalid_field"),
      ("", "empty"),
    ] {
      do throws(WireError) {
        _ = try Submission(json: Array(json.utf8))
        Issue.record("taken: \(json.prefix(60))")
      } catch {
        #expect(error.code == code, "\(json.prefix(60)): \(error)")
      }
    }
  }

  /// Goal: what repeats a field past its bound is refused before it is decoded, whatever hides it.
  @Test func sizeBombs() {
    let signatures = 33
    let empty: [UInt8] = [0x1A, 0x00]
    let envelope = (0..<signatures).flatMap { _ in empty }
    let halves = (0..<17).flatMap { _ in empty }
    let tooLarge = WireError.tooLarge(
      "signatures", count: signatures, max: Limits.signaturesPerStatementMax)
    // An unknown group, a tag and a length that are not shortest, and an envelope in two parts.
    for body in [
      [0x0A, UInt8(envelope.count)] + envelope,
      [0x7B, 0x7C, 0x0A, UInt8(envelope.count)] + envelope,
      [0x8A, 0x00, 0x80 | UInt8(envelope.count), 0x00] + envelope,
      [0x18, 0x05, 0x0A, UInt8(envelope.count)] + envelope,
    ] {
      #expect(throws: tooLarge) { try Submission(protobuf: body) }
    }
    let part = [0x0A, UInt8(halves.count)] + halves
    #expect(
      throws: WireError.tooLarge("signatures", count: 34, max: Limits.signaturesPerStatementMax)
    ) { try Submission(protobuf: part + part) }
    let instructions = [UInt8](
      repeating: 0, count: 2 * (Limits.instructionsPerSubmissionMax + 1)
    ).indices.map { $0.isMultiple(of: 2) ? UInt8(0x12) : 0 }
    #expect(
      throws: WireError.tooLarge(
        "instructions", count: Limits.instructionsPerSubmissionMax + 1,
        max: Limits.instructionsPerSubmissionMax)
    ) { try Submission(protobuf: instructions) }

    let json = #"{"envelope":{"payload":"","payloadType":"","signatures":[]},"instructions":["#
    let many = String(repeating: #""","#, count: 20_000)
    #expect(throws: WireError.self) { try Submission(json: Array((json + many + #"""]}"#).utf8)) }
    do throws(WireError) {
      _ = try Submission(json: Array((json + many + #"""]}"#).utf8))
    } catch {
      #expect(error.code == "too_large")
    }
  }

  /// Goal: no error repeats more of a payload type than a right one could have.
  @Test func longPayloadTypes() throws {
    let long = String(repeating: "x", count: 100_000)
    let submission = Self.changed(type: long)
    let wanted = WireError.tooLarge(
      "bytes of a payload type", count: 100_000, max: WireLimits.payloadTypeBytesMax)
    #expect(throws: wanted) { try Submission(protobuf: submission.protobuf) }
    #expect(throws: wanted) { try Submission(json: submission.json) }
    #expect(wanted.description.utf8.count < 100)
  }
}
