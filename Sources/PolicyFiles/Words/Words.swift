import LedgerModel

/// A closed list whose cases each have a word in policy files.
protocol Worded: CaseIterable, Equatable {
  var word: String { get }
}

extension Worded {
  /// In the order of the cases.
  static var words: [String] { allCases.map(\.word) }

  init?(word: String) {
    guard let value = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = value
  }
}

extension Measure.Quantity: Worded {
  var word: String {
    switch self {
    case .amount: "amount"
    case .count: "count"
    case .balance: "balance"
    case .supply: "supply"
    case .counterparties: "counterparties"
    case .sinceLast: "since-last"
    }
  }

  /// Whether its values are minor units.
  var isMoney: Bool {
    switch self {
    case .amount, .balance, .supply: true
    case .count, .counterparties, .sinceLast: false
    }
  }
}

extension Measure.Scope: Worded {
  var word: String {
    switch self {
    case .wallet: "wallet"
    case .owner: "owner"
    case .pair: "pair"
    case .participant: "participant"
    case .participantClass: "class"
    case .tier: "tier"
    case .system: "system"
    }
  }

  /// Whether only wallets have a key of it.
  var isOfWallets: Bool {
    switch self {
    case .wallet, .owner, .pair, .tier: true
    case .participant, .participantClass, .system: false
    }
  }

  /// Whether all that one key of this scope counts, some one key of the other counts as well.
  func isWithin(_ wider: Self) -> Bool {
    switch (self, wider) {
    case (.pair, .wallet), (.pair, .owner), (.wallet, .owner): true
    case (.wallet, .participant), (.pair, .participant): true
    // No class and no tier: a participant may be in none, and a wallet changes its tier.
    case (.participantClass, .system), (.participant, .system), (.tier, .system),
      (.owner, .system), (.wallet, .system), (.pair, .system):
      true
    default: false
    }
  }
}

extension Measure.Direction: Worded {
  var word: String {
    switch self {
    case .out: "out"
    case .into: "in"
    case .turnover: "turnover"
    case .net: "net"
    }
  }
}

extension Measure.Operation: Worded {
  var word: String { name }

  /// What one side of a payment is.
  enum Side {
    case wallet
    case settlementAccount
    /// The issuance account, which is no side for rules.
    case nobody
  }

  var payer: Side {
    switch self {
    case .pay, .cashOut: .wallet
    case .fund, .settle, .redeem: .settlementAccount
    case .issue: .nobody
    }
  }

  var payee: Side {
    switch self {
    case .pay, .fund: .wallet
    case .cashOut, .settle, .issue: .settlementAccount
    case .redeem: .nobody
    }
  }

  /// Whether it is between a wallet and the settlement account of the wallet's own participant.
  var isWithinParticipant: Bool { self == .fund || self == .cashOut }

  /// The sides that a direction counts and that have a key of the scope.
  func sides(_ scope: Measure.Scope, _ direction: Measure.Direction) -> (payer: Bool, payee: Bool) {
    func hasKey(_ side: Side) -> Bool {
      side == .wallet || (side == .settlementAccount && !scope.isOfWallets)
    }
    let payerCounts = direction != .into && hasKey(payer)
    let payeeCounts = direction != .out && hasKey(payee)
    return scope == .pair ? (self == .pay && direction == .out, false) : (payerCounts, payeeCounts)
  }
}

extension Weekday: Worded {
  var word: String {
    switch self {
    case .monday: "monday"
    case .tuesday: "tuesday"
    case .wednesday: "wednesday"
    case .thursday: "thursday"
    case .friday: "friday"
    case .saturday: "saturday"
    case .sunday: "sunday"
    }
  }
}

extension Holding.End: Worded {
  var word: String {
    switch self {
    case .released: "release"
    case .reviewed: "review"
    }
  }
}

extension Attribute.Holder {
  var word: String {
    switch self {
    case .wallet: "wallet"
    case .participant: "participant"
    }
  }
}

extension Window {
  /// The windows that are one word.
  static let words = ["payment", "day", "week", "month", "year", "lifetime"]

  /// Whether the window begins and ends with a calendar's dates.
  var isCalendar: Bool { zone != nil }
}
