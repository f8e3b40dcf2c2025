/// What an order moves, as rules see it.
public struct MoneyMovement: Hashable, Sendable {
  public let operation: Measure.Operation
  /// `nil` where it is the currency's issuance account, which the order does not name.
  public let payer: AccountID?
  /// `nil` as for the payer.
  public let payee: AccountID?
  /// Minor units as asked.
  public let amount: UInt64
  public let currency: CurrencyCode

  fileprivate init(_ operation: Measure.Operation, _ order: Transfer) {
    self.operation = operation
    payer = order.payer
    payee = order.payee
    amount = order.amount
    currency = order.currency
  }

  fileprivate init(_ order: Issue) {
    operation = .issue
    payer = nil
    payee = order.payee
    amount = order.amount
    currency = order.currency
  }

  fileprivate init(_ order: Redeem) {
    operation = .redeem
    payer = order.payer
    payee = nil
    amount = order.amount
    currency = order.currency
  }
}

extension Operation {
  /// What the order moves; `nil` where that is nothing.
  public var movement: MoneyMovement? {
    switch self {
    case .issue(let order): MoneyMovement(order)
    case .redeem(let order): MoneyMovement(order)
    case .settle(let order): MoneyMovement(.settle, order)
    case .fund(let order): MoneyMovement(.fund, order)
    case .pay(let order): MoneyMovement(.pay, order)
    case .cashOut(let order): MoneyMovement(.cashOut, order)
    default: nil
    }
  }
}
