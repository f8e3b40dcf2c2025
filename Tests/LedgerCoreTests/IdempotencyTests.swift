import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// The window of ids, and what is remembered.
@Suite struct IdempotencyTests {
  private static let participantHorizon: Int64 = 600_000_000
  private static let officerHorizon: Int64 = 30 * 86_400_000_000

  /// Goal: an id's own time lies within [ledger time − H, ledger time + 60 s], both ends included,
  /// to the microsecond.
  ///
  /// Method: Ids have milliseconds, so ledger time is moved around them by one microsecond.
  @Test(arguments: [Party.bank(1), .issuer])
  func windowIsExact(party: Party) {
    let horizon = party == .issuer ? Self.officerHorizon : Self.participantHorizon
    let tooOld = Outcome.rejected(.idTooOld(horizonMicroseconds: UInt64(horizon)))
    let cases: [(ahead: Int64, outcome: Outcome)] = [
      (horizon - 1, .accepted), (horizon, .accepted), (horizon + 1, tooOld),
      (-60_000_000 + 1, .accepted), (-60_000_000, .accepted),
      (-60_000_000 - 1, .rejected(.idInFuture)),
    ]
    for (ahead, expected) in cases {
      var ledger = ExampleLedger.opened()
      let idTime = ledger.state.time.moved(seconds: 120)
      let id = ledger.freshID(at: idTime)
      #expect(id.time == idTime)
      ledger.state.begin(at: idTime.moved(microseconds: ahead))
      let operation: Operation = party == .issuer ? .suspend(2) : .pay(110, 210, 5)
      let instruction = Instruction(id: id, operation: operation)
      let ids = ledger.state.liveIDCount
      #expect(ledger.order([instruction], by: party) == [expected], "\(ahead) µs")
      #expect(ledger.state.liveIDCount == (expected == .accepted ? ids + 1 : ids))
    }
  }

  /// Goal: an order that comes again is answered by the first, accepted or refused, for as long as
  /// its id is within the window; with other bytes it is refused; neither is remembered anew.
  @Test func answersDuplicatesUntilTheWindowCloses() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let start = ledger.state.time
    let paid = Instruction(id: ledger.freshID(at: start), operation: .pay(110, 210, 5))
    let refused = Instruction(id: ledger.freshID(at: start), operation: .pay(110, 210, 500))
    let notOwn = Instruction(id: ledger.freshID(at: start), operation: .pay(210, 110, 5))
    let other = Instruction(id: paid.id, operation: .pay(110, 210, 6))
    let annotated = Instruction(
      id: paid.id, operation: paid.operation, reference: ClientReference(unchecked: "again"))
    let first = ledger.state.nextSequence.next
    let outcomes = ledger.order([paid, refused, notOwn, paid, other], by: .bank(1))
    #expect(outcomes[0] == .accepted)
    #expect(outcomes[3] == .duplicate(of: first))
    #expect(outcomes[4] == .rejected(.idReused(first: first)))
    let count = ledger.state.liveIDCount

    for ahead in [1, 300_000_000, Self.participantHorizon] as [Int64] {
      let idTime = paid.id.time
      ledger.state.begin(at: idTime.moved(microseconds: ahead))
      let again = ledger.order([paid, refused, notOwn, other, annotated], by: .bank(1))
      #expect(
        again == [
          .duplicate(of: first), .duplicate(of: first.next), .duplicate(of: first.next.next),
          .rejected(.idReused(first: first)), .rejected(.idReused(first: first)),
        ])
    }
    #expect(ledger.state.liveIDCount <= count)
    ledger.state.begin(at: paid.id.time.moved(microseconds: Self.participantHorizon + 1))
    let tooOld = Rejection.idTooOld(horizonMicroseconds: UInt64(Self.participantHorizon))
    #expect(
      ledger.order([paid, refused, other], by: .bank(1)).allSatisfy { $0 == .rejected(tooOld) })
    #expect(ledger.balance(210) == 5)
  }

  /// Goal: the key is (party, id): the same id of another party is another order.
  @Test func partiesDoNotShareIDs() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let id = ledger.freshID(at: ledger.state.time)
    let orders: [(Party, Operation)] = [
      (.bank(1), .setTier(110, 2)), (.bank(2), .setTier(210, 2)), (.issuer, .suspend(2)),
      (.recovery, .replaceOfficers(7, 8)),
    ]
    for (party, operation) in orders {
      #expect(
        ledger.order([Instruction(id: id, operation: operation)], by: party) == [.accepted])
    }
  }

  /// Goal: refusals that leave the id free leave it so, all others do not.
  @Test func onlySomeRefusalsLeaveTheIDFree() {
    let free = RejectionExample.all.map(\.rejection).filter(\.leavesIDFree)
    #expect(Set(free.map(\.code)) == [.notInVersion, .wrongRole, .quorumNotMet])
    #expect(Rejection.idTooOld(horizonMicroseconds: 1).leavesIDFree)
    #expect(Rejection.idInFuture.leavesIDFree)
    #expect(Rejection.idReused(first: .genesis).leavesIDFree)

    var ledger = ExampleLedger.opened()
    ledger.wait()
    let id = ledger.freshID(at: ledger.state.time.moved(seconds: 61))
    let pay = Instruction(id: id, operation: .pay(110, 210, 5))
    #expect(ledger.order([pay], by: .bank(1)) == [.rejected(.idInFuture)])
    ledger.wait(seconds: 2)
    #expect(ledger.order([pay], by: .bank(1)) == [.accepted])
  }

  /// Goal: ids are forgotten, a second after their last chance at the latest, whatever the gap.
  @Test(arguments: [602, 86_400, 31 * 86_400, 400 * 86_400] as [Int64])
  func idsAreForgotten(gapSeconds: Int64) {
    var ledger = ExampleLedger.opened()
    ledger.wait(seconds: 40 * 86_400)
    #expect(ledger.state.liveIDCount == 0)
    for index in 0..<100 {
      #expect(ledger.order(.setTier(110, 1 + index % 3), by: .bank(1)) == .accepted)
      ledger.wait(microseconds: 1_234_567)
    }
    #expect(ledger.state.liveIDCount == 100)
    #expect(ledger.order(.confirmClock(ledger.state.time)) == .accepted)
    ledger.wait(seconds: gapSeconds)
    #expect(ledger.state.liveIDCount == (gapSeconds > 30 * 86_400 ? 0 : 1))
  }

  /// Goal: a party that holds as many ids as are left free is refused whole, another one is not,
  /// and the first is let in once ids have been forgotten.
  @Test func liveIDsFullEnds() {
    let parameters = Parameters(
      participantHorizonMicroseconds: 1_000_000, officerHorizonMicroseconds: 1_000_000,
      liveIDsMax: 1_000)
    var ledger = ExampleLedger.opened(.example(parameters: parameters))
    ledger.wait(seconds: 120)
    #expect(ledger.state.liveIDCount == 0)
    let orders = (0..<500).map { _ in Operation.setTier(110, 2) }
    #expect(ledger.orderAll(orders, by: .bank(1)).allSatisfy { $0 == .accepted })
    let more = Instruction(
      id: ledger.freshID(at: ledger.state.time), operation: .setTier(110, 1))
    let submission = ledger.submission(of: [more], by: .bank(1))
    #expect(ledger.refusal(of: submission) == .liveIDsFull(max: 1_000))
    let others = (0..<250).map { _ in Operation.setTier(210, 2) }
    #expect(ledger.orderAll(others, by: .bank(2)).allSatisfy { $0 == .accepted })
    ledger.wait(seconds: 3)
    #expect(ledger.state.liveIDCount == 0)
    #expect(ledger.order(.setTier(110, 1), by: .bank(1)) == .accepted)
  }
}
