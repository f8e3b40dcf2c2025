import LedgerModel

extension PolicyTestReport: CustomStringConvertible {
  /// A line for each example, the failures under it, and a count.
  public var description: String {
    var lines: [String] = []
    for result in results {
      lines.append("\(result.isPassed ? "pass" : "FAIL")  \(result.name)")
      lines += failures(of: result).map { "      \($0)" }
    }
    let failed = results.count { !$0.isPassed }
    lines.append(
      failed == 0
        ? "\(results.count) examples, \(stepCount) payments: all as expected"
        : "\(failed) of \(results.count) examples failed")
    return lines.joined(separator: "\n")
  }

  /// What differs, as `file:line:column: …`.
  public func failures(of result: ExampleResult) -> [String] {
    result.steps.filter { !$0.isPassed }.map { step in
      "\(policy.file):\(step.position): at \(step.at) expected \(text(step.expected)), "
        + "found \(text(step.found))"
    }
  }

  private func text(_ expected: PolicyExample.Expectation) -> String {
    switch expected {
    case .permit: return "permit"
    case .deny(let index, let left, let resets):
      let rule = policy.ruleSet.rules[index]
      let leftText = left.map { " with `\(quantity(Int128($0), of: rule.id))` left" } ?? ""
      return "deny by `\(rule.id)`" + leftText + (resets.map { " until \($0)" } ?? "")
    }
  }

  private func text(_ found: Finding) -> String {
    switch found {
    case .permit: return "permit"
    case .deny(let breach):
      let left = max(0, Int128(breach.limit) - breach.used)
      return "deny by `\(breach.rule)` with `\(quantity(left, of: breach.rule))` left"
        + (breach.resets.map { " until \($0)" } ?? "")
    case .insufficientFunds(let available):
      let text = DecimalAmount.text(Int128(available.minorUnits), exponent: policy.exponent)
      return "that the payer has only `\(text)`; give it more to begin with"
    case .balanceTooLarge: return "that the payee would hold more than any account may"
    }
  }

  private func quantity(_ value: Int128, of id: RuleID) -> String {
    let rule = policy.ruleSet.rules.first { $0.id == id }
    let isCount = rule.map { policy.ruleSet.measures[$0.measure].quantity == .count } ?? false
    return isCount ? String(value) : DecimalAmount.text(value, exponent: policy.exponent)
  }
}
