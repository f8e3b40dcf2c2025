import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog
import Synchronization
import Testing

/// Goal: an audit that goes on from an earlier one comes to the same, reads no more than it must,
/// and finds what was cut or rewritten since.
@Suite struct ResumeTests {
  /// The log, cut after some of its submissions, as it was when an earlier audit came.
  private static func beginnings() throws -> (log: SampleLog, sizes: [Int]) {
    let log = try LogBuilder.full().log
    let starts = try log.records.indices.filter { index in
      switch try LogEntry(canonicalBytes: log.records[index].entry).body {
      case .submission, .system: true
      case .genesis, .instruction: false
      }
    }
    return (log, starts)
  }

  private static func run(
    _ log: SampleLog, _ states: MemorySnapshotKeeper, rows: [StoredRow]? = nil,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> AuditReport {
    try audit(
      log, trust: log.trust, rows: rows, keeper: try log.keeper(), states: states, warn: warn)
  }

  /// Method: Every beginning that ends with a submission is audited, then the whole log from there,
  /// whose rows begin elsewhere; what it says of the ledger is what a whole audit says.
  @Test func comesToTheSame() throws {
    let (log, sizes) = try Self.beginnings()
    let whole = try audit(log, trust: log.trust)
    #expect(whole.verdict == .verified)
    for size in sizes where size > 1 {
      let states = MemorySnapshotKeeper()
      let first = try Self.run(try log.cut(to: size), states)
      #expect(try first.fault == nil && states.sizes() == [UInt64(size)])
      let second = try Self.run(log, states)
      #expect(second.verdict == .verified, "after \(size): \(second.verdict)")
      #expect(second.summary.resumedFrom == UInt64(size))
      #expect(second.summary.entries == whole.summary.entries)
      #expect(second.summary.root == whole.summary.root)
      #expect(second.summary.currencies == whole.summary.currencies)
      #expect(second.summary.checkpointSize == whole.summary.checkpointSize)
      #expect(
        first.summary.submissions + second.summary.submissions == whole.summary.submissions)
      #expect(try states.sizes() == [UInt64(log.records.count)])
      // Once more: there is nothing new.
      #expect(second.text.hasPrefix("VERIFIED: every byte after the first \(size) entries, "))
      let third = try Self.run(log, states)
      #expect(third.verdict == .verified && third.summary.submissions == 0)
    }
  }

  /// Goal: a fault after the place is the one that a whole audit finds.
  @Test func findsWhatComesAfter() throws {
    let (log, sizes) = try Self.beginnings()
    let size = sizes[sizes.count / 2]
    let states = MemorySnapshotKeeper()
    _ = try Self.run(try log.cut(to: size), states)
    for index in size..<log.records.count {
      var changed = log
      changed.records[index].entry[changed.records[index].entry.count / 2] ^= 4
      let expected = try #require(try audit(changed, trust: log.trust).fault)
      #expect(try Self.run(changed, states).fault == expected)
    }
    // What failed is not kept.
    #expect(try states.sizes() == [UInt64(size)])
  }

  /// Goal: a log that is cut, or has another entry where the earlier audit ended, is refused there.
  @Test func findsWhatWasRewritten() throws {
    let (log, sizes) = try Self.beginnings()
    let states = MemorySnapshotKeeper()
    let size = sizes[sizes.count - 1]
    _ = try Self.run(try log.cut(to: size), states)
    let shorter = try Self.run(try log.cut(to: sizes[2]), states).fault
    #expect(shorter?.kind == .truncated && shorter?.sequence == SequenceNumber(UInt64(sizes[2])))
    var other = log
    other.records[size - 1].entry[40] ^= 1
    let rewritten = try Self.run(other, states).fault
    #expect(rewritten?.kind == .chain)
    #expect(rewritten?.sequence == SequenceNumber(UInt64(size - 1)))
  }

  /// Goal: what was kept and is damaged is passed over with a word, and everything is read.
  @Test func passesOverWhatIsDamaged() throws {
    let (log, sizes) = try Self.beginnings()
    let states = MemorySnapshotKeeper()
    let size = UInt64(sizes[3])
    _ = try Self.run(try log.cut(to: sizes[3]), states)
    states.damage(.state(size: size)) { $0[$0.count / 2] ^= 1 }
    let warnings = Mutex<[String]>([])
    let report = try Self.run(log, states) { text in warnings.withLock { $0.append(text) } }
    #expect(report.verdict == .verified && report.summary.resumedFrom == 0)
    #expect(warnings.withLock { $0.count } == 1)
    #expect(try states.sizes().first == UInt64(log.records.count))
  }

  /// Goal: a checkpoint given that is over fewer entries than were verified before is held against
  /// them all the same.
  @Test func readsAllUnderAnEarlierCheckpoint() throws {
    let (log, sizes) = try Self.beginnings()
    let states = MemorySnapshotKeeper()
    let size = sizes[sizes.count - 1]
    _ = try Self.run(try log.cut(to: size), states)
    let note = Array(log.notes[0].utf8)
    let given = try Checkpoint(text: Note(note).text).size
    try #require(given < UInt64(size))
    let report = try audit(
      log, trust: log.trust, keeper: try log.keeper(), given: note, states: states)
    #expect(report.verdict == .verified && report.summary.resumedFrom == 0)
    #expect(report.summary.givenCheckpointSize == given)
  }

  /// A keeper that has room for ids, and none for a state.
  private final class NarrowKeeper: SnapshotKeeper {
    let base = MemorySnapshotKeeper()

    func files() -> [SnapshotFile] { base.files() }
    func byteCount(of file: SnapshotFile) throws(StoreError) -> Int {
      try base.byteCount(of: file)
    }
    func read(
      _ file: SnapshotFile, at offset: Int, count: Int
    ) throws(StoreError) -> [UInt8] {
      try base.read(file, at: offset, count: count)
    }
    func keep(
      _ file: SnapshotFile,
      _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
    ) throws(StoreError) {
      if case .state = file { throw .full(detail: "no room") }
      try base.keep(file, body)
    }
    func remove(_ file: SnapshotFile) { base.remove(file) }
  }

  /// Goal: what cannot be kept whole leaves nothing behind.
  @Test func leavesNothingWhereThereIsNoRoom() throws {
    let log = try LogBuilder.full().log
    let states = NarrowKeeper()
    let warnings = Mutex<[String]>([])
    let report = try audit(
      log, trust: log.trust, keeper: try log.keeper(), states: states,
      warn: { text in warnings.withLock { $0.append(text) } })
    #expect(report.verdict == .verified)
    #expect(warnings.withLock { $0.count } == 1)
    #expect(states.files().isEmpty)
  }

  /// Goal: another ledger's state in the same folder stays.
  @Test func leavesWhatIsAnothers() throws {
    let states = MemorySnapshotKeeper()
    let other = SnapshotFile.state(size: 7)
    try states.keep(other) { (append) throws(StoreError) in try append([1]) }
    let log = try LogBuilder.full().log
    #expect(try Self.run(log, states).verdict == .verified)
    #expect(try states.sizes() == [UInt64(log.records.count), 7])
  }
}
