import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorageSQLite
import PolicyFiles

struct PolicyBacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest", abstract: "Run a ledger's history again under the rules of a file.",
    discussion: """
      Every order of the log is decided twice: as it was, and on books of its own under the file's \
      rules, so that a payment refused there was never made, and what followed from it did not. The \
      rules stand in for every version of their pack, of the pack that they supersede, and of sets of \
      format 1; other packs stay as they were. Drafts, and sets that would begin later, are run as \
      if in force, but for rules whose own `effective` says otherwise.

      What the file's rules themselves refuse is newly refused; what another pack's rule, or a \
      balance, then decides otherwise is so in consequence. A payment that a set refuses because it \
      does not name the wallet's tier counts under `tier_unknown` in place of a rule, and a copy of \
      an order under `duplicate`.

      The log's form, links and decisions are checked on the way; its signatures are not: for that \
      there is `specie audit verify`.

      \(HistoryOptions.copying)

        specie policy backtest policy/cn-ecny.yaml --accept-unverified --log copy-of-ledger
        specie policy backtest policy/cn-ecny.yaml --accept-unverified --log copy-of-ledger \\
            --csv > changes.csv
      """)

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var history: HistoryOptions
  @Option(
    help: ArgumentHelp(
      "The rules begin then, on the books as they were (default: with the ledger).",
      valueName: "instant"), transform: { try TextArgument.instant($0) })
  var from: LedgerTime?
  @Option(
    help: ArgumentHelp("What comes later is left out.", valueName: "instant"),
    transform: { try TextArgument.instant($0) })
  var to: LedgerTime?
  @Option(help: "How many of the wallets whose rules would refuse most are listed.") var top = 20
  @Flag(help: "Print the groups as CSV, and nothing else.") var csv = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 0...10_000 ~= top else { throw ValidationError("--top is 0 to 10000") }
    guard !(csv && output.json) else { throw ValidationError("--csv and --json are two formats") }
    if let from, let to, to < from { throw ValidationError("--to is before --from") }
  }

  func run() async throws {
    let folder = try history.open()
    defer { try? folder.close() }
    let scales = try history.scales(of: folder)
    let compiled = try policy.compile(among: scales.scales)
    let scale = try scales.scale(compiled.ruleSet.currency)
    let report = try Backtest.run(
      compiled.ruleSet, store: folder.store, trust: try history.trustFile(),
      over: Backtest.Span(from: from, to: to),
      progress: { HistoryOptions.show($0, "backtesting") })
    HistoryOptions.endProgress()
    let words = BacktestWords(report, scale: scale, top: top)
    if csv {
      StandardOutput.write(words.csv)
    } else {
      output.print(words)
    }
  }
}
