import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog

/// A log as bytes: entries with what lies beside them, and the kept checkpoints.
struct SampleLog {
  struct Record: Hashable {
    var entry: [UInt8]
    var sideData: [UInt8] = []
  }

  var records: [Record] = []
  var notes: [String] = []
  var trust: TrustFile

  /// The rows, so many entries each.
  func rows(entriesPerRow: Int = 4) -> [StoredRow] {
    var rows: [StoredRow] = []
    var packer = RowPacker(first: .genesis)
    for (index, record) in records.enumerated() {
      packer.append(entry: record.entry, sideData: record.sideData)
      if index % entriesPerRow == entriesPerRow - 1 { rows += packer.finish() }
    }
    return rows + packer.finish()
  }

  func keeper() throws -> MemoryCheckpointKeeper {
    let keeper = MemoryCheckpointKeeper()
    for note in notes { try keeper.append(note) }
    return keeper
  }
}

/// Keys by name: the same seed, the same key.
enum SampleKeys {
  static let officers = (1...3).map { SigningKey(seed: seed(UInt8($0))) }
  static let log = SigningKey(seed: seed(9))
  static let commitmentSecret = CommitmentSecret(Bytes32(words: (5, 6, 7, 8)))
  static let otherLog = SigningKey(seed: seed(10))
  static let recovery = (31...33).map { SigningKey(seed: seed(UInt8($0))) }
  static let banks = [1: SigningKey(seed: seed(21)), 2: SigningKey(seed: seed(22))]

  static func bank(_ number: Int) throws -> SigningKey {
    struct NoSuchBank: Error {}
    guard let key = banks[number] else { throw NoSuchBank() }
    return key
  }

  private static func seed(_ number: UInt8) -> [UInt8] {
    [UInt8](repeating: number, count: Ed25519.seedByteCount)
  }
}

/// Makes a log as the service would: real keys, real signatures, the core's own decisions.
struct LogBuilder {
  private(set) var state: LedgerState
  private(set) var writer: LogWriter
  private(set) var log: SampleLog
  /// The state and its tree as of each commitment, and the entries before it.
  private(set) var committedStates: [(size: Int, state: LedgerState, tree: StateTree)] = []
  private(set) var batches: [SequencedBatch] = []
  private var random = SplitMix64(seed: 7)
  private let logKey: SigningKey

  init(
    origin: String = "ledger.example/test", logKey: SigningKey = SampleKeys.log,
    version: StateMachineVersion = .one, commitments: CommitmentSchedule? = nil,
    recovery: [SigningKey] = []
  ) throws {
    self.logKey = logKey
    let genesis = Genesis(
      origin: origin, logKey: logKey.publicKey,
      currencies: [Currency(code: .cny, exponent: 2, issuanceAccount: .example(1))],
      officers: SampleKeys.officers.enumerated().map { index, key in
        Officer(name: OfficerName(unchecked: "officer \(index + 1)"), key: key.publicKey)
      },
      quorums: Quorums(
        participants: 2, keys: 2, issuance: 2, freezes: 2, rules: 2,
        recovery: recovery.isEmpty ? 0 : 2),
      recovery: recovery.enumerated().map { index, key in
        Officer(name: OfficerName(unchecked: "holder \(index + 1)"), key: key.publicKey)
      },
      parameters: Parameters(
        participantHorizonMicroseconds: Parameters.standard.participantHorizonMicroseconds,
        officerHorizonMicroseconds: Parameters.standard.officerHorizonMicroseconds,
        liveIDsMax: Parameters.standard.liveIDsMax, commitments: commitments),
      version: version, nonce: .example(5))
    let message = DSSE.preAuthenticationEncoding(
      type: DSSE.genesisType, payload: genesis.canonicalBytes)
    writer = LogWriter(
      genesis: genesis, bytes: genesis.canonicalBytes,
      signatures: SampleKeys.officers.map {
        StatementSignature(key: $0.publicKey, signature: $0.sign(message))
      }, secret: commitments == nil ? nil : SampleKeys.commitmentSecret, at: .example)
    let id = LedgerID(Bytes32(writer.head))
    state = LedgerState(genesis: genesis, id: id, at: .example)
    log = SampleLog(
      records: [SampleLog.Record(entry: Array(writer.entry))],
      trust: try TrustFile(ledger: id, genesis: genesis))
  }

  /// The next instruction.
  mutating func instruction(_ operation: Operation) -> Instruction {
    Instruction(
      id: InstructionID(
        milliseconds: state.time.microseconds / 1_000, random: (random.next(), random.next())),
      operation: operation)
  }

  /// Orders in a party's name, a second after what came before.
  mutating func order(_ operations: Operation..., by party: Party, signedBy keys: [SigningKey])
    throws
  {
    let instructions = operations.map { instruction($0) }
    try submit(instructions, by: party, signedBy: keys)
  }

  mutating func submit(_ instructions: [Instruction], by party: Party, signedBy keys: [SigningKey])
    throws
  {
    try submit(instructions, by: party, signedBy: keys, at: state.time.moved(seconds: 1))
  }

  mutating func submit(
    _ instructions: [Instruction], by party: Party, signedBy keys: [SigningKey],
    at time: LedgerTime
  ) throws {
    let submission = Submission(
      instructions, of: party, on: state.id, expiry: time.moved(seconds: 60), signedBy: keys)
    let known = state
    let verified = try SubmissionVerifier.verify(
      submission, check: { _ in },
      isRegistered: { known.keys.entry($0, of: $1) != nil },
      keys: { known.keys.entries(of: $0).map(\.key) })
    try sequence(verified, at: time)
  }

  /// Decides and logs, whether or not it was verified.
  mutating func sequence(_ verified: VerifiedSubmission, at time: LedgerTime) throws {
    try begin(at: time)
    struct AlreadySequenced: Error {}
    guard case .admitted(let admitted) = try state.admit(verified) else {
      throw AlreadySequenced()
    }
    var batch = SequencedBatch(time: time, first: admitted.sequence)
    batch.append(
      .submission(
        SequencedSubmission(
          verified, at: admitted.sequence, applied: state.apply(verified, admitted))))
    try append(batch)
  }

  /// Begins a batch, with a commitment to the state where one is due.
  private mutating func begin(at time: LedgerTime) throws {
    state.begin(at: time)
    guard state.isCommitmentDue else { return }
    let before = state
    let (sequence, totals) = state.commit()
    var batch = SequencedBatch(time: time, first: sequence)
    batch.append(.commitment(totals))
    try append(batch)
    committedStates.append((Int(sequence.value), before, writer.entries.accounts))
  }

  mutating func tick(at time: LedgerTime? = nil) throws {
    try begin(at: time ?? state.time.moved(seconds: 1))
    let sequence = state.tick()
    var batch = SequencedBatch(time: state.time, first: sequence)
    batch.append(.system(.tick))
    try append(batch)
  }

  mutating func checkpoint() throws {
    log.notes.append(
      try Self.note(size: writer.tree.size, root: writer.tree.root, of: state, by: logKey))
  }

  static func note(
    size: UInt64, root: Digest, of state: LedgerState, by key: SigningKey,
    origin: String? = nil
  ) throws -> String {
    let name = try KeyName(state.genesis.origin)
    let verifier = try VerifierKey(
      name: name, algorithm: .ed25519, publicKey: key.publicKey.value.bytes)
    let checkpoint = try Checkpoint(
      origin: try Origin(origin ?? state.genesis.origin), size: size, root: root)
    return String(
      decoding: checkpoint.signed(by: verifier) { key.sign($0) }.encoded, as: UTF8.self)
  }

  private mutating func append(_ batch: SequencedBatch) throws {
    batches.append(batch)
    for row in writer.write(batch).rows {
      let layout = try row.layout()
      for (entry, side) in zip(layout.entries, layout.sideData) {
        log.records.append(
          SampleLog.Record(
            entry: Array(row.entries[entry]), sideData: Array(row.sideData[side])))
      }
    }
  }
}

extension LogBuilder {
  static let settlement1 = AccountID.example(100)
  static let settlement2 = AccountID.example(200)
  static let wallet1 = AccountID.example(110)
  static let wallet2 = AccountID.example(111)
  static let wallet3 = AccountID.example(210)

  /// A limit of 500 a payment, and of 900 a day in Shanghai.
  static let rules = RuleSet.example(
    [
      (
        id: "pay.single",
        measure: Measure(
          quantity: .amount, scope: .wallet, window: .payment, direction: .out,
          operations: [.pay]), maxima: [500]
      ),
      (
        id: "pay.day",
        measure: Measure(
          quantity: .amount, scope: .wallet, window: .day(.shanghai), direction: .out,
          operations: [.pay, .cashOut]), maxima: [900]
      ),
    ])

  static func admission(_ number: Int, account: AccountID) throws -> Operation {
    .admitParticipant(
      AdmitParticipant(
        participant: .example(number), name: ParticipantName(unchecked: "Bank \(number)"),
        keys: [try SampleKeys.bank(number).publicKey],
        settlementAccounts: [NewSettlementAccount(account: account, currency: .cny)]))
  }

  static func wallet(_ id: AccountID) -> Operation {
    .openWallet(OpenWallet(wallet: id, owner: .example(1), currency: .cny, tier: .example(1)))
  }

  static func issue(_ amount: UInt64, to payee: AccountID, _ reference: Int) -> Operation {
    .issue(
      Issue(payee: payee, amount: amount, currency: .cny, rtgsReference: .example(reference)))
  }

  static func transfer(_ payer: AccountID, _ payee: AccountID, _ amount: UInt64) -> Transfer {
    Transfer(payer: payer, payee: payee, amount: amount, currency: .cny)
  }

  /// A small ledger in which everything happens once: 25 entries, 4 checkpoints.
  static func full() throws -> LogBuilder {
    var builder = try LogBuilder()
    let quorum = Array(SampleKeys.officers[0...1])
    let bank1 = [try SampleKeys.bank(1)]
    let bank2 = [try SampleKeys.bank(2)]
    try builder.checkpoint()
    try builder.order(
      try admission(1, account: settlement1), try admission(2, account: settlement2),
      by: .issuer, signedBy: quorum)
    try builder.order(
      .activateRuleSet(ActivateRuleSet(ruleSet: rules, source: [])), by: .issuer,
      signedBy: quorum)
    try builder.order(
      issue(100_000, to: settlement1, 1), issue(50_000, to: settlement2, 2), by: .issuer,
      signedBy: quorum)
    try builder.checkpoint()
    try builder.order(
      wallet(wallet1), wallet(wallet2), .fund(transfer(settlement1, wallet1, 2_000)),
      by: .bank(1), signedBy: bank1)
    try builder.order(wallet(wallet3), by: .bank(2), signedBy: bank2)
    try builder.tick()
    try builder.checkpoint()
    let pay = builder.instruction(.pay(transfer(wallet1, wallet3, 450)))
    let tooMuch = builder.instruction(.pay(transfer(wallet1, wallet2, 600)))
    try builder.submit([pay, tooMuch, pay], by: .bank(1), signedBy: bank1)
    try builder.order(
      issue(7, to: settlement1, 3), by: .issuer, signedBy: [SampleKeys.officers[2]])
    try builder.order(
      .redeem(
        Redeem(
          payer: settlement1, amount: 1_000, currency: .cny, rtgsReference: .example(4))),
      .cashOut(transfer(wallet1, settlement1, 100)), by: .bank(1), signedBy: bank1)
    try builder.checkpoint()
    return builder
  }
}
