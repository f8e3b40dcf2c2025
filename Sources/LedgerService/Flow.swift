import LedgerCore
import LedgerLog
import LedgerModel
import Synchronization

/// A batch between the sequencer and its acknowledgement.
struct BatchInFlight: Sendable {
  let batch: SequencedBatch
  let waiters: [Waiter]
  /// All keys, where the batch changed any.
  let keys: KeyRegistry?
  /// Tier names, by the index that accounts hold; a copy shares the state's.
  let tiers: [Tier]
}

/// Someone to tell when a batch is durable.
struct Waiter: Sendable {
  enum Answer: Sendable {
    /// A submission in this batch: its records are these.
    case sequenced(records: Range<Int>)
    /// A submission that was sequenced before, at that number.
    case alreadySequenced(at: SequenceNumber)
  }

  let waiting: Waiting
  let answer: Answer
}

/// What the stages hand to each other: bounded, under one lock, for moments only.
final class Flow: Sendable {
  struct State {
    var inFlight: [BatchInFlight] = []
    /// Why no orders are taken; `nil` while they are.
    var closed: SubmitError?
    var isDraining = false
    var isSequencingDone = false
    var isWritingDone = false
    /// Someone asked whether an id ran, and only the passing of ledger time can tell.
    var wantsTick = false
    var stagesRunning = 0
    var onStopped: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  func withState<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
    state.withLock(body)
  }

  /// Marks a stage's end, and tells whoever waits for the last one.
  func stageFinished() {
    let callbacks = state.withLock { state -> [@Sendable () -> Void] in
      state.stagesRunning -= 1
      guard state.stagesRunning == 0 else { return [] }
      defer { state.onStopped = [] }
      return state.onStopped
    }
    for callback in callbacks { callback() }
  }
}
