import LedgerModel
import LedgerPolicy

/// One reading, with the words for it.
struct ExplainedReading {
  let reading: RuleReading
  private let words: MeasureWords

  init(_ reading: RuleReading, _ words: MeasureWords) {
    self.reading = reading
    self.words = words
  }

  var line: RuleExplanation.Line {
    let zone = reading.measure.window.zone
    return RuleExplanation.Line(
      rule: reading.rule.id.text, pack: reading.set.pack.text, version: reading.set.version,
      sourceLine: reading.rule.line, isShadow: reading.isShadow,
      account: reading.account.description, side: reading.isPayer ? "payer" : "payee",
      subject: subject, window: words.window(reading.measure),
      began: reading.began.map { RuleExplanation.Instant($0, zone) },
      resets: reading.resets.map { RuleExplanation.Instant($0, zone) },
      used: figure(reading.used), asked: figure(reading.asked),
      cap: reading.limit.map { figure(Int128($0)) }, left: reading.left.map(figure),
      passes: reading.breach == nil, verdict: verdict)
  }

  private var subject: String {
    words.subject(reading.measure, previousOnly: reading.rule.countsPreviousOnly)
      + (words.condition(reading.measure.filter).map { ", \($0)" } ?? "")
  }

  private func figure(_ value: Int128) -> PolicyFigure {
    words.figure(value, reading.measure.quantity)
  }

  private func value(_ value: Int128) -> String { words.value(value, reading.measure.quantity) }

  /// What the rule says to the payment.
  private var verdict: String {
    let isShadow = reading.isShadow
    guard let breach = reading.breach else {
      guard reading.sweep > 0 else { return "lets the payment pass" }
      return "\(isShadow ? "would send" : "sends") what is above its cap on to the linked account: "
        + value(Int128(reading.sweep))
    }
    let verb =
      switch reading.rule.action {
      case .deny, .hold: isShadow ? "would deny the payment" : "denies the payment"
      case .flag: isShadow ? "would flag the payment" : "flags the payment"
      case .require(let approval):
        (isShadow ? "would ask for " : "asks for ")
          + DecimalAmount.count(approval.count, "signature")
      case .waterfall:
        isShadow
          ? "would send the excess on, or deny the payment"
          : "denies the payment, since the excess cannot go on"
      }
    return "\(verb): \(reason(breach))"
  }

  /// Why the rule does not let the payment pass.
  func reason(_ breach: LimitBreach) -> String {
    let limit = value(Int128(breach.limit))
    let window = words.window(reading.measure).map { " in \($0)" } ?? ""
    switch breach.reason {
    case .exceeded, .approvalMissing:
      let signatures =
        if case .approvalMissing(let required, let signed) = breach.reason {
          "; beyond that it asks for \(DecimalAmount.count(required, "signature")), and there "
            + "\(signed == 1 ? "is" : "are") \(signed)"
        } else {
          ""
        }
      let bound =
        "\(subject)\(window) must be \(words.comparison(reading.rule.comparison)) \(limit)"
      switch reading.measure.quantity {
      case .sinceLast: return "\(bound), and it is \(value(breach.used))\(signatures)"
      case .balance, .supply:
        let after = value(breach.used + reading.asked)
        return "\(bound), and would be \(after)\(leftText)\(signatures)"
      case .amount, .count, .counterparties:
        return "\(bound); \(value(breach.used)) used before, \(value(reading.asked)) asked now"
          + "\(leftText)\(signatures)"
      }
    case .memoryFull(let max):
      return
        "it remembers \(DecimalAmount.count(max, "payment")) of one account\(window), and there are as many"
    case .undecidable:
      return "its limit is made of a number that was never set for the account"
    }
  }

  private var leftText: String { reading.left.map { ", \(value($0)) left" } ?? "" }

  /// What the payer can do.
  func advice(_ breach: LimitBreach) -> String? {
    switch breach.reason {
    case .undecidable: return "The number must be set first."
    case .exceeded, .memoryFull, .approvalMissing: break
    }
    guard let resets = breach.resets else { return nil }
    let instant = RuleExplanation.Instant(resets, reading.measure.window.zone).text
    if case .rolling = reading.measure.window {
      return "The first payment that counts leaves the window at \(instant)."
    }
    return reading.measure.quantity == .sinceLast
      ? "It is long enough ago at \(instant)." : "A new window begins at \(instant)."
  }
}
