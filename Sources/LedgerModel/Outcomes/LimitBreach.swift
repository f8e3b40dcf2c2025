/// A limit that an instruction would have passed.
public struct LimitBreach: Hashable, Sendable {
  /// Why the rule did not let the payment pass.
  public enum Reason: Hashable, Sendable {
    /// The value would not have been within the limit.
    case exceeded
    /// The rule remembers as many payments of one key as it may, `max`.
    case memoryFull(max: Int)
    /// A number that the limit is made of was never set.
    case undecidable
    /// The limit may be passed with more signatures.
    case approvalMissing(required: Int, signed: Int)
  }

  /// Whose payments and holdings the figures sum up.
  public enum Extent: Hashable, Sendable {
    /// Those of accounts of one participant.
    case participant
    /// Those of whatever accounts, of several participants: an owner's, a class's, a tier's, or
    /// all. `left` is what might still have been asked; zero where the rule puts no bound above.
    case shared(left: UInt64)
  }

  /// What a limit's figures count.
  public enum Unit: Int, Hashable, Sendable, CaseIterable {
    case minorUnits = 1
    case payments = 2
    case counterparties = 3
    case microseconds = 4
  }

  /// What tells the figures to who does not have the rule at hand.
  public struct Terms: Hashable, Sendable {
    public let pack: PackName
    public let unit: Unit
    /// How the value is compared with ``LimitBreach/limit``.
    public let comparison: Rule.Comparison

    public init(pack: PackName, unit: Unit, comparison: Rule.Comparison) {
      self.pack = pack
      self.unit = unit
      self.comparison = comparison
    }
  }

  public let reason: Reason
  public let extent: Extent
  /// `nil` for a rule of a set of format 1, of which the log does not tell them.
  public let terms: Terms?
  public let rule: RuleID
  /// Whose limit it is.
  public let account: AccountID
  /// As of ``Terms/unit``; zero where it is undecidable.
  public let limit: UInt64
  /// What counted against the limit before this instruction; a net position may be negative.
  public let used: Int128
  /// What this instruction would have added.
  public let asked: UInt64
  /// When the window ends, or the first of what counted leaves it; `nil` where waiting does not
  /// help.
  public let resets: LedgerTime?

  public init(
    reason: Reason = .exceeded, extent: Extent = .participant, terms: Terms? = nil, rule: RuleID,
    account: AccountID, limit: UInt64, used: Int128, asked: UInt64, resets: LedgerTime?
  ) {
    self.reason = reason
    self.extent = extent
    self.terms = terms
    self.rule = rule
    self.account = account
    self.limit = limit
    self.used = used
    self.asked = asked
    self.resets = resets
  }

  /// The same without the limit and what was used of it, for those who may not know what others
  /// have used.
  public var withoutFigures: LimitBreach {
    LimitBreach(
      reason: reason, extent: extent, terms: terms, rule: rule, account: account, limit: 0,
      used: 0, asked: asked, resets: resets)
  }
}

extension LimitBreach.Reason {
  /// As answers say it: docs/api.md.
  public var name: String {
    switch self {
    case .exceeded: "exceeded"
    case .memoryFull: "memory_full"
    case .undecidable: "undecidable"
    case .approvalMissing: "approval_missing"
    }
  }
}

extension LimitBreach.Unit {
  /// As answers say it: docs/api.md.
  public var name: String {
    switch self {
    case .minorUnits: "minor_units"
    case .payments: "payments"
    case .counterparties: "counterparties"
    case .microseconds: "microseconds"
    }
  }
}

extension Rule.Comparison {
  /// As answers say it: docs/api.md.
  public var name: String {
    switch self {
    case .atMost: "at_most"
    case .under: "under"
    case .atLeast: "at_least"
    }
  }
}

extension LimitBreach: CustomStringConvertible {
  public var description: String {
    let reset = resets.map { ", until \($0)" } ?? ""
    let rule = "rule `\(rule)`" + (terms.map { " of `\($0.pack)`" } ?? "")
    switch reason {
    case .exceeded:
      return "\(rule) \(asks): `\(used)` used, `\(asked)` asked\(reset)"
    case .memoryFull(let max):
      return "\(rule) remembers `\(max)` payments, the most that it may\(reset)"
    case .undecidable:
      return "\(rule) asks for a number that was never set for the account; set it first"
    case .approvalMissing(let required, let signed):
      return "\(rule) \(asks): `\(used)` used, `\(asked)` asked; with `\(required)` signatures of "
        + "its group more is allowed, and there are `\(signed)`"
    }
  }

  private var asks: String {
    guard let terms else { return "allows `\(limit)`" }
    let unit =
      switch terms.unit {
      case .minorUnits: ""
      case .payments: limit == 1 ? " payment" : " payments"
      case .counterparties: limit == 1 ? " counterparty" : " counterparties"
      case .microseconds: " microseconds since the last payment"
      }
    return switch terms.comparison {
    case .atMost: "allows `\(limit)`\(unit)"
    case .under: "allows less than `\(limit)`\(unit)"
    case .atLeast: "asks for at least `\(limit)`\(unit)"
    }
  }
}
