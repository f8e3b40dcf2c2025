internal import Foundation
internal import GRDB
internal import GRDBSQLite
package import LedgerModel
package import LedgerStorage
internal import Synchronization

/// The index of instructions in an SQLite file of its own.
///
/// It syncs now and then only (`synchronous` is NORMAL): what power takes away is a tail, and
/// ``indexedCount()`` says from where to add it again.
package final class SQLiteInstructionIndex: InstructionIndex {
  private let path: String
  private let pool: DatabasePool
  private let isClosed = Mutex(false)

  /// Opens an existing index; who calls it holds the ledger's lock.
  init(openingAt path: String) throws(StoreError) {
    try SQLiteFormat.index.checkHeader(at: path)
    self.path = path
    pool = try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = SQLiteFormat.configuration()
      configuration.busyMode = .timeout(1)
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        try database.execute(sql: "PRAGMA cache_size = -65536")
        try SQLiteFormat.index.checkSchema(database, path: path)
      }
      return pool
    }
  }

  package func indexedCount() throws(StoreError) -> UInt64 {
    try read { try Self.indexedCount($0) }
  }

  package func add(
    _ instructions: [IndexedInstruction], coveringUpTo: UInt64
  ) throws(StoreError) {
    // In the order of the tree, so that neighbours are on one page.
    let sorted = instructions.sorted { $0.id < $1.id }
    try write { database in
      try checkAddition(
        instructions, coveringUpTo: coveringUpTo, indexed: Self.indexedCount(database))
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO instructions (id, party, sequence) VALUES (?, ?, ?)
          ON CONFLICT (id, party) DO UPDATE SET sequence = excluded.sequence
          WHERE excluded.sequence < sequence
          """)
      for instruction in sorted { try Self.insert(instruction, by: statement) }
      try database.execute(
        sql: """
          INSERT INTO reach (one, indexed) VALUES (1, ?)
          ON CONFLICT (one) DO UPDATE SET indexed = excluded.indexed
          """, arguments: [Int64(coveringUpTo)])
    }
  }

  package func sequence(
    party: Party, id: InstructionID
  ) throws(StoreError) -> SequenceNumber? {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT sequence FROM instructions WHERE id = ? AND party = ?")
      return try Int64.fetchOne(
        statement, arguments: [Data(id.value.bytes), party.description]
      ).map { try Self.sequenceNumber($0) }
    }
  }

  package func sequences(
    id: InstructionID
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT party, sequence FROM instructions WHERE id = ? ORDER BY party LIMIT ?")
      let rows = try Row.fetchAll(
        statement, arguments: [Data(id.value.bytes), StorageLimits.partiesPerIDMax])
      return try rows.map { row in
        guard let text = String.fromDatabaseValue(row[0]),
          let sequence = Int64.fromDatabaseValue(row[1])
        else { throw StoreError.corrupt(detail: "the index has a row without valid fields") }
        do {
          return (try Party(text), try Self.sequenceNumber(sequence))
        } catch let error as NameError {
          throw StoreError.corrupt(detail: "the index names a party that cannot be: \(error)")
        }
      }
    }
  }

  package func removeAll() throws(StoreError) {
    try write { database in
      try database.execute(sql: "DELETE FROM instructions; DELETE FROM reach")
    }
  }

  package func close() throws(StoreError) {
    let wasOpen = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard wasOpen else { return }
    try SQLiteFailure.mapped(during: .checkpointing, of: path) {
      do {
        _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      } catch DatabaseError.SQLITE_FULL, DatabaseError.SQLITE_BUSY {
        // It stays in the write-ahead log until the next opening.
      }
      try pool.close()
    }
  }

  /// Runs the insertion on SQLite itself: with the values as GRDB's arguments, it took 2.9 µs of
  /// processor time in place of 1.9, on cores that it shares with the sequencer.
  private static func insert(_ instruction: IndexedInstruction, by statement: GRDB.Statement) throws
  {
    let handle = unsafe statement.sqliteStatement
    // Safe: SQLite copies what it is handed before each call returns, as the destructor -1 asks.
    let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let id = instruction.id.value
    unsafe withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { bytes in
      _ = unsafe sqlite3_bind_blob(handle, 1, bytes.baseAddress, 16, copied)
    }
    unsafe sqlite3_bind_text(handle, 2, instruction.party.description, -1, copied)
    unsafe sqlite3_bind_int64(handle, 3, Int64(instruction.sequence.value))
    let code = unsafe sqlite3_step(handle)
    unsafe sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code))
    }
  }

  private static func indexedCount(_ database: Database) throws -> UInt64 {
    let statement = try database.cachedStatement(sql: "SELECT indexed FROM reach")
    return try sequenceNumber(Int64.fetchOne(statement) ?? 0).value
  }

  private static func sequenceNumber(_ value: Int64) throws -> SequenceNumber {
    guard let value = UInt64(exactly: value) else {
      throw StoreError.corrupt(detail: "the index holds the negative number \(value)")
    }
    return SequenceNumber(value)
  }

  private func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    if isClosed.withLock({ $0 }) { throw .closed }
    return try SQLiteFailure.mapped(during: .reading, of: path) { try pool.read(body) }
  }

  private func write(_ body: (Database) throws -> Void) throws(StoreError) {
    if isClosed.withLock({ $0 }) { throw .closed }
    // Not as with the log: a commit of unknown outcome is one that can be made again.
    try SQLiteFailure.mapped(during: .writing, of: path) { try pool.write(body) }
  }
}
