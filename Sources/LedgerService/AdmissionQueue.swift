package import LedgerModel
import Synchronization

/// What waits in an ``AdmissionQueue``.
package protocol AdmissionItem: Sendable {
  /// Whose share it takes.
  var party: Party { get }
  /// At least 1.
  var instructionCount: Int { get }
  var byteCount: Int { get }
}

/// Verified submissions on their way to the sequencer: bounded, and fair between parties.
///
/// A party may queue as much as is left free, so that there is room for others whenever they come.
/// Parties take turns, and each turn is worth the same number of instructions, so that one with
/// long submissions gets no more than one with short ones.
///
/// - Source: M. Shreedhar and G. Varghese, "Efficient Fair Queueing Using Deficit Round Robin",
///   1995.
package final class AdmissionQueue<Item: AdmissionItem>: Sendable {
  private struct Lane {
    var waiting: [Item] = []
    /// The first that still waits; those before it are taken.
    var head = 0
    var instructionCount = 0
    var byteCount = 0
    /// Instructions that the party may still put into batches before others have their turn.
    var credit = 0

    var next: Item? { head < waiting.count ? waiting[head] : nil }
  }

  private struct State {
    var lanes: [Party: Lane] = [:]
    /// Whose turn it is, first one next; every party that waits, once.
    var turns: [Party] = []
    var instructionCount = 0
    var byteCount = 0
    var isClosed = false

    mutating func count(_ waiting: Item, sign: Int) {
      instructionCount += sign * waiting.instructionCount
      byteCount += sign * waiting.byteCount
      lanes[waiting.party]?.instructionCount += sign * waiting.instructionCount
      lanes[waiting.party]?.byteCount += sign * waiting.byteCount
    }
  }

  private let limits: ServiceLimits
  private let state = Mutex(State())

  package init(limits: ServiceLimits) { self.limits = limits }

  /// Adds a submission at the end of its party's lane.
  ///
  /// - Throws: ``SubmitError/overloaded(queue:max:retryAfterSeconds:)``; ``SubmitError/stopping``
  ///   after ``closeIfEmpty()``.
  package func add(_ waiting: Item) throws(SubmitError) {
    let party = waiting.party
    let refusal: SubmitError? = state.withLock { state in
      if state.isClosed { return .stopping }
      let instructionsFree = limits.queuedInstructionsMax - state.instructionCount
      let queued = state.lanes[party]?.instructionCount ?? 0
      if queued + waiting.instructionCount > instructionsFree {
        return overloaded("instructions", limits.queuedInstructionsMax)
      }
      let bytesFree = limits.queuedBytesMax - state.byteCount
      if (state.lanes[party]?.byteCount ?? 0) + waiting.byteCount > bytesFree {
        return overloaded("bytes", limits.queuedBytesMax)
      }
      if state.lanes[party] == nil { state.turns.append(party) }
      state.lanes[party, default: Lane()].waiting.append(waiting)
      state.count(waiting, sign: 1)
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Takes what makes one batch: at most the limit's instructions, but one submission at least.
  package func take() -> [Item] {
    state.withLock { state in
      var taken: [Item] = []
      var count = 0
      while let party = state.turns.first, let next = state.lanes[party]?.next {
        let size = next.instructionCount
        // The turn is not lost: the party begins the next batch.
        guard taken.isEmpty || count + size <= limits.batchInstructionsMax else { break }
        if state.lanes[party, default: Lane()].credit < size {
          state.lanes[party]?.credit += limits.turnInstructions
          if state.turns.count > 1 { state.turns.append(state.turns.removeFirst()) }
          continue
        }
        taken.append(next)
        count += size
        state.lanes[party]?.head += 1
        state.lanes[party]?.credit -= size
        state.count(next, sign: -1)
        if state.lanes[party]?.next == nil {
          state.lanes[party] = nil
          state.turns.removeFirst()
        }
      }
      for party in state.turns {
        guard let head = state.lanes[party]?.head, head > 0 else { continue }
        state.lanes[party]?.waiting.removeFirst(head)
        state.lanes[party]?.head = 0
      }
      return taken
    }
  }

  /// Instructions that wait.
  package var instructionCount: Int { state.withLock { $0.instructionCount } }

  /// Closes the queue if nothing waits in it: whoever comes later is told that the service ends.
  ///
  /// - Returns: Whether it is closed.
  package func closeIfEmpty() -> Bool {
    state.withLock { state in
      if state.turns.isEmpty { state.isClosed = true }
      return state.isClosed
    }
  }

  private func overloaded(_ queue: String, _ max: Int) -> SubmitError {
    .overloaded(queue: queue, max: max, retryAfterSeconds: limits.retryAfterSeconds)
  }
}
