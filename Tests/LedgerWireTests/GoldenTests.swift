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

  /// Entry 0, signed by two officers; its leaf hash is the ledger's id.
  @Test func genesis() throws {
    let officers = [SigningKey(seed: [UInt8](repeating: 1, count: 32)), Self.key]
    let genesis = Genesis(
      origin: "ledger.example/golden",
      logKey: SigningKey(seed: (1..<33).map { UInt8($0) }).publicKey,
      currencies: [Currency(code: .cny, exponent: 2, issuanceAccount: .example(1))],
      officers: zip(["alice", "bob"], officers).map {
        Officer(name: OfficerName(unchecked: $0), key: $1.publicKey)
      },
      quorums: Quorums(
        participants: 2, keys: 2, issuance: 2, freezes: 1, rules: 2, recovery: 0),
      recovery: [], parameters: .standard, version: .one, nonce: .example(7))
    try genesis.validate()
    let bytes = genesis.canonicalBytes
    Self.expect(
      bytes,
      "0a156c65646765722e6578616d706c652f676f6c64656e12240801122079b5562e8fe654f940"
        + "78b112e8a98ba7901f853ae695bed7e0e3910bad0496641a190a03434e5910021a10acc00000"
        + "000000000000000000000001222d0a05616c6963651224080112208a88e3dd7409f195fd52db"
        + "2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c222b0a03626f6212240801122003a107bf"
        + "f3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b82a0a0802100218022001"
        + "28023a1208808c8d9e02108080f5f9b74b1880c2d72f40014a20000000000000000000000000"
        + "0000000000000000000000000000000000000007")
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    let entry = LogEntry(
      sequence: .genesis, time: .example, previous: .zero,
      body: .genesis(
        bytes: bytes,
        signatures: officers.map {
          StatementSignature(key: $0.publicKey, signature: $0.sign(message))
        }))
    Self.expect(
      entry.canonicalBytes,
      "1080e0c788e8fd92031a20000000000000000000000000000000000000000000000000000000"
        + "00000000008201c7030af8010a156c65646765722e6578616d706c652f676f6c64656e122408"
        + "01122079b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad0496641a190a"
        + "03434e5910021a10acc00000000000000000000000000001222d0a05616c6963651224080112"
        + "208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c222b0a0362"
        + "6f6212240801122003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc86641255"
        + "31b82a0a080210021802200128023a1208808c8d9e02108080f5f9b74b1880c2d72f40014a20"
        + "000000000000000000000000000000000000000000000000000000000000000712640a208a88"
        + "e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c12402371eb3149c2"
        + "3de7834201f063248ef8164c463b0af094dd8b659e9d1aaa4b00e8308d554a6635e7da434602"
        + "c149ca502515d5b042d075f996273e0d53c46f0c12640a2003a107bff3ce10be1d70dd18e74b"
        + "c09967e4d6309ba50d5f1ddc8664125531b8124021cf2e0cfa942e0a7891a203aac50d8dc47c"
        + "2da4c7b5359c8d81a1df84c733de7818dbc1e205fee1b94a79c92c896f6cb45a38aee9e838d3"
        + "373b81aae9223800")
    Self.expect(
      TreeHash.leaf(entry.canonicalBytes).bytes,
      "215c264008787a29e20a6bd15769c16b193bdc907c28642e65f67416cc3b0efe")
  }

  /// One limit on one payment, and one on a day of Shanghai.
  @Test func ruleSet() throws {
    let zone = TimeZoneTable(
      name: "Asia/Shanghai", firstOffset: 29_143,
      transitions: [TimeZoneTable.Transition(at: -2_177_481_943, offset: 28_800)],
      footer: TimeZoneTable.Footer(standardOffset: 28_800, daylight: nil))
    let set = RuleSet(
      format: 1, pack: PackName(unchecked: "golden.pack"), version: 3, currency: .cny,
      sourceDigest: .example(9), tiers: [Tier(unchecked: "wl3"), Tier(unchecked: "wl4")],
      zones: [zone],
      measures: [
        Measure(
          quantity: .amount, scope: .wallet, window: .payment, direction: .out,
          operations: [.pay]),
        Measure(
          quantity: .amount, scope: .wallet, window: .day(zone), direction: .out,
          operations: [.pay, .cashOut]),
      ],
      rules: [
        Rule(
          id: RuleID(unchecked: "spend.payment"), measure: 0,
          caps: .byTier(constants: [500_000, 200_000]), action: .deny),
        Rule(
          id: RuleID(unchecked: "spend.day"), measure: 1, caps: .byTier(constants: [nil, 500_000]),
          action: .deny),
      ])
    Self.expect(
      set.canonicalBytes,
      "0801120b676f6c64656e2e7061636b18032203434e592a200000000000000000000000000000"
        + "0000000000000000000000000000000000093203776c333203776c343a250a0d417369612f53"
        + "68616e6768616910aec7031a0a08adf3cd9c101080c20322040880c203420b08011001180120"
        + "01320102420c0801100118022001320202034a1f0a0d7370656e642e7061796d656e74180122"
        + "0410a0c21e2206080110c09a0c4a170a097370656e642e646179100118012206080110a0c21e")
    #expect(try RuleSet(canonicalBytes: set.canonicalBytes) == set)
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
    // An owner's wallets may be other participants' too.
    let shared = LimitBreach(
      reason: .approvalMissing(required: 2, signed: 1), extent: .shared(left: 450),
      terms: LimitBreach.Terms(
        pack: PackName(unchecked: "cn.ecny"), unit: .minorUnits, comparison: .under),
      rule: RuleID(unchecked: "hold"), account: .example(110), limit: 900, used: 450, asked: 600,
      resets: nil)
    Self.expect(
      SideData(effects: [], breach: SideData.Breach(shared)).canonicalBytes,
      "122a0a10acc0000000000000000000000000006e10840720c20328d804380340024801500158c203600168"
        + "02")
  }
}
