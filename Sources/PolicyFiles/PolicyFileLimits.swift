/// Every bound of a policy file, in one place; reaching one is an error that names it.
///
/// The bounds of the compiled set are in `LedgerModel.Limits`.
public enum PolicyFileLimits {
  /// Bytes of one file.
  ///
  /// A file that is not a draft goes with its rule set in one order, and so must be smaller.
  public static let fileBytesMax = 262_144
  /// Bytes of one line.
  public static let lineBytesMax = 1_000
  /// Spaces before the first character of a line.
  public static let indentMax = 40
  /// Brackets within brackets, and list dashes on one line.
  public static let nestingMax = 8
  /// Lists and mappings within each other, over all lines.
  public static let depthMax = 16
  /// Errors and warnings that are kept; what follows is mostly their echo.
  public static let diagnosticsMax = 100
  /// Payments that a rolling window remembers for one key, where the file does not say.
  public static let rollingEventsDefault = 1_000
  /// Bytes that one key of a rolling window may take before that is warned of.
  public static let keyBytesWarned = 40_960
  /// Examples in one file.
  public static let testsMax = 256
  /// Wallets of one example.
  public static let walletsPerTestMax = 64
  /// Participants of one example.
  public static let participantsPerTestMax = 64
  /// Steps of all examples, repeats counted.
  public static let stepsMax = 20_000
  /// Of a pack.
  public static let versionMax = Int(Int32.max)
  /// Payments or counterparties that a limit, or an example, can name.
  public static let countMax = 1_000_000_000
  /// The longest duration, 999,999 days; those that the ledger keeps are shorter.
  public static let durationMicrosecondsMax: UInt64 = 999_999 * 86_400_000_000
  /// The last year in which a step of an example may be: the last that RFC 3339 can write.
  public static let yearMax = 9_999
  /// Bytes of one time zone file.
  public static let zoneBytesMax = 65_536
}
