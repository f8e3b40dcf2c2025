import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog
import Synchronization

/// Signs the durable log's head while there is news, and keeps each checkpoint beside the database
/// before anyone sees it.
final class Checkpointer: Sendable {
  private let view: DurableView
  private let keeper: any CheckpointKeeper
  private let key: SigningKey
  private let verifierKey: VerifierKey
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let fail: @Sendable (String) -> Void
  private let signed: @Sendable () -> Void
  private let lastNanoseconds = Mutex<UInt64?>(nil)

  init(
    view: DurableView, keeper: any CheckpointKeeper, key: SigningKey, verifierKey: VerifierKey,
    flow: Flow, clock: any ServiceClock, limits: ServiceLimits,
    fail: @escaping @Sendable (String) -> Void, signed: @escaping @Sendable () -> Void = {}
  ) {
    self.view = view
    self.keeper = keeper
    self.key = key
    self.verifierKey = verifierKey
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.fail = fail
    self.signed = signed
  }

  func step() -> StageStep {
    let head = view.head
    // The last look before signing: after a stop, at most what is being signed just now is.
    let (isLast, mayNotSign) = flow.withState {
      ($0.isWritingDone, $0.hasStoppedSigning || $0.isSigningPaused)
    }
    if !mayNotSign, head.tree.size > view.checkpointSize {
      let now = clock.monotonicNanoseconds()
      let elapsed = lastNanoseconds.withLock { $0.map { now - min(now, $0) } }
      if !isLast, let elapsed, elapsed < limits.checkpointIntervalNanoseconds {
        return .idle(wakeAfterNanoseconds: limits.checkpointIntervalNanoseconds - elapsed)
      }
      lastNanoseconds.withLock { $0 = now }
      if let error = sign(head) {
        guard error.remedy == .retrySameBytes else {
          fail("a checkpoint cannot be kept: \(error)")
          return .finished
        }
        // What is acknowledged must soon be provable, so no more is taken meanwhile.
        flow.withState {
          $0.close(
            .fullCheckpoints, .storageFull(retryAfterSeconds: limits.retryAfterSeconds))
        }
        if !isLast { return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds) }
      } else {
        flow.withState { $0.close(.fullCheckpoints, nil) }
      }
      // Again, because what came in meanwhile was no first news and has woken nobody.
      if !isLast { return .again }
    }
    guard isLast else { return .idle(wakeAfterNanoseconds: nil) }
    flow.stageFinished()
    return .finished
  }

  private func sign(_ head: DurableView.Head) -> StoreError? {
    guard
      let checkpoint = try? Checkpoint(
        origin: Origin(verifierKey.name), size: head.tree.size, root: head.tree.root)
    else { preconditionFailure("a log of \(head.tree.size) entries has no checkpoint") }
    let note = checkpoint.signed(by: verifierKey) { key.sign($0) }
    do throws(StoreError) {
      try keeper.append(String(decoding: note.encoded, as: UTF8.self))
    } catch {
      return error
    }
    view.publish(note, of: head.tree.size, at: clock.now)
    signed()
    return nil
  }
}
