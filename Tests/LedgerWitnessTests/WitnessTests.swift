import Foundation
import LedgerModel
import LedgerTesting
import LedgerWire
import LedgerWitness
import MerkleLog
import Synchronization
import Testing

/// A witness in a folder of its own, and a log that it watches.
final class WitnessFixture: Sendable {
  static let origin = "log.example/test"

  let folder: String
  let key = SigningKey(seed: [UInt8](repeating: 1, count: 32))
  let logKey = SigningKey(seed: [UInt8](repeating: 2, count: 32))
  let logVerifierKey: VerifierKey
  let witnessKey: VerifierKey
  let seconds = Mutex<UInt64>(1_767_139_200)

  init() throws {
    folder = NSTemporaryDirectory() + "specie-witness-\(UUID().uuidString)"
    witnessKey = try VerifierKey(
      name: KeyName("witness.example/w1"), algorithm: .ed25519Cosignature,
      publicKey: key.publicKey.value.bytes)
    logVerifierKey = try VerifierKey(
      name: KeyName(Self.origin), algorithm: .ed25519, publicKey: logKey.publicKey.value.bytes)
    let store = try WitnessStore.create(at: folder, key: witnessKey)
    try store.add(Origin(logVerifierKey.name), key: logVerifierKey)
    try store.close()
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func open(
    limits: WitnessLimits = WitnessLimits(),
    beforeReplacing: @escaping @Sendable (AddCheckpointRequest) async -> Void = { _ in }
  ) throws -> Witness {
    try Witness(
      store: WitnessStore(openingAt: folder, limits: limits), key: key,
      wallSeconds: { self.seconds.withLock { $0 } }, beforeReplacing: beforeReplacing)
  }

  static func leaves(_ count: Int, salt: UInt8 = 0) -> [Digest] {
    (0..<count).map { TreeHash.leaf([salt, UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]) }
  }

  /// A request with the true proof, signed by the log.
  func request(
    from old: Int, to size: Int, salt: UInt8 = 0, key: SigningKey? = nil
  ) throws -> AddCheckpointRequest {
    let leaves = Self.leaves(size, salt: salt)
    let checkpoint = try Checkpoint(
      origin: Origin(logVerifierKey.name), size: UInt64(size), root: TreeHash.root(of: leaves))
    let signer = key ?? logKey
    let note = checkpoint.signed(by: logVerifierKey) { signer.sign($0) }
    let proof =
      0 < old && old < size
      ? try ConsistencyProof(oldSize: UInt64(old), leaves: leaves).path : []
    return try AddCheckpointRequest(oldSize: UInt64(old), proof: proof, note: note)
  }

  func record(_ witness: Witness) throws -> WatchedLog {
    try #require(try witness.store.logs().first { $0.origin == Origin(logVerifierKey.name) })
  }
}

extension Witness {
  func status(_ request: AddCheckpointRequest) async throws -> Int {
    switch try await addCheckpoint(request.encoded).answer {
    case .cosigned: 200
    case .refused(let error): error.statusCode
    }
  }
}

@Suite struct WitnessTests {
  private func check(_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool {
    Ed25519.isValid(signature, on: message, publicKey: key)
  }

  /// Goal: the published session has its answers from a witness with a memory on disk, also where
  /// it is opened anew before every step.
  @Test(arguments: [false, true])
  func publishedSession(isReopened: Bool) async throws {
    let fixture = try WitnessFixture()
    let origin = try Origin(WitnessSession.origin)
    var witness = try fixture.open()
    try witness.store.add(origin, key: VerifierKey(vkey: WitnessSession.vkey))
    for (index, step) in WitnessSession.steps.enumerated() {
      let outcome = try await witness.addCheckpoint(step.body)
      switch outcome.answer {
      case .cosigned(let line):
        #expect(step.status == 200, "step \(index)")
        let request = try AddCheckpointRequest(step.body)
        let signature = try #require(NoteSignature(line: line))
        let note = try request.note.adding(signature)
        let verified = try note.verify(keys: [fixture.witnessKey], check: check)
        #expect(verified.map(\.timestampSeconds) == [1_767_139_200])
      case .refused(let error):
        #expect(error.statusCode == step.status, "step \(index): \(error)")
        if step.status == 409 { #expect(error == .conflict(size: step.size)) }
      }
      if isReopened {
        try witness.store.close()
        witness = try fixture.open()
      }
      let log = try #require(try witness.store.logs().first { $0.origin == origin })
      #expect(log.tree.size == step.size, "step \(index)")
      let shown = try #require(log.note)
      let opened = try Checkpoint.open(
        shown, origin: origin, logKey: VerifierKey(vkey: WitnessSession.vkey),
        witnessKeys: [fixture.witnessKey], check: check)
      #expect(opened.checkpoint.size == step.size)
      #expect(opened.cosignatures.map(\.key) == [fixture.witnessKey])
    }
    try witness.store.close()
  }

  /// Goal: of two requests from one old size one is cosigned, and the record is never taken back.
  ///
  /// Method: A (1 to 3) is held after its checks until B (1 to 5) has its answer. B goes through
  /// the same witness, or through another opening of the folder.
  @Test(arguments: [false, true])
  func stalledRequestGetsConflict(isTwoProcesses: Bool) async throws {
    let fixture = try WitnessFixture()
    let other = try fixture.open()
    #expect(try await other.status(fixture.request(from: 0, to: 1)) == 200)
    let a = try fixture.request(from: 1, to: 3)
    let b = try fixture.request(from: 1, to: 5)
    let answerOfB = Mutex<Int?>(nil)
    let held = Mutex<Witness?>(nil)
    let witness = try fixture.open { request in
      guard request.size == 3, answerOfB.withLock({ $0 }) == nil else { return }
      let through: Witness? = isTwoProcesses ? other : held.withLock { $0 }
      let status = try? await through?.status(b)
      answerOfB.withLock { $0 = status }
    }
    held.withLock { $0 = witness }
    let outcome = try await witness.addCheckpoint(a.encoded)
    #expect(answerOfB.withLock { $0 } == 200)
    #expect(outcome.answer == .refused(.conflict(size: 5)))
    #expect(try fixture.record(witness).tree.size == 5)
    held.withLock { $0 = nil }
    try witness.store.close()
    try other.store.close()
  }

  /// Goal: many at once leave one cosigned tree after the other, each from the one before.
  @Test func manyAtOnce() async throws {
    let fixture = try WitnessFixture()
    let witness = try fixture.open()
    #expect(try await witness.status(fixture.request(from: 0, to: 1)) == 200)
    let sizes = (2...21).map { $0 }
    let requests = try sizes.map { try fixture.request(from: 1, to: $0) }
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for request in requests { group.addTask { try await witness.status(request) } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses.filter { $0 == 200 }.count == 1)
    #expect(statuses.filter { $0 == 409 }.count == sizes.count - 1)
    try witness.store.close()
  }

  /// Goal: asked again for the same tree, it signs again, with the time of then; and no clock that
  /// goes back makes it sign an older time.
  @Test func timeNeverGoesBack() async throws {
    let fixture = try WitnessFixture()
    let witness = try fixture.open()
    let request = try fixture.request(from: 0, to: 4)
    let again = try fixture.request(from: 4, to: 4)
    let next = try fixture.request(from: 4, to: 9)
    var times: [UInt64] = []
    for (request, seconds) in [
      (request, 1_000), (again, 1_100), (again, 900), (next, 800),
      (try fixture.request(from: 9, to: 9), 1_200),
    ] {
      fixture.seconds.withLock { $0 = UInt64(seconds) }
      #expect(try await witness.status(request) == 200)
      times.append(try fixture.record(witness).timestampSeconds)
    }
    #expect(times == [1_000, 1_100, 1_100, 1_100, 1_200])
    // Far behind, it says so, rather than sign what nobody may believe.
    let later = try fixture.request(from: 9, to: 10)
    fixture.seconds.withLock { $0 = 599 }
    await #expect(
      throws: WitnessFault.clockBehind(Origin(fixture.logVerifierKey.name), seconds: 601)
    ) {
      _ = try await witness.addCheckpoint(later.encoded)
    }
    #expect(try fixture.record(witness).tree.size == 9)
    fixture.seconds.withLock { $0 = 600 }
    #expect(try await witness.status(later) == 200)
    try witness.store.close()
  }

  /// Goal: a same-size refresh that is held up does not undo a later one.
  @Test func stalledRefreshTakesTheLaterTime() async throws {
    let fixture = try WitnessFixture()
    let other = try fixture.open()
    #expect(try await other.status(fixture.request(from: 0, to: 4)) == 200)
    let again = try fixture.request(from: 4, to: 4)
    let isFirst = Mutex(true)
    let witness = try fixture.open { _ in
      guard
        isFirst.withLock({ first in
          defer { first = false }
          return first
        })
      else { return }
      fixture.seconds.withLock { $0 += 50 }
      _ = try? await other.status(again)
      fixture.seconds.withLock { $0 -= 50 }
    }
    #expect(try await witness.status(again) == 200)
    #expect(try fixture.record(witness).timestampSeconds == 1_767_139_250)
    try witness.store.close()
    try other.store.close()
  }

  @Test func forksAreKept() async throws {
    let fixture = try WitnessFixture()
    let witness = try fixture.open()
    #expect(try await witness.status(fixture.request(from: 0, to: 5)) == 200)
    // Unsigned by the log: no evidence of anything.
    let forged = try fixture.request(from: 5, to: 8, salt: 1, key: fixture.key)
    #expect(try await witness.status(forged) == 403)
    #expect(try witness.store.evidence().isEmpty)
    // Known: the log asks from an old size for what was cosigned.
    #expect(try await witness.status(fixture.request(from: 0, to: 5)) == 409)
    #expect(try witness.store.evidence().isEmpty)

    let fork = try fixture.request(from: 5, to: 5, salt: 1)
    let ahead = try fixture.request(from: 5, to: 9, salt: 1)
    let stale = try fixture.request(from: 0, to: 3)
    let other = try fixture.request(from: 3, to: 8)
    let unproven = try AddCheckpointRequest(oldSize: 5, proof: [], note: other.note)
    #expect(try await witness.addCheckpoint(fork.encoded).isDecisive)
    #expect(try await !witness.addCheckpoint(unproven.encoded).isDecisive)
    #expect(try await witness.status(fork) == 422)
    #expect(try await witness.status(ahead) == 422)
    #expect(try await witness.status(stale) == 409)
    #expect(try await witness.status(fixture.request(from: 3, to: 9)) == 409)
    #expect(try await witness.status(fork) == 422)
    let cosigned = try #require(try fixture.record(witness).note)
    // A later cosignature leaves the two notes as they were.
    #expect(try await witness.status(fixture.request(from: 5, to: 7)) == 200)
    let kept = try witness.store.evidence()
    #expect(
      kept.map(\.request) == [
        fork.encoded, unproven.encoded, ahead.encoded,
        try fixture.request(from: 3, to: 9).encoded,
      ])
    #expect(kept.map(\.isDecisive) == [true, false, false, false])
    #expect(kept.map(\.tree.size) == [5, 5, 5, 5])
    #expect(kept.map(\.cosigned) == [cosigned, cosigned, cosigned, cosigned])
    #expect(try fixture.record(witness).evidenceCount == 4)
    try witness.store.close()
  }

  /// Goal: whoever floods the store loses neither it nor the first proof.
  @Test func evidenceIsBounded() async throws {
    let fixture = try WitnessFixture()
    var limits = WitnessLimits()
    limits.evidenceMax = 4
    let witness = try fixture.open(limits: limits)
    #expect(try await witness.status(fixture.request(from: 0, to: 5)) == 200)
    let fork = try fixture.request(from: 5, to: 5, salt: 1)
    for size in 20..<30 { _ = try await witness.status(fixture.request(from: 0, to: size)) }
    #expect(try await witness.status(fork) == 422)
    for size in 30..<40 { _ = try await witness.status(fixture.request(from: 0, to: size)) }
    let kept = try witness.store.evidence()
    #expect(kept.count == 4)
    #expect(kept.contains { $0.request == fork.encoded })
    for salt in 2..<20 {
      _ = try await witness.status(fixture.request(from: 5, to: 5, salt: UInt8(salt)))
    }
    let flooded = try witness.store.evidence()
    #expect(flooded.count == 4)
    #expect(flooded.contains { $0.request == fork.encoded })
    #expect(flooded.allSatisfy { $0.isDecisive })
    try witness.store.close()
  }

  /// Goal: where a fork is asked for again, the better reason stays, and one row.
  @Test func aForkHasItsLastReason() async throws {
    let fixture = try WitnessFixture()
    let witness = try fixture.open()
    #expect(try await witness.status(fixture.request(from: 0, to: 5)) == 200)
    #expect(try await witness.status(fixture.request(from: 0, to: 5, salt: 1)) == 409)
    #expect(try await witness.status(fixture.request(from: 5, to: 5, salt: 1)) == 422)
    let kept = try witness.store.evidence()
    #expect(kept.map(\.isDecisive) == [true])
    #expect(kept.map(\.request) == [try fixture.request(from: 5, to: 5, salt: 1).encoded])
    try witness.store.close()
  }

  /// Goal: what proves least has a small room of its own, whatever comes.
  @Test func conflictsHaveAQuota() async throws {
    let fixture = try WitnessFixture()
    var limits = WitnessLimits()
    limits.conflictEvidenceMax = 3
    let witness = try fixture.open(limits: limits)
    #expect(try await witness.status(fixture.request(from: 0, to: 5)) == 200)
    for size in 20..<30 { _ = try await witness.status(fixture.request(from: 0, to: size)) }
    #expect(
      try witness.store.evidence().map(\.request)
        == (27..<30).map { try fixture.request(from: 0, to: $0).encoded })
    try witness.store.close()
  }

  @Test func keysAreHeldApart() throws {
    let fixture = try WitnessFixture()
    let store = try WitnessStore(openingAt: fixture.folder)
    let own = try VerifierKey(
      name: KeyName("other"), algorithm: .ed25519, publicKey: fixture.witnessKey.publicKey)
    #expect(throws: WitnessFault.keyOfLog(own.name)) { try store.add(Origin("other"), key: own) }
    #expect(throws: WitnessFault.wrongKeyType(fixture.witnessKey.name)) {
      try store.add(Origin("other"), key: fixture.witnessKey)
    }
    #expect(throws: WitnessFault.keyKnown(fixture.logVerifierKey.name)) {
      try store.add(Origin("other"), key: fixture.logVerifierKey)
    }
    let origin = Origin(fixture.logVerifierKey.name)
    try store.add(origin, key: fixture.logVerifierKey)
    #expect(try store.logs().map(\.keys) == [[fixture.logVerifierKey]])
    let second = try VerifierKey(
      name: KeyName("second"), algorithm: .ed25519,
      publicKey: SigningKey(seed: [UInt8](repeating: 3, count: 32)).publicKey.value.bytes)
    try store.add(origin, key: second)
    #expect(try store.logs().map(\.keys) == [[fixture.logVerifierKey, second]])
    try store.close()
    #expect(throws: WitnessFault.alreadyExists(path: fixture.folder)) {
      _ = try WitnessStore.create(at: fixture.folder, key: fixture.witnessKey)
    }
    let path = fixture.folder + "/" + WitnessStore.fileName
    #expect(throws: WitnessFault.wrongKey(path: path)) {
      _ = try Witness(
        store: WitnessStore(openingAt: fixture.folder), key: fixture.logKey, wallSeconds: { 0 })
    }
  }

  /// Goal: what is lost is not made anew.
  @Test func aLostMemoryIsNotMade() throws {
    let fixture = try WitnessFixture()
    for name in [WitnessStore.fileName, WitnessStore.fileName + "-wal"] {
      try? FileManager.default.removeItem(atPath: fixture.folder + "/" + name)
    }
    #expect(throws: WitnessFault.self) { _ = try WitnessStore(openingAt: fixture.folder) }
  }
}
