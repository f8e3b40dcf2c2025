import Glibc

/// The machine's clocks.
package struct SystemClock: ServiceClock {
  package init() {}

  package func wallMicroseconds() -> UInt64 { Self.nanoseconds(of: CLOCK_REALTIME) / 1_000 }

  package func monotonicNanoseconds() -> UInt64 { Self.nanoseconds(of: CLOCK_MONOTONIC) }

  private static func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
