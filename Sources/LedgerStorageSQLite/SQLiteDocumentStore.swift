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
  private let file: SQLiteFile
  /// Whether the write-ahead log may hold what was deleted; after a crash it may.
  private let owesEmptying = Mutex(true)

  /// Opens an existing file; who calls it holds the ledger's lock.
  init(openingAt path: String) throws(StoreError) {
    file = try SQLiteFile(
      openingAt: path, as: .documents, pragmas: ["synchronous = FULL", "secure_delete = ON"],
      valueBytesMax: StorageLimits.documentBytesMax + SQLiteFormat.rowBytesMax)
  }

  package func keep(
    _ record: DocumentRecord, _ content: DocumentContent, within limits: UnorderedDocumentLimits
  ) throws(StoreError) -> KeptDocument? {
    guard content.bytes.count <= StorageLimits.documentBytesMax else {
      throw .invalid(
        detail: "a document of \(content.bytes.count) bytes, above "
          + "\(StorageLimits.documentBytesMax)")
    }
    guard let received = Int64(exactly: record.received.microseconds),
      let expiry = Int64(exactly: record.expiry.microseconds)
    else { throw .invalid(detail: "a document from beyond 2^63 µs") }
    return try file.write { database in
      let known = try Self.document(of: record.sender, called: record.reference, in: database)
      if let known { return known }
      guard try Self.isRoom(for: record.sender, within: limits, in: database) else { return nil }
      try database.execute(
        sql: """
          INSERT INTO documents
            (digest, sender, reference, received, expiry, orders, recipient, ordered, salt, content)
          VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
          """,
        arguments: [
          Data(record.digest.value.bytes), record.sender.text, record.reference.text, received,
          expiry, Data(record.orders.flatMap(\.value.bytes)), record.recipient?.text,
          Data(content.salt.bytes), Data(content.bytes),
        ])
      return KeptDocument(record: record, content: content)
    }
  }

  private static func isRoom(
    for sender: ParticipantID, within limits: UnorderedDocumentLimits, in database: Database
  ) throws -> Bool {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*), coalesce(sum(length(content)), 0) FROM documents
        WHERE ordered = 0 AND sender = ?
        """, arguments: [sender.text])
    guard let row else { return true }
    return row[0] < limits.countMax && row[1] < limits.bytesMax
  }

  package func document(_ digest: DocumentDigest) throws(StoreError) -> KeptDocument? {
    try file.read { database in
      try Row.fetchOne(
        database, sql: Self.columns + "WHERE digest = ?", arguments: [Data(digest.value.bytes)]
      ).map(Self.document)
    }
  }

  package func document(
    of sender: ParticipantID, called reference: ClientReference
  ) throws(StoreError) -> KeptDocument? {
    try file.read { try Self.document(of: sender, called: reference, in: $0) }
  }

  private static func document(
    of sender: ParticipantID, called reference: ClientReference, in database: Database
  ) throws -> KeptDocument? {
    try Row.fetchOne(
      database, sql: columns + "WHERE sender = ? AND reference = ?",
      arguments: [sender.text, reference.text]
    ).map(document)
  }

  package func unordered(
    after: DocumentDigest?, countMax: Int
  ) throws(StoreError) -> [DocumentRecord] {
    try file.read { database in
      var place: Int64 = 0
      if let after {
        let found = try Int64.fetchOne(
          database, sql: "SELECT number FROM documents WHERE digest = ?",
          arguments: [Data(after.value.bytes)])
        guard let found else {
          throw StoreError.invalid(detail: "there is no document \(after) to go on after")
        }
        place = found
      }
      return try Row.fetchAll(
        database,
        sql: """
          SELECT digest, sender, reference, received, expiry, orders, recipient, NULL, NULL
          FROM documents WHERE ordered = 0 AND number > ? ORDER BY number LIMIT ?
          """, arguments: [place, countMax]
      ).map { try Self.document($0).record }
    }
  }

  package func settle(
    ordered: [DocumentDigest], forgotten: [DocumentDigest]
  ) throws(StoreError) {
    guard !ordered.isEmpty || !forgotten.isEmpty else { return }
    try file.write { database in
      for digest in ordered {
        try database.cachedStatement(sql: "UPDATE documents SET ordered = 1 WHERE digest = ?")
          .execute(arguments: [Data(digest.value.bytes)])
      }
      for digest in forgotten {
        try database.cachedStatement(
          sql: "DELETE FROM documents WHERE digest = ? AND ordered = 0"
        ).execute(arguments: [Data(digest.value.bytes)])
      }
    }
    if !forgotten.isEmpty { owesEmptying.withLock { $0 = true } }
  }

  package func deleteContents(
    before time: LedgerTime, countMax: Int
  ) throws(StoreError) -> Int {
    let count = try file.write { database in
      try database.execute(
        sql: """
          UPDATE documents SET salt = NULL, content = NULL WHERE number IN
            (SELECT number FROM documents WHERE content IS NOT NULL AND received < ? LIMIT ?)
          """, arguments: [Int64(clamping: time.microseconds), countMax])
      return database.changesCount
    }
    if count > 0 { owesEmptying.withLock { $0 = true } }
    try emptyLog()
    return count
  }

  package func close() throws(StoreError) { try file.close() }

  private static let columns =
    "SELECT digest, sender, reference, received, expiry, orders, recipient, salt, content "
    + "FROM documents "

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
      orders: orders,
      recipient: String.fromDatabaseValue(row[6]).flatMap { try? ParticipantID($0) })
    guard let salt = Data.fromDatabaseValue(row[7]).flatMap({ Bytes32($0) }),
      let content = Data.fromDatabaseValue(row[8])
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

  /// Empties the write-ahead log, which may still hold what was deleted; where somebody reads
  /// meanwhile, the next call does.
  private func emptyLog() throws(StoreError) {
    guard owesEmptying.withLock({ $0 }), try file.emptyLog() else { return }
    owesEmptying.withLock { $0 = false }
  }
}
