internal import GRDB
internal import LedgerStorage

/// What a failure of SQLite says about what is stored.
enum SQLiteFailure {
  /// What was going on.
  enum Phase {
    /// Opening or making a file.
    case opening
    /// Reading.
    case reading
    /// Within a transaction, before its COMMIT: whatever fails, a rollback undoes it.
    case writing
    /// In COMMIT: the frames may be in the write-ahead log, and the sync may have failed.
    case committing
    /// Copying the write-ahead log into the database.
    case checkpointing
  }

  /// Runs `body`, and says what its failure means.
  static func mapped<Result>(
    during phase: Phase, of path: String, _ body: () throws -> Result
  ) throws(StoreError) -> Result {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw Self.error(error, during: phase, of: path)
    } catch {
      let detail = "`\(path)`: \(error)"
      throw phase == .committing ? .unknownOutcome(detail: detail) : .failed(detail: detail)
    }
  }

  /// - Source: SQLite, "Result and Error Codes".
  static func error(_ error: DatabaseError, during phase: Phase, of path: String) -> StoreError {
    let detail =
      "`\(path)`: \(error.message ?? "no message") (SQLite code \(error.errorCode))"
    switch error.resultCode {
    case .SQLITE_FULL:
      // Also in COMMIT: frames are written one after the other and the commit mark is in the last,
      // so where one found no room, there is no mark. A sync that finds none is an I/O error.
      return .full(detail: detail)
    case _ where phase == .committing:
      return .unknownOutcome(detail: detail)
    case .SQLITE_IOERR where phase == .checkpointing:
      return .unknownOutcome(detail: detail)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return .readOnly(detail: detail)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
      return .corrupt(detail: detail)
    case .SQLITE_TOOBIG where phase == .reading:
      // A value longer than any of ours: see SQLiteFormat.rowBytesMax.
      return .corrupt(detail: detail)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return .inUse(path: path)
    case .SQLITE_MISUSE where phase == .reading || phase == .writing:
      return .closed
    default:
      return .failed(detail: detail)
    }
  }
}
