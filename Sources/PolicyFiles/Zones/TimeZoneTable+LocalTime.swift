package import LedgerModel
import LedgerPolicy

extension TimeZoneTable {
  /// Writes an instant as the zone's clocks show it: RFC 3339 with the offset.
  ///
  /// An offset that is no whole minute, which RFC 3339 cannot write, is written with its seconds.
  package func localTime(_ time: LedgerTime) -> String {
    let offset = offset(at: time.seconds)
    let local = Int128(time.microseconds) + Int128(offset) * 1_000_000
    // A zone west of UTC may be in 1969 at the beginning of ledger time.
    guard let microseconds = UInt64(exactly: local) else { return time.description }
    return String(CivilDate.rfc3339(microseconds: microseconds).dropLast()) + Self.text(offset)
  }

  private static func text(_ offset: Int) -> String {
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let size = abs(offset)
    return (offset < 0 ? "-" : "+") + padded(size / 3_600) + ":" + padded(size / 60 % 60)
      + (size % 60 == 0 ? "" : ":\(padded(size % 60))")
  }
}
