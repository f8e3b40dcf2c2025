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
}
