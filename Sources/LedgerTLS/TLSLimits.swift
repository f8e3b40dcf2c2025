package import LedgerModel

/// Every bound of certificates and keys, in one place.
package enum TLSLimits {
  /// Bytes of a PEM file.
  package static let fileBytesMax = 1 << 20
  /// Certificates of one file: a chain, or the authorities that clients' certificates lead to.
  package static let certificatesMax = 256
  /// How long a change of the files may go unnoticed.
  package static let checkInterval: Duration = .seconds(60)
  /// How often is said when certificates end.
  package static let forecastInterval: Duration = .seconds(86_400)
  /// From when on the end of a certificate is warned of, in microseconds before it: 30 days.
  package static let warningMicroseconds: UInt64 = 30 * 86_400 * 1_000_000
  /// From when on it is an error, in microseconds before it: 7 days.
  package static let errorMicroseconds: UInt64 = 7 * 86_400 * 1_000_000
}

extension TLSLimits {
  /// How soon something must be renewed.
  package enum Urgency: Hashable, Sendable {
    case none
    case soon
    case now
  }

  package static func urgency(of end: LedgerTime, at now: LedgerTime) -> Urgency {
    if end <= now.advanced(byMicroseconds: errorMicroseconds) { return .now }
    return end <= now.advanced(byMicroseconds: warningMicroseconds) ? .soon : .none
  }

  /// Whole days, 0 where it has ended.
  package static func daysLeft(until end: LedgerTime, at now: LedgerTime) -> Int {
    end > now ? Int((end.microseconds - now.microseconds) / 86_400_000_000) : 0
  }
}
