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

  package init(
    account: AccountID, kind: AccountKind, participant: ParticipantID?, currency: CurrencyCode,
    tier: Tier?, balance: Balance, available: Balance, isClosed: Bool, freeze: FrozenCredits?,
    entryCount: UInt64, lastSequence: SequenceNumber?, runningHash: Digest, asOf: UInt64
  ) {
    self.account = account
    self.kind = kind
    self.participant = participant
    self.currency = currency
    self.tier = tier
    self.balance = balance
    self.available = available
    self.isClosed = isClosed
    self.freeze = freeze
    self.entryCount = entryCount
    self.lastSequence = lastSequence
    self.runningHash = runningHash
    self.asOf = asOf
  }
}

/// One line of an account's statement.
package struct StatementLine: Hashable, Sendable {
  /// What a wallet's linked account gave for a payment, or took of it.
  package struct Linked: Hashable, Sendable {
    package let account: AccountID
    /// What came from it, in minor units; negative for what went to it.
    package let change: Int64

    package init(account: AccountID, change: Int64) {
      self.account = account
      self.change = change
    }
  }

  package let sequence: SequenceNumber
  package let time: LedgerTime
  package let instruction: Instruction
  /// What the order moves from its payer to its payee, in minor units.
  package let amount: UInt64
  /// What the entry changed the balance by, in minor units: less where a linked account gave or
  /// took.
  package let change: Int64
  /// Of a wallet, where its linked account gave or took.
  package let linked: Linked?
  package let balance: Balance
  /// The other side of the payment; of a linked account that gave or took, the wallet that it did
  /// so for.
  package let counterparty: AccountID

  package init(
    sequence: SequenceNumber, time: LedgerTime, instruction: Instruction, amount: UInt64,
    change: Int64, linked: Linked?, balance: Balance, counterparty: AccountID
  ) {
    self.sequence = sequence
    self.time = time
    self.instruction = instruction
    self.amount = amount
    self.change = change
    self.linked = linked
    self.balance = balance
    self.counterparty = counterparty
  }
}

/// Where in a log something is looked at.
package enum LogPoint: Hashable, Sendable {
  case now
  /// After an entry.
  case entry(SequenceNumber)
  /// After all entries that are dated at or before an instant.
  case time(LedgerTime)
}

/// What an account held after some entry.
package struct BalanceReading: Hashable, Sendable {
  package let account: AccountID
  package let currency: CurrencyCode
  package let balance: Balance
  /// The account's newest entry until then; `nil` where it had none.
  package let lastSequence: SequenceNumber?
  /// The number of entries that the reading covers.
  package let asOf: UInt64

  package init(
    account: AccountID, currency: CurrencyCode, balance: Balance, lastSequence: SequenceNumber?,
    asOf: UInt64
  ) {
    self.account = account
    self.currency = currency
    self.balance = balance
    self.lastSequence = lastSequence
    self.asOf = asOf
  }
}

/// What became, or would become, of an order that was only tried.
package struct DryRun: Sendable {
  package let receipt: InstructionReceipt
  /// The number of entries that it was tried after.
  package let asOf: UInt64
  package let time: LedgerTime
}

/// How much a wallet may still pay now.
package struct HeadroomReading: Sendable {
  package let account: AccountID
  package let headroom: Headroom
  /// Whether whoever asks sees what others' accounts have used.
  package let showsShared: Bool
  /// The number of entries that the reading covers.
  package let asOf: UInt64
  package let time: LedgerTime
}

/// Which lines of a statement are asked for; those that all its parts admit.
package struct StatementFilter: Hashable, Sendable {
  package var counterparty: AccountID?
  /// Minor units that the order moves, at least and at most.
  package var amountMin: UInt64 = 0
  package var amountMax = UInt64.max
  package var reference: ClientReference?
  /// Dated at or after.
  package var from: LedgerTime?
  /// Dated before.
  package var until: LedgerTime?

  package init() {}

  func admits(_ line: StatementLine) -> Bool {
    amountMin <= line.amount && line.amount <= amountMax
      && counterparty.map { $0 == line.counterparty } ?? true
      && reference.map { $0 == line.instruction.reference } ?? true
  }
}

/// An account's business day: what it held before and after, and what came between.
package struct DayReading: Hashable, Sendable {
  package let currency: CurrencyCode
  package let date: CivilDate
  /// The zone in which days begin and end.
  package let zone: String
  /// From when until just before when.
  package let span: Range<LedgerTime>
  /// Whether nothing more can come into it.
  package let isComplete: Bool
  package let opening: Balance
  /// So far, of a day that is not complete.
  package let closing: Balance
  package let page: StatementPage

  package init(
    currency: CurrencyCode, date: CivilDate, zone: String, span: Range<LedgerTime>,
    isComplete: Bool, opening: Balance, closing: Balance, page: StatementPage
  ) {
    self.currency = currency
    self.date = date
    self.zone = zone
    self.span = span
    self.isComplete = isComplete
    self.opening = opening
    self.closing = closing
    self.page = page
  }
}

/// Part of an account's statement, the newest entry first.
package struct StatementPage: Hashable, Sendable {
  package let lines: [StatementLine]
  /// Ask for the next page before this entry; `nil` at the account's first.
  package let next: SequenceNumber?
  package let asOf: UInt64

  package init(lines: [StatementLine], next: SequenceNumber?, asOf: UInt64) {
    self.lines = lines
    self.next = next
    self.asOf = asOf
  }
}

/// What became of an id.
package enum InstructionStatus: Hashable, Sendable {
  case executed(party: Party, InstructionReceipt, time: LedgerTime)
  /// It never was, and never will be: its window has passed.
  ///
  /// By this party; `nil` where by none.
  case neverExecuted(by: Party?, asOf: UInt64, time: LedgerTime)
  /// It may still come, or the index does not reach so far yet.
  case notYetKnown(of: Party?, asOf: UInt64, time: LedgerTime)
}

/// Some participants, in order of admission.
package struct ParticipantsPage: Hashable, Sendable {
  package let participants: [ParticipantReading]
  /// The last of them, after which the next page begins; `nil` where none follows.
  package let next: ParticipantID?

  package init(participants: [ParticipantReading], next: ParticipantID?) {
    self.participants = participants
    self.next = next
  }
}

/// A participant's account in central bank money.
package struct SettlementAccountReading: Hashable, Sendable {
  package let account: AccountID
  package let currency: CurrencyCode
  /// `nil` where whoever asks may not see it.
  package let balance: Balance?

  package init(account: AccountID, currency: CurrencyCode, balance: Balance?) {
    self.account = account
    self.currency = currency
    self.balance = balance
  }
}

/// A participant as the durable log has it.
package struct ParticipantReading: Hashable, Sendable {
  package let participant: ParticipantState
  package let settlementAccounts: [SettlementAccountReading]
  package let keys: [KeyRegistry.Entry]

  package init(
    participant: ParticipantState, settlementAccounts: [SettlementAccountReading],
    keys: [KeyRegistry.Entry]
  ) {
    self.participant = participant
    self.settlementAccounts = settlementAccounts
    self.keys = keys
  }
}

/// One registration of a certificate for a reader.
package struct CertificateReading: Hashable, Sendable {
  package let reader: Reader
  package let entry: CertificateRegistry.Entry

  package init(reader: Reader, entry: CertificateRegistry.Entry) {
    self.reader = reader
    self.entry = entry
  }
}

/// A currency's money.
package struct SupplyReading: Hashable, Sendable {
  package let currency: Currency
  package let issued: Int128
  package let redeemed: Int128
  /// By participant, in order of admission: those that whoever asks may see.
  package let holdings: [ParticipantHolding]
  package let rules: [RuleSetStanding]
  package let asOf: UInt64
  package let time: LedgerTime

  package init(
    currency: Currency, issued: Int128, redeemed: Int128, holdings: [ParticipantHolding],
    rules: [RuleSetStanding], asOf: UInt64, time: LedgerTime
  ) {
    self.currency = currency
    self.issued = issued
    self.redeemed = redeemed
    self.holdings = holdings
    self.rules = rules
    self.asOf = asOf
    self.time = time
  }

  package var outstanding: Int128 { issued - redeemed }
}

/// What one participant and its customers hold of a currency, in minor units.
package struct ParticipantHolding: Hashable, Sendable {
  package let participant: ParticipantID
  package let settlement: Int128
  package let wallets: Int128

  package init(participant: ParticipantID, settlement: Int128, wallets: Int128) {
    self.participant = participant
    self.settlement = settlement
    self.wallets = wallets
  }
}

/// An entry with the proof that it is in the log.
package struct EntryProof: Hashable, Sendable {
  package let entry: [UInt8]
  /// A `.tlog-proof` file (C2SP tlog-proof).
  package let proof: [UInt8]
  /// What it did to accounts: side data, as far as whoever asks may see it.
  package let effects: [PostingEffect]

  package init(entry: [UInt8], proof: [UInt8], effects: [PostingEffect] = []) {
    self.entry = entry
    self.proof = proof
    self.effects = effects
  }
}

/// Whether the service takes orders now.
package struct ServiceStatus: Hashable, Sendable {
  /// Entries that are durable.
  package let size: UInt64
  package let time: LedgerTime
  /// Entries that the newest checkpoint covers.
  package let checkpointSize: UInt64
  /// When it was signed, by the wall clock; `nil` before one was since the start.
  package let checkpointTime: LedgerTime?
  /// Entries that the index of ids covers.
  package let indexedSize: UInt64
  /// Instructions that wait to be sequenced.
  package let queuedInstructions: Int
  /// Why no orders are taken; `nil` where they are.
  package let closed: String?
  /// `nil` for a ledger without witnesses.
  package let witnessing: WitnessingStatus?

  package init(
    size: UInt64, time: LedgerTime, checkpointSize: UInt64, checkpointTime: LedgerTime? = nil,
    indexedSize: UInt64, queuedInstructions: Int = 0, closed: String?,
    witnessing: WitnessingStatus? = nil
  ) {
    self.size = size
    self.time = time
    self.checkpointSize = checkpointSize
    self.checkpointTime = checkpointTime
    self.indexedSize = indexedSize
    self.queuedInstructions = queuedInstructions
    self.closed = closed
    self.witnessing = witnessing
  }
}
