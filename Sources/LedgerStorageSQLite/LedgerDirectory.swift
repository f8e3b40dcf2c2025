package import LedgerStorage
internal import Synchronization

/// A ledger's folder, open for writing by this process alone.
///
///     ledger.sqlite   the log (and -wal, -shm while it is open)
///     index.sqlite    the index of instructions; can be rebuilt
///     documents.sqlite    what orders were made from, where that was sent: personal data
///     checkpoints     the signed checkpoints, as text
///     cosigned        the published checkpoint with its cosignatures, where there are witnesses
///     snapshots/      the state as of some entries; can be deleted
///     webhooks.sqlite the readers' webhooks, made by the first `specie serve`
///     commitment-secret   blinds the commitments to the state; auditors have it too
///     lock            empty; whoever has the ledger open holds its lock
package final class LedgerDirectory: Sendable {
  package enum FileName {
    package static let ledger = "ledger.sqlite"
    package static let index = "index.sqlite"
    package static let documents = "documents.sqlite"
    package static let checkpoints = "checkpoints"
    package static let cosigned = "cosigned"
    package static let snapshots = "snapshots"
    package static let lock = "lock"
    package static let webhooks = "webhooks.sqlite"
    /// What blinds the commitments to the state, where the genesis names one.
    package static let commitmentSecret = "commitment-secret"
    /// The log while it is being made; the name ``ledger`` exists only for a complete file.
    static let unfinished = "ledger.sqlite.unfinished"
  }

  package let path: String
  package let store: SQLiteLedgerStore
  package let index: SQLiteLogIndex
  package let checkpoints: FileCheckpointKeeper
  package let cosigned: FileCosignedKeeper
  package let snapshots: FileSnapshotKeeper
  /// Whether the index was missing, damaged or ahead of the log, so that it begins anew.
  package let isIndexNew: Bool

  private let lock: Mutex<DiskFile?>

  private init(path: String, lock: DiskFile) throws(StoreError) {
    let ledger = path + "/" + FileName.ledger
    self.path = path
    checkpoints = try FileCheckpointKeeper(path + "/" + FileName.checkpoints, isReadOnly: false)
    cosigned = FileCosignedKeeper(in: path, name: FileName.cosigned)
    snapshots = FileSnapshotKeeper(path + "/" + FileName.snapshots)
    store = try SQLiteLedgerStore(openingAt: ledger)
    (index, isIndexNew) = try Self.openIndex(
      at: path + "/" + FileName.index, entryCount: store.entryCount())
    self.lock = Mutex(lock)
  }

  /// Makes a new ledger, durable in all its parts, and opens it.
  ///
  /// The folder is made where it is missing, within one that exists. A ledger whose making was cut
  /// short does not open, and its folder is not taken for an empty one.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - rows: What the log begins with: its genesis.
  ///   - commitmentSecret: The text of the secret that the genesis names, for its owner alone.
  /// - Returns: The ledger, open for writing.
  /// - Throws: ``StoreError/alreadyExists(path:)`` unless the folder is new or empty, since a
  ///   ledger has one genesis.
  package static func create(
    at path: String, rows: [StoredRow] = [], commitmentSecret: String? = nil
  ) throws(StoreError) -> LedgerDirectory {
    try RowSequence.checkAppend(rows, at: 0)
    try makeFolder(path)
    let folder = try DiskFile(path, .folder)
    let lock = try DiskFile(path + "/" + FileName.lock, .create)
    try lock.lock(.exclusive)
    try DiskFile(path + "/" + FileName.checkpoints, .create).sync()
    if let commitmentSecret {
      let file = try DiskFile(path + "/" + FileName.commitmentSecret, .create)
      try file.write(Array(commitmentSecret.utf8), at: 0)
      try file.sync()
    }
    try SQLiteFormat.index.create(at: path + "/" + FileName.index)
    try SQLiteFormat.documents.create(at: path + "/" + FileName.documents)
    let unfinished = path + "/" + FileName.unfinished
    try SQLiteLedgerStore.create(at: unfinished, rows: rows)
    try Folder.rename(unfinished, to: path + "/" + FileName.ledger)
    try folder.sync()
    return try LedgerDirectory(path: path, lock: lock)
  }

  /// Opens an existing ledger for writing.
  ///
  /// - Throws: ``StoreError/inUse(path:)`` where another opening has it;
  ///   ``StoreError/directoryNotFound(path:)``; ``StoreError/fileNotFound(path:)``;
  ///   ``StoreError/readOnly(detail:)``; ``StoreError/notALedger(path:detail:)``;
  ///   ``StoreError/newerFormat(path:found:newest:)``; ``StoreError/corrupt(detail:)``.
  package static func open(at path: String) throws(StoreError) -> LedgerDirectory {
    try checkPresence(path)
    let lock: DiskFile
    do {
      lock = try DiskFile(path + "/" + FileName.lock, .writeOrCreate)
      try lock.lock(.exclusive)
    } catch .inUse {
      throw .inUse(path: path)
    }
    return try LedgerDirectory(path: path, lock: lock)
  }

  /// Lets go of the ledger: the log in one file, and then the lock.
  package func close() throws(StoreError) {
    try store.close()
    try index.close()
    checkpoints.close()
    // Safe: the lock is held, and every connection is closed.
    for name in [FileName.ledger, FileName.index, FileName.documents] {
      try Self.removeEmptyLog(of: path + "/" + name)
    }
    lock.withLock { $0 = nil }
  }

  static func checkPresence(_ path: String) throws(StoreError) {
    do {
      _ = try DiskFile(path, .folder)
    } catch .fileNotFound {
      throw .directoryNotFound(path: path)
    }
    for name in [FileName.ledger, FileName.checkpoints] {
      guard Folder.exists(path + "/" + name) else { throw .fileNotFound(path: path + "/" + name) }
    }
  }

  private static func makeFolder(_ path: String) throws(StoreError) {
    do {
      if try Folder.make(path) {
        try DiskFile(parent(of: path), .folder).sync()
        return
      }
    } catch .fileNotFound {
      throw .directoryNotFound(path: parent(of: path))
    }
    let names = try Folder.names(in: path)
    // A fresh file system of its own has one folder in it.
    guard names.allSatisfy({ $0 == "lost+found" }) else { throw .alreadyExists(path: path) }
  }

  fileprivate static func parent(of path: String) -> String {
    let trimmed = path.last == "/" ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// Opens the index, or begins a new one in the place of one that cannot be trusted: all that is
  /// in it comes from the log.
  private static func openIndex(
    at path: String, entryCount: UInt64
  ) throws(StoreError) -> (index: SQLiteLogIndex, isNew: Bool) {
    do {
      let index = try SQLiteLogIndex(openingAt: path)
      // Ahead of the log, it was made beside another.
      if try index.reach().entryCount <= entryCount { return (index, false) }
      try index.close()
    } catch {
      switch error {
      case .fileNotFound, .corrupt, .notALedger, .newerFormat: break
      case .directoryNotFound, .alreadyExists, .inUse, .readOnly, .closed, .discontiguous,
        .invalid, .full, .failed, .unknownOutcome:
        throw error
      }
    }
    for suffix in ["", "-wal", "-shm"] { try Folder.remove(path + suffix) }
    try SQLiteFormat.index.create(at: path)
    return (try SQLiteLogIndex(openingAt: path), true)
  }

  /// Removes what the last connection would have removed, were it not one for reading.
  private static func removeEmptyLog(of path: String) throws(StoreError) {
    do {
      guard try DiskFile(path + "-wal", .read).size() == 0 else { return }
    } catch .fileNotFound {
      return
    }
    try Folder.remove(path + "-wal")
    try Folder.remove(path + "-shm")
  }
}

/// A ledger's folder, open for reading only: a copy, or a ledger that nobody has open.
///
/// Nothing is written, not even a lock file, so that the folder can be evidence, or on a medium
/// that allows no writing. Many can read one folder; nobody can open it for writing meanwhile.
package final class LedgerDirectoryReader: Sendable {
  package let path: String
  package let store: SQLiteLedgerStore
  package let checkpoints: FileCheckpointKeeper
  /// For reading; nothing keeps its caller from writing but its contract.
  package let cosigned: FileCosignedKeeper
  /// The index of ids, or why it cannot be read; `nil` where the folder has none, as a copy may.
  package let index: Result<SQLiteLogIndex, StoreError>?
  /// For reading, as ``cosigned``.
  package let snapshots: FileSnapshotKeeper

  private let lock: Mutex<DiskFile?>

  /// Opens the folder.
  ///
  /// - Throws: As ``LedgerDirectory/open(at:)``; ``StoreError/inUse(path:)`` while someone has it
  ///   open for writing.
  package init(at path: String) throws(StoreError) {
    try LedgerDirectory.checkPresence(path)
    let lock = try Self.lock(path)
    self.path = path
    checkpoints = try FileCheckpointKeeper(
      path + "/" + LedgerDirectory.FileName.checkpoints, isReadOnly: true)
    cosigned = FileCosignedKeeper(in: path, name: LedgerDirectory.FileName.cosigned)
    snapshots = FileSnapshotKeeper(path + "/" + LedgerDirectory.FileName.snapshots)
    store = try SQLiteLedgerStore(readingAt: path + "/" + LedgerDirectory.FileName.ledger)
    index = Self.openIndex(at: path + "/" + LedgerDirectory.FileName.index)
    self.lock = Mutex(lock)
  }

  private static func openIndex(
    at path: String
  ) -> Result<SQLiteLogIndex, StoreError>? {
    do throws(StoreError) {
      return .success(try SQLiteLogIndex(readingAt: path))
    } catch .fileNotFound {
      return nil
    } catch {
      return .failure(error)
    }
  }

  package func close() throws(StoreError) {
    try store.close()
    if case .success(let index)? = index { try index.close() }
    checkpoints.close()
    lock.withLock { $0 = nil }
  }

  /// Takes a folder's lock, so that nobody opens it for writing meanwhile.
  fileprivate static func lock(_ folder: String) throws(StoreError) -> DiskFile? {
    do {
      let lock = try DiskFile(folder + "/" + LedgerDirectory.FileName.lock, .read)
      try lock.lock(.shared)
      return lock
    } catch .fileNotFound {
      return nil  // A copy need not have it.
    } catch .inUse {
      throw .inUse(path: folder)
    }
  }
}

/// A ledger's database alone, open for reading only: a copy, or of a ledger that nobody has open.
package final class LedgerDatabaseReader: Sendable {
  package let store: SQLiteLedgerStore

  private let lock: Mutex<DiskFile?>

  /// Opens the file; where a lock lies beside it, that is taken.
  ///
  /// - Throws: ``StoreError/inUse(path:)`` while someone has its ledger open for writing;
  ///   ``StoreError/notALedger(path:detail:)`` and what else opening brings.
  package init(at path: String) throws(StoreError) {
    lock = Mutex(try LedgerDirectoryReader.lock(LedgerDirectory.parent(of: path)))
    store = try SQLiteLedgerStore(readingAt: path)
  }

  package func close() throws(StoreError) {
    try store.close()
    lock.withLock { $0 = nil }
  }
}
