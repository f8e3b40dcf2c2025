internal import LedgerModel

/// A rule that does not let a payment pass.
///
/// A class: the strongest of several is handed on from place to place.
final class Finding {
  /// Index into the rules of the set.
  let rule: Int
  let side: Side
  let breach: LimitBreach
  /// What might still have been asked.
  let headroom: Int128
  /// What is above the cap, of a balance.
  let excess: Int128

  init(rule: Int, side: Side, breach: LimitBreach, headroom: Int128, excess: Int128) {
    self.rule = rule
    self.side = side
    self.breach = breach
    self.headroom = headroom
    self.excess = excess
  }
}

/// What rules look with, beyond the payment.
struct Sight {
  let time: LedgerTime
  /// What goes on from the payee's wallet.
  var sweep: UInt64 = 0
  /// To tell what rules would say of an account that is exempt from them.
  var ignoresExemptions = false
}

/// Who is counted.
enum CounterKey: Hashable {
  case dense(Int)
  case pair(AccountPair)

  /// As a queue keeps it.
  var queued: UInt64 {
    switch self {
    case .dense(let key): UInt64(key)
    case .pair(let pair): pair.value
    }
  }
}

extension PackInForce {
  /// Whether no rule has anything to say about a payment.
  ///
  /// No allocation: called for each payment.
  ///
  /// - Complexity: O(rules that have a cap for the operation and tiers).
  mutating func clears(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight)
    -> Bool
  {
    for side in Side.allCases {
      guard let leg = request.leg(side) else { continue }
      guard let place = place(of: leg) else { return false }
      let amount = UInt64(request.amount.minorUnits)
      for index in plan.checks(request.operation, side, place: place) {
        let passes =
          passesPlainly(plan.checks[index], leg, amount)
          ?? (finding(plan.checks[index], side, leg, request, facts, sight) == nil)
        guard passes else { return false }
      }
    }
    return true
  }

  /// Every rule that does not let a payment pass, in the order of the set, the payer's side first.
  ///
  /// - Complexity: O(rules).
  mutating func findings(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> [Finding] {
    var found: [Finding] = []
    for side in Side.allCases {
      forEachFinding(side, request, facts, sight) { found.append($0) }
    }
    return found.sorted { ($0.rule, $0.side.rawValue) < ($1.rule, $1.side.rawValue) }
  }

  /// Hands on each rule that does not let a payment pass on one side, in the order of the set.
  func forEachFinding(
    _ side: Side, _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight,
    _ body: (Finding) -> Void
  ) {
    guard let leg = request.leg(side), let place = place(of: leg) else { return }
    let amount = UInt64(request.amount.minorUnits)
    for index in plan.checks(request.operation, side, place: place)
    where sight.sweep > 0 || passesPlainly(plan.checks[index], leg, amount) != true {
      if let finding = finding(plan.checks[index], side, leg, request, facts, sight) {
        body(finding)
      }
    }
  }

  /// Whether a check of the plain kinds lets a payment pass; `nil` where it is of another kind.
  @inline(__always)  // Called for each check of each payment; a call would copy the set.
  private func passesPlainly(
    _ check: RulePlan.Check, _ leg: PolicyLeg, _ amount: UInt64
  ) -> Bool? {
    switch check.subject {
    case .payment: check.unit.of(amount) <= check.maximum
    case .balance:
      leg.balanceAfter.minorUnits <= 0 || UInt64(leg.balanceAfter.minorUnits) <= check.maximum
    case .counter:
      !row(leg.slot, Int(check.column)).wouldPass(
        check.maximum, adding: check.unit.of(amount), key: windows[Int(check.measure)].key)
    case .anything: nil
    }
  }

  /// Looks at one side with one rule; `nil` where it lets the payment pass.
  private func finding(
    _ check: RulePlan.Check, _ side: Side, _ leg: PolicyLeg, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Finding? {
    let rule = ruleSet.rules[Int(check.rule)]
    let plan = layout.measures[Int(check.measure)]
    guard
      let value = value(Int(check.measure), side, leg, request, facts, sight)
    else { return nil }
    func bites(_ reason: LimitBreach.Reason, limit: UInt64, headroom: Int128) -> Finding? {
      guard !isExempt(Int(check.rule), leg, facts, sight) else { return nil }
      var reason = reason
      if case .require(let approval) = rule.action {
        let keys = ruleSet.groups[approval.group].keys
        let signed = request.signers.count { keys.contains($0) }
        // More signatures are no help to a full memory.
        if value.memoryMax == nil {
          guard signed < approval.count else { return nil }
          reason = .approvalMissing(required: approval.count, signed: signed)
        }
      }
      return Finding(
        rule: Int(check.rule), side: side,
        breach: LimitBreach(
          reason: reason, extent: extent(of: rule, plan.measure, value, limit),
          terms: terms(of: rule, plan.measure), rule: rule.id, account: leg.account, limit: limit,
          used: value.used,
          asked: value.shownAsked(plan.measure),
          resets: resets(rule, plan.measure, value, limit, reason)),
        headroom: reason == .exceeded ? headroom : 0,
        excess: value.used + value.asked - Int128(limit))
    }
    let limit = limit(of: rule, leg, side, request, facts, sight)
    if let max = value.memoryMax {
      return bites(.memoryFull(max: max), limit: limit ?? 0, headroom: 0)
    }
    // What asks nothing more of a bound above takes nothing, also where the cap was lowered.
    if rule.comparison != .atLeast, !rule.countsPreviousOnly, value.asked <= 0,
      plan.measure.quantity != .sinceLast
    {
      return nil
    }
    guard let limit else { return bites(.undecidable, limit: 0, headroom: 0) }
    let total = rule.countsPreviousOnly ? value.used : value.used + value.asked
    let passes =
      switch rule.comparison {
      case .atMost: total <= Int128(limit)
      case .under: total < Int128(limit)
      case .atLeast: total >= Int128(limit)
      }
    if passes { return nil }
    return bites(.exceeded, limit: limit, headroom: headroom(rule, plan.measure, value, limit))
  }

  /// The number that a rule compares with; `nil` where part of it was never set.
  func limit(
    of rule: Rule, _ leg: PolicyLeg, _ side: Side, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> UInt64? {
    guard let cap = rule.caps.cap(atPlace: place(of: leg) ?? 0) else {
      preconditionFailure("rule \(rule.id) looks where it has no cap")
    }
    return number(
      of: cap, leg, side, request, facts, sight, roundsUp: rule.comparison != .atMost)
  }

  /// When what counts now no longer does, where that lets more pass.
  private func resets(
    _ rule: Rule, _ measure: Measure, _ value: MeasuredValue, _ limit: UInt64,
    _ reason: LimitBreach.Reason
  ) -> LedgerTime? {
    let end = value.resets(limit)
    // Format 1 told the end of the window, whether it helped or not.
    guard ruleSet.format > 1, measure.window.isAlways else { return end }
    switch reason {
    case .memoryFull: return end
    case .undecidable: return nil
    case .exceeded, .approvalMissing: break
    }
    return (measure.quantity == .sinceLast) == (rule.comparison == .atLeast) ? end : nil
  }

  private func terms(of rule: Rule, _ measure: Measure) -> LimitBreach.Terms? {
    guard ruleSet.format > 1 else { return nil }
    return LimitBreach.Terms(
      pack: ruleSet.pack, unit: measure.quantity.unit, comparison: rule.comparison)
  }

  private func extent(
    of rule: Rule, _ measure: Measure, _ value: MeasuredValue, _ limit: UInt64
  ) -> LimitBreach.Extent {
    switch measure.scope {
    case .wallet, .pair, .participant: return .participant
    case .owner, .participantClass, .tier, .system:
      guard rule.comparison != .atLeast, measure.quantity != .sinceLast else {
        return .shared(left: 0)
      }
      let left = Int128(limit) - value.used - (rule.comparison == .under ? 1 : 0)
      return .shared(left: UInt64(clamping: left))
    }
  }

  private func headroom(
    _ rule: Rule, _ measure: Measure, _ value: MeasuredValue, _ limit: UInt64
  ) -> Int128 {
    guard rule.comparison != .atLeast, !rule.countsPreviousOnly else { return 0 }
    switch measure.quantity {
    case .amount, .balance, .supply:
      return max(0, Int128(limit) - value.used - (rule.comparison == .under ? 1 : 0))
    case .count, .counterparties, .sinceLast: return 0
    }
  }

  private func isExempt(
    _ rule: Int, _ leg: PolicyLeg, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Bool {
    guard !ruleSet.exemptions.isEmpty, !sight.ignoresExemptions else { return false }
    let participant = facts.participants[leg.participant]
    for exemption in ruleSet.exemptions
    where sight.time < exemption.until && exemption.rules.contains(rule) {
      if exemption.accounts.contains(leg.account) { return true }
      if exemption.participants.contains(participant) { return true }
    }
    return false
  }

  /// Evaluates a cap; `nil` where a number that it is made of was never set.
  private func number(
    of cap: Cap, _ leg: PolicyLeg, _ side: Side, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight, roundsUp: Bool
  ) -> UInt64? {
    switch cap {
    case .constant(let value): return value
    case .balance: return UInt64(max(0, request.balanceBefore(side)))
    case .attribute(let name):
      guard let place = ruleSet.attributes.firstIndex(where: { $0.name == name }),
        case .amount(let rule) = ruleSet.attributes[place].kind
      else { preconditionFailure("attribute \(name) of no set") }
      let holder = ruleSet.attributes[place].holder == .wallet ? leg.slot : leg.participant
      let column = layout.attributeColumns[place]
      let set = facts.attributes[column].amount(of: holder, at: sight.time)
      return (set ?? rule.initial).map { min($0, rule.ceiling ?? .max) }
    case .share(let basisPoints, let base):
      return number(of: base, leg, side, request, facts, sight, roundsUp: roundsUp).map { value in
        // At most 9·10^18 times 10,000: an Int128 holds it.
        let product = Int128(value) * Int128(basisPoints)
        return UInt64((product + (roundsUp ? 9_999 : 0)) / 10_000)
      }
    case .least(let caps), .greatest(let caps):
      let isLeast = if case .least = cap { true } else { false }
      var result: UInt64?
      for cap in caps {
        guard let value = number(of: cap, leg, side, request, facts, sight, roundsUp: roundsUp)
        else {
          return nil
        }
        result = result.map { isLeast ? min($0, value) : max($0, value) } ?? value
      }
      return result
    }
  }

  func row(_ slot: Int, _ column: Int) -> Counter {
    let index = slot * layout.columnCount + column
    return index < rows.count ? rows[index] : .empty
  }
}

extension PolicyRequest {
  /// What a side's account held before the payment, and before anything was drawn for it.
  func balanceBefore(_ side: Side) -> Int64 {
    switch side {
    case .payer:
      (payer?.balanceAfter.minorUnits ?? 0) + amount.minorUnits - Int64(clamping: draw)
    case .payee: (payee?.balanceAfter.minorUnits ?? 0) - amount.minorUnits
    }
  }
}
