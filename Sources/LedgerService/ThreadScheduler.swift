import Foundation

/// Runs each stage on a thread of its own.
package struct ThreadScheduler: StageScheduler {
  package init() {}

  package func start(
    _ name: String, step: @escaping @Sendable () -> StageStep
  ) -> @Sendable () -> Void {
    let bell = Bell()
    let thread = Thread {
      while true {
        switch step() {
        case .again: continue
        case .idle(let nanoseconds): bell.wait(nanoseconds: nanoseconds)
        case .finished: return
        }
      }
    }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
    return { bell.ring() }
  }

  /// Wakes one sleeper; a ring that comes first is remembered.
  private final class Bell: @unchecked Sendable {
    // @unchecked: `isRung` is read and written under the condition's lock alone.
    private let condition = NSCondition()
    private var isRung = false

    func ring() {
      condition.lock()
      isRung = true
      condition.signal()
      condition.unlock()
    }

    func wait(nanoseconds: UInt64?) {
      condition.lock()
      defer { condition.unlock() }
      if let nanoseconds {
        let deadline = Date(timeIntervalSinceNow: Double(nanoseconds) / 1e9)
        while !isRung, condition.wait(until: deadline) {}
      } else {
        while !isRung { condition.wait() }
      }
      isRung = false
    }
  }
}
