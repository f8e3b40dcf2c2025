import ArgumentParser
import Foundation
import LedgerModel
import LedgerWitness
import MerkleLog

struct WitnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Run a witness: cosign the checkpoints of logs that only grow.",
    discussion: """
      A witness remembers the newest checkpoint of each log that it watches, and cosigns only what \
      extends it. A ledger whose checkpoints are witnessed cannot take anything back, or show two \
      histories, without the witnesses' help. It speaks C2SP tlog-witness, so that any log can use \
      it. Its folder is its memory: a witness restored from an old copy would cosign a fork, so a \
      lost folder means a new witness with a new key.

        specie key new witness.key
        specie witness init w1 --name bank.example/w1 --key witness.key
        specie witness log add w1 "$(sed -n 's/^log //p' ledger/trust)"
        specie witness serve w1 --key witness.key --port 7071
      """,
    subcommands: [
      WitnessInitCommand.self, WitnessLogCommand.self, WitnessServeCommand.self,
      WitnessShowCommand.self, WitnessEvidenceCommand.self,
    ])
}

struct WitnessInitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make the folder of a new witness, and print its key.",
    discussion: """
      The key must be the witness's alone: not that of a log, and not that of another witness. The \
      passphrase is not needed. What is printed goes into the `witness` line of a policy file.

        specie witness init w1 --name bank.example/w1 --key witness.key
      """)

  @Argument(help: "A new or an empty folder.") var folder: String
  @Option(
    help: ArgumentHelp(
      "What it signs under: a URL without `https://`, usually.", valueName: "name"),
    transform: { try KeyName($0) })
  var name: KeyName
  @Option(help: ArgumentHelp("The witness's key file.", valueName: "file")) var key: String
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let folder: String
    let vkey: String

    var text: String { "wrote \(folder), witness key \(vkey)" }
  }

  func run() async throws {
    let file = try KeyFile(path: key)
    let verifierKey = try VerifierKey(
      name: name, algorithm: .ed25519Cosignature, publicKey: file.publicKey.value.bytes)
    let store = try WitnessStore.create(at: folder, key: verifierKey)
    try store.close()
    output.print(Report(folder: folder, vkey: verifierKey.vkey))
  }
}

struct WitnessLogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Add a log to watch, and list those watched.",
    discussion: "  specie witness log list w1",
    subcommands: [WitnessLogAddCommand.self, WitnessLogListCommand.self])
}

struct WitnessLogAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Watch a log, or trust one more key for it.",
    discussion: """
      The key is the log's of type 1, as the `log` line of a policy file or of a ledger's trust \
      file has it. A witness that is running takes it at once.

        specie witness log add w1 "$(sed -n 's/^log //p' ledger/trust)"
      """)

  @Argument(help: "The witness's folder.") var folder: String
  @Argument(
    help: ArgumentHelp("The log's key.", valueName: "vkey"),
    transform: { try VerifierKey(vkey: $0) })
  var key: VerifierKey
  @Option(help: "The origin of its checkpoints, where that is not the key's name.")
  var origin: String?
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let origin: String
    let vkey: String

    var text: String { "watching \(origin), signed by \(vkey)" }
  }

  func run() async throws {
    let origin = try origin.map { try Origin($0) } ?? Origin(key.name)
    let store = try WitnessStore(openingAt: folder)
    do {
      try store.add(origin, key: key)
    } catch {
      try store.close()
      throw error
    }
    try store.close()
    output.print(Report(origin: origin.description, vkey: key.vkey))
  }
}

/// A witness's times, as people read them.
enum WitnessTime {
  /// A time in POSIX seconds; any number, since a file may be damaged.
  static func text(_ seconds: UInt64) -> String {
    let (microseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? "\(seconds) s" : LedgerTime(microseconds: microseconds).description
  }
}

/// What a witness knows of a log, for people and programs.
private struct WatchedLogReport: CommandReport {
  let origin: String
  let vkeys: [String]
  let path: String
  let size: UInt64?
  let root: String?
  let cosigned: String?
  let evidence: Int

  init(_ log: WatchedLog) {
    origin = log.origin.description
    vkeys = log.keys.map(\.vkey)
    path = SHA256.hash(log.origin.utf8).description + "/checkpoint"
    let isCosigned = log.note != nil
    size = isCosigned ? log.tree.size : nil
    root = isCosigned ? log.tree.root.description : nil
    cosigned =
      isCosigned
      ? WitnessTime.text(log.timestampSeconds) : nil
    evidence = log.evidenceCount
  }

  var text: String {
    var lines = ["log       \(origin)"]
    lines += vkeys.map { "  key     \($0)" }
    if let size, let root, let cosigned {
      lines.append("  last    size \(size), root \(root), cosigned \(cosigned)")
    } else {
      lines.append("  last    nothing cosigned yet")
    }
    lines.append("  shown   \(path)")
    if evidence > 0 {
      lines.append("  kept    \(evidence) refused requests: see `specie witness evidence`")
    }
    return lines.joined(separator: "\n")
  }
}

private struct WatchedLogsReport: CommandReport {
  let logs: [WatchedLogReport]

  var text: String {
    logs.isEmpty
      ? "no log is watched; add one with `specie witness log add`"
      : logs.map(\.text).joined(separator: "\n\n")
  }
}

struct WitnessLogListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the logs that are watched.",
    discussion: "  specie witness log list w1")

  @Argument(help: "The witness's folder.") var folder: String
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let store = try WitnessStore(openingAt: folder)
    let logs = try store.logs()
    try store.close()
    output.print(WatchedLogsReport(logs: logs.map { WatchedLogReport($0) }))
  }
}

struct WitnessShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the witness's key, and what it cosigned last.",
    discussion: "The passphrase is not needed.\n\n  specie witness show w1")

  @Argument(help: "The witness's folder.") var folder: String
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let vkey: String
    let logs: [WatchedLogReport]

    var text: String { "witness   \(vkey)\n\n" + WatchedLogsReport(logs: logs).text }
  }

  func run() async throws {
    let store = try WitnessStore(openingAt: folder)
    let report = Report(
      vkey: store.key.vkey, logs: try store.logs().map { WatchedLogReport($0) })
    try store.close()
    output.print(report)
  }
}
