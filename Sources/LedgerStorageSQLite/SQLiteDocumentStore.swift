internal import Foundation
internal import GRDB
package import LedgerModel
package import LedgerStorage
internal import Synchronization

/// Documents in an SQLite file of their own.
///
/// Each change is synced before its call returns. What is deleted is overwritten in the file
/// (`secure_delete`), and the write-ahead log that held it is emptied; copies that others made,
/// such as backups, are theirs to delete.
package final class SQLiteDocumentStore: DocumentStore {
  private let path: String
  private let database: DatabasePool
  private let isClosed = Mutex(false)

  /// Opens an existing file; who calls it holds the ledger's lock.
  init(openingAt path: String) throws(StoreError) {
    try SQLiteFormat.documents.checkHeader(at: path)
    self.path = path
    database = try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = SQLiteFormat.configuration(
        valueBytesMax: StorageLimits.documentBytesMax + SQLiteFormat.rowBytesMax)
      configuration.busyMode = .timeout(1)
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA secure_delete = ON")
        try SQLiteFormat.documents.checkSchema(database, path: path)
      }
      return pool
    }
  }

  package func keep(
    _ record: DocumentRecord, _ content: DocumentContent
  ) throws(StoreError) -> KeptDocument {
    guard content.bytes.count <= StorageLimits.documentBytesMax else {
      throw .invalid(
        detail: "a document of \(content.bytes.count) bytes, above "
          + "\(StorageLimits.documentBytesMax)")
    }
    guard let received = Int64(exactly: record.received.microseconds),
      let expiry = Int64(exactly: record.expiry.microseconds)
    else { throw .invalid(detail: "a document from beyond 2^63 µs") }
    return try write { database in
      try database.execute(
        sql: """
          INSERT INTO documents
            (digest, sender, reference, received, expiry, orders, ordered, salt, content)
          VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT (sender, reference) DO NOTHING
          """,
        arguments: [
          Data(record.digest.value.bytes), record.sender.text, record.reference.text, received,
          expiry, Data(record.orders.flatMap(\.value.bytes)), Data(content.salt.bytes),
          Data(content.bytes),
        ])
      let row = try Row.fetchOne(
        database, sql: Self.columns + "WHERE sender = ? AND reference = ?",
        arguments: [record.sender.text, record.reference.text])
      guard let row else { throw StoreError.corrupt(detail: "a document is not where it was put") }
      return try Self.document(row)
    }
  }

  package func document(_ digest: DocumentDigest) throws(StoreError) -> KeptDocument? {
    try read { database in
      try Row.fetchOne(
        database, sql: Self.columns + "WHERE digest = ?", arguments: [Data(digest.value.bytes)]
      ).map(Self.document)
    }
  }

  package func unordered(
    after: DocumentDigest?, countMax: Int
  ) throws(StoreError) -> [DocumentRecord] {
    try read { database in
      let number = try after.flatMap { digest in
        try Int64.fetchOne(
          database, sql: "SELECT number FROM documents WHERE digest = ?",
          arguments: [Data(digest.value.bytes)])
      }
      return try Row.fetchAll(
        database,
        sql: """
          SELECT digest, sender, reference, received, expiry, orders, NULL, NULL FROM documents
          WHERE ordered = 0 AND number > ? ORDER BY number LIMIT ?
          """, arguments: [number ?? 0, countMax]
      ).map { try Self.document($0).record }
    }
  }

  package func unordered(of sender: ParticipantID) throws(StoreError) -> UnorderedDocuments {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*), coalesce(sum(length(content)), 0) FROM documents
          WHERE ordered = 0 AND sender = ?
          """, arguments: [sender.text])
      return UnorderedDocuments(count: row?[0] ?? 0, bytes: row?[1] ?? 0)
    }
  }

  package func setOrdered(_ digest: DocumentDigest) throws(StoreError) {
    try write { database in
      try database.execute(
        sql: "UPDATE documents SET ordered = 1 WHERE digest = ?",
        arguments: [Data(digest.value.bytes)])
    }
  }

  package func remove(_ digest: DocumentDigest) throws(StoreError) {
    try write { database in
      try database.execute(
        sql: "DELETE FROM documents WHERE digest = ? AND ordered = 0",
        arguments: [Data(digest.value.bytes)])
    }
    try emptyLog()
  }

  package func deleteContents(
    before time: LedgerTime, countMax: Int
  ) throws(StoreError) -> Int {
    let count = try write { database in
      try database.execute(
        sql: """
          UPDATE documents SET salt = NULL, content = NULL WHERE number IN
            (SELECT number FROM documents WHERE content IS NOT NULL AND received < ? LIMIT ?)
          """, arguments: [Int64(clamping: time.microseconds), countMax])
      return database.changesCount
    }
    if count > 0 { try emptyLog() }
    return count
  }

  package func close() throws(StoreError) {
    let wasOpen = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard wasOpen else { return }
    try SQLiteFailure.mapped(during: .checkpointing, of: path) { try database.close() }
  }

  private static let columns =
    "SELECT digest, sender, reference, received, expiry, orders, salt, content FROM documents "

  private static func document(_ row: Row) throws -> KeptDocument {
    guard let digest = Data.fromDatabaseValue(row[0]).flatMap({ Bytes32($0) }),
      let sender = String.fromDatabaseValue(row[1]).flatMap({ try? ParticipantID($0) }),
      let reference = String.fromDatabaseValue(row[2]).flatMap({ try? ClientReference($0) }),
      let received = Int64.fromDatabaseValue(row[3]).flatMap({ UInt64(exactly: $0) }),
      let expiry = Int64.fromDatabaseValue(row[4]).flatMap({ UInt64(exactly: $0) }),
      let orders = Data.fromDatabaseValue(row[5]).flatMap({ ids(in: [UInt8]($0)) })
    else { throw StoreError.corrupt(detail: "a document has no valid fields") }
    let record = DocumentRecord(
      digest: DocumentDigest(digest), sender: sender, reference: reference,
      received: LedgerTime(microseconds: received), expiry: LedgerTime(microseconds: expiry),
      orders: orders)
    guard let salt = Data.fromDatabaseValue(row[6]).flatMap({ Bytes32($0) }),
      let content = Data.fromDatabaseValue(row[7])
    else { return KeptDocument(record: record, content: nil) }
    return KeptDocument(
      record: record, content: DocumentContent(salt: salt, bytes: [UInt8](content)))
  }

  private static func ids(in bytes: [UInt8]) -> [InstructionID]? {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: 16) else { return nil }
    let ids = stride(from: 0, to: bytes.count, by: 16).compactMap { start in
      Bytes16(bytes[start..<start + 16]).flatMap { InstructionID($0) }
    }
    return ids.count == bytes.count / 16 ? ids : nil
  }

  /// Empties the write-ahead log, which still holds what was deleted; where somebody reads, the
  /// next deletion does.
  private func emptyLog() throws(StoreError) {
    try SQLiteFailure.mapped(during: .checkpointing, of: path) {
      do {
        _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      } catch DatabaseError.SQLITE_FULL, DatabaseError.SQLITE_BUSY {}
    }
  }

  private func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    if isClosed.withLock({ $0 }) { throw .closed }
    return try SQLiteFailure.mapped(during: .reading, of: path) { try database.read(body) }
  }

  private func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    if isClosed.withLock({ $0 }) { throw .closed }
    // As with the index: a commit of unknown outcome is one that can be made again.
    return try SQLiteFailure.mapped(during: .writing, of: path) { try database.write(body) }
  }
}
