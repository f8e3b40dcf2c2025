internal import LedgerModel

/// A measure of a set, with where its numbers are kept.
///
/// A class: it is looked at for each payment, and a copy would count many references.
final class MeasurePlan: Sendable {
  /// Where what each key has used is kept.
  enum Store: Hashable, Sendable {
    /// Nothing is: the payment alone, or the balance of a wallet, tells all.
    case nothing
    /// A column of the wallets' rows.
    case wallets(column: Int)
    /// By a dense key; index into the set's dense counters.
    case dense(Int)
    /// By pairs; index into the set's pair counters.
    case pairs(Int)
    /// What the key's accounts hold; index into the set's totals.
    case totals(Int)
  }

  /// Where the newest event of a wallet or pair is found.
  enum Event: Hashable, Sendable {
    case opened
    case firstPayment
    /// Index into ``PolicyFacts/events``.
    case column(Int)
  }

  let measure: Measure
  let store: Store
  /// Index into the set's queues, for a rolling window.
  let queue: Int?
  /// Index into the set's tables of who has met whom, for counterparties.
  let met: Int?
  let event: Event?
  let filter: FilterPlan?
  /// Whether a payment adds to a wallet's counter by adding alone.
  let isPlain: Bool
  /// Whether a filter or window needs first payments.
  let asksFirstPayments: Bool

  init(
    _ measure: Measure, store: Store, queue: Int?, met: Int?, event: Event?, filter: FilterPlan?,
    asksFirstPayments: Bool
  ) {
    self.measure = measure
    self.store = store
    self.queue = queue
    self.met = met
    self.event = event
    self.filter = filter
    self.isPlain = filter == nil && measure.isPlain
    self.asksFirstPayments = asksFirstPayments
  }

  var unit: RulePlan.Unit { measure.quantity == .amount ? .minorUnits : .payments }

  /// Whether the measure looks at a side of an operation.
  func looks(at side: Side, of operation: Measure.Operation) -> Bool {
    guard measure.operations.contains(operation), side.isThere(in: operation) else {
      return false
    }
    switch measure.direction {
    case .out: return side == .payer
    case .into: return side == .payee
    case .turnover, .net: return true
    }
  }
}

extension MeasurePlan: Equatable {
  static func == (one: MeasurePlan, two: MeasurePlan) -> Bool {
    one.measure == two.measure && one.store == two.store && one.queue == two.queue
      && one.met == two.met && one.event == two.event && one.filter == two.filter
      && one.asksFirstPayments == two.asksFirstPayments
  }
}

/// A side of a payment.
enum Side: Int, Hashable, Sendable, CaseIterable {
  case payer = 0
  case payee = 1

  var other: Side { self == .payer ? .payee : .payer }

  /// Whether it is an account that rules can see: the issuance account is none.
  func isThere(in operation: Measure.Operation) -> Bool {
    switch operation {
    case .issue: self == .payee
    case .redeem: self == .payer
    case .fund, .pay, .cashOut, .settle: true
    }
  }
}

extension PolicyRequest {
  func leg(_ side: Side) -> PolicyLeg? { side == .payer ? payer : payee }
}

/// The measures of a set, with what they need.
struct MeasureLayout: Sendable, Equatable {
  let measures: [MeasurePlan]
  let columnCount: Int
  let denseCount: Int
  let pairsCount: Int
  let queueCount: Int
  let metCount: Int
  /// The scopes whose balances are summed.
  let totals: [Measure.Scope]
  /// Events that are payments.
  let events: [PaymentEvent]
  let hasWaterfall: Bool
  let hasFlags: Bool
  /// Indices into ``PolicyFacts/attributes``, of each attribute of the set.
  let attributeColumns: [Int]
  /// Of the attribute that puts participants into classes.
  let classColumn: Int?

  init(_ set: RuleSet, facts: PolicyFacts) {
    var columnCount = 0
    var denseCount = 0
    var pairsCount = 0
    var queueCount = 0
    var metCount = 0
    var totals: [Measure.Scope] = []
    func next(_ count: inout Int) -> Int {
      defer { count += 1 }
      return count
    }
    var plans: [MeasurePlan] = []
    for measure in set.measures {
      let store: MeasurePlan.Store
      if measure.quantity == .balance {
        if measure.scope == .wallet {
          store = .nothing
        } else {
          let place = totals.firstIndex(of: measure.scope) ?? totals.count
          if place == totals.count { totals.append(measure.scope) }
          store = .totals(place)
        }
      } else if !measure.isCounted {
        store = .nothing
      } else {
        switch measure.scope {
        case .wallet: store = .wallets(column: next(&columnCount))
        case .pair: store = .pairs(next(&pairsCount))
        case .owner, .participant, .participantClass, .tier, .system:
          store = .dense(next(&denseCount))
        }
      }
      let isRolling = if case .rolling = measure.window { true } else { false }
      plans.append(
        MeasurePlan(
          measure, store: store, queue: isRolling ? next(&queueCount) : nil,
          met: measure.quantity == .counterparties ? next(&metCount) : nil,
          event: Self.event(of: measure, in: set, facts),
          filter: FilterPlan(measure.filter, in: set, facts: facts),
          asksFirstPayments: measure.asksFirstPayments(in: set)))
    }
    measures = plans
    self.columnCount = columnCount
    self.denseCount = denseCount
    self.pairsCount = pairsCount
    self.queueCount = queueCount
    self.metCount = metCount
    self.totals = totals
    events = set.events.compactMap { PaymentEvent($0, in: set, facts: facts) }
    hasWaterfall = set.rules.contains { if case .waterfall = $0.action { true } else { false } }
    hasFlags = set.rules.contains { $0.action == .flag }
    attributeColumns = set.attributes.map { attribute in
      guard let column = facts.column(of: attribute) else {
        preconditionFailure("attribute \(attribute.name) has no column")
      }
      return column
    }
    classColumn = set.attributes.firstIndex { $0.name == Attribute.participantClass }
      .map { [attributeColumns] in attributeColumns[$0] }
  }

  private static func event(
    of measure: Measure, in set: RuleSet, _ facts: PolicyFacts
  ) -> MeasurePlan.Event? {
    guard let event = set.definition(of: measure.window.event) else { return nil }
    switch event.trigger {
    case .opened: return .opened
    case .firstPayment: return .firstPayment
    case .recorded, .payment: return facts.column(of: event).map { .column($0) }
    }
  }
}

/// An event that is a payment out of a wallet.
struct PaymentEvent: Sendable, Equatable {
  /// Index into ``PolicyFacts/events``.
  let column: Int
  private let operations: [Measure.Operation]
  private let filter: FilterPlan?

  init?(_ event: EventDefinition, in set: RuleSet, facts: PolicyFacts) {
    guard case .payment(let operations, let filter) = event.trigger,
      let column = facts.column(of: event)
    else { return nil }
    self.column = column
    self.operations = operations
    self.filter = FilterPlan(filter, in: set, facts: facts)
  }

  func isMadeBy(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight) -> Bool {
    operations.contains(request.operation)
      && (filter?.passes(request, facts, at: sight.time) ?? true)
  }
}

extension RuleSet {
  /// The definition of an event that a window names.
  func definition(of name: EventName?) -> EventDefinition? {
    name.flatMap { name in events.first { $0.name == name } }
  }

  /// Whether it asks who owns a wallet.
  var asksOwners: Bool { measures.contains { $0.scope == .owner } }

  /// Whether it asks for first payments.
  package var asksFirstPayments: Bool { measures.contains { $0.asksFirstPayments(in: self) } }
}

extension Measure {
  fileprivate func asksFirstPayments(in set: RuleSet) -> Bool {
    filter.acquaintance?.kind == .paid
      || set.definition(of: window.event)?.trigger == .firstPayment
  }

  /// Whether its counters are those of wallets, of one side, over a window that all wallets share.
  fileprivate var isPlain: Bool {
    guard scope == .wallet, direction == .out || direction == .into,
      quantity == .amount || quantity == .count
    else { return false }
    switch window {
    case .lifetime, .day, .week, .month, .year, .businessDay: return true
    case .payment, .span, .rolling, .since, .after: return false
    }
  }
}
