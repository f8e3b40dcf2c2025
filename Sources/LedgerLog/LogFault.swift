package import LedgerModel
package import MerkleLog

/// What is wrong with a log, and at which entry.
package struct LogFault: Error, Hashable, Sendable {
  /// Which promise the entry breaks.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The bytes are no entry, or not the one encoding of one.
    case encoding
    /// The entry does not follow on the one before: its number, time or link is another.
    case chain
    case genesis
    /// A statement is none, or its instructions are not those under its root.
    case statement
    /// A signature does not verify.
    case signature
    /// Keys, quorum or expiry did not allow the submission at its ledger time.
    case authority
    /// Executing the order again gives another outcome.
    case decision
    /// At the log's end the money does not add up.
    case balance
    /// What is kept beside the entry is not what replay computes.
    case sideData = "side_data"
    /// The tree over the entries is not the one that a checkpoint signed.
    case tree
    /// A published file of hashes is not what the entries give; the entries themselves are right.
    case tile
    case checkpoint
    /// The index of ids does not have each id at the entry in which it came first, or not only
    /// those; the log itself is right, and the index can be made again.
    case index
    /// A snapshot of the state is not what replay comes to; the log itself is right.
    case snapshot
    /// A commitment to the state is missing, in excess, or not of the state that replay computes.
    case commitment
    /// The log ends within a submission, or before a checkpoint's size.
    case truncated
    case storage
  }

  package let kind: Kind
  /// The first bad entry.
  package let sequence: SequenceNumber
  package let detail: String
  /// Hashes, where two were compared.
  package let expected: Digest?
  package let found: Digest?

  package init(
    _ kind: Kind, at sequence: SequenceNumber, _ detail: String, expected: Digest? = nil,
    found: Digest? = nil
  ) {
    self.kind = kind
    self.sequence = sequence
    self.detail = detail
    self.expected = expected
    self.found = found
  }

  /// The same fault, with more said of it.
  package func adding(_ more: String) -> LogFault {
    LogFault(kind, at: sequence, "\(detail); \(more)", expected: expected, found: found)
  }
}

extension LogFault: CustomStringConvertible {
  package var description: String {
    var text = "entry \(sequence): \(kind.rawValue): \(detail)"
    if let expected { text += "; expected \(expected)" }
    if let found { text += "; found \(found)" }
    return text
  }
}
