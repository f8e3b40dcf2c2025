/// When a ledger commits to its whole state, and under which secret.
public struct CommitmentSchedule: Hashable, Sendable {
  /// Every date closes once in this zone.
  public let zone: TimeZoneTable
  /// When a date closes, in seconds after its midnight: `1 ... 86_400`.
  public let closeSeconds: Int
  /// Between two commitments at most, while there are entries: `1 s ... 400 days`.
  public let intervalMicroseconds: UInt64
  /// SHA-256 of the secret that blinds what is committed to.
  public let secretDigest: Bytes32

  public init(
    zone: TimeZoneTable, closeSeconds: Int, intervalMicroseconds: UInt64, secretDigest: Bytes32
  ) {
    self.zone = zone
    self.closeSeconds = closeSeconds
    self.intervalMicroseconds = intervalMicroseconds
    self.secretDigest = secretDigest
  }

  /// One that closes each date at midnight UTC, and commits every hour.
  public static func standard(secretDigest: Bytes32) -> CommitmentSchedule {
    CommitmentSchedule(
      zone: .utc, closeSeconds: 86_400, intervalMicroseconds: 3_600_000_000,
      secretDigest: secretDigest)
  }

  /// Its dates as business days, of which each is one.
  public var calendar: BusinessCalendar {
    BusinessCalendar(
      name: CalendarName(unchecked: "close"), zone: zone, weekend: [], holidays: [],
      cutOffSeconds: closeSeconds)
  }

  var isValid: Bool {
    zone.isValid && 1...86_400 ~= closeSeconds
      && 1_000_000...Limits.horizonMicrosecondsMax ~= intervalMicroseconds
  }
}

/// The money of a ledger, as a commitment to its state says it in clear.
public struct StateTotals: Hashable, Sendable {
  /// The close of a date that the state is committed to for; `nil` where the interval had passed.
  public let close: LedgerTime?
  /// In the order of the genesis.
  public let currencies: [CurrencyTotals]

  public init(close: LedgerTime?, currencies: [CurrencyTotals]) {
    self.close = close
    self.currencies = currencies
  }
}

/// A currency's money since genesis, in minor units.
public struct CurrencyTotals: Hashable, Sendable {
  public let currency: CurrencyCode
  /// Not negative.
  public let issued: Int128
  /// `0 ... issued`.
  public let redeemed: Int128

  public init(currency: CurrencyCode, issued: Int128, redeemed: Int128) {
    self.currency = currency
    self.issued = issued
    self.redeemed = redeemed
  }

  /// `0 ... Balance.max`.
  public var outstanding: Int128 { issued - redeemed }
}

/// What the log says of the whole state as of the entry before.
///
/// - Source: docs/formats/state-commitment.md.
public struct StateCommitment: Hashable, Sendable {
  public let totals: StateTotals
  /// Over the trees of all participants.
  public let root: Bytes32

  public init(totals: StateTotals, root: Bytes32) {
    self.totals = totals
    self.root = root
  }
}

extension StateTotals: CustomStringConvertible {
  public var description: String {
    (currencies.map(\.description) + [close.map { "at the close of \($0)" }].compactMap(\.self))
      .joined(separator: ", ")
  }
}

extension CurrencyTotals: CustomStringConvertible {
  public var description: String {
    "\(outstanding) \(currency) outstanding of \(issued) issued"
  }
}
