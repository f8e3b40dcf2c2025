import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorageSQLite
import LedgerWire

/// A ledger's folder that is gone through from its beginning.
struct HistoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The ledger's folder, or a copy of it.", valueName: "folder"))
  var log: String
  @Option(
    help: ArgumentHelp(
      "The ledger's trust file, which the log must be of (default: SPECIE_TRUST; may be left out).",
      valueName: "file"))
  var trust: String?

  func trustFile() throws -> TrustFile? {
    try LedgerOptions.standardTrust(trust).map { try LedgerOptions.trustFile(at: $0) }
  }

  func open() throws -> LedgerDirectoryReader { try LedgerDirectoryReader(at: log) }

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
