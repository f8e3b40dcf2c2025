import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// Who may order what, and with how many signatures.
@Suite struct QuorumTests {
  /// Goal: what is urgent takes one officer: a participant, a participant's key, his own key.
  @Test func oneOfficerSuspends() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.suspend(1), signers: [3]) == .accepted)
    #expect(ledger.order(.suspendKey(2_001, of: .bank(2)), signers: [2]) == .accepted)
    #expect(ledger.order(.suspendKey(3, of: .issuer), signers: [3]) == .accepted)
    #expect(ledger.state.participant(.example(1))?.isSuspended == true)
    #expect(ledger.state.keys.entry(.example(2_001), of: .bank(2))?.standing == .suspended)
    #expect(ledger.state.keys.entry(.example(3), of: .issuer)?.standing == .suspended)
  }

  /// Goal: an officer who signs the suspension of his own key may have others sign with him.
  @Test func moreSignaturesNeverHaveLessAuthority() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.suspendKey(1, of: .issuer), signers: [1, 2]) == .accepted)
  }

  /// Goal: another officer's key takes the quorum, in which that key does not count.
  @Test func anotherOfficersKeyTakesTheQuorum() {
    var ledger = ExampleLedger.opened()
    let notMet = Outcome.rejected(.quorumNotMet(required: 2, signed: 1))
    #expect(ledger.order(.suspendKey(3, of: .issuer), signers: [1]) == notMet)
    #expect(ledger.order(.revokeKey(3, of: .issuer), signers: [1, 3]) == notMet)
    #expect(
      ledger.order(.revokeKey(3, of: .issuer), signers: [3])
        == .rejected(.quorumNotMet(required: 2, signed: 0)))
    #expect(ledger.order(.suspendKey(3, of: .issuer), signers: [1, 2]) == .accepted)
    #expect(ledger.order(.revokeKey(3, of: .issuer), signers: [1, 2]) == .accepted)
  }

  /// Goal: lifting takes the quorum, whoever suspended, and the key lifted does not count even in
  /// the submission that suspended it.
  @Test func liftingTakesTheQuorum() {
    var ledger = ExampleLedger.opened()
    let notMet = Outcome.rejected(.quorumNotMet(required: 2, signed: 1))
    #expect(ledger.order(.suspend(1), signers: [3]) == .accepted)
    #expect(ledger.order(.reinstate(1), signers: [3]) == notMet)
    #expect(ledger.order(.reinstate(1), signers: [2, 3]) == .accepted)

    #expect(ledger.order(.suspendKey(1_001, of: .bank(1)), signers: [3]) == .accepted)
    #expect(ledger.order(.reinstateKey(1_001, of: .bank(1)), signers: [3]) == notMet)
    #expect(ledger.order(.reinstateKey(1_001, of: .bank(1)), signers: [1, 2]) == .accepted)

    #expect(ledger.order(.suspendKey(3, of: .issuer), signers: [3]) == .accepted)
    #expect(ledger.order(.reinstateKey(3, of: .issuer), signers: [1]) == notMet)
    #expect(ledger.order(.reinstateKey(3, of: .issuer), signers: [1, 2]) == .accepted)

    ledger.wait()
    let both = [Operation.suspendKey(3, of: .issuer), .reinstateKey(3, of: .issuer)].map {
      Instruction(id: ledger.freshID(at: ledger.state.time), operation: $0)
    }
    #expect(ledger.order(both, signers: [2, 3]) == [.accepted, notMet])
  }

  /// Goal: a participant orders about its own keys alone, but does not lift their suspension.
  @Test func participantsOrderAboutTheirOwnKeys() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.register(7, for: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.rotate(7, to: 8, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.suspendKey(1_002, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.reinstateKey(1_002, of: .bank(1)), by: .bank(1))
        == .rejected(.wrongRole(operation: "reinstate-key", party: "bank-1")))
    #expect(ledger.order(.revokeKey(1_001, of: .bank(1)), by: .bank(1)) == .accepted)
    // Even its last key: officers register another.
    #expect(
      ledger.order(.revokeKey(8, of: .bank(1)), by: .bank(1), signers: [8]) == .accepted)
    #expect(
      ledger.order(.register(9, for: .bank(1)), signers: [1])
        == .rejected(
          .quorumNotMet(required: 2, signed: 1)))
    #expect(ledger.order(.register(9, for: .bank(1)), signers: [1, 2]) == .accepted)
    #expect(ledger.order(.close(111), by: .bank(1), signers: [9]) == .accepted)
  }

  /// Goal: no change leaves a quorum out of reach, counting keys that can still act.
  @Test func quorumsStayInReach() {
    let quorums = Quorums(participants: 1, keys: 2, issuance: 2, freezes: 1, rules: 1, recovery: 3)
    var ledger = ExampleLedger(.example(quorums: quorums))
    let unreachable = Outcome.rejected(.quorumUnreachable(required: 2, left: 1))
    #expect(ledger.order(.suspendKey(3, of: .issuer), signers: [3]) == .accepted)
    #expect(ledger.order(.suspendKey(1, of: .issuer), signers: [1]) == unreachable)
    // A suspended key can go: two others are left.
    #expect(ledger.order(.revokeKey(3, of: .issuer)) == .accepted)
    // Another key makes room, but for one that ends, or is not valid yet: time alone would break
    // the quorum, or has not made it.
    let later = ledger.state.time.moved(seconds: 5)
    #expect(ledger.order(.register(4, for: .issuer, until: later)) == .accepted)
    #expect(ledger.order(.register(6, for: .issuer, from: later)) == .accepted)
    #expect(ledger.order(.revokeKey(1, of: .issuer), signers: [2, 4]) == unreachable)
    ledger.wait(seconds: 5)
    #expect(ledger.order(.revokeKey(1, of: .issuer), signers: [2, 6]) == .accepted)
    #expect(
      ledger.order(.revokeKey(2, of: .issuer), signers: [2, 6])
        == .rejected(
          .quorumNotMet(required: 2, signed: 1)))
    #expect(ledger.order(.rotate(2, to: 5, of: .issuer), signers: [2, 6]) == .accepted)
    #expect(ledger.order(.suspendKey(5, of: .issuer), signers: [5]) == unreachable)
    // Recovery keys have a quorum of their own.
    #expect(
      ledger.order(.suspendKey(101, of: .recovery), by: .recovery, signers: [101])
        == .rejected(.quorumUnreachable(required: 3, left: 2)))
  }

  /// Goal: recovery replaces all officers under its quorum, orders about its own keys, and nothing
  /// else.
  @Test func recoveryReplacesOfficersAndNothingElse() {
    var ledger = ExampleLedger.opened()
    #expect(
      ledger.order(.replaceOfficers(7, 8), by: .recovery, signers: [101])
        == .rejected(.quorumNotMet(required: 2, signed: 1)))
    #expect(ledger.order(.replaceOfficers(7, 8), by: .recovery) == .accepted)
    let old = ledger.submission(of: [], signers: [1, 2])
    #expect(ledger.refusal(of: old) == .keyRevoked(.example(1)))
    #expect(ledger.order(.issue(100, 5, reference: 9), signers: [7, 8]) == .accepted)

    for operation in [
      Operation.admit(3), .suspend(1), .issue(100, 5, reference: 10), .open(7, tier: 1),
      .register(9, for: .issuer), .suspendKey(7, of: .issuer), .suspendKey(1_001, of: .bank(1)),
      .freeze(bank: 1), .activate(.small), .confirmClock(.example), .pay(110, 210, 1),
    ] {
      #expect(
        ledger.order(operation, by: .recovery)
          == .rejected(.wrongRole(operation: operation.name, party: "recovery")))
    }
    #expect(ledger.order(.register(104, for: .recovery), by: .recovery) == .accepted)
    #expect(
      ledger.order(.suspendKey(104, of: .recovery), by: .recovery, signers: [104]) == .accepted)
    #expect(
      ledger.order(.register(105, for: .recovery), signers: [7, 8])
        == .rejected(.wrongRole(operation: "register-key", party: "issuer")))
  }

  /// Goal: each quorum of genesis is asked for what it is for, no more and no less.
  @Test func eachOperationHasItsQuorum() {
    let quorums = Quorums(participants: 2, keys: 6, issuance: 3, freezes: 4, rules: 5, recovery: 2)
    var ledger = ExampleLedger(.example(officers: 6, quorums: quorums))
    #expect(ledger.order(.admit(1), signers: [1, 2]) == .accepted)
    #expect(ledger.order(.open(110, tier: 1), by: .bank(1)) == .accepted)
    let needed: [(Operation, Int)] = [
      (.admit(2), 2), (.reinstate(1), 2), (.register(7, for: .bank(1)), 6),
      (.rotate(1_001, to: 8, of: .bank(1)), 6), (.revokeKey(1_002, of: .bank(1)), 6),
      (.reinstateKey(1_001, of: .bank(1)), 6), (.issue(100, 5, reference: 1), 3),
      (.freeze(wallet: 110), 4), (.unfreeze(wallet: 110), 4), (.activate(.small), 5),
    ]
    #expect(ledger.order(.suspend(1), signers: [6]) == .accepted)
    #expect(ledger.order(.suspendKey(1_001, of: .bank(1)), signers: [6]) == .accepted)
    for (operation, quorum) in needed {
      #expect(
        ledger.order(operation, signers: Array(1..<quorum))
          == .rejected(.quorumNotMet(required: quorum, signed: quorum - 1)))
      #expect(ledger.order(operation, signers: Array(1...quorum)) == .accepted, "\(operation)")
    }
  }

  /// Goal: a quorum that was not met costs nothing: the same order, signed by enough, goes
  /// through.
  @Test func quorumNotMetLeavesTheIDFree() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let issue = Instruction(
      id: ledger.freshID(at: ledger.state.time), operation: .issue(100, 5, reference: 9))
    let ids = ledger.state.liveIDCount
    // In one batch, under one statement: with more signers it is another submission.
    let early = ledger.order([issue], signers: [1])
    #expect(early == [.rejected(.quorumNotMet(required: 2, signed: 1))])
    #expect(ledger.state.liveIDCount == ids)
    #expect(ledger.order([issue], signers: [1, 2]) == [.accepted])
    #expect(ledger.state.liveIDCount == ids + 1)
    let first = ledger.state.nextSequence.value - 1
    #expect(ledger.order([issue], signers: [1, 2, 3]) == [.duplicate(of: SequenceNumber(first))])
    #expect(ledger.balance(100) == 905)
  }

  /// Goal: a lone signature, or another party, never burns the id of an order that a quorum signs.
  @Test func wrongRoleLeavesTheIDFree() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let issue = Instruction(
      id: ledger.freshID(at: ledger.state.time), operation: .issue(100, 5, reference: 9))
    let early = Instruction(id: issue.id, operation: .pay(110, 210, 5))
    #expect(
      ledger.order([early], signers: [1])
        == [.rejected(.wrongRole(operation: "pay", party: "issuer"))])
    #expect(ledger.order([issue]) == [.accepted])
  }

  /// Goal: a key belongs to as many parties as register it, so that none is hindered; the log's
  /// key belongs to none.
  @Test func partiesHaveKeysOfTheirOwn() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.register(2_001, for: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.register(1, for: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.revokeKey(2_001, of: .bank(2)), by: .bank(2)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1), signers: [2_001]) == .accepted)
    let other = ledger.submission(of: [], by: .bank(2))
    #expect(ledger.refusal(of: other) == .keyRevoked(.example(2_001)))
    for order: (Party, Operation) in [
      (.bank(1), .register(900, for: .bank(1))), (.bank(1), .rotate(1, to: 900, of: .bank(1))),
      (.issuer, .admit(3, keys: [900], accounts: [])), (.recovery, .replaceOfficers(7, 900)),
    ] {
      #expect(ledger.order(order.1, by: order.0) == .rejected(.keyExists(.example(900))))
    }
  }

  /// Goal: signatures are tried with the keys that may act before those that may not.
  @Test func candidatesThatMayActComeFirst() {
    var ledger = ExampleLedger.opened()
    #expect(ledger.order(.register(7, for: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.revokeKey(1_001, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(
      ledger.order(.suspendKey(1_002, of: .bank(1)), by: .bank(1), signers: [7]) == .accepted)
    #expect(
      ledger.state.keys.candidates(of: .bank(1), at: ledger.state.time)
        == [.example(7), .example(1_001), .example(1_002)])
    #expect(ledger.state.keys.candidates(of: .bank(9), at: ledger.state.time) == [])
  }

  /// Goal: key status is decided as a submission is let in, before its first instruction.
  @Test func signersAreDecidedOnceASubmission() {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let orders: [Operation] = [
      .revokeKey(1_001, of: .bank(1)), .pay(110, 210, 5), .suspendKey(1_002, of: .bank(1)),
    ]
    let instructions = orders.map {
      Instruction(id: ledger.freshID(at: ledger.state.time), operation: $0)
    }
    #expect(ledger.order(instructions, by: .bank(1)) == [.accepted, .accepted, .accepted])
    let next = ledger.submission(of: [], by: .bank(1))
    #expect(ledger.refusal(of: next) == .keyRevoked(.example(1_001)))
  }
}
