import ArgumentParser
import Foundation
import LedgerAudit
import LedgerClient
import LedgerModel
import LedgerStorageSQLite
import LedgerWire
import MerkleLog
import Synchronization

struct AuditExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a log as plain files, for any web server and any C2SP tool.",
    discussion: """
      Writes what the log's newest checkpoint covers as C2SP tlog-tiles: the checkpoint, tiles of \
      hashes, and bundles of entries. Run again with the same folder, it goes on: it proves that the \
      log extends what is there, writes what is new, and removes partial tiles that complete ones \
      took the place of. A file that is there is never changed, but for the checkpoint, which comes \
      last: whoever finds it finds all that it covers.

      Entries hold pseudonyms, amounts and bank names. They are in `tile/entries`, which is for the \
      folder's owner alone until you open it: hand it to auditors, and do not publish it. With \
      --hashes-only there are none. Side data is in no export.

      \(HistoryOptions.copying)

        specie audit export public --log copy-of-ledger --hashes-only
      """)

  @Argument(help: "Where it goes: a new or empty folder, or one that holds an earlier export.")
  var directory: String
  @Option(
    help: ArgumentHelp(
      "The ledger's folder while no server has it open, or a copy.", valueName: "folder"))
  var log: String?
  @Option(
    help: ArgumentHelp(
      "The ledger's server, in place of its folder. It hands out entries to auditors' certificates, "
        + "or where it serves with --open-entries.", valueName: "url"))
  var server: String?
  @Option(
    help: ArgumentHelp(
      "The ledger's trust file, which the log must be of (default: SPECIE_TRUST; with --log it may "
        + "be left out).", valueName: "file"))
  var trust: String?
  @Flag(help: "No bundles of entries, so that all of it may be published.")
  var hashesOnly = false
  @OptionGroup var tls: TLSOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (log == nil) != (server == nil) else {
      throw ValidationError("Say where the log is: either --log FOLDER or --server URL.")
    }
  }

  func run() async throws {
    let result: Result<ExportReport, ExportError>
    if let log {
      let folder = try HistoryOptions.open(log)
      defer { try? folder.close() }
      let source = try StoreSource(
        folder.store, checkpoints: folder.checkpoints, cosigned: folder.cosigned,
        trust: try trustFile())
      result = await export(source, to: try TileFolder(writing: directory))
    } else {
      guard let server, let trust = try trustFile() else { throw CommandFault.noTrust }
      let source = ServerSource(
        client: try LedgerClient(baseURL: server, tls: try tls.files(), trust: trust))
      result = await export(source, to: try TileFolder(writing: directory))
    }
    HistoryOptions.endProgress()
    switch result {
    case .success(let report): output.print(ExportWords(report, directory: directory))
    case .failure(.cancelled):
      StandardError.write("\(ExportError.cancelled)")
      throw ExitCode(Self.cancelledCode)
    case .failure(let error): throw error
    }
  }

  private func trustFile() throws -> TrustFile? {
    try LedgerOptions.standardTrust(trust).map { try LedgerOptions.trustFile(at: $0) }
  }

  /// Runs on a thread of its own, which may wait for a server.
  private func export(
    _ source: any ExportSource, to files: TileFolder
  ) async -> Result<ExportReport, ExportError> {
    let isCancelled = Cancellation()
    let signals = EndingSignals { _ in isCancelled.set() }
    defer { signals.cancel() }
    let exporter = LogExporter(
      source, to: files, scope: hashesOnly ? .hashes : .hashesAndEntries,
      options: ExportOptions(isCancelled: { isCancelled.isSet }, progress: Self.show))
    return await withCheckedContinuation { continuation in
      let thread = Thread {
        var exporter = exporter
        continuation.resume(
          returning: Result { () throws(ExportError) in try exporter.export() })
      }
      thread.name = "export"
      thread.start()
    }
  }

  /// As a shell reports a process that SIGINT ended.
  private static let cancelledCode: Int32 = 130

  private static func show(_ progress: ExportProgress) {
    let verb =
      switch progress.stage {
      case .proving: "proving"
      case .writing: "writing"
      }
    HistoryOptions.show(
      AuditProgress(entriesDone: progress.entriesDone, entriesTotal: progress.entriesTotal), verb)
  }
}

/// Whether the user wants no more.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  func set() { flag.store(true, ordering: .relaxed) }
  var isSet: Bool { flag.load(ordering: .relaxed) }
}

/// An export as text for people, and as JSON.
struct ExportWords: CommandReport {
  let directory: String
  let origin: String
  let size: UInt64
  let root: String
  let previousSize: UInt64?
  let filesWritten: Int
  let partialsRemoved: Int

  init(_ report: ExportReport, directory: String) {
    self.directory = directory
    origin = report.checkpoint.origin.description
    size = report.checkpoint.size
    root = report.checkpoint.root.description
    previousSize = report.previousSize
    filesWritten = report.filesWritten
    partialsRemoved = report.partialsRemoved
  }

  var text: String {
    let entries = size == 1 ? "1 entry" : "\(DecimalAmount.count(size)) entries"
    let extended =
      previousSize.map {
        $0 == size
          ? "; the same as before" : "; extends the \(DecimalAmount.count($0)) of before, proven"
      } ?? ""
    return """
      \(directory) holds \(origin), \(entries)\(extended)
      root \(root)
      \(DecimalAmount.count(filesWritten, "file")) written, \
      \(DecimalAmount.count(partialsRemoved, "partial tile")) removed
      """
  }
}
