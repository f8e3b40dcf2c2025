public import LedgerModel
public import MerkleLog

/// One record of the log; its RFC 6962 leaf hash is also the chain's link.
///
/// - Source: docs/formats/log-entry.md; proto/specie/v1/log.proto.
public struct LogEntry: Hashable, Sendable {
  /// What the entry records.
  public enum Body: Hashable, Sendable {
    /// The canonical bytes of a ``Genesis``, and one signature an officer, in their order.
    case genesis(bytes: [UInt8], signatures: [StatementSignature])
    /// The canonical bytes of a ``Statement``; its instructions follow.
    case submission(statement: [UInt8], signatures: [StatementSignature])
    case instruction(bytes: [UInt8], outcome: LoggedOutcome)
    case system(SystemEvent)
  }

  public let sequence: SequenceNumber
  public let time: LedgerTime
  /// The leaf hash of the entry before; zero in entry 0.
  public let previous: Digest
  public let body: Body

  public init(sequence: SequenceNumber, time: LedgerTime, previous: Digest, body: Body) {
    self.sequence = sequence
    self.time = time
    self.previous = previous
    self.body = body
  }
}

/// An outcome as the log holds it: without the payloads, which replay recomputes.
public enum LoggedOutcome: Hashable, Sendable {
  case accepted
  /// Accepted, and rules had something to say; at least one remark.
  case remarked([Remark])
  /// Of a rule that refused, the pack is named where the rule's set is not of format 1.
  indirect case rejected(code: RejectionCode, rule: RuleID?, pack: PackName? = nil)
  case duplicate(of: SequenceNumber)

  public init(_ outcome: Outcome) {
    switch outcome {
    case .accepted: self = .accepted
    case .remarked(let remarks): self = .remarked(remarks)
    case .rejected(let rejection):
      self = .rejected(code: rejection.code, rule: rejection.rule, pack: rejection.pack)
    case .duplicate(let first): self = .duplicate(of: first)
    }
  }

  /// Whether the order was carried out.
  public var isAccepted: Bool {
    switch self {
    case .accepted, .remarked: true
    case .rejected, .duplicate: false
    }
  }
}

/// What the core itself placed in the log.
public enum SystemEvent: Hashable, Sendable {
  /// Nothing but the passing of ledger time.
  case tick
  /// All balances, as of the entry before.
  case commitment(StateCommitment)
}

extension LoggedOutcome: CustomStringConvertible {
  public var description: String {
    switch self {
    case .accepted: "accepted"
    case .remarked(let remarks):
      "accepted; " + remarks.map(\.description).joined(separator: "; ")
    case .rejected(let code, let rule, let pack):
      "rejected as `\(code.rawValue)`" + (rule.map { " by rule `\($0)`" } ?? "")
        + (pack.map { " of `\($0)`" } ?? "")
    case .duplicate(let first): "a duplicate of entry \(first)"
    }
  }
}
