import LedgerModel

// What can be proved about the rules of a file: that one is above the other, or never bites.
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

  /// Whether somebody is exempt from a rule.
  private func isLifted(_ rule: DraftRule) -> Bool {
    exemptions.contains { $0.rules.contains { rules[$0].id == rule.id } }
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
          guard let minimum = least.capMin(place), let maximum = most.ceiling(place),
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

  // MARK: Rules that never bite

  /// A rule that bites only where another one does, which decides (W01), or never (W02).
  mutating func checkIdleness() {
    for (index, rule) in rules.enumerated() where !rule.caps.all.isEmpty {
      checkTerms(of: rule)
      let places = places(of: rule)
      let groups = rule.isByTier ? places.map { [$0] } : [places]
      for group in groups where group.allSatisfy(rule.isUnderZero) {
        fields.report(
          .nothingUnderZero(rule.id, tier: rule.isByTier ? tier(group[0]) : nil), at: rule.position)
      }
      if let decider = decider(over: index, at: places) {
        fields.report(.alwaysDecidedBefore(rule.id, by: decider), at: rule.position)
        continue
      }
      for group in groups {
        guard let problem = idleness(of: index, at: group) else { continue }
        fields.report(problem, at: rule.position)
      }
    }
  }

  /// Why a rule never bites in some tiers, or in all of them, where that is proved.
  private func idleness(of index: Int, at places: [Int?]) -> PolicyProblem? {
    let rule = rules[index]
    let tier = rule.isByTier ? tier(places[0]) : nil
    guard places.allSatisfy({ isDecidable(rule, $0) }) else { return nil }
    if places.allSatisfy(rule.isBeyondReach) { return .beyondReach(rule.id, tier: tier) }
    if places.allSatisfy(rule.isBelowReach) { return .belowReach(rule.id, tier: tier) }
    if let decider = decider(over: index, at: places) {
      return .neverBinding(rule.id, tier: tier, because: decider)
    }
    let bounds = places.compactMap { bound(on: rule, $0) }
    guard bounds.count == places.count, let first = bounds.first else { return nil }
    return .neverBinding(rule.id, tier: tier, because: first)
  }

  /// The places at which a rule binds: tiers with a cap, and `nil` for accounts of no tier.
  private func places(of rule: DraftRule) -> [Int?] {
    if rule.isByTier { return tiers.indices.filter { rule.cap($0) != nil } }
    guard rules.contains(where: \.isByTier) else { return [nil] }
    return tiers.indices.map(Optional.some) + (rule.measure.scope.isOfWallets ? [] : [nil])
  }

  /// The first rule that is the answer wherever another one would be.
  private func decider(over index: Int, at places: [Int?]) -> RuleID? {
    rules.indices.first { other in
      other != index && !exempts(from: rules[other], butNot: rules[index])
        && places.allSatisfy { place in
          switch precedence(of: other, over: index, at: place) {
          case nil: false
          case .less: true
          case .asLittle: other < index || !rules[index].refuses
          }
        }
    }.map { rules[$0].id }
  }

  /// Whether a rule denies all that another one does not let pass.
  func denies(_ other: Int, allOf rule: Int) -> Bool {
    places(of: rules[rule]).allSatisfy { precedence(of: other, over: rule, at: $0) != nil }
  }

  private func precedence(
    of other: Int, over rule: Int, at place: Int?
  ) -> DraftRule.Precedence? {
    guard isDecidable(rules[rule], place) else { return nil }
    let besideWaterfalls = rules.contains {
      if case .waterfall = $0.action { true } else { false }
    }
    return rules[other].prevails(
      over: rules[rule], at: place, besideWaterfalls: besideWaterfalls)
  }

  /// Whether a rule's cap always has a value.
  private func isDecidable(_ rule: DraftRule, _ place: Int?) -> Bool {
    rule.cap(place).map(isDecidable) ?? true
  }

  private func isDecidable(_ cap: Cap) -> Bool {
    cap.attributes.allSatisfy { name in
      guard let attribute = attributes.first(where: { $0.name == name }),
        case .amount(let amount) = attribute.kind
      else { return false }
      return amount.initial != nil
    }
  }

  /// A sum that shorter windows, or a count of payments, keep below its maximum.
  ///
  /// A window counts also what passed while the others were not in force, or somebody was exempt
  /// from them: they must have been in force, and for all, as long as the file is.
  private func bound(on rule: DraftRule, _ place: Int?) -> RuleID? {
    guard rule.isSum, rule.isUpper, !rule.measure.mayFill, let maximum = rule.floor(place)
    else { return nil }
    let others = rules.filter { other in
      other.isSum && other.isUpper && other.denies && other.measure.isSameLeg(as: rule.measure)
        && other.from == nil && other.validity.covers(rule.validity) && !isLifted(other)
    }
    for other in others where other.measure.quantity == rule.measure.quantity {
      guard let factor = other.measure.window.countMax(in: rule.measure.window),
        let part = other.ceiling(place)
      else { continue }
      if Int128(part) * factor < Int128(maximum) { return other.id }
    }
    guard rule.measure.quantity == .amount else { return nil }
    let single = others.first { $0.measure.quantity == .amount && $0.measure.window == .payment }
    let count = others.first {
      $0.measure.quantity == .count && $0.measure.window == rule.measure.window
    }
    guard let largest = single?.ceiling(place), let payments = count?.ceiling(place),
      Int128(largest) * Int128(payments) < Int128(maximum)
    else { return nil }
    // Its memory must not be full before.
    if case .rolling(_, let events) = rule.measure.window, payments >= events { return nil }
    return count?.id
  }

  /// Terms of a cap that others always keep from being the least, or the greatest (W02).
  private mutating func checkTerms(of rule: DraftRule) {
    var known: [PolicyProblem] = []
    for cap in rule.caps.all {
      for (term, kind) in cap.idleTerms(roundsUp: rule.roundsUp) where isDecidable(term) {
        let problem = PolicyProblem.idleTerm(
          rule.id, term: term.word(exponent: exponent), kind: kind)
        guard !known.contains(problem) else { continue }
        known.append(problem)
        fields.report(problem, at: rule.position)
      }
    }
  }
}

extension Cap {
  /// The terms that never are the least, or the greatest, of those that they stand among.
  fileprivate func idleTerms(roundsUp: Bool) -> [(term: Cap, kind: String)] {
    func idle(_ terms: [Cap], _ kind: String, _ isAhead: (Cap, Cap) -> Bool) -> [(Cap, String)] {
      let places = terms.indices.filter { place in
        terms.indices.contains { other in
          // Of two that are always equal, the later one is told.
          other != place && isAhead(terms[other], terms[place])
            && (other < place || !isAhead(terms[place], terms[other]))
        }
      }
      return places.map { (terms[$0], kind) } + terms.flatMap { $0.idleTerms(roundsUp: roundsUp) }
    }
    func isNeverAbove(_ one: Cap, _ other: Cap) -> Bool {
      guard let most = one.upperBound(roundsUp: roundsUp),
        let least = other.lowerBound(roundsUp: roundsUp)
      else { return false }
      return most <= least
    }
    switch self {
    case .constant, .attribute, .balance: return []
    case .share(_, let base): return base.idleTerms(roundsUp: roundsUp)
    case .least(let terms): return idle(terms, "least", isNeverAbove)
    case .greatest(let terms): return idle(terms, "greatest") { isNeverAbove($1, $0) }
    }
  }

  /// As a file begins to write it.
  fileprivate func word(exponent: Int) -> String {
    switch self {
    case .constant(let value): DecimalAmount.text(Int128(value), exponent: exponent)
    case .attribute(let name): name.text
    case .balance: "balance"
    case .share: "share"
    case .least: "least"
    case .greatest: "greatest"
    }
  }
}

extension DraftRule {
  /// Whether nothing in a ledger is above a maximum.
  fileprivate func isBeyondReach(_ place: Int?) -> Bool {
    guard !countsPreviousOnly, !measure.mayFill, let maximum = floor(place) else { return false }
    switch measure.quantity {
    case .amount:
      return measure.window == .payment && maximum >= UInt64(Amount.max.minorUnits)
        && measure.direction != .turnover
    case .count: return measure.window == .payment && maximum >= 2
    case .balance: return maximum >= UInt64(Balance.max.minorUnits)
    case .supply, .counterparties, .sinceLast: return false
    }
  }

  /// Whether nothing in a ledger is below a minimum.
  fileprivate func isBelowReach(_ place: Int?) -> Bool {
    // Whatever its minimum, it bites where its memory is full.
    guard !isUpper, measure.direction != .net, !measure.mayFill, let minimum = capMax(place)
    else { return false }
    if case .rolling = measure.window { return false }
    // A payment moves at least one minor unit.
    return minimum <= (isSum ? 1 : 0)
  }

  /// Whether a value would have to be under 0 to pass.
  fileprivate func isUnderZero(_ place: Int?) -> Bool {
    comparison == .under && measure.direction != .net && capMax(place) == 0
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

  /// How many windows of this kind a window of another kind can touch at most, where that is known
  /// and the other one always remembers what they hold.
  fileprivate func countMax(in longer: Window) -> Int128? {
    if case .rolling(let length, let events) = self,
      case .rolling(let other, let remembered) = longer, length < other
    {
      let count = Int128((other + length - 1) / length)
      return Int128(events) * count < Int128(remembered) ? count : nil
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
