import Foundation
import GRDB
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// The ledger's folder: what opens, what does not, and what is said then.
@Suite struct LedgerDirectoryTests {
  private static func newLedger(_ scratch: Scratch, entries: Int = 600) throws -> String {
    let path = scratch["ledger"]
    try LedgerDirectory.create(at: path, rows: Sample.rows(from: 0, count: entries)).close()
    return path
  }

  private static func code(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch let error as StoreError {
      return error.code
    } catch {
      return "\(error)"
    }
  }

  /// What opening for writing, and opening for reading, throws.
  private static func codes(at path: String) -> [String] {
    [
      code { try LedgerDirectory.open(at: path).close() },
      code { try LedgerDirectoryReader(at: path).close() },
    ]
  }

  @Test func leavesFilesForTheirOwnerOnly() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let directory = try LedgerDirectory.open(at: path)
    try directory.store.append(Sample.rows(from: 600, count: 10))
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
    try directory.close()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        == ["checkpoints", "documents.sqlite", "index.sqlite", "ledger.sqlite", "lock"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }

  @Test func refusesASecondGenesis() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let before = try Scratch.contents(of: path)
    #expect(throws: StoreError.alreadyExists(path: path)) { try LedgerDirectory.create(at: path) }
    #expect(try Scratch.contents(of: path) == before)
    let open = try LedgerDirectory.open(at: path)
    #expect(throws: StoreError.alreadyExists(path: path)) { try LedgerDirectory.create(at: path) }
    #expect(try open.store.entryCount() == 600)
    try open.close()
    try Scratch.write([], to: scratch["file"])
    #expect(throws: StoreError.self) { try LedgerDirectory.create(at: scratch["file"]) }
  }

  @Test func createsInAnEmptyFolderOrANewOne() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch["empty/lost+found"], withIntermediateDirectories: true)
    try LedgerDirectory.create(at: scratch["empty"]).close()
    try LedgerDirectory.create(at: scratch["new/"]).close()
    #expect(throws: StoreError.directoryNotFound(path: scratch["no"])) {
      try LedgerDirectory.create(at: scratch["no/deeper"])
    }
  }

  @Test func refusesMissingParts() throws {
    let scratch = try Scratch()
    #expect(throws: StoreError.directoryNotFound(path: scratch["no"])) {
      try LedgerDirectory.open(at: scratch["no"])
    }
    #expect(Self.codes(at: scratch["no"]) == ["directory_not_found", "directory_not_found"])
    try Scratch.write([], to: scratch["file"])
    #expect(Self.codes(at: scratch["file"]) == ["directory_not_found", "directory_not_found"])
    #expect(Self.codes(at: scratch.path) == ["file_not_found", "file_not_found"])
    let path = try Self.newLedger(scratch)
    for name in ["ledger.sqlite", "checkpoints"] {
      let copy = try scratch.copy(path, to: "without-\(name)", leavingOut: [name])
      #expect(Self.codes(at: copy) == ["file_not_found", "file_not_found"])
    }
    let copy = try scratch.copy(path, to: "rest", leavingOut: ["index.sqlite", "lock"])
    #expect(Self.codes(at: copy) == ["none", "none"])
  }

  /// Goal: one writer, or any number of readers, of one folder.
  @Test func locksTheFolder() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let writer = try LedgerDirectory.open(at: path)
    #expect(Self.codes(at: path) == ["in_use", "in_use"])
    try writer.close()
    let readers = [try LedgerDirectoryReader(at: path), try LedgerDirectoryReader(at: path)]
    #expect(Self.codes(at: path) == ["in_use", "none"])
    for reader in readers { try reader.close() }
    #expect(Self.codes(at: path) == ["none", "none"])
    #expect(
      StoreError.inUse(path: "L").description
        == "`L` is in use by another process; stop that one first, or work on a copy")
  }

  /// Goal: a second process is refused as a second opening is.
  @Test func refusesASecondProcess() async throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let directory = try LedgerDirectory.open(at: path)
    await #expect(processExitsWith: .exitCode(17)) { [path = path as String] in
      do {
        _ = try LedgerDirectory.open(at: path)
      } catch StoreError.inUse {
        exit(17)
      }
    }
    try directory.close()
  }

  @Test func refusesOtherFiles() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let file = path + "/ledger.sqlite"
    let whole = try Scratch.bytes(of: file)

    func expect(_ code: String, _ change: () throws -> Void) throws {
      try Scratch.write(whole, to: file)
      try change()
      let before = try Scratch.bytes(of: file)
      #expect(Self.codes(at: path) == [code, code])
      #expect(try Scratch.bytes(of: file) == before, "it was written to")
    }
    try expect("newer_format") { try Scratch.patch(file, at: 60, with: [0, 0, 0, 2]) }
    try expect("storage_corrupt") { try Scratch.patch(file, at: 60, with: [0, 0, 0, 0]) }
    try expect("not_a_ledger") { try Scratch.patch(file, at: 68, with: [0, 0, 0, 0]) }
    try expect("not_a_ledger") { try Scratch.patch(file, at: 0, with: [0]) }
    try expect("not_a_ledger") { try Scratch.write([], to: file) }
    try expect("not_a_ledger") { try Scratch.write(Array("some text".utf8), to: file) }
    try expect("not_a_ledger") {
      try FileManager.default.removeItem(atPath: file)
      let other = try DatabaseQueue(path: file)
      try other.write { try $0.execute(sql: "CREATE TABLE notes (text TEXT)") }
      try other.close()
    }
    #expect(
      StoreError.newerFormat(path: "L", found: 2, newest: 1).description
        == "`L` has format 2, and this version reads up to 1; use the newer version that wrote it")
  }

  /// Goal: a view in the table's place, which could show other rows, is no ledger.
  @Test(arguments: [
    "ALTER TABLE entries RENAME TO hidden; CREATE VIEW entries AS SELECT * FROM hidden",
    "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END",
    "CREATE TABLE more (x)",
  ])
  func refusesAnotherSchema(sql: String) throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let queue = try DatabaseQueue(path: path + "/ledger.sqlite")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
    #expect(Self.codes(at: path) == ["not_a_ledger", "not_a_ledger"])
  }

  /// Goal: rows that a forger changed within the schema are told when they are read.
  @Test(arguments: [
    "DELETE FROM entries WHERE first = 256",
    "UPDATE entries SET count = 255 WHERE first = 0",
    "UPDATE entries SET first = 257 WHERE first = 256",
    "UPDATE entries SET entries = x'00' WHERE first = 256",
    "UPDATE entries SET entries = x'' WHERE first = 256",
    "UPDATE entries SET side = zeroblob(70000) WHERE first = 256",
    "DELETE FROM entries WHERE first = 0",
  ])
  func noticesForgedRows(sql: String) throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let queue = try DatabaseQueue(path: path + "/ledger.sqlite")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
    let reader = try LedgerDirectoryReader(at: path)
    let code = Self.code { _ = try Sample.problems(of: reader.store) }
    #expect(code == "storage_corrupt")
    try reader.close()
  }

  /// Goal: a value that no ledger writes is refused by its length, before it is read into memory.
  @Test(arguments: ["entries", "side"])
  func refusesValuesByTheirLength(column: String) throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch)
    let queue = try DatabaseQueue(path: path + "/ledger.sqlite")
    try queue.write {
      try $0.execute(sql: "UPDATE entries SET \(column) = zeroblob(2000000) WHERE first = 256")
    }
    try queue.close()
    let reader = try LedgerDirectoryReader(at: path)
    let error = #expect(throws: StoreError.self) {
      try reader.store.rows(from: SequenceNumber(256), rowsMax: 1)
    }
    #expect(error?.code == "storage_corrupt")
    #expect(error?.description.contains("too big") ?? false, "\(String(describing: error))")
    try reader.close()
  }

  /// Goal: a damaged page is an error that says so, or shows in the entries; nothing traps.
  @Test func survivesDamagedPages() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch, entries: 2_000)
    let file = path + "/ledger.sqlite"
    let whole = try Scratch.bytes(of: file)
    var random = SplitMix64(seed: 1)
    var seen: Set<String> = []
    for _ in 0..<60 {
      let offset = Int.random(in: 100..<whole.count - 64, using: &random)
      try Scratch.write(whole, to: file)
      try Scratch.patch(file, at: offset, with: (0..<64).map { _ in UInt8(random.next() & 255) })
      let code = Self.code {
        let reader = try LedgerDirectoryReader(at: path)
        let problems = try Sample.problems(of: reader.store)
        if !problems.isEmpty { throw StoreError.corrupt(detail: "entries") }
      }
      seen.insert(code)
    }
    #expect(seen.isSubset(of: ["none", "storage_corrupt", "not_a_ledger"]), "\(seen)")
    #expect(seen.contains("storage_corrupt"))
  }

  /// Goal: a copy is read whole, with what is only in its write-ahead log, and not a byte of it
  /// changes; the same on a medium that allows no writing.
  @Test(arguments: [[], ["ledger.sqlite-shm"], ["ledger.sqlite-shm", "ledger.sqlite-wal", "lock"]])
  func readsACopyWithoutTouchingIt(leftOut: [String]) throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch, entries: 300)
    let directory = try LedgerDirectory.open(at: path)
    try directory.store.append(Sample.rows(from: 300, count: 700))
    try directory.checkpoints.append(Sample.note(1_000))
    let copy = try scratch.copy(path, to: "a copy? 100%#", leavingOut: Set(leftOut))
    try directory.close()
    let hasLog = !leftOut.contains("ledger.sqlite-wal")
    let before = try Scratch.contents(of: copy)
    #expect(((before["ledger.sqlite-wal"]?.count ?? 0) > 100_000) == hasLog)
    // However often its path says where the root is.
    for path in [copy, "/" + copy] {
      let reader = try LedgerDirectoryReader(at: path)
      #expect(try reader.store.entryCount() == (hasLog ? 1_000 : 300))
      #expect(try Sample.problems(of: reader.store) == [])
      #expect(try reader.checkpoints.newest() == Sample.note(1_000))
      let error = #expect(throws: StoreError.self) {
        try reader.store.append(Sample.rows(from: 1_000, count: 1))
      }
      #expect(error?.code == "read_only")
      #expect(throws: StoreError.self) { try reader.checkpoints.append(Sample.note(1)) }
      try reader.close()
    }
    #expect(try Scratch.contents(of: copy) == before)
  }

  /// Goal: closing a copy leaves its write-ahead log even where no whole frame is in it, which is
  /// when SQLite would remove it.
  @Test func leavesALogThatHoldsNothing() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch, entries: 300)
    let directory = try LedgerDirectory.open(at: path)
    try directory.store.append(Sample.rows(from: 300, count: 700))
    let copy = try scratch.copy(path, to: "copy", leavingOut: ["ledger.sqlite-shm"])
    try directory.close()
    let log = copy + "/ledger.sqlite-wal"
    try Scratch.write(Array(try Scratch.bytes(of: log).prefix(2_000)), to: log)
    let before = try Scratch.contents(of: copy)
    let reader = try LedgerDirectoryReader(at: copy)
    #expect(try reader.store.entryCount() == 300)
    #expect(try Sample.problems(of: reader.store) == [])
    try reader.close()
    #expect(try Scratch.contents(of: copy) == before)
  }

  /// Goal: what a crash left, opened for writing, is whole, and goes on.
  @Test func recoversACopyOfAnOpenLedger() throws {
    let scratch = try Scratch()
    let path = try Self.newLedger(scratch, entries: 1)
    let directory = try LedgerDirectory.open(at: path)
    for batch in UInt64(0)..<20 {
      try directory.store.append(Sample.rows(from: 1 + batch * 50, count: 50))
      let copy = try scratch.copy(path, to: "copy-\(batch)")
      let recovered = try LedgerDirectory.open(at: copy)
      #expect(try recovered.store.entryCount() == 51 + batch * 50)
      try recovered.store.append(Sample.rows(from: 51 + batch * 50, count: 3))
      #expect(try Sample.problems(of: recovered.store) == [])
      try recovered.close()
    }
    try directory.close()
  }
}
