import LedgerModel

/// Stamps ledger time, and doubts the wall clock where the monotonic one disagrees.
///
/// A clock that steps by less than the allowed jump is followed; ledger time itself never goes
/// back.
struct ClockGuard: Sendable {
  private let jumpMicrosecondsMax: UInt64
  private var lastWall: UInt64
  private var lastMonotonic: UInt64
  /// How far the wall clock was behind ledger time at the last look, and when an officer said that
  /// it is right all the same.
  private var lag: UInt64 = 0
  private var confirmedLag: UInt64 = 0
  /// Why no orders are taken; `nil` while the clock is trusted.
  private(set) var doubt: String?

  /// - Parameters:
  ///   - clock: Looked at once.
  ///   - newest: The newest stamp in the log.
  ///   - limits: How far the clock may stray.
  init(
    clock: any ServiceClock, newest: LedgerTime, limits: ServiceLimits
  ) {
    jumpMicrosecondsMax = limits.clockJumpMicrosecondsMax
    lastWall = clock.wallMicroseconds()
    lastMonotonic = clock.monotonicNanoseconds()
    let wall = LedgerTime(microseconds: lastWall)
    if wall.advanced(byMicroseconds: jumpMicrosecondsMax) < newest {
      doubt = "it shows \(wall), before the newest entry's \(newest)"
    } else if wall > newest.advanced(byMicroseconds: limits.openingGapMicrosecondsMax) {
      doubt = "it shows \(wall), too long after the newest entry's \(newest)"
    }
  }

  /// Looks at both clocks.
  ///
  /// - Returns: The stamp of a batch that follows `last`; always after it.
  mutating func look(_ clock: any ServiceClock, after last: LedgerTime) -> LedgerTime {
    let wall = clock.wallMicroseconds()
    let monotonic = clock.monotonicNanoseconds()
    let elapsed = (monotonic - min(monotonic, lastMonotonic)) / 1_000
    let expected = lastWall + elapsed
    let jump = max(wall, expected) - min(wall, expected)
    lastWall = wall
    lastMonotonic = monotonic
    lag = last.microseconds - min(wall, last.microseconds)
    confirmedLag = min(confirmedLag, lag)
    if doubt == nil {
      let shown = LedgerTime(microseconds: wall)
      if jump > jumpMicrosecondsMax {
        doubt = "it jumped by \(jump / 1_000) ms, to \(shown)"
      } else if lag > confirmedLag + jumpMicrosecondsMax {
        doubt = "it shows \(shown), before the newest entry's \(last)"
      }
    }
    return max(LedgerTime(microseconds: wall), last.advanced(byMicroseconds: 1))
  }

  /// An officer has said that the clock is right.
  mutating func confirm() {
    doubt = nil
    confirmedLag = lag
  }
}
