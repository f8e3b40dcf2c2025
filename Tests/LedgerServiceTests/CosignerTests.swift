import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import MerkleLog
import Synchronization
import Testing

/// A witness in memory, which can be away, lie, or know too much.
final class TestWitness: Sendable {
  private struct State {
    var tree = WitnessedTree.none
    var note: [UInt8]?
    var isAway = false
    var isFalse = false
    var answer: Witnessing.Reply?
    var requestsBySize: [UInt64: Int] = [:]
  }

  let key: SigningKey
  let verifierKey: VerifierKey
  private let logKey: VerifierKey
  private let state = Mutex(State())

  init(_ number: UInt8, logKey: VerifierKey) throws {
    key = SigningKey(seed: [UInt8](repeating: 200 + number, count: 32))
    verifierKey = try VerifierKey(
      name: KeyName("witness.example/\(number)"), algorithm: .ed25519Cosignature,
      publicKey: key.publicKey.value.bytes)
    self.logKey = logKey
  }

  var size: UInt64 { state.withLock { $0.tree.size } }

  func set(isAway: Bool) { state.withLock { $0.isAway = isAway } }

  func set(isFalse: Bool) { state.withLock { $0.isFalse = isFalse } }

  /// Makes it answer that to the next request, whatever it is.
  func answerOnce(_ reply: Witnessing.Reply) { state.withLock { $0.answer = reply } }

  func forget() {
    state.withLock {
      $0.tree = .none
      $0.note = nil
    }
  }

  /// Puts its record where another server of the log took it.
  func remember(_ tree: WitnessedTree) { state.withLock { $0.tree = tree } }

  var latest: Witnessing.Latest {
    state.withLock { state in
      guard !state.isAway else { return .silent(Witnessing.Silence(reason: "it is away")) }
      return state.note.map { .note($0) } ?? .nothing
    }
  }

  func answer(_ body: [UInt8]) -> Result<Witnessing.Reply, Witnessing.Silence> {
    state.withLock { state in
      guard !state.isAway else { return .failure(Witnessing.Silence(reason: "it is away")) }
      if let answer = state.answer {
        state.answer = nil
        return .success(answer)
      }
      do throws(AddCheckpointError) {
        let request = try AddCheckpointRequest(body)
        try request.checkSignature(keys: [logKey]) {
          Ed25519.isValid($2, on: $1, publicKey: $0)
        }
        let checkpoint = try request.checkpoint(after: state.tree)
        let isFalse = state.isFalse
        let line = NoteSignature(
          cosigning: request.note.text, by: verifierKey, timestampSeconds: 1_767_139_200
        ) { isFalse ? key.sign($0 + [0]) : key.sign($0) }
        state.tree = WitnessedTree(checkpoint)
        state.note = try? request.note.adding(line).encoded
        return .success(
          Witnessing.Reply(status: 200, mediaType: nil, body: Array(line.line.utf8)))
      } catch {
        if case .conflict(let size) = error {
          return .success(
            Witnessing.Reply(
              status: 409, mediaType: AddCheckpointAnswer.sizeMediaType,
              body: Array("\(size)\n".utf8)))
        }
        return .success(
          Witnessing.Reply(
            status: error.statusCode, mediaType: "text/plain",
            body: Array("\(error)\n".utf8)))
      }
    }
  }
}

/// A ledger with three witnesses, of which two suffice.
final class WitnessedLedger: Sendable {
  let test: TestLedger
  let keeper = MemoryCosignedKeeper()
  let witnesses: [TestWitness]
  let policy: TrustPolicy
  let logKey: VerifierKey
  let logs = LogCollector()

  init() throws {
    test = try TestLedger()
    let logKey = try VerifierKey(
      name: KeyName("ledger.example/test"), algorithm: .ed25519,
      publicKey: test.logKey.publicKey.value.bytes)
    self.logKey = logKey
    witnesses = try (1...3).map { try TestWitness($0, logKey: logKey) }
    policy = try Self.policy(logKey, witnesses)
  }

  static func policy(
    _ logKey: VerifierKey, _ witnesses: [TestWitness], quorum: String = "2"
  ) throws -> TrustPolicy {
    var text = "log \(logKey.vkey)\n"
    for (index, witness) in witnesses.enumerated() {
      text += "witness w\(index) \(witness.verifierKey.vkey) http://127.0.0.1:\(index + 1)/\n"
    }
    text += "group g \(quorum) w0 w1 w2\nquorum g\n"
    return try TrustPolicy(Array(text.utf8))
  }

  /// Opens the ledger, after asking the witnesses unless `isGuarded` is false.
  func open(
    isGuarded: Bool = true, policy: TrustPolicy? = nil,
    limits: ServiceLimits = WitnessedLedger.limits,
    disk: MemoryDisk? = nil, checkpoints: MemoryCheckpointKeeper? = nil
  ) throws -> Ledger {
    let witnesses = witnesses
    let witnessing = Witnessing(
      policy: policy ?? self.policy, keeper: keeper,
      latest: isGuarded ? witnesses.map(\.latest) : nil,
      send: { call in call.complete(witnesses[call.witness].answer(call.body)) })
    let logs = logs
    return try Ledger.open(
      store: try (disk ?? test.disk).open(), index: test.index,
      checkpoints: checkpoints ?? test.checkpoints, snapshots: test.snapshots,
      witnessing: witnessing, logKey: test.logKey, secret: nil,
      environment: ServiceEnvironment(
        clock: test.clock, scheduler: ThreadScheduler(),
        fail: { reason in self.test.failures.withLock { $0.append(reason) } }),
      limits: limits, logger: logs.logger)
  }

  /// Without waits: each checkpoint is signed, and goes to the witnesses, at once.
  static var limits: ServiceLimits {
    var limits = ServiceLimits()
    limits.checkpointIntervalNanoseconds = 0
    limits.cosignIntervalNanoseconds = 0
    limits.cosignRoundNanosecondsMax = 0
    limits.witnessRetryNanosecondsMin = 1_000_000
    limits.witnessRetryNanosecondsMax = 2_000_000
    limits.witnessAlarmNanoseconds = 0
    return limits
  }

  func published(_ ledger: Ledger) -> VerifiedCheckpoint? {
    guard let bytes = try? ledger.publishedCheckpoint(), let note = try? Note(bytes) else {
      return nil
    }
    return try? policy.open(note) { Ed25519.isValid($2, on: $1, publicKey: $0) }
  }

  /// Waits, with the clock running, until something is so.
  func wait(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    until isSo: () -> Bool
  ) async throws {
    for _ in 0..<1_000 {
      if isSo() { return }
      test.clock.advance(microseconds: 3_000)
      try await Task.sleep(for: .milliseconds(2))
    }
    Testing.Issue.record(what, sourceLocation: sourceLocation)
  }
}

/// Keeps what is logged.
final class LogCollector: Sendable {
  private let lines = Mutex<[(Logger.Level, String)]>([])

  private struct Handler: LogHandler {
    let collector: LogCollector
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      collector.lines.withLock {
        $0.append((event.level, "\(event.message) \(event.metadata ?? [:])"))
      }
    }
  }

  var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }

  func texts(_ level: Logger.Level) -> [String] {
    lines.withLock { $0.filter { $0.0 == level }.map(\.1) }
  }
}

@Suite struct CosignerTests {
  @Test func quorumIsPublishedAndKept() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("all cosigned") {
      guard let published = world.published(ledger) else { return false }
      return published.checkpoint.size == ledger.status().size
        && published.cosignatures.count == 3
    }
    let kept = try #require(try world.keeper.newest())
    #expect(Array(kept.utf8) == (try ledger.publishedCheckpoint()))
    // More orders: the proofs start from what was cosigned.
    for amount in 1...20 {
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], UInt64(amount))], of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    try await world.wait("the newer one is published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    let status = try #require(ledger.status().witnessing)
    #expect(status.isQuorumPresent && !status.isGuardSkipped)
    #expect(status.publishedSize == ledger.status().size)
    #expect(status.witnesses.map(\.problem) == [nil, nil, nil])
    #expect(world.test.failures.withLock { $0 }.isEmpty)
    await world.test.stop(ledger)
  }

  @Test func withoutAPolicyTheNewestSignedIsPublished() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    _ = try await TestBank(1, on: ledger, of: test)
    for _ in 0..<500 where (try? ledger.checkpoint()) == nil {
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(try ledger.publishedCheckpoint() == ledger.checkpoint())
    await test.stop(ledger)
  }

  @Test func oneAwayIsAnAlarmTwoAreNoPublication() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    world.witnesses[2].set(isAway: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("published by the two") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    try await world.wait("the alarm") { world.logs.texts(.warning).contains { $0.contains("w2") } }
    #expect(ledger.status().witnessing?.witnesses.map(\.problem) == [nil, nil, "it is away"])
    #expect(ledger.status().witnessing?.isQuorumPresent == true)

    let size = ledger.status().size
    world.witnesses[1].set(isAway: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("the louder alarm") {
      world.logs.texts(.error).contains { $0.contains("w1") && $0.contains("nothing is published") }
    }
    #expect(world.published(ledger)?.checkpoint.size == size)
    #expect(ledger.status().witnessing?.isQuorumPresent == false)
    // What is signed, and receipts, go on.
    #expect(ledger.status().closed == nil)

    world.witnesses[2].set(isAway: false)
    try await world.wait("published again") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    await world.test.stop(ledger)
  }

  /// Goal: neither a false signature, nor another's, nor none counts.
  @Test func onlyGoodSignaturesCount() async throws {
    let world = try WitnessedLedger()
    world.witnesses[0].set(isFalse: true)
    world.witnesses[1].set(isAway: true)
    let ledger = try world.open(isGuarded: false)
    try await world.wait("the false one is found out") {
      ledger.status().witnessing?.witnesses[0].problem?.contains("is false") == true
    }
    #expect(world.published(ledger) == nil)
    #expect(throws: ReadError.notYetCovered(size: 0)) { _ = try ledger.publishedCheckpoint() }
    world.witnesses[1].set(isAway: false)
    try await world.wait("published by the others") { world.published(ledger) != nil }
    #expect(
      world.published(ledger)?.cosignatures.map(\.key.name.description).sorted()
        == ["witness.example/2", "witness.example/3"])
    await world.test.stop(ledger)
  }

  /// Goal: a witness that forgot, or that was asked by another, is asked from where it stands.
  @Test func conflictIsRebuilt() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.cosignatures.count == 3
    }
    for witness in world.witnesses { witness.forget() }
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
        && world.witnesses.allSatisfy { $0.size == ledger.status().size }
    }
    #expect(world.logs.texts(.warning).contains { $0.contains("forgotten") })
    #expect(ledger.status().closed == nil)
    await world.test.stop(ledger)
  }

  /// Goal: a second conflict over one checkpoint does not leave a witness out for good, where no
  /// newer checkpoint comes.
  @Test func secondConflictIsRebuiltToo() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.cosignatures.count == 3
        && world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    // It remembers what it signs falsely, so it conflicts once for each.
    world.witnesses[0].forget()
    world.witnesses[0].set(isFalse: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("a second conflict") {
      ledger.status().witnessing?.witnesses[0].problem?.contains("conflicts again") == true
    }
    world.witnesses[0].set(isFalse: false)
    try await world.wait("cosigned by all") {
      world.published(ledger)?.cosignatures.count == 3
        && world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    await world.test.stop(ledger)
  }

  /// Goal: a larger size, or a proof that does not hold, ends signing and admission for good.
  @Test(arguments: [
    Witnessing.Reply(
      status: 409, mediaType: AddCheckpointAnswer.sizeMediaType, body: Array("1000\n".utf8)),
    Witnessing.Reply(status: 422, mediaType: "text/plain", body: Array("no\n".utf8)),
  ])
  func anotherHistoryEndsSigning(reply: Witnessing.Reply) async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    let signed = try ledger.checkpoint()
    world.witnesses[1].answerOnce(reply)
    let answer = await Result {
      try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    try await world.wait("closed") { ledger.status().closed != nil }
    #expect(ledger.status().closed?.contains("signs nothing more") == true)
    #expect(world.logs.texts(.critical).count == 1)
    await #expect(throws: SubmitError.self) {
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    let last = try ledger.checkpoint()
    await world.test.stop(ledger)
    // One was signed, which was asked about; none after.
    #expect(last != signed)
    #expect(try world.test.checkpoints.newest().map { Array($0.utf8) } == last)
    _ = answer
  }

  /// Goal: whatever witnesses do short of knowing another history, what is published meets the
  /// policy, never shrinks, and catches up once they are back.
  ///
  /// Method: eight seeds, twenty orders each; before each, a witness goes away, comes back, lies,
  /// stops lying, forgets, or answers nonsense.
  @Test(arguments: UInt64(0)..<8)
  func faultyWitnesses(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    var size: UInt64 = 0
    for step in 0..<20 {
      let witness = world.witnesses[Int(random.next() % 3)]
      switch random.next() % 6 {
      case 0: witness.set(isAway: true)
      case 1: witness.set(isAway: false)
      case 2: witness.set(isFalse: true)
      case 3: witness.set(isFalse: false)
      case 4: witness.forget()
      default:
        witness.answerOnce(
          Witnessing.Reply(
            status: [200, 400, 404, 409, 500][Int(random.next() % 5)], mediaType: nil,
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: 30)))
      }
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
      world.test.clock.advance(microseconds: 5_000)
      guard (try? ledger.publishedCheckpoint()) != nil else { continue }
      let published = try #require(world.published(ledger), "seed \(seed), step \(step)")
      #expect(published.checkpoint.size >= size, "seed \(seed), step \(step)")
      size = published.checkpoint.size
    }
    for witness in world.witnesses {
      witness.set(isAway: false)
      witness.set(isFalse: false)
    }
    try await world.wait("published, seed \(seed)") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    #expect(ledger.status().closed == nil, "seed \(seed)")
    #expect(world.test.failures.withLock { $0 }.isEmpty, "seed \(seed)")
    await world.test.stop(ledger)
  }

  @Test func fullDiskIsWaitedOut() async throws {
    let world = try WitnessedLedger()
    world.keeper.failNext(.full(detail: "no room"), .full(detail: "no room"))
    let ledger = try world.open()
    try await world.wait("published") { world.published(ledger) != nil }
    #expect(world.test.failures.withLock { $0 }.isEmpty)
    await world.test.stop(ledger)
  }

  @Test func lostKeeperEndsTheProcess() async throws {
    let world = try WitnessedLedger()
    world.keeper.failNext(.unknownOutcome(detail: "sync"))
    let ledger = try world.open()
    try await world.wait("ended") { world.test.failures.withLock { !$0.isEmpty } }
    #expect(world.published(ledger) == nil)
    await world.test.stop(ledger)
  }

  @Test func noneIsNeeded() async throws {
    let world = try WitnessedLedger()
    let policy = try TrustPolicy(Array("log \(world.logKey.vkey)\nquorum none\n".utf8))
    let witnessing = Witnessing(policy: policy, keeper: world.keeper, latest: [], send: { _ in })
    let ledger = try Ledger.open(
      store: try world.test.disk.open(), index: world.test.index,
      checkpoints: world.test.checkpoints, snapshots: world.test.snapshots,
      witnessing: witnessing, logKey: world.test.logKey, secret: nil,
      environment: ServiceEnvironment(
        clock: world.test.clock, scheduler: ThreadScheduler(), fail: { _ in }),
      limits: WitnessedLedger.limits, logger: world.logs.logger)
    try await world.wait("published") { (try? ledger.publishedCheckpoint()) != nil }
    await world.test.stop(ledger)
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
