import LedgerModel

extension RandomRuleSets {
  mutating func rule(
    _ id: RuleID, of index: Int, in draft: Draft, _ surroundings: Surroundings
  ) -> Rule {
    let measure = draft.measures[index]
    let weights =
      if measure.quantity == .sinceLast { [20, 10, 70] } else if measure.direction == .net {
        [50, 15, 35]
      } else { [70, 20, 10] }
    let comparison = Rule.Comparison.allCases[random.offset(weighted: weights)]
    let canCountPrevious =
      measure.isCounted && ![.balance, .supply, .sinceLast].contains(measure.quantity)
    let isAbout = !draft.tiers.isEmpty && random.happens(percent: 40)
    let caps: Rule.Caps =
      if isAbout {
        .byTier(
          draft.tiers.map { _ in
            random.happens(percent: 20)
              ? nil : expression(of: measure, comparison, in: draft, surroundings)
          })
      } else {
        .every(expression(of: measure, comparison, in: draft, surroundings))
      }
    let from = random.happens(percent: 8) ? instant(near: surroundings.now) : nil
    let start = from ?? surroundings.now
    let until =
      random.happens(percent: 8) ? instant(near: start.advanced(byMicroseconds: 1)) : nil
    return Rule(
      id: id, measure: index, comparison: comparison,
      countsPreviousOnly: canCountPrevious && random.happens(percent: 20), caps: caps,
      action: action(on: measure, comparison, in: draft), from: from, until: until,
      line: Int.random(in: 0...99, using: &random))
  }

  private mutating func action(
    on measure: Measure, _ comparison: Rule.Comparison, in draft: Draft
  ) -> Rule.Action {
    let canFall =
      measure.quantity == .balance && [.wallet, .owner].contains(measure.scope)
      && comparison == .atMost
    // What must be at least something bites until it is, so it seldom denies.
    let denials = comparison == .atLeast && measure.quantity != .sinceLast ? 12 : 55
    switch random.offset(weighted: [denials, 30, 15, canFall ? 150 : 0]) {
    case 0: return .deny
    case 1: return .flag
    case 2:
      let group = Int.random(in: 0..<draft.groups.count, using: &random)
      let count = Int.random(in: 1...draft.groups[group].keys.count, using: &random)
      return .require(Approval(count: count, group: group))
    default: return .waterfall(Waterfall(drawsShortfall: random.happens(percent: 50)))
    }
  }

  /// A constant that a measure comes to now and then.
  mutating func cap(of measure: Measure) -> UInt64 {
    // So much that only the memory is in the way.
    if case .rolling = measure.window, random.happens(percent: 25) { return 9_000 * scale }
    switch measure.quantity {
    case .amount:
      let bounds: [UInt64] = measure.window == .payment ? [0, 60, 60] : [0, 90, 300, 600]
      let wide: UInt64 =
        [.wallet, .pair, .owner].contains(measure.scope) || measure.window == .payment ? 1 : 4
      return UInt64.random(in: 0...random.one(of: bounds) * wide, using: &random) * scale
    case .count:
      let wide: UInt64 = [.wallet, .pair, .owner].contains(measure.scope) ? 1 : 4
      return UInt64.random(in: 0...random.one(of: [2, 6, 15]) * wide, using: &random)
    case .counterparties: return UInt64.random(in: 0...4, using: &random)
    case .balance:
      let bound: UInt64 =
        switch measure.scope {
        case .wallet: 350
        case .owner: 700
        case .tier: 1_200
        default: 3_500
        }
      return UInt64.random(in: bound / 5...bound, using: &random) * scale
    case .supply, .sinceLast:
      return random.one(of: [0, 1, 1_000_000, 3_600_000_000, 86_400_000_000])
    }
  }

  private mutating func constant(
    of measure: Measure, _ comparison: Rule.Comparison, _ surroundings: Surroundings
  ) -> UInt64 {
    if random.happens(percent: 2) { return UInt64(Balance.max.minorUnits) }
    if measure.quantity == .supply {
      let change = Int128.random(in: -150...250, using: &random) * Int128(scale)
      return UInt64(min(max(0, surroundings.outstanding + change), 9_000_000_000_000_000_000))
    }
    let cap = cap(of: measure)
    return comparison == .atLeast && measure.quantity != .sinceLast ? cap / 8 : cap
  }

  private mutating func expression(
    of measure: Measure, _ comparison: Rule.Comparison, in draft: Draft,
    _ surroundings: Surroundings, depth: Int = 1
  ) -> Cap {
    let isMoney = ![.count, .counterparties, .sinceLast].contains(measure.quantity)
    guard isMoney || random.happens(percent: 20), depth < 3, random.happens(percent: 35) else {
      return .constant(constant(of: measure, comparison, surroundings))
    }
    switch random.offset(weighted: [30, 20, 20, 15, 15]) {
    case 0:
      let names = draft.attributes.filter { attribute in
        guard case .amount = attribute.kind else { return false }
        return attribute.holder == .wallet
          ? measure.scope == .wallet
          : measure.scope != .system && measure.scope != .participantClass
      }
      if let attribute = names.randomElement(using: &random) { return .attribute(attribute.name) }
      return .constant(constant(of: measure, comparison, surroundings))
    case 1:
      guard measure.scope == .wallet else {
        return .constant(constant(of: measure, comparison, surroundings))
      }
      return .balance
    case 2:
      return .share(
        basisPoints: random.one(of: [0, 1, 2_500, 3_333, 9_999, 10_000]),
        of: expression(of: measure, comparison, in: draft, surroundings, depth: depth + 1))
    case let kind:
      let caps = (0..<Int.random(in: 2...3, using: &random)).map { _ in
        expression(of: measure, comparison, in: draft, surroundings, depth: depth + 1)
      }
      return kind == 3 ? .least(caps) : .greatest(caps)
    }
  }
}
