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
  /// Certificates that one reader has which are neither revoked nor ended.
  public static let certificatesPerReaderMax = 64
  /// Registrations of certificates that one reader has ever had.
  public static let certificatesEverPerReaderMax = 4_096
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
  /// Rule sets that are in force, in shadow or to come for one currency, together.
  public static let packsPerCurrencyMax = 8
  /// Names of packs that there have ever been for one currency.
  public static let packsEverPerCurrencyMax = 4_096
  /// Rules that flag, in one rule set and in all of a currency, where each set in shadow is one
  /// more.
  ///
  /// So many remarks a payment has at most, and its log entry has to hold them.
  public static let remarksPerPaymentMax = 48
  /// Business calendars in one rule set.
  public static let calendarsPerSetMax = 8
  /// Holidays of one business calendar.
  public static let holidaysPerCalendarMax = 1_024
  /// How far a holiday may lie from 1970, in days: some 2,700 years.
  public static let calendarDaysMax = 1_000_000
  /// Attributes in one rule set, and in one ledger's currency over all sets that were in force.
  public static let attributesPerSetMax = 32
  /// Events in one rule set, and in one ledger's currency over all sets that were in force.
  public static let eventsPerSetMax = 16
  /// Groups of signers in one rule set.
  public static let groupsPerSetMax = 16
  /// Keys of one group of signers.
  public static let keysPerGroupMax = 32
  /// Exemptions in one rule set.
  public static let exemptionsPerSetMax = 64
  /// Accounts and participants of one exemption.
  public static let exemptAccountsMax = 256
  /// Words of one test of a filter, and of one attribute.
  public static let wordsPerTestMax = 64
  /// Levels of one cap.
  public static let capDepthMax = 4
  /// Terms of one cap.
  public static let capTermsMax = 16
  /// Payments that a rolling window holds for one key.
  public static let rollingEventsMax = 10_000
  /// The longest rolling window, hold, and time after an event: 400 days.
  public static let windowMicrosecondsMax: UInt64 = 400 * 86_400 * 1_000_000
  /// Payees that one wallet has listed, and payees that one wallet has paid while a rule asks.
  public static let payeesPerWalletMax = 1_024
  /// Payees that all wallets have listed, and payees that all have paid while a rule asks.
  public static let payeesMax = 100_000_000
  /// Payments that the rolling windows of one measure hold, of all keys.
  public static let paymentsPerMeasureMax = 100_000_000
  /// Keys that one measure keeps of pairs of wallets: payers and payees, or counterparties.
  public static let pairsPerMeasureMax = 50_000_000
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
