import LedgerModel
import MerkleLog
import Synchronization

/// Reads what has become durable, once for all who follow, and wakes them.
final class Announcer: Sendable {
  private let view: DurableView
  private let tail: EventTail
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let warn: @Sendable (String) -> Void
  private let reader = Mutex(EventReader(from: .genesis))
  private let lastWakeNanoseconds: Mutex<UInt64>

  init(
    view: DurableView, tail: EventTail, flow: Flow, clock: any ServiceClock, limits: ServiceLimits,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.view = view
    self.tail = tail
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.warn = warn
    lastWakeNanoseconds = Mutex(clock.monotonicNanoseconds())
  }

  func step() -> StageStep {
    let isLast = flow.withState { $0.isWritingDone }
    if let reach = tail.reach, reach.value < view.head.tree.size {
      do throws(ReadError) {
        try announce(from: reach)
        return .again
      } catch {
        warn("events are not announced: \(error)")
        if !isLast { return .idle(wakeAfterNanoseconds: limits.storageRetryNanoseconds * 10) }
      }
    }
    guard !isLast else {
      tail.close()
      flow.stageFinished()
      return .finished
    }
    return .idle(wakeAfterNanoseconds: wakeAllInTime())
  }

  private func announce(from first: SequenceNumber) throws(ReadError) {
    let (events, end) = try reader.withLock { reader throws(ReadError) in
      try reader.read(from: first, in: view)
    }
    tail.append(events, to: end)
  }

  /// - Returns: How long until it is time again.
  private func wakeAllInTime() -> UInt64 {
    let now = clock.monotonicNanoseconds()
    let (isDue, left) = lastWakeNanoseconds.withLock { last in
      let elapsed = now - min(now, last)
      guard elapsed >= limits.followerWakeNanoseconds else {
        return (false, limits.followerWakeNanoseconds - elapsed)
      }
      last = now
      return (true, limits.followerWakeNanoseconds)
    }
    if isDue { tail.wakeAll() }
    return left
  }
}
