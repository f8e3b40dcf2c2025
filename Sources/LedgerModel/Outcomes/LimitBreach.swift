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

  public let reason: Reason
  public let extent: Extent
  public let rule: RuleID
  /// Whose limit it is.
  public let account: AccountID
  /// Minor units, a count, or microseconds; zero where it is undecidable.
  public let limit: UInt64
  /// What counted against the limit before this instruction; a net position may be negative.
  public let used: Int128
  /// What this instruction would have added.
  public let asked: UInt64
  /// When the window ends, or the first of what counted leaves it; `nil` where waiting does not
  /// help.
  public let resets: LedgerTime?

  public init(
    reason: Reason = .exceeded, extent: Extent = .participant, rule: RuleID, account: AccountID,
    limit: UInt64, used: Int128, asked: UInt64, resets: LedgerTime?
  ) {
    self.reason = reason
    self.extent = extent
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
      reason: reason, extent: extent, rule: rule, account: account, limit: 0, used: 0,
      asked: asked, resets: resets)
  }
}

extension LimitBreach: CustomStringConvertible {
  public var description: String {
    let reset = resets.map { ", until \($0)" } ?? ""
    switch reason {
    case .exceeded:
      return "rule `\(rule)` allows `\(limit)`: `\(used)` used, `\(asked)` asked\(reset)"
    case .memoryFull(let max):
      return "rule `\(rule)` remembers `\(max)` payments, the most that it may\(reset)"
    case .undecidable:
      return "rule `\(rule)` asks for a number that was never set for the account; set it first"
    case .approvalMissing(let required, let signed):
      return "rule `\(rule)` allows `\(limit)`: `\(used)` used, `\(asked)` asked; with "
        + "`\(required)` signatures of its group more is allowed, and there are `\(signed)`"
    }
  }
}
