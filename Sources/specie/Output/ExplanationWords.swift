import LedgerAudit
import LedgerCore
import LedgerModel
import PolicyFiles

/// An explanation as it is printed.
struct ExplanationWords: CommandReport {
  let id: String?
  let order: String
  let sequence: UInt64?
  let time: String
  /// `accepted`, `duplicate`, or the code of the refusal; `nil` where the log has no such order.
  let outcome: String?
  let rules: RuleExplanation?
  let text: String

  enum CodingKeys: CodingKey { case id, order, sequence, time, outcome, rules }

  init(_ found: LogExplanation, _ scales: CurrencyScales) throws {
    order = OrderWords(scales: scales).text(found.instruction)
    sequence = found.sequence?.value
    id = found.sequence == nil ? nil : found.instruction.id.description
    time = found.time.description
    outcome = found.outcome.map(Self.code)
    let exponent = found.currency?.exponent ?? 0
    rules = found.rules.map {
      RuleExplanation($0.readings, $0.decision, of: $0.sets, exponent: exponent)
    }
    var lines = [order, "at \(time)" + (sequence.map { ", entry \($0)" } ?? "")]
    switch found.outcome {
    case .rejected(let rejection):
      if case .limitExceeded = rejection { break }
      lines.append("refused as `\(rejection.code.rawValue)`: \(rejection)")
    case .duplicate(let first): lines.append("a copy of entry \(first)")
    case .accepted, .remarked, nil: break
    }
    lines.append(
      rules.map { "\($0)" }
        ?? "it moves no money between accounts that there are, so no rule looks at it")
    text = lines.joined(separator: "\n")
  }

  private static func code(_ outcome: Outcome) -> String {
    switch outcome {
    case .accepted, .remarked: "accepted"
    case .duplicate: "duplicate"
    case .rejected(let rejection): rejection.code.rawValue
    }
  }
}
