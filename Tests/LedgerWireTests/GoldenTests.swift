import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: the bytes that docs/formats promise never change.
///
/// The vectors stand there too; a change of one is a change of format.
@Suite struct GoldenTests {
  private static let pay = Instruction(
    id: InstructionID(milliseconds: 1_772_337_600_000, random: (1, 2)),
    operation: .pay(
      Transfer(payer: .example(110), payee: .example(210), amount: 12_345, currency: .cny)),
    purpose: Purpose(unchecked: "SALA"), channel: Channel(unchecked: "api"),
    reference: ClientReference(unchecked: "inv-1"))
  private static let key = SigningKey(seed: (0..<32).map { UInt8($0) })
  private static let statement = Statement(
    ledger: .example, party: .bank(1), count: 1,
    expiry: LedgerTime.example.moved(seconds: 60),
    root: Submission.root(of: InstructionBytes([pay.canonicalBytes])))

  private static func entry(_ sequence: UInt64, _ body: LogEntry.Body) -> LogEntry {
    LogEntry(
      sequence: SequenceNumber(sequence), time: .example, previous: Bytes32.example(1).digest,
      body: body)
  }

  private static func expect(
    _ bytes: [UInt8], _ golden: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(Hexadecimal.encode(bytes) == golden, sourceLocation: sourceLocation)
  }

  @Test func instruction() throws {
    Self.expect(
      Self.pay.canonicalBytes,
      "0a10019ca78d960070018000000000000002120453414c411a036170692205696e762d31a203"
        + "2c0a10acc0000000000000000000000000006e1210acc000000000000000000000000000d218"
        + "b9602203434e59")
    Self.expect(
      TreeHash.leaf(Self.pay.canonicalBytes).bytes,
      "9d264865bb3d9e9110730127434500da9b6144189aa5cbb3b2442fc9c573716b")
  }

  @Test func statement() throws {
    let bytes = Self.statement.canonicalBytes
    Self.expect(
      bytes,
      "0a206c6f67000000000000000000000000000000000000000000000000000000000112066261"
        + "6e6b2d3118012080ee95a5e8fd92032a209d264865bb3d9e9110730127434500da9b6144189a"
        + "a5cbb3b2442fc9c573716b")
    let encoding = DSSE.preAuthenticationEncoding(type: DSSE.statementType, payload: bytes)
    Self.expect(
      Self.key.sign(encoding),
      "033dcee9f6a6f01af2943482cba3157e405cd2500947f99c7c46c2d56dd9f3a5e8c1b1dec992"
        + "2d735d68170091410e8912c15d593274391d8fd3e6db59ac3304")
  }

  @Test func entries() throws {
    let statement = Self.statement.canonicalBytes
    let signature = Self.key.sign(
      DSSE.preAuthenticationEncoding(type: DSSE.statementType, payload: statement))
    let pay = Self.pay.canonicalBytes
    Self.expect(
      Self.entry(
        7,
        .submission(
          statement: statement,
          signatures: [StatementSignature(key: Self.key.publicKey, signature: signature)])
      ).canonicalBytes,
      "08071080e0c788e8fd92031a2000000000000000000000000000000000000000000000000000"
        + "000000000000018a01bf010a570a206c6f670000000000000000000000000000000000000000"
        + "000000000000000001120662616e6b2d3118012080ee95a5e8fd92032a209d264865bb3d9e91"
        + "10730127434500da9b6144189aa5cbb3b2442fc9c573716b12640a2003a107bff3ce10be1d70"
        + "dd18e74bc09967e4d6309ba50d5f1ddc8664125531b81240033dcee9f6a6f01af2943482cba3"
        + "157e405cd2500947f99c7c46c2d56dd9f3a5e8c1b1dec9922d735d68170091410e8912c15d59"
        + "3274391d8fd3e6db59ac3304")
    Self.expect(
      Self.entry(8, .instruction(bytes: pay, outcome: .accepted)).canonicalBytes,
      "08081080e0c788e8fd92031a2000000000000000000000000000000000000000000000000000"
        + "000000000000019201580a530a10019ca78d960070018000000000000002120453414c411a03"
        + "6170692205696e762d31a2032c0a10acc0000000000000000000000000006e1210acc0000000"
        + "00000000000000000000d218b9602203434e59820100")
    let refused = LoggedOutcome.rejected(
      code: .limitExceeded, rule: RuleID(unchecked: "pay.day"))
    Self.expect(
      Self.entry(9, .instruction(bytes: pay, outcome: refused)).canonicalBytes,
      "08091080e0c788e8fd92031a2000000000000000000000000000000000000000000000000000"
        + "000000000000019201710a530a10019ca78d960070018000000000000002120453414c411a03"
        + "6170692205696e762d31a2032c0a10acc0000000000000000000000000006e1210acc0000000"
        + "00000000000000000000d218b9602203434e598a01190a0e6c696d69745f6578636565646564"
        + "12077061792e646179")
    Self.expect(
      Self.entry(10, .instruction(bytes: pay, outcome: .duplicate(of: SequenceNumber(8))))
        .canonicalBytes,
      "080a1080e0c788e8fd92031a2000000000000000000000000000000000000000000000000000"
        + "0000000000000192015a0a530a10019ca78d960070018000000000000002120453414c411a03"
        + "6170692205696e762d31a2032c0a10acc0000000000000000000000000006e1210acc0000000"
        + "00000000000000000000d218b9602203434e599201020808")
    Self.expect(
      Self.entry(11, .system(.tick)).canonicalBytes,
      "080b1080e0c788e8fd92031a2000000000000000000000000000000000000000000000000000"
        + "000000000000019a0103820100")
  }

  @Test func sideData() throws {
    let effects = SideData(
      effects: [
        PostingEffect(
          account: .example(110), balance: try #require(Balance(minorUnits: 7_655)),
          previous: SequenceNumber(5)),
        PostingEffect(
          account: .example(1), balance: try #require(Balance(minorUnits: -12_345)), previous: nil),
      ], breach: nil)
    Self.expect(
      effects.canonicalBytes,
      "0a170a10acc0000000000000000000000000006e10ce7718050a160a10acc000000000000000"
        + "0000000000000110f1c001")
    let breach = LimitBreach(
      rule: RuleID(unchecked: "pay.day"), account: .example(110), limit: 900,
      used: Int128(1) << 64 | 450, asked: 600, resets: .example)
    Self.expect(
      SideData(effects: [], breach: SideData.Breach(breach)).canonicalBytes,
      "12260a10acc0000000000000000000000000006e108407180120c20328d8043080e0c788e8fd"
        + "9203")
  }
}
