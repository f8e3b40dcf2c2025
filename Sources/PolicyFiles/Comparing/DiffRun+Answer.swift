import LedgerModel

extension DiffRun {
  /// What a rule set says to one payment.
  enum Answer: Equatable {
    case permit(flags: [RuleID], swept: UInt64, drawn: UInt64)
    case deny(LimitBreach)
    case unknownTier
    case insufficientFunds

    var isPermit: Bool { if case .permit = self { true } else { false } }

    /// How much stands in the way of the payment.
    var severity: Int {
      switch self {
      case .permit(let flags, _, _): flags.isEmpty ? 0 : 1
      case .deny(let breach): breach.isApprovalMissing ? 2 : 3
      case .unknownTier, .insufficientFunds: 4
      }
    }

    /// Whether another set's answer comes to something else; the rules are what is in question, as
    /// this answer's set and the other's have it.
    func differs(from other: Answer, _ rule: Rule?, _ otherRule: Rule?) -> Bool {
      switch (self, other) {
      case (.permit(let flags, let swept, let drawn), .permit(let others, let swept2, let drawn2)):
        let isFlagged = rule.map { flags.contains($0.id) } ?? false
        let isOtherFlagged = otherRule.map { others.contains($0.id) } ?? false
        return isFlagged != isOtherFlagged || swept != swept2 || drawn != drawn2
      case (.deny(let breach), .deny(let otherBreach)):
        return breach.isApprovalMissing != otherBreach.isApprovalMissing
      case (.permit, _), (_, .permit): return true
      case (.deny, _), (.unknownTier, _), (.insufficientFunds, _): return false
      }
    }
  }
}

extension LimitBreach {
  fileprivate var isApprovalMissing: Bool {
    if case .approvalMissing = reason { true } else { false }
  }
}
