internal import Foundation
internal import GRDB
internal import GRDBSQLite
package import LedgerModel
package import LedgerStorage
internal import Synchronization

/// The log in one SQLite file, with a write-ahead log and a sync at each commit.
///
/// Rows go to the write-ahead log, which is synced, and from there in large portions into the file:
/// the store itself runs this between appends, so that its failures are seen and its pauses have a
/// bound. Readers have connections of their own, and see what is committed and synced.
package final class SQLiteLedgerStore: LedgerStore {
  /// Bytes of write-ahead log after which it is copied into the file.
  ///
  /// Each copy makes one append wait: about 10 ms for 4 MiB, 18 for 16 and 65 for 64, and above 16
  /// the rate gains nothing.
  static let checkpointBytes = 16 * 1_024 * 1_024
  /// Readers at one time; more wait.
  static let readersMax = 8

  private struct State {
    /// What every call throws, once set.
    var end: StoreError?
    /// A guess, from above, at the bytes in the write-ahead log.
    var logBytes = 0
  }

  private let path: String
  private let reader: any DatabaseReader
  private let writer: DatabasePool?
  private let state = Mutex(State())

  /// Opens an existing store; who calls it holds the ledger's lock.
  ///
  /// - Throws: ``StoreError``; also ``StoreError/failed(detail:)`` where `synchronous` is not FULL
  ///   after it was set.
  init(openingAt path: String) throws(StoreError) {
    try SQLiteFormat.ledger.checkHeader(at: path)
    let pool = try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = SQLiteFormat.configuration()
      configuration.maximumReaderCount = Self.readersMax
      configuration.busyMode = .timeout(1)  // Only a checkpoint that waits for readers needs it.
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { database in
        // After opening, and outside a transaction: GRDB sets NORMAL as it sets up WAL.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard synchronous == 2 else {
          throw StoreError.failed(
            detail: "`\(path)`: synchronous is \(synchronous ?? -1), and must be 2 (FULL)")
        }
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try database.execute(sql: "PRAGMA journal_size_limit = \(4 * Self.checkpointBytes)")
        // A batch fits, so that its pages are written once, in COMMIT.
        try database.execute(sql: "PRAGMA cache_size = -65536")
        try SQLiteFormat.ledger.checkSchema(database, path: path)
        do {
          try database.checkpoint(.passive)
        } catch DatabaseError.SQLITE_FULL {
          // What is durable is in the write-ahead log, and can be read.
        }
      }
      return pool
    }
    self.path = path
    reader = pool
    writer = pool
  }

  /// Opens a store for reading, without writing a byte anywhere; who calls it holds a shared lock
  /// on the ledger or knows that it is a copy.
  ///
  /// - Throws: ``StoreError``.
  init(readingAt path: String) throws(StoreError) {
    reader = try SQLiteFormat.ledger.openForReading(at: path)
    self.path = path
    writer = nil
  }

  /// Makes a new store that begins with `rows`, durable when it returns.
  static func create(at path: String, rows: [StoredRow]) throws(StoreError) {
    try SQLiteFormat.ledger.create(at: path) { try insert(rows, into: $0) }
  }

  package func append(_ rows: [StoredRow]) throws(StoreError) {
    try check()
    guard !rows.isEmpty else { return }
    guard let writer else { throw .readOnly(detail: "`\(path)` is open for reading only") }
    do {
      try SQLiteFailure.mapped(during: .writing, of: path) {
        try writer.writeWithoutTransaction { database in
          try append(rows, to: database)
          try checkpoint(database, after: rows)
        }
      }
    } catch {
      if error.remedy == .endProcess { state.withLock { $0.end = error } }
      throw error
    }
  }

  package func entryCount() throws(StoreError) -> UInt64 {
    try check()
    return try SQLiteFailure.mapped(during: .reading, of: path) {
      try reader.read { try Self.entryCount($0) }
    }
  }

  package func rows(
    from sequence: SequenceNumber, rowsMax: Int
  ) throws(StoreError) -> [StoredRow] {
    precondition(rowsMax >= 1, "rowsMax is \(rowsMax)")
    try check()
    guard let from = Int64(exactly: sequence.value) else { return [] }
    let rows = try SQLiteFailure.mapped(during: .reading, of: path) {
      try reader.read { database in
        guard try sequence.value < Self.entryCount(database) else { return [StoredRow]() }
        return try Self.rows(from: from, rowsMax: rowsMax, in: database)
      }
    }
    try RowSequence.checkRead(rows, from: sequence)
    return rows
  }

  package func close() throws(StoreError) {
    let wasOpen = state.withLock { state in
      defer { state.end = .closed }
      return state.end != .closed
    }
    guard wasOpen else { return }
    try SQLiteFailure.mapped(during: .checkpointing, of: path) {
      // Here, since GRDB closes its readers last, and those cannot copy the write-ahead log into
      // the file. Without room it stays as it is, durable, until the next opening.
      do {
        _ = try writer?.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      } catch DatabaseError.SQLITE_FULL, DatabaseError.SQLITE_BUSY {
      }
      try reader.close()
    }
  }

  /// Copies the write-ahead log into the file, once it is long enough.
  ///
  /// Between two appends, since a copy beside them would never catch up with a busy writer.
  private func checkpoint(_ database: Database, after rows: [StoredRow]) throws(StoreError) {
    let bytes = rows.reduce(2 * SQLiteFormat.pageBytes) {
      $0 + $1.entries.count + $1.sideData.count + SQLiteFormat.pageBytes
    }
    let logBytes = state.withLock { state in
      state.logBytes += bytes
      return state.logBytes
    }
    guard logBytes >= Self.checkpointBytes else { return }
    do {
      try SQLiteFailure.mapped(during: .checkpointing, of: path) {
        let progress = try database.checkpoint(.passive)
        if progress.walFrameCount * SQLiteFormat.pageBytes > 4 * Self.checkpointBytes {
          // Readers kept it from starting over for long: wait for them, up to the busy timeout.
          try database.checkpoint(.restart)
        }
      }
    } catch {
      switch error {
      // What was appended is durable in the write-ahead log. The next append tries this again.
      case .full, .inUse: return
      // It is durable there, but the medium fails: better to stop here than at some later batch.
      case .unknownOutcome: throw error
      case .directoryNotFound, .fileNotFound, .alreadyExists, .notALedger, .newerFormat, .readOnly,
        .closed, .discontiguous, .invalid, .corrupt, .failed:
        throw .unknownOutcome(detail: error.description)
      }
    }
    state.withLock { $0.logBytes = 0 }
  }

  private func append(_ rows: [StoredRow], to database: Database) throws {
    try database.beginTransaction(.immediate)
    do {
      try RowSequence.checkAppend(rows, at: Self.entryCount(database))
      try Self.insert(rows, into: database)
    } catch {
      try rollBack(database)
      throw error
    }
    do {
      try SQLiteFailure.mapped(during: .committing, of: path) { try database.commit() }
    } catch {
      try rollBack(database)
      throw error
    }
  }

  private static func insert(_ rows: [StoredRow], into database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO entries (first, count, entries, side) VALUES (?, ?, ?, ?)")
    for row in rows {
      try statement.execute(arguments: [
        Int64(row.first.value), row.count, Data(row.entries), Data(row.sideData),
      ])
    }
  }

  private func rollBack(_ database: Database) throws {
    guard database.isInsideTransaction else { return }
    try SQLiteFailure.mapped(during: .committing, of: path) { try database.rollback() }
  }

  private static func entryCount(_ database: Database) throws -> UInt64 {
    let statement = try database.cachedStatement(
      sql: "SELECT first, count FROM entries ORDER BY first DESC LIMIT 1")
    guard let row = try Row.fetchOne(statement) else { return 0 }
    guard let first = Int64.fromDatabaseValue(row[0]), first >= 0,
      let count = Int64.fromDatabaseValue(row[1]),
      1 <= count, count <= Int64(StorageLimits.entriesPerRowMax), first <= .max - count
    else { throw StoreError.corrupt(detail: "the last row has no valid place or count") }
    return UInt64(first + count)
  }

  private static func rows(
    from sequence: Int64, rowsMax: Int, in database: Database
  ) throws -> [StoredRow] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT first, count, entries, side FROM entries
        WHERE first >= coalesce((SELECT max(first) FROM entries WHERE first <= ?), 0)
        ORDER BY first LIMIT ?
        """)
    var rows: [StoredRow] = []
    let cursor = try Row.fetchCursor(statement, arguments: [sequence, rowsMax])
    while let row = try cursor.next() {
      guard let first = Int64.fromDatabaseValue(row[0]), first >= 0,
        let count = Int64.fromDatabaseValue(row[1]),
        1 <= count, count <= Int64(StorageLimits.entriesPerRowMax), first <= .max - count,
        let entries = try row.withUnsafeData(atIndex: 2, { $0.map { [UInt8]($0) } }),
        let sideData = try row.withUnsafeData(atIndex: 3, { $0.map { [UInt8]($0) } })
      else {
        throw StoreError.corrupt(detail: "a row from entry \(sequence) on has no valid fields")
      }
      rows.append(
        StoredRow(
          first: SequenceNumber(UInt64(first)), count: Int(count), entries: entries,
          sideData: sideData))
    }
    return rows
  }

  private func check() throws(StoreError) {
    if let end = state.withLock({ $0.end }) { throw end }
  }
}
