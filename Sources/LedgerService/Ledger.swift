import LedgerCore
import LedgerLog
package import LedgerModel
import LedgerStorage
import LedgerWire
import Logging
package import MerkleLog
import Metrics
import Synchronization

/// A running ledger: gateway, sequencer, writer and durable view over one store.
///
///     submit ─► Gateway ─► Sequencer ─► Encoder ─► Writer ─► DurableView ─► Gateway ─► receipt
///               read,      decide,      chain,     fsync     reads,
///               verify     commit       hash                 checkpoints
package final class Ledger: RunningLedger {
  package let genesis: Genesis
  package let id: LedgerID

  let view: DurableView
  let gateway: Gateway
  private let queue: AdmissionQueue<Waiting>
  private let flow: Flow
  private let environment: ServiceEnvironment
  let limits: ServiceLimits
  private let logger: Logger
  let wakes: Wakes
  private let cosigner: Cosigner?
  private let tail: EventTail
  let questions: Questions

  /// How each stage is woken; filled in while they start.
  final class Wakes: Sendable {
    /// A closure in a box: held bare by a generic type, it is wrapped once more at each access.
    struct Bell: Sendable {
      let ring: @Sendable () -> Void
    }

    let sequencer = Mutex<Bell?>(nil)
    let encoder = Mutex<Bell?>(nil)
    let writer = Mutex<Bell?>(nil)
    let checkpointer = Mutex<Bell?>(nil)
    let indexer = Mutex<Bell?>(nil)
    let announcer = Mutex<Bell?>(nil)
    /// It looks by itself, and is woken to end alone.
    let snapshotter = Mutex<Bell?>(nil)
    /// Only of a ledger with witnesses.
    let cosigner = Mutex<Bell?>(nil)

    func ring(_ bell: borrowing Mutex<Bell?>) { bell.withLock { $0 }?.ring() }

    func ring(after news: DurableView.News) {
      ring(sequencer)
      if news.isFirstSinceCheckpoint { ring(checkpointer) }
      if news.isIndexBatchFull { ring(indexer) }
    }

    func ringAll() {
      ring(encoder)
      ring(writer)
      ring(cosigner)
      ring(after: .all)
    }
  }

  /// Starts the stages over a replayed log.
  ///
  /// - Parameters:
  ///   - opened: The log, replayed and checked.
  ///   - checkpoints: Kept beside the store.
  ///   - snapshots: Kept beside the store.
  ///   - witnessing: Who cosigns checkpoints, and what is known of them.
  ///   - logKey: Signs checkpoints and snapshots.
  ///   - verifierKey: Its public half, as notes name it.
  ///   - environment: Clock, scheduler, and what ends the process.
  ///   - limits: Of the service.
  ///   - logger: Says what happens.
  init(
    _ opened: OpenedLog, checkpoints: any CheckpointKeeper, snapshots: any SnapshotKeeper,
    witnessing: (Witnessing, RestoreGuard.Known)?, logKey: SigningKey, verifierKey: VerifierKey,
    environment: ServiceEnvironment, limits: ServiceLimits, logger: Logger
  ) {
    genesis = opened.state.genesis
    id = opened.state.id
    view = opened.view
    flow = Flow(logger: logger)
    self.environment = environment
    self.limits = limits
    self.logger = logger
    let wakes = Wakes()
    self.wakes = wakes
    let fail: @Sendable (String) -> Void = { reason in
      logger.critical("\(reason)")
      environment.fail(reason)
    }
    let tail = EventTail(limits)
    self.tail = tail
    let questions = Questions(limits)
    self.questions = questions
    let queue = AdmissionQueue<Waiting>(limits: limits.submissions)
    let gateway = Gateway(
      genesis: genesis, id: id, admitted: queue, view: view, flow: flow, clock: environment.clock,
      limits: limits, wakeSequencer: { wakes.ring(wakes.sequencer) })
    self.gateway = gateway
    self.queue = queue
    let sequencer = Sequencer(
      ledger: opened.state, queue: queue, questions: questions, view: view, flow: flow,
      clock: environment.clock,
      limits: limits, isMuchComing: { gateway.isMuchComing },
      handedOn: { batch in
        if batch.map({ !limits.isShort($0) }) ?? true { wakes.ring(wakes.encoder) }
        if batch.map({ limits.isShort($0) }) ?? true { wakes.ring(wakes.writer) }
      }, answer: { gateway.answer($0) })
    let encoder = Encoder(
      log: opened.log, flow: flow, wakeWriter: { wakes.ring(wakes.writer) })
    let writer = Writer(
      encoder: encoder, store: view.store, view: view, flow: flow, clock: environment.clock,
      limits: limits, fail: fail, answer: { gateway.answer($0) },
      wake: { news in
        wakes.ring(after: news)
        if tail.isFollowed { wakes.ring(wakes.announcer) }
      },
      finished: {
        wakes.ring(wakes.announcer)
        gateway.wake(all: true)
        wakes.ring(wakes.snapshotter)
        wakes.ring(wakes.cosigner)
      })
    let checkpointer = Checkpointer(
      view: view, keeper: checkpoints, key: logKey, verifierKey: verifierKey, flow: flow,
      clock: environment.clock, limits: limits, fail: fail,
      signed: { wakes.ring(wakes.cosigner) })
    let indexer = Indexer(
      view: view, index: view.index, flow: flow, clock: environment.clock, limits: limits,
      warn: { logger.warning("\($0)") })
    let snapshotter = Snapshotter(
      opened: opened.snapshot, view: view, keeper: snapshots, key: logKey, flow: flow,
      clock: environment.clock, limits: limits,
      wakeSequencer: { wakes.ring(wakes.sequencer) }, warn: { logger.warning("\($0)") })
    let announcer = Announcer(
      view: view, tail: tail, flow: flow, clock: environment.clock, limits: limits,
      warn: { logger.warning("\($0)") })
    let (view, flow) = (view, flow)
    let cosigner = witnessing.map { witnessing, known in
      Cosigner(
        witnessing, logKey: verifierKey, known: known, view: view, flow: flow,
        clock: environment.clock,
        limits: limits, logger: logger, wake: { wakes.ring(wakes.cosigner) },
        resume: { wakes.ring(wakes.checkpointer) }, fail: fail)
    }
    self.cosigner = cosigner
    flow.withState {
      $0.stagesRunning = 7 + limits.gatewayWorkers + (cosigner == nil ? 0 : 1)
    }
    let scheduler = environment.scheduler
    let wakeSequencer = scheduler.start("sequencer") { sequencer.step() }
    let wakeEncoder = scheduler.start("encoder") { encoder.step() }
    let wakeWriter = scheduler.start("writer") { writer.step() }
    let wakeCheckpointer = scheduler.start("checkpointer") { checkpointer.step() }
    let wakeIndexer = scheduler.start("indexer") { indexer.step() }
    let wakeSnapshotter = scheduler.start("snapshotter", isBackground: true) { snapshotter.step() }
    let wakeAnnouncer = scheduler.start("announcer") { announcer.step() }
    wakes.announcer.withLock { $0 = Wakes.Bell(ring: wakeAnnouncer) }
    wakes.sequencer.withLock { $0 = Wakes.Bell(ring: wakeSequencer) }
    wakes.encoder.withLock { $0 = Wakes.Bell(ring: wakeEncoder) }
    wakes.writer.withLock { $0 = Wakes.Bell(ring: wakeWriter) }
    wakes.checkpointer.withLock { $0 = Wakes.Bell(ring: wakeCheckpointer) }
    wakes.indexer.withLock { $0 = Wakes.Bell(ring: wakeIndexer) }
    wakes.snapshotter.withLock { $0 = Wakes.Bell(ring: wakeSnapshotter) }
    if let cosigner {
      let wakeCosigner = scheduler.start("cosigner") { cosigner.step() }
      wakes.cosigner.withLock { $0 = Wakes.Bell(ring: wakeCosigner) }
    }
    wakes.ringAll()
    gateway.start(on: scheduler)
  }

  package func submit(_ deliveries: [Delivery]) { gateway.deliver(deliveries) }

  /// Takes no more orders, makes durable what was taken, signs a last checkpoint, and returns.
  package func stop() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isStopped = flow.withState { state in
        state.isDraining = true
        guard state.stagesRunning > 0 else { return true }
        state.onStopped.append { continuation.resume() }
        return false
      }
      if isStopped { continuation.resume() }
      wakes.ringAll()
      gateway.wake(all: true)
    }
  }
}

extension Ledger {
  package func access(of certificate: SPKIHash) -> Access {
    view.access(of: certificate, at: trustedNow)
  }

  package func access(of reader: Reader) -> Access { view.access(of: reader, at: trustedNow) }

  /// The wall clock's time; `nil` where that is in doubt.
  private var trustedNow: LedgerTime? {
    let isDoubtful = flow.withState { state in
      if case .clockUnsafe? = state.closed { true } else { false }
    }
    return isDoubtful ? nil : environment.clock.now
  }

  package func status(
    of id: InstructionID, party: Party?, for access: Access
  ) throws(ReadError) -> InstructionStatus {
    let status = try view.status(of: id, party: party, for: access)
    // Only the passing of ledger time can tell, and an idle ledger's stands still.
    if case .notYetKnown(let party, _, _) = status,
      environment.clock.now > id.time.advanced(byMicroseconds: view.horizonMicroseconds(of: party))
    {
      letTimePass()
    }
    return status
  }

  /// Has an entry placed that lets time pass, at most one a second, since anybody may ask.
  func letTimePass() {
    let due = view.head.time.advanced(byMicroseconds: limits.tickAfterMicroseconds)
    guard environment.clock.now > due else { return }
    flow.withState { $0.wantsTick = true }
    wakes.ring(wakes.sequencer)
  }

  package func instruction(
    at sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> Instruction {
    try view.instruction(at: sequence, for: access)
  }

  package func account(
    _ id: AccountID, for access: Access
  ) throws(ReadError) -> AccountReading {
    try view.account(id, for: access)
  }

  package func balance(
    of id: AccountID, for access: Access, at point: LogPoint
  ) throws(ReadError) -> BalanceReading {
    do {
      return try view.balance(of: id, for: access, at: point)
    } catch .notYetPast(let time) {
      if case .time(let wanted) = point, wanted < environment.clock.now { letTimePass() }
      throw .notYetPast(time: time)
    }
  }

  package func statement(
    of id: AccountID, for access: Access, filter: StatementFilter, before: SequenceNumber?,
    linesMax: Int
  ) throws(ReadError) -> StatementPage {
    try view.statement(
      of: id, for: access, filter: filter, before: before, linesMax: linesMax)
  }

  package func day(
    _ date: CivilDate, of id: AccountID, for access: Access, before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> DayReading {
    let day = try view.day(date, of: id, for: access, before: before, linesMax: linesMax)
    if !day.isComplete, day.span.upperBound <= environment.clock.now { letTimePass() }
    return day
  }

  package func follow(
    after: SequenceNumber?, _ filter: EventFilter, for access: Access
  ) throws(ReadError) -> EventFollower {
    if let account = filter.account { _ = try view.account(account, for: access) }
    let follower = try EventFollower(of: view, tail, after: after, filter, for: access)
    wakes.ring(wakes.announcer)
    return follower
  }

  package func participants(
    after: ParticipantID?, countMax: Int, for access: Access
  ) throws(ReadError) -> ParticipantsPage {
    try view.participants(after: after, countMax: countMax, for: access)
  }

  package func certificates(
    of reader: Reader?, for access: Access
  ) throws(ReadError) -> [CertificateReading] {
    try view.certificates(of: reader, for: access)
  }

  package func supply(for access: Access) -> [SupplyReading] { view.supply(for: access) }

  package func checkpoint() throws(ReadError) -> [UInt8] { try view.checkpoint() }

  package func publishedCheckpoint() throws(ReadError) -> [UInt8] {
    try view.publishedCheckpoint()
  }

  package func proof(
    of sequence: SequenceNumber, for access: Access
  ) throws(ReadError) -> EntryProof {
    try view.proof(of: sequence, for: access)
  }

  package func tile(_ tile: Tile) throws(ReadError) -> [UInt8] { try view.tile(tile) }

  package func status() -> ServiceStatus {
    let (closed, isDraining) = flow.withState { ($0.closed, $0.isDraining) }
    let reason = isDraining ? SubmitError.stopping : closed
    let witnessing = cosigner?.status()
    let queued = queue.cost
    return view.withState { state in
      ServiceStatus(
        size: state.tree.size, time: state.time, checkpointSize: state.checkpointSize,
        checkpointTime: state.checkpointTime,
        indexedSize: state.unindexed.indexedSize, queuedInstructions: queued,
        closed: reason?.description,
        witnessing: witnessing)
    }
  }
}
