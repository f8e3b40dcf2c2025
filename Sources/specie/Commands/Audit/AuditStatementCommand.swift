import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorageSQLite

struct AuditStatementCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Write an account's statement, proven to leave nothing out.",
    discussion: """
      Up to the newest commitment to the state, the account's leaf there, which has a hash over all \
      of its entries, proves that none is left out. What came after it is in the log as well, but \
      whether there is more is claimed, not proven. The file shows the account's balance and \
      orders, and nobody else's balance.

        specie audit statement 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 --log copy-of-ledger \\
            --trust trust --out statement.json
      """)

  @Argument(help: "The account.", transform: { try TextArgument.account($0) })
  var account: AccountID
  @OptionGroup var proof: ProofOptions
  @OptionGroup var secret: SecretOptions
  @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
  var out: String
  @OptionGroup var output: OutputOptions

  func run() async throws {
    guard !LocalFile.exists(out) else { throw CommandFault.fileExists(path: out) }
    let trust = try proof.trust.read()
    let folder = try HistoryOptions.open(proof.log)
    defer { try? folder.close() }
    let secret = try SecretFile.find(secret.commitmentSecret, in: proof.log)
    let (statement, prover) = try proof.prove(folder, trust) { prover in
      try AccountStatement.make(
        of: account, by: prover, store: folder.store, secret: secret,
        progress: { HistoryOptions.show($0, "replaying") })
    }
    _ = try statement.check(trust)
    output.print(
      try WrittenProof(statement.json, to: out, format: AccountStatement.format, by: prover))
  }
}
