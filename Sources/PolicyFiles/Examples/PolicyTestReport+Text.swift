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
        ? "\(DecimalAmount.count(results.count, "example")), "
          + "\(DecimalAmount.count(stepCount, "payment")): all as expected"
        : "\(failed) of \(DecimalAmount.count(results.count, "example")) failed")
    return lines.joined(separator: "\n")
  }

  /// What differs, as `file:line:column: …`.
  public func failures(of result: ExampleResult) -> [String] {
    result.steps.filter { !$0.isPassed }.map { step in
      "\(policy.file):\(step.position): at \(words.instant(step.at)) "
        + "expected \(text(step.expected)), "
        + "found \(text(step.found))"
    }
  }

  private func text(_ expected: PolicyExample.Expectation) -> String {
    switch expected {
    case .permit(let swept, let drawn): return "permit" + moved(swept, drawn)
    case .deny(let index, let reason, let left, let resets):
      let rule = policy.ruleSet.rules[index]
      let reasonText = reason.map { " as \($0.rawValue)" } ?? ""
      let leftText = left.map { " with `\(quantity(Int128($0), of: rule.id))` left" } ?? ""
      return "deny by `\(rule.id)`" + reasonText + leftText + until(resets)
    case .flag(let index, let swept, let drawn):
      return "flag by `\(policy.ruleSet.rules[index].id)`" + moved(swept, drawn)
    case .require(let index): return "require by `\(policy.ruleSet.rules[index].id)`"
    case .accept: return "that the order is accepted"
    case .refuse: return "that the order is refused"
    }
  }

  private func text(_ found: Finding) -> String {
    switch found {
    case .permit(let flags, let swept, let drawn):
      guard !flags.isEmpty else { return "permit" + moved(swept, drawn) }
      let rules = flags.map { "`\(policy.ruleSet.rules[$0].id)`" }.joined(separator: ", ")
      return "flag by \(rules)" + moved(swept, drawn)
    case .deny(let breach, let left):
      let resets = until(breach.resets)
      switch breach.reason {
      case .exceeded:
        let leftText =
          hasHeadroom(breach.rule)
          ? " with `\(quantity(Int128(left), of: breach.rule))` left" : ""
        return "deny by `\(breach.rule)`" + leftText + resets
      case .memoryFull: return "deny by `\(breach.rule)` as memory-full" + resets
      case .undecidable: return "deny by `\(breach.rule)` as undecidable"
      case .approvalMissing(let required, let signed):
        return "require by `\(breach.rule)`: \(signed) of \(required) signatures"
      }
    case .insufficientFunds(let available):
      let text = DecimalAmount.text(Int128(available.minorUnits), exponent: policy.exponent)
      return "that the payer has only `\(text)`; give it more to begin with"
    case .balanceTooLarge: return "that the payee would hold more than any account may"
    case .unknownTier: return "that the rules do not name the wallet's tier"
    case .accept: return "that the order is accepted"
    case .refuse(let reason): return "that the order is refused: \(reason)"
    }
  }

  private var words: MeasureWords { MeasureWords(policy.ruleSet, exponent: policy.exponent) }

  private func until(_ resets: LedgerTime?) -> String {
    resets.map { " until \(words.instant($0))" } ?? ""
  }

  /// Whether there is something that a rule might still have allowed.
  private func hasHeadroom(_ id: RuleID) -> Bool {
    policy.draftRules.first { $0.id == id }?.hasHeadroom ?? false
  }

  private func moved(_ swept: UInt64, _ drawn: UInt64) -> String {
    func part(_ value: UInt64, _ word: String) -> String {
      value == 0
        ? "" : ", `\(DecimalAmount.text(Int128(value), exponent: policy.exponent))` \(word)"
    }
    return part(swept, "swept") + part(drawn, "drawn")
  }

  private func quantity(_ value: Int128, of id: RuleID) -> String {
    let rule = policy.ruleSet.rules.first { $0.id == id }
    let isMoney = rule.map { policy.ruleSet.measures[$0.measure].quantity.isMoney } ?? true
    return isMoney ? DecimalAmount.text(value, exponent: policy.exponent) : String(value)
  }
}
