import FoundationEssentials
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerPolicy
import LedgerWire
import MerkleLog

/// What the operator says of a decision beyond what the log's entries say themselves: which keys
/// were whose, which rules were in force, and what the decision looked at.
///
/// The log key signs it; every auditor can make it again from the log, to the byte. It has figures
/// of what was paid from the account that the order names as payer, and of nobody else's.
///
/// - Source: docs/formats/evidence.md, EV-7.
package struct DecisionStatement: Codable, Hashable, Sendable {
  static let payloadType = "application/vnd.specie.decision.v1+json"

  package struct Signer: Codable, Hashable, Sendable {
    package let key: String
    /// Entries that registered or changed the key, or its participant, up to the decision.
    package let entries: [UInt64]
    package let validFrom: String
    package let validUntil: String?
    package let standing: String

    enum CodingKeys: String, CodingKey {
      case key, entries, validFrom = "valid_from", validUntil = "valid_until", standing
    }
  }

  package struct Rules: Codable, Hashable, Sendable {
    package let pack: String
    package let version: Int
    /// `enforce` or `shadow`.
    package let mode: String
    /// SHA-256 of the set as officers signed it, and of the policy file.
    package let digest: String
    package let sourceDigest: String
    /// The entry that put it there.
    package let entry: UInt64?

    enum CodingKeys: String, CodingKey {
      case pack, version, mode, digest, sourceDigest = "source_digest", entry
    }
  }

  /// What one rule said of the payer's side; numbers are decimal texts.
  package struct Reading: Codable, Hashable, Sendable {
    package let pack: String
    package let rule: String
    /// What the figures count: `minor_units`, `payments`, `counterparties` or `microseconds`.
    package let unit: String?
    /// Left out, with `unit`, where they would show a balance, or sum up others' accounts.
    package let limit: String?
    package let used: String?
    package let asked: String?
    /// Whether the rule let the payment pass.
    package let passed: Bool
  }

  package let ledger: String
  package let entry: UInt64
  package let time: String
  package let party: String
  package let operation: String
  package let signers: [Signer]
  package let rules: [Rules]
  package let outcome: String
  package let code: String?
  package let rule: String?
  package let pack: String?
  /// Of a duplicate, the entry that decided the order first.
  package let first: UInt64?
  package let readings: [Reading]

  /// The bytes that are signed: JSON as proof files have it.
  var bytes: [UInt8] { ProofJSON.encode(self) }

  /// Reads what was signed; `nil` where it is not just that.
  init?(bytes: [UInt8]) {
    guard JSONShape(bytes) != nil,
      let statement = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      statement.bytes == bytes
    else { return nil }
    self = statement
  }

  /// States what the ledger decided.
  ///
  /// - Parameters:
  ///   - index: Of the instruction in its submission.
  ///   - submission: As sequenced.
  ///   - state: Before the instruction.
  ///   - keyring: When its submission was let in.
  ///   - register: Of entries before the submission's.
  init(
    _ index: Int, of submission: SequencedSubmission, on state: LedgerState,
    keys keyring: KeyRegistry, _ register: PowersRegister
  ) {
    let party = submission.submission.statement.party
    let instruction = submission.submission.instructions[index].instruction
    let applied = submission.applied[index]
    let keys = submission.submission.signatures.map(\.key)
    ledger = state.id.description
    entry = applied.sequence.value
    time = state.time.description
    self.party = party.description
    operation = instruction.operation.name
    signers = keys.compactMap { key in
      keyring.entry(key, of: party).map { Signer($0, register.history(of: key, party)) }
    }
    let explained = state.explain(instruction, signers: keys)
    let currency = state.currencies.first {
      $0.currency.code == instruction.operation.movement?.currency
    }
    rules =
      (currency?.policy.inForce ?? []).map { Rules($0, "enforce", register) }
      + (currency?.policy.inShadow ?? []).map { Rules($0, "shadow", register) }
    let logged = LoggedOutcome(applied.outcome)
    switch logged {
    case .accepted, .remarked:
      outcome = "accepted"
      (code, rule, pack, first) = (nil, nil, nil, nil)
    case .rejected(let rejected, let of, let set):
      outcome = "rejected"
      (code, rule, pack, first) = (rejected.rawValue, of?.text, set?.text, nil)
    case .duplicate(let of):
      outcome = "duplicate"
      (code, rule, pack, first) = (nil, nil, nil, of.value)
    }
    readings = (explained?.readings ?? []).compactMap { Reading($0) }
  }
}

extension DecisionStatement.Rules {
  fileprivate init(_ set: RuleSet, _ mode: String, _ register: PowersRegister) {
    pack = set.pack.text
    version = set.version
    self.mode = mode
    digest = SHA256.hash(set.canonicalBytes).description
    sourceDigest = set.sourceDigest.hex
    entry = register.activation(of: set.packVersion, set.currency)?.value
  }
}

extension DecisionStatement.Signer {
  fileprivate init(_ entry: KeyRegistry.Entry, _ history: KeyHistory) {
    key = entry.key.description
    entries = ([history.registered].compactMap(\.self) + history.changes).map(\.value)
    validFrom = entry.validFrom.description
    validUntil = entry.validUntil?.description
    switch entry.standing {
    case .active: standing = "active"
    case .suspended: standing = "suspended"
    case .revoked: standing = "revoked"
    }
  }
}

extension DecisionStatement.Reading {
  /// `nil` of the payee, who is another customer, and of rules that are not in force.
  fileprivate init?(_ reading: RuleReading) {
    guard !reading.isShadow, reading.isPayer else { return nil }
    pack = reading.set.pack.text
    rule = reading.rule.id.text
    passed = reading.breach == nil
    let isOwn =
      switch reading.holder {
      case .wallet, .pair: true
      case .owner, .participant, .participantClass, .tier, .system: false
      }
    guard isOwn, let unit = Self.unit(of: reading.measure.quantity) else {
      (unit, limit, used, asked) = (nil, nil, nil, nil)
      return
    }
    self.unit = unit
    limit = reading.limit.map { String($0) }
    used = String(reading.used)
    asked = String(reading.asked)
  }

  /// `nil` of what an account holds.
  private static func unit(of quantity: Measure.Quantity) -> String? {
    switch quantity {
    case .amount: "minor_units"
    case .count: "payments"
    case .counterparties: "counterparties"
    case .sinceLast: "microseconds"
    case .balance, .supply: nil
    }
  }
}
