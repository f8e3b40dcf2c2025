import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import Synchronization

/// Encodes, chains and appends each batch, makes it durable, and only then lets anyone see it.
final class Writer: Sendable {
  private struct Owned: Sendable {
    var log: LogWriter
    /// Rows that a full disk has refused; the same bytes are tried again.
    var rows: [StoredRow]?
    /// The service ends with a full disk: nothing more is written.
    var hasGivenUp = false
  }

  private let owned: Mutex<Owned>
  private let store: any LedgerStore
  private let view: DurableView
  private let flow: Flow
  private let limits: ServiceLimits
  private let fail: @Sendable (String) -> Void
  private let answer: @Sendable ([Gateway.Answered]) -> Void
  private let wake: @Sendable (DurableView.News) -> Void
  private let finished: @Sendable () -> Void

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - log: What follows the newest entry.
  ///   - store: Where rows become durable.
  ///   - view: Shows what is durable.
  ///   - flow: What is to be written, and why nothing can be.
  ///   - limits: Of the service.
  ///   - fail: Ends the process.
  ///   - answer: Takes the outcomes of what is durable.
  ///   - wake: Tells the other stages what has become durable.
  ///   - finished: Told once nothing more will be written.
  init(
    log: LogWriter, store: any LedgerStore, view: DurableView, flow: Flow, limits: ServiceLimits,
    fail: @escaping @Sendable (String) -> Void,
    answer: @escaping @Sendable ([Gateway.Answered]) -> Void,
    wake: @escaping @Sendable (DurableView.News) -> Void,
    finished: @escaping @Sendable () -> Void
  ) {
    owned = Mutex(Owned(log: log))
    self.store = store
    self.view = view
    self.flow = flow
    self.limits = limits
    self.fail = fail
    self.answer = answer
    self.wake = wake
    self.finished = finished
  }

  func step() -> StageStep {
    let (next, isDone) = flow.withState { state -> (BatchInFlight?, Bool) in
      let isDone = state.isSequencingDone && state.inFlight.isEmpty
      if isDone { state.isWritingDone = true }
      return (state.inFlight.first, isDone)
    }
    guard let next else {
      guard isDone else { return .idle(wakeAfterNanoseconds: nil) }
      wake(.all)
      finished()
      flow.stageFinished()
      return .finished
    }
    if owned.withLock({ $0.hasGivenUp }) { return giveUp() }
    let news: DurableView.News
    do {
      let log = try append(next)
      news = view.advance(next, log: log)
      if let state = next.state {
        flow.withState { $0.snapshot = Snapshot(state: state, writer: log) }
      }
    } catch {
      return recover(from: error)
    }
    flow.withState { state in
      state.inFlight.removeFirst()
      state.close(.fullLog, nil)
    }
    wake(news)
    answer(next.waiters.map { answered($0, of: next) })
    return .again
  }

  private func answered(_ waiter: Waiter, of batch: BatchInFlight) -> Gateway.Answered {
    let party = waiter.waiting.submission.statement.party
    return Gateway.Answered(
      answer: waiter.answer
        .map { DurableSubmission(party: party, answer: $0, batch: batch) }
        .mapError { .invalid(.refused($0)) },
      complete: waiter.waiting.complete)
  }

  /// Makes a batch durable; a second try writes the same bytes.
  private func append(_ next: BatchInFlight) throws(StoreError) -> LogWriter {
    let rows = owned.withLock { owned in
      let rows = owned.rows ?? owned.log.write(next.batch)
      owned.rows = rows
      return rows
    }
    // Nothing, where all that waits is an answer.
    try store.append(rows)
    return owned.withLock { owned in
      owned.rows = nil
      return owned.log
    }
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
    owned.withLock { $0.hasGivenUp = true }
    let dropped = flow.withState { state in
      defer { state.inFlight = [] }
      return state.inFlight
    }
    wake(.all)
    let full = SubmitError.storageFull(retryAfterSeconds: limits.retryAfterSeconds)
    answer(
      dropped.flatMap(\.waiters).map {
        Gateway.Answered(answer: .failure(full), complete: $0.waiting.complete)
      })
    return .again
  }
}
