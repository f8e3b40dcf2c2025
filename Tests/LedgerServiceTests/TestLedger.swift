import LedgerCore
import LedgerLog
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import MerkleLog
import Synchronization
import Testing

/// A ledger in memory with real keys and signatures: three officers, two of whom suffice.
final class TestLedger: Sendable {
  static let start: UInt64 = 1_764_000_000_000_000
  static let cny: CurrencyCode = {
    guard let code = CurrencyCode("CNY") else { preconditionFailure("CNY is a code") }
    return code
  }()

  let officers = (1...3).map { SigningKey(seed: [UInt8](repeating: UInt8($0), count: 32)) }
  let logKey = SigningKey(seed: [UInt8](repeating: 9, count: 32))
  let clock: ManualClock
  let disk: MemoryDisk
  let checkpoints = MemoryCheckpointKeeper()
  let snapshots = MemorySnapshotKeeper()
  let index = MemoryLogIndex()
  let failures = Mutex<[String]>([])
  private let isCommitting: Bool
  private let counter = Mutex<UInt64>(0)

  /// Of the commitments, where the genesis has a schedule of them.
  static let secret = CommitmentSecret(Bytes32(words: (1, 2, 3, 4)))

  init(
    disk: MemoryDisk = MemoryDisk(), version: StateMachineVersion = .one,
    isCommitting: Bool = false
  ) throws {
    self.isCommitting = isCommitting
    self.disk = disk
    clock = ManualClock(wallMicroseconds: Self.start)
    let genesis = Genesis(
      origin: "ledger.example/test", logKey: logKey.publicKey,
      currencies: [
        Currency(code: Self.cny, exponent: 2, issuanceAccount: Self.account(0))
      ],
      officers: try officers.enumerated().map {
        Officer(name: try OfficerName("officer \($0 + 1)"), key: $1.publicKey)
      },
      quorums: Quorums(
        participants: 2, keys: 2, issuance: 2, freezes: 2, rules: 2, recovery: 0),
      recovery: [],
      parameters: Parameters(
        participantHorizonMicroseconds: Parameters.standard.participantHorizonMicroseconds,
        officerHorizonMicroseconds: Parameters.standard.officerHorizonMicroseconds,
        liveIDsMax: Parameters.standard.liveIDsMax,
        commitments: isCommitting ? .standard(secretDigest: Self.secret.digest) : nil),
      version: version,
      nonce: try #require(Bytes32([UInt8](repeating: 7, count: 32))))
    let bytes = genesis.canonicalBytes
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    let writer = LogWriter(
      genesis: genesis, bytes: bytes,
      signatures: officers.map {
        StatementSignature(key: $0.publicKey, signature: $0.sign(message))
      }, secret: nil, at: LedgerTime(microseconds: Self.start))
    var packer = RowPacker(first: .genesis)
    packer.append(entry: Array(writer.entry), sideData: [])
    let store = try disk.open()
    try store.append(packer.finish())
    store.close()
  }

  static func account(_ number: UInt64) -> AccountID {
    AccountID(Bytes16(high: 0xACC0, low: number))
  }

  /// Opens the ledger over the disk, through `wrap` where a test wants faults.
  func open(
    limits: ServiceLimits = ServiceLimits(), index: (any LogIndex)? = nil,
    checkpoints: (any CheckpointKeeper)? = nil, logKey: SigningKey? = nil, hasSecret: Bool = true,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    wrap: (MemoryStore) -> any LedgerStore = { $0 }
  ) throws -> Ledger {
    try Ledger.open(
      store: wrap(try disk.open()), index: index ?? self.index,
      checkpoints: checkpoints ?? self.checkpoints, snapshots: snapshots,
      logKey: logKey ?? self.logKey, secret: isCommitting && hasSecret ? Self.secret : nil,
      environment: ServiceEnvironment(
        clock: clock, scheduler: ThreadScheduler(),
        fail: { reason in self.failures.withLock { $0.append(reason) } }),
      limits: limits, logger: logger)
  }

  /// Stops the ledger, and the machine, so that another one can open the disk.
  func stop(_ ledger: Ledger) async {
    await ledger.stop()
    disk.crash()
  }

  func nextID() -> InstructionID {
    let number = counter.withLock { count in
      count += 1
      return count
    }
    return InstructionID(
      milliseconds: clock.wallMicroseconds() / 1_000, random: (0, number))
  }

  func submission(
    _ operations: [Operation], of party: Party, on ledger: LedgerID, signedBy keys: [SigningKey]
  ) -> Submission {
    Submission(
      operations.map { Instruction(id: nextID(), operation: $0) }, of: party, on: ledger,
      expiry: LedgerTime(microseconds: clock.wallMicroseconds() + 300_000_000), signedBy: keys)
  }

  func submit(
    _ operations: [Operation], of party: Party, to ledger: Ledger, signedBy keys: [SigningKey]
  ) async throws(SubmitError) -> SubmissionReceipt {
    clock.advance(microseconds: 1_000)
    return try await ledger.submit(
      submission(operations, of: party, on: ledger.id, signedBy: keys))
  }
}

/// A participant with a settlement account, two wallets and money.
struct TestBank {
  let id: ParticipantID
  let key: SigningKey
  let settlement: AccountID
  let wallets: [AccountID]

  var party: Party { .participant(id) }

  /// Admits the bank, issues to it, opens its wallets and funds the first.
  init(_ number: UInt8, on ledger: Ledger, of test: TestLedger) async throws {
    id = try ParticipantID("bank-\(number)")
    key = SigningKey(seed: [UInt8](repeating: 100 + number, count: 32))
    settlement = TestLedger.account(UInt64(number) * 100)
    wallets = (1...2).map { TestLedger.account(UInt64(number) * 100 + $0) }
    let admission = try await test.submit(
      [
        .admitParticipant(
          AdmitParticipant(
            participant: id, name: try ParticipantName("Bank \(number)"), keys: [key.publicKey],
            settlementAccounts: [
              NewSettlementAccount(account: settlement, currency: TestLedger.cny)
            ])),
        .issue(
          Issue(
            payee: settlement, amount: 100_000_000, currency: TestLedger.cny,
            rtgsReference: try RTGSReference("RTGS-\(number)"))),
      ], of: .issuer, to: ledger, signedBy: Array(test.officers.prefix(2)))
    #expect(admission.instructions.allSatisfy { $0.outcome == .accepted })
    let opening = try await test.submit(
      wallets.map {
        .openWallet(
          OpenWallet(
            wallet: $0, owner: OwnerID(Bytes16(high: 1, low: UInt64(number))),
            currency: TestLedger.cny, tier: Tier(unchecked: "wl1")))
      } + [fund(wallets[0], 10_000_000)], of: .participant(id), to: ledger, signedBy: [key])
    #expect(opening.instructions.allSatisfy { $0.outcome == .accepted })
  }

  func fund(_ wallet: AccountID, _ amount: UInt64) -> Operation {
    .fund(
      Transfer(payer: settlement, payee: wallet, amount: amount, currency: TestLedger.cny))
  }

  func pay(_ payee: AccountID, _ amount: UInt64) -> Operation {
    .pay(
      Transfer(payer: wallets[0], payee: payee, amount: amount, currency: TestLedger.cny))
  }
}
