package import LedgerModel

/// What the service takes from outside, so that a simulator can hand it virtual time.
package struct ServiceEnvironment: Sendable {
  package let clock: any ServiceClock
  package let scheduler: any StageScheduler
  /// Ends the process: the outcome of a write is unknown, and only a replay can tell.
  package let fail: @Sendable (_ reason: String) -> Void

  package init(
    clock: any ServiceClock, scheduler: any StageScheduler,
    fail: @escaping @Sendable (_ reason: String) -> Void
  ) {
    self.clock = clock
    self.scheduler = scheduler
    self.fail = fail
  }
}

/// Two clocks: one that people set, and one that only runs.
package protocol ServiceClock: Sendable {
  /// Microseconds since 1970.
  func wallMicroseconds() -> UInt64
  /// Since some instant, never backwards.
  func monotonicNanoseconds() -> UInt64
}

extension ServiceClock {
  /// What the wall clock shows: ledger time, of which it is the source, never runs ahead of it.
  package var now: LedgerTime { LedgerTime(microseconds: wallMicroseconds()) }
}

/// What a stage wants after one step.
package enum StageStep: Hashable, Sendable {
  /// To be called again at once.
  case again
  /// To be called when signalled, or after that time.
  case idle(wakeAfterNanoseconds: UInt64?)
  /// Never to be called again.
  case finished
}

/// Runs stages: each on a thread of its own, or all on one, in an order that a seed decides.
package protocol StageScheduler: Sendable {
  /// Calls `step` over and over, never twice at once, as its result asks.
  ///
  /// - Parameters:
  ///   - name: For people.
  ///   - isBackground: Whether the other stages go first where the processor is short.
  ///   - step: What is called.
  /// - Returns: A closure that wakes the stage; any thread may call it.
  func start(
    _ name: String, isBackground: Bool, step: @escaping @Sendable () -> StageStep
  ) -> @Sendable () -> Void
}

extension StageScheduler {
  /// The same for a stage that someone waits for.
  func start(
    _ name: String, step: @escaping @Sendable () -> StageStep
  ) -> @Sendable () -> Void {
    start(name, isBackground: false, step: step)
  }
}
