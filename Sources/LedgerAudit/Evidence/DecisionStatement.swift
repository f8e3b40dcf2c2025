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
/// of the acting party's own accounts alone.
///
/// - Source: docs/formats/evidence.md, EV-6.
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

  /// What one rule looked at; numbers are decimal texts.
  package struct Reading: Codable, Hashable, Sendable {
    package let pack: String
    package let rule: String
    package let account: String
    package let limit: String?
    package let used: String?
    package let asked: String
    /// Where the figures sum up others' accounts too, what might still have been asked.
    package let left: String?
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

  /// The bytes that are signed: JSON with its keys in order.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a statement of a decision did not encode")
    }
    return [UInt8](data)
  }

  init?(bytes: [UInt8]) {
    guard let statement = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
      return nil
    }
    self = statement
  }

  /// States what the ledger decided.
  ///
  /// - Parameters:
  ///   - index: Of the instruction in its submission.
  ///   - submission: As sequenced.
  ///   - state: Before the instruction.
  ///   - register: Of entries before the submission's.
  init(
    _ index: Int, of submission: SequencedSubmission, on state: LedgerState,
    _ register: PowersRegister
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
      state.keys.entry(key, of: party).map { Signer($0, register.entries(of: key, of: party)) }
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
    readings = (explained?.readings ?? []).compactMap { Reading($0, party, state) }
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
  fileprivate init(_ entry: KeyRegistry.Entry, _ entries: [SequenceNumber]) {
    key = entry.key.description
    self.entries = entries.map(\.value)
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
  /// `nil` of an account that is not the party's own, or that no rule in force looked at.
  fileprivate init?(_ reading: RuleReading, _ party: Party, _ state: LedgerState) {
    guard !reading.isShadow, let participant = state.account(reading.account)?.participant,
      party == .participant(state.participants[participant].id)
    else { return nil }
    pack = reading.set.pack.text
    rule = reading.rule.id.text
    account = reading.account.description
    asked = String(reading.asked)
    passed = reading.breach == nil
    switch reading.holder {
    case .wallet, .pair:
      limit = reading.limit.map { String($0) }
      used = String(reading.used)
      left = nil
    case .owner, .participant, .participantClass, .tier, .system:
      // Sums over others' accounts: what a receipt says of them, and no more.
      limit = nil
      used = nil
      left = reading.left.map { String($0) }
    }
  }
}
