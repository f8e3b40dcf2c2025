import LedgerCore
package import LedgerModel

/// What a history would have been under other rules.
package struct BacktestReport: Hashable, Sendable {
  /// How a payment's outcome differs.
  package enum Change: Int, Hashable, Comparable, Sendable, CaseIterable {
    /// It was made, and a rule of the set, or that it does not name its wallet's tier, would have
    /// refused it.
    case newlyRefused
    /// A rule that the set stands in for, or a tier that was not named, refused it, and it would
    /// have been made.
    case newlyAllowed
    /// It was made, and could not have been: what it needs would not have been there, another
    /// pack's rule would have counted otherwise, or an earlier copy would have been made.
    case knockOnRefused
    /// It could not be made, for such a reason, and would have been.
    case knockOnAllowed
    /// It was made, and would have been with a remark.
    case newlyFlagged

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  /// What the payments of a row have in common.
  package struct Group: Hashable, Comparable, Sendable {
    package let change: Change
    /// The rule that refuses, or refused, or flags; ``BacktestReport/tierUnknown`` where rules in
    /// force do not name the wallet's tier; else the code of the refusal, or
    /// ``BacktestReport/duplicate``.
    package let cause: String
    /// The pack that the rule is of; empty where the cause is none, or of a set of format 1.
    package let pack: String
    /// Of the wallet that the rule is about; empty where it is none.
    package let tier: String
    /// Whose account that is.
    package let participant: String

    package static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.change, lhs.cause, lhs.pack, lhs.tier, lhs.participant)
        < (rhs.change, rhs.cause, rhs.pack, rhs.tier, rhs.participant)
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

  /// Stands for a rule where a set refuses wallets of a tier that it does not name; no rule has
  /// such an id.
  package static let tierUnknown = RejectionCode.tierUnknown.rawValue

  /// Stands for a rule where one of two copies of an order is made, and not the other.
  package static let duplicate = "duplicate"

  package let set: PackVersion
  private let supersedes: PackName?
  package let currency: CurrencyCode
  private let rules: [Rule]
  /// Ledger time of the first and the last payment compared.
  package private(set) var from: LedgerTime?
  package private(set) var to: LedgerTime?
  /// Of the log, read.
  package var entries: UInt64 = 0
  /// Payments in the currency that were decided twice.
  package private(set) var payments = Sum()
  package private(set) var sums: [Group: Sum] = [:]
  /// By the account that the refusing rule is about, which for what may be held is the payee's:
  /// what would newly be refused.
  package private(set) var refusedByAccount: [AccountID: Sum] = [:]

  init(_ ruleSet: RuleSet) {
    set = ruleSet.packVersion
    supersedes = ruleSet.supersedes?.pack
    currency = ruleSet.currency
    rules = ruleSet.rules
  }

  /// How many rules the set has.
  package var ruleCount: Int { rules.count }

  /// How many of them were in force at some time of the history: a rule may begin later, or have
  /// ended before.
  package var rulesInForceCount: Int {
    guard let from, let to else { return 0 }
    return rules.count { rule in
      (rule.from.map { $0 <= to } ?? true) && (rule.until.map { from < $0 } ?? true)
    }
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

  /// The accounts whose rules would newly refuse most, by value, then by id.
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
  ///
  /// - Parameters:
  ///   - instruction: One that moves no money in the currency counts for nothing.
  ///   - was: What the ledger decided.
  ///   - would: What was decided under the other rules.
  ///   - parties: The accounts that it names, on the ledger.
  ///   - history: Has the names of what they say.
  mutating func take(
    _ instruction: Instruction, was: Outcome, would: Outcome, _ parties: PartiesOfPayment,
    of history: ReplayedBatches
  ) {
    guard let movement = instruction.operation.movement, movement.currency == currency else {
      return
    }
    payments.add(movement.amount)
    let payment = PaymentOfHistory(movement, parties, of: history)
    switch (was, would) {
    case (.accepted, .rejected(let rejection)), (.remarked, .rejected(let rejection)):
      let refusal = payment.refusal(rejection)
      let isOwn = refusal.isByRules && (refusal.pack ?? set.pack) == set.pack
      add(isOwn ? .newlyRefused : .knockOnRefused, refusal, payment)
      if isOwn, let account = refusal.account {
        refusedByAccount[account, default: Sum()].add(movement.amount)
      }
    case (.rejected(let rejection), .accepted), (.rejected(let rejection), .remarked):
      let refusal = payment.refusal(rejection)
      let isReplaced = refusal.pack.map { $0 == set.pack || $0 == supersedes } ?? true
      add(refusal.isByRules && isReplaced ? .newlyAllowed : .knockOnAllowed, refusal, payment)
    case (.accepted, .duplicate), (.remarked, .duplicate):
      add(.knockOnRefused, RefusalOfPayment(cause: Self.duplicate), payment)
    case (.duplicate, .accepted), (.duplicate, .remarked):
      add(.knockOnAllowed, RefusalOfPayment(cause: Self.duplicate), payment)
    case (.accepted, .remarked(let remarks)), (.remarked, .remarked(let remarks)):
      let known = if case .remarked(let known) = was { Set(known) } else { Set<Remark>() }
      for remark in remarks where remark.kind == .flagged && !known.contains(remark) {
        guard let rule = remark.rule else { continue }
        add(.newlyFlagged, RefusalOfPayment(cause: rule.text, pack: remark.pack), payment)
      }
    default: break
    }
  }

  private mutating func add(
    _ change: Change, _ refusal: RefusalOfPayment, _ payment: PaymentOfHistory
  ) {
    let movement = payment.movement
    let party = payment.party(refusal.account ?? movement.payer ?? movement.payee)
    let group = Group(
      change: change, cause: refusal.cause, pack: refusal.pack?.text ?? "",
      tier: payment.tier(of: party)?.text ?? "",
      participant: payment.participant(of: party)?.text ?? "")
    sums[group, default: Sum()].add(payment.movement.amount)
  }
}

/// What refused a payment, or flagged it.
private struct RefusalOfPayment {
  let cause: String
  /// `nil` where the cause is no rule, or one of a set of format 1.
  var pack: PackName?
  /// Whose limit it is; `nil` where it is nobody's.
  var account: AccountID?
  var isByRules = false
}

/// A payment with what the ledger knew of its accounts.
private struct PaymentOfHistory {
  let movement: MoneyMovement
  private let parties: PartiesOfPayment
  private let history: ReplayedBatches

  init(_ movement: MoneyMovement, _ parties: PartiesOfPayment, of history: ReplayedBatches) {
    self.movement = movement
    self.parties = parties
    self.history = history
  }

  func refusal(_ rejection: Rejection) -> RefusalOfPayment {
    switch rejection {
    case .limitExceeded(let breach):
      return RefusalOfPayment(
        cause: breach.rule.text, pack: breach.terms?.pack, account: breach.account,
        isByRules: true)
    case .tierUnknown(let unknown):
      let accounts = [movement.payer, movement.payee].compactMap(\.self)
      let account = accounts.first { tier(of: party($0)) == unknown }
      return RefusalOfPayment(
        cause: BacktestReport.tierUnknown, account: account ?? accounts.first, isByRules: true)
    default: return RefusalOfPayment(cause: rejection.code.rawValue)
    }
  }

  func party(_ account: AccountID?) -> PartyOfPayment? {
    guard let account else { return nil }
    return account == movement.payer ? parties.payer : parties.payee
  }

  func tier(of party: PartyOfPayment?) -> Tier? {
    party?.tier.map { history.tiers[$0] }
  }

  func participant(of party: PartyOfPayment?) -> ParticipantID? {
    party?.participant.map { history.participants[$0].id }
  }
}
