internal import GRDB
internal import GRDBSQLite
internal import LedgerStorage

/// What a database file of ours says of itself, and how it is laid out.
struct SQLiteFormat: Sendable {
  /// The number that marks the file as ours (`PRAGMA application_id`): four ASCII letters.
  let applicationID: Int32
  /// The one layout that this version reads and writes (`PRAGMA user_version`).
  let newestVersion: Int32
  /// The whole schema.
  let schema: String

  /// What the log's file is: `SPCE`, version 1.
  ///
  /// The primary key is SQLite's row id, so a row is found by one descent and the file is in log
  /// order. The row's blobs lie in overflow pages, which an append never rewrites.
  static let ledger = SQLiteFormat(
    applicationID: 0x5350_4345, newestVersion: 1,
    schema: """
      CREATE TABLE entries (
        first INTEGER PRIMARY KEY CHECK (first >= 0),
        count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 256),
        entries BLOB NOT NULL,
        side BLOB NOT NULL
      ) STRICT
      """)

  /// What the index's file is: `SPCI`, version 3.
  ///
  /// A row is a run: the instructions of one addition whose ids are of one period, in order of id.
  /// Its place begins with the period, so that new runs go to the end of the tree, or near it, and
  /// an old id is in one of the few runs of its period. Marks are in order of account and entry.
  static let index = SQLiteFormat(
    applicationID: 0x5350_4349, newestVersion: 3,
    schema: """
      CREATE TABLE runs (
        place INTEGER PRIMARY KEY CHECK (place >= 0),
        least BLOB NOT NULL CHECK (length(least) = 16),
        greatest BLOB NOT NULL CHECK (length(greatest) = 16),
        instructions BLOB NOT NULL CHECK (length(instructions) % 28 = 0)
      ) STRICT;
      CREATE TABLE parties (
        number INTEGER PRIMARY KEY CHECK (number >= 0),
        party TEXT NOT NULL UNIQUE
      ) STRICT;
      CREATE TABLE marks (
        account BLOB NOT NULL CHECK (length(account) = 16),
        entry INTEGER NOT NULL CHECK (entry >= 0),
        PRIMARY KEY (account, entry)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE reach (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        entries INTEGER NOT NULL CHECK (entries >= 0),
        head BLOB NOT NULL CHECK (length(head) = 32)
      ) STRICT
      """)

  /// What the file of documents is: `SPCD`, version 1.
  ///
  /// Documents are numbered as they come. `orders` has the ids of the orders, 16 bytes each; `salt`
  /// and `content` are deleted together.
  static let documents = SQLiteFormat(
    applicationID: 0x5350_4344, newestVersion: 1,
    schema: """
      CREATE TABLE documents (
        number INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        sender TEXT NOT NULL,
        reference TEXT NOT NULL,
        received INTEGER NOT NULL CHECK (received >= 0),
        expiry INTEGER NOT NULL CHECK (expiry >= 0),
        orders BLOB NOT NULL CHECK (length(orders) > 0 AND length(orders) % 16 = 0),
        recipient TEXT,
        ordered INTEGER NOT NULL CHECK (ordered IN (0, 1)),
        salt BLOB CHECK (length(salt) = 32),
        content BLOB CHECK ((content IS NULL) = (salt IS NULL)),
        UNIQUE (sender, reference)
      ) STRICT;
      CREATE INDEX unordered ON documents (sender) WHERE ordered = 0;
      CREATE INDEX contents ON documents (received) WHERE content IS NOT NULL
      """)

  /// Bytes of a database page: a row of 256 payments takes four or so, an append of one entry one.
  ///
  /// An entry of 200 bytes in batches of 8,000 costs 750, 600, 515 or 450 ns of processor time with
  /// pages of 4, 8, 16 or 32 KiB. Appends of one entry take the same time with each, and write one
  /// page, so that the next size would only make a quiet ledger's disk busier.
  static let pageBytes = 16_384

  /// Bytes of the largest row that a file may hold, its two columns together, and some to spare.
  static let rowBytesMax = 4 * StorageLimits.rowBytesMax

  /// Makes a new, empty, durable database file.
  ///
  /// - Parameters:
  ///   - path: The file, which must not exist.
  ///   - fill: Runs in the transaction that makes the schema.
  /// - Throws: ``StoreError``; the caller removes what is left of the file.
  func create(
    at path: String, fill: (Database) throws -> Void = { _ in }
  ) throws(StoreError) {
    // Made here first, since SQLite would make it readable to all; its -wal follows its mode.
    _ = try DiskFile(path, .create)
    try SQLiteFailure.mapped(during: .opening, of: path) {
      var configuration = Self.configuration()
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA page_size = \(Self.pageBytes)")
        try database.execute(sql: "PRAGMA synchronous = FULL")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.execute(sql: schema)
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(newestVersion)")
        try fill(database)
      }
      // The last connection to close folds the log into the file: what remains is one file.
      try queue.writeWithoutTransaction { database in
        _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
      }
      try queue.close()
    }
  }

  /// Looks at the file's first bytes, before SQLite touches it.
  ///
  /// Both numbers are folded into the file when it is made, so no -wal can hold newer ones.
  ///
  /// - Source: SQLite, "Database File Format", 1.3 (magic, user version at 60, application at 68).
  func checkHeader(at path: String) throws(StoreError) {
    let header = try DiskFile(path, .read).read(at: 0, count: 100)
    guard !header.isEmpty else {
      throw .notALedger(path: path, detail: "it is empty")
    }
    guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw .notALedger(path: path, detail: "it is no SQLite database, or its header is damaged")
    }
    func number(at offset: Int) -> Int32 {
      Int32(bitPattern: header[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    guard number(at: 68) == applicationID else {
      throw .notALedger(
        path: path, detail: "its application id is \(number(at: 68)), not \(applicationID)")
    }
    let version = number(at: 60)
    guard version <= newestVersion else {
      throw .newerFormat(path: path, found: Int(version), newest: Int(newestVersion))
    }
    guard version == newestVersion else {
      throw .corrupt(
        detail: "`\(path)` has format \(version), which is not read any more, or never was")
    }
  }

  /// Checks that the schema is the one that we made, to the letter: a view or a trigger in its
  /// place could show an auditor other rows than it holds.
  func checkSchema(_ database: Database, path: String) throws {
    let found = try String.fetchAll(
      database,
      sql: "SELECT coalesce(sql, name) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    let expected = schema.split(separator: ";").map { part in
      String(part.drop { $0.isWhitespace })
    }
    guard found.sorted() == expected.sorted() else {
      throw StoreError.notALedger(
        path: path, detail: "its schema is not that of format \(newestVersion)")
    }
  }

  /// What all connections have in common; no value may have more than `valueBytesMax` bytes.
  static func configuration(valueBytesMax: Int = Self.rowBytesMax) -> Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.persistentReadOnlyConnections = true
    configuration.prepareDatabase { database in
      // Against files made to harm: no functions from within the schema, cells checked on loading.
      try database.execute(sql: "PRAGMA trusted_schema = OFF")
      try database.execute(sql: "PRAGMA cell_size_check = ON")
      // And no value longer than a row of ours, so that none is read into memory to be refused.
      // Safe: the connection is open for the length of this closure.
      _ = unsafe sqlite3_limit(
        database.sqliteConnection, SQLITE_LIMIT_LENGTH, CInt(valueBytesMax))
    }
    return configuration
  }
}
