import LedgerModel

/// The checks that need a second file: what a policy is beside the one before it, or above it.
///
/// What one file tells is in ``CompiledPolicy/warnings`` and ``PolicyFileErrors``.
public struct PolicyChecks {
  private let policy: CompiledPolicy

  public init(_ policy: CompiledPolicy) { self.policy = policy }

  /// Holds a version against the one that it comes after: E12, and W12 for each loosening.
  ///
  /// - Parameter previous: A version of the same pack, or one that the file says it supersedes;
  ///   `nil` where there is none, and then there is nothing to say.
  /// - Returns: In the order of the file; an error alone where the two cannot be compared.
  public func against(previous: CompiledPolicy?) -> [Diagnostic] {
    guard let previous else { return [] }
    if let problem = incomparable(previous) { return [diagnostic(problem, .start)] }
    return (periods(previous) + loosenings(previous)).sorted { $0.position < $1.position }
  }

  /// Holds a policy against the one above it, a participant's against the scheme's: E10, and W06
  /// for each limit of the scheme that has no counterpart.
  ///
  /// - Returns: In the order of the file; an error alone where the two cannot be compared.
  public func against(scheme: CompiledPolicy) -> [Diagnostic] {
    let (mine, theirs) = (policy.ruleSet.currency, scheme.ruleSet.currency)
    guard mine == theirs else {
      return [diagnostic(.schemeOfAnotherCurrency(mine, scheme: theirs), .start)]
    }
    var found: [Diagnostic] = []
    var unmet = scheme.draftRules.filter(\.denies)
    let parents = scheme.draftRules
    for child in policy.draftRules where child.denies {
      for parent in parents
      where parent.denies && parent.isUpper == child.isUpper
        && parent.measure.isCompared(with: child.measure)
        && parent.validity.overlaps(child.validity)
      {
        unmet.removeAll { $0.id == parent.id }
        for tier in tiers(child, parent, scheme.ruleSet)
        where child.isLooser(than: parent, tier.mine, tier.theirs) {
          found.append(
            diagnostic(
              .aboveScheme(
                child.id, tier: tier.name, scheme: parent.id, pack: scheme.ruleSet.pack),
              child.position))
        }
      }
    }
    found += unmet.map {
      diagnostic(.schemeLimitMissing($0.id, scheme: scheme.ruleSet.pack), .start)
    }
    return found.sorted { $0.position < $1.position }
  }

  /// Why a policy is none that this one comes after.
  private func incomparable(_ previous: CompiledPolicy) -> PolicyProblem? {
    let (set, old) = (policy.ruleSet, previous.ruleSet)
    guard set.currency == old.currency else {
      return .previousOfAnotherCurrency(set.currency, previous: old.currency)
    }
    let version = PackVersion(pack: old.pack, version: old.version)
    guard set.pack == old.pack || policy.supersedes == version else {
      return .notThePrevious(version, of: set.pack, supersedes: policy.supersedes)
    }
    return nil
  }

  private func diagnostic(_ problem: PolicyProblem, _ position: SourcePosition) -> Diagnostic {
    Diagnostic(file: policy.file, position: position, problem: problem)
  }

  private func periods(_ previous: CompiledPolicy) -> [Diagnostic] {
    let old = previous.ruleSet
    var found: [PolicyProblem] = []
    if old.pack == policy.ruleSet.pack {
      if policy.ruleSet.version <= old.version {
        found.append(.versionNotHigher(policy.ruleSet.version, previous: old.version))
      }
      if let supersedes = policy.supersedes, supersedes.pack == old.pack,
        supersedes.version != old.version
      {
        found.append(.supersedesAnother(supersedes.version, previous: old.version))
      }
    }
    if let end = previous.effective.until, let from = policy.effective.from {
      if from < end { found.append(.periodsOverlap(from: from, until: end)) }
      if from > end { found.append(.periodsGap(from: from, until: end)) }
    }
    if let before = previous.effective.from, let from = policy.effective.from, from <= before {
      found.append(.periodBefore(from: from, previous: before))
    }
    return found.map { diagnostic($0, .start) }
  }

  private func loosenings(_ previous: CompiledPolicy) -> [Diagnostic] {
    let mine = policy.draftRules
    var found: [Diagnostic] = []
    for old in previous.draftRules {
      guard
        let rule = mine.first(where: { $0.id == old.id && $0.measure.countsSame(as: old.measure) })
          ?? mine.first(where: {
            $0.measure.countsSame(as: old.measure) && $0.isUpper == old.isUpper
              && $0.action.strength == old.action.strength
          })
      else {
        found.append(diagnostic(.ruleGone(old.id), .start))
        continue
      }
      if rule.action.strength < old.action.strength {
        found.append(diagnostic(.actionLoosened(rule.id), rule.position))
      }
      if old.isUpper != rule.isUpper || old.countsPreviousOnly != rule.countsPreviousOnly {
        found.append(diagnostic(.comparisonChanged(rule.id), rule.position))
        continue
      }
      for tier in tiers(rule, old, previous.ruleSet)
      where rule.isLooser(than: old, tier.mine, tier.theirs) {
        found.append(diagnostic(.capLoosened(rule.id, tier: tier.name), rule.position))
      }
    }
    let known = Set(previous.ruleSet.exemptions.map { ExemptionKey($0, of: previous.ruleSet) })
    for exemption in policy.ruleSet.exemptions
    where !known.contains(ExemptionKey(exemption, of: policy.ruleSet)) {
      let rule = exemption.rules.first.map { policy.ruleSet.rules[$0] }
      let place = exemption.rules.first.map { policy.rulePositions[$0] } ?? .start
      if let rule { found.append(diagnostic(.exemptionAdded(rule.id), place)) }
    }
    return found
  }

  /// The tiers to compare two rules of two sets at, by name; one `nil` where neither goes by tier.
  private func tiers(
    _ one: DraftRule, _ other: DraftRule, _ otherSet: RuleSet
  ) -> [(name: Tier?, mine: Int?, theirs: Int?)] {
    guard one.isByTier || other.isByTier else { return [(nil, nil, nil)] }
    let names = policy.ruleSet.tiers.isEmpty ? otherSet.tiers : policy.ruleSet.tiers
    return names.compactMap { name in
      let mine = policy.ruleSet.tiers.firstIndex(of: name)
      let theirs = otherSet.tiers.firstIndex(of: name)
      // A tier that the other set does not know is refused there, so there is nothing to compare.
      return otherSet.tiers.isEmpty || theirs != nil ? (name, mine, theirs) : nil
    }
  }
}

extension SourcePosition {
  /// Of what is said of a file as a whole.
  fileprivate static let start = SourcePosition(line: 1, column: 1)
}

/// An exemption by the names of its rules, to compare across sets.
private struct ExemptionKey: Hashable {
  let rules: [RuleID]
  let exemption: Exemption

  init(_ exemption: Exemption, of set: RuleSet) {
    rules = exemption.rules.map { set.rules[$0].id }
    self.exemption = Exemption(
      rules: [], accounts: exemption.accounts, participants: exemption.participants,
      until: exemption.until, reason: exemption.reason)
  }
}

extension CompiledPolicy {
  /// Its rules, each with its measure and place.
  var draftRules: [DraftRule] {
    zip(ruleSet.rules, rulePositions).map { DraftRule($0, of: ruleSet, at: $1) }
  }
}

extension Measure {
  /// Whether a limit of a scheme is one for this measure: all but the filter is the same.
  fileprivate func isCompared(with other: Measure) -> Bool {
    quantity == other.quantity && scope == other.scope && direction == other.direction
      && window.spansSame(as: other.window) && other.operations.allSatisfy(operations.contains)
      && (filter == .everything || filter == other.filter)
  }
}

extension Rule.Action {
  /// A stronger action lets less pass.
  fileprivate var strength: Int {
    switch self {
    case .flag: 0
    case .require: 1
    case .hold: 2
    case .waterfall: 3
    case .deny: 4
    }
  }
}

extension DraftRule {
  /// Whether it may let pass in a tier what the other does not.
  ///
  /// A cap that cannot be compared, since it depends on the account, counts as looser unless it is
  /// the same.
  fileprivate func isLooser(than other: DraftRule, _ mine: Int?, _ theirs: Int?) -> Bool {
    guard let old = other.cap(theirs) else { return false }
    guard let new = cap(mine) else { return true }
    if new == old, comparison == other.comparison { return false }
    if isUpper {
      guard let mine = ceiling(mine), let theirs = other.floor(theirs) else { return true }
      return mine > theirs
    }
    guard let mine = capMin(mine), let theirs = other.capMax(theirs) else { return true }
    return mine < theirs
  }
}
