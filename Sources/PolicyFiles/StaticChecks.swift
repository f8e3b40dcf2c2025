import LedgerModel
import LedgerPolicy

// The checks that need more than one field: limit-schedules' E09, E11, W01, W02, W04 to W06.
extension PolicyReader {
  mutating func checkRules() {
    if rules.count > Limits.rulesPerSetMax {
      fields.report(
        .tooMany("rules", count: rules.count, max: Limits.rulesPerSetMax),
        at: rules[Limits.rulesPerSetMax].position)
    }
    for (index, rule) in rules.enumerated() {
      if rule.window.isCalendar, zone == nil, !fields.errors.contains(where: \.problem.isAboutZone)
      {
        fields.report(.zoneMissing, at: rule.position)
      }
      if rule.maxima.allSatisfy({ $0 == nil }) {
        fields.report(.ruleWithoutMaximum(rule.id), at: rule.position)
      }
      if rule.window == .day, let zone, zone.footer.daylight != nil {
        fields.report(.daylightSaving(rule.id, zone: zone.name), at: rule.position)
      }
      if let other = rules[..<index].first(where: { $0.isSameMeasure(as: rule) }) {
        fields.report(.sameMeasure(rule.id, as: other.id), at: rule.position)
      }
    }
    checkOrder()
    checkBinding()
    guard let first = rules.first else { return }
    if !rules.contains(where: { $0.quantity == .balance }) {
      fields.report(.noLimit(of: "what a wallet holds"), at: first.position)
    }
    if !rules.contains(where: { $0.quantity == .amount && $0.window == .payment }) {
      fields.report(.noLimit(of: "one payment"), at: first.position)
    }
  }

  /// A shorter time must not allow more than a longer one.
  private mutating func checkOrder() {
    for rule in rules where rule.quantity != .balance {
      for longer in rules
      where longer.isSameKind(as: rule) && longer.window.rawValue > rule.window.rawValue {
        for (tier, maxima) in zip(tiers, zip(rule.maxima, longer.maxima)) {
          guard let shorterMaximum = maxima.0, let longerMaximum = maxima.1,
            shorterMaximum > longerMaximum
          else { continue }
          fields.report(.orderBroken(rule.id, tier: tier, longer: longer.id), at: rule.position)
        }
      }
    }
  }

  /// A maximum that the ones of shorter times, or a count of payments, can never add up to.
  private mutating func checkBinding() {
    for rule in rules where rule.quantity != .balance {
      for (index, tier) in tiers.enumerated() {
        guard let maximum = rule.maxima[index], let because = bound(on: rule, index, maximum)
        else { continue }
        fields.report(.neverBinding(rule.id, tier: tier, because: because), at: rule.position)
      }
    }
  }

  private func bound(on rule: DraftRule, _ tier: Int, _ maximum: UInt64) -> RuleID? {
    for other in rules where other.isSameKind(as: rule) {
      guard let factor = other.window.countMax(in: rule.window), let part = other.maxima[tier]
      else { continue }
      if Int128(part) * factor < Int128(maximum) { return other.id }
    }
    guard rule.quantity == .amount else { return nil }
    let single = rules.first {
      $0.isSameLeg(as: rule) && $0.quantity == .amount && $0.window == .payment
    }
    let count = rules.first {
      $0.isSameLeg(as: rule) && $0.quantity == .count && $0.window == rule.window
    }
    guard let largest = single?.maxima[tier], let payments = count?.maxima[tier],
      Int128(largest) * Int128(payments) < Int128(maximum)
    else { return nil }
    return count?.id
  }

  mutating func checkUnverified(acceptUnverified: Bool) {
    for (cell, position) in unverified {
      let isRefused = mode == .enforce && !acceptUnverified
      fields.report(isRefused ? .unverified(cell) : .unverifiedAccepted(cell), at: position)
    }
  }
}

extension DraftRule {
  /// Whether both look at the same side of the same operations.
  fileprivate func isSameLeg(as other: DraftRule) -> Bool {
    direction == other.direction && operations == other.operations
  }

  /// Whether both sum the same, be it over other times.
  fileprivate func isSameKind(as other: DraftRule) -> Bool {
    quantity == other.quantity && isSameLeg(as: other)
  }

  fileprivate func isSameMeasure(as other: DraftRule) -> Bool {
    isSameKind(as: other) && window == other.window
  }
}

extension Measure.Window {
  /// How many windows of this kind a window of another kind can touch at most, where that is known.
  fileprivate func countMax(in longer: Measure.Window) -> Int128? {
    switch (self, longer) {
    case (.day, .month): 31
    case (.day, .year): 366
    case (.month, .year): 12
    default: nil
    }
  }
}

extension PolicyProblem {
  fileprivate var isAboutZone: Bool { code == "E04" }
}
