import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Synchronization
import Testing

/// Goal: a sound ledger verifies, and the report says exactly what was checked.
@Suite struct ReportTests {
  @Test func soundLedger() throws {
    let builder = try LogBuilder.full()
    let report = try audit(builder.log, trust: builder.log.trust, threads: 3)
    #expect(report.verdict == .verified)
    #expect(report.verdict.exitCode == 0)
    let summary = report.summary
    #expect(summary.ledger == builder.state.id)
    #expect(summary.origin == "ledger.example/test")
    #expect(summary.entries == 25 && summary.entriesTotal == 25)
    #expect(summary.submissions == 8 && summary.systemEntries == 1 && summary.instructions == 15)
    #expect(summary.accepted == 12 && summary.duplicates == 1)
    #expect(summary.refusedByCode == [.limitExceeded: 1, .quorumNotMet: 1])
    // Three of the genesis, two each of three quorums, one each of five others.
    #expect(summary.signatures == 14)
    #expect(summary.checkpoints == 4 && summary.checkpointSize == 25)
    #expect(summary.unwitnessedEntries == 0)
    #expect(summary.participants == 2 && summary.accounts == 6)
    #expect(summary.root == builder.log.root(25))
    #expect(summary.firstTime == .example && summary.lastTime == builder.state.time)

    let cny = try #require(summary.currencies.first)
    #expect(cny.issued == 150_000 && cny.redeemed == 1_000 && cny.outstanding == 149_000)
    #expect(cny.held == 149_000)
    #expect(cny.holdings.map(\.settlement) == [97_100, 50_000])
    #expect(cny.holdings.map(\.wallets) == [1_450, 450])
    #expect(cny.holdings.map(\.walletCount) == [2, 1])
    #expect(
      cny.rules.map(\.version) == [PackVersion(pack: PackName(unchecked: "test"), version: 1)])
  }

  @Test func withoutTrust() throws {
    let log = try LogBuilder.full().log
    let report = try audit(log, trust: nil)
    #expect(report.verdict == .originUnproven)
    #expect(report.verdict.exitCode == 3)
  }

  @Test func withoutCheckpoints() throws {
    var log = try LogBuilder.full().log
    log.notes = []
    let report = try audit(log, trust: log.trust)
    #expect(report.verdict == .endUnproven)
    #expect(report.verdict.exitCode == 3)
    #expect(report.summary.checkpointSize == nil)
    #expect(report.summary.unwitnessedEntries == 25)
    #expect(report.text.contains("END OF THE LOG UNPROVEN"))
    #expect(report.text.contains("covers any of its 25 entries"))
    #expect(AuditReport(json: report.json) == report)
    #expect(try audit(log, trust: nil).verdict == .originUnproven)
  }

  /// Goal: where checkpoints end before the log does, the verdict says how much nothing proves.
  @Test func entriesAfterTheNewestCheckpoint() throws {
    var log = try LogBuilder.full().log
    log.notes.removeLast()
    let report = try audit(log, trust: log.trust)
    #expect(report.verdict == .verified)
    #expect(report.summary.unwitnessedEntries == 9)
    #expect(report.text.contains("UNPROVEN: 9 entries at the end"))
  }

  /// Goal: a checkpoint that was kept elsewhere convicts a log that was cut or rewritten together
  /// with the checkpoints beside it.
  @Test func checkpointKeptElsewhere() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    func given(_ size: Int, _ root: Digest, by key: SigningKey = SampleKeys.log) throws -> [UInt8] {
      Array(try LogBuilder.note(size: UInt64(size), root: root, of: builder.state, by: key).utf8)
    }
    log.notes = []
    let agreeing = try audit(log, trust: log.trust, given: given(25, log.root(25)))
    #expect(agreeing.verdict == .verified)
    #expect(agreeing.summary.givenCheckpointSize == 25 && agreeing.summary.checkpointSize == 25)
    #expect(agreeing.text.contains("one over 25 entries, which agrees"))
    #expect(AuditReport(json: agreeing.json) == agreeing)
    let within = try audit(log, trust: log.trust, given: given(18, log.root(18)))
    #expect(within.verdict == .verified && within.summary.unwitnessedEntries == 7)

    for size in [1, 18, 25] {
      let found = try audit(log, trust: log.trust, given: given(size, log.root(size - 1))).fault
      #expect(found?.kind == .tree && found?.sequence == SequenceNumber(UInt64(size - 1)))
    }
    for note in [try given(25, log.root(25), by: SampleKeys.otherLog), Array("no note".utf8), []] {
      #expect(try audit(log, trust: log.trust, given: note).fault?.kind == .checkpoint)
    }
    var short = builder.log
    let whole = try given(25, log.root(25))
    short.records.removeLast(3)
    short.notes.removeLast()
    #expect(try audit(short, trust: log.trust).verdict == .verified)
    let cut = try audit(short, trust: log.trust, given: whole).fault
    #expect(cut?.kind == .truncated && cut?.sequence == SequenceNumber(22))
  }

  @Test func tornCheckpoints() throws {
    let log = try LogBuilder.full().log
    let bytes = try log.notes.flatMap { try CheckpointNotes.record(of: $0) }
    let report = try audit(
      log, trust: log.trust, keeper: TextKeeper(bytes: bytes, tornBytes: 17))
    #expect(report.verdict == .verified)
    #expect(report.summary.tornCheckpointBytes == 17)
    #expect(report.text.contains("17 bytes after the last kept checkpoint"))
    #expect(AuditReport(json: report.json) == report)
  }

  /// Goal: checkpoints of one size, over and over, are checked as they are read, and the bad one
  /// among them is found.
  @Test func repeatedCheckpoint() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    let last = try #require(log.notes.last)
    log.notes += [String](repeating: last, count: 1_000)
    let report = try audit(log, trust: log.trust)
    #expect(report.verdict == .verified && report.summary.checkpoints == 1_004)
    log.notes[500] = try LogBuilder.note(
      size: 25, root: log.root(25), of: builder.state, by: SampleKeys.otherLog)
    #expect(try audit(log, trust: log.trust).fault?.kind == .checkpoint)
  }

  /// Goal: a submission that no server takes does not fill the auditor's memory before its root is
  /// looked at.
  @Test func hugeSubmission() throws {
    let builder = try LogBuilder.full()
    var log = builder.log
    log.records.removeLast(log.records.count - 1)
    log.notes = []
    let statement = Statement(
      ledger: builder.state.id, party: .bank(1), count: 10_000, expiry: .example, root: .example(1))
    let key = try SampleKeys.bank(1)
    let message = DSSE.preAuthenticationEncoding(
      type: DSSE.statementType, payload: statement.canonicalBytes)
    func add(_ body: LogEntry.Body, beside sideData: [UInt8] = []) {
      let number = log.records.count
      let entry = LogEntry(
        sequence: SequenceNumber(UInt64(number)), time: .example.moved(seconds: 1),
        previous: TreeHash.leaf(log.records[number - 1].entry), body: body)
      log.records.append(SampleLog.Record(entry: entry.canonicalBytes, sideData: sideData))
    }
    add(
      .submission(
        statement: statement.canonicalBytes,
        signatures: [StatementSignature(key: key.publicKey, signature: key.sign(message))]))
    let begun = log
    let large = [UInt8](repeating: 1, count: Limits.instructionBytesMax)
    for _ in 0..<200 { add(.instruction(bytes: large, outcome: .accepted)) }
    let bytes = try audit(log, trust: log.trust).fault
    #expect(bytes?.kind == .statement)
    #expect(bytes?.sequence == SequenceNumber(2 + UInt64((8 << 20) / large.count)))

    log = begun
    let beside = [UInt8](repeating: 1, count: 65_535)
    for _ in 0..<200 { add(.instruction(bytes: [1], outcome: .accepted), beside: beside) }
    let sideData = try audit(log, trust: log.trust).fault
    #expect(sideData?.kind == .sideData)
    #expect(sideData?.sequence == SequenceNumber(2 + UInt64((8 << 20) / beside.count)))
  }

  @Test func json() throws {
    var log = try LogBuilder.full().log
    let sound = try audit(log, trust: log.trust)
    #expect(AuditReport(json: sound.json) == sound)
    let text = String(decoding: sound.json, as: UTF8.self)
    for part in [
      #""verdict" : "verified""#, #""issued" : "150000""#, #""limit_exceeded" : 1"#,
      #""unwitnessed_entries" : 0"#,
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    log.records[7].entry[60] ^= 1
    let failed = try audit(log, trust: log.trust)
    #expect(failed.fault != nil)
    #expect(AuditReport(json: failed.json) == failed)
    #expect(AuditReport(json: Array("{}".utf8)) == nil)
    #expect(AuditReport(json: []) == nil)
  }

  @Test func plainWords() throws {
    var log = try LogBuilder.full().log
    let text = try audit(log, trust: log.trust).text
    for part in [
      "VERIFIED", "15 in 8 submissions", "12 accepted, 2 refused, 1 duplicates",
      "1 as quorum_not_met", "14, each with its key's validity and quorum",
      "4, each against the tree; the newest covers 25 entries, and no entry lies after it",
      "CNY: issued 1500.00, redeemed 10.00, outstanding 1490.00, held 1490.00",
      "bank-1: 985.50 (settlement 971.00, 2 wallets 14.50)",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    #expect(try audit(log, trust: nil).text.contains("ORIGIN UNPROVEN"))
    let original = TreeHash.leaf(log.records[7].entry)
    log.records[7].entry[60] ^= 1
    let failed = try audit(log, trust: log.trust).text
    #expect(failed.contains("FAILED at entry 7"))
    #expect(failed.contains("expected \(original)"))
    #expect(failed.contains("found    \(TreeHash.leaf(log.records[7].entry))"))
  }

  /// More checkpoints than a page holds; each is checked, also the one before the last.
  @Test func manyCheckpoints() throws {
    var builder = try LogBuilder()
    for _ in 0..<600 {
      try builder.tick()
      try builder.checkpoint()
    }
    var log = builder.log
    let report = try audit(log, trust: log.trust, threads: 2)
    #expect(report.verdict == .verified)
    #expect(report.summary.checkpoints == 600)
    log.notes[598] = try LogBuilder.note(
      size: 600, root: log.root(600), of: builder.state, by: SampleKeys.otherLog)
    let found = try audit(log, trust: log.trust, threads: 2).fault
    #expect(found?.kind == .checkpoint && found?.sequence == SequenceNumber(599))
  }

  @Test func progressAndCancellation() throws {
    let log = try LogBuilder.full().log
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    let store = try disk.open()
    var seen: [AuditProgress] = []
    _ = LedgerVerifier.verify(
      store: store, checkpoints: try log.keeper(), trust: log.trust, progress: { seen.append($0) })
    #expect(seen.last == AuditProgress(entriesDone: 25, entriesTotal: 25))

    var long = try LogBuilder()
    for _ in 0..<4_200 { try long.tick() }
    let asked = Mutex(0)
    let longDisk = MemoryDisk()
    longDisk.overwrite(with: long.log.rows(entriesPerRow: 256))
    let report = LedgerVerifier.verify(
      store: try longDisk.open(), checkpoints: MemoryCheckpointKeeper(), trust: nil,
      options: AuditOptions(
        threads: 1,
        isCancelled: {
          asked.withLock { $0 += 1 }
          return true
        }))
    #expect(report.verdict == .cancelled)
    #expect(report.summary.entries == 4_096)
    #expect(asked.withLock { $0 } == 1)
  }
}
