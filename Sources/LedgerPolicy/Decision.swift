public import LedgerModel

/// What the rules say to one request.
///
/// Limits permit unless one denies. All rules apply: a denial beats a required approval, which
/// beats a flag. Of several denials the one with the least headroom is the answer; of equals, the
/// first, in the order in which the sets came into force and then in that of the set.
public enum Decision: Hashable, Sendable {
  case permit
  /// Permitted, and more happens than the payment.
  indirect case permitWith(Conditions)
  indirect case deny(LimitBreach)
  /// Rules in force know no such tier as the account's, so nothing is decided for it.
  case denyUnknownTier(AccountID)

  /// Whether the payment may be made.
  public var isPermit: Bool {
    switch self {
    case .permit, .permitWith: true
    case .deny, .denyUnknownTier: false
    }
  }
}

/// What comes with a permitted payment.
public struct Conditions: Hashable, Sendable {
  /// In the order of the sets and of their rules.
  public var remarks: [Remark]
  /// Minor units that go on from the payee's wallet to its linked account.
  public var sweep: UInt64

  public init(remarks: [Remark] = [], sweep: UInt64 = 0) {
    self.remarks = remarks
    self.sweep = sweep
  }
}

/// One payment as the rules see it.
public struct PolicyRequest: Hashable, Sendable {
  public let operation: Measure.Operation
  public let amount: Amount
  public let channel: Channel
  public let purpose: Purpose
  /// Who signed the order.
  public let signers: [PublicKey]
  /// `nil` where the payer is the issuance account.
  public let payer: PolicyLeg?
  /// `nil` where the payee is the issuance account.
  public let payee: PolicyLeg?
  /// Minor units outstanding after the payment.
  public let outstanding: Int128
  /// Minor units that come to the payer's wallet from its linked account beforehand.
  public let draw: UInt64

  public init(
    operation: Measure.Operation, amount: Amount, channel: Channel = Channel(unchecked: ""),
    purpose: Purpose = Purpose(unchecked: ""), signers: [PublicKey] = [], payer: PolicyLeg?,
    payee: PolicyLeg?, outstanding: Int128 = 0, draw: UInt64 = 0
  ) {
    self.operation = operation
    self.amount = amount
    self.channel = channel
    self.purpose = purpose
    self.signers = signers
    self.payer = payer
    self.payee = payee
    self.outstanding = outstanding
    self.draw = draw
  }
}

/// One side of a request: a wallet, or a settlement account.
public struct PolicyLeg: Hashable, Sendable {
  /// The account's place in dense order, from 0; it never changes.
  public let slot: Int
  public let account: AccountID
  /// The participant's place in order of admission.
  public let participant: Int
  /// The place of a wallet's tier in order of first use; `nil` for a settlement account.
  public let tier: Int?
  /// What it would hold after the payment, before any of it goes on to a linked account.
  public let balanceAfter: Balance
  /// Whether a wallet has a linked account.
  public let isLinked: Bool

  public init(
    slot: Int, account: AccountID, participant: Int, tier: Int?, balanceAfter: Balance,
    isLinked: Bool = false
  ) {
    self.slot = slot
    self.account = account
    self.participant = participant
    self.tier = tier
    self.balanceAfter = balanceAfter
    self.isLinked = isLinked
  }
}

/// An account as the rules find it when they come into force.
public struct PolicyAccount: Hashable, Sendable {
  public let participant: Int
  /// As ``PolicyLeg/tier``.
  public let tier: Int?
  /// Of a wallet.
  public let owner: OwnerID?
  public let balance: Balance

  public init(participant: Int, tier: Int?, owner: OwnerID?, balance: Balance) {
    self.participant = participant
    self.tier = tier
    self.owner = owner
    self.balance = balance
  }
}

/// All accounts of a ledger, by slot.
public struct PolicyAccounts {
  public let count: Int
  /// The account, or `nil` where it is an issuance account or of another currency.
  public let account: (Int) -> PolicyAccount?

  public init(count: Int, account: @escaping (Int) -> PolicyAccount?) {
    self.count = count
    self.account = account
  }

  public static var none: PolicyAccounts { PolicyAccounts(count: 0) { _ in nil } }
}
