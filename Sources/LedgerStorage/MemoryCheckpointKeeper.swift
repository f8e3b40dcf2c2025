internal import Synchronization

/// Checkpoints kept in memory, for tests and simulation; what was kept outlives a restart.
package final class MemoryCheckpointKeeper: CheckpointKeeper {
  private struct State {
    var notes: [String] = []
    var failures: [StoreError] = []
    var unknown: StoreError?
    var isClosed = false
  }

  private let state = Mutex(State())

  package init() {}

  package func append(_ note: String) throws(StoreError) {
    _ = try CheckpointNotes.record(of: note)
    try withState { state throws(StoreError) in
      if !state.failures.isEmpty {
        let failure = state.failures.removeFirst()
        if failure.remedy == .endProcess { state.unknown = failure }
        throw failure
      }
      state.notes.append(note)
    }
  }

  package func newest() throws(StoreError) -> String? { try withState { $0.notes.last } }

  package func page(from position: UInt64) throws(StoreError) -> CheckpointPage {
    try withState { state in
      let start = Int(min(position, UInt64(state.notes.count)))
      let end = min(start + 256, state.notes.count)
      return CheckpointPage(
        notes: Array(state.notes[start..<end]),
        next: end == state.notes.count ? nil : UInt64(end))
    }
  }

  package func close() { state.withLock { $0.isClosed = true } }

  /// Makes the next appends fail, one each, keeping nothing.
  package func failNext(_ failures: StoreError...) {
    state.withLock { $0.failures += failures }
  }

  /// Opens the kept notes again, as after a restart.
  package func restart() {
    state.withLock { state in
      state.isClosed = false
      state.unknown = nil
      state.failures = []
    }
  }

  private func withState<Result: Sendable>(
    _ body: (inout State) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try state.withLock { state throws(StoreError) in
      guard !state.isClosed else { throw .closed }
      if let unknown = state.unknown { throw unknown }
      return try body(&state)
    }
  }
}
