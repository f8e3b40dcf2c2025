import LedgerCore
import LedgerLog
import LedgerModel
import Logging
import Synchronization

/// A batch between the sequencer and its acknowledgement.
struct BatchInFlight: Sendable {
  let batch: SequencedBatch
  let waiters: [Waiter]
  /// All keys, where the batch changed any.
  let keys: KeyRegistry?
  /// All certificates, where the batch changed any.
  let certificates: CertificateRegistry?
  /// Tier names, by the index that accounts hold; a copy shares the state's.
  let tiers: [Tier]
  /// The state after the batch, where a snapshot is wanted.
  var state: LedgerState?
  /// Answers to questions, which rest on this batch and those before it.
  var replies: [Questions.Reply] = []
}

/// A batch as it stands in the log once its rows are durable.
struct EncodedBatch: Sendable {
  let batch: BatchInFlight
  let written: WrittenBatch
  /// The log after the batch, where a snapshot is wanted.
  let log: LogWriter?
}

/// A verified submission that waits for its outcome.
struct Waiting: AdmissionItem {
  let submission: VerifiedSubmission
  let complete: Delivery.Completion

  var origin: Party { submission.statement.party }
  var cost: Int { submission.instructions.count }
  var byteCount: Int { submission.instructionBytes.buffer.count }
}

/// Someone to tell when a batch is durable.
struct Waiter: Sendable {
  let waiting: Waiting
  /// A refusal, too, waits for what it was decided on: the key that an earlier batch revoked.
  let answer: Result<DurableSubmission.Answer, SubmissionRefusal>
}

/// A submission whose outcome is durable, and where that is found.
struct DurableSubmission: Sendable {
  enum Answer: Sendable {
    /// In the batch: the record of that index.
    case sequenced(record: Int)
    /// It was sequenced before, at that number.
    case alreadySequenced(at: SequenceNumber)
  }

  let party: Party
  let answer: Answer
  let batch: BatchInFlight
}

/// What may keep orders out, each known to one stage alone, in the order in which it is told.
enum Closing: CaseIterable {
  case failure
  case witnesses
  case clock
  case fullLog
  case fullCheckpoints
  case index
}

/// What the stages hand to each other: bounded, under one lock, for moments only.
final class Flow: Sendable {
  struct State {
    /// Decided, in log order; what is being encoded comes first.
    var sequenced: [BatchInFlight] = []
    /// These before them; what is being made durable comes first.
    var encoded: [EncodedBatch] = []
    private var closings: [Closing: SubmitError] = [:]
    private let logger: Logger

    fileprivate init(logger: Logger) { self.logger = logger }

    /// Why no orders are taken, the first reason there is; `nil` while they are.
    var closed: SubmitError? {
      closings.isEmpty ? nil : Closing.allCases.lazy.compactMap { closings[$0] }.first
    }

    /// Batches on their way from the sequencer to the disk.
    var batchesInFlight: Int { sequenced.count + encoded.count }

    /// Takes no orders for a reason, or takes back that reason alone.
    ///
    /// The log says when the door closes and when it opens, at once, so that its lines stand in
    /// that order; a full disk is two lines.
    mutating func close(_ closing: Closing, _ error: SubmitError?) {
      let wasClosed = !closings.isEmpty
      closings[closing] = error
      guard wasClosed == closings.isEmpty else { return }
      if let error {
        logger.error("no orders are taken: \(error)")
      } else {
        logger.notice("orders are taken again")
      }
    }
    var isDraining = false
    var isSequencingDone = false
    /// The service ends with a full disk: nothing more is encoded or written.
    var hasGivenUp = false
    var isWritingDone = false
    /// A witness has shown entries that this log has lost, or another history: nothing more may be
    /// signed.
    var hasStoppedSigning = false
    /// A witness claims to know such, and is asked to show it: nothing is signed meanwhile.
    var isSigningPaused = false
    /// Someone asked whether an id ran, and only the passing of ledger time can tell.
    var wantsTick = false
    /// The snapshotter waits for a copy of the state.
    var wantsSnapshot = false
    /// That copy, until it is kept.
    var snapshot: Snapshot?
    var stagesRunning = 0
    var onStopped: [@Sendable () -> Void] = []
  }

  private let state: Mutex<State>

  /// - Parameter logger: Told when orders are taken no more, and again.
  init(logger: Logger) { state = Mutex(State(logger: logger)) }

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
