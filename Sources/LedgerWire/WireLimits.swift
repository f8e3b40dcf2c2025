import LedgerModel

/// Bounds of what comes over the wire.
public enum WireLimits {
  /// Bytes of a statement: two digests, a party's code and two numbers fit thrice.
  public static let statementBytesMax = 256
  /// Bytes of a whole submission, its envelope included.
  public static let submissionBytesMax = 8 << 20
  /// Bytes of an envelope's payload type; the one that is right has 44.
  public static let payloadTypeBytesMax = 128
  /// Values of a submission's JSON: one an instruction, and four a signature are more than enough.
  static let submissionValuesMax =
    Limits.instructionsPerSubmissionMax + 4 * Limits.signaturesPerStatementMax + 32
  /// Signature checks that one submission may cost, hints missing or wrong.
  public static let signatureAttemptsMax = 64
  /// Bytes of a genesis.
  public static let genesisBytesMax = 32_768
}
