import FoundationEssentials
import LedgerModel

/// The clock on the wall, by which certificates of connections end: ledger time stands still while
/// nothing is ordered.
enum WallTime {
  static var now: LedgerTime {
    LedgerTime(microseconds: UInt64(max(0, Date.now.timeIntervalSince1970) * 1_000_000))
  }
}
