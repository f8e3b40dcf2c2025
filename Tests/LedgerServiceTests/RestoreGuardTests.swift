import LedgerModel
import LedgerService
import LedgerStorage
import LedgerWire
import Logging
import MerkleLog
import Testing

/// Goal: a ledger that lost what it once signed does not open, and one that did not does.
@Suite struct RestoreGuardTests {
  /// A ledger that ran with its witnesses, and a copy of an earlier disk.
  private struct Restored {
    let world: WitnessedLedger
    let oldDisk: MemoryDisk
    let oldCheckpoints: MemoryCheckpointKeeper
    let oldCosigned: String
    let sizes: (old: UInt64, new: UInt64)

    init() async throws {
      let world = try WitnessedLedger()
      self.world = world
      let first = try world.open()
      let bank = try await TestBank(1, on: first, of: world.test)
      try await world.wait("published") {
        world.published(first)?.cosignatures.count == 3
          && world.published(first)?.checkpoint.size == first.status().size
      }
      let oldSize = first.status().size
      await world.test.stop(first)
      oldCosigned = try #require(try world.keeper.newest())
      oldDisk = try Self.copy(world.test.disk)
      oldCheckpoints = MemoryCheckpointKeeper()
      for note in try world.test.checkpoints.all() { try oldCheckpoints.append(note) }
      let second = try world.open()
      for amount in 1...5 {
        _ = try await world.test.submit(
          [bank.pay(bank.wallets[1], UInt64(amount))], of: bank.party, to: second,
          signedBy: [bank.key])
      }
      try await world.wait("published") {
        world.published(second)?.checkpoint.size == second.status().size
      }
      sizes = (oldSize, second.status().size)
      await world.test.stop(second)
    }

    static func copy(_ disk: MemoryDisk) throws -> MemoryDisk {
      let copy = MemoryDisk()
      let source = try disk.open()
      let store = try copy.open()
      var next: UInt64 = 0
      let count = try source.entryCount()
      while next < count {
        let rows = try source.rows(from: SequenceNumber(next), rowsMax: 64)
        try store.append(rows)
        next = (rows.last?.first.value ?? 0) + UInt64(rows.last?.count ?? 0)
      }
      source.close()
      store.close()
      disk.crash()
      return copy
    }

    func refusal(
      isGuarded: Bool = true, policy: TrustPolicy? = nil, isOld: Bool = true
    ) async -> RestoreRefusal? {
      let disk = isOld ? oldDisk : world.test.disk
      defer { disk.crash() }
      do {
        let ledger = try world.open(
          isGuarded: isGuarded, policy: policy, disk: disk,
          checkpoints: isOld ? oldCheckpoints : nil)
        await ledger.stop()
      } catch OpeningError.witness(let refusal) {
        return refusal
      } catch {
        Testing.Issue.record(error)
      }
      return nil
    }
  }

  @Test func theNewestCopyOpens() async throws {
    let restored = try await Restored()
    #expect(await restored.refusal(isOld: false) == nil)
  }

  @Test func anOldCopyDoesNot() async throws {
    let restored = try await Restored()
    // The file `cosigned` is part of the folder, and so as old as the rest.
    try restored.world.keeper.replace(
      try #require(try restored.oldCheckpoints.all().last))
    let signed = try restored.oldCheckpoints.all().count
    let refusal = await restored.refusal()
    guard case .rolledBack("witness `w0`", let theirs, let ours) = refusal else {
      Testing.Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(theirs == restored.sizes.new)
    #expect(ours == restored.sizes.old)
    #expect(try restored.oldCheckpoints.all().count == signed)
    // One witness of three that knows it suffices to refuse; the others need not.
    for witness in restored.world.witnesses.dropFirst() { witness.forget() }
    #expect(await restored.refusal() == refusal)
    // The old `cosigned` proves that those who show nothing forgot, and so know nothing.
    try restored.world.keeper.replace(restored.oldCosigned)
    restored.world.witnesses[0].set(isAway: true)
    guard case .quorumSilent("g", let silent) = await restored.refusal() else {
      Testing.Issue.record("it opened")
      return
    }
    #expect(silent.map(\.name) == ["w0", "w1", "w2"])
    #expect(silent[1].reason.contains("forgot"))
  }

  /// Goal: a checkpoint that the log's key signed refuses an old copy, whatever the witness's own
  /// line on it is worth, and whoever else is silent.
  @Test(arguments: [false, true])
  func theLogsOwnSignatureDecides(hasFalseLine: Bool) async throws {
    let restored = try await Restored()
    let newest = try Note(Array(try #require(try restored.world.keeper.newest()).utf8))
    let logLine = try #require(
      newest.signatures.first { $0.name == restored.world.logKey.name })
    let falseLine = NoteSignature(
      cosigning: newest.text, by: restored.world.witnesses[0].verifierKey, timestampSeconds: 1
    ) { restored.world.witnesses[1].key.sign($0) }
    let note = try Note(
      text: newest.text, signatures: hasFalseLine ? [logLine, falseLine] : [logLine])
    try restored.world.keeper.replace(restored.oldCosigned)
    restored.world.witnesses[0].show(note.encoded)
    for witness in restored.world.witnesses.dropFirst() {
      witness.show(Array(restored.oldCosigned.utf8))
    }
    guard
      case .rolledBack("witness `w0`", restored.sizes.new, restored.sizes.old) =
        await restored.refusal()
    else {
      Testing.Issue.record("it opened")
      return
    }
  }

  /// Goal: a witness that shows less than it cosigned is as good as one that is away.
  @Test func showingLessIsSilence() async throws {
    let restored = try await Restored()
    let newest = try #require(try restored.world.keeper.newest())
    restored.world.witnesses[0].show(Array(restored.oldCosigned.utf8))
    #expect(await restored.refusal(isOld: false) == nil)
    try restored.world.keeper.replace(newest)
    restored.world.witnesses[0].show(Array(restored.oldCosigned.utf8))
    restored.world.witnesses[1].forget()
    guard case .quorumSilent("g", let silent) = await restored.refusal(isOld: false) else {
      Testing.Issue.record("it opened")
      return
    }
    #expect(silent.map(\.name) == ["w0", "w1"])
    #expect(silent[0].reason.contains("lags"))
  }

  /// Goal: where one witness alone suffices, each that is silent may be the one that knows more.
  @Test func aQuorumOfOneNeedsAll() async throws {
    let restored = try await Restored()
    let world = restored.world
    let one = try WitnessedLedger.policy(world.logKey, world.witnesses, quorum: "any")
    #expect(!one.doQuorumsIntersect)
    let all = try WitnessedLedger.policy(world.logKey, world.witnesses, quorum: "all")
    #expect(all.doQuorumsIntersect)
    try world.keeper.replace(restored.oldCosigned)
    for witness in world.witnesses.dropFirst() {
      witness.show(Array(restored.oldCosigned.utf8))
    }
    world.witnesses[0].set(isAway: true)
    guard case .quorumSilent = await restored.refusal(policy: one) else {
      Testing.Issue.record("it opened")
      return
    }
    // Whatever was published under this one, those who answer would know of.
    #expect(await restored.refusal(policy: all) == nil)
  }

  /// Goal: what is published meets the present policy, and the log is held against the rest too.
  @Test func aChangedPolicyPublishesNothingOld() async throws {
    let restored = try await Restored()
    let world = restored.world
    let others = try (4...6).map {
      try TestWitness($0, logKey: world.logKey, clock: world.test.clock)
    }
    let policy = try WitnessedLedger.policy(world.logKey, others)
    let newest = try #require(try world.keeper.newest())
    guard
      case .rolledBack("the checkpoint kept in `cosigned`", _, _) =
        await restored.refusal(isGuarded: false, policy: policy)
    else {
      Testing.Issue.record("it opened")
      return
    }
    for witness in world.witnesses { witness.set(isAway: true) }
    let ledger = try world.open(isGuarded: false, policy: policy)
    #expect(throws: ReadError.notYetCovered(size: 0)) { _ = try ledger.publishedCheckpoint() }
    #expect(ledger.status().witnessing?.publishedSize == 0)
    #expect(ledger.status().witnessing?.isQuorumPresent == false)
    await world.test.stop(ledger)
    #expect(try world.keeper.newest() == newest)
  }

  /// Goal: a ledger that goes on without witnesses is still held against what it published.
  @Test func withoutAPolicyTheFileStillCounts() async throws {
    let restored = try await Restored()
    let world = restored.world
    func open(_ disk: MemoryDisk, _ checkpoints: MemoryCheckpointKeeper) throws -> Ledger {
      try Ledger.open(
        store: try disk.open(), index: world.test.index, checkpoints: checkpoints,
        snapshots: world.test.snapshots, published: world.keeper, logKey: world.test.logKey,
        secret: nil,
        environment: ServiceEnvironment(
          clock: world.test.clock, scheduler: ThreadScheduler(), fail: { _ in }),
        limits: WitnessedLedger.limits, logger: world.logs.logger)
    }
    do {
      _ = try open(restored.oldDisk, restored.oldCheckpoints)
      Testing.Issue.record("it opened")
    } catch OpeningError.witness(.rolledBack("the checkpoint kept in `cosigned`", _, _)) {
    }
    let ledger = try open(world.test.disk, world.test.checkpoints)
    await world.test.stop(ledger)
  }

  /// Goal: with the guard off, the first answer of a witness ends signing.
  @Test func withoutTheGuardTheCosignerStops() async throws {
    let restored = try await Restored()
    try restored.world.keeper.replace(
      try #require(try restored.oldCheckpoints.all().last))
    let ledger = try restored.world.open(
      isGuarded: false, disk: restored.oldDisk, checkpoints: restored.oldCheckpoints)
    #expect(ledger.status().witnessing?.isGuardSkipped == true)
    try await restored.world.wait("closed") { ledger.status().closed != nil }
    #expect(ledger.status().closed?.contains("rolled back") == true)
    #expect(restored.world.logs.texts(.warning).contains { $0.contains("without asking") })
    await ledger.stop()
  }

  /// Goal: the kept published checkpoint refuses an old log by itself.
  @Test func thePublishedCheckpointKnowsToo() async throws {
    let restored = try await Restored()
    let refusal = await restored.refusal(isGuarded: false)
    guard case .rolledBack("the checkpoint kept in `cosigned`", _, _) = refusal else {
      Testing.Issue.record("\(String(describing: refusal))")
      return
    }
  }

  @Test func tooFewAnswer() async throws {
    let restored = try await Restored()
    restored.world.witnesses[0].set(isAway: true)
    #expect(await restored.refusal(isOld: false) == nil)
    restored.world.witnesses[1].set(isAway: true)
    guard case .quorumSilent("g", let silent) = await restored.refusal(isOld: false) else {
      Testing.Issue.record("it opened")
      return
    }
    #expect(silent.map(\.name) == ["w0", "w1"])
    #expect(await restored.refusal(isGuarded: false, isOld: false) == nil)
  }

  @Test func theFirstStartNeedsAnswersToo() async throws {
    let world = try WitnessedLedger()
    let ledger = try world.open()
    await world.test.stop(ledger)
    for witness in world.witnesses { witness.set(isAway: true) }
    #expect(throws: OpeningError.self) { _ = try world.open() }
  }

  @Test func anotherLogIsRefused() async throws {
    let world = try WitnessedLedger()
    let origin = Origin(world.logKey.name)
    let fork = try Checkpoint(origin: origin, size: 1, root: TreeHash.leaf([1]))
    let note = fork.signed(by: world.logKey) { world.test.logKey.sign($0) }
    _ = world.witnesses[1].answer(
      try AddCheckpointRequest(oldSize: 0, proof: [], note: note).encoded)
    do {
      _ = try world.open()
      Testing.Issue.record("it opened")
    } catch OpeningError.witness(.forked(let name, let size, let theirs, _)) {
      #expect(name == "witness `w1`")
      #expect(size == 1)
      #expect(theirs == fork.root)
    }
  }

  @Test func tooManyCosignaturesAreRefused() async throws {
    let world = try WitnessedLedger()
    var text = "log \(world.logKey.vkey)\nquorum none\n"
    for index in 0..<60 {
      let key = try VerifierKey(
        name: KeyName(String(repeating: "w", count: 200) + "\(index)"),
        algorithm: .ed25519Cosignature,
        publicKey: SHA256.hash([UInt8(index)]).bytes)
      text += "witness w\(index) \(key.vkey) http://127.0.0.1/\n"
    }
    let policy = try TrustPolicy(Array(text.utf8))
    do {
      _ = try world.open(isGuarded: false, policy: policy)
      Testing.Issue.record("it opened")
    } catch OpeningError.witness(.tooManyCosignatures(let bytes)) {
      #expect(bytes > 16_384)
    }
  }

  @Test func aPolicyOfAnotherLedgerIsRefused() async throws {
    let world = try WitnessedLedger()
    let other = try VerifierKey(
      name: KeyName("ledger.example/other"), algorithm: .ed25519,
      publicKey: SigningKey(seed: [UInt8](repeating: 77, count: 32)).publicKey.value.bytes)
    let policy = try WitnessedLedger.policy(other, world.witnesses)
    do {
      _ = try world.open(policy: policy)
      Testing.Issue.record("it opened")
    } catch OpeningError.witness(.policyOfOthers(let key)) {
      #expect(key == world.logKey)
    }
  }
}
