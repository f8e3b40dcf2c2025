package import LedgerModel
internal import Synchronization

/// A store that fails as told, around one that does not.
///
/// Faults come in pairs, "failed" and "failed though it is stored", because a caller that tells the
/// two apart by anything but reading the store again is wrong.
package final class FaultyStore: LedgerStore {
  /// What happens to one append.
  package enum Fault: Hashable, Sendable {
    /// There is no room; nothing is stored, and the next append may go well.
    case full
    /// Another failure that stores nothing.
    case failed
    /// The outcome is unknown, and the rows are lost.
    case unknownLost
    /// The outcome is unknown, and the rows are stored.
    case unknownPersisted
    /// The machine stops before the rows are durable.
    case crashedBefore
    /// The machine stops with the rows durable, before anyone hears of it.
    case crashedAfter
  }

  private struct State {
    var appends = 0
    var readFault: StoreError?
    /// What every call throws after an unknown outcome or a crash.
    var end: StoreError?
  }

  private let base: any LedgerStore
  private let plan: @Sendable (_ append: Int) -> Fault?
  private let state = Mutex(State())

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: The store within.
  ///   - plan: Asked before each append, with its number from 0, on the appending thread; it may
  ///     wait, to make the append slow.
  package init(_ base: any LedgerStore, plan: @escaping @Sendable (_ append: Int) -> Fault?) {
    self.base = base
    self.plan = plan
  }

  /// How many appends were tried.
  package var appendsTried: Int { state.withLock { $0.appends } }

  /// Makes every read throw `fault`, until called with `nil`.
  package func setReadFault(_ fault: StoreError?) { state.withLock { $0.readFault = fault } }

  package func append(_ rows: [StoredRow]) throws(StoreError) {
    let number = try state.withLock { state throws(StoreError) in
      if let end = state.end { throw end }
      defer { state.appends += 1 }
      return state.appends
    }
    switch plan(number) {
    case nil:
      try base.append(rows)
    case .full:
      throw .full(detail: "simulated, append \(number)")
    case .failed:
      throw .failed(detail: "simulated, append \(number)")
    case .unknownLost:
      throw end(.unknownOutcome(detail: "simulated, append \(number)"))
    case .unknownPersisted:
      try base.append(rows)
      throw end(.unknownOutcome(detail: "simulated, append \(number)"))
    case .crashedBefore:
      throw end(.closed)
    case .crashedAfter:
      try base.append(rows)
      throw end(.closed)
    }
  }

  package var hasSideData: Bool { base.hasSideData }

  package func entryCount() throws(StoreError) -> UInt64 {
    try checkRead()
    return try base.entryCount()
  }

  package func rows(
    from sequence: SequenceNumber, rowsMax: Int
  ) throws(StoreError) -> [StoredRow] {
    try checkRead()
    return try base.rows(from: sequence, rowsMax: rowsMax)
  }

  package func close() throws(StoreError) { try base.close() }

  private func end(_ error: StoreError) -> StoreError {
    state.withLock { $0.end = error }
    return error
  }

  private func checkRead() throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      if let end = state.end { throw end }
      if let fault = state.readFault { throw fault }
    }
  }
}
