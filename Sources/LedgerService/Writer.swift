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
  private let wake: @Sendable (DurableView.News) -> Void

  /// Creates the stage; `wake` tells the other stages what has become durable.
  init(
    log: LogWriter, store: any LedgerStore, view: DurableView, flow: Flow, limits: ServiceLimits,
    fail: @escaping @Sendable (String) -> Void, wake: @escaping @Sendable (DurableView.News) -> Void
  ) {
    owned = Mutex(Owned(log: log))
    self.store = store
    self.view = view
    self.flow = flow
    self.limits = limits
    self.fail = fail
    self.wake = wake
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
      flow.stageFinished()
      return .finished
    }
    if owned.withLock({ $0.hasGivenUp }) { return giveUp() }
    let news: DurableView.News
    do {
      let log = try append(next)
      news = view.advance(next, log: log)
    } catch {
      return recover(from: error)
    }
    flow.withState { state in
      state.inFlight.removeFirst()
      state.close(.fullLog, nil)
    }
    wake(news)
    for waiter in next.waiters { answer(waiter, of: next) }
    return .again
  }

  private func answer(_ waiter: Waiter, of batch: BatchInFlight) {
    let party = waiter.waiting.submission.statement.party
    waiter.waiting.complete(
      waiter.answer
        .map { DurableSubmission(party: party, answer: $0, batch: batch) }
        .mapError { .invalid(.refused($0)) })
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
    for waiter in dropped.flatMap(\.waiters) {
      waiter.waiting.complete(
        .failure(.storageFull(retryAfterSeconds: limits.retryAfterSeconds)))
    }
    return .again
  }
}
