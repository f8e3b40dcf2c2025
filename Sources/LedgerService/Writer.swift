import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import Metrics
import Synchronization

/// Appends each batch, makes it durable, and only then lets anyone see it.
final class Writer: Sendable {
  private let encoder: Encoder
  private let store: any LedgerStore
  private let view: DurableView
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let appendTime = Timer(label: "specie_append_seconds")
  private let fail: @Sendable (String) -> Void
  private let answer: @Sendable ([Gateway.Answered]) -> Void
  private let wake: @Sendable (DurableView.News) -> Void
  private let finished: @Sendable () -> Void

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - encoder: Encodes what is to be written; short batches on this thread.
  ///   - store: Where rows become durable.
  ///   - view: Shows what is durable.
  ///   - flow: What is to be written, and why nothing can be.
  ///   - clock: By which it is told how long the store takes.
  ///   - limits: Of the service.
  ///   - fail: Ends the process.
  ///   - answer: Takes the outcomes of what is durable.
  ///   - wake: Tells the other stages what has become durable.
  ///   - finished: Told once nothing more will be written.
  init(
    encoder: Encoder, store: any LedgerStore, view: DurableView, flow: Flow,
    clock: any ServiceClock, limits: ServiceLimits,
    fail: @escaping @Sendable (String) -> Void,
    answer: @escaping @Sendable ([Gateway.Answered]) -> Void,
    wake: @escaping @Sendable (DurableView.News) -> Void,
    finished: @escaping @Sendable () -> Void
  ) {
    self.encoder = encoder
    self.store = store
    self.view = view
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.fail = fail
    self.answer = answer
    self.wake = wake
    self.finished = finished
  }

  func step() -> StageStep {
    let (next, isShort, isDone, hasGivenUp) = flow.withState { state in
      let isDone = state.isSequencingDone && state.batchesInFlight == 0
      if isDone { state.isWritingDone = true }
      let isShort = state.sequenced.first.map { limits.isShort($0) } ?? false
      return (state.encoded.first, isShort, isDone, state.hasGivenUp)
    }
    if hasGivenUp, !isDone { return giveUp() }
    guard let next else {
      if isShort {
        encoder.encodeNext()
        return .again
      }
      guard isDone else { return .idle(wakeAfterNanoseconds: nil) }
      wake(.all)
      finished()
      flow.stageFinished()
      return .finished
    }
    do throws(StoreError) {
      // A second try writes the same bytes.
      try append(next.written.rows)
    } catch {
      return recover(from: error)
    }
    let news = view.advance(next.batch, as: next.written)
    flow.withState { state in
      state.encoded.removeFirst()
      state.close(.fullLog, nil)
      if let ledger = next.batch.state, let log = next.log {
        state.snapshot = Snapshot(state: ledger, writer: log)
      }
    }
    wake(news)
    answer(next.batch.waiters.map { answered($0, of: next.batch) })
    for reply in next.batch.replies { reply(true) }
    return .again
  }

  private func append(_ rows: [StoredRow]) throws(StoreError) {
    // Nothing, where all that waits is an answer.
    guard !rows.isEmpty else { return }
    let begin = clock.monotonicNanoseconds()
    try store.append(rows)
    appendTime.recordNanoseconds(clock.monotonicNanoseconds() - begin)
  }

  private func answered(_ waiter: Waiter, of batch: BatchInFlight) -> Gateway.Answered {
    let party = waiter.waiting.submission.statement.party
    return Gateway.Answered(
      answer: waiter.answer
        .map { DurableSubmission(party: party, answer: $0, batch: batch) }
        .mapError { .invalid(.refused($0)) },
      complete: waiter.waiting.complete)
  }

  private func recover(from error: StoreError) -> StageStep {
    switch error.remedy {
    case .retrySameBytes:
      let isDraining = flow.withState { state in
        state.close(.fullLog, .storageFull(retryAfterSeconds: limits.retryAfterSeconds))
        return state.isDraining
      }
      if isDraining { return giveUp() }
      return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds)
    case .endProcess, .giveUp:
      flow.withState { $0.close(.failure, .stopping) }
      fail("the log cannot be written: \(error)")
      return .finished
    }
  }

  /// Ends without what a full disk has refused: it is known not to be stored, and whoever waits for
  /// it is told so.
  private func giveUp() -> StageStep {
    let dropped = flow.withState { state in
      state.hasGivenUp = true
      defer { (state.encoded, state.sequenced) = ([], []) }
      return state.encoded.map(\.batch) + state.sequenced
    }
    guard !dropped.isEmpty else { return .idle(wakeAfterNanoseconds: nil) }
    wake(.all)
    for reply in dropped.flatMap(\.replies) { reply(false) }
    let full = SubmitError.storageFull(retryAfterSeconds: limits.retryAfterSeconds)
    answer(
      dropped.flatMap(\.waiters).map {
        Gateway.Answered(answer: .failure(full), complete: $0.waiting.complete)
      })
    return .again
  }
}
