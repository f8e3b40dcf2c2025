import Foundation

/// Runs each stage on a thread of its own.
package struct ThreadScheduler: StageScheduler {
  private static let backgroundNiceness: Int32 = 10

  package init() {}

  package func start(
    _ name: String, isBackground: Bool, step: @escaping @Sendable () -> StageStep
  ) -> @Sendable () -> Void {
    let bell = Bell()
    let thread = Thread {
      // On Linux, the calling thread's own.
      if isBackground { _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.backgroundNiceness) }
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
  ///
  /// Times out on the monotonic clock, so that no step of the wall clock puts a stage to sleep:
  /// deadlines of `NSCondition` and of `DispatchSemaphore` are instants of the wall clock on Linux.
  @safe private final class Bell: @unchecked Sendable {
    // @unchecked: `isRung` is read and written under the mutex alone.
    //
    // Safe, here and below: both are initialised once, are not moved, and are destroyed with the
    // last reference.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isRung = false

    init() {
      var attributes = pthread_condattr_t()
      unsafe pthread_condattr_init(&attributes)
      unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      unsafe pthread_cond_init(condition, &attributes)
      unsafe pthread_condattr_destroy(&attributes)
      unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
      unsafe pthread_cond_destroy(condition)
      unsafe pthread_mutex_destroy(mutex)
      unsafe condition.deallocate()
      unsafe mutex.deallocate()
    }

    func ring() {
      unsafe pthread_mutex_lock(mutex)
      isRung = true
      unsafe pthread_cond_signal(condition)
      unsafe pthread_mutex_unlock(mutex)
    }

    func wait(nanoseconds: UInt64?) {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      if let nanoseconds {
        var deadline = Self.deadline(afterNanoseconds: nanoseconds)
        while !isRung {
          guard unsafe pthread_cond_timedwait(condition, mutex, &deadline) == 0 else { break }
        }
      } else {
        while !isRung { unsafe pthread_cond_wait(condition, mutex) }
      }
      isRung = false
    }

    private static func deadline(afterNanoseconds nanoseconds: UInt64) -> timespec {
      var now = timespec()
      unsafe clock_gettime(CLOCK_MONOTONIC, &now)
      let total = UInt64(now.tv_nsec) + nanoseconds
      return timespec(
        tv_sec: now.tv_sec + Int(total / 1_000_000_000), tv_nsec: Int(total % 1_000_000_000))
    }
  }
}
