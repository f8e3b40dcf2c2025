import FoundationEssentials
import LedgerModel
import LedgerSchema
import MerkleLog
import SwiftProtobuf

extension LogEntry {
  /// Reads an entry from its canonical bytes.
  ///
  /// - Throws: ``WireError/tooLarge(_:count:max:)``, ``WireError/malformed(message:)``,
  ///   ``WireError/nonCanonical(message:)`` or ``WireError/invalidField(_:problem:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    try self.init(canonicalBytes: bytes[...])
  }

  /// Reads an entry from its canonical bytes.
  ///
  /// - Throws: As for an array.
  package init(canonicalBytes bytes: ArraySlice<UInt8>) throws(WireError) {
    guard bytes.count <= Limits.logEntryBytesMax else {
      throw .tooLarge("bytes of a log entry", count: bytes.count, max: Limits.logEntryBytesMax)
    }
    // Safe: the span ends with the call, and the slice outlives it.
    if let entry = unsafe LogEntry(submission: bytes.span.bytes) {
      self = entry
    } else if let entry = InstructionEntry(canonicalBytes: bytes) {
      self.init(
        sequence: entry.sequence, time: entry.time, previous: entry.previous,
        body: .instruction(bytes: Array(entry.instruction), outcome: entry.outcome))
    } else {
      try self.init(generalBytes: Array(bytes))
    }
  }

  /// Reads any entry, through swift-protobuf.
  package init(generalBytes bytes: [UInt8]) throws(WireError) {
    let message = try Canonical.decode(Specie_V1_LogEntry.self, from: bytes, named: "log entry")
    guard let body = message.body else {
      throw .invalidField("body", problem: "it is missing")
    }
    self.init(
      sequence: SequenceNumber(message.sequence), time: LedgerTime(microseconds: message.time),
      previous: try Field.bytes32(message.previous, "previous").digest, body: try Body(body))
  }
}

extension LogEntry.Body {
  init(_ body: Specie_V1_LogEntry.OneOf_Body) throws(WireError) {
    switch body {
    case .genesis(let entry):
      self = .genesis(
        bytes: [UInt8](entry.genesis), signatures: try Self.signatures(entry.signatures))
    case .submission(let entry):
      self = .submission(
        statement: [UInt8](entry.statement), signatures: try Self.signatures(entry.signatures))
    case .instruction(let entry):
      guard let outcome = entry.outcome else {
        throw .invalidField("outcome", problem: "it is missing")
      }
      self = .instruction(bytes: [UInt8](entry.instruction), outcome: try LoggedOutcome(outcome))
    case .system(let entry):
      switch entry.event {
      case .tick: self = .system(.tick)
      case .commitment(let commitment):
        self = .system(.commitment(try StateCommitment(commitment)))
      case nil: throw .invalidField("event", problem: "it is missing")
      }
    }
  }

  private static func signatures(
    _ messages: [Specie_V1_LogSignature]
  ) throws(WireError) -> [StatementSignature] {
    var signatures: [StatementSignature] = []
    for message in messages {
      guard message.signature.count == Ed25519.signatureByteCount else {
        throw .invalidField("signatures.signature", problem: "it has not 64 bytes")
      }
      signatures.append(
        StatementSignature(
          key: PublicKey(try Field.bytes32(message.key, "signatures.key")),
          signature: [UInt8](message.signature)))
    }
    return signatures
  }
}

extension LoggedOutcome {
  init(_ outcome: Specie_V1_InstructionEntry.OneOf_Outcome) throws(WireError) {
    switch outcome {
    case .accepted(let accepted):
      var remarks: [Remark] = []
      for remark in accepted.remarks { remarks.append(try Remark(remark)) }
      self = remarks.isEmpty ? .accepted : .remarked(remarks)
    case .rejected(let rejected):
      guard let code = RejectionCode(rawValue: rejected.code) else {
        throw .invalidField("rejected.code", problem: "`\(rejected.code)` is not known")
      }
      let rule: RuleID? =
        rejected.rule.isEmpty ? nil : try Field.name(rejected.rule, "rejected.rule")
      let pack: PackName? =
        rejected.pack.isEmpty ? nil : try Field.name(rejected.pack, "rejected.pack")
      self = .rejected(code: code, rule: rule, pack: pack)
    case .duplicate(let duplicate): self = .duplicate(of: SequenceNumber(duplicate.sequence))
    }
  }
}

extension Remark {
  fileprivate init(_ message: Specie_V1_Remark) throws(WireError) {
    guard let kind = Kind(rawValue: message.kind.rawValue) else {
      throw .invalidField("accepted.remarks", problem: "`\(message.kind)` is not known")
    }
    let rule: RuleID? =
      message.rule.isEmpty ? nil : try Field.name(message.rule, "accepted.remarks.rule")
    guard (rule == nil) == (kind == .shadowTierUnknown) else {
      throw .invalidField("accepted.remarks.rule", problem: "`\(kind)` and the rule disagree")
    }
    self.init(
      kind: kind, pack: try Field.name(message.pack, "accepted.remarks.pack"), rule: rule)
  }
}

extension StateCommitment {
  fileprivate init(_ message: Specie_V1_StateCommitment) throws(WireError) {
    var currencies: [CurrencyTotals] = []
    for totals in message.currencies { currencies.append(try CurrencyTotals(totals)) }
    self.init(
      totals: StateTotals(
        close: message.close == 0 ? nil : LedgerTime(microseconds: message.close),
        currencies: currencies),
      root: try Field.bytes32(message.root, "commitment.root"))
  }
}

extension CurrencyTotals {
  fileprivate init(_ message: Specie_V1_CurrencyTotals) throws(WireError) {
    let issued = Self.sum(message.issuedHigh, message.issuedLow)
    let redeemed = Self.sum(message.redeemedHigh, message.redeemedLow)
    guard 0 <= redeemed, redeemed <= issued,
      issued - redeemed == Int128(message.outstanding)
    else {
      throw .invalidField(
        "commitment.currencies", problem: "issued and redeemed do not give what is outstanding")
    }
    self.init(
      currency: try Field.currency(message.currency, "commitment.currencies.currency"),
      issued: issued, redeemed: redeemed)
  }

  private static func sum(_ high: UInt64, _ low: UInt64) -> Int128 {
    Int128(truncatingIfNeeded: high) << 64 | Int128(low)
  }
}
