import LedgerModel
import LedgerPolicy

/// Finds a payment that two policies answer differently, and has both answer it.
struct DiffProbe {
  /// Trials for one change.
  private static let trialsMax = 4_000
  /// Payments of one trial, where they are counted.
  private static let paymentsMax: UInt64 = 400

  private let old: CompiledPolicy
  private let new: CompiledPolicy
  /// The rules as they can be run: holds are left out.
  private let sets: (old: RuleSet, new: RuleSet)

  init(_ old: CompiledPolicy, _ new: CompiledPolicy) {
    (self.old, self.new) = (old, new)
    sets = (
      TestedRules(old.ruleSet.throughout(old.effective)).set,
      TestedRules(new.ruleSet.throughout(new.effective)).set
    )
  }

  func illustrated(_ found: PolicyComparison.Found) -> PolicyDiff.Change {
    var example: PolicyDiff.Example?
    var missing = found.unshown
    if missing == nil { (example, missing) = self.example(of: found) }
    return PolicyDiff.Change(
      kind: found.kind, subject: found.subject, tier: found.tier?.text, text: found.text,
      direction: found.order.direction, reason: found.order.reason, example: example,
      exampleMissing: missing)
  }

  private func example(
    of found: PolicyComparison.Found
  ) -> (PolicyDiff.Example?, missing: String?) {
    guard !found.contrasts.isEmpty else { return (nil, "no rule asks for it") }
    let contrasts = found.contrasts.compactMap(runnable)
    guard !contrasts.isEmpty else { return (nil, "no ledger holds payments yet") }
    var blockers: [RuleID] = []
    // First by itself; then whatever shows it.
    for isAlone in [true, false] {
      for contrast in contrasts {
        var search = Search(contrast: contrast, trialsLeft: Self.trialsMax)
        search.contrast.direction = found.order.direction
        if isAlone {
          guard let alone = found.alone else { continue }
          // What is no rule set cannot be run.
          let set = TestedRules(alone.set).set
          guard (try? set.validate()) != nil else { continue }
          search.alone = LoneChange(set: set)
        }
        if let witness = find(&search) {
          let words = DiffWords(old, new, contrast, zone: zone(contrast))
          return (words.example(witness, isJoint: !isAlone && found.alone != nil), nil)
        }
        for rule in search.blockers where !blockers.contains(rule) { blockers.append(rule) }
      }
    }
    let own = found.contrasts.flatMap { [$0.old?.id, $0.new?.id] }
    let others = blockers.filter { !own.contains($0) }.map(\.text)
    let blocked =
      others.isEmpty ? "" : ", where other rules decided first: \(PolicyWords.list(others, "and"))"
    return (nil, "none was found in what was tried\(blocked)")
  }

  /// In which the instants of an example are told.
  private func zone(_ contrast: RuleContrast) -> TimeZoneTable? {
    let windows = [
      contrast.new.map { sets.new.measures[$0.measure].window },
      contrast.old.map { sets.old.measures[$0.measure].window },
    ]
    return windows.compactMap { $0?.zone }.first ?? sets.new.zones.first ?? sets.old.zones.first
  }

  /// A contrast with its rules as they are in the sets that are run; `nil` for one of a hold.
  private func runnable(_ contrast: RuleContrast) -> RuleContrast? {
    var copy = contrast
    copy.old = contrast.old.flatMap { rule in sets.old.rules.first { $0.id == rule.id } }
    copy.new = contrast.new.flatMap { rule in sets.new.rules.first { $0.id == rule.id } }
    let isWhole =
      (copy.old == nil) == (contrast.old == nil) && (copy.new == nil) == (contrast.new == nil)
    return isWhole ? copy : nil
  }

  // MARK: Search

  private struct Search {
    var contrast: RuleContrast
    var trialsLeft: Int
    /// The change by itself, which the payment must show as well.
    var alone: LoneChange?
    var blockers: [RuleID] = []
  }

  private func find(_ search: inout Search) -> DiffRun.Witness? {
    // The old rules, the old ones with the one change, and the new ones.
    let contrast = search.contrast
    var contestants = [
      DiffRun.Contestant(set: sets.old, rule: contrast.old),
      DiffRun.Contestant(set: sets.new, rule: contrast.new),
    ]
    if let set = search.alone?.set {
      let rule = set.rules.first { $0.id == contrast.old?.id }
      contestants.insert(DiffRun.Contestant(set: set, rule: rule), at: 1)
    }
    let arrangements = DiffArrangements(contrast, sets, exponent: new.exponent)
    let starts = DiffTimes(contestants, contrast.times, (old.effective, new.effective)).starts
    for arrangement in arrangements.all {
      for start in starts {
        var trial = arrangement
        trial.start = start
        search.trialsLeft -= 1
        guard looks(trial, contestants, contrast) else { continue }
        var begun: DiffRun?
        for (trial, goal) in goals(trial, contestants) {
          guard search.trialsLeft > 0 else { return nil }
          search.trialsLeft -= goal.cost
          if begun?.trial != trial { begun = DiffRun(trial, contestants, contrast) }
          guard var run = begun else { continue }
          if let witness = run.reach(goal) {
            return unsigned(trial, goal, contestants, contrast) ?? witness
          }
          for rule in run.blockers where !search.blockers.contains(rule) {
            search.blockers.append(rule)
          }
        }
      }
    }
    return nil
  }

  /// The same without signatures that only other rules might have asked for; `nil` where they do.
  private func unsigned(
    _ trial: DiffTrial, _ goal: DiffRun.Goal, _ contestants: [DiffRun.Contestant],
    _ contrast: RuleContrast
  ) -> DiffRun.Witness? {
    let isOfApproval = contestants.compactMap(\.rule).contains { rule in
      if case .require = rule.action { true } else { false }
    }
    guard !trial.signers.isEmpty, !isOfApproval else { return nil }
    var trial = trial
    trial.signers = []
    var run = DiffRun(trial, contestants, contrast)
    return run?.reach(goal)
  }

  /// Whether one of the rules looks at a payment at all.
  private func looks(
    _ trial: DiffTrial, _ contestants: [DiffRun.Contestant], _ contrast: RuleContrast
  ) -> Bool {
    guard contrast.old != nil || contrast.new != nil else { return true }
    var trial = trial
    fund(&trial, unit)
    return DiffRun(trial, contestants, contrast)?.looks ?? false
  }

  // MARK: Goals

  /// What payments may come to, for a rule's answer to be at its edge.
  private func goals(
    _ trial: DiffTrial, _ contestants: [DiffRun.Contestant]
  ) -> [(trial: DiffTrial, goal: DiffRun.Goal)] {
    var trial = trial
    // So that a part of it, which another rule may ask for, is enough.
    if contestants.contains(where: { $0.set.rules.contains { $0.asksBalance } }) {
      trial.payer?.balance = 1_000_000 * unit
    }
    let bounds = contestants.map { one in one.rule.flatMap { bound(of: $0, one.set, trial) } }
    let measures = contestants.compactMap { one in one.rule.map { one.set.measures[$0.measure] } }
    let rules = contestants.compactMap(\.rule)
    guard let measure = measures.last else {
      return [(trial, DiffRun.Goal(target: unit, isMoney: true))]
    }
    let known = bounds.compactMap(\.self)
    let low = known.min()
    var targets: [UInt64] = []
    for bound in known.sorted() {
      for target in [bound.advanced(1), bound, bound > 0 ? bound - 1 : 0]
      where target > 0 && target <= UInt64(Balance.max.minorUnits) && !targets.contains(target) {
        targets.append(target)
      }
    }
    if targets.isEmpty || !targets.contains(1) { targets.append(1) }
    // One beginning for all of them, where that can be.
    if measure.quantity == .amount { fund(&trial, targets.max() ?? 1) }
    var goals: [(DiffTrial, DiffRun.Goal)] = []
    for target in targets {
      goals += self.goals(trial, measure, rules, target: target)
    }
    if Set(measures.map(\.scope)).count > 1 {
      // What one wallet did may count for another.
      let isPair = measures.contains { $0.scope == .pair }
      goals += goals.map { trial, goal in
        var trial = trial
        trial.sibling = isPair ? .other : .subject
        return (trial, goal)
      }
    }
    guard Set(measures.map(\.window)).count > 1 else { return goals }
    goals += memoryGoals(trial, measures)
    guard let low else { return goals }
    // Windows that end at different instants: what fills one may be gone from the other.
    let previous: UInt64 = rules.contains(where: \.countsPreviousOnly) ? 1 : 0
    let filled = self.goals(trial, measure, rules, target: low + previous)
    for end in DiffTimes.ends(measures.map(\.window), trial.start) {
      goals += filled.map { trial, goal in
        var goal = goal
        goal.lastAt = end
        return (trial, goal)
      }
    }
    for event in DiffTimes.events(contestants) {
      goals += filled.map { trial, goal in
        var goal = goal
        goal.event = event
        return (trial, goal)
      }
    }
    return goals
  }

  /// One payment more than the smaller memory of rolling windows holds.
  private func memoryGoals(
    _ trial: DiffTrial, _ measures: [Measure]
  ) -> [(trial: DiffTrial, goal: DiffRun.Goal)] {
    let memories = measures.compactMap { measure in
      if case .rolling(_, let max) = measure.window { UInt64(max) } else { nil }
    }
    guard let least = memories.min(), least < Self.paymentsMax else { return [] }
    return [unit, 1].map { size in
      var trial = trial
      fund(&trial, size * (least + 2))
      return (trial, DiffRun.Goal(target: least + 1, isMoney: false, size: size))
    }
  }

  private func goals(
    _ trial: DiffTrial, _ measure: Measure, _ rules: [Rule], target: UInt64
  ) -> [(trial: DiffTrial, goal: DiffRun.Goal)] {
    var trial = trial
    let countsPrevious = rules.contains(where: \.countsPreviousOnly)
    switch measure.quantity {
    case .amount:
      fund(&trial, target)
      let goal = DiffRun.Goal(target: target, isMoney: true)
      guard countsPrevious else { return [(trial, goal)] }
      var before = goal
      before.isBefore = true
      return [(trial, before), (trial, goal)]
    case .balance, .supply:
      guard target > 0 else { return [] }
      // The account holds all but the last minor unit.
      trial.payee?.balance = target - 1
      fund(&trial, 1)
      if measure.quantity == .supply { return [(trial, DiffRun.Goal(target: 1, isMoney: true))] }
      var empty = trial
      empty.payee?.balance = 0
      fund(&empty, target)
      var drawn = trial
      drawn.payer?.balance = 0
      return [
        (trial, DiffRun.Goal(target: 1, isMoney: true)),
        (empty, DiffRun.Goal(target: target, isMoney: true)),
        (drawn, DiffRun.Goal(target: 1, isMoney: true)),
      ]
    case .count, .counterparties:
      guard target <= Self.paymentsMax else { return [] }
      if measure.quantity == .counterparties {
        guard target <= 60 else { return [] }
        trial.turns = Int(target) + 1
      }
      var goals: [(DiffTrial, DiffRun.Goal)] = []
      for size in [unit, 1] {
        fund(&trial, size * (target + 1))
        let goal = DiffRun.Goal(target: target, isMoney: false, size: size)
        var before = goal
        before.isBefore = true
        goals += countsPrevious ? [(trial, before), (trial, goal)] : [(trial, goal)]
      }
      return goals
    case .sinceLast:
      fund(&trial, 4 * unit)
      var goal = DiffRun.Goal(target: 1, isMoney: false, size: unit, isBefore: true)
      goal.lastAt = trial.start.advanced(byMicroseconds: target)
      return [(trial, goal)]
    }
  }

  /// One unit of the currency.
  private var unit: UInt64 { (0..<new.exponent).reduce(1) { value, _ in value * 10 } }

  /// Gives the payer what it pays, and some more.
  private func fund(_ trial: inout DiffTrial, _ amount: UInt64) {
    if case .receive(let amount)? = trial.prelude.first { trial.payee?.balance = amount }
    let most = UInt64(Balance.max.minorUnits)
    let wanted = amount > most - unit ? most : amount + unit
    guard let held = trial.payer?.balance, held < wanted else { return }
    trial.payer?.balance = wanted
  }

  /// What a rule compares with, in an arrangement.
  private func bound(of rule: Rule, _ set: RuleSet, _ trial: DiffTrial) -> UInt64? {
    guard let cap = rule.cap(of: trial.subject?.tier, set.tiers) else { return nil }
    return value(of: cap, rule, set, trial)
  }

  private func value(of cap: Cap, _ rule: Rule, _ set: RuleSet, _ trial: DiffTrial) -> UInt64? {
    switch cap {
    case .constant(let value): return value
    case .balance: return trial.subject?.balance
    case .attribute(let name):
      guard let attribute = set.attributes.first(where: { $0.name == name }),
        case .amount(let amount) = attribute.kind, let subject = trial.subject
      else { return nil }
      let settings = attribute.holder == .wallet ? subject.settings : subject.participantSettings
      for setting in settings where setting.name == name {
        if case .amount(let value) = setting.value { return min(value, amount.ceiling ?? .max) }
      }
      return amount.initial.map { min($0, amount.ceiling ?? .max) }
    case .share(let basisPoints, let base):
      return self.value(of: base, rule, set, trial).map { value in
        let product = Int128(value) * Int128(basisPoints)
        return UInt64(clamping: (product + (rule.comparison == .atMost ? 0 : 9_999)) / 10_000)
      }
    case .least(let caps), .greatest(let caps):
      let values = caps.compactMap { self.value(of: $0, rule, set, trial) }
      guard values.count == caps.count else { return nil }
      if case .least = cap { return values.min() }
      return values.max()
    }
  }
}

extension Rule {
  fileprivate var asksBalance: Bool { caps.all.contains(where: \.asksBalance) }
}

extension Cap {
  /// Whether the balance before the payment is part of it.
  fileprivate var asksBalance: Bool {
    switch self {
    case .constant, .attribute: false
    case .balance: true
    case .share(_, let base): base.asksBalance
    case .least(let caps), .greatest(let caps): caps.contains(where: \.asksBalance)
    }
  }
}

extension UInt64 {
  fileprivate func advanced(_ count: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(count)
    return overflow ? .max : sum
  }
}
