import ArgumentParser
import Foundation
import LedgerISO20022
import LedgerModel
import LedgerPolicy
import LedgerWire
import PaymentFiles

struct BankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bank", abstract: "What a bank's treasurer does.",
    subcommands: [BankPayCommand.self])
}

struct BankPayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay",
    abstract: "Pay what a file orders: each payment once, however often it is run.",
    discussion: """
      The file is CSV with the columns payer, payee, amount, and perhaps reference and purpose, or \
      an ISO 20022 pain.001 (`.xml`). It is checked whole and shown before anything is sent; at a \
      terminal, only `yes` sends it.

        payer,payee,amount,reference,purpose
        5a3e0f7c-...,c1d2e3f4-...,12.50,invoice 7,SUPP

        specie bank pay --file payments.csv --as icbc --key icbc.key --trust trust

      `payments.csv.journal` has every order's id on the disk before the first is sent. Run the \
      same command again, also days later, where it was cut off or payments are open: the ledger \
      is asked for every id, and only what it never executed is ordered anew. Keep the journal \
      beside the file. `payments.csv.result.csv` says what became of each payment.
      """)

  @Option(help: "A file of payments.") var file: String
  @OptionGroup var bank: BankOptions
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file of the bank; repeat for each signer.", valueName: "file"))
  var keys: [String]
  @Option(
    help: "The currency of a CSV file (default: the ledger's, where it has one alone).",
    transform: { try TextArgument.currency($0) })
  var currency: CurrencyCode?
  @Option(help: "How the orders came in, for the rules.", transform: { try Channel($0) })
  var channel = Channel(unchecked: "")
  @Option(help: "Payments under one signature, 1 to 10,000.") var size = 1_000
  @Option(
    help: ArgumentHelp(
      "How long to ask for what is not yet known (default: 90s).", valueName: "duration"),
    transform: { try TextArgument.duration($0) })
  var wait: UInt64 = 90_000_000
  @Flag(help: "Pay without asking at the terminal.") var yes = false
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 1...Limits.instructionsPerSubmissionMax ~= size else {
      throw ValidationError("--size is 1 to \(Limits.instructionsPerSubmissionMax)")
    }
  }

  func run() async throws {
    let place = try PaymentPlace(file)
    let facts = try LedgerFacts(ledger, given: [])
    let genesis = try await facts.genesis()
    let payments = try read(place, genesis)
    let found = try place.openJournal()
    let known = try found.map { try readJournal($0.lines, of: payments, facts, place) }
    try confirm(payments, known)
    let signers = try keys.map { try KeyFile(path: $0).open(passphrases) }
    let journal =
      known
      ?? PaymentJournal(beginning: payments, on: facts.trust.ledger, of: bank.party) {
        RandomID.instruction()
      }
    let growing: LockedFile
    if let found {
      growing = found.file
    } else {
      growing = try place.createJournal(journal.encoded)
    }
    let server = ClientPayments(
      client: try await facts.connected().client, party: bank.party, signers: signers,
      horizonMicroseconds: genesis.parameters.horizonMicroseconds(of: bank.party))
    try place.checkNames(growing)
    var options = PaymentRun.Options()
    options.partRows = size
    options.idlePausesMax = ClientPayments.pauses(in: wait)
    let run = PaymentRun(
      journal, isNew: known == nil, on: server, options: options,
      write: { try growing.append($0) },
      onProgress: { if StandardError.isTerminal { StandardError.rewrite(PaymentBar.text($0)) } })
    try await finish(run, place)
  }

  /// Runs, and says what became of the payments, also where it is cut off.
  private func finish(_ run: PaymentRun, _ place: PaymentPlace) async throws {
    let again = advice(for: place)
    let signals = EndingSignals { number in
      // Between two lines of the journal, of which each that was written is durable.
      try? place.writeResults(run.current.results)
      StandardError.write("\n" + again)
      _exit(128 + number)
    }
    defer { signals.cancel() }
    var failure: (any Error)?
    do {
      try await run.finish()
    } catch {
      failure = error
    }
    let journal = run.current
    var resultsFault: CommandFault?
    do throws(CommandFault) {
      try place.writeResults(journal.results)
    } catch {
      resultsFault = error
    }
    if StandardError.isTerminal { StandardError.rewrite("") }
    output.print(
      PaidFileReport(
        journal, file: file, results: resultsFault == nil ? place.resultsPath : nil))
    if journal.counts.open > 0 { StandardError.write(again) }
    if let failure {
      if let resultsFault { StandardError.write("\(resultsFault)") }
      throw failure
    }
    if let resultsFault { throw resultsFault }
    guard journal.counts.open == 0 else { throw ExitStatus.failed.code }
    if journal.counts.refused > 0 { throw ExitStatus.refused.code }
  }

  private func advice(for place: PaymentPlace) -> String {
    "what is open may have been paid: run the same command again, which pays nothing twice; keep "
      + "`\(place.journalPath)` beside the file until then"
  }

  private func read(
    _ place: PaymentPlace, _ genesis: Genesis
  ) throws(CommandFault) -> PaymentFile {
    let isInitiation = place.path.lowercased().hasSuffix(".xml")
    guard !isInitiation || currency == nil else {
      throw .invalidArgument("a pain.001 names its currency itself; leave out --currency")
    }
    let bytes = try place.read()
    let scale = isInitiation ? nil : try csvCurrency(of: genesis)
    do throws(PaymentFileFault) {
      if let scale { return try PaymentFile(csv: bytes, currency: scale, channel: channel) }
      let context = ReadingContext(
        participant: bank.bank,
        today: genesis.parameters.businessCalendar.businessDate(at: WallClock.now),
        currencies: genesis.currencies)
      return try PaymentFile(
        initiation: bytes, in: context, currencies: genesis.currencies, channel: channel)
    } catch {
      throw CommandFault.fileInvalid(
        path: error.line.map { "\(file):\($0)" } ?? file, problem: error.description)
    }
  }

  private func csvCurrency(of genesis: Genesis) throws(CommandFault) -> Currency {
    let known = genesis.currencies
    guard let currency else {
      guard known.count == 1 else {
        throw .invalidArgument(
          "the ledger has several currencies; give --currency, one of "
            + known.map(\.code.description).joined(separator: ", "))
      }
      return known[0]
    }
    guard let found = known.first(where: { $0.code == currency }) else {
      throw .currencyUnknown(
        code: currency.description, known: known.map(\.code.description))
    }
    return found
  }

  private func readJournal(
    _ bytes: [UInt8], of payments: PaymentFile, _ facts: LedgerFacts, _ place: PaymentPlace
  ) throws(CommandFault) -> PaymentJournal {
    do throws(PaymentJournalFault) {
      return try PaymentJournal(bytes, of: payments, on: facts.trust.ledger, of: bank.party)
    } catch {
      throw .fileInvalid(path: place.journalPath, problem: error.description)
    }
  }

  /// Shows what is to be paid, and asks where anything is.
  private func confirm(_ payments: PaymentFile, _ known: PaymentJournal?) throws(CommandFault) {
    guard known?.counts.open != 0 else { return }
    StandardError.write(
      PaymentPreview(path: file, file: payments, counts: known?.counts).text)
    guard !yes else { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw .invalidArgument("nobody is at a terminal to confirm this; give --yes to pay it")
    }
    guard TerminalPrompt.confirm("Pay it?") else { throw .cancelled }
  }
}
