import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// One order for which two rejections hold at once.
struct PrecedenceExample: Sendable, CustomTestStringConvertible {
  let first: RejectionCode
  let second: RejectionCode
  let party: Party
  let before: [(party: Party, operation: Operation)]
  let operation: Operation
  let signers: [Int]?

  init(
    _ first: RejectionCode, _ second: RejectionCode, by party: Party = .bank(1),
    signers: [Int]? = nil, after before: [(Party, Operation)] = [], _ operation: Operation
  ) {
    self.first = first
    self.second = second
    self.party = party
    self.before = before
    self.operation = operation
    self.signers = signers
  }

  var testDescription: String {
    "\(first.rawValue) before \(second.rawValue) to \(operation.name)"
  }
}

@Suite struct PrecedenceTests {
  /// Goal: of all rejections that hold, the one declared first is the answer.
  ///
  /// Method: For each operation, each two neighbours among its rejections that can hold at once.
  /// The reference says that both do; the differential test has the pairs further apart.
  @Test(arguments: PrecedenceExample.all)
  func declaredFirstIsAnswered(_ example: PrecedenceExample) {
    var maker = ExampleLedger()
    var twins = TwinLedgers(genesis: .example())
    var time = LedgerTime.example
    func send(_ operation: Operation, by party: Party, signers: [Int]? = nil) {
      time = time.moved(microseconds: 1_000)
      twins.begin(at: time)
      let instruction = Instruction(id: maker.freshID(at: time), operation: operation)
      twins.run(
        maker.submission(
          of: [instruction], by: party, signers: signers, expiry: time.moved(seconds: 1)))
    }
    for (party, operation) in ExampleLedger.openingOrders + example.before {
      send(operation, by: party)
    }
    #expect(twins.acceptedCount == ExampleLedger.openingOrders.count + example.before.count)
    #expect(twins.pairs.isEmpty)
    send(example.operation, by: example.party, signers: example.signers)
    #expect(twins.differences == [])
    #expect(twins.pairs.contains([example.first, example.second]), "\(twins.pairs)")
  }

  /// Goal: the id is asked first: an order that nobody may give, under an id out of its window or
  /// used before, is answered by the id.
  @Test func idsComeBeforeAuthority() {
    var ledger = ExampleLedger.opened()
    let id = ledger.freshID(at: ledger.state.time)
    #expect(ledger.order(.suspend(1), id: id) == .accepted)
    let used = ledger.state.nextSequence.value - 1
    let old = ledger.freshID(at: ledger.state.time.moved(seconds: -40 * 86_400))
    let future = ledger.freshID(at: ledger.state.time.moved(seconds: 90))
    #expect(
      ledger.order(.pay(1, 1, 0), id: old)
        == .rejected(.idTooOld(horizonMicroseconds: 30 * 86_400_000_000)))
    #expect(ledger.order(.pay(1, 1, 0), id: future) == .rejected(.idInFuture))
    #expect(
      ledger.order(.pay(1, 1, 0), id: id) == .rejected(.idReused(first: SequenceNumber(used))))
  }
}

extension PrecedenceExample {
  static let all: [PrecedenceExample] = admissions + keys + accounts + issuance + payments + rules

  static let admissions = [
    PrecedenceExample(
      .wrongRole, .participantSuspended, after: [(.issuer, .suspend(1))], .suspend(2)),
    PrecedenceExample(.wrongRole, .participantExists, .admit(2)),
    PrecedenceExample(.quorumNotMet, .participantUnknown, by: .issuer, signers: [1], .reinstate(3)),
    PrecedenceExample(.quorumNotMet, .participantExists, by: .issuer, signers: [1], .admit(1)),
    PrecedenceExample(
      .participantExists, .keyExists, by: .issuer, .admit(1, keys: [1_001], accounts: [])),
    PrecedenceExample(
      .keyExists, .currencyUnknown, by: .issuer, .admit(3, keys: [900], accounts: [(300, .xts)])),
    // The later account's fault comes first, because the order is that of the rejections.
    PrecedenceExample(
      .currencyUnknown, .currencyRepeated, by: .issuer,
      .admit(3, keys: [7], accounts: [(300, .cny), (301, .cny), (302, .xts)])),
    PrecedenceExample(
      .currencyRepeated, .accountExists, by: .issuer,
      .admit(3, keys: [7], accounts: [(100, .cny), (301, .cny)])),
    PrecedenceExample(
      .currencyUnknown, .accountExists, by: .issuer,
      .admit(3, keys: [7], accounts: [(100, .cny), (301, .xts)])),
  ]

  static let keys = [
    PrecedenceExample(
      .quorumNotMet, .participantUnknown, by: .issuer, signers: [1], .register(7, for: .bank(3))),
    PrecedenceExample(
      .participantSuspended, .keyExists, after: [(.issuer, .suspend(1))],
      .register(1_001, for: .bank(1))),
    PrecedenceExample(
      .participantUnknown, .keyExists, by: .issuer, .register(900, for: .bank(3))),
    PrecedenceExample(
      .participantUnknown, .keyUnknown, by: .issuer, .rotate(1, to: 7, of: .bank(3))),
    PrecedenceExample(
      .participantUnknown, .keyUnknown, by: .issuer, .revokeKey(55, of: .bank(3))),
    PrecedenceExample(.keyUnknown, .keyExists, .rotate(1, to: 1_001, of: .bank(1))),
    PrecedenceExample(
      .keyExists, .keyRevoked, after: [(.bank(1), .revokeKey(1_002, of: .bank(1)))],
      .rotate(1_002, to: 1_001, of: .bank(1))),
    PrecedenceExample(
      .keyExists, .keyValidityEmpty, .register(1_001, for: .bank(1), until: .example)),
    PrecedenceExample(
      .keyRevoked, .keyValidityEmpty, after: [(.bank(1), .revokeKey(1_002, of: .bank(1)))],
      .rotate(1_002, to: 7, of: .bank(1), overlapUntil: .example)),
    PrecedenceExample(
      .keyRevoked, .keyNotSuspended, by: .issuer,
      after: [(.bank(1), .revokeKey(1_002, of: .bank(1)))], .reinstateKey(1_002, of: .bank(1))),
    PrecedenceExample(
      .keyExists, .quorumUnreachable, by: .recovery, .replaceOfficers(1)),
  ]

  static let accounts = [
    PrecedenceExample(.wrongRole, .currencyUnknown, by: .issuer, .open(110, .xts, tier: 1)),
    PrecedenceExample(
      .participantSuspended, .currencyUnknown, after: [(.issuer, .suspend(1))],
      .open(110, .xts, tier: 1)),
    PrecedenceExample(.currencyUnknown, .accountExists, .open(110, .xts, tier: 1)),
    PrecedenceExample(
      .noSettlementAccount, .accountExists, by: .bank(3),
      after: [(.issuer, .admit(3, keys: [3_001], accounts: [(300, .cny)]))],
      .open(110, .eur, tier: 1)),
    PrecedenceExample(
      .accountExists, .tierUnknown, after: [(.issuer, .activate(.small))], .open(110, tier: 2)),
    PrecedenceExample(
      .participantSuspended, .actingForAnother, after: [(.issuer, .suspend(1))], .close(210)),
    PrecedenceExample(
      .actingForAnother, .accountClosed, after: [(.bank(2), .close(211))], .setTier(211, 1)),
    PrecedenceExample(.actingForAnother, .accountKind, .close(200)),
    PrecedenceExample(
      .accountClosed, .tierUnknown,
      after: [(.bank(1), .close(111)), (.issuer, .activate(.small))], .setTier(111, 2)),
    PrecedenceExample(
      .accountKind, .tierUnknown, after: [(.issuer, .activate(.small))], .setTier(100, 2)),
    PrecedenceExample(
      .actingForAnother, .accountFrozen, after: [(.issuer, .freeze(wallet: 210))], .close(210)),
    PrecedenceExample(
      .accountFrozen, .balanceNotZero, after: [(.issuer, .freeze(wallet: 110))], .close(110)),
    PrecedenceExample(
      .quorumNotMet, .participantUnknown, by: .issuer, signers: [1], .freeze(bank: 3)),
    PrecedenceExample(.participantUnknown, .notFrozen, by: .issuer, .unfreeze(bank: 3)),
    PrecedenceExample(.accountUnknown, .notFrozen, by: .issuer, .unfreeze(wallet: 199)),
    PrecedenceExample(
      .accountClosed, .notFrozen, by: .issuer, after: [(.bank(1), .close(111))],
      .unfreeze(wallet: 111)),
    PrecedenceExample(.accountKind, .notFrozen, by: .issuer, .unfreeze(wallet: 100)),
  ]

  static let issuance = [
    PrecedenceExample(.wrongRole, .amountZero, .issue(100, 0, reference: 9)),
    PrecedenceExample(
      .quorumNotMet, .amountZero, by: .issuer, signers: [1], .issue(100, 0, reference: 9)),
    PrecedenceExample(
      .amountZero, .currencyUnknown, by: .issuer, .issue(100, 0, .xts, reference: 9)),
    PrecedenceExample(
      .amountTooLarge, .currencyUnknown, by: .issuer, .issue(100, .max, .xts, reference: 9)),
    PrecedenceExample(
      .currencyUnknown, .accountUnknown, by: .issuer, .issue(199, 1, .xts, reference: 9)),
    PrecedenceExample(.accountUnknown, .referenceUsed, by: .issuer, .issue(199, 1, reference: 1)),
    PrecedenceExample(
      .accountClosed, .accountKind, by: .issuer, after: [(.bank(1), .close(111))],
      .issue(111, 1, reference: 9)),
    PrecedenceExample(
      .accountKind, .currencyMismatch, by: .issuer, .issue(114, 1, reference: 9)),
    PrecedenceExample(
      .currencyMismatch, .accountFrozen, by: .issuer, after: [(.issuer, .freeze(bank: 1))],
      .issue(101, 1, reference: 9)),
    PrecedenceExample(
      .accountFrozen, .referenceUsed, by: .issuer, after: [(.issuer, .freeze(bank: 1))],
      .issue(100, 1, reference: 1)),
    PrecedenceExample(
      .referenceUsed, .balanceTooLarge, by: .issuer,
      after: RejectionExample.nineLargest { _ in 201 }, .issue(201, 1, .eur, reference: 1)),
    PrecedenceExample(
      .balanceTooLarge, .supplyTooLarge, by: .issuer,
      after: RejectionExample.nineLargest { _ in 201 }, .issue(201, 1, .eur, reference: 9)),
    PrecedenceExample(.actingForAnother, .amountZero, .redeem(200, 0, reference: 9)),
    PrecedenceExample(
      .accountFrozen, .referenceUsed,
      after: [(.bank(1), .redeem(100, 1, reference: 1)), (.issuer, .freeze(bank: 1))],
      .redeem(100, 1, reference: 1)),
    PrecedenceExample(
      .referenceUsed, .insufficientFunds, after: [(.bank(1), .redeem(100, 1, reference: 1))],
      .redeem(100, 5_000, reference: 1)),
  ]

  static let payments = [
    PrecedenceExample(
      .participantSuspended, .actingForAnother, after: [(.issuer, .suspend(1))], .pay(210, 110, 1)),
    PrecedenceExample(.actingForAnother, .amountZero, .pay(210, 110, 0)),
    PrecedenceExample(.actingForAnother, .amountTooLarge, .fund(100, 210, .max)),
    PrecedenceExample(.amountZero, .currencyUnknown, .pay(110, 210, 0, .xts)),
    PrecedenceExample(.amountTooLarge, .currencyUnknown, .settle(100, 200, .max, .xts)),
    PrecedenceExample(.currencyUnknown, .accountUnknown, .pay(110, 199, 1, .xts)),
    // Payer and payee are asked each question together.
    PrecedenceExample(
      .accountUnknown, .accountClosed, after: [(.bank(1), .close(111))], .pay(111, 199, 1)),
    PrecedenceExample(.accountUnknown, .accountKind, .pay(100, 199, 1)),
    PrecedenceExample(.accountUnknown, .currencyMismatch, .pay(114, 199, 1)),
    PrecedenceExample(
      .accountClosed, .accountKind, after: [(.bank(1), .close(111))], .pay(100, 111, 1)),
    PrecedenceExample(.accountKind, .currencyMismatch, .pay(114, 200, 1)),
    PrecedenceExample(.accountKind, .sameAccount, .fund(100, 100, 1)),
    PrecedenceExample(.currencyMismatch, .sameAccount, .pay(114, 114, 1)),
    PrecedenceExample(
      .sameAccount, .tierUnknown, after: [(.issuer, .activate(.small))], .pay(111, 111, 1)),
    PrecedenceExample(
      .tierUnknown, .accountFrozen,
      after: [(.issuer, .activate(.small)), (.issuer, .freeze(wallet: 111))], .pay(111, 110, 1)),
    PrecedenceExample(
      .tierUnknown, .insufficientFunds, after: [(.issuer, .activate(.small))], .pay(111, 110, 1)),
    PrecedenceExample(
      .tierUnknown, .limitExceeded, after: [(.issuer, .activate(.small))], .pay(110, 211, 60)),
    PrecedenceExample(
      .accountFrozen, .insufficientFunds, after: [(.issuer, .freeze(wallet: 210))],
      .pay(110, 210, 101)),
    PrecedenceExample(
      .insufficientFunds, .limitExceeded, after: [(.issuer, .activate(.small))],
      .pay(110, 210, 101)),
  ]

  static let rules = [
    PrecedenceExample(.wrongRole, .clockDisagrees, .confirmClock(.example.moved(seconds: 400))),
    PrecedenceExample(
      .quorumNotMet, .currencyUnknown, by: .issuer, signers: [2],
      .activate(.example(currency: .xts, [("a", .day, [1])]))),
    PrecedenceExample(
      .currencyUnknown, .ruleSetInvalid, by: .issuer,
      .activate(.example(currency: .xts, [("a", .day, [])]))),
    PrecedenceExample(
      .ruleSetInvalid, .ruleSetNotNewer, by: .issuer, after: [(.issuer, .activate(.small))],
      .activate(.example([("a", .day, [])]))),
    PrecedenceExample(
      .quorumNotMet, .ruleSetNotNewer, by: .issuer, signers: [2],
      after: [(.issuer, .activate(.small))], .activate(.small)),
  ]
}
