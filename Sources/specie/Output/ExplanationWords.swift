import LedgerAudit
import LedgerCore
import LedgerModel
import PolicyFiles

/// An explanation as it is printed.
struct ExplanationWords: CommandReport {
  let id: String?
  let party: String?
  let order: String
  let sequence: UInt64?
  let time: String
  /// What the log says: `accepted`, `rejected` or `duplicate`, and the code of a refusal; `nil`
  /// where the log has no such order.
  let outcome: String?
  let code: String?
  /// The same of what the ledger answers under the rules that are explained: those in force then,
  /// or a file's.
  let answer: String?
  let answerCode: String?
  /// Why it answers so, where something refuses.
  let reason: String?
  let rules: RuleExplanation?
  let text: String

  enum CodingKeys: CodingKey {
    case id, party, order, sequence, time, outcome, code, answer, answerCode, reason, rules
  }

  /// - Parameters:
  ///   - found: What is explained.
  ///   - scales: Of the ledger's currencies.
  ///   - isTrial: Whether the rules are a file's, and not those in force then.
  init(_ found: LogExplanation, _ scales: CurrencyScales, isTrial: Bool) {
    order = OrderWords(scales: scales).text(found.instruction)
    id = found.logged.map { _ in found.instruction.id.description }
    party = found.logged?.party.description
    sequence = found.logged?.sequence.value
    time = found.time.description
    outcome = found.logged.map { Self.name($0.outcome) }
    code = found.logged.flatMap { Self.code($0.outcome) }
    answer = found.outcome.map(Self.name)
    answerCode = found.outcome.flatMap(Self.code)
    let currency = found.currency
    func reason(_ outcome: Outcome) -> String? {
      guard case .rejected(let rejection) = outcome else { return nil }
      return Self.reason(rejection, currency, scales)
    }
    let explained = found.rules.map { rules in
      RuleExplanation(
        rules.readings, rules.decision, of: rules.sets, draw: rules.draw,
        isAsked: found.outcome.map(rules.decides) ?? true, exponent: currency?.exponent ?? 0)
    }
    rules = explained
    self.reason = found.outcome.flatMap { outcome in
      if case .rejected(.limitExceeded) = outcome { explained?.verdict } else { reason(outcome) }
    }
    var lines = [order]
    if let logged = found.logged {
      lines.append("ordered by \(logged.party), entry \(logged.sequence), at \(time)")
      lines.append(Self.words(logged.outcome, "it was ", reason))
    } else {
      lines.append("ordered by nobody, at \(time)")
    }
    if let outcome = found.outcome, found.logged == nil || isTrial {
      lines.append(
        Self.words(
          outcome, isTrial ? "under the file's rules it would be " : "it would be ", reason))
    }
    lines.append(
      explained.map { "\n\($0)" }
        ?? "it moves no money between accounts that there are, so no rule looks at it")
    text = lines.joined(separator: "\n")
  }

  private static func words(
    _ outcome: Outcome, _ beginning: String, _ reason: (Outcome) -> String?
  ) -> String {
    switch outcome {
    case .accepted, .remarked: "\(beginning)accepted"
    case .duplicate(let first): "\(beginning)taken for a copy of entry \(first)"
    case .rejected(let rejection):
      "\(beginning)refused as `\(rejection.code.rawValue)`"
        + (rejection.rule.map { " by rule `\($0)`" } ?? reason(outcome).map { ": \($0)" } ?? "")
    }
  }

  /// A refusal with its sums as money; a rule's words are the explanation itself.
  private static func reason(
    _ rejection: Rejection, _ currency: Currency?, _ scales: CurrencyScales
  ) -> String? {
    guard let code = currency?.code else { return rejection.description }
    func money(_ sum: Int64) -> String { scales.text(Int128(sum), code) }
    switch rejection {
    case .limitExceeded: return nil
    case .insufficientFunds(let account, let available, let required):
      return "account `\(account)` has \(money(available.minorUnits)) available, "
        + "\(money(required.minorUnits)) required"
    case .amountTooLarge(let amount):
      return "\(scales.text(Int128(amount), code)) are more than one order may move, "
        + money(Amount.max.minorUnits)
    case .balanceTooLarge(let account):
      return "account `\(account)` would hold more than \(money(Balance.max.minorUnits))"
    case .supplyTooLarge:
      return "more than \(money(Balance.max.minorUnits)) would be outstanding"
    default: return rejection.description
    }
  }

  private static func name(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted, .remarked: "accepted"
    case .duplicate: "duplicate"
    case .rejected: "rejected"
    }
  }

  private static func code(_ outcome: Outcome) -> String? {
    if case .rejected(let rejection) = outcome { rejection.code.rawValue } else { nil }
  }
}
