import LedgerModel
import LedgerPolicy

/// Which edges of which rules the examples touch.
struct EdgeCoverage {
  fileprivate enum Edge: Int, CaseIterable {
    case under
    case at
    case over

    var words: String {
      switch self {
      case .under: "just under"
      case .at: "at"
      case .over: "just over"
      }
    }
  }

  private struct Place: Hashable {
    let rule: Int
    let tier: Tier?
    let edge: Edge
  }

  private let policy: CompiledPolicy
  private var touched: Set<Place> = []

  init(_ policy: CompiledPolicy) { self.policy = policy }

  /// Notes a payment that went as the example expects.
  ///
  /// - Parameters:
  ///   - readings: Of every rule that looked, before the payment.
  ///   - decision: What came of it.
  ///   - ledger: Whose accounts the readings are of.
  mutating func note(_ readings: [RuleReading], _ decision: Decision, _ ledger: ExampleLedger) {
    for reading in readings {
      let rule = reading.rule
      guard let limit = reading.limit,
        let place = policy.ruleSet.rules.firstIndex(where: { $0.id == rule.id })
      else { continue }
      var value = reading.used + (rule.countsPreviousOnly ? 0 : reading.asked)
      // What goes on to a linked account is the edge's other side, and was taken off.
      if case .waterfall = rule.action, case .permitWith(let conditions) = decision {
        value += Int128(conditions.sweep)
      }
      let edge: Edge
      switch value - Int128(limit) {
      case -1: edge = .under
      case 0: edge = .at
      case 1: edge = .over
      default: continue
      }
      guard rule.passes(edge) ? decision.isPermit : bites(rule, decision) else { continue }
      touched.insert(
        Place(rule: place, tier: rule.tier(ledger.tier(of: reading.account)), edge: edge))
    }
  }

  /// Whether the decision shows that the rule did not let the payment pass as it was.
  private func bites(_ rule: Rule, _ decision: Decision) -> Bool {
    switch decision {
    case .permit, .denyUnknownTier: return false
    case .deny(let breach): return breach.rule == rule.id
    case .permitWith(let conditions):
      if case .waterfall = rule.action { return conditions.sweep > 0 }
      if case .flag = rule.action {
        return conditions.remarks.contains { $0.kind == .flagged && $0.rule == rule.id }
      }
      if case .require = rule.action { return true }
      return false
    }
  }

  /// The edges that exist and were not touched, of every rule and tier that has a cap.
  var gaps: [Diagnostic] {
    var gaps: [Diagnostic] = []
    for (index, rule) in policy.ruleSet.rules.enumerated() {
      if case .hold = rule.action { continue }
      let previous = rule.countsPreviousOnly
      let measure = policy.ruleSet.measures[rule.measure]
      for (tier, cap) in rule.namedCaps(policy.ruleSet.tiers) {
        let edges = Edge.allCases.filter { edge in
          Self.exists(edge, cap, fromZero: previous || measure.quantity == .sinceLast)
            && !touched.contains(Place(rule: index, tier: tier, edge: edge))
        }
        guard !edges.isEmpty else { continue }
        gaps.append(
          Diagnostic(
            file: policy.file, position: policy.rulePositions[index],
            problem: .edgeNotTested(rule.id, tier: tier, edges: edges.map(\.words))))
      }
    }
    return gaps
  }

  /// Whether a value can be there: a payment moves something, so that a cap of zero can only be
  /// passed.
  private static func exists(_ edge: Edge, _ cap: Cap, fromZero: Bool) -> Bool {
    guard case .constant(let value) = cap else { return true }
    let least: UInt64 = fromZero ? 0 : 1
    switch edge {
    case .under: return value > least
    case .at: return value >= least
    case .over: return true
    }
  }
}

extension Rule {
  /// Whether the rule lets a value at an edge pass.
  fileprivate func passes(_ edge: EdgeCoverage.Edge) -> Bool {
    switch comparison {
    case .atMost: edge != .over
    case .under: edge == .under
    case .atLeast: edge != .under
    }
  }

  /// The tier by which coverage is kept: none where all tiers have one cap.
  fileprivate func tier(_ tier: Tier?) -> Tier? {
    switch caps {
    case .every: nil
    case .byTier: tier
    }
  }

  /// Its caps with the names of their tiers.
  fileprivate func namedCaps(_ tiers: [Tier]) -> [(tier: Tier?, cap: Cap)] {
    switch caps {
    case .every(let cap): [(nil, cap)]
    case .byTier(let caps): zip(tiers, caps).compactMap { tier, cap in cap.map { (tier, $0) } }
    }
  }
}
