public import LedgerModel

/// What became of one instruction.
public struct Applied: Sendable {
  public let sequence: SequenceNumber
  public let outcome: Outcome
  /// The debit first, then the credit; none where no money moved.
  public let debit: AccountEffect?
  public let credit: AccountEffect?
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
  case ruleSet(currency: Int, RuleSet)
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
