internal import Foundation
internal import GRDB
package import MerkleLog

/// What a witness knows of one log.
package struct WatchedLog: Hashable, Sendable {
  package let origin: Origin
  /// The keys that are trusted for it.
  package let keys: [VerifierKey]
  /// What was cosigned last; ``WitnessedTree/none`` where nothing was.
  package let tree: WitnessedTree
  /// When that was, in POSIX seconds; 0 where nothing was.
  package let timestampSeconds: UInt64
  /// The last note cosigned, with the log's signature and ours.
  package let note: [UInt8]?
  /// Requests kept as evidence.
  package let evidenceCount: Int
}

/// A witness's memory: one SQLite file, written with a sync at each commit.
///
/// Several processes may have it open, such as one that adds a log while another serves: what must
/// be one step is one transaction, and nothing is remembered outside.
package final class WitnessStore: Sendable {
  /// The file's name in the witness's folder.
  package static let fileName = "witness.sqlite"
  /// `SPCW`.
  private static let applicationID: Int32 = 0x5350_4357
  private static let version: Int32 = 2
  /// From version 1, which kept no cosigned note beside its evidence.
  private static let upgradeTo2 = """
    ALTER TABLE evidence ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE evidence ADD COLUMN cosigned BLOB;
    UPDATE evidence SET weight = 2 WHERE decisive = 1;
    PRAGMA user_version = 2
    """
  private static let schema = """
    CREATE TABLE witness (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      vkey TEXT NOT NULL
    ) STRICT;
    CREATE TABLE logs (
      number INTEGER PRIMARY KEY,
      origin BLOB NOT NULL UNIQUE,
      hash TEXT NOT NULL UNIQUE,
      size INTEGER NOT NULL CHECK (size >= 0),
      root BLOB NOT NULL CHECK (length(root) = 32),
      time INTEGER NOT NULL CHECK (time >= 0),
      note BLOB
    ) STRICT;
    CREATE TABLE keys (
      vkey TEXT PRIMARY KEY,
      log INTEGER NOT NULL REFERENCES logs (number)
    ) STRICT;
    CREATE TABLE evidence (
      number INTEGER PRIMARY KEY,
      log INTEGER NOT NULL REFERENCES logs (number),
      time INTEGER NOT NULL,
      decisive INTEGER NOT NULL CHECK (decisive IN (0, 1)),
      reason TEXT NOT NULL,
      size INTEGER NOT NULL,
      root BLOB NOT NULL,
      text BLOB NOT NULL,
      request BLOB NOT NULL,
      weight INTEGER NOT NULL DEFAULT 0,
      cosigned BLOB,
      UNIQUE (log, text)
    ) STRICT
    """

  /// The witness's public key, as its vkey says it.
  package let key: VerifierKey
  let limits: WitnessLimits
  let path: String
  let queue: DatabaseQueue

  private init(path: String, key: VerifierKey, queue: DatabaseQueue, limits: WitnessLimits) {
    self.path = path
    self.key = key
    self.queue = queue
    self.limits = limits
  }

  /// Makes a new witness, durable when this returns.
  ///
  /// - Parameters:
  ///   - folder: Made where it is missing; else it must be empty.
  ///   - key: The witness's, of type 04.
  ///   - limits: Of the witness.
  /// - Returns: The store, open.
  /// - Throws: ``WitnessFault/alreadyExists(path:)``, or a failure of the medium.
  package static func create(
    at folder: String, key: VerifierKey, limits: WitnessLimits = WitnessLimits()
  ) throws(WitnessFault) -> WitnessStore {
    precondition(key.algorithm == .ed25519Cosignature, "\(key) is no witness's key")
    let files = FileManager.default
    let path = folder + "/" + fileName
    let names = try? files.contentsOfDirectory(atPath: folder)
    guard names?.isEmpty ?? !files.fileExists(atPath: folder) else {
      throw .alreadyExists(path: folder)
    }
    if names == nil {
      try mapped(path) {
        try files.createDirectory(
          atPath: folder, withIntermediateDirectories: false,
          attributes: [.posixPermissions: 0o700])
      }
    }
    // Made here first, since SQLite would make it readable to all; its -wal follows its mode.
    guard files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw .failed(detail: "`\(path)` cannot be made") }
    let queue = try mapped(path) {
      let queue = try openQueue(path)
      try queue.write { database in
        try database.execute(sql: schema)
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(version)")
        try database.execute(
          sql: "INSERT INTO witness (one, vkey) VALUES (1, ?)", arguments: [key.vkey])
      }
      return queue
    }
    for name in [folder, folder + "/.."] { try syncFolder(name) }
    return WitnessStore(path: path, key: key, queue: queue, limits: limits)
  }

  /// Opens a witness's memory; one that is missing is never made, since it was lost.
  ///
  /// - Parameters:
  ///   - folder: The witness's.
  ///   - limits: Of the witness.
  /// - Throws: ``WitnessFault/notAWitness(path:detail:)``, or a failure of the medium.
  package convenience init(
    openingAt folder: String, limits: WitnessLimits = WitnessLimits()
  ) throws(WitnessFault) {
    let path = folder + "/" + Self.fileName
    guard FileManager.default.fileExists(atPath: path) else {
      throw .notAWitness(path: folder, detail: "there is no `\(Self.fileName)` in it")
    }
    let (queue, vkey) = try Self.mapped(path) {
      let queue = try Self.openQueue(path)
      let vkey = try queue.write { database in
        let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
        let version = try Int32.fetchOne(database, sql: "PRAGMA user_version")
        guard id == Self.applicationID, let version, (1...Self.version).contains(version) else {
          throw WitnessFault.notAWitness(
            path: folder, detail: "`\(Self.fileName)` is of another program or version")
        }
        if version == 1 { try database.execute(sql: Self.upgradeTo2) }
        return try String.fetchOne(database, sql: "SELECT vkey FROM witness")
      }
      return (queue, vkey)
    }
    guard let vkey, let key = try? VerifierKey(vkey: vkey), key.algorithm == .ed25519Cosignature
    else { throw .notAWitness(path: folder, detail: "its key is damaged") }
    self.init(path: path, key: key, queue: queue, limits: limits)
  }

  package func close() throws(WitnessFault) { try Self.mapped(path) { try queue.close() } }

  private static func openQueue(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(WitnessLimits.busySeconds)
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA trusted_schema = OFF")
      try database.execute(sql: "PRAGMA cell_size_check = ON")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in
      let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
      try database.execute(sql: "PRAGMA synchronous = FULL")
      let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
      guard mode == "wal", synchronous == 2 else {
        throw WitnessFault.failed(
          detail: "`\(path)`: journal_mode is \(mode ?? "none") and synchronous "
            + "\(synchronous ?? -1), and must be wal and 2 (FULL)")
      }
    }
    return queue
  }
}

// MARK: - Logs

extension WitnessStore {
  /// Watches a log, or trusts one more key for it; doing so again changes nothing.
  ///
  /// - Parameters:
  ///   - origin: Of its checkpoints.
  ///   - logKey: Of type 01.
  /// - Throws: ``WitnessFault``; nothing was changed then.
  package func add(_ origin: Origin, key logKey: VerifierKey) throws(WitnessFault) {
    guard logKey.algorithm == .ed25519 else { throw .wrongKeyType(logKey.name) }
    guard logKey.publicKey != key.publicKey else { throw .keyOfLog(logKey.name) }
    let limits = limits
    try Self.committing(path) {
      try queue.write { database in
        let logs = try Self.logs(database)
        if logs.contains(where: { $0.origin == origin && $0.keys.contains(logKey) }) { return }
        guard !logs.contains(where: { $0.keys.contains { $0.publicKey == logKey.publicKey } })
        else { throw WitnessFault.keyKnown(logKey.name) }
        if let log = logs.first(where: { $0.origin == origin }) {
          guard log.keys.count < limits.keysPerLogMax else {
            throw WitnessFault.tooManyKeys(origin, max: limits.keysPerLogMax)
          }
        } else {
          guard logs.count < limits.logsMax else {
            throw WitnessFault.tooManyLogs(max: limits.logsMax)
          }
          try database.execute(
            sql: "INSERT INTO logs (origin, hash, size, root, time) VALUES (?, ?, 0, ?, 0)",
            arguments: [
              Data(origin.utf8), SHA256.hash(origin.utf8).description,
              Data(TreeHash.emptyRoot.bytes),
            ])
        }
        try database.execute(
          sql: "INSERT INTO keys (vkey, log) SELECT ?, number FROM logs WHERE origin = ?",
          arguments: [logKey.vkey, Data(origin.utf8)])
      }
    }
  }

  /// Returns all logs, in the order in which they were added.
  package func logs() throws(WitnessFault) -> [WatchedLog] {
    try Self.mapped(path) { try queue.read { try Self.logs($0) } }
  }

  /// Returns a log, or `nil` where it is not watched.
  func log(_ origin: Origin) async throws(WitnessFault) -> WatchedLog? {
    do {
      return try await queue.read { database in
        try Self.logs(database, sql: "WHERE origin = ?", [Data(origin.utf8)]).first
      }
    } catch {
      throw Self.fault(error, path: path)
    }
  }

  /// Returns the last note cosigned of the log whose origin has that hash, in hexadecimal.
  func note(ofHash hash: String) async throws(WitnessFault) -> [UInt8]? {
    do {
      return try await queue.read { database in
        try Data.fetchOne(
          database, sql: "SELECT note FROM logs WHERE hash = ? AND note IS NOT NULL",
          arguments: [hash]
        ).map { [UInt8]($0) }
      }
    } catch {
      throw Self.fault(error, path: path)
    }
  }

  /// Replaces the record of a log, durably, if it is still the one that was compared with.
  ///
  /// Comparing and replacing are one statement of one transaction.
  ///
  /// - Parameters:
  ///   - log: What was compared with.
  ///   - checkpoint: What is cosigned.
  ///   - timestampSeconds: When; a later cosignature than this makes it fail, too.
  ///   - note: With the log's signature and ours.
  /// - Returns: `false` where the record has changed since, and stays.
  /// - Throws: ``WitnessFault/unknownOutcome(detail:)`` where only an opening can tell.
  func replace(
    _ log: WatchedLog, by checkpoint: Checkpoint, timestampSeconds: UInt64, note: [UInt8]
  ) async throws(WitnessFault) -> Bool {
    let arguments: StatementArguments = [
      Int64(checkpoint.size), Data(checkpoint.root.bytes), Int64(timestampSeconds), Data(note),
      Data(log.origin.utf8), Int64(log.tree.size), Data(log.tree.root.bytes),
      Int64(timestampSeconds), log.note == nil,
    ]
    do {
      return try await queue.write { database in
        try database.execute(
          sql: """
            UPDATE logs SET size = ?, root = ?, time = ?, note = ?
            WHERE origin = ? AND size = ? AND root = ? AND time <= ? AND (note IS NULL) = ?
            """, arguments: arguments)
        return database.changesCount == 1
      }
    } catch {
      throw Self.fault(committing: error, path: path)
    }
  }

  private static func logs(
    _ database: Database, sql: String = "", _ arguments: StatementArguments = []
  ) throws -> [WatchedLog] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT number, origin, size, root, time, note,
          (SELECT count(*) FROM evidence WHERE log = logs.number)
        FROM logs \(sql) ORDER BY number
        """, arguments: arguments)
    return try rows.map { row in
      let vkeys = try String.fetchAll(
        database, sql: "SELECT vkey FROM keys WHERE log = ? ORDER BY rowid",
        arguments: [row[0] as Int64])
      let origin: Data = row[1]
      let root: Data = row[3]
      guard let text = String(validating: origin, as: UTF8.self), let name = try? Origin(text),
        let digest = try? Digest([UInt8](root)), let size = UInt64(exactly: row[2] as Int64),
        let time = UInt64(exactly: row[4] as Int64)
      else { throw WitnessFault.failed(detail: "the record of a log is damaged") }
      return WatchedLog(
        origin: name, keys: try vkeys.map { try VerifierKey(vkey: $0) },
        tree: WitnessedTree(size: size, root: digest), timestampSeconds: time,
        note: (row[5] as Data?).map { [UInt8]($0) }, evidenceCount: row[6])
    }
  }
}

// MARK: - Failures

extension WitnessStore {
  static func mapped<Result>(
    _ path: String, _ body: () throws -> Result
  ) throws(WitnessFault) -> Result {
    do { return try body() } catch { throw fault(error, path: path) }
  }

  private static func committing<Result>(
    _ path: String, _ body: () throws -> Result
  ) throws(WitnessFault) -> Result {
    do { return try body() } catch { throw fault(committing: error, path: path) }
  }

  static func fault(_ error: any Error, path: String) -> WitnessFault {
    error as? WitnessFault ?? .failed(detail: "`\(path)`: \(error)")
  }

  private static let changesNothing: [ResultCode] = [
    .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_CONSTRAINT, .SQLITE_READONLY, .SQLITE_INTERRUPT,
  ]

  /// A full disk, a busy file and a cancelled task are known to have changed nothing; of the rest
  /// nobody knows.
  static func fault(committing error: any Error, path: String) -> WitnessFault {
    if let fault = error as? WitnessFault { return fault }
    if let error = error as? DatabaseError, Self.changesNothing.contains(error.resultCode) {
      return .failed(detail: "`\(path)`: \(error)")
    }
    if error is CancellationError {
      return .failed(detail: "`\(path)`: it ends, and this was not begun")
    }
    return .unknownOutcome(detail: "`\(path)`: \(error)")
  }

  private static func syncFolder(_ path: String) throws(WitnessFault) {
    // Safe: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(detail: "`\(path)` cannot be opened to sync it") }
    defer { _ = Foundation.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .unknownOutcome(detail: "sync of `\(path)` failed") }
  }
}
