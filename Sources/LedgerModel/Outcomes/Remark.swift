/// What a rule had to say about a payment that was made.
public struct Remark: Hashable, Sendable {
  public enum Kind: Int, Hashable, Sendable {
    /// A rule that flags did not let it pass.
    case flagged = 1
    /// A rule set in shadow would have refused it.
    case shadowRefused = 2
    /// A rule set in shadow would have refused it, because it does not name a wallet's tier.
    case shadowTierUnknown = 3

    /// As JSON has it.
    public var name: String {
      switch self {
      case .flagged: "flagged"
      case .shadowRefused: "shadow_refused"
      case .shadowTierUnknown: "shadow_tier_unknown"
      }
    }
  }

  public let kind: Kind
  public let pack: PackName
  /// `nil` where no rule is meant: of ``Kind/shadowTierUnknown`` alone.
  public let rule: RuleID?

  public init(kind: Kind, pack: PackName, rule: RuleID?) {
    precondition((rule == nil) == (kind == .shadowTierUnknown), "a remark names its rule")
    self.kind = kind
    self.pack = pack
    self.rule = rule
  }
}

extension Remark: CustomStringConvertible {
  public var description: String {
    let rule = rule.map { "rule `\($0)` of `\(pack)`" } ?? "`\(pack)`"
    return switch kind {
    case .flagged: "\(rule) flags it"
    case .shadowRefused: "\(rule), in shadow, would have refused it"
    case .shadowTierUnknown: "\(rule), in shadow, does not name the tier of a wallet"
    }
  }
}
