import LedgerModel

// The checks of one rule, and of the set as a whole, that need more than one field.
extension PolicyReader {
  mutating func checkRules() {
    if rules.count > Limits.rulesPerSetMax {
      fields.report(
        .tooMany("rules", count: rules.count, max: Limits.rulesPerSetMax),
        at: rules[Limits.rulesPerSetMax].position)
      return  // What follows compares each with each.
    }
    let counters = Set(rules.map(\.measure)).count { $0.isCounted }
    if counters > Limits.countersPerSetMax, let last = rules.last {
      fields.report(
        .tooMany(
          "measures that count over a window", count: counters, max: Limits.countersPerSetMax),
        at: last.position)
    }
    // Where something could not be read, what is missing would be told as odd.
    let isWhole = fields.errors.isEmpty
    for (index, rule) in rules.enumerated() {
      if isWhole { checkReach(of: rule) }
      checkWindow(of: rule)
      checkMemory(of: rule)
      if let other = rules[..<index].first(where: { $0.isSameLimit(as: rule) }) {
        fields.report(.sameMeasure(rule.id, as: other.id), at: rule.position)
      }
    }
    checkOrder()
    checkContradictions()
    checkParents()
    guard isWhole else { return }
    // Rules that contradict each other are not also told to be idle.
    if fields.errors.isEmpty { checkIdleness() }
    checkLimitsThatMiss()
  }

  /// Rules that bind nobody, no payment, or at no time (W01).
  private mutating func checkReach(of rule: DraftRule) {
    if rule.caps.all.isEmpty {
      fields.report(.ruleWithoutMaximum(rule.id), at: rule.position)
    }
    let reaches = rule.measure.operations.contains { operation in
      let sides = operation.sides(rule.measure.scope, rule.measure.direction)
      guard sides.payer || sides.payee else { return false }
      return rule.measure.filter.canPass(operation, tierCount: tiers.count)
    }
    if !reaches {
      fields.report(.filterPassesNothing(rule.id), at: rule.position)
    } else if !rule.caps.all.isEmpty, tiersMissed(by: rule) {
      fields.report(.filterPassesNoTier(rule.id), at: rule.position)
    }
    if let until = rule.until, let from = effective.from, until <= from {
      fields.report(.neverInForce(rule.id), at: rule.position)
    }
  }

  /// Whether the filter passes only tiers for which the rule has no cap.
  private func tiersMissed(by rule: DraftRule) -> Bool {
    guard rule.isByTier else { return false }
    let filter = rule.measure.filter
    let test: WordTest<Tier>? =
      switch rule.measure.direction {
      case .out: filter.payer.tier
      case .into: filter.payee.tier
      case .turnover, .net: nil
      }
    guard let test else { return false }
    return !tiers.indices.contains { test.passes(tiers[$0]) && rule.cap($0) != nil }
  }

  /// Days that are not of 24 hours (W04), and rolling windows beside calendar ones (W03).
  private mutating func checkWindow(of rule: DraftRule) {
    if let zone = rule.measure.window.zone, zone.footer.daylight != nil {
      switch rule.measure.window {
      case .day, .businessDay:
        fields.report(.daylightSaving(rule.id, zone: zone.name), at: rule.position)
      case .span: fields.report(.daylightSpan(rule.id, zone: zone.name), at: rule.position)
      case .payment, .lifetime, .week, .month, .year, .rolling, .since, .after: break
      }
    }
    guard case .rolling(let length, let events) = rule.measure.window else { return }
    let twin = rules.first { other in
      other.measure.isSameKind(as: rule.measure)
        && other.measure.window.daysNamed.map { $0.contains(length / 86_400_000_000) } ?? false
        && length.isMultiple(of: 86_400_000_000)
    }
    if let twin { fields.report(.rollingBesideCalendar(rule.id, twin.id), at: rule.position) }
    guard rule.measure.quantity == .count, rule.isUpper else { return }
    let places = rule.isByTier ? tiers.indices.map(Optional.some) : [nil]
    let largest = places.compactMap { rule.ceiling($0) }.max()
    if let largest, largest > UInt64(events) {
      fields.report(
        .rollingRemembersTooFew(rule.id, count: largest, events: events), at: rule.position)
    }
  }

  /// What one key may take (W08).
  private mutating func checkMemory(of rule: DraftRule) {
    switch rule.measure.window {
    case .rolling(_, let events)
    where events * PolicyCost.bytesPerRollingEvent > PolicyFileLimits.keyBytesWarned:
      fields.report(
        .memoryOfKey(rule.id, bytes: events * PolicyCost.bytesPerRollingEvent), at: rule.position)
    case .lifetime where rule.measure.quantity == .counterparties || rule.measure.scope == .pair:
      fields.report(.memoryNeverFreed(rule.id), at: rule.position)
    default: break
    }
  }

  /// Kinds of limits that no rule is (W06); for a set that is about wallets.
  private mutating func checkLimitsThatMiss() {
    guard let first = rules.first, !tiers.isEmpty else { return }
    if !rules.contains(where: { $0.measure.quantity == .balance }) {
      fields.report(.noLimit(of: "what a wallet holds"), at: first.position)
    }
    if !rules.contains(where: {
      $0.measure.quantity == .amount && $0.measure.window == .payment && $0.isUpper
    }) {
      fields.report(.noLimit(of: "one payment"), at: first.position)
    }
  }

  mutating func checkUnverified(acceptUnverified: Bool) {
    for (cell, position) in unverified {
      let isRefused = mode == .enforce && !acceptUnverified
      fields.report(isRefused ? .unverified(cell) : .unverifiedAccepted(cell), at: position)
    }
  }

  /// Exemptions that change nothing (W11).
  mutating func checkExemptions() {
    guard fields.errors.isEmpty else { return }
    for (index, (exemption, position)) in zip(exemptions, exemptionPositions).enumerated() {
      if exemptions[..<index].contains(where: { $0.covers(exemption) })
        || exemptions[(index + 1)...].contains(where: {
          $0.covers(exemption) && !exemption.covers($0)
        })
      {
        fields.report(.exemptionCovered, at: position)
        continue
      }
      for place in exemption.rules where rules.indices.contains(place) {
        let rule = rules[place]
        if let from = [rule.from, effective.from].compactMap(\.self).max(),
          exemption.until <= from
        {
          fields.report(.exemptionEnded(rule.id), at: position)
        } else if let other = rules.indices.first(where: { other in
          !exemption.rules.contains(other) && denies(other, allOf: place)
        }) {
          fields.report(.exemptionShadowed(rule.id, by: rules[other].id), at: position)
        }
      }
    }
  }
}

extension Exemption {
  /// Whether all that the other exempts, it exempts as well, for as long.
  fileprivate func covers(_ other: Exemption) -> Bool {
    other.rules.allSatisfy(rules.contains) && other.accounts.allSatisfy(accounts.contains)
      && other.participants.allSatisfy(participants.contains) && other.until <= until
  }
}

extension DraftRule {
  /// Whether two limits are of one measure, way to compare and action, at one time: an error, since
  /// one of them says nothing.
  fileprivate func isSameLimit(as other: DraftRule) -> Bool {
    measure == other.measure && isUpper == other.isUpper
      && countsPreviousOnly == other.countsPreviousOnly && action.isSameKind(as: other.action)
      && validity.overlaps(other.validity)
  }
}

extension Rule.Action {
  fileprivate func isSameKind(as other: Rule.Action) -> Bool {
    switch (self, other) {
    case (.deny, .deny), (.flag, .flag), (.waterfall, .waterfall), (.hold, .hold): true
    // Two groups, or more signatures above a higher cap, are two limits.
    case (.require(let one), .require(let two)): one == two
    default: false
    }
  }
}

extension Window {
  /// How many days people think that the window has; `nil` where it is none of those.
  fileprivate var daysNamed: ClosedRange<UInt64>? {
    switch self {
    case .day, .businessDay: 1...1
    case .week: 7...7
    case .month: 28...31
    case .year: 365...366
    case .payment, .lifetime, .span, .rolling, .since, .after: nil
    }
  }
}
