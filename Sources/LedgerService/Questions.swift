import LedgerCore
import Synchronization

/// What is asked of the state as it decides: the sequencer looks, changes nothing, and the answer
/// goes out once all that it rests on is durable.
final class Questions: Sendable {
  /// Told by whoever makes a batch durable; with `nil` where that is never.
  typealias Reply = @Sendable (_ isDurable: Bool) -> Void

  struct Question: Sendable {
    let look: @Sendable (borrowing LedgerState) -> Reply
    /// The service ends.
    let giveUp: @Sendable () -> Void
  }

  private struct State {
    var waiting: [Question] = []
    var isClosed = false
  }

  private let max: Int
  private let state = Mutex(State())

  init(_ limits: ServiceLimits) { max = limits.questionsMax }

  var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

  /// - Returns: Whether there was room.
  func add(_ question: Question) -> Bool {
    state.withLock { state in
      guard !state.isClosed, state.waiting.count < max else { return false }
      state.waiting.append(question)
      return true
    }
  }

  func take() -> [Question] {
    state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  /// Takes no more, and gives up what waits.
  func close() {
    let left = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for question in left { question.giveUp() }
  }
}
