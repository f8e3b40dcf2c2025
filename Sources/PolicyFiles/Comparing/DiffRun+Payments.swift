import LedgerModel
import LedgerPolicy

extension DiffRun {
  mutating func pay(
    _ amount: UInt64, operation: Measure.Operation? = nil
  ) -> Bool {
    guard let amount = Amount(minorUnits: amount) else { return false }
    let payment = trial.payment(amount, turn: turn, isLast: false, operation: operation)
    guard pay(payment) else { return false }
    if let last = history.last, last.at == now, last.amount == amount, trial.turns == 1 {
      history[history.count - 1].count += 1
    } else {
      history.append(Entry(at: now, amount: amount))
    }
    if operation == nil { turn += 1 }
    return true
  }

  /// Whether all permit it, and so it is made.
  mutating func pay(_ payment: PolicyExample.Payment) -> Bool {
    for place in ledgers.indices {
      guard case .request(let request) = ledgers[place].prepare(payment),
        ledgers[place].pay(request).isPermit
      else { return false }
    }
    return true
  }

  func answers(_ amount: UInt64, isLast: Bool) -> [Answer]? {
    guard let amount = Amount(minorUnits: amount) else { return nil }
    let payment = trial.payment(amount, turn: turn, isLast: isLast)
    let answers = ledgers.compactMap { Self.answer($0, payment) }
    return answers.count == ledgers.count ? answers : nil
  }

  private static func answer(
    _ ledger: ExampleLedger, _ payment: PolicyExample.Payment
  ) -> Answer? {
    switch ledger.prepare(payment) {
    case .insufficientFunds: return .insufficientFunds
    case .balanceTooLarge: return nil
    case .request(let request):
      switch ledger.engine.decide(request) {
      case .permit: return .permit(flags: [], swept: 0, drawn: request.draw)
      case .permitWith(let conditions):
        return .permit(
          flags: conditions.remarks.filter { $0.kind == .flagged }.compactMap(\.rule),
          swept: conditions.sweep, drawn: request.draw)
      case .deny(let breach): return .deny(breach)
      case .denyUnknownTier: return .unknownTier
      }
    }
  }

  /// The payment in question, if its answers differ by the rules in question.
  func witness(_ amount: UInt64, isLast: Bool) -> Witness? {
    guard let answers = answers(amount, isLast: isLast), let paid = Amount(minorUnits: amount),
      let old = answers.first, let new = answers.last,
      answers.indices.dropFirst().allSatisfy({ isContrast(old, answers[$0], $0) })
    else { return nil }
    return Witness(trial: trial, history: history, at: now, amount: paid, old: old, new: new)
  }

  /// Whether a set's answer differs from the old one's the way that is wanted.
  private func isContrast(_ old: Answer, _ answer: Answer, _ place: Int) -> Bool {
    let (before, after) = (contestants[0].rule, contestants[place].rule)
    let isWanted =
      switch direction {
      case .either: true
      case .tightening: old.severity <= answer.severity
      case .loosening: old.severity >= answer.severity
      }
    return isWanted && old.differs(from: answer, before, after)
      && (concerns(old, before, after) || concerns(answer, after, before))
  }

  private func concerns(_ answer: Answer, _ rule: Rule?, _ other: Rule?) -> Bool {
    switch answer {
    case .deny(let breach): return breach.rule == rule?.id
    case .unknownTier: return rule == nil && isOfTier
    case .insufficientFunds:
      return rule?.drawsShortfall ?? false || other?.drawsShortfall ?? false
    case .permit(let flags, let swept, let drawn):
      guard let rule else { return false }
      if case .waterfall = rule.action { return swept > 0 || drawn > 0 }
      return flags.contains(rule.id)
    }
  }
}
