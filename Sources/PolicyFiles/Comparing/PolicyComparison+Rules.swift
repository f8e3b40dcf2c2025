import LedgerModel

extension PolicyComparison {
  /// What is changed in one rule.
  func changes(_ one: Rule, _ two: Rule) -> [Found] {
    let (before, after) = (old.measures[one.measure], new.measures[two.measure])
    let contrast = RuleContrast(old: one, new: two)
    func found(_ kind: PolicyDiff.Kind, _ text: String, _ order: RuleOrder) -> Found {
      Found(
        kind: kind, subject: two.id.text, text: text,
        order: kind == .action ? order : order.besideWaterfalls([one, two]), contrasts: [contrast],
        alone: alone(one, two, kind, tier: nil))
    }
    var changes: [Found] = []
    if one.id != two.id {
      var renamed = found(
        .ruleRenamed, "was called \(one.id)", .unordered("a name decides nothing"))
      renamed.contrasts = []
      renamed.unshown = "a name decides nothing"
      changes.append(renamed)
    }
    guard before.quantity == after.quantity else {
      changes.append(
        found(
          .quantity,
          "measured \(oldWords.subject(before)), measures \(newWords.subject(after))",
          .unordered("they measure different things")))
      return changes
    }
    changes += capChanges(one, two, after.quantity)
    if one.comparison != two.comparison {
      changes.append(
        found(
          .comparison,
          "was \(oldWords.comparison(one.comparison)), is \(newWords.comparison(two.comparison))",
          comparisons(one.comparison, two.comparison)))
    }
    if one.countsPreviousOnly != two.countsPreviousOnly {
      changes.append(
        found(
          .counting,
          two.countsPreviousOnly
            ? "counts previous payments only, and no longer the one in hand"
            : "counts the payment in hand, and no longer previous ones only",
          previous(two, after)))
    }
    changes += measureChanges(before, after, two, found)
    if RuleOrder.actions(one.action, two.action) != .same, !isSameApproval(one, two) {
      let order = actions(one.action, two.action)
      changes.append(
        found(
          .action,
          "was: \(oldWords.consequence(one.action)); is: \(newWords.consequence(two.action))",
          order))
    }
    let validities = (
      PolicyValidity(from: one.from, until: one.until),
      PolicyValidity(from: two.from, until: two.until)
    )
    if validities.0 != validities.1 {
      func text(_ validity: PolicyValidity, _ words: MeasureWords) -> String {
        words.validity(from: validity.from, until: validity.until) ?? "in force throughout"
      }
      changes.append(
        found(
          .validity, "was \(text(validities.0, oldWords)); is \(text(validities.1, newWords))",
          RuleOrder.validities(validities.0, validities.1)))
    }
    return changes
  }

  private func measureChanges(
    _ before: Measure, _ after: Measure, _ rule: Rule,
    _ found: (PolicyDiff.Kind, String, RuleOrder) -> Found
  ) -> [Found] {
    var changes: [Found] = []
    if before.scope != after.scope {
      changes.append(
        found(
          .scope, "counted \(oldWords.scope(before.scope)), counts \(newWords.scope(after.scope))",
          scopes(before, after, rule)))
    }
    if !before.window.decidesSame(as: after.window) {
      let old = oldWords.window(before) ?? "each payment"
      let new = newWords.window(after) ?? "each payment"
      let window = old == new ? "is over \(new)" : "was over \(old), is over \(new)"
      changes.append(
        found(
          .window, window + Self.memories(before.window, after.window),
          looking(RuleOrder.windows(before.window, after.window), rule, after)))
    }
    if before.direction != after.direction {
      changes.append(
        found(
          .direction, "counted \(before.direction.word), counts \(after.direction.word)",
          directions(before, after, rule)))
    }
    if before.operations != after.operations {
      func text(_ measure: Measure) -> String {
        PolicyWords.list(measure.operations.map(\.word), "and")
      }
      changes.append(
        found(
          .operations, "counted \(text(before)), counts \(text(after))",
          looking(RuleOrder.operations(before.operations, after.operations), rule, after)))
    }
    if before.filter != after.filter {
      let was = oldWords.condition(before.filter) ?? "of all payments"
      let now = newWords.condition(after.filter) ?? "of all payments"
      changes.append(
        found(
          .filter, "was \(was); is \(now)",
          looking(RuleOrder.filters(before.filter, after.filter), rule, after)))
    }
    return changes
  }

  /// What two rolling windows remember, where it is not as much.
  private static func memories(_ before: Window, _ after: Window) -> String {
    guard case .rolling(_, let old) = before, case .rolling(_, let new) = after, old != new else {
      return ""
    }
    return ", and remembers at most \(DecimalAmount.count(new, "payment")), no longer "
      + "\(old)"
  }

  /// The order of a rule where its measure counts more (`tighter`) or less on the sides it has.
  private func counting(_ order: RuleOrder, _ rule: Rule, _ measure: Measure) -> RuleOrder {
    guard order != .same else { return order }
    if measure.quantity == .sinceLast {
      return rule.comparison == .atLeast
        ? order : .unordered("counting more makes the time since the last shorter")
    }
    guard rule.comparison == .atLeast else { return order }
    return .unordered("the rule asks for at least a value, which counting more makes larger")
  }

  /// The order of a rule where its measure counts more (`tighter`) or fewer payments.
  private func looking(_ order: RuleOrder, _ rule: Rule, _ measure: Measure) -> RuleOrder {
    guard order != .same, let reason = measure.whyMoreMayBeLess else {
      return counting(order, rule, measure)
    }
    return .unordered(reason)
  }

  private func scopes(_ before: Measure, _ after: Measure, _ rule: Rule) -> RuleOrder {
    let order = RuleOrder.scopes(before.scope, after.scope)
    guard after.quantity == .balance, order != .same else { return looking(order, rule, after) }
    return .unordered("a payment within the wider one changes nothing of what that holds")
  }

  private func directions(_ before: Measure, _ after: Measure, _ rule: Rule) -> RuleOrder {
    let isNet = before.direction == .net || after.direction == .net
    if rule.countsPreviousOnly, isNet, before.direction != after.direction {
      return .unordered("a net position is looked at on both sides, and what comes in lowers it")
    }
    return counting(RuleOrder.directions(before.direction, after.direction), rule, after)
  }

  /// The order of a rule that no longer counts as it did: previous payments alone, or all.
  private func previous(_ rule: Rule, _ measure: Measure) -> RuleOrder {
    if let reason = measure.whyMoreMayBeLess { return .unordered(reason) }
    // The payment in hand is in the way of a maximum, and helps to a minimum.
    return (rule.comparison == .atLeast) == rule.countsPreviousOnly ? .tighter : .looser
  }

  private func comparisons(_ old: Rule.Comparison, _ new: Rule.Comparison) -> RuleOrder {
    switch (old, new) {
    case (.atMost, .under): .tighter
    case (.under, .atMost): .looser
    default: .unordered("one asks for large values, the other for small ones")
    }
  }

  /// Approvals of groups of one name are compared by their number; the keys are the group's change.
  private func actions(_ one: Rule.Action, _ two: Rule.Action) -> RuleOrder {
    guard case .require(let before) = one, case .require(let after) = two else {
      return RuleOrder.actions(one, two)
    }
    guard old.groups[before.group].name == new.groups[after.group].name else {
      return .unordered("different groups sign")
    }
    return before.count < after.count ? .tighter : .looser
  }

  private func isSameApproval(_ one: Rule, _ two: Rule) -> Bool {
    guard case .require(let before) = one.action, case .require(let after) = two.action else {
      return false
    }
    return before.count == after.count
      && old.groups[before.group].name == new.groups[after.group].name
  }

  // MARK: Caps

  private func capChanges(_ one: Rule, _ two: Rule, _ quantity: Measure.Quantity) -> [Found] {
    let noun = two.comparison == .atLeast ? "minimum" : "cap"
    func found(_ tier: Tier?, _ before: Cap?, _ after: Cap?, _ whose: String = "") -> Found? {
      let order = RuleOrder.caps(
        before, after, two.comparison, valueless: (old.valueless, new.valueless)
      ).besideWaterfalls([one, two])
      guard order != .same else { return nil }
      let was = before.map { oldWords.cap($0, quantity) } ?? "none"
      let now = after.map { newWords.cap($0, quantity) } ?? "none"
      let verb =
        switch (before, after) {
        case (.constant(let before), .constant(let after)): before < after ? "raised" : "lowered"
        case (nil, _): "set"
        case (_, nil): "removed"
        default: "changed"
        }
      return Found(
        kind: .cap, subject: two.id.text, tier: tier,
        text: "\(noun)\(whose) \(verb) from \(was) to \(now)", order: order,
        contrasts: [RuleContrast(old: one, new: two, tier: tier)],
        alone: alone(one, two, .cap, tier: tier))
    }
    if case .every(let before) = one.caps, case .every(let after) = two.caps {
      return [found(nil, before, after)].compactMap(\.self)
    }
    let shared =
      old.tiers.isEmpty || new.tiers.isEmpty
      ? old.tiers + new.tiers : new.tiers.filter(old.tiers.contains)
    var changes = shared.compactMap { tier in
      found(tier, one.cap(of: tier, old.tiers), two.cap(of: tier, new.tiers))
    }
    // A cap for every account binds those that are no wallets, too.
    let isOfWallets = new.measures[two.measure].scope.isOfWallets
    if !isOfWallets {
      var before: Cap?
      var after: Cap?
      if case .every(let cap) = one.caps { before = cap }
      if case .every(let cap) = two.caps { after = cap }
      if let change = found(nil, before, after, " for accounts that are no wallets") {
        changes.append(change)
      }
    }
    return changes
  }
}

extension RuleOrder {
  /// The order of what changes in rules, unless one of them is a waterfall.
  func besideWaterfalls(_ rules: [Rule]) -> RuleOrder {
    guard self != .same, rules.contains(where: \.isWaterfall) else { return self }
    if case .unordered = self { return self }
    return .ofWaterfall
  }
}

extension RuleSet {
  /// The attributes that have no value where none was set.
  fileprivate var valueless: [AttributeName] {
    attributes.compactMap { attribute in
      guard case .amount(let amount) = attribute.kind, amount.initial == nil else { return nil }
      return attribute.name
    }
  }
}

extension Rule {
  var isWaterfall: Bool { if case .waterfall = action { true } else { false } }

  /// The cap for wallets of a tier.
  func cap(of tier: Tier?, _ tiers: [Tier]) -> Cap? {
    switch caps {
    case .every(let cap): cap
    case .byTier(let caps): tier.flatMap { tiers.firstIndex(of: $0) }.flatMap { caps[$0] }
    }
  }
}

extension Measure {
  /// Why a rule that counts more payments may let more pass; `nil` where it does not.
  fileprivate var whyMoreMayBeLess: String? {
    if direction == .net {
      return "what comes in counts against what goes out, so that counting less may be more"
    }
    return quantity == .counterparties
      ? "a counterparty that was met before asks for nothing" : nil
  }
}
