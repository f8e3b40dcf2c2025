import LedgerClient
import LedgerModel

/// A limit that refused an order: figures in decimals, in counts, or in microseconds.
struct LimitReport: Encodable {
  let account: String
  let reason: String
  /// Of a rule of a pack; older ledgers do not tell.
  let unit: String?
  let comparison: String?
  /// `nil` where others' accounts count, and the ledger does not tell.
  let limit: String?
  let used: String?
  /// Where others' accounts count.
  let left: String?
  let asked: String
  /// How many payments the rule remembers, where it can remember no more.
  let max: Int?
  /// Signatures that the rule asks for, and that there are, where they are what is missing.
  let required: Int?
  let signed: Int?
  /// RFC 3339 in UTC; `nil` where waiting does not help.
  let resets: String?
  let text: String

  enum CodingKeys: CodingKey {
    case account
    case reason
    case unit
    case comparison
    case limit
    case used
    case left
    case asked
    case max
    case required
    case signed
    case resets
  }

  /// Writes a breach in decimals of the order's currency; `nil` where the outcome has none.
  init?(_ outcome: VerifiedOutcome, of operation: Operation, scales: CurrencyScales) {
    guard let breach = outcome.breach else { return nil }
    let figures = LimitFigures(breach, of: operation, scales: scales)
    account = breach.account.description
    reason = breach.reason.name
    unit = breach.terms?.unit.name
    comparison = breach.terms?.comparison.name
    limit = outcome.isWithheld ? nil : figures.plain(Int128(breach.limit))
    used = outcome.isWithheld ? nil : figures.plain(breach.used)
    if case .shared(let left) = breach.extent {
      self.left = figures.plain(Int128(left))
    } else {
      left = nil
    }
    asked = figures.plain(Int128(breach.asked))
    if case .memoryFull(let max) = breach.reason { self.max = max } else { max = nil }
    if case .approvalMissing(let required, let signed) = breach.reason {
      (self.required, self.signed) = (required, signed)
    } else {
      (required, signed) = (nil, nil)
    }
    resets = breach.resets?.description
    text = figures.text(isWithheld: outcome.isWithheld)
  }
}

/// The figures of a breach in words.
private struct LimitFigures {
  private let breach: LimitBreach
  private let currency: CurrencyCode?
  private let scales: CurrencyScales

  init(_ breach: LimitBreach, of operation: Operation, scales: CurrencyScales) {
    self.breach = breach
    self.scales = scales
    // Older ledgers do not tell the unit: a limit on a sum or a balance asks for the amount of the
    // order, one on the number of payments for 1. Of a payment of one minor unit the two cannot be
    // told apart, and it is taken for a sum.
    currency = operation.movement.flatMap { movement in
      let isMoney = breach.terms.map { $0.unit == .minorUnits } ?? (breach.asked == movement.amount)
      return isMoney ? movement.currency : nil
    }
  }

  /// A figure for programs.
  func plain(_ value: Int128) -> String {
    currency.map { scales.plain(value, $0) } ?? "\(value)"
  }

  /// A figure for people.
  private func words(_ value: Int128) -> String {
    if let currency { return scales.text(value, currency) }
    switch breach.terms?.unit {
    case .microseconds: return seconds(value)
    case .counterparties: return "\(DecimalAmount.count(value)) counterparties"
    case .payments, .minorUnits, nil: return DecimalAmount.count(value, "payment")
    }
  }

  private func seconds(_ microseconds: Int128) -> String {
    var digits = DecimalAmount.text(microseconds, exponent: 6)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return "\(digits) s"
  }

  func text(isWithheld: Bool) -> String {
    let wait =
      breach.resets.map {
        "it resets at \($0)" + (isTooLarge ? ", but the order alone is above the limit" : "")
      }
      ?? "waiting does not help"
    switch breach.reason {
    case .memoryFull(let max):
      return "the rule remembers \(DecimalAmount.count(max, "payment")), the most that it "
        + "may; \(breach.resets.map { "one leaves at \($0)" } ?? wait)"
    case .undecidable:
      return "the limit is made of a number that was never set for the account; set it first"
    case .exceeded: return "\(figures(isWithheld: isWithheld)); \(wait)"
    case .approvalMissing(let required, let signed):
      return "\(figures(isWithheld: isWithheld)); \(required) of its group must sign for more, and "
        + "\(signed) did; \(wait)"
    }
  }

  /// Whether the order by itself asks for more than the limit.
  private var isTooLarge: Bool {
    switch breach.terms?.comparison {
    case .atMost, nil: breach.asked > breach.limit
    case .under: breach.asked >= breach.limit
    case .atLeast: false
    }
  }

  private func figures(isWithheld: Bool) -> String {
    if breach.terms?.unit == .microseconds, !isWithheld {
      return "\(bound), and \(words(breach.used)) have passed since the last payment"
    }
    var parts = isWithheld ? [] : [bound, "used \(words(breach.used))"]
    if case .shared(let left) = breach.extent, breach.terms?.comparison != .atLeast {
      parts.append("left \(words(Int128(left)))")
    }
    parts.append("asked \(words(Int128(breach.asked)))")
    return parts.joined(separator: ", ")
  }

  private var bound: String {
    let limit = words(Int128(breach.limit))
    return switch breach.terms?.comparison {
    case .atMost, nil: "limit \(limit)"
    case .under: "limit less than \(limit)"
    case .atLeast: "limit at least \(limit)"
    }
  }
}
