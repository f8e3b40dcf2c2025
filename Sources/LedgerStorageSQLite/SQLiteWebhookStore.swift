internal import Foundation
internal import GRDB
package import LedgerModel
package import LedgerStorage

extension SQLiteFormat {
  /// What the webhooks' file is: `SPCW`, version 1.
  ///
  /// An owner is a reader in words, or the empty text for whoever reaches a server without TLS.
  static let webhooks = SQLiteFormat(
    applicationID: 0x5350_4357, newestVersion: 1,
    schema: """
      CREATE TABLE webhooks (
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        url TEXT NOT NULL,
        account BLOB CHECK (length(account) = 16),
        kinds TEXT,
        next INTEGER NOT NULL CHECK (next >= 0),
        PRIMARY KEY (owner, name)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE dead_letters (
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        entry INTEGER NOT NULL CHECK (entry >= 0),
        attempts INTEGER NOT NULL CHECK (attempts >= 0),
        time INTEGER NOT NULL CHECK (time >= 0),
        answer TEXT NOT NULL,
        due INTEGER NOT NULL CHECK (due IN (0, 1)),
        PRIMARY KEY (owner, name, entry)
      ) STRICT, WITHOUT ROWID
      """)
}

/// Webhooks in an SQLite file of their own, each change synced before it returns.
package final class SQLiteWebhookStore: WebhookStore {
  private let file: SQLiteFile

  /// Opens the file, or makes it where there is none; who calls it holds the ledger's lock.
  init(openingAt path: String) throws(StoreError) {
    if !Folder.exists(path) { try SQLiteFormat.webhooks.create(at: path) }
    file = try SQLiteFile(openingAt: path, as: .webhooks, pragmas: ["synchronous = FULL"])
  }

  package func webhooks() throws(StoreError) -> [KeptWebhook] {
    try file.read { database in
      let rows = try Row.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT owner, name, url, account, kinds, next FROM webhooks ORDER BY owner, name
            """))
      return try rows.map { try Self.webhook($0) }
    }
  }

  package func keep(_ webhook: KeptWebhook) throws(StoreError) {
    try file.write { database in
      try database.cachedStatement(
        sql: """
          INSERT INTO webhooks (owner, name, url, account, kinds, next)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (owner, name) DO UPDATE SET url = excluded.url,
            account = excluded.account, kinds = excluded.kinds, next = excluded.next
          """
      ).execute(arguments: [
        webhook.id.ownerText, webhook.id.name, webhook.url,
        webhook.account.map { Data($0.value.bytes) }, webhook.kinds?.joined(separator: ","),
        try Self.place(webhook.next),
      ])
    }
  }

  package func remove(_ id: WebhookID) throws(StoreError) {
    try file.write { database in
      for table in ["webhooks", "dead_letters"] {
        try database.execute(
          sql: "DELETE FROM \(table) WHERE owner = ? AND name = ?",
          arguments: [id.ownerText, id.name])
      }
    }
  }

  package func keep(
    _ letter: DeadLetter, of id: WebhookID, movingTo next: SequenceNumber?
  ) throws(StoreError) {
    try file.write { database in
      let isThere = try Int.fetchOne(
        database, sql: "SELECT 1 FROM webhooks WHERE owner = ? AND name = ?",
        arguments: [id.ownerText, id.name])
      guard isThere != nil else { throw StoreError.invalid(detail: "a letter of no webhook") }
      try database.cachedStatement(
        sql: """
          INSERT INTO dead_letters (owner, name, entry, attempts, time, answer, due)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (owner, name, entry) DO UPDATE SET attempts = excluded.attempts,
            time = excluded.time, answer = excluded.answer, due = excluded.due
          """
      ).execute(arguments: [
        id.ownerText, id.name, try Self.place(letter.sequence), letter.attempts,
        Int64(clamping: letter.time.microseconds), letter.answer, letter.isDue ? 1 : 0,
      ])
      guard let next else { return }
      try database.execute(
        sql: "UPDATE webhooks SET next = ? WHERE owner = ? AND name = ?",
        arguments: [try Self.place(next), id.ownerText, id.name])
    }
  }

  package func deadLetters(
    of id: WebhookID, from sequence: SequenceNumber, countMax: Int
  ) throws(StoreError) -> [DeadLetter] {
    try file.read { database in
      let rows = try Row.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT entry, attempts, time, answer, due FROM dead_letters
            WHERE owner = ? AND name = ? AND entry >= ? ORDER BY entry LIMIT ?
            """),
        arguments: [
          id.ownerText, id.name, Int64(clamping: sequence.value), countMax,
        ])
      return try rows.map { try Self.letter($0) }
    }
  }

  package func deadLetterCount(of id: WebhookID) throws(StoreError) -> Int {
    try file.read { database in
      try Int.fetchOne(
        database, sql: "SELECT count(*) FROM dead_letters WHERE owner = ? AND name = ?",
        arguments: [id.ownerText, id.name]) ?? 0
    }
  }

  package func dueDeadLetter(of id: WebhookID) throws(StoreError) -> DeadLetter? {
    try file.read { database in
      let row = try Row.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT entry, attempts, time, answer, due FROM dead_letters
            WHERE owner = ? AND name = ? AND due = 1 ORDER BY entry LIMIT 1
            """), arguments: [id.ownerText, id.name])
      return try row.map { try Self.letter($0) }
    }
  }

  package func makeDeadLettersDue(
    of id: WebhookID, from sequence: SequenceNumber
  ) throws(StoreError) {
    try file.write { database in
      try database.execute(
        sql: "UPDATE dead_letters SET due = 1 WHERE owner = ? AND name = ? AND entry >= ?",
        arguments: [id.ownerText, id.name, Int64(clamping: sequence.value)])
    }
  }

  package func removeDeadLetters(
    of id: WebhookID, at sequence: SequenceNumber?
  ) throws(StoreError) {
    try file.write { database in
      try database.execute(
        sql: """
          DELETE FROM dead_letters WHERE owner = ? AND name = ? AND (? IS NULL OR entry = ?)
          """,
        arguments: [
          id.ownerText, id.name, sequence.map { Int64(clamping: $0.value) },
          sequence.map { Int64(clamping: $0.value) },
        ])
    }
  }

  package func close() throws(StoreError) { try file.close() }

  private static func webhook(_ row: Row) throws -> KeptWebhook {
    guard let owner = String.fromDatabaseValue(row[0]), let name = String.fromDatabaseValue(row[1]),
      let url = String.fromDatabaseValue(row[2]),
      let next = Int64.fromDatabaseValue(row[5]).flatMap({ UInt64(exactly: $0) })
    else { throw StoreError.corrupt(detail: "a webhook has no valid fields") }
    let reader: Reader?
    do {
      reader = owner.isEmpty ? nil : try Reader(owner)
    } catch {
      throw StoreError.corrupt(detail: "a webhook is of an owner that cannot be: \(error)")
    }
    let account = Data.fromDatabaseValue(row[3]).flatMap { Bytes16($0) }.map { AccountID($0) }
    return KeptWebhook(
      id: WebhookID(owner: reader, name: name), url: url, account: account,
      kinds: String.fromDatabaseValue(row[4])?.split(separator: ",").map(String.init),
      next: SequenceNumber(next))
  }

  private static func letter(_ row: Row) throws -> DeadLetter {
    guard let entry = Int64.fromDatabaseValue(row[0]).flatMap({ UInt64(exactly: $0) }),
      let attempts = Int.fromDatabaseValue(row[1]),
      let time = Int64.fromDatabaseValue(row[2]).flatMap({ UInt64(exactly: $0) }),
      let answer = String.fromDatabaseValue(row[3]), let due = Int.fromDatabaseValue(row[4])
    else { throw StoreError.corrupt(detail: "a dead letter has no valid fields") }
    return DeadLetter(
      sequence: SequenceNumber(entry), attempts: attempts, time: LedgerTime(microseconds: time),
      answer: answer, isDue: due == 1)
  }

  private static func place(_ sequence: SequenceNumber) throws -> Int64 {
    guard let place = Int64(exactly: sequence.value) else {
      throw StoreError.invalid(detail: "there is no entry \(sequence)")
    }
    return place
  }
}
