/// Every bound this module enforces, in one place.
///
/// Reaching one is a typed error whose message names the limit, except ``treeSizeMax``, which no
/// log reaches by appending.
public enum LogLimits {
  /// The largest tree, in leaves, and so the largest number in any text format of this module.
  ///
  /// Source: C2SP tlog-checkpoint, "tree size".
  public static let treeSizeMax = UInt64(Int64.max)

  /// The longest entry, in bytes: a bundle prefixes each with a 16-bit length.
  ///
  /// Source: C2SP tlog-tiles, "Log Entries".
  public static let entryByteCountMax = 65_535

  /// The longest proof, in hashes: one for each level of the largest tree.
  ///
  /// Source: C2SP tlog-witness, "add-checkpoint".
  public static let proofHashCountMax = 63

  /// The longest signed note, in bytes.
  ///
  /// Source: golang.org/x/mod/sumdb/note, `Open`.
  public static let noteByteCountMax = 1_000_000

  /// The most signature lines on one note.
  ///
  /// Source: golang.org/x/mod/sumdb/note, `Open`.
  public static let noteSignatureCountMax = 100

  /// The longest `.tlog-proof` file, in bytes: a note, and as much again for the rest.
  public static let logProofByteCountMax = 2_000_000

  /// The longest body of an `add-checkpoint` request, in bytes: a note, and the longest proof.
  public static let addCheckpointByteCountMax = 1_003_000

  /// The longest answer to one, in bytes: as many signature lines as a note may have.
  public static let addCheckpointAnswerByteCountMax = 1_000_000

  /// The longest trust policy file, in bytes.
  public static let trustPolicyByteCountMax = 65_536

  /// The most logs, witnesses and groups, of each, that a trust policy may define.
  ///
  /// Source: C2SP tlog-policy, "Implementation limits": 32 at least.
  public static let trustPolicyDefinitionCountMax = 64
}
