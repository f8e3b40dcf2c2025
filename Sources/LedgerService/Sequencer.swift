import LedgerCore
import LedgerLog
import LedgerModel
import LedgerWire
import Synchronization

/// The one owner of the state: stamps the time, decides and commits, and hands on.
///
/// Its step never suspends, and touches no disk: while the writer makes a batch durable, the next
/// one is decided.
final class Sequencer: Sendable {
  private struct Owned: Sendable {
    var ledger: LedgerState
    var clockGuard: ClockGuard
    /// Since when little waits for more.
    var waitingSinceNanoseconds: UInt64?
  }

  private let owned: Mutex<Owned>
  private let queue: AdmissionQueue<Waiting>
  private let questions: Questions
  private let view: DurableView
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let isMuchComing: @Sendable () -> Bool
  private let handedOn: @Sendable (BatchInFlight?) -> Void
  private let answer: @Sendable ([Gateway.Answered]) -> Void

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - ledger: After the newest entry.
  ///   - queue: What waits to be decided.
  ///   - questions: What is asked of the state between batches.
  ///   - view: Says how far the index is behind.
  ///   - flow: Takes the batches.
  ///   - clock: Stamps them.
  ///   - limits: Of the service.
  ///   - isMuchComing: Whether a good deal is being verified.
  ///   - handedOn: Told of each batch, and with `nil` that there are no more.
  ///   - answer: Takes what is refused at once.
  init(
    ledger: LedgerState, queue: AdmissionQueue<Waiting>, questions: Questions, view: DurableView,
    flow: Flow, clock: any ServiceClock, limits: ServiceLimits,
    isMuchComing: @escaping @Sendable () -> Bool,
    handedOn: @escaping @Sendable (BatchInFlight?) -> Void,
    answer: @escaping @Sendable ([Gateway.Answered]) -> Void
  ) {
    let clockGuard = ClockGuard(clock: clock, newest: ledger.time, limits: limits)
    owned = Mutex(Owned(ledger: ledger, clockGuard: clockGuard))
    self.queue = queue
    self.questions = questions
    self.view = view
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.isMuchComing = isMuchComing
    self.handedOn = handedOn
    self.answer = answer
    setClosed(clockGuard.doubt)
  }

  func step() -> StageStep {
    let waiting = queue.cost
    let isLittle = waiting < limits.pipelinedInstructionsMin
    let isIndexFarBehind = view.isIndexFarBehind
    let (mustWait, isDraining, isAsked, wantsSnapshot) = flow.withState { state in
      let isFull = state.batchesInFlight >= (isLittle ? 1 : limits.batchesInFlightMax)
      state.close(.index, isIndexFarBehind ? indexFarBehind : nil)
      // A service that ends takes nothing new, and makes durable what it has.
      let mustWait = isFull || (isIndexFarBehind && !state.isDraining)
      defer { if !mustWait { state.wantsTick = false } }
      return (mustWait, state.isDraining, state.wantsTick, state.wantsSnapshot)
    }
    if mustWait {
      lookAtClock()
      return .idle(
        wakeAfterNanoseconds: isIndexFarBehind ? limits.indexIntervalNanoseconds : 1_000_000_000)
    }
    // Where something waits, its batch begins with what is due.
    let wantsTick = isAsked || (waiting == 0 && !isDraining && isCommitmentDue)
    if !isDraining, !wantsTick, let nanoseconds = waitForMore(than: waiting) {
      lookAtClock()
      return .idle(wakeAfterNanoseconds: nanoseconds)
    }
    let taken = queue.take()
    if taken.isEmpty && !wantsTick && (isDraining || (!wantsSnapshot && questions.isEmpty)) {
      guard !isDraining || !queue.closeIfEmpty() else {
        questions.close()
        flow.withState { $0.isSequencingDone = true }
        handedOn(nil)
        flow.stageFinished()
        return .finished
      }
      lookAtClock()
      return .idle(wakeAfterNanoseconds: 1_000_000_000)
    }
    let batch = owned.withLock { owned -> BatchInFlight? in
      let batch = sequence(taken, tick: wantsTick, on: &owned)
      let asked = questions.take()
      guard wantsSnapshot || !asked.isEmpty else { return batch }
      var whole = batch ?? nothing(on: owned)
      if wantsSnapshot { whole.state = owned.ledger }
      whole.replies = asked.map { $0.look(owned.ledger) }
      return whole
    }
    if let batch {
      flow.withState { state in
        state.sequenced.append(batch)
        if batch.state != nil { state.wantsSnapshot = false }
      }
      handedOn(batch)
    }
    return .again
  }

  /// Whether time alone brings an entry: a commitment to the state.
  private var isCommitmentDue: Bool {
    let now = LedgerTime(microseconds: clock.wallMicroseconds())
    return owned.withLock { $0.clockGuard.doubt == nil && $0.ledger.isCommitmentDue(at: now) }
  }

  /// A batch of nothing, which brings a copy of the state, or answers, to the writer.
  private func nothing(on owned: Owned) -> BatchInFlight {
    BatchInFlight(
      batch: SequencedBatch(time: owned.ledger.time, first: owned.ledger.nextSequence),
      waiters: [], keys: nil, certificates: nil, tiers: owned.ledger.tiers)
  }

  /// How long to wait before what is there makes a batch; `nil` for no longer.
  ///
  /// A little while at most, since what is being verified may all be refused; and not while the
  /// clock is in doubt, when one order is waited for.
  private func waitForMore(than waiting: Int) -> UInt64? {
    owned.withLock { owned in
      guard 0 < waiting, waiting < limits.batchInstructionsMin, owned.clockGuard.doubt == nil,
        isMuchComing()
      else {
        owned.waitingSinceNanoseconds = nil
        return nil
      }
      let now = clock.monotonicNanoseconds()
      let waited = now - (owned.waitingSinceNanoseconds ?? now)
      guard waited < limits.batchWaitNanoseconds else {
        owned.waitingSinceNanoseconds = nil
        return nil
      }
      owned.waitingSinceNanoseconds = now - waited
      return limits.batchWaitNanoseconds - waited
    }
  }

  private var indexFarBehind: SubmitError {
    .overloaded(
      queue: "ids that wait for the index", max: limits.unindexedInstructionsMax,
      retryAfterSeconds: limits.retryAfterSeconds)
  }

  private func lookAtClock() {
    let doubt = owned.withLock { owned in
      _ = owned.clockGuard.look(clock, after: owned.ledger.time)
      return owned.clockGuard.doubt
    }
    setClosed(doubt)
  }

  private func sequence(
    _ taken: [Waiting], tick: Bool, on owned: inout Owned
  ) -> BatchInFlight? {
    let time = owned.clockGuard.look(clock, after: owned.ledger.time)
    let trusted = taken.filter { isTrusted($0, at: time, doubt: owned.clockGuard.doubt) }
    setClosed(owned.clockGuard.doubt)
    // A doubtful stamp touches nothing: ledger time could never go back from it.
    guard !trusted.isEmpty || (tick && owned.clockGuard.doubt == nil) else { return nil }
    let changes = owned.ledger.begin(at: time)
    var batch = SequencedBatch(time: time, first: owned.ledger.nextSequence, changes: changes)
    if owned.ledger.isCommitmentDue { batch.append(.commitment(owned.ledger.commit().totals)) }
    var waiters: [Waiter] = []
    var changesKeys = false
    var changesCertificates = false
    for waiting in trusted {
      do throws(SubmissionRefusal) {
        switch try owned.ledger.admit(waiting.submission) {
        case .alreadySequenced(let sequence):
          waiters.append(
            Waiter(waiting: waiting, answer: .success(.alreadySequenced(at: sequence))))
        case .admitted(let admitted):
          let applied = owned.ledger.apply(waiting.submission, admitted)
          changesKeys = changesKeys || applied.contains { $0.changesKeys }
          changesCertificates =
            changesCertificates || applied.contains { $0.changesCertificates }
          if waiting.submission.confirmedInstant != nil, applied[0].outcome.isAccepted {
            owned.clockGuard.confirm()
          }
          waiters.append(
            Waiter(waiting: waiting, answer: .success(.sequenced(record: batch.records.count))))
          batch.append(
            .submission(
              SequencedSubmission(waiting.submission, at: admitted.sequence, applied: applied)))
        }
      } catch {
        waiters.append(Waiter(waiting: waiting, answer: .failure(error)))
      }
    }
    if tick && batch.records.isEmpty {
      _ = owned.ledger.tick()
      batch.append(.system(.tick))
    }
    owned.ledger.checkTotals()
    setClosed(owned.clockGuard.doubt)
    guard !batch.records.isEmpty || !waiters.isEmpty else { return nil }
    return BatchInFlight(
      batch: batch, waiters: waiters, keys: changesKeys ? owned.ledger.keys : nil,
      certificates: changesCertificates ? owned.ledger.certificates : nil,
      tiers: owned.ledger.tiers)
  }

  /// Whether a submission may be stamped; one that may not is answered at once.
  ///
  /// While the clock is in doubt that is an officer's word alone, and only if it agrees with the
  /// stamp that it would get.
  private func isTrusted(_ waiting: Waiting, at time: LedgerTime, doubt: String?) -> Bool {
    guard let doubt else { return true }
    if let instant = waiting.submission.confirmedInstant {
      let (earlier, later) = (min(instant, time), max(instant, time))
      if later <= earlier.advanced(byMicroseconds: Limits.clockConfirmationMicrosecondsMax) {
        return true
      }
    }
    answer([
      Gateway.Answered(
        answer: .failure(.clockUnsafe(reason: doubt)), complete: waiting.complete)
    ])
    return false
  }

  /// Closes admission while the clock is in doubt, and opens it again.
  private func setClosed(_ doubt: String?) {
    flow.withState { $0.close(.clock, doubt.map { .clockUnsafe(reason: $0) }) }
  }
}

extension Applied {
  fileprivate var changesKeys: Bool {
    !changes.isEmpty && changes.contains { if case .keys = $0 { true } else { false } }
  }

  fileprivate var changesCertificates: Bool {
    !changes.isEmpty && changes.contains { if case .certificates = $0 { true } else { false } }
  }
}

extension VerifiedSubmission {
  /// What an officer says that the time is, where the submission says that and nothing else: the
  /// one order that a doubtful clock lets in.
  var confirmedInstant: LedgerTime? {
    guard statement.party == .issuer, instructions.count == 1,
      case .confirmClock(let instant) = instructions[0].instruction.operation
    else { return nil }
    return instant
  }
}
