import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: an index of ids or a snapshot beside the log that says anything but what the log gives is
/// found, at the entry of which it says it.
@Suite struct CacheAuditTests {
  private let log: SampleLog
  private let caches: KeptCaches
  private let sizes: [UInt64]

  init() throws {
    log = try LogBuilder.varied().log
    caches = try KeptCaches(log, secret: SampleKeys.commitmentSecret)
    sizes = caches.states.keys.sorted()
  }

  private func run(
    _ log: SampleLog? = nil, index: (any LogIndex)? = nil,
    snapshots: MemorySnapshotKeeper? = nil, states: MemorySnapshotKeeper? = nil,
    secret: CommitmentSecret? = SampleKeys.commitmentSecret
  ) throws -> AuditReport {
    let log = log ?? self.log
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    return LedgerVerifier.verify(
      AuditedLog(
        store: try disk.open(), checkpoints: try log.keeper(), index: index.map { .success($0) },
        snapshots: snapshots),
      trust: AuditTrust(log.trust), states: states, secret: secret,
      options: AuditOptions(threads: 1))
  }

  /// Method: every state that a ledger could have kept, and every reach of the index.
  @Test func whatTheLogGivesIsVerified() throws {
    for size in sizes {
      let last = log.records[Int(size) - 1].entry
      let index = try KeptCaches.index(
        of: caches.instructions.filter { $0.sequence.value < size },
        reaching: IndexReach(entryCount: size, head: Bytes32(TreeHash.leaf(last))))
      let snapshots = try caches.snapshots(sizes.filter { $0 <= size }.suffix(2))
      let report = try run(index: index, snapshots: snapshots)
      #expect(report.verdict == .verified, "\(size): \(report.verdict)")
      #expect(report.summary.indexedEntries == size)
      #expect(report.summary.snapshots == UInt64(min(2, (sizes.firstIndex(of: size) ?? 0) + 1)))
    }
    let empty = try run(index: MemoryLogIndex(), snapshots: MemorySnapshotKeeper())
    #expect(empty.verdict == .verified)
    #expect(try run().summary.indexedEntries == nil)
  }

  /// Method: of each id in turn, what is missing, elsewhere, another's or too much.
  @Test func everyIDOfTheIndexCounts() throws {
    for (number, instruction) in caches.instructions.enumerated() {
      var others = caches.instructions
      others.remove(at: number)
      let place = instruction.sequence
      let elsewhere = SequenceNumber(place.value == 1 ? 2 : place.value - 1)
      let stranger: Party = instruction.party == .issuer ? .recovery : .issuer
      let other = InstructionID(
        milliseconds: instruction.id.value.high >> 16, random: (UInt64(number), 77))
      let changes: [([IndexedInstruction], SequenceNumber)] = [
        ([], place),
        (
          [IndexedInstruction(party: instruction.party, id: instruction.id, sequence: elsewhere)],
          min(place, elsewhere)
        ),
        ([IndexedInstruction(party: stranger, id: instruction.id, sequence: place)], place),
        ([IndexedInstruction(party: instruction.party, id: other, sequence: place)], place),
        (
          [instruction, IndexedInstruction(party: stranger, id: other, sequence: elsewhere)],
          elsewhere
        ),
      ]
      for (change, expected) in changes {
        let index = try KeptCaches.index(of: others + change, reaching: caches.reach)
        let fault = try run(index: index).fault
        #expect(fault?.kind == .index && fault?.sequence == expected, "\(change): \(fault as Any)")
      }
    }
  }

  @Test func anIndexOfAnotherLogIsTold() throws {
    let size = caches.reach.entryCount
    let other = try KeptCaches.index(
      of: caches.instructions,
      reaching: IndexReach(entryCount: size, head: Bytes32(words: (1, 2, 3, 4))))
    let fault = try #require(try run(index: other).fault)
    #expect(fault.kind == .index && fault.sequence.value == size - 1)
    let ahead = try KeptCaches.index(
      of: caches.instructions,
      reaching: IndexReach(entryCount: size + 1, head: Bytes32(words: (1, 2, 3, 4))))
    let end = try #require(try run(index: ahead).fault)
    #expect(end.kind == .index && end.sequence.value == size)
  }

  /// Method: an audit goes on from an earlier one; of an id before, and one after.
  @Test func resumes() throws {
    let size = sizes[sizes.count / 2]
    for number in caches.instructions.indices {
      let states = MemorySnapshotKeeper()
      let beginning = try log.cut(to: Int(size))
      #expect(try run(beginning, states: states).fault == nil)
      var others = caches.instructions
      let gone = others.remove(at: number)
      let index = try KeptCaches.index(of: others, reaching: caches.reach)
      let snapshots = try caches.snapshots([sizes[0], size, sizes[sizes.count - 1]])
      let report = try run(index: index, snapshots: snapshots, states: states)
      if gone.sequence.value < size {
        #expect(report.verdict == .verified && report.summary.resumedFrom == size)
        #expect(report.summary.snapshots == 3)
      } else {
        #expect(report.fault?.kind == .index && report.fault?.sequence == gone.sequence)
      }
    }
  }

  /// Method: a bit of each byte of each file in turn.
  @Test func everyByteOfASnapshotCounts() throws {
    let size = sizes[sizes.count / 2]
    let base = try caches.snapshots([size])
    for file in base.files() {
      for offset in 0..<(try base.byteCount(of: file)) {
        let snapshots = try caches.snapshots([size])
        snapshots.damage(file) { $0[offset] ^= 1 << UInt8(offset % 8) }
        let fault = try run(snapshots: snapshots).fault
        #expect(fault?.kind == .snapshot && fault?.sequence.value == size - 1, "\(file) \(offset)")
      }
    }
  }

  /// Method: the log key signs states of a log that went on in another way.
  @Test func aSignedStateMustBeTheLogs() throws {
    var one = try LogBuilder()
    for _ in 0..<5 { try one.tick() }
    var other = one
    try one.tick()
    try other.tick(at: other.state.time.moved(seconds: 9))
    let end = UInt64(one.log.records.count)
    let lied = try KeptCaches(other.log).snapshots([end])
    let fault = try #require(try run(one.log, snapshots: lied, secret: nil).fault)
    #expect(fault.kind == .snapshot && fault.sequence.value == end - 1)
    let byAnother = try KeptCaches(one.log).snapshots([end], by: SampleKeys.otherLog)
    #expect(try run(one.log, snapshots: byAnother, secret: nil).fault?.kind == .snapshot)
    let ahead = try KeptCaches(one.log).snapshots([end])
    let cut = try one.log.cut(to: Int(end) - 1)
    let truncated = try #require(try run(cut, snapshots: ahead, secret: nil).fault)
    #expect(truncated.kind == .truncated && truncated.sequence.value == end - 1)
  }
}
