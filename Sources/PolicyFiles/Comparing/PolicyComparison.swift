import LedgerModel

/// Finds what differs between two policies, in the order of the new one.
struct PolicyComparison {
  /// A change, and what an example of it must show.
  struct Found {
    let kind: PolicyDiff.Kind
    let subject: String
    var tier: Tier?
    let text: String
    let order: RuleOrder
    /// The rules whose answers must differ; none where no payment can show the change.
    var contrasts: [RuleContrast] = []
    /// Why no payment can show it.
    var unshown: String?
    /// The change by itself, where there may be others beside it.
    var alone: LoneChange?
  }

  /// The subject of what changes in the policy itself.
  static let wholePolicy = "policy"

  let old: RuleSet
  let new: RuleSet
  let oldWords: MeasureWords
  let newWords: MeasureWords
  private let validities: (old: PolicyValidity, new: PolicyValidity)
  /// Pairs of one rule before and after; a rule that came or went has no other.
  let pairs: [(old: Rule?, new: Rule?)]

  init(_ old: CompiledPolicy, _ new: CompiledPolicy) {
    self.old = old.ruleSet.throughout(old.effective)
    self.new = new.ruleSet.throughout(new.effective)
    oldWords = MeasureWords(old.ruleSet, exponent: old.exponent)
    newWords = MeasureWords(new.ruleSet, exponent: new.exponent)
    validities = (old.effective, new.effective)
    pairs = Self.pairs(self.old, self.new)
  }

  var changes: [Found] {
    var found = effectiveChange + tierChanges
    for pair in pairs {
      switch (pair.old, pair.new) {
      case (let one?, let two?): found += changes(one, two)
      case (nil, let two?): found.append(added(two))
      case (let one?, nil): found.append(removed(one))
      case (nil, nil): continue
      }
    }
    return found + definitionChanges
  }

  /// Rules of one id are one rule; else those that ask the same, with the same action.
  private static func pairs(_ old: RuleSet, _ new: RuleSet) -> [(old: Rule?, new: Rule?)] {
    var left = old.rules
    var partners: [Rule?] = new.rules.map { rule in
      left.firstIndex { $0.id == rule.id }.map { left.remove(at: $0) }
    }
    for (place, rule) in new.rules.enumerated() where partners[place] == nil {
      let measure = new.measures[rule.measure]
      let twin = left.firstIndex { other in
        old.measures[other.measure].countsSame(as: measure) && other.comparison == rule.comparison
          && other.countsPreviousOnly == rule.countsPreviousOnly
          && RuleOrder.actions(other.action, rule.action) == .same
      }
      partners[place] = twin.map { left.remove(at: $0) }
    }
    return zip(partners, new.rules).map { ($0, $1) } + left.map { ($0, nil) }
  }

  // MARK: Whole rules

  private func added(_ rule: Rule) -> Found {
    Found(
      kind: .ruleAdded, subject: rule.id.text,
      text: "added: \(sentence(rule, new, newWords))" + exemptText(of: rule),
      order: whole(rule).reversed, contrasts: [RuleContrast(old: nil, new: rule)])
  }

  private func removed(_ rule: Rule) -> Found {
    Found(
      kind: .ruleRemoved, subject: rule.id.text,
      text: "removed: \(sentence(rule, old, oldWords))", order: whole(rule),
      contrasts: [RuleContrast(old: rule, new: nil)])
  }

  /// What it is that a rule goes.
  private func whole(_ rule: Rule) -> RuleOrder { RuleOrder.looser.besideWaterfalls([rule]) }

  private func sentence(_ rule: Rule, _ set: RuleSet, _ words: MeasureWords) -> String {
    let measure = set.measures[rule.measure]
    let caps: String
    switch rule.caps {
    case .every(let cap): caps = words.cap(cap, measure.quantity)
    case .byTier(let all):
      caps = PolicyWords.list(
        zip(set.tiers, all).compactMap { tier, cap in
          cap.map { "\(words.cap($0, measure.quantity)) for \(tier)" }
        }, "and")
    }
    return words.subject(measure, previousOnly: rule.countsPreviousOnly)
      + (words.window(measure).map { " in \($0)" } ?? "")
      + (words.condition(measure.filter).map { ", \($0)" } ?? "")
      + ": \(words.comparison(rule.comparison)) \(caps.isEmpty ? "no figure" : caps); otherwise "
      + words.consequence(rule.action)
  }

  // MARK: The set

  private var effectiveChange: [Found] {
    guard validities.old != validities.new else { return [] }
    func text(_ validity: PolicyValidity, _ words: MeasureWords) -> String {
      words.validity(from: validity.from, until: validity.until) ?? "in force from activation on"
    }
    return [
      Found(
        kind: .validity, subject: Self.wholePolicy,
        text: "\(text(validities.old, oldWords)); now \(text(validities.new, newWords))",
        order: RuleOrder.validities(validities.old, validities.new),
        unshown: "the policies are compared as if each were in force throughout")
    ]
  }

  private var tierChanges: [Found] {
    // A set without tiers lets all of them through.
    guard old.tiers != new.tiers else { return [] }
    let gone = new.tiers.isEmpty ? [] : old.tiers.filter { !new.tiers.contains($0) }
    let came = old.tiers.isEmpty ? [] : new.tiers.filter { !old.tiers.contains($0) }
    var found = gone.map { tier in
      Found(
        kind: .tier, subject: "tiers", tier: tier,
        text: "no longer named, so that its wallets are refused", order: .tighter,
        contrasts: [RuleContrast(tier: tier)])
    }
    found += came.map { tier in
      Found(
        kind: .tier, subject: "tiers", tier: tier,
        text: "named, so that its wallets are no longer refused", order: .looser,
        contrasts: [RuleContrast(tier: tier)])
    }
    if old.tiers.isEmpty != new.tiers.isEmpty {
      let isNamed = old.tiers.isEmpty
      found.append(
        Found(
          kind: .tier, subject: "tiers",
          text: isNamed
            ? "tiers are named now, so that wallets of all others are refused"
            : "no tiers are named, so that wallets of every tier are let through",
          order: isNamed ? .tighter : .looser,
          contrasts: [RuleContrast(tier: Tier(unchecked: "unnamed"))]))
    }
    return found
  }
}

/// What an example must show: that a rule answers otherwise than it did.
struct RuleContrast {
  /// Which way the answer must change; either where it does not matter.
  var direction = PolicyDiff.Direction.either
  var old: Rule?
  var new: Rule?
  /// Whose wallet it must be; `nil` for anybody's.
  var tier: Tier?
  /// Whose account it must be.
  var account: AccountID?
  var participant: ParticipantID?
  /// When it may be, beside the usual.
  var times: [LedgerTime] = []
}

extension RuleSet {
  /// Returns the set as if it were in force throughout: its rules keep what they have of validity
  /// beyond that of their file.
  func throughout(_ validity: PolicyValidity) -> RuleSet {
    let rules = rules.map { rule in
      Rule(
        id: rule.id, measure: rule.measure, comparison: rule.comparison,
        countsPreviousOnly: rule.countsPreviousOnly, caps: rule.caps, action: rule.action,
        from: rule.from == validity.from ? nil : rule.from,
        until: rule.until == validity.until ? nil : rule.until, line: rule.line)
    }
    return RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones, calendars: calendars,
      attributes: attributes, events: events, groups: groups, measures: measures, rules: rules,
      exemptions: exemptions, supersedes: supersedes)
  }
}
