import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import PaymentFiles
import Synchronization

/// What a crash does to a run: nothing after it happens.
struct Killed: Error {}

/// A line that broke: what was sent may have been taken.
struct LineBroken: Error {}

/// A disk and a ledger for runs of payments, with a time of their own, in which a run can be killed
/// at any step, and again in the next.
///
/// A step is one reading or writing of the disk, half a writing, its sync, one question, and the
/// coming and going of one submission. What is killed before a sync may be on the disk or not.
final class PaymentWorld: Sendable {
  static let horizonMicroseconds: UInt64 = 600_000_000
  static let ledger = LedgerID(Bytes32(SHA256.hash([1])))
  static let party = Party.participant(ParticipantID(unchecked: "bank-a"))
  static let currency = Currency(
    code: CurrencyCode("CNY").unsafelyKnown, exponent: 2,
    issuanceAccount: AccountID(Bytes16(high: 1, low: 1)))

  /// What an order was decided as, and when.
  struct Execution: Sendable {
    let order: Instruction
    let decision: PaymentDecision
  }

  struct State: Sendable {
    var random: SplitMix64
    var now = LedgerTime(microseconds: 1_772_337_600_000_000)
    /// On the medium.
    var durable: [UInt8]?
    /// In the page cache, where that is more.
    var written: [UInt8]?
    var executed: [Execution] = []
    var stepsUntilKilled: Int?
    var steps = 0
    /// Percent of submissions and questions whose line breaks, before or after.
    var brokenPercent = 0
    var submissions = 0
    var questions = 0
  }

  private let state: Mutex<State>

  init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

  func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    state.withLock { body(&$0) }
  }

  /// Counts a step, and ends the run at the fatal one.
  func step() throws {
    try state.withLock { state in
      state.steps += 1
      guard let left = state.stepsUntilKilled else { return }
      guard left > 0 else { throw Killed() }
      state.stepsUntilKilled = left - 1
    }
  }
}

// MARK: - The disk

extension PaymentWorld {
  /// After a crash: what was not synced is there or not, as power and cache had it, or half of it.
  func crash() {
    state.withLock { state in
      let durable = state.durable ?? []
      let written = state.written ?? durable
      // A process that is killed leaves the page cache; a power cut takes what was not synced.
      let kept =
        state.random.happens(percent: 50)
        ? written.count : Int.random(in: durable.count...written.count, using: &state.random)
      if state.written != nil { state.durable = Array(written[..<kept]) }
      state.written = nil
    }
  }

  private func append(_ bytes: [UInt8]) throws {
    try step()
    let half = bytes.count / 2
    state.withLock { $0.written = ($0.written ?? $0.durable ?? []) + bytes[..<half] }
    try step()
    state.withLock { $0.written = ($0.written ?? []) + bytes[half...] }
    try step()
    state.withLock { ($0.durable, $0.written) = ($0.written, nil) }
    try step()
  }

  /// Runs a file as the command does.
  ///
  /// - Returns: The journal as it is at the end, or where the run was cut off.
  func run(
    _ file: PaymentFile, partRows: Int = 2, idlePausesMax: Int = 2_000
  ) async throws -> PaymentJournal {
    try step()
    let found = state.withLock { $0.durable }
    let known = try found.map { bytes in
      let whole = PaymentJournal.wholeBytes(of: bytes)
      state.withLock { $0.durable = Array(bytes[..<whole]) }
      return try PaymentJournal(bytes[..<whole], of: file, on: Self.ledger, of: Self.party)
    }
    let journal =
      known
      ?? PaymentJournal(beginning: file, on: Self.ledger, of: Self.party, newID: newID)
    if known == nil {
      // As a file that is whole when it gets its name.
      try step()
      state.withLock { $0.durable = journal.encoded }
      try step()
    }
    var options = PaymentRun.Options()
    options.partRows = partRows
    options.idlePausesMax = idlePausesMax
    options.askedAtOnceMax = 3
    let run = PaymentRun(
      journal, isNew: known == nil, on: self, options: options, write: { try self.append($0) })
    try await run.finish()
    try step()
    return run.current
  }
}

// MARK: - The ledger

extension PaymentWorld: PaymentLedger {
  var now: LedgerTime { state.withLock { $0.now } }
  var horizonMicroseconds: UInt64 { Self.horizonMicroseconds }

  func newID() -> InstructionID {
    state.withLock { state in
      InstructionID(
        milliseconds: state.now.microseconds / 1_000,
        random: (state.random.next(), state.random.next()))
    }
  }

  func status(of order: Instruction) async throws -> PaymentStatus {
    try step()
    return try state.withLock { state in
      state.questions += 1
      if state.random.happens(percent: state.brokenPercent) { throw LineBroken() }
      if let found = state.executed.first(where: { $0.order.id == order.id }) {
        return .executed(found.decision)
      }
      let isPast = state.now.microseconds > order.id.time.microseconds + Self.horizonMicroseconds
      return isPast ? .neverExecuted : .notYetKnown
    }
  }

  func send(_ orders: [Instruction]) async throws -> [PaymentDecision] {
    try step()
    let (decisions, isLost) = try state.withLock { state in
      state.submissions += 1
      if state.random.happens(percent: state.brokenPercent) { throw LineBroken() }
      // Every order that goes out has its line on the medium.
      let text = String(decoding: state.durable ?? [], as: UTF8.self)
      for order in orders {
        guard text.contains("\"id\":\"\(order.id)\"") else {
          preconditionFailure("\(order.id) is sent, and not in the journal")
        }
      }
      let decisions = orders.map { state.execute($0) }
      return (decisions, state.random.happens(percent: state.brokenPercent))
    }
    // Taken, and then killed before the answer comes; or the answer is lost.
    try step()
    if isLost { throw LineBroken() }
    return decisions
  }

  func pause() async throws {
    try step()
    state.withLock { $0.now = $0.now.advanced(byMicroseconds: 500_000) }
  }
}

extension PaymentWorld.State {
  /// One payment of a thousand or more is refused, as by a limit.
  mutating func execute(_ order: Instruction) -> PaymentDecision {
    if let found = executed.first(where: { $0.order.id == order.id }) {
      precondition(found.order == order, "\(order.id) has two meanings")
      return found.decision
    }
    let sequence = SequenceNumber(UInt64(executed.count) + 1)
    guard now.microseconds <= order.id.time.microseconds + PaymentWorld.horizonMicroseconds else {
      return PaymentDecision(
        result: .refused(code: "id_too_old", rule: "", pack: "", message: "too old"),
        sequence: sequence, isProven: true)
    }
    let isRefused = (order.operation.movement?.amount ?? 0) >= 100_000
    let decision = PaymentDecision(
      result: isRefused
        ? .refused(
          code: "limit_exceeded", rule: "day", pack: "alpha", message: "too \"much\", sorry")
        : .accepted,
      sequence: sequence, isProven: true)
    executed.append(PaymentWorld.Execution(order: order, decision: decision))
    return decision
  }
}

extension Optional {
  /// Of a constant that is known to be there.
  fileprivate var unsafelyKnown: Wrapped {
    guard let self else { preconditionFailure("a constant is none") }
    return self
  }
}
