import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

@Suite struct RejectionTests {
  /// The ids, whose examples are in `IdempotencyTests`, what takes thousands of orders, what rule
  /// sets of format 2 bring, whose examples are in `RuleOrderTests`, and certificates.
  static let elsewhere = CertificateTests.codes.union([
    .idTooOld, .idInFuture, .idReused, .participantsFull, .keysFull, .tiersFull, .accountsFull,
    .referencesFull, .limitMemoryFull, .limitUndecidable, .approvalMissing, .ruleSetsFull,
    .ruleSetUnknown, .attributeUnknown, .attributeInvalid, .attributeAboveCeiling, .payeeListed,
    .payeeNotListed, .payeesFull, .eventUnknown, .linkUnchanged,
  ])

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

  /// Goal: a party has 64 keys in force, and then `keys_full`; a revoked or ended one makes room.
  @Test func keysFull() {
    var ledger = ExampleLedger.opened()
    for key in 5_001...5_062 {
      #expect(ledger.order(.register(key, for: .bank(1)), by: .bank(1)) == .accepted)
    }
    let full = Outcome.rejected(.keysFull(.bank(1)))
    #expect(ledger.order(.register(6_000, for: .bank(1)), by: .bank(1)) == full)
    #expect(ledger.order(.rotate(1_001, to: 6_000, of: .bank(1)), by: .bank(1)) == full)
    #expect(ledger.order(.register(6_000, for: .bank(2)), by: .bank(2)) == .accepted)
    // Precedence: a key that is there, or that never begins, says so first.
    #expect(
      ledger.order(.register(1_001, for: .bank(1)), by: .bank(1))
        == .rejected(.keyExists(.example(1_001))))
    #expect(
      ledger.order(.register(7, for: .bank(1), until: .example), by: .bank(1))
        == .rejected(.keyValidityEmpty(.example(7))))
    #expect(ledger.order(.revokeKey(5_001, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.rotate(5_001, to: 7, of: .bank(1)), by: .bank(1))
        == .rejected(.keyRevoked(.example(5_001))))
    let soon = ledger.state.time.moved(seconds: 1)
    #expect(ledger.order(.register(6_000, for: .bank(1), until: soon), by: .bank(1)) == .accepted)
    #expect(ledger.order(.register(6_001, for: .bank(1)), by: .bank(1)) == full)
    ledger.wait(seconds: 1)
    #expect(ledger.order(.register(6_001, for: .bank(1)), by: .bank(1)) == .accepted)
  }

  /// Goal: keys that were once are kept, up to 4,096, so that none comes back.
  @Test func keysEverFull() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    for first in stride(from: 10_000, to: 14_094, by: 62) {
      let keys = first..<min(first + 62, 14_094)
      let orders =
        keys.map { Operation.register($0, for: .bank(1)) }
        + keys.map { Operation.revokeKey($0, of: .bank(1)) }
      #expect(ledger.orderAll(orders, by: .bank(1)).allSatisfy { $0 == .accepted })
    }
    #expect(ledger.state.keys.entries(of: .bank(1)).count == 4_096)
    #expect(
      ledger.order(.register(7, for: .bank(1)), by: .bank(1)) == .rejected(.keysFull(.bank(1))))
    #expect(
      ledger.order(.register(10_000, for: .bank(1)), by: .bank(1))
        == .rejected(.keyExists(.example(10_000))))
  }

  /// Goal: replacing the officers asks for room only for the new ones.
  @Test func keysFullOfOfficers() {
    var ledger = ExampleLedger()
    for key in 0..<61 {
      #expect(ledger.order(.register(5_000 + key, for: .issuer)) == .accepted)
    }
    #expect(ledger.order(.register(7, for: .issuer)) == .rejected(.keysFull(.issuer)))
    let tooMany = Operation.replaceOfficers((7_000...7_064).map { .example($0) })
    #expect(ledger.order(tooMany, by: .recovery) == .rejected(.keysFull(.issuer)))
    let most = Operation.replaceOfficers((7_000...7_063).map { .example($0) })
    #expect(ledger.order(most, by: .recovery) == .accepted)
  }

  /// Goal: where no rules name tiers, each participant has 16 names of its own and then
  /// `tiers_full`; no name of theirs takes the room of a tier that officers activate.
  @Test func tiersFull() {
    var ledger = ExampleLedger.opened()
    let full = Outcome.rejected(.tiersFull)
    // The opening named two, bank 1 both.
    for tier in 3...16 {
      #expect(ledger.order(.setTier(110, tier), by: .bank(1)) == .accepted)
    }
    #expect(ledger.order(.setTier(110, 17), by: .bank(1)) == full)
    #expect(ledger.order(.open(119, tier: 17), by: .bank(1)) == full)
    #expect(ledger.order(.setTier(110, 1), by: .bank(1)) == .accepted)
    // Another participant has a share of its own, and names that are there are free to all.
    #expect(ledger.order(.setTier(210, 17), by: .bank(2)) == .accepted)
    #expect(ledger.order(.setTier(110, 17), by: .bank(1)) == .accepted)
    // Where rules are active, a tier that they do not know is answered first, and there is room for
    // all that they know, whoever has named what.
    #expect(
      ledger.order(
        .activate(
          .example(
            tiers: 64,
            [
              ("a", .onePayment, Array(repeating: 50, count: 64))
            ]))) == .accepted)
    #expect(
      ledger.order(.setTier(110, 9_999), by: .bank(1))
        == .rejected(.tierUnknown(.example(9_999))))
    for tier in 18...64 {
      #expect(ledger.order(.setTier(110, tier), by: .bank(1)) == .accepted)
    }
    #expect(ledger.order(.setTier(114, 65), by: .bank(1)) == full)
    ledger.state.checkInvariants()
  }

  /// Goal: accounts of a participant, and RTGS references of a party, have bounds, which are each
  /// party's own.
  ///
  /// Method: Smaller bounds; those of ``Limits`` would need more memory than a test has.
  @Test func accountsFullAndReferencesFull() {
    let bounds = StateBounds(accountsPerParticipant: 6, rtgsReferencesPerParty: 2)
    var ledger = ExampleLedger.opened(bounds: bounds)
    #expect(ledger.order(.open(115, tier: 1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.close(115), by: .bank(1)) == .accepted)
    #expect(ledger.order(.open(116, tier: 1), by: .bank(1)) == .rejected(.accountsFull(max: 6)))
    #expect(ledger.order(.open(215, tier: 1), by: .bank(2)) == .accepted)

    #expect(ledger.order(.issue(100, 5, reference: 2)) == .accepted)
    #expect(ledger.order(.issue(100, 5, reference: 3)) == .rejected(.referencesFull(max: 2)))
    #expect(
      ledger.order(.issue(100, 5, reference: 2)) == .rejected(.referenceUsed(.example(2))))
    #expect(ledger.order(.redeem(100, 5, reference: 2), by: .bank(1)) == .accepted)
  }

  /// Goal: no party uses up the RTGS references of another.
  @Test func referencesAreEachPartysOwn() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.redeem(100, 1, reference: 7), by: .bank(1)) == .accepted)
    #expect(ledger.order(.issue(200, 5, reference: 7)) == .accepted)
    #expect(ledger.order(.redeem(200, 1, reference: 7), by: .bank(2)) == .accepted)
    for (party, order): (Party, Operation) in [
      (.bank(1), .redeem(100, 1, reference: 7)), (.issuer, .issue(100, 1, reference: 7)),
      (.bank(2), .redeem(200, 1, reference: 7)),
    ] {
      #expect(ledger.order(order, by: party) == .rejected(.referenceUsed(.example(7))))
    }
  }

  /// Goal: wrong books end the process, at once where a running total disagrees.
  @Test func trapOnWrongBooks() async {
    await #expect(processExitsWith: .failure) {
      var ledger = ExampleLedger.opened()
      ledger.state.tamper(with: 0, balance: .zero)
      ledger.state.checkTotals()
    }
    await #expect(processExitsWith: .failure) {
      var ledger = ExampleLedger.opened()
      if let slot = ledger.state.slot(of: .example(110)) {
        ledger.state.tamper(with: slot, balance: .example(101))
        // This sum is kept apart, and does not see it.
        ledger.state.checkTotals()
        ledger.state.checkInvariants()
      }
    }
    await #expect(processExitsWith: .success) {
      var ledger = ExampleLedger.opened()
      if let slot = ledger.state.slot(of: .example(110)) {
        ledger.state.tamper(with: slot, balance: .example(101))
        ledger.state.checkTotals()
        ledger.state.tamper(with: slot, balance: .example(100))
      }
      ledger.state.checkTotals()
      ledger.state.checkInvariants()
    }
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
      ledger.order(.admit(70_000, keys: [900], accounts: [])) == .rejected(.participantsFull))
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
