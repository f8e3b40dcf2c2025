import LedgerLog
import LedgerModel
import LedgerStorage
import Synchronization

/// Encodes, chains and appends each batch, makes it durable, and only then lets anyone see it.
final class Writer: Sendable {
  private struct Owned: Sendable {
    var log: LogWriter
    /// Rows that a full disk has refused; the same bytes are tried again.
    var rows: [StoredRow]?
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
    let news: DurableView.News
    do {
      let log = try append(next)
      news = view.advance(next, log: log)
    } catch {
      return recover(from: error)
    }
    flow.withState { state in
      state.inFlight.removeFirst()
      if case .storageFull = state.closed { state.closed = nil }
    }
    wake(news)
    for waiter in next.waiters { waiter.waiting.complete(view.answer(waiter, in: next)) }
    return .again
  }

  /// Makes a batch durable; a second try writes the same bytes.
  private func append(_ next: BatchInFlight) throws(StoreError) -> LogWriter {
    let rows = owned.withLock { owned in
      let rows = owned.rows ?? owned.log.write(next.batch)
      owned.rows = rows
      return rows
    }
    try store.append(rows)
    return owned.withLock { owned in
      owned.rows = nil
      return owned.log
    }
  }

  private func recover(from error: StoreError) -> StageStep {
    switch error.remedy {
    case .retrySameBytes:
      flow.withState {
        $0.closed = .storageFull(retryAfterSeconds: limits.retryAfterSeconds)
      }
      return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds)
    case .endProcess, .giveUp:
      flow.withState { $0.closed = .stopping }
      fail("the log cannot be written: \(error)")
      return .finished
    }
  }
}
