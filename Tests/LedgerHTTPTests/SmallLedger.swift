import LedgerLog
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import Synchronization
import Testing

/// A true ledger in memory, of one officer and two banks: what events come from.
final class SmallLedger: Sendable {
  static let banks = [ParticipantID(unchecked: "bank-1"), ParticipantID(unchecked: "bank-2")]

  let ledger: Ledger
  /// Of references, each of which is taken once.
  private let issued = Mutex(0)
  private let officer = SigningKey(seed: [UInt8](repeating: 1, count: 32))
  let logKey = SigningKey(seed: [UInt8](repeating: 9, count: 32))

  /// Creates the ledger, and admits the banks.
  ///
  /// - Parameter storing: Puts another store before the one in memory.
  /// - Throws: Where the ledger does not open.
  init(storing: (any LedgerStore) -> any LedgerStore = { $0 }) async throws {
    let now = SystemClock().now
    let genesis = Genesis(
      origin: "ledger.example/test", logKey: logKey.publicKey, currencies: [.cny],
      officers: [Officer(name: try OfficerName("o"), key: officer.publicKey)],
      quorums: Quorums(participants: 1, keys: 1, issuance: 1, freezes: 1, rules: 1, recovery: 0),
      recovery: [], parameters: .standard, version: .three,
      nonce: Bytes32(words: (1, 2, 3, 4)))
    let bytes = genesis.canonicalBytes
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    let writer = LogWriter(
      genesis: genesis, bytes: bytes,
      signatures: [
        StatementSignature(key: officer.publicKey, signature: officer.sign(message))
      ], secret: nil, at: now)
    var packer = RowPacker(first: .genesis)
    packer.append(entry: Array(writer.entry), sideData: [])
    let store = storing(try MemoryDisk().open())
    try store.append(packer.finish())
    ledger = try Ledger.open(
      store: store, index: MemoryLogIndex(), checkpoints: MemoryCheckpointKeeper(),
      snapshots: MemorySnapshotKeeper(), logKey: logKey, secret: nil,
      environment: ServiceEnvironment(
        clock: SystemClock(), scheduler: ThreadScheduler(),
        fail: { Testing.Issue.record("the ledger failed: \($0)") }),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await order(
      Self.banks.enumerated().map { number, bank in
        .admitParticipant(
          AdmitParticipant(
            participant: bank, name: ParticipantName(unchecked: "Bank"),
            keys: [SigningKey(seed: [UInt8](repeating: UInt8(50 + number), count: 32)).publicKey],
            settlementAccounts: [
              NewSettlementAccount(account: Self.account(number), currency: Currency.cny.code)
            ]))
      })
  }

  static func account(_ bank: Int) -> AccountID {
    AccountID(Bytes16(high: 0xACC0, low: UInt64(bank)))
  }

  /// Has the officer order something, which has to be accepted.
  func order(_ operations: [LedgerModel.Operation]) async throws {
    let now = SystemClock().now
    let submission = Submission(
      operations.map { operation in
        Instruction(
          id: InstructionID(
            milliseconds: now.microseconds / 1_000,
            random: (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))),
          operation: operation)
      }, of: .issuer, on: ledger.id, expiry: now.advanced(byMicroseconds: 60_000_000),
      signedBy: [officer])
    let receipt = try await ledger.submit(submission)
    #expect(receipt.instructions.allSatisfy { $0.outcome.isAccepted })
  }

  /// Issues so often, to the banks in turn: as many events.
  func issue(_ count: Int) async throws {
    let first = issued.withLock { issued in
      defer { issued += count }
      return issued
    }
    try await order(
      (first..<first + count).map { number in
        .issue(
          LedgerModel.Issue(
            payee: Self.account(number % 2), amount: UInt64(number + 1),
            currency: Currency.cny.code, rtgsReference: RTGSReference(unchecked: "R-\(number)")))
      })
  }

  /// The entries of all events that someone hears of.
  func events(for access: Access = .open) async throws -> [UInt64] {
    let follower = try ledger.follow(after: .genesis, EventFilter(), for: access)
    var events: [UInt64] = []
    for await _ in follower.wakes {
      var page: EventFollower.Page
      repeat {
        page = try follower.next(for: access)
        events += page.events.map(\.sequence.value)
      } while page.isMore
      if page.before.value >= ledger.status().size { break }
    }
    return events
  }
}
