import LedgerModel
import LedgerTesting
import LedgerWire
import Testing

/// Goal: the plain readers, which go without swift-protobuf, take exactly what the general way
/// takes, and read the same.
///
/// Method: Both read the same bytes: random messages, and each of them cut, flipped, stretched and
/// mixed, so that nearly canonical bytes are common. To repeat a failure, run the seed alone.
@Suite struct PlainReadingTests {
  /// The kinds of `RandomValues.operation` that are transfers.
  private static let transferKinds = 16...19

  private static func outcome(
    _ read: () throws(WireError) -> Instruction
  ) -> Result<Instruction, WireError> {
    do throws(WireError) { return .success(try read()) } catch { return .failure(error) }
  }

  private static func agree(_ bytes: [UInt8]) -> Bool {
    let general = outcome { () throws(WireError) in try Instruction(generalBytes: bytes) }
    let array = outcome { () throws(WireError) in try Instruction(canonicalBytes: bytes) }
    // Within a longer buffer, as a submission's body has it.
    let padded = [0xFF, 0xFF] + bytes + [0xFF]
    let slice = outcome { () throws(WireError) in
      try Instruction(canonicalBytes: padded[2..<2 + bytes.count])
    }
    return general == array && general == slice
  }

  @Test(arguments: UInt64(0)..<64)
  func agreesWithTheGeneralWay(seed: UInt64) {
    var values = RandomValues(seed: seed)
    for kind in Self.transferKinds {
      let bytes = values.instruction(kind: kind).canonicalBytes
      #expect(Self.agree(bytes), "seed \(seed), kind \(kind)")
      for count in bytes.indices {
        #expect(Self.agree(Array(bytes[..<count])), "seed \(seed), kind \(kind), cut at \(count)")
      }
      for index in bytes.indices {
        for byte in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 0x7F, 0xFF] {
          var changed = bytes
          changed[index] = byte
          #expect(Self.agree(changed), "seed \(seed), kind \(kind), byte \(index) is \(byte)")
        }
        var longer = bytes
        longer.insert(0, at: index)
        #expect(Self.agree(longer), "seed \(seed), kind \(kind), a zero at \(index)")
      }
      #expect(Self.agree(bytes + bytes), "seed \(seed), kind \(kind), twice")
    }
  }

  /// Goal: the plain reader of statements takes exactly what the general way takes.
  @Test(arguments: UInt64(0)..<64)
  func agreesOnStatements(seed: UInt64) {
    func agree(_ bytes: [UInt8]) -> Bool {
      func read(_ body: () throws(WireError) -> Statement) -> Result<Statement, WireError> {
        do throws(WireError) { return .success(try body()) } catch { return .failure(error) }
      }
      return read { () throws(WireError) in try Statement(canonicalBytes: bytes) }
        == read { () throws(WireError) in try Statement(generalBytes: bytes) }
    }
    var values = RandomValues(seed: seed)
    let bytes = values.statement().canonicalBytes
    #expect(agree(bytes), "seed \(seed)")
    for index in bytes.indices {
      #expect(agree(Array(bytes[..<index])), "seed \(seed), cut at \(index)")
      for byte in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 0x7F, 0xFF] {
        var changed = bytes
        changed[index] = byte
        #expect(agree(changed), "seed \(seed), byte \(index) is \(byte)")
      }
    }
  }

  /// Goal: the plain readers of the entries of submissions and instructions take exactly what the
  /// general way takes.
  @Test(arguments: UInt64(0)..<64)
  func agreesOnEntries(seed: UInt64) {
    func agree(_ bytes: [UInt8]) -> Bool {
      func read(_ body: () throws(WireError) -> LogEntry) -> Result<LogEntry, WireError> {
        do throws(WireError) { return .success(try body()) } catch { return .failure(error) }
      }
      return read { () throws(WireError) in try LogEntry(canonicalBytes: bytes) }
        == read { () throws(WireError) in try LogEntry(generalBytes: bytes) }
    }
    var values = RandomValues(seed: seed)
    let instruction = values.bytes(1 + Int(seed) * 3)
    var bodies = [
      LoggedOutcome.accepted, .rejected(code: .limitExceeded, rule: values.text()),
      .rejected(code: .limitExceeded, rule: values.text(), pack: values.text()),
      .rejected(code: .amountZero, rule: nil), .duplicate(of: SequenceNumber(seed * 3 + 1)),
    ].map { LogEntry.Body.instruction(bytes: instruction, outcome: $0) }
    for count in 0...2 {
      bodies.append(
        .submission(
          statement: values.bytes(Int(seed)),
          signatures: (0..<count).map { _ in
            StatementSignature(key: PublicKey(values.bytes32()), signature: values.bytes(64))
          }))
    }
    for (number, body) in bodies.enumerated() {
      let entry = LogEntry(
        sequence: SequenceNumber(seed + 1), time: .example, previous: values.bytes32().digest,
        body: body)
      let bytes = entry.canonicalBytes
      #expect(agree(bytes), "seed \(seed), body \(number)")
      for index in bytes.indices {
        #expect(agree(Array(bytes[..<index])), "seed \(seed), body \(number), cut at \(index)")
        for byte in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 0x7F] {
          var changed = bytes
          changed[index] = byte
          #expect(
            agree(changed), "seed \(seed), body \(number), byte \(index) is \(byte)")
        }
      }
      #expect(agree(bytes + [0]), "seed \(seed), body \(number), a zero more")
    }
  }

  /// Goal: the plain reader of submissions takes nothing that the general way reads otherwise.
  @Test(arguments: UInt64(0)..<64)
  func agreesOnSubmissions(seed: UInt64) {
    func agree(_ bytes: [UInt8]) -> Bool {
      func read(_ body: () throws(WireError) -> Submission) -> Result<Submission, WireError> {
        do throws(WireError) { return .success(try body()) } catch { return .failure(error) }
      }
      return bytes.isEmpty
        || read { () throws(WireError) in try Submission(protobuf: bytes) }
          == read { () throws(WireError) in try Submission(generalBytes: bytes) }
    }
    var values = RandomValues(seed: seed)
    let submission = Submission(
      statementBytes: values.bytes(Int(seed)),
      signatures: (0..<Int(seed % 3)).map { _ in
        Submission.Signature(
          signature: values.bytes(Int(seed)), keyID: PublicKey(values.bytes32()).description)
      }, instructions: InstructionBytes((0..<Int(seed % 5)).map { values.bytes(1 + $0 * 60) }))
    let bytes = submission.protobuf
    #expect(agree(bytes), "seed \(seed)")
    for index in bytes.indices {
      #expect(agree(Array(bytes[..<index])), "seed \(seed), cut at \(index)")
      for byte in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0, 0x12, 0x7F, 0xFF] {
        var changed = bytes
        changed[index] = byte
        #expect(agree(changed), "seed \(seed), byte \(index) is \(byte)")
      }
    }
    #expect(agree(bytes + bytes), "seed \(seed), twice")
  }

  /// Goal: a submission's body is read the same whether its parts lie in order or not.
  ///
  /// Method: Bodies that only the general way takes: parts in another order, an unknown field, an
  /// envelope in two halves.
  @Test func readsEveryBody() throws {
    let submission = Submission(
      (16...19).map { kind in
        var values = RandomValues(seed: UInt64(kind))
        return values.instruction(kind: kind)
      }, of: .bank(1), on: .example, expiry: .example, signedBy: [signingKey(1)])
    let body = submission.protobuf
    #expect(try Submission(protobuf: body) == submission)
    let unknown = body + [0x7A, 1, 9]
    #expect(try Submission(protobuf: unknown) == submission)
    // The envelope comes first, and its length takes two bytes.
    try #require(body[0] == 0x0A && body[1] >= 0x80 && body[2] < 0x80)
    let envelopeEnd = 3 + Int(body[1] & 0x7F) + Int(body[2]) << 7
    let turned = Array(body[envelopeEnd...] + body[..<envelopeEnd])
    #expect(try Submission(protobuf: turned) == submission)
    for count in body.indices {
      // Cut anywhere, it is another submission or none, and never a trap.
      if let cut = try? Submission(protobuf: Array(body[..<max(count, 1)])) {
        #expect(cut != submission)
      }
    }
  }
}
