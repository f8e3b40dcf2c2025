import ArgumentParser
import Foundation
import LedgerAudit
import LedgerModel
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
    abstract: "Re-read every byte of a log, and decide every order again.",
    discussion: """
      Checks the genesis against the trust file, the chain, the tree against every checkpoint, every \
      signature and quorum at its ledger time, every decision, all balances and the supply, each \
      commitment to the state; of a folder the index of ids and the snapshots, where it has them, and \
      of an export or a server every tile of hashes. Nothing is written, so what is read can be a \
      copy or on a read-only medium.

      An export and a server have no side data; of them it is not compared, and the report says so. A \
      server shows its entries only where it serves with --open-entries.

      A log can be cut back together with the checkpoints beside it. Only a checkpoint that was \
      kept elsewhere shows that: give it with --checkpoint. With a policy in place of the trust file, \
      the policy's witnesses must have cosigned a checkpoint over every entry; an older one tells how \
      far they did. --cosigned-since takes no older cosignatures, and so no old copy.

      With --state, what the audit has verified is kept in a folder of yours, and the next one with \
      that folder reads only what came after, and the last entry before. Whoever can write there can \
      have it believe anything: keep it as you keep the trust file.

      Exits with 0 where all holds, 1 where something is wrong (the first bad entry is named, and what \
      of it), and 3 where the log is consistent, but no trust file says whose it is, no checkpoint \
      where it ends, or not enough witnesses.

        specie audit verify copy-of-ledger --trust trust --checkpoint checkpoint-of-june
        specie audit verify export --trust policy
      """)

  @Argument(
    help: ArgumentHelp(
      "A ledger's folder that no server has open, or a copy; a database file alone; the folder of an "
        + "export; or a server's URL.", valueName: "where"))
  var place: String
  @Option(
    help: ArgumentHelp(
      "The trust file that the central bank handed you, or a C2SP policy of the log and its "
        + "witnesses.", valueName: "file"))
  var trust: String?
  @Option(
    help: ArgumentHelp(
      "A checkpoint kept elsewhere, as `specie checkpoint` prints it.", valueName: "file"))
  var checkpoint: String?
  @Option(
    help: ArgumentHelp(
      "With a policy: count no cosignature from before then, such as `2026-11-28T00:00:00Z`.",
      valueName: "time"))
  var cosignedSince: String?
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
  @OptionGroup var tls: TLSOptions
  @OptionGroup(title: "The report") var reports: ReportOptions

  func validate() throws {
    if let threads, !(1...1_024 ~= threads) {
      throw ValidationError("--threads is 1 to 1024")
    }
  }

  func run() async throws {
    try reports.checkFiles()
    let trust = try trust.map { try TrustOptions.read($0) }
    let given = try checkpoint.map { try CheckpointArgument.read($0) }
    let isCancelled = Cancellation()
    let signals = EndingSignals { _ in isCancelled.set() }
    defer { signals.cancel() }
    var options = AuditOptions(
      isCancelled: { isCancelled.isSet }, warn: { StandardError.write("note: " + $0.shown) })
    if let threads { options.threads = threads }
    if let cosignedSince {
      let time = try TextArgument.instant(cosignedSince)
      options.cosignedSinceSeconds = (time.microseconds + 999_999) / 1_000_000
    }
    let report = try await verify(trust, given, options)
    HistoryOptions.endProgress()
    try reports.write(report)
    let code = report.verdict.exitCode
    if code != 0 { throw ExitCode(code) }
  }

  /// Runs on a thread of its own, which may wait for a server.
  private func verify(
    _ trust: AuditTrust?, _ given: [UInt8]?, _ options: AuditOptions
  ) async throws -> AuditReport {
    let (place, state, commitmentSecret) = (place, state, commitmentSecret)
    let tls = try tls.files()
    return try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        continuation.resume(
          with: Result {
            let place = try AuditPlace.open(place, tls: tls)
            defer { place.close() }
            let secret = try SecretFile.find(commitmentSecret, in: place.folder)
            return LedgerVerifier.verify(
              place.log, trust: trust, given: given, states: state.map { FileSnapshotKeeper($0) },
              secret: secret, options: options,
              progress: { HistoryOptions.show($0, "verifying") })
          })
      }
      thread.name = "audit"
      thread.start()
    }
  }
}
