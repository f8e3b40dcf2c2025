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
    let hasEncoded = encodeNext()
    // What it does not encode, because the service has given up, is the writer's to answer.
    wakeWriter()
    if hasEncoded { return .again }
    guard flow.withState({ $0.isSequencingDone && ($0.sequenced.isEmpty || $0.hasGivenUp) })
    else { return .idle(wakeAfterNanoseconds: nil) }
    flow.stageFinished()
    return .finished
  }

  /// Encodes the batch that was sequenced first.
  ///
  /// Any thread may call it: a short batch is not worth the waking of another one, and the writer
  /// encodes it itself.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  func encodeNext() -> Bool {
    log.withLock { log in
      let next = flow.withState { $0.hasGivenUp ? nil : $0.sequenced.first }
      guard let next else { return false }
      let written = log.write(next.batch)
      let encoded = EncodedBatch(
        batch: next, written: written, log: next.state == nil ? nil : log)
      flow.withState { state in
        // It has dropped the batch meanwhile, and others may have come.
        guard !state.hasGivenUp else { return }
        state.sequenced.removeFirst()
        state.encoded.append(encoded)
      }
      return true
    }
  }
}
