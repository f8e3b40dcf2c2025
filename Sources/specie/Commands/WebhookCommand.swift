import ArgumentParser
import LedgerClient
import LedgerModel

struct WebhookCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhook", abstract: "Have a server post your events to a URL.",
    discussion: """
      Each reader has its own webhooks, named by itself. Events come in the order of the log, some \
      at once, signed by the log's key, at least once; a receiver that is away is tried again \
      until it is back, and what it refuses is kept as a dead letter. The server's operator \
      permits hosts.

        specie webhook add ledger-events https://bank.example/specie --kind pay --trust trust
        specie webhook show ledger-events --trust trust
        specie webhook replay ledger-events --after 1200 --trust trust
        specie webhook dead-letters ledger-events --resend --trust trust
      """,
    subcommands: [
      WebhookAddCommand.self, WebhookListCommand.self, WebhookShowCommand.self,
      WebhookRemoveCommand.self, WebhookReplayCommand.self, WebhookDeadLettersCommand.self,
    ])
}

/// Which webhook, and of whom.
struct WebhookOptions: ParsableArguments {
  @Argument(help: "The webhook's name: 2 to 32 of a-z, 0-9 and `-`.") var name: String
  @Option(
    help: ArgumentHelp(
      "Whose it is, where your certificate reads for several: `issuer`, `auditor` or a bank.",
      valueName: "reader"),
    transform: { try Reader($0) })
  var reader: Reader?
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  /// Asks for something about the webhook, and prints how it stands.
  func report(
    _ ask: (LedgerClient) async throws -> WebhookAnswer, heading: String? = nil
  ) async throws {
    let answer = try await ask(try ledger.connect().client)
    output.print(WebhookReport(webhook: WebhookRow(answer), heading: heading))
  }
}

/// A webhook as commands print it.
private struct WebhookRow: Encodable {
  let name: String
  let reader: String?
  let url: String
  let account: String?
  let kinds: [String]?
  let after: UInt64
  let state: String
  let retry: String?
  let failures: Int
  let lastAnswer: String?
  let lastDelivery: String?
  let lagEntries: UInt64
  let lagSeconds: Int64?
  let deadLetters: Int

  init(_ answer: WebhookAnswer) {
    name = answer.name
    reader = answer.reader
    url = answer.url
    account = answer.account?.description
    kinds = answer.kinds
    after = answer.after.value
    state = answer.state
    retry = answer.retry?.description
    failures = answer.failures
    lastAnswer = answer.lastAnswer
    lastDelivery = answer.lastDelivery?.description
    lagEntries = answer.lagEntries
    lagSeconds = answer.lagSeconds
    deadLetters = answer.deadLetters
  }

  /// How far it trails, in words.
  var lag: String {
    guard lagEntries > 0 else { return "none" }
    return "\(lagEntries) entries" + (lagSeconds.map { ", \($0) s" } ?? "")
  }

  var lines: [String] {
    var lines = ["webhook \(name)" + (reader.map { " of \($0)" } ?? "") + ": \(state)"]
    lines.append("  url: \(url)")
    if let account { lines.append("  account: \(account)") }
    if let kinds { lines.append("  kinds: \(kinds.joined(separator: ", "))") }
    lines.append("  delivered up to entry \(after); lag: \(lag)")
    if let lastAnswer { lines.append("  last answer: \(lastAnswer)") }
    if let retry { lines.append("  failures in a row: \(failures); next try: \(retry)") }
    if deadLetters > 0 {
      lines.append("  dead letters: \(deadLetters); `specie webhook dead-letters` shows them")
    }
    return lines
  }
}

private struct WebhookReport: CommandReport {
  let webhook: WebhookRow
  let heading: String?

  var text: String { ((heading.map { [$0] } ?? []) + webhook.lines).joined(separator: "\n") }

  func encode(to encoder: any Encoder) throws { try webhook.encode(to: encoder) }
}

struct WebhookAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a webhook, or change where one sends and what.",
    discussion: """
      Run twice, it is as run once. A new webhook begins with what comes from now on, or after the \
      entry that --after names; one that there is goes on where it was.

        specie webhook add ledger-events https://bank.example/specie --trust trust
      """)

  @OptionGroup var options: WebhookOptions
  @Argument(help: "Where events are posted: `https://`, or `http://` and a loopback host.")
  var url: String
  @Option(
    help: ArgumentHelp("Only events of this account.", valueName: "account"),
    transform: { try TextArgument.account($0) })
  var account: AccountID?
  @Option(
    name: .customLong("kind"),
    help: ArgumentHelp(
      "Only orders of this name, such as `pay`; repeat for more.", valueName: "order"))
  var kinds: [String] = []
  @Option(help: ArgumentHelp("Where a new webhook begins: after this entry.", valueName: "entry"))
  var after: UInt64?

  func run() async throws {
    let order = WebhookOrder(
      url: url, account: account, kinds: kinds.isEmpty ? nil : kinds,
      after: after.map { SequenceNumber($0) })
    try await options.report { try await $0.setWebhook(options.name, order, of: options.reader) }
  }
}

struct WebhookListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show your webhooks, and how they stand.",
    discussion: """
      Those of each reader for whom your certificate reads; another's are shown to nobody else.

        specie webhook list --trust trust
      """)

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let webhooks: [WebhookRow]

    var text: String {
      guard !webhooks.isEmpty else { return "there is no webhook" }
      var table = TextTable([
        ("webhook", .left), ("reader", .left), ("state", .left), ("after", .right),
        ("lag", .left), ("dead letters", .right), ("url", .left),
      ])
      for row in webhooks {
        table.append([
          row.name, row.reader ?? "", row.state, "\(row.after)", row.lag, "\(row.deadLetters)",
          row.url,
        ])
      }
      return table.text
    }
  }

  func run() async throws {
    let answers = try await ledger.connect().client.webhooks()
    output.print(Report(webhooks: answers.map { WebhookRow($0) }))
  }
}

struct WebhookShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how a webhook stands.",
    discussion: """
      How far it has come, how far it trails, what its receiver answered last.

        specie webhook show ledger-events --trust trust
      """)

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    try await options.report { try await $0.webhook(options.name, of: options.reader) }
  }
}

struct WebhookRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Forget a webhook, its position and its dead letters.",
    discussion: """
      What it was is printed, so that it can be made again where it was.

        specie webhook remove ledger-events --trust trust
      """)

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    try await options.report(
      { try await $0.removeWebhook(options.name, of: options.reader) }, heading: "removed")
  }
}

struct WebhookReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Deliver again all after an entry.",
    discussion: """
      Sets the webhook's position back. A receiver knows what it has by the sequence numbers.

        specie webhook replay ledger-events --after 1200 --trust trust
      """)

  @OptionGroup var options: WebhookOptions
  @Option(help: ArgumentHelp("Deliver again from behind this entry.", valueName: "entry"))
  var after: UInt64

  func run() async throws {
    try await options.report {
      try await $0.replayWebhook(
        options.name, after: SequenceNumber(after), of: options.reader)
    }
  }
}

struct WebhookDeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Show what a receiver refused; send it again, or drop it.",
    discussion: """
      Dead letters that are sent again come behind newer events. While there are as many as there \
      may be, delivery waits.

        specie webhook dead-letters ledger-events --trust trust
        specie webhook dead-letters ledger-events --resend --trust trust
      """)

  @OptionGroup var options: WebhookOptions
  @Flag(help: "Have all of them sent again.") var resend = false
  @Flag(help: "Give all of them up.") var drop = false

  func validate() throws {
    guard !(resend && drop) else { throw ValidationError("--resend and --drop do not go together") }
  }

  private struct Row: Encodable {
    let sequence: UInt64
    let attempts: Int
    let time: String
    let answer: String
    let isDue: Bool
  }

  private struct Report: CommandReport {
    let deadLetters: [Row]

    var text: String {
      guard !deadLetters.isEmpty else { return "there is no dead letter" }
      var table = TextTable([
        ("entry", .right), ("attempts", .right), ("last sent", .left), ("answer", .left),
        ("", .left),
      ])
      for row in deadLetters {
        table.append([
          "\(row.sequence)", "\(row.attempts)", row.time, row.answer,
          row.isDue ? "is sent again" : "",
        ])
      }
      return table.text
    }
  }

  func run() async throws {
    let (name, reader) = (options.name, options.reader)
    if resend {
      return try await options.report { try await $0.resendDeadLetters(of: name, of: reader) }
    }
    if drop {
      return try await options.report { try await $0.removeDeadLetters(of: name, of: reader) }
    }
    let client = try options.ledger.connect().client
    let rows = try await client.deadLetters(of: name, of: reader).map {
      Row(
        sequence: $0.sequence.value, attempts: $0.attempts, time: $0.time.description,
        answer: $0.answer, isDue: $0.isDue)
    }
    options.output.print(Report(deadLetters: rows))
  }
}
