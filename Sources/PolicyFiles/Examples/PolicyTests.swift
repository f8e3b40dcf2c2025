public import LedgerModel
import LedgerPolicy

/// Runs the examples of a policy file against the engine that the ledger runs.
public enum PolicyTests {
  /// Runs every example; each begins with wallets that have used nothing.
  ///
  /// The rules are in force, whatever the file's mode says, from its `effective: from` on; rules
  /// that hold payments, which no ledger can do yet, are left out.
  ///
  /// - Returns: A result for every step, and the edges that no step touches.
  /// - Complexity: O(steps · rules).
  public static func run(_ policy: CompiledPolicy) -> PolicyTestReport {
    let rules = TestedRules(policy.ruleSet)
    var coverage = EdgeCoverage(policy)
    let results = policy.examples.map { example in
      var run = ExampleRun(policy, rules, example)
      return run.results(&coverage)
    }
    return PolicyTestReport(policy: policy, results: results, gaps: coverage.gaps)
  }
}

/// What the examples of a policy file gave.
public struct PolicyTestReport: Hashable, Sendable {
  /// One example.
  public struct ExampleResult: Hashable, Sendable {
    public let name: String
    /// One for each payment or order: a step that says `times` has as many.
    public let steps: [StepResult]

    public var isPassed: Bool { steps.allSatisfy(\.isPassed) }
  }

  /// One payment, or one order of facts.
  public struct StepResult: Hashable, Sendable {
    public let position: SourcePosition
    public let at: LedgerTime
    public let expected: PolicyExample.Expectation
    public let found: Finding
    public let isPassed: Bool
    /// Whether it is a payment.
    public let isPayment: Bool
  }

  /// What came of a payment or an order.
  public enum Finding: Hashable, Sendable {
    /// With the rules that remark it, by index, and what went to and came from linked accounts.
    case permit(flags: [Int], swept: UInt64, drawn: UInt64)
    /// With what might still have been asked.
    case deny(LimitBreach, left: UInt64)
    /// The example itself is wrong: the payer does not have the money.
    case insufficientFunds(available: Balance)
    /// The example itself is wrong: the payee would hold more than any account may.
    case balanceTooLarge
    /// The example itself is wrong: the wallet is of a tier that the rules do not name.
    case unknownTier
    case accept
    /// An order of facts was refused, and why.
    case refuse(String)
  }

  public let policy: CompiledPolicy
  /// In the order of the file.
  public let results: [ExampleResult]
  /// W10: rules that no passing step touches at, just under or just over their edge.
  public let gaps: [Diagnostic]

  public var isPassed: Bool { results.allSatisfy(\.isPassed) }
  /// Payments, without orders of facts.
  public var stepCount: Int { results.reduce(0) { $0 + $1.steps.count(where: \.isPayment) } }
}

/// The rules of a policy as its examples run them: without those that hold.
struct TestedRules {
  let set: RuleSet

  init(_ ruleSet: RuleSet) {
    let kept = ruleSet.rules.indices.filter { index in
      if case .hold = ruleSet.rules[index].action { false } else { true }
    }
    set = ruleSet.keeping(kept)
  }
}

extension RuleSet {
  /// Returns the set with some of its rules, and what they name of measures, zones and calendars.
  ///
  /// - Parameter kept: Indices into ``rules``, ascending.
  /// - Returns: A set that is valid if this one is and a rule is kept.
  fileprivate func keeping(_ kept: [Int]) -> RuleSet {
    let rules = kept.map { self.rules[$0] }
    let used = Set(rules.map(\.measure)).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    let windows = used.map { measures[$0].window }
    let calendars = calendars.filter { calendar in
      windows.contains { $0.calendar?.name == calendar.name }
    }
    let zones = zones.filter { zone in
      windows.contains { $0.zone?.name == zone.name }
        || calendars.contains { $0.zone.name == zone.name }
    }
    let rulePlaces = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
    return RuleSet(
      format: format, pack: pack, version: version, currency: currency,
      sourceDigest: sourceDigest, tiers: tiers, zones: zones, calendars: calendars,
      attributes: attributes, events: events, groups: groups, measures: used.map { measures[$0] },
      rules: rules.map { $0.with(measure: places[$0.measure] ?? 0) },
      exemptions: exemptions.compactMap { exemption in
        let rules = exemption.rules.compactMap { rulePlaces[$0] }
        return rules.isEmpty
          ? nil
          : Exemption(
            rules: rules, accounts: exemption.accounts, participants: exemption.participants,
            until: exemption.until, reason: exemption.reason)
      }, effectiveFrom: effectiveFrom)
  }
}

extension Rule {
  fileprivate func with(measure: Int) -> Rule {
    Rule(
      id: id, measure: measure, comparison: comparison, countsPreviousOnly: countsPreviousOnly,
      caps: caps, action: action, from: from, until: until, line: line)
  }
}
