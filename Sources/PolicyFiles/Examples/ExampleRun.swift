import LedgerModel
import LedgerPolicy

/// One example at work.
struct ExampleRun {
  private let policy: CompiledPolicy
  private let example: PolicyExample
  private var ledger: ExampleLedger

  init(_ policy: CompiledPolicy, _ rules: TestedRules, _ example: PolicyExample) {
    self.policy = policy
    self.example = example
    ledger = ExampleLedger(rules.set, example)
  }

  mutating func results(_ coverage: inout EdgeCoverage) -> PolicyTestReport.ExampleResult {
    var results: [PolicyTestReport.StepResult] = []
    if let fault = ledger.fault {
      results.append(
        .init(
          position: example.position, at: ledger.now, expected: .accept, found: .refuse(fault),
          isPassed: false, isPayment: false))
    }
    for step in example.steps {
      for turn in 0..<step.times {
        ledger.advance(to: step.at(turn: turn))
        results.append(result(of: step, &coverage))
      }
    }
    return .init(name: example.name, steps: results)
  }

  private mutating func result(
    of step: PolicyExample.Step, _ coverage: inout EdgeCoverage
  ) -> PolicyTestReport.StepResult {
    func result(
      _ found: PolicyTestReport.Finding, isPayment: Bool = false
    ) -> PolicyTestReport.StepResult {
      .init(
        position: step.position, at: ledger.now, expected: step.expectation, found: found,
        isPassed: isExpected(step.expectation, found), isPayment: isPayment)
    }
    func answer(_ refusal: String?) -> PolicyTestReport.Finding {
      refusal.map { .refuse($0) } ?? .accept
    }
    switch step.action {
    case .pay(let payment):
      let (found, readings, decision) = pay(payment)
      let result = result(found, isPayment: true)
      if result.isPassed, let decision { coverage.note(readings, decision, ledger) }
      return result
    case .set(let holder, let setting): return result(answer(ledger.set(setting, of: holder)))
    case .list(let payee, let payer): return result(answer(ledger.list(payee: payee, by: payer)))
    case .unlist(let payee, let payer):
      return result(answer(ledger.unlist(payee: payee, by: payer)))
    case .record(let event, let wallet):
      return result(answer(ledger.record(event, wallet: wallet)))
    case .changeTier(let wallet, let tier):
      ledger.changeTier(wallet: wallet, to: tier)
      return result(.accept)
    }
  }

  private mutating func pay(
    _ payment: PolicyExample.Payment
  ) -> (
    found: PolicyTestReport.Finding, readings: [RuleReading], decision: Decision?
  ) {
    switch ledger.prepare(payment) {
    case .insufficientFunds(let available):
      return (.insufficientFunds(available: available), [], nil)
    case .balanceTooLarge: return (.balanceTooLarge, [], nil)
    case .request(let request):
      let readings = ledger.engine.explain(request)
      let decision = ledger.pay(request)
      return (finding(decision, drawn: request.draw), readings, decision)
    }
  }

  private func finding(_ decision: Decision, drawn: UInt64) -> PolicyTestReport.Finding {
    switch decision {
    case .permit: return .permit(flags: [], swept: 0, drawn: drawn)
    case .permitWith(let conditions):
      let flags = conditions.remarks.filter { $0.kind == .flagged }.compactMap { remark in
        policy.ruleSet.rules.firstIndex { $0.id == remark.rule }
      }
      return .permit(flags: flags, swept: conditions.sweep, drawn: drawn)
    case .deny(let breach):
      let comparison = policy.ruleSet.rules.first { $0.id == breach.rule }?.comparison
      // Strictly under a cap, one minor unit less may be asked.
      let limit = Int128(breach.limit) - (comparison == .under ? 1 : 0)
      return .deny(breach, left: UInt64(clamping: max(0, limit - breach.used)))
    case .denyUnknownTier: return .unknownTier
    }
  }

  private func isExpected(
    _ expected: PolicyExample.Expectation, _ found: PolicyTestReport.Finding
  ) -> Bool {
    switch (expected, found) {
    case (.permit(let swept, let drawn), .permit(let flags, let foundSwept, let foundDrawn)):
      return flags.isEmpty && swept == foundSwept && drawn == foundDrawn
    case (
      .flag(let rule, let swept, let drawn), .permit(let flags, let foundSwept, let foundDrawn)
    ):
      return flags.contains(rule) && swept == foundSwept && drawn == foundDrawn
    case (.require(let rule), .deny(let breach, _)):
      guard case .approvalMissing = breach.reason else { return false }
      return breach.rule == policy.ruleSet.rules[rule].id
    case (.deny(let rule, let reason, let left, let resets), .deny(let breach, let leftFound)):
      guard let found = breach.reason.refusal else { return false }
      return breach.rule == policy.ruleSet.rules[rule].id
        && reason.map { $0 == found } ?? true && left.map { $0 == leftFound } ?? true
        && resets.map { $0 == breach.resets } ?? true
    case (.accept, .accept), (.refuse, .refuse): return true
    case (.permit, _), (.flag, _), (.require, _), (.deny, _), (.accept, _), (.refuse, _):
      return false
    }
  }
}

extension LimitBreach.Reason {
  /// `nil` where more signatures would help.
  var refusal: PolicyExample.Refusal? {
    switch self {
    case .exceeded: .exceeded
    case .memoryFull: .memoryFull
    case .undecidable: .undecidable
    case .approvalMissing: nil
    }
  }
}
