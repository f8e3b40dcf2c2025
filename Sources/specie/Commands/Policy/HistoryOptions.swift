import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerWire

/// A ledger's folder that is gone through from its beginning.
struct HistoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The ledger's folder while no server has it open, or a copy.", valueName: "folder"))
  var log: String
  @Option(
    help: ArgumentHelp(
      "The ledger's trust file, which the log must be of (default: SPECIE_TRUST; may be left out).",
      valueName: "file"))
  var trust: String?

  /// How a copy is made, for the help of commands that read one.
  static let copying = """
    While a server has the folder open, only a copy can be read. To make one while it runs:

      mkdir copy-of-ledger
      cp ledger/checkpoints ledger/trust copy-of-ledger
      sqlite3 ledger/ledger.sqlite ".backup copy-of-ledger/ledger.sqlite"
    """

  func trustFile() throws -> TrustFile? {
    try LedgerOptions.standardTrust(trust).map { try LedgerOptions.trustFile(at: $0) }
  }

  /// Opens the folder for reading.
  ///
  /// - Throws: ``CommandFault/folderInUse(path:)`` while a server has it open.
  static func open(_ folder: String) throws -> LedgerDirectoryReader {
    do throws(StoreError) {
      return try LedgerDirectoryReader(at: folder)
    } catch .inUse(let path) {
      throw CommandFault.folderInUse(path: path)
    }
  }

  func open() throws -> LedgerDirectoryReader { try Self.open(log) }

  /// The currencies of the log's genesis.
  func scales(of folder: LedgerDirectoryReader) throws -> CurrencyScales {
    let history = try LogHistory(folder.store, trust: try trustFile())
    history.cancel()
    return CurrencyScales(history.genesis)
  }

  /// Shows how far a run is, on a terminal.
  static func show(_ progress: AuditProgress, _ verb: String) {
    guard StandardError.isTerminal else { return }
    let total = max(progress.entriesTotal, 1)
    StandardError.rewrite(
      "\(verb): \(DecimalAmount.count(progress.entriesDone)) of "
        + "\(DecimalAmount.count(total)) entries, \(progress.entriesDone * 100 / total) %")
  }

  /// Leaves the line that ``show(_:_:)`` overwrites.
  static func endProgress() {
    if StandardError.isTerminal { StandardError.write("") }
  }
}
