import LedgerStorage

/// Carries durable ids from memory to the index, in batches, behind the log.
final class Indexer: Sendable {
  private let view: DurableView
  private let index: any InstructionIndex
  private let flow: Flow
  private let limits: ServiceLimits
  private let warn: @Sendable (String) -> Void

  init(
    view: DurableView, index: any InstructionIndex, flow: Flow, limits: ServiceLimits,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.view = view
    self.index = index
    self.flow = flow
    self.limits = limits
    self.warn = warn
  }

  func step() -> StageStep {
    let isLast = flow.withState { $0.isWritingDone }
    let (instructions, coveringUpTo) = view.unindexed(max: limits.indexBatchMax)
    if !instructions.isEmpty {
      do throws(StoreError) {
        try index.add(instructions, coveringUpTo: coveringUpTo)
        view.indexed(instructions.count, coveringUpTo: coveringUpTo)
        return .again
      } catch {
        // The index can be rebuilt and the ids stay in memory, so the ledger goes on without it.
        warn("the index of ids lags: \(error)")
        if !isLast { return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds * 10) }
      }
    }
    guard isLast else { return .idle(wakeAfterNanoseconds: nil) }
    flow.stageFinished()
    return .finished
  }
}
