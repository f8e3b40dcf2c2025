import ArgumentParser
import LedgerClient
import LedgerModel
import LedgerWire

struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Send a bank's orders from a file, many under one signature.",
    discussion: """
      The file is CSV with a head, or JSON lines (`.jsonl`), with the columns operation, payer, payee, \
      amount, currency, and perhaps reference, purpose, channel, id, and for open-wallet tier and \
      owner (payee is the new wallet). Operations are pay, fund, cash-out, settle and open-wallet; a \
      bank's own settlement account may be left out. The whole file is checked before anything is \
      sent, and sent in its order.

        operation,payer,payee,amount,currency,reference
        pay,5a3e0f7c-...,c1d2e3f4-...,12.50,CNY,inv-7

        specie batch payments.csv --as icbc --key icbc.key --trust trust \\
            --results results.csv

      With ids in the file a batch that was cut off can be sent again: nothing is paid twice. \
      Otherwise ids are chosen as orders are signed; --results keeps them from before they are sent.
      """)

  @Argument(help: "A file of orders.") var file: String
  @OptionGroup var bank: BankOptions
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file of the bank.", valueName: "file"))
  var key: String
  @Option(help: "Orders under one signature, 1 to 10,000.") var size = 1_000
  @Option(
    help: "Submissions on their way at once; above 1, orders of different ones may change places.")
  var inFlight = 1
  @Flag(help: "Prove every outcome, and not some of each submission picked at random.")
  var proveAll = false
  @Option(
    help: ArgumentHelp(
      "Write each order's id, before it is sent, and outcome, after, to a new CSV file.",
      valueName: "file"))
  var results: String?
  @Option(
    help: ArgumentHelp(
      "How long each signed submission can be sequenced (default: 9/10 of what the ledger allows).",
      valueName: "duration"), transform: { try TextArgument.duration($0) })
  var expires: UInt64?
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var scales: ScaleOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 1...Limits.instructionsPerSubmissionMax ~= size else {
      throw ValidationError("--size is 1 to \(Limits.instructionsPerSubmissionMax)")
    }
    guard 1...64 ~= inFlight else { throw ValidationError("--in-flight is 1 to 64") }
  }

  func run() async throws {
    let batch = try BatchFile(path: file)
    let signer = try KeyFile(path: key).open(passphrases)
    if let results, LocalFile.exists(results) { throw CommandFault.fileExists(path: results) }
    var options = ClientOptions()
    if proveAll { options.provenInstructionsMax = .max }
    let facts = try LedgerFacts(ledger, given: scales.scales, options: options)
    let genesis = try await facts.genesis()
    let rows = try await rows(of: batch, facts)
    let sender = BatchSender(
      client: try await facts.connected().client, party: bank.party, signer: signer,
      lifetimeMicroseconds: expires
        ?? OrderOptions.part(ofHorizon: genesis.parameters.horizonMicroseconds(of: bank.party)),
      partRows: size, partsInFlight: inFlight)
    let progress = BatchProgress(
      rows: rows, file: file, results: try results.map { try GrowingFile(creating: $0) },
      statusArguments: ledger.arguments)
    let start = ContinuousClock.now
    let failure = await sender.send(rows, progress)
    let report = BatchReport(
      rows: rows.count, answers: progress.answers, duration: ContinuousClock.now - start,
      scales: CurrencyScales(genesis))
    output.print(report)
    if let failure {
      StandardError.write(progress.openText)
      throw failure
    }
    if report.refused > 0 { throw ExitStatus.refused.code }
    if progress.answers.contains(where: { $0.receipt.withheld != nil }) {
      throw ExitStatus.unproven.code
    }
  }

  private func rows(
    of batch: BatchFile, _ facts: LedgerFacts
  ) async throws -> [BatchFile.Row] {
    var settlement: [CurrencyCode: AccountID] = [:]
    for text in batch.settlementCurrencies {
      let code = try TextArgument.currency(text)
      settlement[code] = try await facts.settlementAccount(of: bank.bank, code)
    }
    return try batch.rows(scales: try await facts.scales(), settlement: settlement)
  }
}
