package import LedgerModel
internal import Synchronization

/// The disk of a simulated machine: what a ``MemoryStore`` has made durable outlives its crash.
///
/// Between writing and syncing it calls `beforeSync`, where a test delays the append, or crashes
/// the machine and so loses what was written.
package final class MemoryDisk: Sendable {
  private struct State {
    var durable: [StoredRow] = []
    var unsynced: [StoredRow] = []
    var roomBytes: Int
    /// Counts openings; only the handle of the current one works.
    var opening = 0
    var isOpen = false
  }

  private let state: Mutex<State>
  private let beforeSync: @Sendable () -> Void

  /// Creates an empty disk.
  ///
  /// - Parameters:
  ///   - roomBytes: How much it holds; an append beyond it throws ``StoreError/full(detail:)``.
  ///   - beforeSync: Runs in each append, with the rows written and not yet durable.
  package init(roomBytes: Int = .max, beforeSync: @escaping @Sendable () -> Void = {}) {
    state = Mutex(State(roomBytes: roomBytes))
    self.beforeSync = beforeSync
  }

  /// Opens the disk's store, as one process at a time can.
  ///
  /// - Throws: ``StoreError/inUse(path:)``.
  package func open() throws(StoreError) -> MemoryStore {
    let opening = try state.withLock { state throws(StoreError) in
      guard !state.isOpen else { throw .inUse(path: "memory") }
      state.isOpen = true
      state.opening += 1
      return state.opening
    }
    return MemoryStore(disk: self, opening: opening)
  }

  /// Stops the machine: rows not yet durable are lost, and the open store throws
  /// ``StoreError/closed`` from now on.
  package func crash() {
    state.withLock { state in
      state.unsynced = []
      state.isOpen = false
    }
  }

  /// Makes room.
  package func add(roomBytes: Int) {
    state.withLock { state in state.roomBytes += roomBytes }
  }

  /// Puts other rows in the place of the durable ones, as a forger or a failing disk would.
  package func overwrite(with rows: [StoredRow]) {
    state.withLock { state in state.durable = rows }
  }

  /// The rows that a crash would leave.
  package var durableRows: [StoredRow] { state.withLock { $0.durable } }

  fileprivate func append(_ rows: [StoredRow], opening: Int) throws(StoreError) {
    try withState(of: opening) { state throws(StoreError) in
      precondition(state.unsynced.isEmpty, "two appends at once")
      try RowSequence.checkAppend(rows, at: state.durable.last?.end.value ?? 0)
      let bytes = rows.reduce(0) { $0 + $1.entries.count + $1.sideData.count }
      guard bytes <= state.roomBytes else {
        throw .full(detail: "the simulated disk has \(state.roomBytes) bytes left")
      }
      if state.roomBytes != .max { state.roomBytes -= bytes }
      state.unsynced = rows
    }
    beforeSync()
    try withState(of: opening) { state throws(StoreError) in
      state.durable += state.unsynced
      state.unsynced = []
    }
  }

  fileprivate func rows(
    from sequence: SequenceNumber, rowsMax: Int, opening: Int
  ) throws(StoreError) -> [StoredRow] {
    precondition(rowsMax >= 1, "rowsMax is \(rowsMax)")
    return try withState(of: opening) { state throws(StoreError) in
      // Binary search for the first row that ends after `sequence`.
      var low = 0
      var high = state.durable.count
      while low < high {
        let middle = (low + high) / 2
        if state.durable[middle].end <= sequence { low = middle + 1 } else { high = middle }
      }
      let rows = Array(state.durable[low...].prefix(rowsMax))
      try RowSequence.checkRead(rows, from: sequence)
      return rows
    }
  }

  fileprivate func entryCount(opening: Int) throws(StoreError) -> UInt64 {
    try withState(of: opening) { $0.durable.last?.end.value ?? 0 }
  }

  fileprivate func close(opening: Int) {
    state.withLock { state in
      if state.opening == opening { state.isOpen = false }
    }
  }

  private func withState<Result: Sendable>(
    of opening: Int, _ body: (inout State) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try state.withLock { state throws(StoreError) in
      guard state.isOpen, state.opening == opening else { throw .closed }
      return try body(&state)
    }
  }
}

/// A store in memory, for tests and simulation; durable on its ``MemoryDisk``.
package struct MemoryStore: LedgerStore {
  package let disk: MemoryDisk
  fileprivate let opening: Int

  package func append(_ rows: [StoredRow]) throws(StoreError) {
    try disk.append(rows, opening: opening)
  }

  package func entryCount() throws(StoreError) -> UInt64 {
    try disk.entryCount(opening: opening)
  }

  package func rows(
    from sequence: SequenceNumber, rowsMax: Int
  ) throws(StoreError) -> [StoredRow] {
    try disk.rows(from: sequence, rowsMax: rowsMax, opening: opening)
  }

  package func close() { disk.close(opening: opening) }
}
