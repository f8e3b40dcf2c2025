public import LedgerModel
public import LedgerPolicy

/// Why the rules decided a payment as they did, in words that a help desk can read out.
public struct RuleExplanation: Hashable, Sendable, Encodable {
  /// What one rule says of one side.
  public struct Line: Hashable, Sendable, Encodable {
    public let rule: String
    public let pack: String
    public let version: Int
    /// In the policy file; 0 where it is not known.
    public let sourceLine: Int
    /// Whether its set only says what it would have done.
    public let isShadow: Bool
    public let account: String
    /// `payer` or `payee`.
    public let side: String
    /// What the rule limits, of which payments.
    public let subject: String
    /// Whose payments and holdings it sums up.
    public let whose: String
    /// Over what it sums; `nil` where it looks after each payment.
    public let window: String?
    /// When the window began; `nil` where it is none of a calendar.
    public let began: Instant?
    /// When it ends, or the first payment leaves it; `nil` where waiting does not help.
    public let resets: Instant?
    /// Before the payment, and by it, in the currency's decimals, or a count, or a duration.
    public let used: PolicyFigure
    public let asked: PolicyFigure
    /// `nil` where a number that it is made of was never set.
    public let cap: PolicyFigure?
    /// `nil` where the rule puts no bound above.
    public let left: PolicyFigure?
    public let passes: Bool
    /// `nil` where the account is not exempt from the rule.
    public let exemption: Exempt?
    /// What the rule says to the payment.
    public let verdict: String
  }

  /// Why a rule does not bind an account.
  public struct Exempt: Hashable, Sendable, Encodable {
    public let until: Instant
    public let reason: String
    /// Whether the rule would not let the payment pass otherwise.
    public let isNeeded: Bool
  }

  /// An instant as UTC, and as the clocks of the window's zone show it.
  public struct Instant: Hashable, Sendable, Encodable {
    public let utc: String
    public let local: String?
    public let zone: String?

    init(_ time: LedgerTime, _ zone: TimeZoneTable?) {
      utc = time.description
      local = zone?.localTime(time)
      self.zone = zone?.name
    }

    /// `2025-03-02T00:00:00+08:00 in Asia/Shanghai (2025-03-01T16:00:00Z)`.
    var text: String {
      guard let local, let zone else { return utc }
      return "\(local) in \(zone) (\(utc))"
    }
  }

  /// Whether the rules let the payment pass; something else may refuse it all the same.
  public let isPermitted: Bool
  /// Whether the ledger asked the rules, or something else decided before.
  public let isAsked: Bool
  /// One sentence, with the reason.
  public let verdict: String
  /// Every rule that looked, in the order of the sets and of their rules.
  public let lines: [Line]

  /// Puts into words what an engine said of one payment.
  ///
  /// - Parameters:
  ///   - readings: Of the engine before the payment was counted.
  ///   - decision: What the same engine decided.
  ///   - sets: The sets that the readings are of, in force and in shadow: they know who has an
  ///     attribute, and what a group is called.
  ///   - draw: Minor units that the payer's linked account gives beforehand.
  ///   - isAsked: Whether the ledger asked the rules, or something else decided before.
  ///   - exponent: Decimal digits of the currency's minor unit.
  /// - Precondition: Readings and decision are of one payment.
  public init(
    _ readings: [RuleReading], _ decision: Decision, of sets: [RuleSet], draw: UInt64 = 0,
    isAsked: Bool = true, exponent: Int
  ) {
    isPermitted = decision.isPermit
    self.isAsked = isAsked
    let explained = readings.map { reading in
      let set = sets.first { $0.packVersion == reading.set }
      return ExplainedReading(reading, MeasureWords(set, exponent: exponent), isAsked: isAsked)
    }
    lines = explained.map(\.line)
    func money(_ sum: UInt64) -> String {
      DecimalAmount.grouped(Int128(sum), exponent: exponent)
    }
    let drawn = draw > 0 ? ["\(money(draw)) comes from the payer's linked account"] : []
    verdict =
      isAsked
      ? Self.verdict(decision, explained, drawn, money) : Self.aside(decision, explained)
  }

  /// What the rules would say by themselves, of a payment that something else decided.
  private static func aside(_ decision: Decision, _ explained: [ExplainedReading]) -> String {
    "The rules were not asked; by themselves they would "
      + (denial(decision, explained).map { "deny the payment \($0)" } ?? "let the payment pass.")
  }

  private static func verdict(
    _ decision: Decision, _ explained: [ExplainedReading], _ drawn: [String],
    _ money: (UInt64) -> String
  ) -> String {
    if let denial = denial(decision, explained) { return "The payment is denied \(denial)" }
    switch decision {
    case .deny, .denyUnknownTier: preconditionFailure("a denial without words")
    case .permit: return permitted(explained, drawn)
    case .permitWith(let conditions):
      var notes = drawn
      if conditions.sweep > 0 {
        notes.append("\(money(conditions.sweep)) goes on to the payee's linked account")
      }
      let flags = conditions.remarks.filter { $0.kind == .flagged }.compactMap(\.rule?.text)
      if !flags.isEmpty { notes.append("it is flagged by \(PolicyWords.list(flags, "and"))") }
      let shadows = conditions.remarks.filter { $0.kind == .shadowRefused }.compactMap(\.rule?.text)
      if !shadows.isEmpty {
        notes.append("\(PolicyWords.list(shadows, "and")), in shadow, would have refused it")
      }
      return permitted(explained, notes)
    }
  }

  /// `by rule … : …`, with what can be done and the other rules that refuse; `nil` where the
  /// payment passes.
  private static func denial(
    _ decision: Decision, _ explained: [ExplainedReading]
  ) -> String? {
    switch decision {
    case .permit, .permitWith: return nil
    case .denyUnknownTier(let account):
      return "because the rules do not name the tier of wallet \(account)."
    case .deny(let breach):
      let cause = explained.first { $0.reading.breach == breach && !$0.reading.isShadow }
      guard let cause else { preconditionFailure("no reading is of rule \(breach.rule)") }
      return "by rule \(cause.name): \(cause.reason(breach))."
        + (cause.advice(breach).map { " \($0)" } ?? "") + others(explained, than: cause)
    }
  }

  private static func others(
    _ explained: [ExplainedReading], than cause: ExplainedReading
  ) -> String {
    var names: [String] = []
    for other in explained where other.refuses && other.name != cause.name {
      if !names.contains(other.name) { names.append(other.name) }
    }
    guard !names.isEmpty else { return "" }
    return names.count == 1
      ? " Rule \(names[0]) refuses it, too."
      : " Rules \(PolicyWords.list(names, "and")) refuse it, too."
  }

  private static func permitted(_ explained: [ExplainedReading], _ notes: [String]) -> String {
    let count = explained.count { !$0.reading.isShadow }
    let looked =
      switch count {
      case 0: "no rule looks at it"
      case 1: "one rule looks at it, and does not refuse it"
      default: "\(count) rules look at it, and none refuses it"
      }
    let exempt = explained.filter { !$0.reading.isShadow }.compactMap { one in
      one.exemptionNeeded.map { exemption in
        let verb = one.reading.rule.action == .flag ? "flag" : "refuse"
        return "\(one.reading.rule.id) would \(verb) it, but \(exemption)"
      }
    }
    return "The rules let the payment pass: "
      + "\(([looked] + exempt + notes).joined(separator: "; "))."
  }
}
