import LedgerCore
package import LedgerModel

/// What a history would have been under other rules.
package struct BacktestReport: Hashable, Sendable {
  /// How a payment's outcome differs.
  package enum Change: Int, Hashable, Comparable, Sendable, CaseIterable {
    /// It was made, and a rule would have refused it.
    case newlyRefused
    /// A rule refused it, and it would have been made.
    case newlyAllowed
    /// It was made, and could not have been: what it needs would not have been there.
    case knockOnRefused
    /// It could not be made, and would have been.
    case knockOnAllowed
    /// It was made, and would have been with a remark.
    case newlyFlagged

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  /// What the payments of a row have in common.
  package struct Group: Hashable, Comparable, Sendable {
    package let change: Change
    /// The rule that refuses, or refused, or flags; for a knock-on the code of the refusal.
    package let cause: String
    /// Of the wallet that the rule is about; empty where it is none.
    package let tier: String
    /// Whose account that is.
    package let participant: String

    package static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.change, lhs.cause, lhs.tier, lhs.participant)
        < (rhs.change, rhs.cause, rhs.tier, rhs.participant)
    }
  }

  /// How many payments, and of how much.
  package struct Sum: Hashable, Sendable {
    package var count: UInt64 = 0
    /// Minor units.
    package var value: Int128 = 0

    mutating func add(_ amount: UInt64) {
      count += 1
      value += Int128(amount)
    }
  }

  package let set: PackVersion
  package let currency: CurrencyCode
  /// Ledger time of the first and the last payment compared.
  package private(set) var from: LedgerTime?
  package private(set) var to: LedgerTime?
  /// Of the log, read.
  package var entries: UInt64 = 0
  /// Payments in the currency that were decided twice.
  package private(set) var payments = Sum()
  package private(set) var sums: [Group: Sum] = [:]
  /// By account: what would newly be refused.
  package private(set) var refusedByAccount: [AccountID: Sum] = [:]

  init(set: PackVersion, currency: CurrencyCode) {
    self.set = set
    self.currency = currency
  }

  /// The groups with their sums, in order.
  package var rows: [(group: Group, sum: Sum)] {
    sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The sum of one kind of change.
  package func total(_ change: Change) -> Sum {
    sums.reduce(into: Sum()) { total, item in
      guard item.key.change == change else { return }
      total.count += item.value.count
      total.value += item.value.value
    }
  }

  /// The accounts from which most would newly be refused, by value, then by id.
  package func topAccounts(_ max: Int) -> [(account: AccountID, sum: Sum)] {
    let sorted = refusedByAccount.sorted { one, other in
      one.value.value != other.value.value
        ? one.value.value > other.value.value : one.key < other.key
    }
    return sorted.prefix(max).map { ($0.key, $0.value) }
  }

  /// Takes on that what was at an instant was decided twice.
  mutating func cover(_ time: LedgerTime) {
    from = from ?? time
    to = time
  }

  /// Takes on one instruction.
  mutating func take(
    _ instruction: Instruction, was: Outcome, would: Outcome, on state: LedgerState
  ) {
    guard let movement = instruction.operation.movement, movement.currency == currency else {
      return
    }
    let amount = movement.amount
    payments.add(amount)
    let account = movement.payer ?? movement.payee
    switch (was, would) {
    case (.accepted, .rejected(let rejection)), (.remarked, .rejected(let rejection)):
      if case .limitExceeded(let breach) = rejection {
        add(.newlyRefused, breach.rule.text, breach.account, amount, state)
        refusedByAccount[breach.account, default: Sum()].add(amount)
      } else {
        add(.knockOnRefused, rejection.code.rawValue, account, amount, state)
      }
    case (.rejected(let rejection), .accepted), (.rejected(let rejection), .remarked):
      if case .limitExceeded(let breach) = rejection {
        add(.newlyAllowed, breach.rule.text, breach.account, amount, state)
      } else {
        add(.knockOnAllowed, rejection.code.rawValue, account, amount, state)
      }
    case (.accepted, .remarked(let remarks)), (.remarked, .remarked(let remarks)):
      let known = if case .remarked(let known) = was { Set(known) } else { Set<Remark>() }
      for remark in remarks where remark.kind == .flagged && !known.contains(remark) {
        guard let rule = remark.rule else { continue }
        add(.newlyFlagged, rule.text, account, amount, state)
      }
    default: break
    }
  }

  private mutating func add(
    _ change: Change, _ cause: String, _ account: AccountID?, _ amount: UInt64,
    _ state: LedgerState
  ) {
    let known = account.flatMap { state.account($0) }
    let group = Group(
      change: change, cause: cause, tier: known?.tier.map { state.tiers[Int($0)].text } ?? "",
      participant: known?.participant.map { state.participants[$0].id.text } ?? "")
    sums[group, default: Sum()].add(amount)
  }
}
