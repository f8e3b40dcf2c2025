import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Synchronization
import Testing

/// Goal: an exported log is verified from its files alone, and what is wrong with it is named.
@Suite struct ExportAuditTests {
  @Test(arguments: [25, 256, 257, 513, 600])
  func verifiesFromFiles(count: Int) throws {
    let log =
      try count == 25 ? LogBuilder.full().log : LogBuilder.long(count).log
    try #require(log.records.count == count)
    let report = audit(try log.exported(), trust: AuditTrust(log.trust))
    let fromStore = try audit(log, trust: log.trust)
    #expect(report.verdict == .verified && fromStore.verdict == .verified)
    #expect(report.summary.source == .export && !report.summary.hasSideData)
    #expect(report.text.contains("not compared: an export has none"))
    #expect(report.summary.entries == UInt64(count))
    #expect(report.summary.currencies == fromStore.summary.currencies)
    #expect(report.summary.root == fromStore.summary.root)
    #expect(report.summary.tiles == UInt64((count + 255) / 256 + (count >= 256 ? 1 : 0)))
    #expect(report.summary.superfluousFiles == 0)
    #expect(AuditReport(json: report.json) == report)
    #expect(audit(try log.exported(), trust: nil).verdict == .originUnproven)
  }

  /// Method: one hash of each tile is altered, at every level up to 2.
  @Test func namesTheTile() throws {
    let log = try LogBuilder.ticking(65_536 + 300).log
    let files = try log.exported()
    let trust = AuditTrust(log.trust)
    let tiles: [(path: String, hash: Int, first: UInt64)] = [
      ("tile/0/000", 17, 17), ("tile/0/256", 255, 65_791), ("tile/0/257.p/44", 3, 65_795),
      ("tile/1/000", 0, 0), ("tile/1/000", 255, 65_280), ("tile/1/001.p/1", 0, 65_536),
      ("tile/2/000.p/1", 0, 0),
    ]
    for (path, hash, first) in tiles {
      let bytes = try #require(files.files[path], "\(path)")
      var altered = bytes
      altered[hash * 32 + 5] ^= 4
      files.overwrite(path, with: altered)
      let fault = audit(files, trust: trust).fault
      #expect(fault?.kind == .tile, "\(path): \(String(describing: fault))")
      #expect(fault?.sequence == SequenceNumber(first), "\(path)")
      #expect(fault?.detail.contains(path) == true, "\(path)")
      #expect(fault?.expected != nil && fault?.found != nil && fault?.expected != fault?.found)
      for cut in [nil, Array(bytes.dropLast()), bytes + [0]] {
        files.overwrite(path, with: cut)
        let fault = audit(files, trust: trust).fault
        #expect(fault?.kind == .tile && fault?.detail.contains(path) == true, "\(path)")
      }
      files.overwrite(path, with: bytes)
    }
    #expect(audit(files, trust: trust).verdict == .verified)
  }

  /// Method: an entry is altered, and tiles above it too: each combination of the leaf tile, the
  /// tile of level 1, both and none.
  @Test func namesTheEntryWhateverTheTilesSay() throws {
    let log = try LogBuilder.long(600).log
    let files = try log.exported()
    let trust = AuditTrust(log.trust)
    let original = files.files
    for index in [0, 1, 30, 255, 256, 400, 511, 512, 598, 599] {
      for others in 0..<4 {
        let bundle = try #require(Tile(.entries, index: UInt64(index / 256), treeSize: 600))
        var records = log.records[(index / 256 * 256)...].prefix(256).map(\.entry)
        records[index % 256][records[index % 256].count - 3] ^= 1
        files.overwrite(bundle.path, with: try EntryBundle.encode(records))
        if others & 1 == 1 {
          let tile = try #require(Tile(.hashes(level: 0), index: bundle.index, treeSize: 600))
          files.overwrite(tile.path, with: original[tile.path]?.map { $0 ^ 1 })
        }
        if others & 2 == 2 {
          files.overwrite("tile/1/000.p/2", with: original["tile/1/000.p/2"]?.map { $0 ^ 1 })
        }
        let fault = audit(files, trust: trust).fault
        let place: Comment = "entry \(index), \(others): \(String(describing: fault))"
        #expect(fault?.sequence == SequenceNumber(UInt64(index)), place)
        #expect(fault?.kind != .tile, place)
        for (path, bytes) in original { files.overwrite(path, with: bytes) }
      }
    }
  }

  @Test func filesThatAreNotThere() throws {
    let log = try LogBuilder.long(600).log
    let trust = AuditTrust(log.trust)
    for path in try log.exported().files.keys.sorted() {
      let files = try log.exported()
      files.overwrite(path, with: nil)
      let fault = audit(files, trust: trust).fault
      let kind: LogFault.Kind =
        path == "checkpoint" ? .checkpoint : path.contains("entries") ? .storage : .tile
      #expect(fault?.kind == kind, "\(path): \(String(describing: fault))")
      #expect(fault?.detail.contains(path) == true, "\(path): \(String(describing: fault))")
    }
  }

  /// Goal: a file that no log of this size has is named; an older partial tile must agree.
  @Test func filesThatNeedNotBeThere() throws {
    let log = try LogBuilder.long(600).log
    let files = try log.exported()
    let trust = AuditTrust(log.trust)
    let warned = Mutex<[String]>([])
    let options = AuditOptions(threads: 1, warn: { text in warned.withLock { $0.append(text) } })
    let superfluous = [
      "tile/0/000.p/3", "tile/0/003", "tile/2/000.p/1", "tile/0/2", "tile/entries/002.p/89",
      "tile/notes",
    ]
    for path in superfluous { files.overwrite(path, with: [1, 2, 3]) }
    let report = audit(files, trust: trust, options: options)
    #expect(report.verdict == .verified && report.summary.superfluousFiles == superfluous.count)
    for path in superfluous {
      #expect(warned.withLock { $0.contains { $0.contains("`\(path)`") } }, "\(path)")
    }
    #expect(report.text.contains("6 files that no log of this size has"))
    #expect(AuditReport(json: report.json) == report)

    let older = try #require(Tile(.hashes(level: 0), index: 2, treeSize: 530))
    files.overwrite(older.path, with: Array((files.files["tile/0/002.p/88"] ?? []).prefix(18 * 32)))
    #expect(audit(files, trust: trust).verdict == .verified)
    files.overwrite(older.path, with: files.files[older.path]?.map { $0 ^ 1 })
    let fault = audit(files, trust: trust).fault
    #expect(fault?.kind == .tile && fault?.sequence == SequenceNumber(512))
    #expect(fault?.detail.contains(older.path) == true)
  }

  /// Goal: with a policy, the end is proven as far as the witnesses have cosigned, and no further.
  @Test func witnessesThatThePolicyAsksFor() throws {
    let log = try LogBuilder.full().log
    let policy = try SampleWitnesses.policy(of: log)
    let whole = audit(try log.exported(), trust: policy)
    #expect(whole.verdict == .verified && whole.summary.witnessedSize == 25)
    #expect(whole.summary.witnesses.map(\.seconds) == [1_750_000_000, 1_750_000_000])
    #expect(whole.text.contains("witness.example/1 at 2025-06-15T15:06:40"))
    #expect(AuditReport(json: whole.json) == whole)
    for cosigners in 0...1 {
      let report = audit(try log.exported(cosigners: cosigners), trust: policy)
      #expect(report.verdict == .endUnwitnessed && report.verdict.exitCode == 3)
      #expect(report.text.contains("UNPROVEN BY WITNESSES"))
      #expect(AuditReport(json: report.json) == report)
    }
    var late = AuditOptions(threads: 1)
    late.cosignedSinceSeconds = SampleWitnesses.seconds
    #expect(audit(try log.exported(), trust: policy, options: late).verdict == .verified)
    late.cosignedSinceSeconds += 1
    #expect(audit(try log.exported(), trust: policy, options: late).verdict == .endUnwitnessed)

    // Of a folder: the kept checkpoints are the log's alone.
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    let store = try disk.open()
    let cosigned = MemoryCosignedKeeper()
    func folder(_ given: String? = nil) throws -> AuditReport {
      LedgerVerifier.verify(
        AuditedLog(store: store, checkpoints: try log.keeper(), cosigned: cosigned),
        trust: policy, given: given.map { Array($0.utf8) }, options: AuditOptions(threads: 1))
    }
    #expect(try folder().verdict == .endUnwitnessed)
    try cosigned.replace(try SampleWitnesses.cosign(log.notes[2]))
    #expect(try folder().verdict == .endUnwitnessed && folder().summary.witnessedSize == 16)
    #expect(try folder().text.contains("its first 16 entries"))
    let newest = try SampleWitnesses.cosign(log.notes[3])
    #expect(try folder(newest).verdict == .verified)
    try cosigned.replace(newest)
    #expect(try folder().verdict == .verified)
    let database = LedgerVerifier.verify(AuditedLog(database: store), trust: policy)
    #expect(database.verdict == .endUnproven && database.summary.source == .database)
    let other = try SampleWitnesses.policy(of: LogBuilder(origin: "other.example").log)
    #expect(audit(try log.exported(), trust: other).fault?.kind == .genesis)
  }

  /// Goal: a checkpoint over more entries than there are files for ends the audit at once.
  @Test func sizeThatNobodyHas() throws {
    let builder = try LogBuilder.long(600)
    let files = try builder.log.exported()
    for size in [601, 65_536, 1 << 40, LogLimits.treeSizeMax] {
      let note = try LogBuilder.note(
        size: size, root: builder.log.root(600), of: builder.state, by: SampleKeys.log)
      files.overwrite("checkpoint", with: Array(note.utf8))
      let fault = audit(files, trust: nil).fault
      #expect(fault?.kind == .storage && fault?.sequence == SequenceNumber(512), "\(size)")
    }
  }

  /// Goal: an audit of an export goes on from an earlier one, of an export or a folder.
  @Test func goesOn() throws {
    let log = try LogBuilder.long(600).log
    let states = MemorySnapshotKeeper()
    let trust = AuditTrust(log.trust)
    let first = audit(try log.cut(to: 25).exported(), trust: trust, states: states)
    #expect(first.verdict == .verified)
    let second = audit(try log.exported(), trust: trust, states: states)
    #expect(second.verdict == .verified && second.summary.resumedFrom == 25)
    let third = try audit(log, trust: log.trust, keeper: try log.keeper(), states: states)
    #expect(third.verdict == .verified && third.summary.resumedFrom == 600)
    let back = audit(try log.cut(to: 25).exported(), trust: trust, states: states)
    #expect(back.fault?.kind == .truncated && back.fault?.sequence == SequenceNumber(25))
  }
}
