import LedgerModel

/// How the new one of two things compares with the old one.
enum RuleOrder: Equatable {
  case same
  case tighter
  case looser
  /// And why it cannot be told.
  case unordered(String)

  /// The order where a larger thing is the looser one.
  var reversed: RuleOrder {
    switch self {
    case .tighter: .looser
    case .looser: .tighter
    case .same, .unordered: self
    }
  }

  var direction: PolicyDiff.Direction {
    switch self {
    case .tighter: .tightening
    case .looser: .loosening
    case .same, .unordered: .either
    }
  }

  var reason: String? {
    if case .unordered(let reason) = self { reason } else { nil }
  }

  /// Both taken together.
  func and(_ other: RuleOrder, _ reason: String) -> RuleOrder {
    switch (self, other) {
    case (.same, _): other
    case (_, .same): self
    case (.tighter, .tighter), (.looser, .looser), (.unordered, _): self
    case (_, .unordered): other
    case (.tighter, .looser), (.looser, .tighter): .unordered(reason)
    }
  }
}

extension RuleOrder {
  /// The order of a waterfall's change, whatever it is of.
  static let ofWaterfall = RuleOrder.unordered(
    "what a waterfall moves makes room for other payments, and takes it from others")

  /// Orders two caps of a rule that has `comparison`.
  ///
  /// - Parameters:
  ///   - old: `nil` where there is none.
  ///   - new: `nil` where there is none.
  ///   - comparison: Of both.
  ///   - valueless: The attributes that may have no value, in the old set and the new one.
  /// - Returns: Unordered where it depends on attributes and balances.
  static func caps(
    _ old: Cap?, _ new: Cap?, _ comparison: Rule.Comparison,
    valueless: (old: [AttributeName], new: [AttributeName])
  ) -> RuleOrder {
    guard let old else { return new == nil ? .same : .tighter }
    guard let new else { return .looser }
    guard let isLarger = isLarger(new, than: old) else {
      return .unordered("the caps are made of different numbers")
    }
    guard isLarger != .same else { return .same }
    // Without a value the rule denies.
    let (before, after) = (
      old.attributes.filter(valueless.old.contains), new.attributes.filter(valueless.new.contains)
    )
    let isMore = !after.allSatisfy(before.contains)
    let isLess = !before.allSatisfy(after.contains)
    let value = isMore ? RuleOrder.tighter : isLess ? .looser : .same
    let why = "a limit without a value denies, and the caps ask for different attributes"
    return (comparison == .atLeast ? isLarger.reversed : isLarger)
      .and(isMore && isLess ? .unordered(why) : value, why)
  }

  /// `looser` where the new cap is larger, whatever attributes and balances are; `nil` where that
  /// depends.
  private static func isLarger(_ new: Cap, than old: Cap) -> RuleOrder? {
    if new == old { return .same }
    switch (old, new) {
    case (.constant(let one), .constant(let two)): return one < two ? .looser : .tighter
    case (.share(let one, let base), .share(let two, let other)) where base == other:
      return one < two ? .looser : .tighter
    case (.share(let one, let base), .share(let two, let other)) where one == two:
      return isLarger(other, than: base)
    case (.least(let one), .least(let two)), (.greatest(let one), .greatest(let two)):
      guard one.count == two.count else { return nil }
      var order = RuleOrder.same
      for (old, new) in zip(one, two) {
        guard let next = isLarger(new, than: old) else { return nil }
        order = order.and(next, "")
        if case .unordered = order { return nil }
      }
      return order
    case (.least(let terms), let alone) where terms.contains(alone): return .looser
    case (let alone, .least(let terms)) where terms.contains(alone): return .tighter
    case (.greatest(let terms), let alone) where terms.contains(alone): return .tighter
    case (let alone, .greatest(let terms)) where terms.contains(alone): return .looser
    default: return nil
    }
  }

  /// Orders two windows over which a sum is taken.
  static func windows(_ old: Window, _ new: Window) -> RuleOrder {
    if old == new { return .same }
    if old.isWithin(new) { return .tighter }
    if new.isWithin(old) { return .looser }
    if old == .payment || new == .payment {
      return .unordered("one looks at each payment alone, and the other not at every time")
    }
    return .unordered("neither window always lies within the other")
  }

  static func scopes(_ old: Measure.Scope, _ new: Measure.Scope) -> RuleOrder {
    if old == new { return .same }
    if old.isWithin(new) { return .tighter }
    if new.isWithin(old) { return .looser }
    return .unordered("neither counts all that the other counts for one account")
  }

  static func directions(_ old: Measure.Direction, _ new: Measure.Direction) -> RuleOrder {
    switch (old, new) {
    case (.out, .turnover), (.into, .turnover), (.net, .turnover), (.net, .out): .tighter
    case (.turnover, .out), (.turnover, .into), (.turnover, .net), (.out, .net): .looser
    case (.out, .out), (.into, .into), (.turnover, .turnover), (.net, .net): .same
    default: .unordered("they count different sides of payments")
    }
  }

  static func operations(
    _ old: [Measure.Operation], _ new: [Measure.Operation]
  ) -> RuleOrder {
    let (old, new) = (Set(old), Set(new))
    if old == new { return .same }
    if old.isSubset(of: new) { return .tighter }
    return new.isSubset(of: old)
      ? .looser : .unordered("each counts operations that the other does not")
  }

  static func actions(_ old: Rule.Action, _ new: Rule.Action) -> RuleOrder {
    if old == new { return .same }
    switch (old, new) {
    case (.deny, .waterfall(let waterfall)) where !waterfall.drawsShortfall: return .looser
    case (.waterfall(let waterfall), .deny) where !waterfall.drawsShortfall: return .tighter
    case (.waterfall, _), (_, .waterfall): return ofWaterfall
    case (.require(let one), .require(let two)) where one.group == two.group:
      return one.count < two.count ? .tighter : .looser
    case (.flag, _): return .tighter
    case (_, .flag): return .looser
    case (.require, .deny): return .tighter
    case (.deny, .require): return .looser
    case (.hold(let one), .hold(let two))
    where one.microseconds != two.microseconds && one.end == two.end
      && one.isSticky == two.isSticky:
      return one.microseconds < two.microseconds ? .tighter : .looser
    case (.hold, .deny): return .tighter
    case (.deny, .hold): return .looser
    default: return .unordered("neither always does less than the other")
    }
  }

  /// Orders two filters: the new one is tighter where it passes all that the old one passes.
  static func filters(_ old: PaymentFilter, _ new: PaymentFilter) -> RuleOrder {
    if old == new { return .same }
    if old.implies(new) { return .tighter }
    if new.implies(old) { return .looser }
    return .unordered("each passes payments that the other does not")
  }

  static func validities(_ old: PolicyValidity, _ new: PolicyValidity) -> RuleOrder {
    if old == new { return .same }
    if new.covers(old) { return .tighter }
    return old.covers(new) ? .looser : .unordered("each is in force when the other is not")
  }
}
