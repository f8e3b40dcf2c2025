/// Every bound of the ledger itself, in one place; reaching one is a typed error that names it.
///
/// The service's bounds (queues, bodies, times) are in `ServiceLimits`.
public enum Limits {
  /// Instructions in one submission.
  public static let instructionsPerSubmissionMax = 10_000
  /// Bytes of one instruction: a log entry that holds it must fit a tile's entry bundle.
  public static let instructionBytesMax = 57_344
  /// Bytes of one log entry (C2SP tlog-tiles: a `uint16` length).
  public static let logEntryBytesMax = 65_535
  /// Distinct keys on one statement.
  public static let signaturesPerStatementMax = 32
  /// Keys that one party has which are neither revoked nor ended.
  public static let keysPerPartyMax = 64
  /// Keys that one party has ever had: the others stay, so that none is ever used again.
  public static let keysEverPerPartyMax = 4_096
  /// Keys that one admission registers.
  public static let keysPerAdmissionMax = 16
  /// Settlement accounts that one admission opens.
  public static let settlementAccountsPerAdmissionMax = 16
  /// Officers, and recovery keys, at genesis.
  public static let officersMax = 32
  /// Currencies of one ledger.
  public static let currenciesMax = 16
  /// Decimal digits of a minor unit.
  public static let currencyExponentMax = 6
  /// Participants of one ledger.
  public static let participantsMax = 65_536
  /// Bytes of a compiled rule set.
  public static let ruleSetBytesMax = 49_152
  /// Rules, and measures, in one rule set.
  public static let rulesPerSetMax = 256
  /// Wallet tiers in one rule set.
  public static let tiersPerSetMax = 64
  /// Postings of one journal entry.
  public static let postingsPerEntryMax = 256
  /// Counted measures in one rule set: each is 16 bytes a wallet.
  public static let countersPerSetMax = 32
  /// Wallet tiers that one ledger has ever named: one `UInt16` is kept for none.
  public static let tiersPerLedgerMax = 65_535
  /// Tiers that one participant brings in where no rules name them.
  public static let freeTiersPerParticipantMax = 16
  /// Tiers that all participants bring in so; the others are kept for the officers' rules.
  public static let freeTiersPerLedgerMax = 32_768
  /// Accounts that one participant has ever had, closed ones included.
  public static let accountsPerParticipantMax = 100_000_000
  /// Accounts that one ledger has ever had.
  public static let accountsMax = 2_147_483_647
  /// RTGS references that one party has ever used.
  public static let rtgsReferencesPerPartyMax = 100_000_000
  /// What a ledger may choose as its cap on live ids: at least ten times the largest submission.
  public static let liveIDsRange = 100_000...1_000_000_000
  /// How far ahead of ledger time an instruction id's own time may lie: 60 s.
  public static let idAheadMicrosecondsMax: UInt64 = 60_000_000
  /// How far a confirmed instant may lie from ledger time: 5 minutes.
  public static let clockConfirmationMicrosecondsMax: UInt64 = 300_000_000
  /// The largest horizon of instruction ids and statement expiries: 400 days.
  public static let horizonMicrosecondsMax: UInt64 = 400 * 86_400 * 1_000_000
}
