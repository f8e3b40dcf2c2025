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

/// A log of a real genesis and entries that mean nothing, with the checkpoints that it has signed.
struct ExportedLog {
  let log: NaiveLog
  let builder: LogBuilder
  let keeper = MemoryCheckpointKeeper()

  init(count: Int, seed: UInt64 = 1) throws {
    builder = try LogBuilder()
    let genesis = builder.log.records[0].entry
    var random = SplitMix64(seed: seed)
    let lengths = (0..<32).map { _ in
      Bool.random(using: &random) ? 256 : Int.random(in: 1...300, using: &random)
    }
    log = try NaiveLog(entries: [genesis] + (1..<count).map(NaiveLog.entry)) { lengths[$0 % 32] }
  }

  func note(_ size: Int, by key: SigningKey = SampleKeys.log) throws -> String {
    try LogBuilder.note(
      size: UInt64(size), root: log.tree(size).root, of: builder.state, by: key)
  }

  func sign(_ size: Int) throws { try keeper.append(note(size)) }

  @discardableResult
  func export(
    to files: MemoryTileKeeper, _ scope: ExportScope = .hashesAndEntries, trust: TrustFile? = nil,
    cosigned: MemoryCosignedKeeper? = nil, options: ExportOptions = ExportOptions()
  ) throws -> ExportReport {
    let source = try StoreSource(
      log.store, checkpoints: keeper, cosigned: cosigned, trust: trust)
    var exporter = LogExporter(source, to: files, scope: scope, options: options)
    return try exporter.export()
  }

  /// Where a folder's files are others than those of an export at each of `sizes`, in order.
  func differences(
    _ found: MemoryTileKeeper, _ sizes: [Int], _ scope: ExportScope = .hashesAndEntries
  ) throws -> [String] {
    let (found, wanted) = (found.files, try files(sizes, scope))
    return Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted()
  }

  /// The files of an export that was made at each of `sizes`, in order.
  func files(_ sizes: [Int], _ scope: ExportScope = .hashesAndEntries) throws -> [String: [UInt8]] {
    guard let newest = sizes.last else { return [:] }
    var files = ["checkpoint": Array(try note(newest).utf8)]
    for size in sizes {
      for tile in Tile.tilesAdded(from: 0, to: UInt64(size))
      where scope == .hashesAndEntries || tile.content != .entries {
        let complete = try Tile(tile.content, index: tile.index)
        guard tile.isComplete || !complete.exists(upTo: UInt64(newest)) else { continue }
        files[tile.path] = log.bytes(of: tile)
      }
    }
    return files
  }
}

@Suite struct ExportTests {
  /// Goal: a folder that is exported to again and again holds exactly what its checkpoints imply,
  /// less the partial tiles of complete ones.
  ///
  /// Method: rising sizes around every boundary, then each one alone; bytes by definition.
  @Test(arguments: [ExportScope.hashesAndEntries, .hashes])
  func folderGrows(scope: ExportScope) throws {
    let exported = try ExportedLog(count: 1_100)
    let files = MemoryTileKeeper()
    let sizes = [1, 2, 3, 100, 255, 256, 257, 300, 511, 512, 513, 767, 768, 769, 1_024, 1_100]
    for (index, size) in sizes.enumerated() {
      try exported.sign(size)
      let before = files.files
      let report = try exported.export(to: files, scope)
      let expected = try exported.files(Array(sizes[...index]), scope)
      #expect(try exported.differences(files, Array(sizes[...index]), scope) == [], "size \(size)")
      #expect(report.previousSize == (index == 0 ? nil : UInt64(sizes[index - 1])))
      #expect(
        report.filesWritten == expected.filter { before[$0.key] != $0.value }.count, "size \(size)")
      #expect(report.partialsRemoved == before.keys.count { expected[$0] == nil }, "size \(size)")
      let again = try exported.export(to: files, scope)
      #expect(again.filesWritten == 0)
      #expect(again.partialsRemoved == 0)
      #expect(try exported.differences(files, Array(sizes[...index]), scope) == [])
      let alone = MemoryTileKeeper()
      try exported.export(to: alone, scope)
      #expect(try exported.differences(alone, [size], scope) == [], "size \(size)")
    }
  }

  /// Goal: bundles can be added to an export that had none, and not lost again.
  @Test func entriesComeLater() throws {
    let exported = try ExportedLog(count: 600)
    let files = MemoryTileKeeper()
    try exported.sign(520)
    try exported.export(to: files, .hashes)
    try exported.export(to: files)
    #expect(try exported.differences(files, [520]) == [])
    try exported.sign(600)
    try exported.export(to: files, .hashes)
    #expect(files.files["tile/entries/002.p/8"] != nil)
    try exported.export(to: files)
    #expect(try exported.differences(files, [520, 600]) == [])
  }

  /// Goal: what witnesses cosigned is exported, unless more was exported before.
  @Test func whatIsPublishedIsExported() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(520)
    let cosigned = MemoryCosignedKeeper()
    try cosigned.replace(try exported.note(300))
    let files = MemoryTileKeeper()
    try exported.export(to: files, cosigned: cosigned)
    #expect(try exported.differences(files, [300]) == [])
    try exported.export(to: files)
    #expect(try exported.differences(files, [300, 520]) == [])
    try exported.export(to: files, cosigned: cosigned)
    #expect(try exported.differences(files, [300, 520]) == [])
    try cosigned.replace(try exported.note(530))
    try exported.export(to: files, cosigned: cosigned)
    #expect(try exported.differences(files, [300, 520, 530]) == [])
  }

  /// Goal: wherever an export is cut off, the next one makes it whole, and the checkpoint is never
  /// before what it covers.
  ///
  /// Method: the disk fails at each write in turn; the files that were not synced are kept, lost,
  /// cut short or half zeros.
  @Test(arguments: 0..<4)
  func goesOnAfterACut(kind: Int) throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(300)
    try exported.sign(600)
    let first = try ExportedLog(count: 600)
    try first.sign(300)
    var wholeAfter: Int?
    for writes in 0..<40 {
      let files = MemoryTileKeeper()
      try first.export(to: files)
      #expect(try exported.differences(files, [300]) == [])
      files.fail(afterWrites: writes)
      do {
        try exported.export(to: files)
        wholeAfter = wholeAfter ?? writes
      } catch let error as ExportError {
        #expect(error == .files(.full(detail: "the simulated disk")))
      }
      files.crash { index, bytes in
        switch kind {
        case 0: bytes
        case 1: index.isMultiple(of: 2) ? nil : bytes
        case 2: Array(bytes.prefix(index * 40))
        default:
          Array(bytes.prefix(index * 100))
            + [UInt8](repeating: 0, count: max(0, bytes.count - index * 100))
        }
      }
      let note = try #require(files.files["checkpoint"])
      if note == Array(try exported.note(600).utf8) {
        for tile in Tile.tilesAdded(from: 0, to: 600) {
          #expect(files.files[tile.path] == exported.log.bytes(of: tile), "write \(writes)")
        }
      }
      try exported.export(to: files)
      #expect(try exported.differences(files, [300, 600]) == [], "write \(writes)")
    }
    #expect(try #require(wholeAfter) > 8)
  }

  /// Goal: where the sync alone fails, the checkpoint stays the old one, and what the power cut
  /// then leaves is mended by the next export.
  @Test func aFailedSyncIsNotForgotten() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    let files = MemoryTileKeeper()
    files.failNextSync()
    #expect(throws: ExportError.files(.failed(detail: "the simulated sync"))) {
      try exported.export(to: files)
    }
    #expect(files.files["checkpoint"] == nil)
    files.crash { index, bytes in
      Array(bytes.prefix(index * 100))
        + [UInt8](repeating: 0, count: max(0, bytes.count - index * 100))
    }
    try exported.export(to: files)
    #expect(try exported.differences(files, [600]) == [])
  }

  /// Goal: an export that follows a failed sync in the same boot, and would only read back what is
  /// in memory, makes it durable all the same.
  @Test func aFailedSyncIsMadeGood() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    let files = MemoryTileKeeper()
    files.failNextSync()
    #expect(throws: ExportError.self) { try exported.export(to: files) }
    try exported.export(to: files)
    files.crash { _, _ in [] }
    #expect(try exported.differences(files, [600]) == [])
  }

  /// Goal: the mark of a writing that was cut short stays until an export has gone to its end.
  @Test func aSecondCutIsNotForgotten() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    let files = MemoryTileKeeper()
    files.fail(afterWrites: 4)
    #expect(throws: ExportError.self) { try exported.export(to: files) }
    files.crash { _, bytes in Array(bytes.prefix(7)) }
    // This one ends before it has written anything.
    let isWriting = Mutex(false)
    let options = ExportOptions(
      isCancelled: { isWriting.withLock { $0 } },
      progress: { progress in isWriting.withLock { $0 = progress.stage == .writing } })
    #expect(throws: ExportError.cancelled) { try exported.export(to: files, options: options) }
    try exported.export(to: files)
    #expect(try exported.differences(files, [600]) == [])
  }

  /// Goal: a file that was exported is never overwritten, nor taken for one that was cut.
  @Test func otherBytesAreRefused() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    let files = MemoryTileKeeper()
    try exported.export(to: files)
    let sound = files.files
    let path = "tile/entries/002.p/88"
    let bytes = try #require(sound[path])
    for other in [bytes + [0], Array(bytes.dropLast()), [bytes[0] ^ 1] + bytes.dropFirst(), []] {
      files.overwrite(path, with: other)
      #expect(throws: ExportError.files(.differs(path: path))) { try exported.export(to: files) }
      #expect(files.files[path] == other)
    }
    files.overwrite(path, with: bytes)
    #expect(files.files == sound)
    // Also before the first checkpoint, and where an export was cut: these bytes no cut leaves.
    files.overwrite("checkpoint", with: nil)
    files.overwrite("tile/0/000", with: [UInt8](repeating: 9, count: 8_192))
    _ = try files.begin()
    #expect(throws: ExportError.files(.differs(path: "tile/0/000"))) {
      try exported.export(to: files)
    }
  }

  /// Goal: hashes that do not lead to the folder's checkpoint are not gone on from.
  @Test func damagedHashesAreRefused() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    for path in ["tile/0/002.p/88", "tile/1/000.p/2"] {
      let files = MemoryTileKeeper()
      try exported.export(to: files)
      let bytes = try #require(files.files[path])
      for other in [bytes + [0], Array(bytes.dropLast()), [bytes[0] ^ 1] + bytes.dropFirst(), nil] {
        files.overwrite(path, with: other)
        let before = files.files
        #expect {
          try exported.export(to: files)
        } throws: {
          if case ExportError.damagedExport = $0 { true } else { false }
        }
        #expect(files.files == before)
      }
    }
  }

  /// Goal: an altered log writes nothing, be the folder empty or not.
  ///
  /// Method: an entry is exchanged at places on both sides of what was exported.
  @Test(arguments: [0, 1, 255, 256, 299, 300, 301, 512, 599])
  func alteredLogIsRefused(place: Int) throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(300)
    let files = MemoryTileKeeper()
    try exported.export(to: files)
    try exported.sign(600)
    let before = files.files
    var entries = exported.log.entries
    if place > 0 { entries[place] = [1, 2, 3] } else { entries.swapAt(1, 2) }
    let altered = try NaiveLog(entries: entries) { _ in 100 }
    exported.log.disk.overwrite(with: altered.disk.durableRows)
    #expect {
      try exported.export(to: MemoryTileKeeper())
    } throws: {
      guard case ExportError.wrongRoot(600, exportedSize: 0, _, _) = $0 else { return false }
      return true
    }
    if place >= 300 {
      #expect {
        try exported.export(to: files)
      } throws: {
        guard case ExportError.wrongRoot(600, exportedSize: 300, _, _) = $0 else { return false }
        return true
      }
      #expect(files.files == before)
    } else if place >= 256 {
      // What the folder has of it proves the rest; the bundle that it is in is read again.
      #expect {
        try exported.export(to: files)
      } throws: {
        if case ExportError.tiles(.wrongEntries) = $0 { true } else { false }
      }
      #expect(files.files["checkpoint"] == before["checkpoint"])
    }
  }

  @Test func otherLogsAreRefused() throws {
    let exported = try ExportedLog(count: 600)
    let files = MemoryTileKeeper()
    #expect(throws: ExportError.noCheckpoint) { try exported.export(to: files) }
    try exported.sign(400)
    try exported.export(to: files)
    let before = files.files

    // Cut back, with its checkpoints.
    let cut = try ExportedLog(count: 600)
    try cut.sign(300)
    #expect(throws: ExportError.wentBack(exportedSize: 400, size: 300)) {
      try cut.export(to: files)
    }
    // Signed anew: as long, and longer.
    var fork = try ExportedLog(count: 600)
    var entries = fork.log.entries
    entries[350] = [1]
    fork = try ExportedLog(entries: entries)
    try fork.sign(400)
    #expect(throws: ExportError.forked(size: 400)) { try fork.export(to: files) }
    try fork.sign(600)
    #expect {
      try fork.export(to: files)
    } throws: {
      guard case ExportError.wrongRoot(600, exportedSize: 400, _, _) = $0 else { return false }
      return true
    }
    // Of another key, in the log and in the folder.
    let forged = try ExportedLog(count: 600)
    try forged.keeper.append(forged.note(600, by: SampleKeys.otherLog))
    #expect {
      try forged.export(to: files)
    } throws: {
      if case ExportError.checkpoint = $0 { true } else { false }
    }
    #expect(files.files == before)
    files.overwrite("checkpoint", with: Array(try exported.note(400, by: SampleKeys.otherLog).utf8))
    #expect {
      try exported.export(to: files)
    } throws: {
      if case ExportError.otherExport = $0 { true } else { false }
    }
    // Shorter than its checkpoint.
    let short = try ExportedLog(count: 600)
    try short.sign(600)
    short.log.disk.overwrite(with: Array(short.log.disk.durableRows.dropLast()))
    let left = try short.log.store.entryCount()
    #expect(throws: ExportError.truncated(entries: left, size: 600)) {
      try short.export(to: MemoryTileKeeper())
    }
  }

  @Test func trustIsChecked() throws {
    let exported = try ExportedLog(count: 10)
    try exported.sign(10)
    let trust = exported.builder.log.trust
    try exported.export(to: MemoryTileKeeper(), trust: trust)
    let other = try LogBuilder(origin: "ledger.example/other").log.trust
    #expect {
      try exported.export(to: MemoryTileKeeper(), trust: other)
    } throws: {
      if case ExportError.log(let fault) = $0 { fault.kind == .genesis } else { false }
    }
  }

  /// Goal: an export that is cancelled leaves whole files, and the next one goes on.
  @Test func cancels() throws {
    let exported = try ExportedLog(count: 600)
    try exported.sign(600)
    let files = MemoryTileKeeper()
    #expect(throws: ExportError.cancelled) {
      try exported.export(to: files, options: ExportOptions(isCancelled: { true }))
    }
    #expect(files.files.isEmpty)
    try exported.export(to: files)
    #expect(try exported.differences(files, [600]) == [])
  }

  // MARK: - Reading back

  /// Goal: an export is read as the store is that it came from, but for side data.
  @Test func exportReadsAsAStore() throws {
    var entries = try ExportedLog(count: 700).log.entries
    for index in stride(from: 30, to: 700, by: 31) {
      entries[index] = [UInt8](repeating: 5, count: 40_000)
    }
    let exported = try ExportedLog(entries: entries)
    try exported.sign(300)
    let files = MemoryTileKeeper()
    try exported.export(to: files)
    try exported.sign(650)
    try exported.export(to: files)
    for size in [300, 650] {
      let store = TileStore(TileDirectory(files), size: UInt64(size))
      #expect(store.entryCount() == UInt64(size))
      for rowsMax in [1, 3, 100] {
        var next = 0
        while true {
          let rows = try store.rows(from: SequenceNumber(UInt64(next)), rowsMax: rowsMax)
          guard !rows.isEmpty else { break }
          #expect(rows.count <= rowsMax)
          try RowSequence.checkRead(rows, from: SequenceNumber(UInt64(next)))
          for row in rows {
            for (entry, side) in zip(try row.layout().entries, try row.layout().sideData) {
              #expect(Array(row.entries[entry]) == entries[next], "entry \(next)")
              #expect(side.isEmpty)
              next += 1
            }
          }
        }
        #expect(next == size)
      }
      for place in [0, 29, 30, 255, 256, 299] {
        let found = try store.entry(at: SequenceNumber(UInt64(place)))
        #expect(found.map { Array($0.entry) } == entries[place])
      }
      #expect(try store.entry(at: SequenceNumber(UInt64(size))) == nil)
      #expect(
        try TileDirectory(files).tree(ofSize: UInt64(size)).root == exported.log.tree(size).root)
    }
  }

  /// Goal: files of other sizes than tiles have are refused, and never read whole.
  @Test func malformedFilesAreRefused() throws {
    let exported = try ExportedLog(count: 300)
    try exported.sign(300)
    let files = MemoryTileKeeper()
    try exported.export(to: files)
    let directory = TileDirectory(files)
    let hashes = try Tile(.hashes(level: 0), index: 0)
    for count in [0, 31, 32, 8_160, 8_191, 8_193] {
      files.overwrite(hashes.path, with: [UInt8](repeating: 0, count: count))
      #expect(throws: TileDirectoryError.self, "\(count)") { try directory.hashes(hashes) }
    }
    let bundle = try Tile(.entries, index: 0)
    for bytes in [[], [0], [0, 5, 1], [UInt8](repeating: 0, count: 257 * 2)] {
      files.overwrite(bundle.path, with: bytes)
      #expect(throws: TileDirectoryError.self) { try directory.entries(bundle) }
    }
    files.overwrite(bundle.path, with: [UInt8](repeating: 0, count: 256 * 65_537 + 1))
    #expect {
      try directory.entries(bundle)
    } throws: {
      if case TileDirectoryError.files(.tooLarge) = $0 { true } else { false }
    }
    files.overwrite(bundle.path, with: nil)
    #expect(throws: TileDirectoryError.missing(bundle)) { try directory.entries(bundle) }
    files.overwrite("checkpoint", with: [UInt8](repeating: 65, count: 16_385))
    #expect(throws: TileDirectoryError.self) { try directory.checkpoint() }
  }
}

extension ExportedLog {
  /// A log of other entries under the same genesis.
  init(entries: [[UInt8]]) throws {
    builder = try LogBuilder()
    log = try NaiveLog(entries: entries) { _ in 200 }
  }
}
