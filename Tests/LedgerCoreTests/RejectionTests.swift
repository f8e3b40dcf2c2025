import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

@Suite struct RejectionTests {
  /// The ids, whose examples are in `IdempotencyTests`, and what takes thousands of orders.
  static let elsewhere: Set<RejectionCode> = [
    .idTooOld, .idInFuture, .idReused, .participantsFull, .keysFull, .tiersFull,
  ]

  /// Goal: each rejection is given where it should be, with the payload that a reader needs.
  ///
  /// Method: Hand-picked orders to one opened ledger.
  @Test(arguments: RejectionExample.all)
  func isGiven(_ example: RejectionExample) {
    var ledger = ExampleLedger.opened()
    for (party, operation) in example.before {
      #expect(ledger.order(operation, by: party) == .accepted)
    }
    let before = PublicState(of: ledger.state)
    let outcome = ledger.order(example.operation, by: example.party, signers: example.signers)
    #expect(outcome == .rejected(example.rejection))
    let after = PublicState(of: ledger.state)
    #expect(after.accounts == before.accounts)
    #expect(after.participants == before.participants)
    #expect(after.keys == before.keys)
    ledger.state.checkInvariants()
  }

  /// Goal: no rejection is without a test.
  ///
  /// Method: Every code against the examples' codes and the tests below, each named for its code.
  @Test func everyCodeIsProvoked() {
    let provoked = Set(RejectionExample.all.map(\.rejection.code)).union(Self.elsewhere)
    #expect(Set(RejectionCode.allCases).subtracting(provoked) == [])
    #expect(Self.elsewhere.isDisjoint(with: RejectionExample.all.map(\.rejection.code)))
  }

  /// Goal: a party has 64 keys, revoked ones included, and then `keys_full`.
  @Test func keysFull() {
    var ledger = ExampleLedger.opened()
    for key in 5_001...5_062 {
      #expect(ledger.order(.register(key, for: .bank(1)), by: .bank(1)) == .accepted)
    }
    #expect(ledger.order(.revokeKey(5_001, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.register(6_000, for: .bank(1)), by: .bank(1))
        == .rejected(.keysFull(.bank(1))))
    #expect(
      ledger.order(.rotate(1_001, to: 6_000, of: .bank(1)), by: .bank(1))
        == .rejected(.keysFull(.bank(1))))
    #expect(ledger.order(.register(6_000, for: .bank(2)), by: .bank(2)) == .accepted)
    // Precedence: a key that is there, or that never begins, says so first.
    #expect(
      ledger.order(.register(1_001, for: .bank(1)), by: .bank(1))
        == .rejected(.keyExists(.example(1_001))))
    #expect(
      ledger.order(.register(7, for: .bank(1), until: .example), by: .bank(1))
        == .rejected(.keyValidityEmpty(.example(7))))
    #expect(
      ledger.order(.rotate(5_001, to: 7, of: .bank(1)), by: .bank(1))
        == .rejected(.keyRevoked(.example(5_001))))
  }

  /// Goal: the officers' 64 keys bound how often all can be replaced.
  @Test func keysFullOfOfficers() {
    var ledger = ExampleLedger()
    for key in 0..<61 {
      #expect(ledger.order(.register(5_000 + key, for: .issuer)) == .accepted)
    }
    // Both hold; the one declared first is the answer.
    #expect(
      ledger.order(.replaceOfficers(7), by: .recovery) == .rejected(.keysFull(.issuer)))
  }

  /// Goal: a ledger names 4,096 tiers and then answers `tiers_full`; known ones stay usable.
  @Test func tiersFull() {
    var ledger = ExampleLedger.opened()
    let first = ledger.state.tiers.count
    ledger.wait()
    let orders: [Operation] = (first..<4_096).map { .setTier(110, 10 + $0) }
    let outcomes = ledger.orderAll(orders, by: .bank(1))
    #expect(outcomes.allSatisfy { $0 == .accepted })
    #expect(ledger.state.tiers.count == 4_096)
    #expect(ledger.order(.setTier(110, 9_999), by: .bank(1)) == .rejected(.tiersFull))
    #expect(ledger.order(.open(119, tier: 9_999), by: .bank(1)) == .rejected(.tiersFull))
    #expect(ledger.order(.setTier(110, 1), by: .bank(1)) == .accepted)
    // Where rules are active, a tier that they do not know is answered first.
    #expect(ledger.order(.activate(.small)) == .accepted)
    #expect(
      ledger.order(.setTier(110, 9_999), by: .bank(1))
        == .rejected(.tierUnknown(.example(9_999))))
    ledger.state.checkInvariants()
  }

  /// Goal: a ledger has 65,536 participants and then answers `participants_full`.
  @Test func participantsFull() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let orders: [Operation] = (3...65_536).map { .admit($0, keys: [], accounts: []) }
    let outcomes = ledger.orderAll(orders, by: .issuer)
    #expect(outcomes.allSatisfy { $0 == .accepted })
    #expect(ledger.state.participants.count == 65_536)
    #expect(
      ledger.order(.admit(70_000, keys: [], accounts: [])) == .rejected(.participantsFull))
    // Between its neighbours in precedence: one that exists says so, and a key that does comes
    // later.
    #expect(
      ledger.order(.admit(9, keys: [], accounts: [])) == .rejected(.participantExists(.example(9))))
    #expect(
      ledger.order(.admit(70_000, keys: [1], accounts: [])) == .rejected(.participantsFull))
  }
}

extension ExampleLedger {
  /// Orders in submissions of the largest size, within the batch at hand.
  mutating func orderAll(_ operations: [Operation], by party: Party) -> [Outcome] {
    var outcomes: [Outcome] = []
    var rest = operations[...]
    while !rest.isEmpty {
      let instructions = rest.prefix(Limits.instructionsPerSubmissionMax).map {
        Instruction(id: freshID(at: state.time), operation: $0)
      }
      outcomes += order(instructions, by: party)
      rest = rest.dropFirst(instructions.count)
    }
    return outcomes
  }
}
