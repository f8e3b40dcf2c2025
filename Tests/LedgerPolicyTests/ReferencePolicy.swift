import LedgerModel
import LedgerPolicy

/// The rules once more, slow and obvious: it keeps every accepted payment and adds up anew.
struct ReferencePolicy {
  struct Accepted {
    let request: PolicyRequest
    let time: LedgerTime
  }

  var history: [Accepted] = []
  var active: RuleSet?
  var now = LedgerTime(microseconds: 0)
  /// By measure without its zone's transitions: payments before that place in `history` do not
  /// count, because the measure was not in force then.
  private var since: [(measure: Measure, start: Int)] = []

  mutating func activate(_ ruleSet: RuleSet) {
    let isSameCurrency = active?.currency == ruleSet.currency
    since = ruleSet.measures.map { measure in
      let known = since.first { Self.isSame($0.measure, measure) }
      return (measure, isSameCurrency ? known?.start ?? history.count : history.count)
    }
    active = ruleSet
  }

  func decide(_ request: PolicyRequest) -> Decision {
    guard let active, active.currency == request.currency else { return .permit }
    for leg in [request.payer, request.payee] {
      if let leg, leg.tier == nil { return .denyUnknownTier(leg.account) }
    }
    for rule in active.rules {
      let measure = active.measures[rule.measure]
      guard measure.operations.contains(request.operation),
        let leg = measure.direction == .out ? request.payer : request.payee,
        let tier = leg.tier, let maximum = rule.maxima[tier]
      else { continue }
      let asked = measure.quantity == .count ? 1 : UInt64(request.amount.minorUnits)
      // The balance of a leg is the one after the payment, which already holds what is asked.
      let used =
        measure.quantity == .balance
        ? Int128(leg.balanceAfter.minorUnits) - Int128(asked) : used(measure, leg)
      if used + Int128(asked) > Int128(maximum) {
        return .deny(
          LimitBreach(
            rule: rule.id, account: leg.account, limit: maximum, used: used, asked: asked,
            resets: measure.zone.map { CalendarWindow(measure.window, of: $0, at: now).end }))
      }
    }
    return .permit
  }

  private func used(_ measure: Measure, _ leg: PolicyLeg) -> Int128 {
    guard measure.window != .payment else { return 0 }
    let start = since.first { $0.measure == measure }?.start ?? 0
    var sum: Int128 = 0
    for item in history[start...] where isSameWindow(measure, item.time) {
      guard item.request.currency == active?.currency,
        measure.operations.contains(item.request.operation),
        let other = measure.direction == .out ? item.request.payer : item.request.payee,
        other.slot == leg.slot
      else { continue }
      sum += measure.quantity == .count ? 1 : Int128(item.request.amount.minorUnits)
    }
    return sum
  }

  private func isSameWindow(_ measure: Measure, _ time: LedgerTime) -> Bool {
    guard let zone = measure.zone else { return true }
    return CalendarWindow(measure.window, of: zone, at: time).key
      == CalendarWindow(measure.window, of: zone, at: now).key
  }

  private static func isSame(_ one: Measure, _ other: Measure) -> Bool {
    one.quantity == other.quantity && one.window == other.window
      && one.direction == other.direction && one.operations == other.operations
      && one.zone?.name == other.zone?.name
  }
}
