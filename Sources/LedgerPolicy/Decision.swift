public import LedgerModel

/// What the rules say to one request.
///
/// Limits permit unless one denies.
public enum Decision: Hashable, Sendable {
  case permit
  /// A rule would be passed: the first that denies, in the order of the set.
  case deny(LimitBreach)
  /// The rules in force know no such tier as the account's, so nothing is decided for it.
  case denyUnknownTier(AccountID)
}

/// One payment as the rules see it.
public struct PolicyRequest: Hashable, Sendable {
  public let operation: Measure.Operation
  public let amount: Amount
  public let currency: CurrencyCode
  /// The wallet that pays; `nil` where the payer is no wallet.
  public let payer: PolicyLeg?
  /// The wallet that is paid; `nil` where the payee is no wallet.
  public let payee: PolicyLeg?

  public init(
    operation: Measure.Operation, amount: Amount, currency: CurrencyCode, payer: PolicyLeg?,
    payee: PolicyLeg?
  ) {
    self.operation = operation
    self.amount = amount
    self.currency = currency
    self.payer = payer
    self.payee = payee
  }
}

/// One wallet of a request.
public struct PolicyLeg: Hashable, Sendable {
  /// The account's place in dense order, from 0; it never changes.
  public let slot: Int
  public let account: AccountID
  /// ``PolicyEngine/tierIndex(of:)`` of its tier in the active set; `nil` where that has none such.
  public let tier: Int?
  /// What it would hold after the payment.
  public let balanceAfter: Balance

  public init(slot: Int, account: AccountID, tier: Int?, balanceAfter: Balance) {
    self.slot = slot
    self.account = account
    self.tier = tier
    self.balanceAfter = balanceAfter
  }
}
