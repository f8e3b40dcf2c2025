import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// What is let in, and what is dropped whole.
@Suite struct SubmissionTests {
  /// Goal: each refusal is given at its exact edge, in order of precedence, and changes nothing.
  @Test func everyRefusalIsProvoked() {
    let genesis = Genesis.example(
      parameters: Parameters(
        participantHorizonMicroseconds: 600_000_000, officerHorizonMicroseconds: 86_400_000_000,
        liveIDsMax: 1_000))
    var ledger = ExampleLedger.opened(genesis)
    let soon = ledger.state.time.moved(seconds: 30)
    let later = ledger.state.time.moved(seconds: 60)
    #expect(ledger.order(.register(7, for: .bank(1), until: soon), by: .bank(1)) == .accepted)
    #expect(ledger.order(.register(8, for: .bank(1), from: later), by: .bank(1)) == .accepted)
    #expect(ledger.order(.suspendKey(1_002, of: .bank(1)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.revokeKey(2_001, of: .bank(2)), by: .bank(2)) == .accepted)
    ledger.wait(seconds: 0)
    let now = ledger.state.time
    let tooFar = now.moved(seconds: 600, microseconds: 1)
    let other = LedgerID(.example(2))
    var seen: Set<String> = []

    func refusal(
      _ party: Party, _ signers: [Int], ledger id: LedgerID = .example, expiry: LedgerTime? = nil
    ) -> SubmissionRefusal? {
      let before = PublicState(of: ledger.state)
      let submission = ledger.submission(
        of: [], by: party, signers: signers, ledger: id, expiry: expiry)
      let refusal = ledger.refusal(of: submission)
      if refusal != nil { #expect(PublicState(of: ledger.state) == before) }
      if let refusal { seen.insert(refusal.code) }
      return refusal
    }
    // Each is asked with all that follows it wrong too.
    #expect(refusal(.bank(9), [7], ledger: other, expiry: now) == .wrongLedger(other))
    #expect(refusal(.bank(9), [7], expiry: now) == .statementExpired(expiry: now))
    #expect(
      refusal(.bank(9), [7], expiry: tooFar)
        == .expiryTooFar(expiry: tooFar, horizonMicroseconds: 600_000_000))
    #expect(refusal(.bank(9), [7]) == .partyUnknown(.bank(9)))
    #expect(refusal(.bank(1), [55]) == .keyUnknown(.example(55)))
    #expect(refusal(.bank(1), [1]) == .keyUnknown(.example(1)), "another party's key")
    #expect(refusal(.issuer, [1, 101]) == .keyUnknown(.example(101)))
    #expect(refusal(.bank(2), [2_001]) == .keyRevoked(.example(2_001)))
    #expect(refusal(.bank(1), [1_002]) == .keySuspended(.example(1_002)))
    #expect(refusal(.bank(1), [8]) == .keyNotYetValid(.example(8), from: later))
    // One bad signer is enough.
    #expect(refusal(.bank(1), [1_001, 1_002]) == .keySuspended(.example(1_002)))

    // Edges: an expiry at the horizon, a key on its last microsecond, and on its first.
    #expect(refusal(.bank(1), [7], expiry: now.moved(seconds: 600)) == nil)
    #expect(refusal(.bank(1), [7], expiry: now.moved(microseconds: 1)) == nil)
    ledger.state.begin(at: soon.moved(microseconds: -1))
    #expect(refusal(.bank(1), [7]) == nil)
    ledger.state.begin(at: soon)
    #expect(refusal(.bank(1), [7]) == .keyExpired(.example(7), until: soon))
    ledger.state.begin(at: later.moved(microseconds: -1))
    #expect(refusal(.bank(1), [8]) == .keyNotYetValid(.example(8), from: later))
    ledger.state.begin(at: later)
    #expect(refusal(.bank(1), [8]) == nil)

    // Bank 1 takes all but one of what is left free, which an odd sum comes to exactly.
    func sum() -> Int { ledger.state.liveIDCount + ledger.state.liveIDCount(of: .bank(1)) }
    if sum().isMultiple(of: 2) {
      #expect(ledger.order(.confirmClock(ledger.state.time)) == .accepted)
    }
    let fill = (0..<(999 - sum()) / 2).map { _ in Operation.setTier(110, 2) }
    #expect(ledger.orderAll(fill, by: .bank(1)).allSatisfy { $0 == .accepted })
    let two = [110, 111].map {
      Instruction(id: ledger.freshID(at: later), operation: Operation.setTier($0, 1))
    }
    let full = ledger.submission(of: two, by: .bank(1))
    #expect(ledger.refusal(of: full) == .liveIDsFull(max: 1_000))
    seen.insert(SubmissionRefusal.liveIDsFull(max: 1_000).code)
    #expect(ledger.order([two[0]], by: .bank(1)) == [.accepted])
    #expect(sum() == 1_001)

    #expect(
      seen == [
        "wrong_ledger", "statement_expired", "expiry_too_far", "party_unknown", "signer_unknown",
        "signer_revoked", "signer_suspended", "signer_not_yet_valid", "signer_expired",
        "live_ids_full",
      ])
  }

  /// Goal: a submission is answered by where it was sequenced, until its statement expires, and
  /// neither logged nor decided again, whatever became of its key; more signers are decided.
  @Test func alreadySequenced() throws {
    var ledger = ExampleLedger.opened()
    ledger.wait()
    let pay = Instruction(
      id: ledger.freshID(at: ledger.state.time), operation: .pay(110, 210, 5))
    let expiry = ledger.state.time.moved(seconds: 100)
    let submission = ledger.submission(of: [pay], by: .bank(1), expiry: expiry)
    guard case .admitted(let admitted) = try ledger.state.admit(submission) else {
      Issue.record("not let in")
      return
    }
    #expect(ledger.state.apply(submission.instructions[0], in: admitted).outcome == .accepted)

    for instant in [nil, expiry.moved(microseconds: -1)] {
      if let instant { ledger.state.begin(at: instant) }
      let before = PublicState(of: ledger.state)
      guard case .alreadySequenced(let sequence) = try ledger.state.admit(submission) else {
        Issue.record("sequenced twice")
        return
      }
      #expect(sequence == admitted.sequence)
      #expect(PublicState(of: ledger.state) == before)
    }
    let both = ledger.submission(
      of: [pay], by: .bank(1), signers: [1_001, 1_002], expiry: expiry)
    #expect(both.digest == submission.digest)
    guard case .admitted(let second) = try ledger.state.admit(both) else {
      Issue.record("taken for the same")
      return
    }
    #expect(second.signers == [.example(1_001), .example(1_002)])
    #expect(
      ledger.state.apply(both.instructions[0], in: second).outcome
        == .duplicate(of: admitted.sequence.next))
    #expect(ledger.balance(210) == 5)
    // With as many signers as ever, or fewer, it is answered, also where a key was revoked since.
    let revocation = Instruction(
      id: ledger.freshID(at: ledger.state.time), operation: .revokeKey(1_001, of: .bank(1)))
    #expect(ledger.order([revocation], by: .bank(1), signers: [1_002]) == [.accepted])
    let alone = ledger.submission(of: [pay], by: .bank(1), signers: [1_002], expiry: expiry)
    for again in [submission, both, alone] {
      guard case .alreadySequenced(let sequence) = try ledger.state.admit(again) else {
        Issue.record("sequenced again")
        return
      }
      #expect(sequence == second.sequence)
    }
    ledger.state.begin(at: expiry)
    #expect(ledger.refusal(of: submission) == .statementExpired(expiry: expiry))
  }

  /// Goal: the statements of a party that are remembered have a bound too, also where they use no
  /// id, and are forgotten once they have expired.
  @Test func statementsAreBounded() {
    let parameters = Parameters(
      participantHorizonMicroseconds: 600_000_000, officerHorizonMicroseconds: 600_000_000,
      liveIDsMax: 100)
    var ledger = ExampleLedger.opened(.example(parameters: parameters))
    ledger.wait(seconds: 1_200)
    func refusal() -> SubmissionRefusal? {
      // An id that is too old uses up nothing.
      let old = Instruction(
        id: ledger.freshID(at: ledger.state.time.moved(seconds: -700)),
        operation: .setTier(110, 1))
      return ledger.refusal(of: ledger.submission(of: [old], by: .bank(1)))
    }
    for _ in 0..<50 { #expect(refusal() == nil) }
    #expect(ledger.state.liveIDCount == 0)
    #expect(refusal() == .liveIDsFull(max: 100))
    #expect(ledger.order(.setTier(210, 2), by: .bank(2)) == .accepted)
    ledger.wait(seconds: 120)
    #expect(refusal() == nil)
  }

  /// Goal: entries are numbered without gaps: a submission, then its instructions; a tick is one.
  @Test func sequenceNumbersHaveNoGaps() throws {
    var ledger = ExampleLedger()
    #expect(ledger.state.nextSequence == SequenceNumber(1))
    ledger.wait()
    #expect(ledger.state.tick() == SequenceNumber(1))
    let orders = [Operation.admit(1), .admit(1), .suspend(1)].map {
      Instruction(id: ledger.freshID(at: ledger.state.time), operation: $0)
    }
    let submission = ledger.submission(of: orders)
    guard case .admitted(let admitted) = try ledger.state.admit(submission) else {
      Issue.record("not let in")
      return
    }
    #expect(admitted.sequence == SequenceNumber(2))
    #expect(admitted.party == .issuer)
    #expect(admitted.participant == nil)
    let sequences = submission.instructions.map {
      ledger.state.apply($0, in: admitted).sequence.value
    }
    #expect(sequences == [3, 4, 5])
    #expect(ledger.state.nextSequence == SequenceNumber(6))
  }
}
