import ArgumentParser
import LedgerISO20022
import LedgerModel

struct ISO20022Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iso20022", abstract: "Send ISO 20022 messages, and try them before.",
    subcommands: [ISO20022CheckCommand.self, ISO20022SendCommand.self])
}

struct ISO20022CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what the ledger would make of messages.",
    discussion: """
      Reads pacs.008, pacs.009 and camt.060 in their envelope, and a pain.001 by itself, as \
      `specie bank pay` takes it (docs/iso20022.md), with no server and no key. \
      Ends with 4 where one is refused; --rejects writes the admi.002 that it would be \
      answered.

        specie iso20022 check payment.xml --as icbc --currency-digits CNY:2
      """)

  @Argument(help: ArgumentHelp("The messages.", valueName: "file")) var files: [String]
  @Option(
    name: .customLong("as"), help: ArgumentHelp("Who sends them.", valueName: "bank"),
    transform: { try ParticipantID($0) })
  var participant: ParticipantID
  @Option(
    name: .customLong("currency-digits"),
    help: ArgumentHelp("Each currency's digits after the point.", valueName: "CODE:DIGITS"),
    transform: { try CurrencyScale(argument: $0) })
  var scales: [CurrencyScale]
  @Option(
    help: ArgumentHelp("On which date they come (default: today, UTC).", valueName: "date"),
    transform: { text in
      guard let date = CivilDate(text) else {
        throw CommandFault.invalidArgument("`\(text)` is no date; write `2026-03-01`")
      }
      return date
    })
  var date: CivilDate?
  @Option(help: ArgumentHelp("Write an admi.002 for each refused one there.", valueName: "folder"))
  var rejects: String?
  @OptionGroup var output: OutputOptions

  private struct Order: Encodable {
    let operation: String
    let amount: String
    let currency: String
    let payer: String
    let payee: String
    let reference: String

    init?(_ order: Operation, _ reference: ClientReference) {
      guard let movement = order.movement else { return nil }
      operation = order.name
      amount = "\(movement.amount)"
      currency = movement.currency.description
      payer = movement.payer?.description ?? ""
      payee = movement.payee?.description ?? ""
      self.reference = reference.text
    }
  }

  private struct Verdict: Encodable {
    let file: String
    let verdict: String
    var code: String?
    var problem: String?
    var orders: [Order]?

    var text: String {
      "\(file): \(verdict)" + (code.map { ", \($0): \(problem ?? "")" } ?? "")
    }
  }

  private struct Report: CommandReport {
    let messages: [Verdict]

    var text: String { messages.map(\.text).joined(separator: "\n") }
  }

  func run() async throws {
    let today = CivilDate(daysSince1970: Int(WallClock.now.microseconds / 86_400_000_000))
    let context = ReadingContext(
      participant: participant, today: date ?? today,
      exponents: Dictionary(scales.map { ($0.code, $0.exponent) }) { first, _ in first })
    let verdicts = try files.enumerated().map { try verdict(of: $1, number: $0 + 1, context) }
    output.print(Report(messages: verdicts))
    if verdicts.contains(where: { $0.code != nil }) { throw ExitStatus.refused.code }
  }

  private func verdict(
    of file: String, number: Int, _ context: ReadingContext
  ) throws -> Verdict {
    let bytes = try LocalFile.read(file, bytesMax: ISOLimits.standard.messageBytesMax + 1)
    do throws(MessageRefusal) {
      return Verdict(file: file, verdict: "accepted", orders: try Self.orders(bytes, context))
    } catch {
      if let rejects {
        let header = OutboundHeader(
          recipient: participant, id: MessageReference(unchecked: "CHECK-\(number)"),
          created: WallClock.now)
        try LocalFile.create(
          "\(rejects)/admi.002-\(number).xml", MessageReject(error).xml(header), mode: 0o644)
      }
      return Verdict(
        file: file, verdict: "refused", code: error.fault.code, problem: error.description.shown)
    }
  }

  /// What a message orders; `nil` for one that orders nothing.
  private static func orders(
    _ bytes: [UInt8], _ context: ReadingContext
  ) throws(MessageRefusal) -> [Order]? {
    do throws(MessageRefusal) {
      guard case .creditTransfers(let message) = try InboundMessage(bytes, in: context) else {
        return nil
      }
      return message.transfers.compactMap { Order($0.operation, $0.reference) }
    } catch {
      // A pain.001 stands by itself, without an envelope.
      guard case .elementUnexpected("/Document", _) = error.fault else { throw error }
      return try PaymentInitiation(bytes, in: context).payments.compactMap {
        Order(.pay($0.transfer), $0.reference)
      }
    }
  }
}
