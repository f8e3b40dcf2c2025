import LedgerModel
import LedgerPolicy

/// One reading, with the words for it.
struct ExplainedReading {
  let reading: RuleReading
  private let words: MeasureWords
  /// Whether the rule only says what it would do.
  private let isConditional: Bool

  /// - Parameters:
  ///   - reading: Of one rule.
  ///   - words: Of its set.
  ///   - isAsked: Whether the rules were asked at all, for something else may refuse before.
  init(_ reading: RuleReading, _ words: MeasureWords, isAsked: Bool) {
    self.reading = reading
    self.words = words
    isConditional = reading.isShadow || !isAsked
  }

  /// `spend.day of cn.ecny.personal version 2`.
  var name: String { "\(reading.rule.id) of \(reading.set)" }

  /// Whether it refuses the payment, or would if the rules were asked.
  var refuses: Bool { reading.breach != nil && !reading.isShadow && reading.rule.action != .flag }

  var line: RuleExplanation.Line {
    RuleExplanation.Line(
      rule: reading.rule.id.text, pack: reading.set.pack.text, version: reading.set.version,
      sourceLine: reading.rule.line, isShadow: reading.isShadow,
      account: reading.account.description, side: reading.isPayer ? "payer" : "payee",
      subject: subject, whose: whose, window: words.window(reading.measure),
      began: reading.began.map(instant), resets: reading.resets.map(instant),
      used: figure(reading.used), asked: figure(reading.asked),
      cap: reading.limit.map { figure(Int128($0)) }, left: reading.left.map(figure),
      passes: reading.breach == nil,
      exemption: reading.exemption.map {
        RuleExplanation.Exempt(
          until: instant($0.until), reason: $0.reason.text, isNeeded: reading.waived != nil)
      }, verdict: verdict)
  }

  /// By the clocks of the window's zone, or of the set's where it has one.
  private func instant(_ time: LedgerTime) -> RuleExplanation.Instant {
    RuleExplanation.Instant(time, reading.measure.window.zone ?? words.zone)
  }

  /// Whose payments and holdings are summed up.
  private var whose: String {
    let account = "\(reading.isPayer ? "payer" : "payee") \(reading.account)"
    return switch reading.holder {
    case .wallet: account
    case .owner: "all wallets of the owner of \(account)"
    case .pair(let payee): "\(account), to payee \(payee)"
    case .participant(let participant): "participant \(participant), of \(account)"
    case .participantClass(let word): "all participants of class \(word), of \(account)"
    case .tier(let tier): "all wallets of tier \(tier), of \(account)"
    case .system: "all accounts"
    }
  }

  /// `the payer is exempt until …, for the reason …`; `nil` where the rule binds it, or lets the
  /// payment pass.
  var exemptionNeeded: String? {
    guard let exemption = reading.exemption, reading.waived != nil else { return nil }
    let end = instant(exemption.until).text
    return "the \(reading.isPayer ? "payer" : "payee") is exempt until \(end), for the reason "
      + "`\(exemption.reason.text)`"
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
    if let waived = reading.waived, let exemptionNeeded {
      return "\(verb(isConditional: true)), but \(exemptionNeeded): \(reason(waived))"
    }
    if let breach = reading.breach {
      return "\(verb(isConditional: isConditional)): \(reason(breach))"
    }
    guard reading.sweep > 0 else {
      return (isConditional ? "would let the payment pass" : "lets the payment pass")
        + (approvalUsed.map { ", which is beyond its limit: \($0)" } ?? "")
    }
    let verb = isConditional ? "would send" : "sends"
    return "\(verb) what is above its cap on to the linked account: "
      + value(Int128(reading.sweep))
  }

  /// The signatures by which a payment passes that is beyond the limit; `nil` where it is not.
  private var approvalUsed: String? {
    guard case .require(let approval) = reading.rule.action, let limit = reading.limit,
      reading.exemption == nil
    else { return nil }
    let value = reading.used + (reading.rule.countsPreviousOnly ? 0 : reading.asked)
    let isWithin =
      switch reading.rule.comparison {
      case .atMost: value <= Int128(limit)
      case .under: value < Int128(limit)
      case .atLeast: value >= Int128(limit)
      }
    if isWithin { return nil }
    let verb = approval.count == 1 ? "is" : "are"
    return "the \(words.signatures(approval.count, of: approval)) that it asks for \(verb) there"
  }

  /// What the rule does to a payment that it does not let pass.
  private func verb(isConditional: Bool) -> String {
    switch reading.rule.action {
    case .deny, .hold: isConditional ? "would deny the payment" : "denies the payment"
    case .flag: isConditional ? "would flag the payment" : "flags the payment"
    case .require(let approval):
      (isConditional ? "would ask for " : "asks for ")
        + words.signatures(approval.count, of: approval)
    case .waterfall:
      isConditional
        ? "would send the excess on, or deny the payment"
        : "denies the payment, since the excess cannot go on"
    }
  }

  /// Why the rule does not let the payment pass.
  func reason(_ breach: LimitBreach) -> String {
    let limit = value(Int128(breach.limit))
    let window = words.window(reading.measure).map { " in \($0)" } ?? ""
    switch breach.reason {
    case .exceeded, .approvalMissing:
      let signatures =
        if case .approvalMissing(let required, let signed) = breach.reason,
          case .require(let approval) = reading.rule.action
        {
          "; beyond that it asks for \(words.signatures(required, of: approval)), and there "
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
      let names = PolicyWords.list(reading.unset.map(\.text), "and")
      return reading.unset.count == 1
        ? "its limit is made of attribute \(names), which was never set"
        : "its limit is made of attributes \(names), which were never set"
    }
  }

  private var leftText: String { reading.left.map { ", \(value($0)) left" } ?? "" }

  /// What the payer can do.
  func advice(_ breach: LimitBreach) -> String? {
    switch breach.reason {
    case .undecidable: return "It must be set first."
    case .exceeded, .memoryFull, .approvalMissing: break
    }
    guard let resets = breach.resets else { return nil }
    let instant = instant(resets).text
    if case .rolling = reading.measure.window {
      return "The first payment that counts leaves the window at \(instant)."
    }
    return reading.measure.quantity == .sinceLast
      ? "It is long enough ago at \(instant)." : "A new window begins at \(instant)."
  }
}
