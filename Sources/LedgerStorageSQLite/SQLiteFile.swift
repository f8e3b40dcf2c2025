internal import GRDB
internal import LedgerStorage
internal import Synchronization

/// A file beside the log: open for writing or for reading alone, until it is closed.
///
/// Unlike with the log, a commit of unknown outcome is one that can be made again.
final class SQLiteFile: Sendable {
  private let path: String
  private let reader: any DatabaseReader
  private let writer: DatabasePool?
  private let isClosed = Mutex(false)

  /// Opens an existing file; who calls it holds the ledger's lock.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - format: What it must be.
  ///   - pragmas: How it is written, such as `synchronous = FULL`.
  ///   - valueBytesMax: No value has more.
  /// - Throws: ``StoreError``, also where the file is of another format.
  init(
    openingAt path: String, as format: SQLiteFormat, pragmas: [String],
    valueBytesMax: Int = SQLiteFormat.rowBytesMax
  ) throws(StoreError) {
    try format.checkHeader(at: path)
    let pool = try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = SQLiteFormat.configuration(valueBytesMax: valueBytesMax)
      configuration.busyMode = .timeout(1)
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { database in
        // After opening, and outside a transaction: GRDB sets its own as it sets up WAL.
        for pragma in pragmas { try database.execute(sql: "PRAGMA " + pragma) }
        try format.checkSchema(database, path: path)
      }
      return pool
    }
    self.path = path
    reader = pool
    writer = pool
  }

  /// Opens a file for reading, without writing a byte anywhere; who calls it holds a shared lock on
  /// the ledger or knows that it is a copy.
  init(readingAt path: String, as format: SQLiteFormat) throws(StoreError) {
    reader = try format.openForReading(at: path)
    self.path = path
    writer = nil
  }

  func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try checkOpen()
    return try SQLiteFailure.mapped(during: .reading, of: path) { try reader.read(body) }
  }

  /// Changes the file in one transaction, which is durable as `synchronous` has it.
  func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try checkOpen()
    guard let writer else { throw .readOnly(detail: "`\(path)` is open for reading only") }
    return try SQLiteFailure.mapped(during: .writing, of: path) { try writer.write(body) }
  }

  /// Copies the write-ahead log into the file, and empties it.
  ///
  /// - Returns: Whether it did: not where somebody reads meanwhile, or there is no room.
  func emptyLog() throws(StoreError) -> Bool {
    try checkOpen()
    return try SQLiteFailure.mapped(during: .checkpointing, of: path) { try emptiedLog() }
  }

  /// Empties the write-ahead log as far as that can be, and closes the file, once.
  func close() throws(StoreError) {
    let wasOpen = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard wasOpen else { return }
    try SQLiteFailure.mapped(during: .checkpointing, of: path) {
      // What stays in the write-ahead log is there at the next opening.
      _ = try emptiedLog()
      try reader.close()
    }
  }

  private func emptiedLog() throws -> Bool {
    do {
      _ = try writer?.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      return true
    } catch DatabaseError.SQLITE_FULL, DatabaseError.SQLITE_BUSY {
      return false
    }
  }

  private func checkOpen() throws(StoreError) {
    if isClosed.withLock({ $0 }) { throw .closed }
  }
}
