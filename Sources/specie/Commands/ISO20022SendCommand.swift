import ArgumentParser
import LedgerClient
import LedgerISO20022
import LedgerModel
import LedgerPolicy
import LedgerWire

struct ISO20022SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Send a message, and sign the orders that are made of it.",
    discussion: """
      Of a pacs.008 or pacs.009 the server makes orders (docs/iso20022.md). They are held against \
      the message here, signed and sent; --answer writes the pacs.002 that says what became of \
      them. A camt.060 is answered with its report. The same file again pays nothing twice. Ends \
      with 4 where the message or an order is refused.

        specie iso20022 send payment.xml --as icbc --key icbc.key --answer status.xml
      """)

  @Argument(help: ArgumentHelp("The message.", valueName: "file")) var file: String
  @OptionGroup var bank: BankOptions
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file that signs; repeat for each signer at hand.", valueName: "file"))
  var keys: [String] = []
  @Option(
    help: ArgumentHelp(
      "Write the message there that answers, in the place of an earlier one (a report goes to "
        + "standard output without it).", valueName: "file"))
  var answer: String?
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Refusal: CommandReport {
    let file: String
    let refused: Bool

    var text: String { "\(file): refused; --answer writes the admi.002 that says why" }
  }

  func run() async throws {
    let message = try LocalFile.read(file, bytesMax: ISOLimits.standard.messageBytesMax)
    let signers = try keys.map { try KeyFile(path: $0).open(passphrases) }
    let facts = try LedgerFacts(ledger, given: [])
    let client = try await facts.connected().client
    switch try await client.send(message: message, for: bank.bank) {
    case .rejected(let reject):
      try write(reject)
      output.print(Refusal(file: file, refused: true))
      throw ExitStatus.refused.code
    case .report(let report):
      if answer == nil { StandardOutput.write(String(decoding: report, as: UTF8.self)) }
      try write(report)
    case .orders(let made):
      guard !signers.isEmpty else { throw CommandFault.noKeys }
      try check(made, of: message, try await facts.genesis())
      let submission = Submission(
        made.orders, of: bank.party, on: facts.trust.ledger, expiry: made.expiry,
        signedBy: signers)
      let sender = SubmissionSender(facts: facts, ledger: ledger, output: output)
      do {
        try await sender.send(submission, made.orders, resending: .command(options: ""))
      } catch let status as ExitCode {
        try write(try await client.status(of: made.document))
        throw status
      }
      try write(try await client.status(of: made.document))
    }
  }

  /// That the orders are the message's: the server only reads it for us.
  private func check(
    _ made: OrderedMessage, of message: [UInt8], _ genesis: Genesis
  ) throws {
    let context = ReadingContext(
      participant: bank.bank,
      today: genesis.parameters.businessCalendar.businessDate(at: made.received),
      currencies: genesis.currencies)
    guard case .creditTransfers(let read)? = try? InboundMessage(message, in: context),
      read.transfers.count == made.orders.count,
      zip(read.transfers, made.orders).allSatisfy({ transfer, order in
        order
          == transfer.instruction(id: order.id, channel: .iso20022, document: made.document)
      })
    else {
      throw CommandFault.answerNotBelieved(
        "the orders that it made of `\(file)` are not those that the message asks for; nothing was "
          + "signed")
    }
  }

  private func write(_ message: [UInt8]) throws {
    guard let answer else { return }
    try LocalFile.replace(answer, message, mode: 0o600)
  }
}
