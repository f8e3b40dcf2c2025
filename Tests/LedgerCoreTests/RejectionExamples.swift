import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// One order that is refused, and why.
struct RejectionExample: Sendable, CustomTestStringConvertible {
  let rejection: Rejection
  let party: Party
  /// Accepted before, in this order.
  let before: [(party: Party, operation: Operation)]
  let operation: Operation
  let signers: [Int]?

  init(
    _ rejection: Rejection, by party: Party = .issuer, signers: [Int]? = nil,
    after before: [(Party, Operation)] = [], _ operation: Operation
  ) {
    self.rejection = rejection
    self.party = party
    self.before = before
    self.operation = operation
    self.signers = signers
  }

  var testDescription: String { "\(rejection.code.rawValue) to \(operation.name)" }
}

extension RejectionExample {
  /// In the order of ``Rejection``; the ids and what takes thousands of orders are elsewhere.
  static let all: [RejectionExample] =
    authority + participants + keys + accounts + money + rules

  static let authority = [
    RejectionExample(
      .notInVersion(operation: "list-payee", needs: .two), by: .bank(1),
      .listPayee(PayeeOfWallet(wallet: .example(110), payee: .example(210)))),
    RejectionExample(
      .wrongRole(operation: "issue", party: "bank-1"), by: .bank(1), .issue(100, 5, reference: 9)),
    RejectionExample(.wrongRole(operation: "pay", party: "issuer"), .pay(110, 210, 5)),
    RejectionExample(
      .wrongRole(operation: "confirm-clock", party: "recovery"), by: .recovery,
      .confirmClock(.example)),
    RejectionExample(
      .wrongRole(operation: "replace-officers", party: "issuer"), .replaceOfficers(7, 8)),
    RejectionExample(
      .wrongRole(operation: "register-key", party: "bank-1"), by: .bank(1),
      .register(7, for: .bank(2))),
    RejectionExample(
      .wrongRole(operation: "suspend-key", party: "bank-1"), by: .bank(1),
      .suspendKey(2_001, of: .bank(2))),
    RejectionExample(
      .wrongRole(operation: "reinstate-key", party: "bank-1"), by: .bank(1), signers: [1_002],
      after: [(.bank(1), .suspendKey(1_001, of: .bank(1)))],
      .reinstateKey(1_001, of: .bank(1))),
    RejectionExample(
      .wrongRole(operation: "register-key", party: "issuer"), .register(7, for: .recovery)),
    RejectionExample(
      .quorumNotMet(required: 2, signed: 1), signers: [3], .issue(100, 5, reference: 9)),
    RejectionExample(
      .participantSuspended(.example(1)), by: .bank(1), after: [(.issuer, .suspend(1))],
      .pay(110, 210, 5)),
    RejectionExample(.actingForAnother(.example(110)), by: .bank(2), .pay(110, 210, 5)),
    RejectionExample(.actingForAnother(.example(210)), by: .bank(1), .fund(100, 210, 5)),
    RejectionExample(.actingForAnother(.example(1)), by: .bank(1), .redeem(1, 5, reference: 9)),
    RejectionExample(.actingForAnother(.example(200)), by: .bank(1), .cashOut(110, 200, 5)),
    RejectionExample(.actingForAnother(.example(210)), by: .bank(1), .close(210)),
    RejectionExample(.actingForAnother(.example(210)), by: .bank(1), .setTier(210, 1)),
  ]

  static let participants = [
    RejectionExample(.participantUnknown(.example(3)), .suspend(3)),
    RejectionExample(.participantUnknown(.example(3)), .reinstate(3)),
    RejectionExample(.participantUnknown(.example(3)), .freeze(bank: 3)),
    RejectionExample(.participantUnknown(.example(3)), .unfreeze(bank: 3)),
    RejectionExample(.participantUnknown(.example(3)), .register(7, for: .bank(3))),
    RejectionExample(.participantExists(.example(1)), .admit(1)),
    RejectionExample(
      .participantSuspended(.example(1)), after: [(.issuer, .suspend(1))], .suspend(1)),
    RejectionExample(.participantNotSuspended(.example(1)), .reinstate(1)),
  ]

  static let keys = [
    RejectionExample(.keyUnknown(.example(2_001)), .revokeKey(2_001, of: .bank(1))),
    RejectionExample(.keyUnknown(.example(1)), .rotate(1, to: 7, of: .bank(1))),
    RejectionExample(.keyExists(.example(1_002)), .register(1_002, for: .bank(1))),
    RejectionExample(.keyExists(.example(1_002)), .rotate(1_001, to: 1_002, of: .bank(1))),
    RejectionExample(.keyExists(.example(7)), .admit(3, keys: [7, 7], accounts: [])),
    RejectionExample(.keyExists(.example(3)), by: .recovery, .replaceOfficers(7, 3)),
    RejectionExample(
      .keyRevoked(.example(1_001)), after: [(.issuer, .revokeKey(1_001, of: .bank(1)))],
      .revokeKey(1_001, of: .bank(1))),
    RejectionExample(
      .keyRevoked(.example(1_001)), after: [(.issuer, .revokeKey(1_001, of: .bank(1)))],
      .reinstateKey(1_001, of: .bank(1))),
    RejectionExample(
      .keyRevoked(.example(1_001)), after: [(.issuer, .revokeKey(1_001, of: .bank(1)))],
      .rotate(1_001, to: 7, of: .bank(1))),
    RejectionExample(
      .keySuspended(.example(1_001)), after: [(.issuer, .suspendKey(1_001, of: .bank(1)))],
      .suspendKey(1_001, of: .bank(1))),
    RejectionExample(.keyNotSuspended(.example(1_001)), .reinstateKey(1_001, of: .bank(1))),
    RejectionExample(
      .keyValidityEmpty(.example(7)),
      .register(
        7, for: .bank(1), from: .example.moved(seconds: 9), until: .example.moved(seconds: 9))
    ),
    RejectionExample(
      .keyValidityEmpty(.example(7)),
      .register(7, for: .bank(1), from: .example.moved(seconds: -9), until: .example)),
    RejectionExample(
      .keyValidityEmpty(.example(1_001)), by: .bank(1),
      .rotate(1_001, to: 7, of: .bank(1), overlapUntil: .example)),
    RejectionExample(
      .quorumUnreachable(required: 2, left: 1),
      after: [(.issuer, .revokeKey(3, of: .issuer))], .suspendKey(1, of: .issuer)),
    RejectionExample(
      .quorumUnreachable(required: 2, left: 1), by: .recovery, .replaceOfficers(7)),
  ]

  static let accounts = [
    RejectionExample(.currencyUnknown(.xts), by: .bank(1), .open(115, .xts, tier: 1)),
    RejectionExample(
      .currencyUnknown(.xts), .admit(3, keys: [], accounts: [(300, .cny), (301, .xts)])),
    RejectionExample(
      .currencyRepeated(.cny), .admit(3, keys: [], accounts: [(300, .cny), (301, .cny)])),
    RejectionExample(
      .noSettlementAccount(.eur), by: .bank(3),
      after: [(.issuer, .admit(3, keys: [3_001], accounts: [(300, .cny)]))],
      .open(310, .eur, tier: 1)),
    RejectionExample(.accountExists(.example(210)), by: .bank(1), .open(210, tier: 1)),
    RejectionExample(
      .accountExists(.example(300)), .admit(3, keys: [], accounts: [(300, .cny), (300, .eur)])),
    RejectionExample(.accountUnknown(.example(199)), by: .bank(1), .close(199)),
    RejectionExample(
      .accountClosed(.example(111)), by: .bank(1), after: [(.bank(1), .close(111))], .close(111)),
    RejectionExample(.accountKind(.example(100), wanted: .wallet), .freeze(wallet: 100)),
    RejectionExample(.accountKind(.example(1), wanted: .wallet), .freeze(wallet: 1)),
    RejectionExample(
      .tierUnknown(.example(2)), by: .bank(1), after: [(.issuer, .activate(.small))],
      .open(115, tier: 2)),
    RejectionExample(
      .tierUnknown(.example(2)), by: .bank(1), after: [(.issuer, .activate(.small))],
      .setTier(110, 2)),
    RejectionExample(
      .alreadyFrozen, after: [(.issuer, .freeze(wallet: 110))], .freeze(wallet: 110, .accepted)),
    RejectionExample(.alreadyFrozen, after: [(.issuer, .freeze(bank: 1))], .freeze(bank: 1)),
    RejectionExample(.notFrozen, .unfreeze(wallet: 110)),
    RejectionExample(.notFrozen, after: [(.issuer, .freeze(wallet: 110))], .unfreeze(bank: 1)),
    RejectionExample(
      .accountFrozen(.example(111)), by: .bank(1), after: [(.issuer, .freeze(wallet: 111))],
      .close(111)),
    RejectionExample(.balanceNotZero(.example(110)), by: .bank(1), .close(110)),
  ]

  static let money = [
    RejectionExample(.amountZero, by: .bank(1), .pay(110, 210, 0)),
    RejectionExample(
      .amountTooLarge(1_000_000_000_000_000_001), by: .bank(1),
      .pay(110, 210, 1_000_000_000_000_000_001)),
    RejectionExample(.amountTooLarge(.max), .issue(100, .max, reference: 9)),
    RejectionExample(.currencyUnknown(.xts), by: .bank(1), .settle(100, 200, 5, .xts)),
    RejectionExample(.accountUnknown(.example(199)), by: .bank(1), .pay(110, 199, 5)),
    RejectionExample(
      .accountClosed(.example(111)), by: .bank(1), after: [(.bank(1), .close(111))],
      .pay(110, 111, 5)),
    RejectionExample(
      .accountKind(.example(110), wanted: .settlement), .issue(110, 5, reference: 9)),
    RejectionExample(
      .accountKind(.example(100), wanted: .wallet), by: .bank(1), .pay(100, 210, 5)),
    RejectionExample(.currencyMismatch(.example(214), .cny), by: .bank(1), .pay(110, 214, 5)),
    RejectionExample(.sameAccount(.example(110)), by: .bank(1), .pay(110, 110, 5)),
    RejectionExample(
      .tierUnknown(.example(2)), by: .bank(1), after: [(.issuer, .activate(.small))],
      .pay(110, 211, 5)),
    RejectionExample(
      .accountFrozen(.example(110)), by: .bank(1),
      after: [(.issuer, .freeze(wallet: 110, .accepted))], .pay(110, 210, 5)),
    RejectionExample(
      .accountFrozen(.example(210)), by: .bank(1), after: [(.issuer, .freeze(wallet: 210))],
      .pay(110, 210, 5)),
    RejectionExample(
      .accountFrozen(.example(200)), by: .bank(1), after: [(.issuer, .freeze(bank: 2))],
      .settle(100, 200, 5)),
    RejectionExample(
      .accountFrozen(.example(100)), by: .bank(1),
      after: [(.issuer, .freeze(bank: 1, .accepted))], .redeem(100, 5, reference: 9)),
    RejectionExample(.referenceUsed(.example(1)), .issue(100, 5, reference: 1)),
    RejectionExample(
      .referenceUsed(.example(1)), by: .bank(1),
      after: [(.bank(1), .redeem(100, 5, reference: 1))], .redeem(100, 5, reference: 1)),
    RejectionExample(
      .insufficientFunds(
        account: .example(110), available: .example(100), required: .example(101)),
      by: .bank(1), .pay(110, 210, 101)),
    RejectionExample(
      .insufficientFunds(
        account: .example(100), available: .example(900), required: .example(901)),
      by: .bank(1), .redeem(100, 901, reference: 9)),
    RejectionExample(
      .balanceTooLarge(.example(201)), after: nineLargest { _ in 201 },
      .issue(201, 1, .eur, reference: 9)),
    RejectionExample(
      .supplyTooLarge(.eur), after: nineLargest { 101 + $0 % 2 * 100 },
      .issue(101, 1, .eur, reference: 9)),
    RejectionExample(
      .limitExceeded(
        LimitBreach(
          rule: RuleID(unchecked: "payment-max"), account: .example(110), limit: 50, used: 0,
          asked: 51, resets: nil)),
      by: .bank(1), after: [(.issuer, .activate(.small))], .pay(110, 210, 51)),
    RejectionExample(
      .limitExceeded(
        LimitBreach(
          rule: RuleID(unchecked: "day-max"), account: .example(110), limit: 80, used: 50,
          asked: 31,
          // The example's noon in Shanghai, and twelve hours.
          resets: .example.moved(seconds: 12 * 3_600))),
      by: .bank(1),
      after: [(.issuer, .activate(.small)), (.bank(1), .pay(110, 210, 50))], .pay(110, 210, 31)),
  ]

  static let rules = [
    RejectionExample(
      .currencyUnknown(.xts), .activate(.example(currency: .xts, [("a", .day, [1])]))),
    RejectionExample(
      .ruleSetInvalid(.capCount(rule: RuleID(unchecked: "a"), count: 2)),
      .activate(.example([("a", .day, [1, 2])]))),
    RejectionExample(
      .ruleSetNotNewer(active: 1, proposed: 1), after: [(.issuer, .activate(.small))],
      .activate(.small)),
    RejectionExample(
      .clockDisagrees(instant: .example.moved(seconds: 400)),
      .confirmClock(.example.moved(seconds: 400))),
  ]

  /// Nine times the largest amount in EUR, which is the most there may be of a currency.
  static func nineLargest(to account: (Int) -> Int) -> [(Party, Operation)] {
    (0..<9).map { index in
      (
        .issuer,
        .issue(account(index), 1_000_000_000_000_000_000, .eur, reference: 3_000 + index)
      )
    }
  }
}

extension Balance {
  static func example(_ minorUnits: Int64) -> Balance {
    guard let balance = Balance(minorUnits: minorUnits) else {
      preconditionFailure("\(minorUnits) is no balance")
    }
    return balance
  }
}

extension Amount {
  static func example(_ minorUnits: Int64) -> Amount {
    guard let amount = Amount(minorUnits: minorUnits) else {
      preconditionFailure("\(minorUnits) is no amount")
    }
    return amount
  }
}
