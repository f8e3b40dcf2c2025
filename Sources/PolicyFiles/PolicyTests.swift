public import LedgerModel
import LedgerPolicy

/// Runs the examples of a policy file against the engine that the ledger runs.
public enum PolicyTests {
  /// Runs every example; each begins with wallets that have used nothing.
  ///
  /// - Returns: A result for every step, and the edges that no step touches.
  /// - Complexity: O(steps · rules).
  public static func run(_ policy: CompiledPolicy) -> PolicyTestReport {
    var coverage = EdgeCoverage(policy)
    let results = policy.examples.map { example in
      var run = ExampleRun(policy, example)
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
    /// One for each payment: a step that says `times` has as many.
    public let steps: [StepResult]

    public var isPassed: Bool { steps.allSatisfy(\.isPassed) }
  }

  /// One payment.
  public struct StepResult: Hashable, Sendable {
    public let position: SourcePosition
    public let at: LedgerTime
    public let expected: PolicyExample.Expectation
    public let found: Finding
    public let isPassed: Bool
  }

  /// What came of a payment.
  public enum Finding: Hashable, Sendable {
    case permit
    case deny(LimitBreach)
    /// The example itself is wrong: the payer does not have the money.
    case insufficientFunds(available: Balance)
    /// The example itself is wrong: the payee would hold more than any account may.
    case balanceTooLarge
  }

  public let policy: CompiledPolicy
  /// In the order of the file.
  public let results: [ExampleResult]
  /// W10: rules that no passing step touches at, just under or just over their edge.
  public let gaps: [Diagnostic]

  public var isPassed: Bool { results.allSatisfy(\.isPassed) }
  public var stepCount: Int { results.reduce(0) { $0 + $1.steps.count } }
}

/// One example at work.
private struct ExampleRun {
  private let policy: CompiledPolicy
  private let example: PolicyExample
  private var engine = PolicyEngine()
  private var balances: [Balance]

  init(_ policy: CompiledPolicy, _ example: PolicyExample) {
    self.policy = policy
    self.example = example
    balances = example.wallets.map(\.balance)
    engine.activate(policy.ruleSet)
  }

  mutating func results(_ coverage: inout EdgeCoverage) -> PolicyTestReport.ExampleResult {
    var results: [PolicyTestReport.StepResult] = []
    for step in example.steps {
      for turn in 0..<step.times {
        results.append(result(of: step, at: step.at(turn: turn), &coverage))
      }
    }
    return .init(name: example.name, steps: results)
  }

  private mutating func result(
    of step: PolicyExample.Step, at time: LedgerTime, _ coverage: inout EdgeCoverage
  ) -> PolicyTestReport.StepResult {
    engine.advance(to: time)
    let (found, left) = pay(step, &coverage)
    let isPassed = isExpected(step.expectation, found, left)
    return .init(
      position: step.position, at: time, expected: step.expectation, found: found,
      isPassed: isPassed)
  }

  private mutating func pay(
    _ step: PolicyExample.Step, _ coverage: inout EdgeCoverage
  ) -> (found: PolicyTestReport.Finding, left: UInt64?) {
    var payer: PolicyLeg?
    var payee: PolicyLeg?
    if let from = step.from {
      guard let after = balances[from].debited(by: step.amount) else {
        return (.insufficientFunds(available: balances[from]), nil)
      }
      payer = leg(from, after)
    }
    if let to = step.to {
      // A wallet that pays itself is no payment of the ledger; here the debit comes first.
      guard
        let after = (to == step.from ? payer?.balanceAfter : balances[to])?
          .credited(by: step.amount)
      else { return (.balanceTooLarge, nil) }
      payee = leg(to, after)
    }
    let request = PolicyRequest(
      operation: step.operation, amount: step.amount, currency: policy.ruleSet.currency,
      payer: payer, payee: payee)
    let decision = engine.decide(request)
    coverage.note(request, decision, engine)
    switch decision {
    case .permit:
      engine.commit(request)
      if let payer { balances[payer.slot] = payer.balanceAfter }
      if let payee { balances[payee.slot] = payee.balanceAfter }
      return (.permit, nil)
    case .deny(let breach):
      let left = max(0, Int128(breach.limit) - breach.used)
      return (.deny(breach), UInt64(left))
    case .denyUnknownTier(let account):
      preconditionFailure("wallet \(account) of a tier that the compiler knew")
    }
  }

  private func leg(_ wallet: Int, _ balance: Balance) -> PolicyLeg {
    PolicyLeg(
      slot: wallet, account: AccountID(Bytes16(high: 0, low: UInt64(wallet))),
      tier: example.wallets[wallet].tier, balanceAfter: balance)
  }

  private func isExpected(
    _ expected: PolicyExample.Expectation, _ found: PolicyTestReport.Finding, _ left: UInt64?
  ) -> Bool {
    switch (expected, found) {
    case (.permit, .permit): true
    case (.deny(let rule, let expectedLeft, let resets), .deny(let breach)):
      breach.rule == policy.ruleSet.rules[rule].id
        && (expectedLeft == nil || expectedLeft == left)
        && (resets == nil || resets == breach.resets)
    default: false
    }
  }
}

/// Which edges of which rules the examples touch.
private struct EdgeCoverage {
  private enum Edge: Int, CaseIterable {
    case under
    case at
    case over

    var words: String {
      switch self {
      case .under: "just under"
      case .at: "at"
      case .over: "just over"
      }
    }
  }

  private let policy: CompiledPolicy
  private var touched: Set<[Int]> = []

  init(_ policy: CompiledPolicy) { self.policy = policy }

  mutating func note(_ request: PolicyRequest, _ decision: Decision, _ engine: PolicyEngine) {
    for (index, rule) in policy.ruleSet.rules.enumerated() {
      let measure = policy.ruleSet.measures[rule.measure]
      guard measure.operations.contains(request.operation),
        let leg = measure.direction == .out ? request.payer : request.payee, let tier = leg.tier,
        let maximum = rule.maxima[tier],
        let standing = engine.standings(slot: leg.slot, tier: tier, balance: leg.balanceAfter)
          .first(where: { $0.rule == rule.id })
      else { continue }
      let asked =
        switch measure.quantity {
        case .amount: Int128(request.amount.minorUnits)
        case .count: Int128(1)
        case .balance: Int128(0)  // The balance is the one after the payment.
        }
      let total = standing.used + asked
      switch decision {
      case .permit where total == Int128(maximum): touched.insert([index, tier, Edge.at.rawValue])
      case .permit where total == Int128(maximum) - 1:
        touched.insert([index, tier, Edge.under.rawValue])
      case .deny(let breach) where breach.rule == rule.id && total == Int128(maximum) + 1:
        touched.insert([index, tier, Edge.over.rawValue])
      default: continue
      }
    }
  }

  /// The edges that exist and were not touched; a maximum of zero can only be passed.
  var gaps: [Diagnostic] {
    var gaps: [Diagnostic] = []
    for (index, rule) in policy.ruleSet.rules.enumerated() {
      for (tier, name) in policy.ruleSet.tiers.enumerated() {
        guard let maximum = rule.maxima[tier] else { continue }
        let edges = Edge.allCases.filter { edge in
          let exists = edge == .over || maximum >= (edge == .at ? 1 : 2)
          return exists && !touched.contains([index, tier, edge.rawValue])
        }
        guard !edges.isEmpty else { continue }
        gaps.append(
          Diagnostic(
            file: policy.file, position: policy.rulePositions[index],
            problem: .edgeNotTested(rule.id, tier: name, edges: edges.map(\.words))))
      }
    }
    return gaps
  }
}
