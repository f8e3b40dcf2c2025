/// Why a file proves nothing.
package struct EvidenceFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which of its parts does not hold.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The bytes are no such file, or have what it does not need.
    case form
    /// The checkpoint is not signed by whom the auditor trusts.
    case checkpoint
    /// An entry is not in the log under the checkpoint, or its place, link or time cannot be.
    case inclusion
    /// Entry 0 is not that of the ledger that the auditor trusts, signed by its officers.
    case genesis
    /// The order is not under the statement that was signed, or that had expired.
    case statement
    /// A signature on the statement does not hold.
    case signature
    /// A key that signed was not the party's, or could not act; too few signed; or the ledger could
    /// not decide so.
    case authority
    /// What the operator says of the decision is not signed, or is of something else.
    case attestation
    /// What is said of the state is not what the log commits to.
    case commitment
    /// Two checkpoints do not contradict each other.
    case fork
    /// The lines of a statement are not those that the account has.
    case lines
  }

  package let kind: Kind
  package let detail: String

  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  package var description: String { "\(kind.rawValue): \(detail)" }
}
