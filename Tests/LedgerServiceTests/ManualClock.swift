import LedgerService
import Synchronization

/// A clock that a test sets: both of its hands move together, unless told otherwise.
final class ManualClock: ServiceClock {
  private struct Hands {
    var wallMicroseconds: UInt64
    var monotonicNanoseconds: UInt64 = 1_000_000_000
  }

  private let hands: Mutex<Hands>

  init(wallMicroseconds: UInt64) {
    hands = Mutex(Hands(wallMicroseconds: wallMicroseconds))
  }

  func wallMicroseconds() -> UInt64 { hands.withLock { $0.wallMicroseconds } }

  func monotonicNanoseconds() -> UInt64 { hands.withLock { $0.monotonicNanoseconds } }

  func advance(microseconds: UInt64) {
    hands.withLock {
      $0.wallMicroseconds += microseconds
      $0.monotonicNanoseconds += microseconds * 1_000
    }
  }

  /// Sets the wall clock alone, as someone with a wrong watch would.
  func jump(byMicroseconds microseconds: Int64) {
    hands.withLock {
      $0.wallMicroseconds = UInt64(Int64($0.wallMicroseconds) + microseconds)
    }
  }
}
