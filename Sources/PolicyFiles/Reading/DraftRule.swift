import LedgerModel

/// One limit as it stands in the file, before its measure has a place in a set.
struct DraftRule {
  let id: RuleID
  let position: SourcePosition
  let measure: Measure
  let comparison: Rule.Comparison
  let countsPreviousOnly: Bool
  let caps: Rule.Caps
  let action: Rule.Action
  let from: LedgerTime?
  let until: LedgerTime?

  init(
    id: RuleID, position: SourcePosition, measure: Measure, comparison: Rule.Comparison,
    countsPreviousOnly: Bool, caps: Rule.Caps, action: Rule.Action, from: LedgerTime?,
    until: LedgerTime?
  ) {
    self.id = id
    self.position = position
    self.measure = measure
    self.comparison = comparison
    self.countsPreviousOnly = countsPreviousOnly
    self.caps = caps
    self.action = action
    self.from = from
    self.until = until
  }

  /// A rule of a compiled set.
  init(_ rule: Rule, of set: RuleSet, at position: SourcePosition) {
    self.init(
      id: rule.id, position: position, measure: set.measures[rule.measure],
      comparison: rule.comparison, countsPreviousOnly: rule.countsPreviousOnly, caps: rule.caps,
      action: rule.action, from: rule.from, until: rule.until)
  }
}

extension DraftRule {
  var validity: PolicyValidity { PolicyValidity(from: from, until: until) }

  /// The cap for wallets of a tier, by its place; of every account where the place is `nil`.
  func cap(_ tier: Int?) -> Cap? {
    switch caps {
    case .every(let cap): cap
    case .byTier(let caps): tier.flatMap { caps.indices.contains($0) ? caps[$0] : nil }
    }
  }

  var isByTier: Bool {
    switch caps {
    case .every: false
    case .byTier: true
    }
  }

  /// Whether it denies, or lets the excess go on and denies what is left.
  var denies: Bool { action == .deny }

  /// Whether what it lets pass is bounded above.
  var isUpper: Bool { comparison != .atLeast }

  /// Whether it compares a sum to which the payment in hand is added.
  var isSum: Bool {
    !countsPreviousOnly && (measure.quantity == .amount || measure.quantity == .count)
      && measure.direction != .net
  }

  /// The largest value that can pass in a tier, where that is known.
  func ceiling(_ tier: Int?) -> UInt64? {
    guard isUpper, let value = cap(tier)?.upperBound else { return nil }
    return comparison == .under ? (value == 0 ? 0 : value - 1) : value
  }

  /// The largest value that always passes in a tier, where that is known.
  func floor(_ tier: Int?) -> UInt64? {
    guard isUpper, let value = cap(tier)?.lowerBound else { return nil }
    return comparison == .under ? (value == 0 ? 0 : value - 1) : value
  }
}

extension Measure {
  /// Whether both look at the same side of the same payments.
  func isSameLeg(as other: Measure) -> Bool {
    scope == other.scope && direction == other.direction && operations == other.operations
      && filter == other.filter
  }

  /// Whether both sum the same, be it over other times.
  func isSameKind(as other: Measure) -> Bool {
    quantity == other.quantity && isSameLeg(as: other)
  }

  /// Whether it counts all that the other counts, for the same keys and windows.
  func counts(allOf other: Measure) -> Bool {
    quantity == other.quantity && scope == other.scope && direction == other.direction
      && window.spansSame(as: other.window)
      && other.operations.allSatisfy(operations.contains)
      && (filter == .everything || filter == other.filter)
  }
}

extension Cap {
  /// A number that the cap is never above, where one is known.
  var upperBound: UInt64? {
    switch self {
    case .constant(let value): value
    case .attribute, .balance: nil
    case .share(let basisPoints, let base):
      base.upperBound.map { UInt64(UInt128($0) * UInt128(basisPoints) / 10_000) }
    case .least(let caps): caps.compactMap(\.upperBound).min()
    case .greatest(let caps): caps.map(\.upperBound).maxOfAll
    }
  }

  /// A number that the cap is never below.
  var lowerBound: UInt64? {
    switch self {
    case .constant(let value): value
    case .attribute, .balance: nil
    case .share(let basisPoints, let base):
      base.lowerBound.map { UInt64(UInt128($0) * UInt128(basisPoints) / 10_000) }
    case .least(let caps): caps.map(\.lowerBound).minOfAll
    case .greatest(let caps): caps.compactMap(\.lowerBound).max()
    }
  }
}

extension [UInt64?] {
  /// The largest, where all are known.
  fileprivate var maxOfAll: UInt64? { contains(nil) ? nil : compactMap(\.self).max() }
  /// The smallest, where all are known.
  fileprivate var minOfAll: UInt64? { contains(nil) ? nil : compactMap(\.self).min() }
}
