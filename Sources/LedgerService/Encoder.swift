import LedgerLog
import Synchronization

/// Encodes, chains and hashes each batch, while the writer makes the one before durable.
final class Encoder: Sendable {
  private let log: Mutex<LogWriter>
  private let flow: Flow
  private let wakeWriter: @Sendable () -> Void

  init(log: LogWriter, flow: Flow, wakeWriter: @escaping @Sendable () -> Void) {
    self.log = Mutex(log)
    self.flow = flow
    self.wakeWriter = wakeWriter
  }

  func step() -> StageStep {
    if encodeNext() {
      wakeWriter()
      return .again
    }
    guard flow.withState({ $0.isSequencingDone && $0.sequenced.isEmpty }) else {
      return .idle(wakeAfterNanoseconds: nil)
    }
    flow.stageFinished()
    return .finished
  }

  /// Encodes the batch that was sequenced first.
  ///
  /// Any thread may call it: a short batch is not worth the waking of another one, and the writer
  /// encodes it itself.
  ///
  /// - Returns: Whether there was one; false also while another thread encodes.
  func encodeNext() -> Bool {
    log.withLockIfAvailable { log in
      guard let next = flow.withState({ $0.sequenced.first }) else { return false }
      let written = log.write(next.batch)
      let encoded = EncodedBatch(
        batch: next, written: written, log: next.state == nil ? nil : log)
      flow.withState { state in
        // A service that ends with a full disk has dropped it meanwhile.
        guard !state.sequenced.isEmpty else { return }
        state.sequenced.removeFirst()
        state.encoded.append(encoded)
      }
      return true
    } ?? false
  }
}
