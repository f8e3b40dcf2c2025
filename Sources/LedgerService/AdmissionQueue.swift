import LedgerModel
import LedgerWire
import Synchronization

/// A verified submission that waits for its outcome.
struct Waiting: Sendable {
  let submission: VerifiedSubmission
  /// Called once, from any thread.
  let complete: @Sendable (Result<SubmissionReceipt, SubmitError>) -> Void
}

/// Verified submissions on their way to the sequencer: bounded, and fair between parties.
///
/// Parties take turns, one submission each, so that one with a long queue delays nobody else.
final class AdmissionQueue: Sendable {
  private struct Lanes {
    var lanes: [Party: [Waiting]] = [:]
    /// Instructions that wait, by party.
    var counts: [Party: Int] = [:]
    /// Whose turn it is, first one next; every party that waits, once.
    var turns: [Party] = []
    var total = 0
  }

  private let limits: ServiceLimits
  private let state = Mutex(Lanes())

  init(limits: ServiceLimits) { self.limits = limits }

  /// Adds a submission at the end of its party's lane.
  ///
  /// - Throws: ``SubmitError/overloaded(queue:max:retryAfterSeconds:)``.
  func add(_ waiting: Waiting) throws(SubmitError) {
    let party = waiting.submission.statement.party
    let count = waiting.submission.instructions.count
    let refusal: SubmitError? = state.withLock { state in
      if state.total + count > limits.queuedInstructionsMax {
        return overloaded("instructions", limits.queuedInstructionsMax)
      }
      if state.counts[party, default: 0] + count > limits.queuedInstructionsPerPartyMax {
        return overloaded("instructions of `\(party)`", limits.queuedInstructionsPerPartyMax)
      }
      if state.lanes[party] == nil { state.turns.append(party) }
      state.lanes[party, default: []].append(waiting)
      state.counts[party, default: 0] += count
      state.total += count
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Takes what makes one batch: at most the limit's instructions, but one submission at least.
  func take() -> [Waiting] {
    state.withLock { state in
      var taken: [Waiting] = []
      var count = 0
      var offsets: [Party: Int] = [:]
      var turn = 0
      while turn < state.turns.count {
        let party = state.turns[turn]
        let lane = state.lanes[party] ?? []
        let offset = offsets[party, default: 0]
        let next = lane[offset]
        let size = next.submission.instructions.count
        guard taken.isEmpty || count + size <= limits.batchInstructionsMax else { break }
        taken.append(next)
        count += size
        state.counts[party, default: 0] -= size
        offsets[party] = offset + 1
        if offset + 1 < lane.count { state.turns.append(party) }
        turn += 1
      }
      state.turns.removeFirst(turn)
      state.total -= count
      for (party, offset) in offsets {
        state.lanes[party]?.removeFirst(offset)
        if state.lanes[party]?.isEmpty ?? true {
          state.lanes[party] = nil
          state.counts[party] = nil
        }
      }
      return taken
    }
  }

  var isEmpty: Bool { state.withLock { $0.total == 0 } }

  private func overloaded(_ queue: String, _ max: Int) -> SubmitError {
    .overloaded(queue: queue, max: max, retryAfterSeconds: limits.retryAfterSeconds)
  }
}
