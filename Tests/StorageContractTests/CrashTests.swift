import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// Real processes that end badly, and media that fail.
@Suite(.serialized) struct CrashTests {
  /// Goal: after SIGKILL at any moment every acknowledged batch is there, batches are whole, and
  /// the ledger goes on.
  ///
  /// Method: 12 rounds over one ledger. A child appends batches of 100 and records in a file what
  /// was acknowledged, until it kills itself from another thread after a random time.
  @Test func survivesKills() async throws {
    let scratch = try Scratch()
    let path = scratch["ledger"]
    try LedgerDirectory.create(at: path).close()
    var random = SplitMix64(seed: 7)
    var before: UInt64 = 0
    for round in 0..<12 {
      let microseconds = UInt32.random(in: 2_000...120_000, using: &random)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, microseconds = microseconds as UInt32] in
        let directory = try LedgerDirectory.open(at: path)
        let acknowledged = try Scratch.file(path + "/../acknowledged")
        Thread.detachNewThread {
          usleep(microseconds)
          kill(getpid(), SIGKILL)
        }
        var next = try directory.store.entryCount()
        while true {
          try directory.store.append(Sample.rows(from: next, count: 100))
          next += 100
          try acknowledged.seek(toOffset: 0)
          try acknowledged.write(contentsOf: Data("\(next)\n".utf8))
          if next % 700 == 0 { try directory.checkpoints.append(Sample.note(Int(next))) }
        }
      }
      let text = (try? Scratch.bytes(of: scratch["acknowledged"])) ?? []
      let acknowledged =
        UInt64(String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)) ?? 0
      let directory = try LedgerDirectory.open(at: path)
      let count = try directory.store.entryCount()
      #expect(count.isMultiple(of: 100), "round \(round)")
      #expect(acknowledged <= count && count <= max(acknowledged, before) + 100, "round \(round)")
      #expect(try Sample.problems(of: directory.store) == [], "round \(round)")
      #expect(try directory.checkpoints.all().allSatisfy { $0.hasPrefix("specie.example/log\n") })
      try directory.close()
      before = count
    }
    #expect(before > 0)
  }

  /// Goal: on a full disk nothing is acknowledged, all is readable, and with room it goes on with
  /// the same bytes; the same for checkpoints.
  @Test(.enabled(if: Mount.isPossible, "needs the right to mount"))
  func isFullUntilThereIsRoom() throws {
    let mount = try Mount("size=6m")
    let path = mount.path + "/ledger"
    let directory = try LedgerDirectory.create(at: path)
    try directory.checkpoints.append(Sample.note(0))
    let ballast = mount.path + "/ballast"
    try Scratch.write([UInt8](repeating: 1, count: 2 << 20), to: ballast)
    var next: UInt64 = 0
    var refused = 0
    for _ in 0..<200 where refused < 5 {
      do throws(StoreError) {
        try directory.store.append(Sample.rows(from: next, count: 300))
        next += 300
      } catch {
        #expect(error.remedy == .retrySameBytes, "\(error)")
        refused += 1
      }
      #expect(try directory.store.entryCount() == next)
    }
    #expect(refused == 5 && next > 0)
    #expect(try Sample.problems(of: directory.store) == [])
    // With the last bytes taken too, a checkpoint fits no more.
    let filling = try Scratch.file(mount.path + "/filling")
    while (try? filling.write(contentsOf: Data(count: 4_096))) != nil {}
    try filling.close()
    var notes = 1
    for _ in 0..<200 {
      do throws(StoreError) {
        try directory.checkpoints.append(Sample.note(notes))
        notes += 1
      } catch {
        #expect(error.remedy == .retrySameBytes, "\(error)")
        break
      }
    }
    #expect(notes < 200)
    #expect(try directory.checkpoints.newest() == Sample.note(notes - 1))
    try FileManager.default.removeItem(atPath: ballast)
    try directory.checkpoints.append(Sample.note(notes))
    try directory.store.append(Sample.rows(from: next, count: 300))
    #expect(try Sample.problems(of: directory.store) == [])
    try directory.close()
    let reopened = try LedgerDirectory.open(at: path)
    #expect(try reopened.store.entryCount() == next + 300)
    #expect(try reopened.checkpoints.all().count == notes + 1)
    try reopened.close()
  }

  /// Goal: a medium that allows no writing can be read, log and all, and is not opened for writing.
  @Test(.enabled(if: Mount.isPossible, "needs the right to mount"), arguments: [true, false])
  func readsAReadOnlyMedium(hasLog: Bool) throws {
    let scratch = try Scratch()
    let mount = try Mount("size=8m")
    let path = scratch["ledger"]
    let directory = try LedgerDirectory.create(at: path, rows: Sample.rows(from: 0, count: 10))
    try directory.store.append(Sample.rows(from: 10, count: 500))
    if !hasLog { try directory.close() }
    try FileManager.default.copyItem(atPath: path, toPath: mount.path + "/copy")
    if hasLog {
      try FileManager.default.removeItem(atPath: mount.path + "/copy/ledger.sqlite-shm")
      try directory.close()
    }
    try mount.makeReadOnly()
    let reader = try LedgerDirectoryReader(at: mount.path + "/copy")
    #expect(try reader.store.entryCount() == 510)
    #expect(try Sample.problems(of: reader.store) == [])
    try reader.close()
    let error = #expect(throws: StoreError.self) {
      try LedgerDirectory.open(at: mount.path + "/copy")
    }
    #expect(error?.code == "read_only")
    let second = #expect(throws: StoreError.self) {
      try LedgerDirectory.create(at: mount.path + "/new")
    }
    #expect(second?.code == "read_only")
  }

  /// Goal: a failed sync is an unknown outcome, after which nothing goes any more.
  @Test(.enabled(if: Tracer.isPossible, "needs strace, and the right to trace"))
  func endsAfterAFailedSync() async throws {
    let scratch = try Scratch()
    let path = scratch["ledger"]
    try LedgerDirectory.create(at: path, rows: Sample.rows(from: 0, count: 5)).close()
    await #expect(processExitsWith: .exitCode(17)) { [path = path as String] in
      let directory = try LedgerDirectory.open(at: path)
      try directory.store.append(Sample.rows(from: 5, count: 5))
      try Tracer.attach(["-e", "inject=fdatasync:error=EIO"], output: path + "/../trace")
      let codes = [
        Tracer.code { try directory.store.append(Sample.rows(from: 10, count: 5)) },
        Tracer.code { try directory.store.append(Sample.rows(from: 10, count: 5)) },
        Tracer.code { _ = try directory.store.entryCount() },
        Tracer.code { _ = try directory.store.rows(from: .genesis, rowsMax: 1) },
        Tracer.code { try directory.checkpoints.append(Sample.note(1)) },
        Tracer.code { _ = try directory.checkpoints.newest() },
      ]
      exit(codes.allSatisfy { $0 == "storage_outcome_unknown" } ? 17 : 1)
    }
    let directory = try LedgerDirectory.open(at: path)
    let count = try directory.store.entryCount()
    #expect(count == 10 || count == 15)
    #expect(try Sample.problems(of: directory.store) == [])
    try directory.close()
  }

  /// Goal: each append has one sync of the log before it returns, and each checkpoint one of its.
  ///
  /// Method: the child writes a mark after each call; the trace must have a sync before each mark.
  @Test(.enabled(if: Tracer.isPossible, "needs strace, and the right to trace"))
  func syncsOnceBeforeEachAcknowledgement() async throws {
    let scratch = try Scratch()
    let path = scratch["ledger"]
    try LedgerDirectory.create(at: path).close()
    await #expect(processExitsWith: .exitCode(17)) { [path = path as String] in
      let directory = try LedgerDirectory.open(at: path)
      try directory.store.append(Sample.rows(from: 0, count: 10))
      let marks = try Scratch.file(path + "/../marks")
      try Tracer.attach(["-e", "trace=fdatasync,fsync,write", "-y"], output: path + "/../trace")
      for batch in UInt64(1)...5 {
        try directory.store.append(Sample.rows(from: batch * 10, count: 10))
        try marks.write(contentsOf: Data("rows".utf8))
      }
      for number in 1...5 {
        try directory.checkpoints.append(Sample.note(number))
        try marks.write(contentsOf: Data("note".utf8))
      }
      exit(17)
    }
    let trace = String(decoding: try Scratch.bytes(of: scratch["trace"]), as: UTF8.self)
    let calls = trace.split(separator: "\n").compactMap { line -> String? in
      if line.contains("sync(") { return line.contains("ledger.sqlite-wal") ? "wal" : "file" }
      if line.contains("\"rows\"") { return "rows" }
      return line.contains("\"note\"") ? "note" : nil
    }
    let expected =
      (0..<5).flatMap { _ in ["wal", "rows"] } + (0..<5).flatMap { _ in ["file", "note"] }
    #expect(calls == expected)
  }
}
