public import LedgerModel
internal import LedgerPolicy

/// What a rule set costs at most: work for each payment, and memory for each of what it counts.
public struct PolicyCost: Hashable, Sendable {
  /// The work for one payment.
  public struct Work: Hashable, Sendable {
    public let operation: Measure.Operation
    /// Rules that are compared, on both sides, for the tiers that have the most.
    public let checks: Int
    /// Counters that are read and written, on both sides.
    public let counters: Int
  }

  /// The memory for one key of a scope.
  public struct Memory: Hashable, Sendable {
    public let scope: Measure.Scope
    public let counters: Int
    /// Counters, and rolling windows that hold as much as they may.
    public let bytesMax: Int
    /// Payments that rolling windows remember at most.
    public let eventsMax: Int
    /// Measures that remember each counterparty of a key.
    public let counterpartyMeasures: Int
  }

  /// Bytes of a counter of a wallet, an owner, a participant, a class, a tier or the system.
  public static let bytesPerCounter = 16
  /// Bytes of one payment that a rolling window remembers.
  public static let bytesPerRollingEvent = 40
  /// Bytes of a key while a rolling window remembers payments of it.
  public static let bytesPerRollingKey = 40
  /// Bytes of the counter of one pair, and of one counterparty that is remembered.
  public static let bytesPerPair = 40
  /// Bytes of two wallets of which one has paid the other, while a rule asks since when.
  public static let bytesPerFirstPayment = 24

  /// For every operation, in their order.
  public let work: [Work]
  /// For every scope that has a counter, in their order.
  public let memory: [Memory]
  /// Whether it is remembered when each wallet first paid each other.
  public let remembersFirstPayments: Bool

  /// - Complexity: O(rules · tiers).
  public init(_ ruleSet: RuleSet) {
    work = Measure.Operation.allCases.map { Self.work($0, ruleSet) }
    memory = Measure.Scope.allCases.compactMap { Self.memory($0, ruleSet) }
    remembersFirstPayments = ruleSet.asksFirstPayments
  }

  /// Bytes of a wallet's own counters, at most.
  public var bytesPerWalletMax: Int { memory.first { $0.scope == .wallet }?.bytesMax ?? 0 }

  private static func work(_ operation: Measure.Operation, _ set: RuleSet) -> Work {
    let counters = set.measures.filter(\.isCounted).reduce(0) { sum, measure in
      guard measure.operations.contains(operation) else { return sum }
      let sides = operation.sides(measure.scope, measure.direction)
      return sum + (sides.payer ? 1 : 0) + (sides.payee ? 1 : 0)
    }
    let checks =
      checks(operation, set, operation.payer) { $0.payer }
      + checks(operation, set, operation.payee) { $0.payee }
    return Work(operation: operation, checks: checks, counters: counters)
  }

  /// Rules that one side can meet: of the tier that has the most.
  private static func checks(
    _ operation: Measure.Operation, _ set: RuleSet, _ kind: Measure.Operation.Side,
    _ side: ((payer: Bool, payee: Bool)) -> Bool
  ) -> Int {
    let rules = set.rules.filter { rule in
      let measure = set.measures[rule.measure]
      return measure.operations.contains(operation)
        && side(operation.sides(measure.scope, measure.direction))
    }
    let every = rules.count { rule in if case .every = rule.caps { true } else { false } }
    guard kind == .wallet else { return every }
    let byTier = set.tiers.indices.map { tier in
      rules.count { rule in
        if case .byTier(let caps) = rule.caps { caps[tier] != nil } else { false }
      }
    }
    return every + (byTier.max() ?? 0)
  }

  private static func memory(_ scope: Measure.Scope, _ set: RuleSet) -> Memory? {
    let measures = set.measures.filter { $0.isCounted && $0.scope == scope }
    guard !measures.isEmpty else { return nil }
    var events = 0
    var rollingKeys = 0
    for case .rolling(_, let eventsMax) in measures.map(\.window) {
      rollingKeys += 1
      events += eventsMax
    }
    let counterBytes = scope == .pair ? bytesPerPair : bytesPerCounter
    return Memory(
      scope: scope, counters: measures.count,
      bytesMax: measures.count * counterBytes + rollingKeys * bytesPerRollingKey
        + events * bytesPerRollingEvent,
      eventsMax: events, counterpartyMeasures: measures.count { $0.quantity == .counterparties })
  }
}

extension PolicyCost: CustomStringConvertible {
  /// A line for the work, one for each scope that has counters, and one for first payments.
  public var description: String {
    let busy = work.filter { $0.checks > 0 || $0.counters > 0 }
    let costs = busy.map { work in
      "\(work.operation.word) \(DecimalAmount.count(work.checks, "check")) and "
        + DecimalAmount.count(work.counters, "counter")
    }
    let first =
      costs.isEmpty
      ? "no operation costs anything"
      : "one payment costs at most: " + costs.joined(separator: ", ")
    let last =
      remembersFirstPayments
      ? ["a payer and a payee who have met take \(Self.bytesPerFirstPayment) bytes"] : []
    return ([first] + memory.map(Self.line) + last).joined(separator: "\n")
  }

  private static func line(_ memory: Memory) -> String {
    let noun =
      switch memory.scope {
      case .wallet: "a wallet"
      case .owner: "an owner"
      case .pair: "a pair of payer and payee"
      case .participant: "a participant"
      case .participantClass: "a class"
      case .tier: "a tier"
      case .system: "the system"
      }
    var text =
      "\(noun) takes at most \(DecimalAmount.count(memory.bytesMax, "byte")) for "
      + DecimalAmount.count(memory.counters, "counter")
    if memory.eventsMax > 0 {
      text +=
        " and \(DecimalAmount.count(memory.eventsMax, "remembered payment"))"
        + " of \(bytesPerRollingEvent) bytes"
    }
    if memory.counterpartyMeasures > 0 {
      text += ", and \(memory.counterpartyMeasures * bytesPerPair) bytes for each counterparty"
    }
    return text
  }
}
