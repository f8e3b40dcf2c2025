import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerStorageSQLite

struct AuditEvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Write all that shows one payment into one file.",
    discussion: """
      The file has the order as it was signed, what made the signers' keys its party's, the log's \
      entries with their proofs, and the checkpoint. With --log-key or --attest-with it also has \
      what the decision looked at, signed: the log key's signature says that the operator vouches \
      for it, an auditor's that he does. It shows no other customer's payment or balance.

      Of an id that several parties used, say whose with --as; an entry's number names one order \
      as well.

        specie audit evidence 019ca78d-9600-7000-8000-000000000001 --log copy-of-ledger \\
            --trust trust --log-key log.key --out payment.json
      """)

  @Argument(help: "The id of an order, or the number of its entry.") var order: String
  @OptionGroup var proof: ProofOptions
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Who ordered, where several used the id.", valueName: "party"),
    transform: { try Party($0) })
  var party: Party?
  @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
  var out: String
  @Option(
    help: ArgumentHelp("The log's key file, which attests the decision.", valueName: "file"))
  var logKey: String?
  @Option(
    help: ArgumentHelp("An auditor's key file, which attests it instead.", valueName: "file"))
  var attestWith: String?
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard logKey == nil || attestWith == nil else {
      throw ValidationError("--log-key and --attest-with name one key, not two")
    }
  }

  func run() async throws {
    guard !LocalFile.exists(out) else { throw CommandFault.fileExists(path: out) }
    let question = try question()
    let trust = try proof.trust.read()
    let key = try (logKey ?? attestWith).map { try KeyFile(path: $0).open(passphrases) }
    let folder = try HistoryOptions.open(proof.log)
    defer { try? folder.close() }
    let (evidence, prover) = try proof.prove(folder, trust) { prover in
      try PaymentEvidence.make(
        of: question, by: prover, store: folder.store, attestedBy: key,
        progress: { HistoryOptions.show($0, "replaying") })
    }
    // What is handed out holds: the same check that its readers make.
    _ = try evidence.check(trust)
    output.print(
      try WrittenProof(evidence.json, to: out, format: PaymentEvidence.format, by: prover))
  }

  private func question() throws -> PaymentEvidence.Question {
    if let number = UInt64(order), party == nil { return .entry(SequenceNumber(number)) }
    return .id(try TextArgument.instruction(order), of: party)
  }
}
