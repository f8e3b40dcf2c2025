import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import MerkleLog
import Synchronization
import Testing

@Suite struct CosignerTests {
  @Test func quorumIsPublishedAndKept() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("all cosigned") {
      guard let published = world.published(ledger) else { return false }
      return published.checkpoint.size == ledger.status().size
        && published.cosignatures.count == 3
    }
    let kept = try #require(try world.keeper.newest())
    #expect(Array(kept.utf8) == (try ledger.publishedCheckpoint()))
    // More orders: the proofs start from what was cosigned.
    for amount in 1...20 {
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], UInt64(amount))], of: bank.party, to: ledger,
        signedBy: [bank.key])
    }
    try await world.wait("the newer one is published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    let status = try #require(ledger.status().witnessing)
    #expect(status.isQuorumPresent && !status.isGuardSkipped)
    #expect(status.publishedSize == ledger.status().size)
    #expect(status.witnesses.map(\.problem) == [nil, nil, nil])
    #expect(world.test.failures.withLock { $0 }.isEmpty)
    await world.test.stop(ledger)
  }

  @Test func withoutAPolicyTheNewestSignedIsPublished() async throws {
    let test = try TestLedger()
    let ledger = try test.open()
    _ = try await TestBank(1, on: ledger, of: test)
    for _ in 0..<500 where (try? ledger.checkpoint()) == nil {
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(try ledger.publishedCheckpoint() == ledger.checkpoint())
    await test.stop(ledger)
  }

  @Test func oneAwayIsAnAlarmTwoAreNoPublication() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    world.witnesses[2].set(isAway: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("published by the two") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    try await world.wait("the alarm") { world.logs.texts(.warning).contains { $0.contains("w2") } }
    #expect(ledger.status().witnessing?.witnesses.map(\.detail) == [nil, nil, "it is away"])
    #expect(ledger.status().witnessing?.isQuorumPresent == true)

    let size = ledger.status().size
    world.witnesses[1].set(isAway: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("the louder alarm") {
      world.logs.texts(.error).contains { $0.contains("w1") && $0.contains("nothing is published") }
    }
    #expect(world.published(ledger)?.checkpoint.size == size)
    #expect(ledger.status().witnessing?.isQuorumPresent == false)
    // What is signed, and receipts, go on.
    #expect(ledger.status().closed == nil)

    world.witnesses[2].set(isAway: false)
    try await world.wait("published again") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    await world.test.stop(ledger)
  }

  /// Goal: neither a false signature, nor another's, nor none counts.
  @Test func onlyGoodSignaturesCount() async throws {
    let world = try WitnessedLedger()
    world.witnesses[0].set(isFalse: true)
    world.witnesses[1].set(isAway: true)
    let ledger = try world.open(isGuarded: false)
    try await world.wait("the false one is found out") {
      ledger.status().witnessing?.witnesses[0].detail?.contains("is false") == true
    }
    #expect(world.published(ledger) == nil)
    #expect(throws: ReadError.notYetCovered(size: 0)) { _ = try ledger.publishedCheckpoint() }
    world.witnesses[1].set(isAway: false)
    try await world.wait("published by the others") { world.published(ledger) != nil }
    #expect(
      world.published(ledger)?.cosignatures.map(\.key.name.description).sorted()
        == ["witness.example/2", "witness.example/3"])
    await world.test.stop(ledger)
  }

  /// Goal: a witness that forgot, or that was asked by another, is asked from where it stands.
  @Test func conflictIsRebuilt() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.cosignatures.count == 3
    }
    for witness in world.witnesses { witness.forget() }
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
        && world.witnesses.allSatisfy { $0.size == ledger.status().size }
    }
    #expect(world.logs.texts(.warning).contains { $0.contains("forgotten") })
    #expect(ledger.status().closed == nil)
    await world.test.stop(ledger)
  }

  /// Goal: a second conflict over one checkpoint does not leave a witness out for good, where no
  /// newer checkpoint comes.
  @Test func secondConflictIsRebuiltToo() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.cosignatures.count == 3
        && world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    // It remembers what it signs falsely, so it conflicts once for each.
    world.witnesses[0].forget()
    world.witnesses[0].set(isFalse: true)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("a second conflict") {
      ledger.status().witnessing?.witnesses[0].detail?.contains("conflicts again") == true
    }
    world.witnesses[0].set(isFalse: false)
    try await world.wait("cosigned by all") {
      world.published(ledger)?.cosignatures.count == 3
        && world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    await world.test.stop(ledger)
  }

  /// Goal: who only says that it knows more, or another history, is an alarm, and stops nothing.
  @Test(arguments: [
    Witnessing.Reply(
      status: 409, mediaType: AddCheckpointAnswer.sizeMediaType, body: Array("1000\n".utf8)),
    Witnessing.Reply(status: 422, mediaType: "text/plain", body: Array("no\n".utf8)),
  ])
  func aBareClaimStopsNothing(reply: Witnessing.Reply) async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    // Its true one first.
    let shows: [[UInt8]?] = [[], Array("nonsense\n".utf8), nil]
    for shown in shows {
      if shown?.isEmpty != true { world.witnesses[1].show(shown) }
      world.witnesses[1].answerOnce(reply)
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
      try await world.wait("the claim is found empty, and it cosigns") {
        world.published(ledger)?.checkpoint.size == ledger.status().size
          && world.witnesses.allSatisfy { $0.size == ledger.status().size }
      }
    }
    #expect(world.logs.texts(.error).contains { $0.contains("w1") && $0.contains("shows none") })
    #expect(world.logs.texts(.critical).isEmpty)
    #expect(ledger.status().closed == nil)
    await world.test.stop(ledger)
  }

  /// Goal: another history that the log's key signed ends signing and admission for good, past a
  /// restart, also where that witness is away by then.
  @Test(arguments: [false, true])
  func anotherHistoryEndsSigning(isLonger: Bool) async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    let size = isLonger ? ledger.status().size + 1_000 : 2
    let fork = try Checkpoint(
      origin: Origin(world.logKey.name), size: size, root: TreeHash.leaf([1]))
    let note = fork.signed(by: world.logKey) { world.test.logKey.sign($0) }
    world.witnesses[1].show(note.encoded)
    if isLonger { world.keeper.failNext(.full(detail: "full"), .full(detail: "full")) }
    world.witnesses[1].answerOnce(
      Witnessing.Reply(
        status: isLonger ? 409 : 422, mediaType: AddCheckpointAnswer.sizeMediaType,
        body: Array("\(size)\n".utf8)))
    let signed = try ledger.checkpoint()
    let answer = await Result {
      try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    try await world.wait("closed") { ledger.status().closed != nil }
    #expect(ledger.status().closed?.contains("signs nothing more") == true)
    try await world.wait("the proof is kept, once there is room") {
      world.size(of: (try? world.keeper.newest()).flatMap(\.self).map { Array($0.utf8) }) == size
    }
    #expect(world.logs.texts(.critical).count == 1)
    await #expect(throws: SubmitError.self) {
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    }
    let last = try ledger.checkpoint()
    await world.test.stop(ledger)
    // One was signed, which was asked about; none after.
    #expect(last != signed)
    #expect(try world.test.checkpoints.newest().map { Array($0.utf8) } == last)
    _ = answer
    world.witnesses[1].set(isAway: true)
    for isGuarded in [true, false] {
      #expect(throws: OpeningError.self) { _ = try world.open(isGuarded: isGuarded) }
      world.test.disk.crash()
    }
    #expect(try world.test.checkpoints.newest().map { Array($0.utf8) } == last)
  }

  /// Goal: a witness that takes a question and never answers is missed by our own clock, and its
  /// late answer is to no later question.
  @Test func aStuckWitnessIsMissed() async throws {
    let world = try WitnessedLedger()
    var limits = WitnessedLedger.limits
    limits.witnessTimeoutNanoseconds = 20_000_000
    world.witnesses[2].set(isStuck: true)
    let ledger = try world.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("missed") {
      ledger.status().witnessing?.witnesses[2].detail == "no answer in 20 ms"
    }
    try await world.wait("alarm") {
      (world.logs.texts(.warning) + world.logs.texts(.error)).contains { $0.contains("w2") }
    }
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("published by the others") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    world.witnesses[2].set(isStuck: false)
    world.witnesses[2].answerHeld()
    try await world.wait("it is back") {
      world.published(ledger)?.cosignatures.count == 3
        && ledger.status().witnessing?.witnesses[2].problem == nil
    }
    await world.test.stop(ledger)
  }

  /// Goal: a conflict that one witness answers costs the round of the others nothing.
  @Test func aConflictLeavesTheOthersTheirRound() async throws {
    let world = try WitnessedLedger()
    var limits = WitnessedLedger.limits
    limits.cosignRoundNanosecondsMax = 60_000_000_000
    let ledger = try world.open(limits: limits)
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("published") {
      world.published(ledger)?.cosignatures.count == 3
        && world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    for witness in world.witnesses { witness.set(isStuck: true) }
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    let asked = ledger.status().size
    try await world.wait("asked") { world.witnesses.allSatisfy { $0.heldCount == 1 } }
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    let newest = ledger.status().size
    try await world.wait("signed") { world.size(of: try? ledger.checkpoint()) == newest }
    world.witnesses[0].answerOnce(
      Witnessing.Reply(
        status: 409, mediaType: "Text/X.tlog.size ; charset=utf-8",
        body: Array("\(newest)\n".utf8)))
    world.witnesses[0].answerHeld()
    try await world.wait("the conflict is taken") {
      ledger.status().witnessing?.witnesses[0].detail?.contains("a newer one") == true
    }
    for witness in world.witnesses.dropFirst() { witness.answerHeld() }
    try await world.wait("the others' answers count") {
      world.published(ledger)?.checkpoint.size == asked
    }
    for witness in world.witnesses {
      witness.set(isStuck: false)
      witness.answerHeld()
    }
    await world.test.stop(ledger)
  }

  /// Goal: a cosignature of another time than ours, or from before the last, is none.
  @Test func timesOfCosignaturesCount() async throws {
    let world = try WitnessedLedger()
    world.witnesses[0].set(aheadSeconds: 3_600)
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    try await world.wait("missed") {
      ledger.status().witnessing?.witnesses[0].detail?.contains("is dated") == true
    }
    world.witnesses[0].set(aheadSeconds: 300)
    try await world.wait("cosigned") { world.published(ledger)?.cosignatures.count == 3 }
    world.witnesses[0].set(aheadSeconds: 0)
    _ = try await world.test.submit(
      [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
    try await world.wait("missed") {
      ledger.status().witnessing?.witnesses[0].detail?.contains("its last one") == true
    }
    await world.test.stop(ledger)
  }

  /// Goal: what is published keeps its cosignatures where no quorum asks for them, and where they
  /// are renewed one by one.
  @Test func cosignaturesAreNotTakenBack() async throws {
    let world = try WitnessedLedger()
    let text = String(decoding: world.policyText, as: UTF8.self)
      .replacing("quorum g\n", with: "quorum none\n")
    let policy = try TrustPolicy(Array(text.utf8))
    var limits = WitnessedLedger.limits
    limits.cosignRefreshNanoseconds = 30_000_000
    let first = try world.open(policy: policy, limits: limits)
    _ = try await TestBank(1, on: first, of: world.test)
    try await world.wait("published") {
      world.published(first)?.cosignatures.count == 3
        && world.published(first)?.checkpoint.size == first.status().size
    }
    world.witnesses[0].set(isAway: true)
    for _ in 0..<50 {
      world.test.clock.advance(microseconds: 3_000)
      try await Task.sleep(for: .milliseconds(2))
      #expect(world.published(first)?.cosignatures.count == 3)
    }
    await world.test.stop(first)
  }

  /// Goal: whatever witnesses do short of knowing another history, what is published meets the
  /// policy, never shrinks, and catches up once they are back.
  ///
  /// Method: eight seeds, twenty orders each; before each, a witness goes away, comes back, lies,
  /// stops lying, forgets, or answers nonsense.
  @Test(arguments: UInt64(0)..<8)
  func faultyWitnesses(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let world = try WitnessedLedger()
    let ledger = try world.open()
    let bank = try await TestBank(1, on: ledger, of: world.test)
    var size: UInt64 = 0
    for step in 0..<20 {
      let witness = world.witnesses[Int(random.next() % 3)]
      switch random.next() % 6 {
      case 0: witness.set(isAway: true)
      case 1: witness.set(isAway: false)
      case 2: witness.set(isFalse: true)
      case 3: witness.set(isFalse: false)
      case 4: witness.forget()
      default:
        witness.answerOnce(
          Witnessing.Reply(
            status: [200, 400, 404, 409, 500][Int(random.next() % 5)], mediaType: nil,
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: 30)))
      }
      _ = try await world.test.submit(
        [bank.pay(bank.wallets[1], 1)], of: bank.party, to: ledger, signedBy: [bank.key])
      world.test.clock.advance(microseconds: 5_000)
      guard (try? ledger.publishedCheckpoint()) != nil else { continue }
      let published = try #require(world.published(ledger), "seed \(seed), step \(step)")
      #expect(published.checkpoint.size >= size, "seed \(seed), step \(step)")
      size = published.checkpoint.size
    }
    for witness in world.witnesses {
      witness.set(isAway: false)
      witness.set(isFalse: false)
    }
    try await world.wait("published, seed \(seed)") {
      world.published(ledger)?.checkpoint.size == ledger.status().size
    }
    #expect(ledger.status().closed == nil, "seed \(seed)")
    #expect(world.test.failures.withLock { $0 }.isEmpty, "seed \(seed)")
    await world.test.stop(ledger)
  }

  @Test func fullDiskIsWaitedOut() async throws {
    let world = try WitnessedLedger()
    world.keeper.failNext(.full(detail: "no room"), .full(detail: "no room"))
    let ledger = try world.open()
    try await world.wait("published") { world.published(ledger) != nil }
    #expect(world.test.failures.withLock { $0 }.isEmpty)
    await world.test.stop(ledger)
  }

  @Test func lostKeeperEndsTheProcess() async throws {
    let world = try WitnessedLedger()
    world.keeper.failNext(.unknownOutcome(detail: "sync"))
    let ledger = try world.open()
    try await world.wait("ended") { world.test.failures.withLock { !$0.isEmpty } }
    #expect(world.published(ledger) == nil)
    await world.test.stop(ledger)
  }

  @Test func noneIsNeeded() async throws {
    let world = try WitnessedLedger()
    let policy = try TrustPolicy(Array("log \(world.logKey.vkey)\nquorum none\n".utf8))
    let witnessing = Witnessing(policy: policy, keeper: world.keeper, latest: [], send: { _ in })
    let ledger = try Ledger.open(
      store: try world.test.disk.open(), index: world.test.index,
      checkpoints: world.test.checkpoints, snapshots: world.test.snapshots,
      witnessing: witnessing, logKey: world.test.logKey, secret: nil,
      environment: ServiceEnvironment(
        clock: world.test.clock, scheduler: ThreadScheduler(), fail: { _ in }),
      limits: WitnessedLedger.limits, logger: world.logs.logger)
    try await world.wait("published") { (try? ledger.publishedCheckpoint()) != nil }
    await world.test.stop(ledger)
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
