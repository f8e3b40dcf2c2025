internal import GRDB
internal import GRDBSQLite
internal import LedgerStorage

extension SQLiteFormat {
  /// Opens a file for reading, without writing a byte anywhere.
  ///
  /// Without a write-ahead log the file is opened as immutable. With one, SQLite would want to
  /// write an index of it beside it (-shm); held exclusively, with locks switched off, it keeps
  /// that index in memory.
  ///
  /// - Throws: ``StoreError`` where it is no file of this format.
  func openForReading(at path: String) throws(StoreError) -> DatabaseQueue {
    try checkHeader(at: path)
    let log: DiskFile?
    do {
      log = try DiskFile(path + "-wal", .read)
    } catch .fileNotFound {
      log = nil
    }
    let hasLog = try (log?.size() ?? 0) > 0
    return try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = Self.configuration()
      configuration.readonly = true
      configuration.prepareDatabase { database in
        guard hasLog else { return }
        _ = try String.fetchOne(database, sql: "PRAGMA locking_mode = EXCLUSIVE")
        // Closing must not remove the write-ahead log of what may be evidence.
        var isKept: CInt = 1
        // Safe: the call writes one CInt, before it returns.
        let code = unsafe sqlite3_file_control(
          database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
      }
      let queue = try DatabaseQueue(
        path: Self.uri(of: path, query: hasLog ? "vfs=unix-none" : "immutable=1"),
        configuration: configuration)
      try queue.read { try checkSchema($0, path: path) }
      return queue
    }
  }

  /// - Source: RFC 3986, section 2.1; SQLite, "Uniform Resource Identifiers", 3.1.
  private static func uri(of path: String, query: String) -> String {
    // With an authority, which is empty: a path that begins with two slashes would else name one.
    var text = path.hasPrefix("/") ? "file://" : "file:"
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16)
        text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text + "?" + query
  }
}
