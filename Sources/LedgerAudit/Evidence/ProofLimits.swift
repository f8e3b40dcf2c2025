/// Every bound of files that prove one thing; reaching one is a typed error that names it.
package enum ProofLimits {
  /// Bytes of a file of evidence, or of a fork.
  package static let evidenceBytesMax = 1 << 20
  /// Bytes of a statement or total: some tens of thousands of lines or accounts.
  package static let statementBytesMax = 64 << 20
  /// Hashes of one path: a tree has at most 2^63 leaves.
  static let pathHashesMax = 63
  /// Orders that registered or changed the keys of one order's signers, and those keys' in turn.
  static let keyOrdersMax = 1_024

  /// Bytes of a file of any format.
  package static var fileBytesMax: Int { max(evidenceBytesMax, statementBytesMax) }
}
