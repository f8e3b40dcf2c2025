package import LedgerCore
package import LedgerModel
package import MerkleLog

/// An account as the durable log has it.
package struct AccountReading: Hashable, Sendable {
  package let account: AccountID
  package let kind: AccountKind
  /// `nil` for an issuance account.
  package let participant: ParticipantID?
  package let currency: CurrencyCode
  package let tier: Tier?
  package let balance: Balance
  package let available: Balance
  package let isClosed: Bool
  package let freeze: FrozenCredits?
  /// Accepted entries with a posting here, and the newest of them.
  package let entryCount: UInt64
  package let lastSequence: SequenceNumber?
  package let runningHash: Digest
  /// The number of entries that the reading covers.
  package let asOf: UInt64
}

/// One line of an account's statement.
package struct StatementLine: Hashable, Sendable {
  package let sequence: SequenceNumber
  package let time: LedgerTime
  package let instruction: Instruction
  /// What the entry changed the balance by, in minor units.
  package let change: Int64
  package let balance: Balance
  package let counterparty: AccountID
}

/// Part of an account's statement, the newest entry first.
package struct StatementPage: Hashable, Sendable {
  package let lines: [StatementLine]
  /// Ask for the next page before this entry; `nil` at the account's first.
  package let next: SequenceNumber?
  package let asOf: UInt64
}

/// What became of an id.
package enum InstructionStatus: Hashable, Sendable {
  case executed(party: Party, InstructionReceipt, time: LedgerTime)
  /// It never was, and never will be: its window has passed.
  case neverExecuted(asOf: UInt64, time: LedgerTime)
  /// It may still come, or the index does not reach so far yet.
  case notYetKnown(asOf: UInt64, time: LedgerTime)
}

/// A participant as the durable log has it.
package struct ParticipantReading: Hashable, Sendable {
  package let participant: ParticipantState
  package let settlementAccounts: [AccountReading]
  package let keys: [KeyRegistry.Entry]
}

/// A currency's money.
package struct SupplyReading: Hashable, Sendable {
  package let currency: Currency
  package let issued: Int128
  package let redeemed: Int128
  /// By participant, in order of admission.
  package let holdings: [ParticipantHolding]
  package let activeRules: RuleSetReading?
  package let asOf: UInt64
  package let time: LedgerTime

  package var outstanding: Int128 { issued - redeemed }
}

/// What one participant and its customers hold of a currency, in minor units.
package struct ParticipantHolding: Hashable, Sendable {
  package let participant: ParticipantID
  package let settlement: Int128
  package let wallets: Int128
}

/// Which rules are in force.
package struct RuleSetReading: Hashable, Sendable {
  package let pack: PackName
  package let version: Int
  package let sourceDigest: Bytes32
}

/// An entry with the proof that it is in the log.
package struct EntryProof: Hashable, Sendable {
  package let entry: [UInt8]
  /// A `.tlog-proof` file (C2SP tlog-proof).
  package let proof: [UInt8]
}

/// Whether the service takes orders now.
package struct ServiceStatus: Hashable, Sendable {
  /// Entries that are durable.
  package let size: UInt64
  package let time: LedgerTime
  /// Entries that the newest checkpoint covers.
  package let checkpointSize: UInt64
  /// Entries that the index of ids covers.
  package let indexedSize: UInt64
  /// Why no orders are taken; `nil` where they are.
  package let closed: String?
}
