/// One limit.
public struct Rule: Hashable, Sendable {
  public let id: RuleID
  /// Index into ``RuleSet/measures``.
  public let measure: Int
  public let comparison: Comparison
  /// Whether what earlier payments used is compared, without the one in hand.
  public let countsPreviousOnly: Bool
  public let caps: Caps
  public let action: Action
  /// In force from this instant on; `nil` for as soon as the set is.
  public let from: LedgerTime?
  /// Not in force from this instant on; `nil` for as long as the set is.
  public let until: LedgerTime?
  /// In the policy file, from 1; 0 where there was none.
  public let line: Int

  public init(
    id: RuleID, measure: Int, comparison: Comparison = .atMost, countsPreviousOnly: Bool = false,
    caps: Caps, action: Action, from: LedgerTime? = nil, until: LedgerTime? = nil, line: Int = 0
  ) {
    self.id = id
    self.measure = measure
    self.comparison = comparison
    self.countsPreviousOnly = countsPreviousOnly
    self.caps = caps
    self.action = action
    self.from = from
    self.until = until
    self.line = line
  }

  /// What a value must be for the rule to let it pass.
  public enum Comparison: Int, Hashable, Sendable, CaseIterable {
    case atMost = 1
    case under = 2
    case atLeast = 3
  }

  /// What a value is compared with.
  public enum Caps: Hashable, Sendable {
    /// The same for every account, wallet or not.
    case every(Cap)
    /// By index into ``RuleSet/tiers``, one a tier; the rule does not bind a tier of `nil`, nor
    /// an account that is no wallet.
    case byTier([Cap?])

    /// Constant caps, one a tier.
    public static func byTier(constants: [UInt64?]) -> Caps {
      .byTier(constants.map { $0.map(Cap.constant) })
    }

    /// Every cap that there is.
    public var all: [Cap] {
      switch self {
      case .every(let cap): [cap]
      case .byTier(let caps): caps.compactMap(\.self)
      }
    }
  }

  /// What happens where the rule does not let a value pass.
  public enum Action: Hashable, Sendable {
    case deny
    /// The payment is accepted, and the log says that the rule would not have let it pass.
    case flag
    /// Denied unless so many keys of the group have signed.
    case require(Approval)
    /// What the payee may not hold goes on to its linked account; for a balance alone.
    case waterfall(Waterfall)
    /// Held for a time; no set with it can be activated before the ledger has holds.
    case hold(Holding)
  }
}

/// How many keys of a group must have signed.
public struct Approval: Hashable, Sendable {
  /// `1 ...` the group's keys.
  public let count: Int
  /// Index into ``RuleSet/groups``.
  public let group: Int

  public init(count: Int, group: Int) {
    self.count = count
    self.group = group
  }
}

/// What a linked account takes and gives.
public struct Waterfall: Hashable, Sendable {
  /// Whether what a payer's wallet lacks is drawn from its linked account as well.
  public let drawsShortfall: Bool

  public init(drawsShortfall: Bool) { self.drawsShortfall = drawsShortfall }
}

/// What becomes of a payment that is held.
public struct Holding: Hashable, Sendable {
  public enum End: Int, Hashable, Sendable, CaseIterable {
    case released = 1
    case reviewed = 2
  }

  public let microseconds: UInt64
  public let end: End
  /// Whether it stays held where the rule would now let it pass.
  public let isSticky: Bool

  public init(microseconds: UInt64, end: End, isSticky: Bool) {
    self.microseconds = microseconds
    self.end = end
    self.isSticky = isSticky
  }
}

/// A number that a value is compared with: an expression of at most `Limits.capDepthMax` levels.
public indirect enum Cap: Hashable, Sendable {
  /// Minor units, a count, or microseconds for ``Measure/Quantity/sinceLast``; at most
  /// `Balance.max`.
  case constant(UInt64)
  /// An amount, of the wallet or of its participant.
  case attribute(AttributeName)
  /// What the account held before the payment.
  case balance
  /// Hundredths of a percent, `0 ... 10_000`.
  case share(basisPoints: Int, of: Cap)
  /// At least two.
  case least([Cap])
  case greatest([Cap])

  /// How deep the expression is nested.
  public var depth: Int {
    switch self {
    case .constant, .attribute, .balance: 1
    case .share(_, let cap): 1 + cap.depth
    case .least(let caps), .greatest(let caps): 1 + (caps.map(\.depth).max() ?? 0)
    }
  }

  /// How many terms it has.
  public var termCount: Int {
    switch self {
    case .constant, .attribute, .balance: 1
    case .share(_, let cap): 1 + cap.termCount
    case .least(let caps), .greatest(let caps): caps.reduce(1) { $0 + $1.termCount }
    }
  }

  /// The attributes that it names.
  public var attributes: [AttributeName] {
    switch self {
    case .constant, .balance: []
    case .attribute(let name): [name]
    case .share(_, let cap): cap.attributes
    case .least(let caps), .greatest(let caps): caps.flatMap(\.attributes)
    }
  }
}
