/// What is measured.
///
/// Two measures that count the same are one counter, so that a changed maximum keeps what was used.
public struct Measure: Hashable, Sendable {
  /// What is summed, or looked at.
  public enum Quantity: Int, Hashable, Sendable, CaseIterable {
    /// Minor units moved.
    case amount = 1
    /// Payments.
    case count = 2
    /// Minor units held after the payment, by all that the scope holds; in ``Window/payment``
    /// alone.
    case balance = 3
    /// Minor units outstanding after the payment; of the whole ledger, in ``Window/payment`` alone.
    case supply = 4
    /// Other sides of payments, each counted once in the window.
    case counterparties = 5
    /// Microseconds since the last payment that counted; in ``Window/lifetime`` alone.
    case sinceLast = 6

    /// What its figures count.
    public var unit: LimitBreach.Unit {
      switch self {
      case .amount, .balance, .supply: .minorUnits
      case .count: .payments
      case .counterparties: .counterparties
      case .sinceLast: .microseconds
      }
    }
  }

  /// Whose payments are summed.
  public enum Scope: Int, Hashable, Sendable, CaseIterable {
    case wallet = 1
    /// All wallets of one owner, at whichever participant.
    case owner = 2
    /// One payer's wallet and one payee's.
    case pair = 3
    /// All accounts of one participant, its settlement account among them.
    case participant = 4
    /// All accounts of the participants whose attribute `class` is the same.
    case participantClass = 5
    /// All wallets of one tier.
    case tier = 6
    case system = 7
  }

  /// Which leg counts.
  public enum Direction: Int, Hashable, Sendable, CaseIterable {
    /// What leaves.
    case out = 1
    /// What comes in.
    case into = 2
    /// What leaves and what comes in, added up.
    case turnover = 3
    /// What leaves less what comes in: a net debit position.
    case net = 4
  }

  /// The operations that rules can see.
  public enum Operation: Int, Hashable, Comparable, Sendable, CaseIterable {
    case fund = 1
    case pay = 2
    case cashOut = 3
    case issue = 4
    case redeem = 5
    case settle = 6

    /// As in the command line, the rules and the documents.
    public var name: String {
      switch self {
      case .fund: "fund"
      case .pay: "pay"
      case .cashOut: "cash-out"
      case .issue: "issue"
      case .redeem: "redeem"
      case .settle: "settle"
      }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  public let quantity: Quantity
  public let scope: Scope
  public let window: Window
  public let direction: Direction
  /// Ascending, distinct, at least one.
  public let operations: [Operation]
  /// Which payments of those operations.
  public let filter: PaymentFilter

  public init(
    quantity: Quantity, scope: Scope, window: Window, direction: Direction,
    operations: [Operation], filter: PaymentFilter = .everything
  ) {
    self.quantity = quantity
    self.scope = scope
    self.window = window
    self.direction = direction
    self.operations = operations
    self.filter = filter
  }

  /// Whether the measure sums over payments, and so has a counter.
  public var isCounted: Bool { window != .payment }

  /// Whether two measures are one counter: all but the transitions of a zone is equal.
  public func countsSame(as other: Measure) -> Bool {
    quantity == other.quantity && scope == other.scope && direction == other.direction
      && operations == other.operations && filter == other.filter
      && window.spansSame(as: other.window)
  }
}
