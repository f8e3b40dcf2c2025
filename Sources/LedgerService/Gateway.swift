import LedgerCore
import LedgerModel
import LedgerWire
import Synchronization

/// The first stage, and the last: reads and verifies what has come, and makes the receipts of what
/// is durable.
///
/// Any number of workers run it at once, each on a thread of the scheduler's. They take what waits
/// in chunks, so that a busy worker is not woken for each submission.
final class Gateway: Sendable {
  /// A submission whose answer is known, and whoever waits for it.
  struct Answered: Sendable {
    let answer: Result<DurableSubmission, SubmitError>
    let complete: Delivery.Completion
  }

  private struct Workers {
    /// How each is woken, and whether it sleeps or is about to.
    var bells: [@Sendable () -> Void] = []
    var isIdle: [Bool]
  }

  /// Chunks in the order in which they were taken: whatever worker is done first, what a connection
  /// delivers goes on in its order.
  private struct Chunks {
    var taken = 0
    var handedOn = 0
    var done: [Int: [Verified]] = [:]
  }

  private struct Verified: Sendable {
    let result: Result<VerifiedSubmission, SubmitError>
    let complete: Delivery.Completion
  }

  private let deliveries: AdmissionQueue<Delivery>
  private let chunks = Mutex(Chunks())
  private let answered = Mutex<[Answered]>([])
  private let workers: Mutex<Workers>

  private let genesis: Genesis
  private let id: LedgerID
  private let admitted: AdmissionQueue<Waiting>
  private let view: DurableView
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let wakeSequencer: @Sendable () -> Void

  init(
    genesis: Genesis, id: LedgerID, admitted: AdmissionQueue<Waiting>, view: DurableView,
    flow: Flow, clock: any ServiceClock, limits: ServiceLimits,
    wakeSequencer: @escaping @Sendable () -> Void
  ) {
    deliveries = AdmissionQueue(limits: limits.deliveries)
    workers = Mutex(Workers(isIdle: Array(repeating: false, count: limits.gatewayWorkers)))
    self.genesis = genesis
    self.id = id
    self.admitted = admitted
    self.view = view
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.wakeSequencer = wakeSequencer
  }

  /// Starts the workers.
  func start(on scheduler: any StageScheduler) {
    for worker in 0..<limits.gatewayWorkers {
      let bell = scheduler.start("gateway-\(worker)") { self.step(worker) }
      workers.withLock { $0.bells.append(bell) }
    }
    wake(all: true)
  }

  /// Takes submissions in; each one's completion is called in any case.
  func deliver(_ arrived: [Delivery]) {
    let refused = deliveries.add(all: arrived)
    if refused.count < arrived.count { wake() }
    for (delivery, error) in refused { delivery.complete(.failure(error)) }
  }

  /// Whether so much waits to be verified that it is worth waiting for: under a light load each
  /// submission goes on at once.
  var isMuchComing: Bool { deliveries.cost >= limits.deliveredChecksTakenMax / 2 }

  /// Has receipts made, and whoever waits told.
  func answer(_ answers: [Answered]) {
    guard !answers.isEmpty else { return }
    answered.withLock { $0 += answers }
    wake()
  }

  /// Wakes a worker that sleeps, if one does, or all.
  func wake(all: Bool = false) {
    let bells = workers.withLock { workers -> [@Sendable () -> Void] in
      var rung: [@Sendable () -> Void] = []
      for (worker, bell) in workers.bells.enumerated() where workers.isIdle[worker] || all {
        workers.isIdle[worker] = false
        rung.append(bell)
        if !all { break }
      }
      return rung
    }
    for ring in bells { ring() }
  }

  private func step(_ worker: Int) -> StageStep {
    if makeReceipts() || verifyDeliveries() { return .again }
    // Said before the last look, so that whoever comes after it finds someone to wake.
    workers.withLock { $0.isIdle[worker] = true }
    let isWritingDone = flow.withState { $0.isWritingDone }
    guard answered.withLock({ $0.isEmpty }), deliveries.cost == 0 else {
      workers.withLock { $0.isIdle[worker] = false }
      return .again
    }
    guard isWritingDone, deliveries.closeIfEmpty() else {
      return .idle(wakeAfterNanoseconds: nil)
    }
    flow.stageFinished()
    return .finished
  }

  /// - Returns: Whether there was anything to do.
  private func makeReceipts() -> Bool {
    let (answers, areMore) = answered.withLock { answered -> ([Answered], Bool) in
      // Half, so that another worker has its part.
      let count = min(limits.receiptsPerStepMax, (answered.count + 1) / 2)
      let taken = Array(answered.prefix(count))
      answered.removeFirst(taken.count)
      return (taken, !answered.isEmpty)
    }
    if areMore { wake() }
    for answer in answers {
      do throws(SubmitError) {
        answer.complete(.success(try view.receipt(of: answer.answer.get())))
      } catch {
        answer.complete(.failure(error))
      }
    }
    return !answers.isEmpty
  }

  // MARK: - Verification

  /// What every submission of a chunk is looked at with.
  private struct Look {
    let keys: KeyRegistry
    let now: LedgerTime
    let closed: SubmitError?
    let isDraining: Bool
  }

  /// - Returns: Whether there was anything to do.
  private func verifyDeliveries() -> Bool {
    let (ordinal, taken) = chunks.withLock { chunks in
      let taken = deliveries.take()
      if !taken.isEmpty { chunks.taken += 1 }
      return (chunks.taken - 1, taken)
    }
    guard !taken.isEmpty else { return false }
    if deliveries.cost > 0 { wake() }
    let look = look()
    handOn(
      taken.map { delivery in
        let result: Result<VerifiedSubmission, SubmitError>
        do throws(SubmitError) {
          let verified = try verify(delivery, look)
          try checkOpen(for: verified, look)
          result = .success(verified)
        } catch {
          result = .failure(error)
        }
        return Verified(result: result, complete: delivery.complete)
      }, chunk: ordinal)
    return true
  }

  /// Hands a chunk to the sequencer, once all that were taken before it are.
  private func handOn(_ verified: [Verified], chunk: Int) {
    let refused = chunks.withLock { chunks -> [(SubmitError, Delivery.Completion)] in
      chunks.done[chunk] = verified
      var refused: [(SubmitError, Delivery.Completion)] = []
      while let next = chunks.done.removeValue(forKey: chunks.handedOn) {
        chunks.handedOn += 1
        for item in next {
          do throws(SubmitError) {
            try admitted.add(
              Waiting(submission: try item.result.get(), complete: item.complete))
          } catch {
            refused.append((error, item.complete))
          }
        }
      }
      return refused
    }
    wakeSequencer()
    for (error, complete) in refused { complete(.failure(error)) }
  }

  /// Reads and verifies what is only to be tried, on the caller's thread.
  func verified(_ body: Delivery.Body) throws(SubmitError) -> VerifiedSubmission {
    let look = look()
    let submission = try verify(Delivery(from: ConnectionID(0), body) { _ in }, look)
    try checkOpen(for: submission, look)
    return submission
  }

  private func look() -> Look {
    let (closed, isDraining) = flow.withState { ($0.closed, $0.isDraining) }
    return Look(
      keys: view.withState { $0.keys },
      now: LedgerTime(microseconds: max(clock.wallMicroseconds(), view.head.time.microseconds)),
      closed: closed, isDraining: isDraining)
  }

  private func verify(
    _ delivery: Delivery, _ look: Look
  ) throws(SubmitError) -> VerifiedSubmission {
    let submission = try delivery.read()
    do throws(WireError) {
      return try SubmissionVerifier.verify(
        submission,
        check: { statement throws(SubmissionRefusal) in try check(statement, look) },
        isRegistered: { look.keys.entry($0, of: $1) != nil },
        keys: { look.keys.candidates(of: $0, at: look.now) })
    } catch {
      // A wrong clock makes good statements look expired, so the doubt is the better answer.
      if case .refused = error, case .clockUnsafe? = look.closed, let closed = look.closed {
        throw closed
      }
      throw .invalid(error)
    }
  }

  /// The gateway's first look; the core decides again at ledger time.
  private func check(_ statement: Statement, _ look: Look) throws(SubmissionRefusal) {
    guard statement.ledger == id else { throw .wrongLedger(statement.ledger) }
    guard look.now < statement.expiry else { throw .statementExpired(expiry: statement.expiry) }
    let horizon = genesis.parameters.horizonMicroseconds(of: statement.party)
    guard statement.expiry <= look.now.advanced(byMicroseconds: horizon) else {
      throw .expiryTooFar(expiry: statement.expiry, horizonMicroseconds: horizon)
    }
    guard !look.keys.entries(of: statement.party).isEmpty else {
      throw .partyUnknown(statement.party)
    }
  }

  private func checkOpen(
    for submission: VerifiedSubmission, _ look: Look
  ) throws(SubmitError) {
    if look.isDraining { throw .stopping }
    if case .clockUnsafe? = look.closed, submission.confirmedInstant != nil { return }
    if let closed = look.closed { throw closed }
  }
}
