import ArgumentParser
import Foundation
import LedgerAudit
import LedgerStorageSQLite
import LedgerWire

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Prove offline that a ledger is what it should be, or one part of it.",
    discussion: "  specie audit verify ledger --trust trust",
    subcommands: [
      AuditVerifyCommand.self, AuditSupplyCommand.self, AuditEvidenceCommand.self,
      AuditStatementCommand.self, AuditCheckCommand.self, AuditCompareCommand.self,
      AuditExportCommand.self,
    ])
}

struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Re-read every byte of a ledger, and decide every order again.",
    discussion: """
      Checks the genesis against the trust file, the chain, the tree against every kept checkpoint \
      and the one given, every signature and quorum at its ledger time, every decision, all \
      balances and the supply, and each commitment to the state. Nothing is written, so the folder can be a copy or on a read-only \
      medium.

      A log can be cut back together with the checkpoints beside it. Only a checkpoint that was \
      kept elsewhere shows that: give it with --checkpoint.

      With --state, what the audit has verified is kept in a folder of yours, and the next one with \
      that folder reads only what came after, and the last entry before. Whoever can write there can \
      have it believe anything: keep it as you keep the trust file.

      Exits with 0 where all holds, 1 where something is wrong (the first bad entry is named), and \
      3 where the log is consistent, but no trust file says whose it is or no checkpoint where it \
      ends.

        specie audit verify copy-of-ledger --trust trust --checkpoint checkpoint-of-june
      """)

  @Argument(help: "The ledger's folder, or a copy of it, that no server has open.")
  var directory: String
  @Option(
    help: ArgumentHelp("The trust file that the central bank handed you.", valueName: "file"))
  var trust: String?
  @Option(
    help: ArgumentHelp(
      "A checkpoint kept elsewhere, as `specie checkpoint` prints it.", valueName: "file"))
  var checkpoint: String?
  @Option(
    help: ArgumentHelp(
      "A folder of yours: go on from what an earlier audit kept there, and keep this one's.",
      valueName: "folder"))
  var state: String?
  @Option(
    help: ArgumentHelp(
      "The secret of the ledger's commitments to its state, which auditors have (default: "
        + "`commitment-secret` in the folder).", valueName: "file"))
  var commitmentSecret: String?
  @Option(help: "Threads that check signatures, beside the one that replays.") var threads: Int?
  @OptionGroup(title: "The report") var reports: ReportOptions

  func validate() throws {
    if let threads, !(1...1_024 ~= threads) {
      throw ValidationError("--threads is 1 to 1024")
    }
  }

  func run() async throws {
    try reports.checkFiles()
    let trust = try trust.map { try LedgerOptions.trustFile(at: $0) }
    let given = try checkpoint.map { try CheckpointArgument.read($0) }
    let secret = try SecretFile.find(commitmentSecret, in: directory)
    let folder = try HistoryOptions.open(directory)
    defer { try? folder.close() }
    var options = AuditOptions(warn: { StandardError.write("note: " + $0) })
    if let threads { options.threads = threads }
    let isShown = StandardError.isTerminal
    let report = LedgerVerifier.verify(
      store: folder.store, checkpoints: folder.checkpoints, trust: trust, given: given,
      states: state.map { FileSnapshotKeeper($0) }, secret: secret, options: options,
      progress: { progress in
        guard isShown else { return }
        let total = max(progress.entriesTotal, 1)
        StandardError.rewrite(
          "verifying: \(DecimalAmount.count(progress.entriesDone)) of "
            + "\(DecimalAmount.count(total)) entries, \(progress.entriesDone * 100 / total) %")
      })
    if isShown { StandardError.write("") }
    try reports.write(report)
    let code = report.verdict.exitCode
    if code != 0 { throw ExitCode(code) }
  }
}
