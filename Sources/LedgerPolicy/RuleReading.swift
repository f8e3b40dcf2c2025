public import LedgerModel

/// What one rule says of one side of a payment, whether it lets it pass or not.
public struct RuleReading: Hashable, Sendable {
  public let set: PackVersion
  public let isShadow: Bool
  public let rule: Rule
  public let measure: Measure
  public let account: AccountID
  /// Whether it is the payer's side.
  public let isPayer: Bool
  /// `nil` where a number that the cap is made of was never set.
  public let limit: UInt64?
  /// Before the payment.
  public let used: Int128
  /// By the payment.
  public let asked: Int128
  /// When the window in force began; `nil` where it is none of a calendar, and where it goes on
  /// from other transitions or holidays, which nobody remembers.
  public let began: LedgerTime?
  /// When it ends, or the first of what counted leaves it; `nil` where waiting does not help.
  public let resets: LedgerTime?
  /// `nil` where the rule lets the payment pass.
  public let breach: LimitBreach?
  /// Minor units that a waterfall would send on to the payee's linked account; of several, the
  /// largest sum goes.
  public let sweep: UInt64

  /// What might still have been asked, never less than zero; `nil` where the rule does not put a
  /// bound above.
  public var left: Int128? {
    guard let limit, rule.comparison != .atLeast else { return nil }
    return max(0, Int128(limit) - used - (rule.comparison == .under ? 1 : 0))
  }
}

extension PolicyEngine {
  /// Reads every rule that looks at a payment, in the order of the sets and of their rules.
  ///
  /// - Complexity: O(rules), with allocations: for explanations, not for decisions.
  public func explain(_ request: PolicyRequest) -> [RuleReading] {
    var copy = self
    var readings: [RuleReading] = []
    // As in deciding: the largest sum of all sets in force goes on; a set in shadow knows its own.
    let sweeps = packs.indices.map {
      copy.packs[$0].sweep(request, facts, Sight(time: now))
    }
    let largest = packs.indices.map { packs[$0].isShadow ? 0 : sweeps[$0] }.max() ?? 0
    for index in packs.indices {
      let sweep = packs[index].isShadow ? sweeps[index] : largest
      readings += copy.packs[index].readings(request, facts, Sight(time: now, sweep: sweep))
    }
    return readings
  }
}

extension PackInForce {
  fileprivate mutating func readings(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ after: Sight
  ) -> [RuleReading] {
    let before = Sight(time: after.time)
    let found =
      findings(request, facts, before).filter { isWaterfall($0) }
      + findings(request, facts, after).filter { !isWaterfall($0) }
    var readings: [(rule: Int, reading: RuleReading)] = []
    for side in Side.allCases {
      guard let leg = request.leg(side), let place = place(of: leg) else { continue }
      for index in plan.checks(request.operation, side, place: place) {
        let place = Int(plan.checks[index].rule)
        let rule = ruleSet.rules[place]
        // Waterfalls look before anything goes on, the others after it.
        let sight = if case .waterfall = rule.action { before } else { after }
        guard let value = value(rule.measure, side, leg, request, facts, sight) else { continue }
        let limit = limit(of: rule, leg, side, request, facts, sight)
        let measure = ruleSet.measures[rule.measure]
        let finding = found.first { $0.rule == place && $0.side == side }
        let sweeps = finding.map { isWaterfall($0) && goesOn($0, request) } ?? false
        let held = Int128(max(0, leg.balanceAfter.minorUnits))
        readings.append(
          (
            place,
            RuleReading(
              set: ruleSet.packVersion, isShadow: isShadow, rule: rule, measure: measure,
              account: leg.account, isPayer: side == .payer, limit: limit, used: value.used,
              asked: value.asked, began: CalendarWindow(measure.window, at: sight.time)?.start,
              resets: finding.map { $0.breach.resets } ?? value.resets(limit ?? 0),
              breach: sweeps ? nil : finding?.breach,
              sweep: sweeps ? UInt64(min(finding?.excess ?? 0, held)) : 0)
          ))
      }
    }
    return readings.sorted { $0.rule < $1.rule }.map(\.reading)
  }
}
