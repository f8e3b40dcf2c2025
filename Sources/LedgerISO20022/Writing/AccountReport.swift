public import LedgerModel

/// A camt.052, camt.053 or camt.054: what happened on one account, in the order of the log.
///
/// One that exists adds up: what it opens with and its entries are what it closes with.
public struct AccountReport: Hashable, Sendable {
  /// Which message.
  public enum Kind: Hashable, Sendable, CaseIterable {
    case intraday
    case statement
    case notification

    public var definition: MessageDefinition {
      switch self {
      case .intraday: .intradayReport
      case .statement: .statement
      case .notification: .notification
      }
    }
  }

  /// What of the account it is about.
  public enum Coverage: Hashable, Sendable {
    /// A business day that is over: camt.053.
    case day(CivilDate, opening: Balance, closing: Balance)
    /// A business day up to now, where the header's time is now: camt.052.
    case dayUntilNow(CivilDate, opening: Balance, current: Balance)
    /// Entries alone: camt.054.
    case entries
  }

  /// Debit or credit of the account.
  public enum Side: String, Hashable, Sendable {
    case credit = "CRDT"
    case debit = "DBIT"
  }

  /// One entry of the log, as it changed the account.
  public struct Entry: Hashable, Sendable {
    public let number: SequenceNumber
    public let time: LedgerTime
    public let side: Side
    public let amount: Amount
    public let operation: Measure.Operation
    /// The other account; `nil` where it is the currency's issuance account.
    public let counterparty: AccountID?
    /// Whose account that is, where the reader may know.
    public let counterpartyParticipant: ParticipantID?
    public let instruction: InstructionID?
    public let reference: ClientReference
    public let purpose: Purpose

    public init(
      number: SequenceNumber, time: LedgerTime, side: Side, amount: Amount,
      operation: Measure.Operation, counterparty: AccountID?,
      counterpartyParticipant: ParticipantID?, instruction: InstructionID?,
      reference: ClientReference = ClientReference(unchecked: ""),
      purpose: Purpose = Purpose(unchecked: "")
    ) {
      self.number = number
      self.time = time
      self.side = side
      self.amount = amount
      self.operation = operation
      self.counterparty = counterparty
      self.counterpartyParticipant = counterpartyParticipant
      self.instruction = instruction
      self.reference = reference
      self.purpose = purpose
    }
  }

  /// The report's own name (`Stmt/Id`, `Rpt/Id`, `Ntfctn/Id`).
  public let id: MessageReference
  public let account: AccountID
  public let owner: ParticipantID
  public let currency: CurrencyCode
  /// Decimal digits of the minor unit.
  public let exponent: Int
  /// From when to when entries are given.
  public let from: LedgerTime
  public let to: LedgerTime
  public let coverage: Coverage
  /// Ascending.
  public let entries: [Entry]

  /// - Throws: ``ISOFault/entriesOutOfOrder(_:after:)``, then
  ///   ``ISOFault/statementUnbalanced(opening:entries:closing:)``.
  public init(
    id: MessageReference, account: AccountID, owner: ParticipantID, currency: CurrencyCode,
    exponent: Int, from: LedgerTime, to: LedgerTime, coverage: Coverage, entries: [Entry]
  ) throws(ISOFault) {
    precondition(0...Limits.currencyExponentMax ~= exponent, "exponent \(exponent)")
    for (entry, next) in zip(entries, entries.dropFirst()) where next.number <= entry.number {
      throw .entriesOutOfOrder(next.number, after: entry.number)
    }
    switch coverage {
    case .day(_, let opening, let closing), .dayUntilNow(_, let opening, let closing):
      let sum = Self.sum(entries, .credit) - Self.sum(entries, .debit)
      guard Int128(opening.minorUnits) + sum == Int128(closing.minorUnits) else {
        throw .statementUnbalanced(opening: opening, entries: sum, closing: closing)
      }
    case .entries: break
    }
    self.id = id
    self.account = account
    self.owner = owner
    self.currency = currency
    self.exponent = exponent
    self.from = from
    self.to = to
    self.coverage = coverage
    self.entries = entries
  }

  public var kind: Kind {
    switch coverage {
    case .day: .statement
    case .dayUntilNow: .intraday
    case .entries: .notification
    }
  }

  static func sum(_ entries: [Entry], _ side: Side) -> Int128 {
    entries.reduce(0) { $0 + ($1.side == side ? Int128($1.amount.minorUnits) : 0) }
  }
}
