import LedgerStorage
import Synchronization

/// Carries durable ids from memory to the index, in batches, behind the log.
final class Indexer: Sendable {
  private let view: DurableView
  private let index: any LogIndex
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let lastNanoseconds = Mutex<UInt64>(0)
  private let warn: @Sendable (String) -> Void

  init(
    view: DurableView, index: any LogIndex, flow: Flow, clock: any ServiceClock,
    limits: ServiceLimits,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.view = view
    self.index = index
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.warn = warn
  }

  private func isIntervalOver() -> Bool {
    let now = clock.monotonicNanoseconds()
    return lastNanoseconds.withLock { last in
      guard now >= last + limits.indexIntervalNanoseconds else { return false }
      last = now
      return true
    }
  }

  func step() -> StageStep {
    let isLast = flow.withState { $0.isWritingDone }
    let chunks = view.unindexed
    let instructions = chunks.flatMap(\.instructions)
    let isDue = instructions.count >= limits.indexBatchMax || isLast || isIntervalOver()
    // Also where there are no ids, so that the reach follows entries that have none.
    if let reach = chunks.last?.reach, isDue {
      do throws(StoreError) {
        try index.add(instructions, marks: chunks.flatMap(\.marks), reaching: reach)
        view.indexed(chunks)
        return .again
      } catch {
        // The index can be rebuilt and the ids stay in memory, so the ledger goes on without it.
        warn("the index of ids lags: \(error)")
        if !isLast { return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds * 10) }
      }
    }
    guard isLast else { return .idle(wakeAfterNanoseconds: limits.indexIntervalNanoseconds) }
    flow.stageFinished()
    return .finished
  }
}
