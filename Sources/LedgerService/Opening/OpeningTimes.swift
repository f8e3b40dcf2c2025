import LedgerLog
import LedgerModel

/// Refuses a batch that no checkpoint covers and that is dated later than this ledger could have
/// dated it.
///
/// A tick is signed by nobody, so whoever holds the store alone can append one of any date, and
/// the next checkpoint would make it the log's. A stamp is the wall clock's, or one microsecond
/// after the last stamp where the clock is behind; so an honest tail is ahead of the clock only
/// where what the checkpoint covers is ahead already, or where the clock has been set back.
struct OpeningTimes {
  /// Entries that the newest kept checkpoint covers.
  private let coveredSize: UInt64
  /// The ledger time of the newest batch that the checkpoint covers.
  private var newestCovered: LedgerTime
  private let clock: any ServiceClock
  private let aheadMicrosecondsMax: UInt64

  init(
    coveredSize: UInt64, newest: LedgerTime, clock: any ServiceClock, limits: ServiceLimits
  ) {
    self.coveredSize = coveredSize
    self.clock = clock
    newestCovered = newest
    aheadMicrosecondsMax = limits.clockJumpMicrosecondsMax
  }

  mutating func check(_ batch: LoggedBatch) throws(OpeningError) {
    guard batch.first.value >= coveredSize else {
      newestCovered = batch.time
      return
    }
    let now = LedgerTime(microseconds: clock.wallMicroseconds())
    let latest = max(now, newestCovered).advanced(byMicroseconds: aheadMicrosecondsMax)
    guard batch.time <= latest else {
      throw .aheadOfClock(batch.first, dated: batch.time, clock: now)
    }
  }
}
