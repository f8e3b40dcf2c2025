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
    #expect(cny.rules?.pack == PackName(unchecked: "test") && cny.rules?.version == 1)
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
    #expect(report.verdict == .verified)
    #expect(report.summary.checkpointSize == nil)
    #expect(report.summary.unwitnessedEntries == 25)
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
