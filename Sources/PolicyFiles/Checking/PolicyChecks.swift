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
    let children = policy.rulesThroughout.filter(\.denies)
    for parent in scheme.rulesThroughout where parent.denies {
      let counterparts = children.filter { child in
        parent.isUpper == child.isUpper && parent.measure.isCompared(with: child.measure)
          && definesSame(in: parent.measure.filter, scheme)
      }
      for child in counterparts where parent.validity.overlaps(child.validity) {
        for tier in tiers(child, parent, scheme.ruleSet)
        where isLooser(child, tier.mine, than: parent, tier.theirs, scheme) {
          found.append(
            diagnostic(
              .aboveScheme(
                child.id, tier: tier.name, scheme: parent.id, pack: scheme.ruleSet.pack),
              child.position))
        }
      }
      if !parent.validity.isCovered(by: counterparts.map(\.validity)) {
        found.append(
          diagnostic(.schemeLimitMissing(parent.id, scheme: scheme.ruleSet.pack), .start))
      }
    }
    return found.sorted { $0.position < $1.position }
  }

  /// Whether the attributes that a filter asks for are the same here as in the scheme.
  private func definesSame(in filter: PaymentFilter, _ scheme: CompiledPolicy) -> Bool {
    (filter.payer.attributes + filter.payee.attributes).allSatisfy { test in
      policy.ruleSet.attribute(test.attribute) == scheme.ruleSet.attribute(test.attribute)
    }
  }

  /// Whether a rule may let pass in a tier what the scheme's does not.
  private func isLooser(
    _ child: DraftRule, _ mine: Int?, than parent: DraftRule, _ theirs: Int?,
    _ scheme: CompiledPolicy
  ) -> Bool {
    guard let cap = child.cap(mine), cap == parent.cap(theirs),
      child.comparison == parent.comparison
    else { return child.isLooser(than: parent, mine, theirs) }
    // The same words; attributes may be defined otherwise.
    let words = MeasureWords(policy.ruleSet, exponent: policy.exponent)
    return !cap.attributes.allSatisfy { name in
      guard let one = scheme.ruleSet.attribute(name), let two = policy.ruleSet.attribute(name)
      else { return false }
      if one == two { return true }
      return PolicyComparison.compare(one, two, comparisons: [child.comparison], words).order
        == .tighter
    }
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

  /// What the comparison of the two does not call a tightening, a rule's new name aside.
  private func loosenings(_ previous: CompiledPolicy) -> [Diagnostic] {
    let rules = policy.ruleSet.rules
    return PolicyComparison(previous, policy).changes.compactMap { change in
      let direction = change.order.direction
      guard direction != .tightening, change.kind != .ruleRenamed else { return nil }
      if change.subject == PolicyComparison.wholePolicy, !endsEarlier(than: previous) { return nil }
      let place = rules.firstIndex { $0.id.text == change.subject }
      return diagnostic(
        .looser(
          change.subject, tier: change.tier,
          change.kind == .ruleRemoved ? "removed" : change.text, uncertain: change.order.reason),
        place.map { policy.rulePositions[$0] } ?? .start)
    }
  }

  /// A version begins when the one before it ends, which loosens nothing.
  private func endsEarlier(than previous: CompiledPolicy) -> Bool {
    policy.effective.until?.microseconds ?? .max < previous.effective.until?.microseconds ?? .max
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

extension RuleSet {
  fileprivate func attribute(_ name: AttributeName) -> Attribute? {
    attributes.first { $0.name == name }
  }
}

extension CompiledPolicy {
  /// Its rules, each with its measure and place.
  var draftRules: [DraftRule] {
    zip(ruleSet.rules, rulePositions).map { DraftRule($0, of: ruleSet, at: $1) }
  }

  /// The same, as if the policy were in force throughout.
  fileprivate var rulesThroughout: [DraftRule] {
    let set = ruleSet.throughout(effective)
    return zip(set.rules, rulePositions).map { DraftRule($0, of: set, at: $1) }
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
