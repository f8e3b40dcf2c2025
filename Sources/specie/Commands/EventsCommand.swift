import ArgumentParser
import LedgerClient
import LedgerModel

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Follow orders as they are decided, a line each.",
    discussion: """
      From now on, or behind an entry of the past with --after; goes on by itself where the \
      connection breaks. The server's word: `specie proof` proves an entry. Ctrl-C ends it.

        specie events --after 0 --kind pay,fund --trust trust
      """)

  @Option(help: "Begin behind this entry; 0 is the whole log.") var after: UInt64?
  @Option(
    help: "Only orders that name this account, or moved money of it.",
    transform: { try TextArgument.account($0) })
  var account: AccountID?
  @Option(
    help: ArgumentHelp("Only these orders, as `pay,fund`.", valueName: "names"),
    transform: { try Self.kinds($0) })
  var kind: Set<String>?
  @Option(help: "End after so many.") var limit: Int?
  @OptionGroup var ledger: LedgerOptions
  @Flag(help: "Print one JSON object a line.") var json = false

  /// What is printed of an event.
  private struct Line: Encodable {
    let sequence: UInt64
    let time: String
    let id: String
    let party: String
    let operation: String
    let outcome: String
    let code: String?
    let rule: String?
    let pack: String?
    let amount: String?
    let currency: String?
    let payer: String?
    let payee: String?
    let purpose: String
    let channel: String
    let reference: String

    init(_ event: EventAnswer, _ scales: CurrencyScales) {
      sequence = event.sequence.value
      time = event.time.description
      id = event.id.description
      party = event.party.description
      operation = event.operation
      outcome = event.isAccepted ? "accepted" : "rejected"
      code = event.code
      rule = event.rule
      pack = event.pack
      amount = event.movement.map { scales.plain(Int128($0.amount), $0.currency) }
      currency = event.movement?.currency.description
      payer = event.movement?.payer?.description
      payee = event.movement?.payee?.description
      purpose = event.purpose
      channel = event.channel
      reference = event.reference
    }

    var text: String {
      let money = amount.map { " \($0) \(currency ?? "")" } ?? ""
      let accounts =
        (payer.map { " from \($0)" } ?? "") + (payee.map { " to \($0)" } ?? "")
      let refusal =
        code.map { ", \($0)" + (rule.map { " by rule \($0)" } ?? "") } ?? ""
      return "\(sequence)  \(time)  \(party)  \(operation.shown)\(money)\(accounts): "
        + (outcome == "accepted" ? "accepted" : "refused\(refusal.shown)")
        + (reference.isEmpty ? "" : "  \(reference.shown)")
    }
  }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is 1 or more") }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let scales = CurrencyScales(try await connection.genesis())
    let events = connection.client.events(
      after: after.map { SequenceNumber($0) }, account: account, kinds: kind)
    var left = limit ?? .max
    for try await event in events {
      let line = Line(event, scales)
      StandardOutput.write(json ? JSONText.line(line) : line.text.shown)
      left -= 1
      if left == 0 { return }
    }
  }

  private static func kinds(_ text: String) throws(CommandFault) -> Set<String> {
    let kinds = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let known = LedgerModel.Operation.names
    if let other = kinds.first(where: { !known.contains($0) }) {
      throw .invalidArgument(
        "`\(other)` is no order; there are \(known.sorted().joined(separator: ", "))")
    }
    return Set(kinds)
  }
}
