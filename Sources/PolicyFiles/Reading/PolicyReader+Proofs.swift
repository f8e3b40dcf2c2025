import LedgerModel

// What can be proved about two rules: that one is above the other, or never decides.
extension PolicyReader {
  /// The places to compare two rules at: the tiers, or one for all.
  private func places(_ one: DraftRule, _ other: DraftRule) -> [Int?] {
    one.isByTier || other.isByTier ? tiers.indices.map(Optional.some) : [nil]
  }

  private func tier(_ place: Int?) -> Tier? { place.map { tiers[$0] } }

  /// Whether somebody is exempt from one rule and not from the other.
  private func exempts(from rule: DraftRule, butNot other: DraftRule) -> Bool {
    exemptions.contains { exemption in
      let exempt = exemption.rules.map { rules[$0].id }
      return exempt.contains(rule.id) && !exempt.contains(other.id)
    }
  }

  /// A shorter time must not allow more than a longer one (E09).
  mutating func checkOrder() {
    for rule in rules where rule.isSum && rule.isUpper && rule.denies {
      for longer in rules
      where longer.isSum && longer.isUpper && longer.denies
        && longer.measure.isSameKind(as: rule.measure)
        && rule.measure.window.isShorter(than: longer.measure.window)
        && rule.validity.overlaps(longer.validity)
      {
        for place in places(rule, longer) {
          guard let short = rule.floor(place), let long = longer.ceiling(place), short > long
          else { continue }
          fields.report(
            .orderBroken(rule.id, tier: tier(place), longer: longer.id), at: rule.position)
        }
      }
    }
  }

  /// A minimum above a maximum lets nothing pass (E09).
  mutating func checkContradictions() {
    for least in rules
    where !least.isUpper && least.denies && least.measure.quantity != .sinceLast {
      for most in rules
      where most.isUpper && most.denies && most.measure.isSameKind(as: least.measure)
        && most.validity.overlaps(least.validity)
      {
        let isSameWindow =
          most.measure.window == least.measure.window
          && most.countsPreviousOnly == least.countsPreviousOnly
        let isOfPayment =
          least.measure.window == .payment && most.isSum && most.measure.window.isAlways
        guard isSameWindow || isOfPayment else { continue }
        for place in places(least, most) {
          guard let minimum = least.cap(place)?.lowerBound, let maximum = most.ceiling(place),
            minimum > maximum
          else { continue }
          fields.report(
            .contradiction(least.id, tier: tier(place), maximum: most.id), at: least.position)
        }
      }
    }
  }

  /// What is within another may not be allowed more than it (E10).
  mutating func checkParents() {
    for child in rules where child.isUpper && child.denies && child.measure.direction != .net {
      for parent in rules
      where parent.isUpper && parent.denies
        && child.measure.scope.isWithin(parent.measure.scope)
        && child.measure.isSameButForScope(as: parent.measure)
        && child.countsPreviousOnly == parent.countsPreviousOnly
        && parent.validity.covers(child.validity)
      {
        for place in places(child, parent) {
          guard let inner = child.floor(place), let outer = parent.ceiling(place), inner > outer
          else { continue }
          fields.report(
            .childAboveParent(child.id, tier: tier(place), parent: parent.id), at: child.position)
        }
      }
    }
  }

  /// A maximum that shorter times, a count of payments, or the ledger itself never reach (W02).
  mutating func checkBinding() {
    for rule in rules where rule.isUpper && (rule.isSum || rule.measure.quantity == .balance) {
      for place in places(rule, rule) {
        guard let maximum = rule.floor(place) else { continue }
        if rule.isBeyondReach(maximum) {
          fields.report(.beyondReach(rule.id, tier: tier(place)), at: rule.position)
        } else if rule.isSum, let because = bound(on: rule, place, maximum) {
          fields.report(
            .neverBinding(rule.id, tier: tier(place), because: because), at: rule.position)
        }
      }
    }
  }

  private func bound(on rule: DraftRule, _ place: Int?, _ maximum: UInt64) -> RuleID? {
    for other in rules
    where other.isSum && other.denies && other.measure.isSameKind(as: rule.measure)
      && other.validity.covers(rule.validity) && !exempts(from: other, butNot: rule)
    {
      guard let factor = other.measure.window.countMax(in: rule.measure.window),
        let part = other.ceiling(place)
      else { continue }
      if Int128(part) * factor < Int128(maximum) { return other.id }
    }
    guard rule.measure.quantity == .amount else { return nil }
    let single = rules.first {
      $0.isBound(on: rule) && $0.measure.quantity == .amount && $0.measure.window == .payment
    }
    let count = rules.first {
      $0.isBound(on: rule) && $0.measure.quantity == .count
        && $0.measure.window == rule.measure.window
    }
    guard let largest = single?.ceiling(place), let payments = count?.ceiling(place),
      Int128(largest) * Int128(payments) < Int128(maximum)
    else { return nil }
    return count?.id
  }

  /// A rule that bites only where another one does, which decides (W01).
  mutating func checkDominance() {
    for (index, rule) in rules.enumerated() where !rule.caps.all.isEmpty {
      let before = rules.indices.first { other in
        // Of two that are the same, which is an error of its own, the later one is told.
        other != index && rules[other].alwaysDecides(rule, tiers.count)
          && !exempts(from: rules[other], butNot: rule)
          && (other < index || !rule.alwaysDecides(rules[other], tiers.count))
      }
      guard let before else { continue }
      fields.report(.alwaysDecidedBefore(rule.id, by: rules[before].id), at: rule.position)
    }
  }
}

extension DraftRule {
  /// Whether this rule denies whatever the other one does not let pass, in every tier.
  func alwaysDecides(_ other: DraftRule, _ tierCount: Int) -> Bool {
    guard denies, measure.counts(allOf: other.measure), validity.covers(other.validity),
      isUpper == other.isUpper, countsPreviousOnly == other.countsPreviousOnly
    else { return false }
    // One limit twice is an error and told as that (E11).
    if measure == other.measure, other.denies { return false }
    // A measure of more payments counts at least as much only where nothing is taken off.
    guard measure == other.measure || (isUpper && isSum) || measure.quantity == .balance
    else { return false }
    let places: [Int?] =
      isByTier || other.isByTier ? (0..<tierCount).map(Optional.some) : [nil]
    return places.allSatisfy { place in
      guard other.cap(place) != nil else { return true }
      if isUpper {
        guard let mine = ceiling(place), let theirs = other.floor(place) else { return false }
        return mine <= theirs
      }
      guard let mine = cap(place)?.lowerBound, let theirs = other.cap(place)?.upperBound
      else { return false }
      return mine >= theirs
    }
  }

  /// Whether it bounds payments of the other's leg, for as long.
  fileprivate func isBound(on other: DraftRule) -> Bool {
    isSum && isUpper && denies && measure.isSameLeg(as: other.measure)
      && validity.covers(other.validity)
  }

  /// Whether nothing in a ledger is above a maximum.
  fileprivate func isBeyondReach(_ maximum: UInt64) -> Bool {
    switch measure.quantity {
    case .amount:
      measure.window == .payment && maximum >= UInt64(Amount.max.minorUnits)
        && measure.direction != .turnover
    case .count: measure.window == .payment && maximum >= 2
    case .balance: maximum >= UInt64(Balance.max.minorUnits)
    case .supply, .counterparties, .sinceLast: false
    }
  }
}

extension Measure {
  fileprivate func isSameButForScope(as other: Measure) -> Bool {
    quantity == other.quantity && direction == other.direction && operations == other.operations
      && filter == other.filter && window == other.window
  }
}

extension Window {
  /// Whether what this window holds, one of the other kind holds as well, or people read it so.
  fileprivate func isShorter(than longer: Window) -> Bool {
    switch (self, longer) {
    case (.payment, .payment), (.lifetime, _): return false
    case (.payment, _): return longer.isAlways
    case (_, .lifetime): return true
    case (.rolling(let length, _), .rolling(let other, _)): return length < other
    default:
      guard let mine = rank, let theirs = longer.rank else { return false }
      return mine < theirs && zone?.name == longer.zone?.name
    }
  }

  /// The order of the calendar's windows.
  private var rank: Int? {
    switch self {
    case .day: 1
    case .week: 2
    case .month: 3
    case .year: 4
    case .payment, .lifetime, .businessDay, .span, .rolling, .since, .after: nil
    }
  }

  /// How many windows of this kind a window of another kind can touch at most, where that is known.
  fileprivate func countMax(in longer: Window) -> Int128? {
    if case .rolling(let length, _) = self, case .rolling(let other, _) = longer, length < other {
      return Int128((other + length - 1) / length)
    }
    guard let zone, let other = longer.zone, zone.name == other.name else { return nil }
    switch (self, longer) {
    case (.day, .week): return 7
    case (.day, .month): return 31
    case (.day, .year): return 366
    case (.week, .month): return 6
    case (.week, .year): return 54
    case (.month, .year): return 12
    default: return nil
    }
  }
}
