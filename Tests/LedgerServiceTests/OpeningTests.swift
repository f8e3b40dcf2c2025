import LedgerLog
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import MerkleLog
import Synchronization
import Testing

/// Goal: a log that is not what this ledger wrote does not open, and one that is does.
///
/// Method: a ledger runs and stops; its rows or its checkpoints are changed as whoever holds the
/// folder could, the chain put right; and it is opened again.
@Suite struct OpeningTests {
  // MARK: - Against the newest checkpoint

  @Test(arguments: [0, 1, 2])
  func anotherRoot(entriesLess: UInt64) async throws {
    // The last submission has two instructions, so one or two entries less are within it.
    let test = try await Self.stopped()
    let size = try Self.records(test).count
    try test.checkpoints.append(
      Self.note(UInt64(size) - entriesLess, TreeHash.leaf([1]), by: test.logKey))
    let fault = try Self.fault(opening: test)
    #expect(fault?.kind == .tree)
    #expect(fault?.sequence == SequenceNumber(UInt64(size) - entriesLess - 1))
  }

  @Test func checkpointOverTheGenesisAlone() async throws {
    let test = try await Self.stopped()
    let keeper = MemoryCheckpointKeeper()
    try keeper.append(Self.note(1, TreeHash.leaf([1]), by: test.logKey))
    #expect(try Self.fault(opening: test, checkpoints: keeper)?.kind == .tree)
  }

  /// Goal: a checkpoint within a submission is no fault in itself, where its root is the log's.
  @Test func theSameRootWithinASubmission() async throws {
    let test = try await Self.stopped()
    let leaves = try Self.records(test).dropLast().map { TreeHash.leaf($0.entry) }
    let keeper = MemoryCheckpointKeeper()
    try keeper.append(Self.note(UInt64(leaves.count), TreeHash.root(of: leaves), by: test.logKey))
    let ledger = try test.open(checkpoints: keeper)
    await ledger.stop()
  }

  @Test func checkpointByAnotherKey() async throws {
    let test = try await Self.stopped()
    let leaves = try Self.records(test).map { TreeHash.leaf($0.entry) }
    try test.checkpoints.append(
      Self.note(UInt64(leaves.count), TreeHash.root(of: leaves), by: test.officers[0]))
    #expect(try Self.fault(opening: test)?.kind == .checkpoint)
  }

  /// Goal: what lies after the newest checkpoint is believed only if it is signed.
  @Test func badSignatureAfterTheCheckpoint() async throws {
    let test = try await Self.stopped()
    var records = try Self.records(test)
    let index = records.count - 3
    let entry = try LogEntry(canonicalBytes: records[index].entry)
    guard case .submission(let statement, var signatures) = entry.body else {
      Testing.Issue.record("entry \(index) is no submission")
      return
    }
    signatures[0] = StatementSignature(
      key: signatures[0].key, signature: [UInt8](repeating: 1, count: 64))
    records[index].entry =
      LogEntry(
        sequence: entry.sequence, time: entry.time, previous: entry.previous,
        body: .submission(statement: statement, signatures: signatures)
      ).canonicalBytes
    try Self.write(Self.rechained(records), to: test)
    let fault = try Self.fault(opening: test, checkpoints: MemoryCheckpointKeeper())
    #expect(fault?.kind == .signature)
    #expect(fault?.sequence == SequenceNumber(UInt64(index)))
  }

  @Test func endsWithinASubmission() async throws {
    let test = try await Self.stopped()
    try Self.write(Array(try Self.records(test).dropLast()), to: test)
    #expect(
      try Self.fault(opening: test, checkpoints: MemoryCheckpointKeeper())?.kind == .truncated)
  }

  /// Goal: bytes after the last whole checkpoint are passed over, but not in silence.
  @Test func warnsOfATornCheckpoint() async throws {
    let test = try await Self.stopped()
    let lines = LogLines()
    let ledger = try test.open(
      checkpoints: TornKeeper(kept: test.checkpoints),
      logger: Logger(label: "test") { _ in lines })
    await ledger.stop()
    #expect(lines.warnings.contains { $0.contains("23 bytes of an incomplete one") })
  }

  // MARK: - Against the clock

  /// Goal: a tick is signed by nobody, so one that is dated ahead does not open, and is not signed.
  @Test func forgedTick() async throws {
    let test = try await Self.stopped()
    let kept = try test.checkpoints.all().count
    let now = test.clock.wallMicroseconds()
    let sound = try Self.records(test)
    try Self.write(sound + [Self.tick(after: sound, at: now + 86_400_000_000)], to: test)
    do {
      _ = try test.open()
      Testing.Issue.record("an entry of tomorrow opened")
    } catch OpeningError.aheadOfClock(let sequence, let dated, let clock) {
      #expect(sequence == SequenceNumber(UInt64(sound.count)))
      #expect(dated.microseconds == now + 86_400_000_000 && clock.microseconds == now)
    }
    #expect(try test.checkpoints.all().count == kept)
    // What a clock may stray by is no fault.
    test.disk.crash()
    try Self.write(sound + [Self.tick(after: sound, at: now + 900_000)], to: test)
    let ledger = try test.open()
    await ledger.stop()
  }

  /// Goal: a clock that was set back opens an honest log, with admission closed; one that is behind
  /// a tail without a checkpoint waits until it is set right.
  @Test func clockBehindAnHonestTail() async throws {
    let test = try await Self.stopped()
    let sound = try Self.records(test)
    let time = try LogEntry(canonicalBytes: sound[sound.count - 1].entry).time.microseconds
    // A batch under a clock that is behind is dated one microsecond after the last.
    try Self.write(sound + [Self.tick(after: sound, at: time + 1)], to: test)
    test.clock.jump(byMicroseconds: -3_600_000_000)
    let ledger = try test.open()
    try await FailureTests.until { ledger.status().closed != nil }
    await ledger.stop()

    // Five seconds on, and no checkpoint since the genesis: nothing says that the tail is ours.
    test.disk.crash()
    test.clock.jump(byMicroseconds: 3_600_000_000)
    test.clock.advance(microseconds: 10_000_000)
    try Self.write(sound + [Self.tick(after: sound, at: time + 5_000_000)], to: test)
    test.clock.jump(byMicroseconds: -3_600_000_000)
    let uncovered = MemoryCheckpointKeeper()
    #expect(throws: OpeningError.self) { try test.open(checkpoints: uncovered) }
    test.disk.crash()
    test.clock.jump(byMicroseconds: 3_600_000_000)
    let right = try test.open(checkpoints: uncovered)
    await right.stop()
  }

  // MARK: - What is at hand

  @Test func anotherLogKey() async throws {
    let test = try await Self.stopped()
    do {
      _ = try test.open(logKey: test.officers[1])
      Testing.Issue.record("another log key opened the ledger")
    } catch OpeningError.wrongLogKey(let found, let wanted) {
      #expect(found == test.officers[1].publicKey && wanted == test.logKey.publicKey)
    }
  }

  @Test func emptyStore() throws {
    let test = try TestLedger()
    test.disk.overwrite(with: [])
    do {
      _ = try test.open()
      Testing.Issue.record("an empty store opened")
    } catch OpeningError.empty {
    }
  }

  /// Goal: the index of ids is a convenience; a ledger is served without it.
  @Test func failingIndex() async throws {
    let test = try await Self.stopped()
    var limits = ServiceLimits()
    limits.indexBatchMax = 1
    let lines = LogLines()
    let ledger = try test.open(
      limits: limits, index: FailingIndex(), logger: Logger(label: "test") { _ in lines })
    #expect(lines.warnings.contains { $0.contains("the index of ids lags") })
    let receipt = try await test.submit(
      [.confirmClock(LedgerTime(microseconds: test.clock.wallMicroseconds()))], of: .issuer,
      to: ledger, signedBy: [test.officers[0]])
    #expect(receipt.instructions.map(\.outcome) == [.accepted])
    await ledger.stop()
  }

  /// Goal: where as many ids wait for the index as may, orders are refused by name, and the service
  /// still ends.
  @Test func indexFarBehind() async throws {
    let test = try await Self.stopped()
    var limits = ServiceLimits()
    limits.unindexedInstructionsMax = 1
    limits.indexIntervalNanoseconds = 1_000_000
    let ledger = try test.open(limits: limits, index: FailingIndex())
    try await FailureTests.until { ledger.status().closed?.contains("wait for the index") ?? false }
    do {
      _ = try await test.submit(
        [.confirmClock(LedgerTime(microseconds: test.clock.wallMicroseconds()))], of: .issuer,
        to: ledger, signedBy: [test.officers[0]])
      Testing.Issue.record("an order was taken")
    } catch {
      #expect(error.code == "overloaded")
    }
    await ledger.stop()
  }

  // MARK: - Keeping checkpoints

  /// Goal: while no checkpoint can be kept, no orders are taken, since none could be proven.
  @Test func fullDiskUnderTheCheckpoints() async throws {
    let test = try TestLedger()
    var limits = ServiceLimits()
    limits.checkpointIntervalNanoseconds = 0
    limits.storageRetryNanoseconds = 5_000_000
    let ledger = try test.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: test)
    try await FailureTests.until { ledger.status().checkpointSize == ledger.status().size }
    // Until there is room again, however slow this machine is.
    for _ in 0..<20_000 { test.checkpoints.failNext(.full(detail: "no room")) }
    let covered = ledger.status().checkpointSize
    _ = try await test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await FailureTests.until { ledger.status().closed != nil }
    #expect(ledger.status().checkpointSize == covered)
    await #expect(throws: SubmitError.storageFull(retryAfterSeconds: 1)) {
      try await test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    test.checkpoints.restart()
    try await FailureTests.until { ledger.status().closed == nil }
    #expect(ledger.status().checkpointSize > covered)
    _ = try await test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    await ledger.stop()
  }

  /// Goal: a checkpoint of which nobody knows whether it is kept ends the process, unseen.
  @Test func unknownOutcomeOfACheckpoint() async throws {
    let test = try TestLedger()
    test.checkpoints.failNext(.unknownOutcome(detail: "the sync failed"))
    let ledger = try test.open()
    try await FailureTests.until { test.failures.withLock { !$0.isEmpty } }
    #expect(throws: ReadError.notYetCovered(size: 0)) { try ledger.checkpoint() }
    #expect(ledger.status().checkpointSize == 0)
  }

  // MARK: - Helpers

  /// A ledger that ran and stopped; its last submission has two instructions.
  private static func stopped() async throws -> TestLedger {
    let test = try TestLedger()
    let ledger = try test.open()
    let bank = try await TestBank(1, on: ledger, of: test)
    _ = try await test.submit(
      [bank.pay(bank.wallets[1], 1), bank.pay(bank.wallets[1], 2)], of: bank.party, to: ledger,
      signedBy: [bank.key])
    await ledger.stop()
    test.disk.crash()
    return test
  }

  private static func fault(
    opening test: TestLedger, checkpoints: MemoryCheckpointKeeper? = nil
  ) throws -> LogFault? {
    do {
      _ = try test.open(checkpoints: checkpoints)
      return nil
    } catch OpeningError.log(let fault) {
      return fault
    }
  }

  private struct Record {
    var entry: [UInt8]
    let sideData: [UInt8]
  }

  private static func records(_ test: TestLedger) throws -> [Record] {
    try test.disk.durableRows.flatMap { row in
      let layout = try row.layout()
      return zip(layout.entries, layout.sideData).map {
        Record(entry: Array(row.entries[$0]), sideData: Array(row.sideData[$1]))
      }
    }
  }

  private static func write(_ records: [Record], to test: TestLedger) throws {
    var packer = RowPacker(first: .genesis)
    for record in records { packer.append(entry: record.entry, sideData: record.sideData) }
    test.disk.overwrite(with: packer.finish())
  }

  /// Names in each entry the one before it, as the holder of the store can.
  private static func rechained(_ records: [Record]) throws -> [Record] {
    var records = records
    for index in records.indices.dropFirst() {
      let entry = try LogEntry(canonicalBytes: records[index].entry)
      records[index].entry =
        LogEntry(
          sequence: entry.sequence, time: entry.time,
          previous: TreeHash.leaf(records[index - 1].entry), body: entry.body
        ).canonicalBytes
    }
    return records
  }

  private static func tick(after records: [Record], at microseconds: UInt64) -> Record {
    let entry = LogEntry(
      sequence: SequenceNumber(UInt64(records.count)),
      time: LedgerTime(microseconds: microseconds),
      previous: TreeHash.leaf(records[records.count - 1].entry), body: .system(.tick))
    return Record(entry: entry.canonicalBytes, sideData: [])
  }

  private static func note(_ size: UInt64, _ root: Digest, by key: SigningKey) throws -> String {
    let verifier = try VerifierKey(
      name: try KeyName("ledger.example/test"), algorithm: .ed25519,
      publicKey: key.publicKey.value.bytes)
    let checkpoint = try Checkpoint(
      origin: try Origin("ledger.example/test"), size: size, root: root)
    return String(
      decoding: checkpoint.signed(by: verifier) { key.sign($0) }.encoded, as: UTF8.self)
  }
}

/// An index that takes nothing.
private struct FailingIndex: LogIndex {
  func reach() throws(StoreError) -> IndexReach { .nothing }

  func add(
    _ instructions: [IndexedInstruction], marks: [TrailMark], reaching reach: IndexReach
  ) throws(StoreError) {
    throw .failed(detail: "the index's disk is gone")
  }

  func mark(
    of account: AccountID, from sequence: SequenceNumber
  ) throws(StoreError) -> SequenceNumber? { nil }

  func sequence(party: Party, id: InstructionID) throws(StoreError) -> SequenceNumber? { nil }

  func sequences(
    id: InstructionID
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)] { [] }

  func page(from place: Int64) throws(StoreError) -> IndexPage { IndexPage() }

  func removeAll() throws(StoreError) {}

  func close() throws(StoreError) {}
}

/// Kept checkpoints after which a torn one was found.
private struct TornKeeper: CheckpointKeeper {
  let kept: MemoryCheckpointKeeper

  var tornBytes: Int { 23 }

  func append(_ note: String) throws(StoreError) { try kept.append(note) }

  func newest() throws(StoreError) -> String? { try kept.newest() }

  func page(from position: UInt64) throws(StoreError) -> CheckpointPage {
    try kept.page(from: position)
  }

  func close() { kept.close() }
}

/// Keeps what is logged.
private final class LogLines: LogHandler {
  private let lines = Mutex<[String]>([])

  var warnings: [String] { lines.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set { _ = newValue }
  }
  var logLevel: Logger.Level {
    get { .warning }
    set { _ = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set { _ = newValue }
  }

  func log(event: LogEvent) { lines.withLock { $0.append("\(event.message)") } }
}
