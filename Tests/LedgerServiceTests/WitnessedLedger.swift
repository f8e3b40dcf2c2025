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
    /// It takes questions and leaves them.
    var isStuck = false
    var held: [Witnessing.Call] = []
    /// Its clock, as far from the ledger's.
    var aheadSeconds: Int64 = 0
    var answer: Witnessing.Reply?
    var requestsBySize: [UInt64: Int] = [:]
  }

  let key: SigningKey
  let verifierKey: VerifierKey
  private let logKey: VerifierKey
  private let clock: ManualClock
  private let state = Mutex(State())

  init(_ number: UInt8, logKey: VerifierKey, clock: ManualClock) throws {
    self.clock = clock
    key = SigningKey(seed: [UInt8](repeating: 200 + number, count: 32))
    verifierKey = try VerifierKey(
      name: KeyName("witness.example/\(number)"), algorithm: .ed25519Cosignature,
      publicKey: key.publicKey.value.bytes)
    self.logKey = logKey
  }

  var size: UInt64 { state.withLock { $0.tree.size } }

  func set(isAway: Bool) { state.withLock { $0.isAway = isAway } }

  func set(isFalse: Bool) { state.withLock { $0.isFalse = isFalse } }

  var heldCount: Int { state.withLock { $0.held.count } }

  func set(isStuck: Bool) { state.withLock { $0.isStuck = isStuck } }

  func set(aheadSeconds: Int64) { state.withLock { $0.aheadSeconds = aheadSeconds } }

  /// Shows that as the last checkpoint that it cosigned.
  func show(_ note: [UInt8]?) { state.withLock { $0.note = note } }

  /// Answers what it left.
  func answerHeld() {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for call in held { call.complete(answer(call.request)) }
  }

  func take(_ call: Witnessing.Call) {
    let isHeld = state.withLock { state in
      if state.isStuck { state.held.append(call) }
      return state.isStuck
    }
    if !isHeld { call.complete(answer(call.request)) }
  }

  private func answer(
    _ request: Witnessing.Request
  ) -> Result<Witnessing.Reply, Witnessing.Silence> {
    switch request {
    case .cosign(let body): answer(body)
    case .latest:
      switch latest {
      case .note(let note):
        .success(Witnessing.Reply(status: 200, mediaType: nil, body: note))
      case .nothing: .success(Witnessing.Reply(status: 404, mediaType: nil, body: []))
      case .silent(let silence): .failure(silence)
      }
    }
  }

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
          cosigning: request.note.text, by: verifierKey,
          timestampSeconds: UInt64(
            Int64(clock.wallMicroseconds() / 1_000_000) + state.aheadSeconds)
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
    let test = try TestLedger()
    self.test = test
    let logKey = try VerifierKey(
      name: KeyName("ledger.example/test"), algorithm: .ed25519,
      publicKey: test.logKey.publicKey.value.bytes)
    self.logKey = logKey
    witnesses = try (1...3).map { try TestWitness($0, logKey: logKey, clock: test.clock) }
    policy = try Self.policy(logKey, witnesses)
  }

  static func policy(
    _ logKey: VerifierKey, _ witnesses: [TestWitness], quorum: String = "2"
  ) throws -> TrustPolicy {
    try TrustPolicy(policyText(logKey, witnesses, quorum: quorum))
  }

  var policyText: [UInt8] { Self.policyText(logKey, witnesses, quorum: "2") }

  private static func policyText(
    _ logKey: VerifierKey, _ witnesses: [TestWitness], quorum: String
  ) -> [UInt8] {
    var text = "log \(logKey.vkey)\n"
    for (index, witness) in witnesses.enumerated() {
      text += "witness w\(index) \(witness.verifierKey.vkey) http://127.0.0.1:\(index + 1)/\n"
    }
    text += "group g \(quorum) w0 w1 w2\nquorum g\n"
    return Array(text.utf8)
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
      send: { call in witnesses[call.witness].take(call) })
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

  func size(of note: [UInt8]?) -> UInt64? {
    guard let note, let read = try? Note(note), let checkpoint = try? Checkpoint(text: read.text)
    else { return nil }
    return checkpoint.size
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
