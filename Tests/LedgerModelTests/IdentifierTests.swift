import LedgerModel
import LedgerTesting
import Testing

@Suite struct IdentifierTests {
  @Test func hexadecimalIsLowerCaseAndWhole() {
    #expect(Hexadecimal.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
    #expect(Hexadecimal.encode([UInt8]()) == "")
    let all = (UInt8.min...UInt8.max).map { $0 }
    #expect(Hexadecimal.decode(Hexadecimal.encode(all)) == all)
    for text in ["0", "0g", "FF", "0x", " 0", "00 ", "０0"] {
      #expect(Hexadecimal.decode(text) == nil, "\(text)")
    }
  }

  @Test func bytesAreKeptInOrder() throws {
    let sixteen = (UInt8(1)...16).map { $0 }
    let short = try #require(Bytes16(sixteen))
    #expect(short.high == 0x0102_0304_0506_0708)
    #expect(short.low == 0x090A_0B0C_0D0E_0F10)
    #expect(short.bytes == sixteen)
    #expect(short.uuidText == "01020304-0506-0708-090a-0b0c0d0e0f10")
    #expect(Bytes16(uuidText: short.uuidText) == short)
    let thirtyTwo = (UInt8(101)...132).map { $0 }
    let long = try #require(Bytes32(thirtyTwo))
    #expect(long.bytes == thirtyTwo)
    #expect(Bytes32(hex: long.hex) == long)
    for count in [0, 15, 17, 31, 33] {
      #expect(Bytes16([UInt8](repeating: 0, count: count)) == nil)
      #expect(Bytes32([UInt8](repeating: 0, count: count)) == nil)
    }
    #expect(Bytes32(hex: long.hex.uppercased()) == nil)
    #expect(Bytes32(hex: String(long.hex.dropLast())) == nil)
  }

  /// Goal: values are ordered and told apart by every byte.
  @Test func everyByteCounts() throws {
    let zero = try #require(Bytes32([UInt8](repeating: 0, count: 32)))
    var last = zero
    for position in (0..<32).reversed() {
      var bytes = [UInt8](repeating: 0, count: 32)
      bytes[position] = 1
      let value = try #require(Bytes32(bytes))
      #expect(value != zero)
      #expect(last < value)
      last = value
    }
    var lastShort = Bytes16(high: 0, low: 0)
    for position in (0..<16).reversed() {
      var bytes = [UInt8](repeating: 0, count: 16)
      bytes[position] = 1
      let value = try #require(Bytes16(bytes))
      #expect(lastShort < value)
      lastShort = value
    }
  }

  @Test func uuidTextHasOneForm() {
    let text = "01020304-0506-7708-890a-0b0c0d0e0f10"
    #expect(Bytes16(uuidText: text) != nil)
    for other in [
      text.uppercased(), String(text.dropLast()), text + "0", "{\(text)}",
      text.replacing("-", with: ""), "010203040506-7708-890a-0b0c0d0e0f10-",
      "0102030-40506-7708-890a-0b0c0d0e0f10", "g1020304-0506-7708-890a-0b0c0d0e0f10", "",
    ] {
      #expect(Bytes16(uuidText: other) == nil, "\(other)")
    }
  }

  /// Goal: an instruction id is a UUIDv7 and nothing else, and tells its own time.
  ///
  /// Method: The example of RFC 9562, appendix A.6; then each version and variant there is.
  @Test func instructionIDsAreUUIDv7() throws {
    let example = try #require(Bytes16(uuidText: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
    let id = try #require(InstructionID(example))
    #expect(id.time.microseconds == 0x017F_22E2_79B0 * 1_000)
    #expect(id.time.description == "2022-02-22T19:22:22Z")
    #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    for version in UInt64(0)..<16 {
      for variant in UInt64(0)..<4 {
        let value = Bytes16(
          high: example.high & ~0xF000 | version << 12,
          low: example.low & ~(3 << 62) | variant << 62)
        #expect((InstructionID(value) != nil) == (version == 7 && variant == 2))
      }
    }
  }

  @Test func instructionIDsKeepTheirBits() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<1_000 {
      let milliseconds = random.next() >> 16
      let bits = (random.next(), random.next())
      let id = InstructionID(milliseconds: milliseconds, random: bits)
      #expect(InstructionID(id.value) == id)
      #expect(id.time.microseconds == milliseconds * 1_000)
      #expect(id.value.high & 0xFFF == bits.0 & 0xFFF)
      #expect(id.value.low << 2 == bits.1 << 2)
    }
    let early = InstructionID(milliseconds: 1, random: (.max, .max))
    let late = InstructionID(milliseconds: 2, random: (0, 0))
    #expect(early < late)
  }

  @Test func ledgerTimeStaysAtItsEnd() {
    let time = LedgerTime(microseconds: 1_999_999)
    #expect(time.seconds == 1)
    #expect(time.advanced(byMicroseconds: 1).seconds == 2)
    #expect(time.advanced(byMicroseconds: .max) == LedgerTime(microseconds: .max))
    #expect(time < time.advanced(byMicroseconds: 1))
    #expect(SequenceNumber.genesis.next == SequenceNumber(1))
    #expect(SequenceNumber(9) < SequenceNumber(10))
  }

  /// Goal: what is verified has a signer, and as many instructions as its statement says.
  @Test func trapOnASubmissionThatIsNone() async {
    await #expect(processExitsWith: .failure) {
      var builder = SubmissionBuilder()
      _ = builder.submission(of: [], by: .issuer, signers: [], expiry: .example)
    }
    await #expect(processExitsWith: .failure) {
      let statement = Statement(
        ledger: .example, party: .issuer, count: 1, expiry: .example, root: .example(1))
      _ = VerifiedSubmission(
        verified: statement, bytes: [],
        signatures: [StatementSignature(key: .example(1), signature: [])],
        digest: SubmissionDigest(.example(1)), instructions: [],
        instructionBytes: InstructionBytes([]))
    }
    await #expect(processExitsWith: .failure) {
      var builder = SubmissionBuilder()
      _ = builder.submission(
        of: [], by: .issuer, signers: [.example(1), .example(1)], expiry: .example)
    }
    await #expect(processExitsWith: .success) {
      var builder = SubmissionBuilder()
      _ = builder.submission(of: [], by: .issuer, signers: [.example(1)], expiry: .example)
    }
  }
}
