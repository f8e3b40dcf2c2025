package import LedgerModel
package import MerkleLog

/// What blinds a ledger's commitments to its state: 32 random bytes that the ledger and its
/// auditors have.
///
/// Whoever has it can try out balances against hashes that he was shown, and nothing else.
///
/// - Source: docs/formats/state-commitment.md.
package struct CommitmentSecret: Sendable {
  private let bytes: Bytes32
  private let code: HMAC

  package init(_ bytes: Bytes32) {
    self.bytes = bytes
    code = HMAC(key: bytes.bytes)
  }

  /// Reads the text of a secret file.
  ///
  /// - Throws: ``WireError/invalidField(_:problem:)`` unless it is 64 lower-case hexadecimal
  ///   digits and a line feed.
  package init(text: String) throws(WireError) {
    guard text.last == "\n", let bytes = Bytes32(hex: text.dropLast()) else {
      throw .invalidField(
        "commitment secret", problem: "the file has 64 lower-case hexadecimal digits, and no more")
    }
    self.init(bytes)
  }

  /// The one line of a secret file.
  package var text: String { bytes.hex + "\n" }

  /// What the genesis names it by.
  package var digest: Bytes32 { Bytes32(SHA256.hash(bytes.bytes)) }

  /// Returns the blind of what `message` names.
  package func blind(_ message: RawSpan) -> Digest { code.code(of: message) }

  /// Returns the blind of what `message` names.
  package func blind(_ message: [UInt8]) -> Digest { code.code(of: message) }
}
