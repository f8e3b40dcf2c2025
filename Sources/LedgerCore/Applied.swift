public import LedgerModel
public import LedgerPolicy

/// What became of one instruction.
public struct Applied: Sendable {
  public let sequence: SequenceNumber
  public let outcome: Outcome
  /// The debit first, then the credit; none where no money moved.
  public let debit: AccountEffect?
  public let credit: AccountEffect?
  /// On accounts that waterfalls draw from and send to, in this order.
  public let cascade: [AccountEffect]
  /// What else changed, for the durable view; empty for money.
  public let changes: [StateChange]
}

/// What one accepted entry did to one account.
public struct AccountEffect: Hashable, Sendable {
  /// Index into ``LedgerState/accounts``.
  public let slot: Int
  public let posting: PostingEffect
}

/// A part of the state as it is after an entry.
public enum StateChange: Hashable, Sendable {
  case participant(index: Int, ParticipantState)
  case account(slot: Int, AccountState)
  case keys(Party, [KeyRegistry.Entry])
  /// Some of ``LedgerState/certificates``.
  case certificates
  case rules(currency: Int, [RuleSetStanding])
}

/// A rule set of a currency, and how it stands.
public struct RuleSetStanding: Hashable, Sendable {
  public let version: PackVersion
  /// SHA-256 of the policy file.
  public let sourceDigest: Bytes32
  /// Whether it only says what it would have done.
  public let isShadow: Bool
  /// When it comes into force; `nil` where it is.
  public let from: LedgerTime?
  /// When the last of its rules ends; `nil` where one has no end.
  public let until: LedgerTime?

  public init(
    version: PackVersion, sourceDigest: Bytes32, isShadow: Bool = false, from: LedgerTime? = nil,
    until: LedgerTime? = nil
  ) {
    self.version = version
    self.sourceDigest = sourceDigest
    self.isShadow = isShadow
    self.from = from
    self.until = until
  }

  fileprivate init(_ ruleSet: RuleSet, isShadow: Bool, from: LedgerTime? = nil) {
    self.init(
      version: ruleSet.packVersion, sourceDigest: ruleSet.sourceDigest, isShadow: isShadow,
      from: from, until: ruleSet.until)
  }
}

extension RuleSet {
  /// When the last rule ends, and with it what the set decides; `nil` where a rule has no end.
  public var until: LedgerTime? {
    guard rules.allSatisfy({ $0.until != nil }) else { return nil }
    return rules.compactMap(\.until).max()
  }
}

extension PolicyEngine {
  /// The sets in force, then those in shadow, then those that will come, each in its order.
  public var standing: [RuleSetStanding] {
    inForce.map { RuleSetStanding($0, isShadow: false) }
      + inShadow.map { RuleSetStanding($0, isShadow: true) }
      + willCome.map { RuleSetStanding($0.ruleSet, isShadow: $0.isShadow, from: $0.from) }
  }
}

/// A submission that the core has let in.
public struct AdmittedSubmission: Sendable {
  /// Of the submission's own entry; its instructions follow.
  public let sequence: SequenceNumber
  public let party: Party
  /// The acting participant's index; `nil` for the issuer and for recovery.
  public let participant: Int?
  /// Distinct, valid for the party at ledger time.
  public let signers: [PublicKey]
  let partyNumber: PartyNumber
  /// Of the party's instruction ids.
  let horizonMicroseconds: UInt64
}

/// What the core does with a submission.
public enum Admission: Sendable {
  case admitted(AdmittedSubmission)
  /// The same statement with as many signers or more was sequenced before, at that number.
  case alreadySequenced(at: SequenceNumber)
}
