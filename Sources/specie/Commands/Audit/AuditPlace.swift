import LedgerAudit
import LedgerClient
import LedgerStorage
import LedgerStorageSQLite
import MerkleLog

/// Where a log is that is to be verified: a folder, a database, an export or a server.
struct AuditPlace {
  let log: AuditedLog
  /// A folder in which the secret of commitments may lie.
  let folder: String?
  let close: () -> Void

  /// Opens what a place names.
  ///
  /// - Parameters:
  ///   - place: A path or a URL.
  ///   - tls: Certificates, for a server.
  /// - Returns: The log there.
  /// - Throws: ``CommandFault`` or ``StoreError`` where it is none of the four.
  static func open(_ place: String, tls: ClientTLS) throws -> AuditPlace {
    if place.hasPrefix("http://") || place.hasPrefix("https://") {
      let files = ServerFiles(files: try LogFiles(baseURL: place, tls: tls))
      return AuditPlace(log: try AuditedLog(files: files, kind: .server), folder: nil, close: {})
    }
    guard LocalFile.exists(place) else {
      throw CommandFault.fileUnreadable(path: place, problem: "there is no such file or folder")
    }
    guard LocalFile.exists(place + "/.") else { return try openDatabase(place) }
    let isLedger = LocalFile.exists(place + "/" + LedgerDirectory.FileName.ledger)
    let names = [TileDirectory.checkpointPath, "tile"]
    if !isLedger, names.contains(where: { LocalFile.exists(place + "/" + $0) }) {
      return AuditPlace(
        log: try AuditedLog(files: TileFolder(reading: place)), folder: nil, close: {})
    }
    let directory = try HistoryOptions.open(place)
    return AuditPlace(
      log: AuditedLog(
        store: directory.store, checkpoints: directory.checkpoints, cosigned: directory.cosigned,
        index: directory.index?.map { $0 as any LogIndex }, snapshots: directory.snapshots),
      folder: place, close: { try? directory.close() })
  }

  private static func openDatabase(_ path: String) throws -> AuditPlace {
    do throws(StoreError) {
      let database = try LedgerDatabaseReader(at: path)
      return AuditPlace(
        log: AuditedLog(database: database.store), folder: nil, close: { try? database.close() })
    } catch .inUse(let path) {
      throw CommandFault.folderInUse(path: path)
    }
  }
}

/// A running server's log as files, one request each.
///
/// Each call waits, so none may be made on a thread that runs tasks.
private struct ServerFiles: TileFiles {
  let files: LogFiles

  func read(_ path: String, bytesMax: Int) throws(TileFileError) -> [UInt8]? {
    let files = files
    let bytes: [UInt8]
    do throws(ClientError) {
      bytes = try ServerAnswer.wait { () async throws(ClientError) in
        guard let tile = try? Tile(path: path) else { return try await files.checkpoint() }
        return try await files.tile(tile)
      }
    } catch .refused(let problem) where problem.status == 404 {
      return nil
    } catch {
      throw .failed(detail: "\(error)")
    }
    guard bytes.count <= bytesMax else {
      throw .tooLarge(path: path, byteCount: bytes.count, max: bytesMax)
    }
    return bytes
  }
}
