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

  /// Whether it denies each payment that it does not let pass.
  var denies: Bool { action == .deny }

  /// Whether what it lets pass is bounded above.
  var isUpper: Bool { comparison != .atLeast }

  /// Whether it compares a sum to which the payment in hand is added.
  var isSum: Bool {
    !countsPreviousOnly && (measure.quantity == .amount || measure.quantity == .count)
      && measure.direction != .net
  }

  /// Whether where it bites it is an answer like a denial.
  var refuses: Bool {
    switch action {
    case .deny, .waterfall, .hold: true
    case .flag, .require: false
    }
  }

  /// The largest value that can pass in a tier, where that is known.
  func ceiling(_ tier: Int?) -> UInt64? { isUpper ? capMax(tier).map(largest) : nil }

  /// The largest value that always passes in a tier, where that is known.
  func floor(_ tier: Int?) -> UInt64? { isUpper ? capMin(tier).map(largest) : nil }

  /// A number that the cap of a tier is never above, where one is known.
  func capMax(_ tier: Int?) -> UInt64? { cap(tier)?.upperBound(roundsUp: roundsUp) }

  /// A number that the cap of a tier is never below, where one is known and it has a value.
  func capMin(_ tier: Int?) -> UInt64? { cap(tier)?.lowerBound(roundsUp: roundsUp) }

  /// Which way shares are rounded.
  var roundsUp: Bool { comparison != .atMost }

  private func largest(_ cap: UInt64) -> UInt64 {
    comparison == .under ? (cap == 0 ? 0 : cap - 1) : cap
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
}

extension Cap {
  /// A number that the cap is never above, where one is known.
  ///
  /// Shares are rounded up for all but a maximum.
  func upperBound(roundsUp: Bool) -> UInt64? {
    switch self {
    case .constant(let value): value
    case .attribute, .balance: nil
    case .share(let basisPoints, let base):
      base.upperBound(roundsUp: roundsUp).map { Self.share(basisPoints, $0, roundsUp) }
    case .least(let caps): caps.compactMap { $0.upperBound(roundsUp: roundsUp) }.min()
    case .greatest(let caps): caps.map { $0.upperBound(roundsUp: roundsUp) }.maxOfAll
    }
  }

  /// A number that the cap is never below, where it has a value.
  func lowerBound(roundsUp: Bool) -> UInt64? {
    switch self {
    case .constant(let value): value
    case .attribute, .balance: nil
    case .share(let basisPoints, let base):
      base.lowerBound(roundsUp: roundsUp).map { Self.share(basisPoints, $0, roundsUp) }
    case .least(let caps): caps.map { $0.lowerBound(roundsUp: roundsUp) }.minOfAll
    case .greatest(let caps): caps.compactMap { $0.lowerBound(roundsUp: roundsUp) }.max()
    }
  }

  private static func share(_ basisPoints: Int, _ value: UInt64, _ roundsUp: Bool) -> UInt64 {
    UInt64((UInt128(value) * UInt128(basisPoints) + (roundsUp ? 9_999 : 0)) / 10_000)
  }
}

extension [UInt64?] {
  /// The largest, where all are known.
  fileprivate var maxOfAll: UInt64? { contains(nil) ? nil : compactMap(\.self).max() }
  /// The smallest, where all are known.
  fileprivate var minOfAll: UInt64? { contains(nil) ? nil : compactMap(\.self).min() }
}
