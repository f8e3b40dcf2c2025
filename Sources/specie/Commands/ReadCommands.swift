import ArgumentParser
import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog

/// Sums as they are printed: grouped for people, plain in JSON.
private struct Sums {
  let currency: CurrencyCode
  let exponent: Int

  func plain(_ value: some BinaryInteger) -> String {
    DecimalAmount.text(Int128(value), exponent: exponent, isGrouped: false)
  }

  func grouped(_ value: some BinaryInteger) -> String {
    DecimalAmount.text(Int128(value), exponent: exponent)
  }

  init(_ scale: CurrencyScale) {
    currency = scale.code
    exponent = scale.exponent
  }
}

struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Show an account: its balance, tier and standing.",
    discussion: "  specie account 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 --trust trust")

  @Argument(help: "The account.", transform: { try TextArgument.account($0) }) var account:
    AccountID
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let account: String
    let kind: String
    let participant: String?
    let currency: String
    let tier: String?
    let balance: String
    let available: String
    let closed: Bool
    let frozen: String?
    let entries: UInt64
    let lastSequence: UInt64?
    let asOf: UInt64
    let text: String

    enum CodingKeys: CodingKey {
      case account
      case kind
      case participant
      case currency
      case tier
      case balance
      case available
      case closed
      case frozen
      case entries
      case lastSequence
      case asOf
    }

    init(_ answer: AccountAnswer, _ sums: Sums) {
      account = answer.account.description
      kind = answer.kind
      participant = answer.participant?.text
      currency = answer.currency.description
      tier = answer.tier?.text
      balance = sums.plain(answer.balance)
      available = sums.plain(answer.available)
      closed = answer.isClosed
      frozen = answer.freeze.map { $0 == .accepted ? "credits_accepted" : "credits_refused" }
      entries = answer.entryCount
      lastSequence = answer.lastSequence?.value
      asOf = answer.asOf
      let standing = [
        answer.isClosed ? "closed" : nil,
        answer.freeze.map { "frozen, credits \($0 == .accepted ? "accepted" : "refused")" },
      ].compactMap { $0 }
      var lines = [
        "\(answer.kind.shown) \(answer.account)" + (answer.participant.map { " at \($0)" } ?? "")
          + (answer.tier.map { ", tier \($0)" } ?? ""),
        "balance    \(sums.grouped(answer.balance)) \(answer.currency)",
        "available  \(sums.grouped(answer.available)) \(answer.currency)",
      ]
      if !standing.isEmpty { lines.append("standing   \(standing.joined(separator: "; "))") }
      lines.append(
        "entries    \(answer.entryCount)" + (answer.lastSequence.map { ", last \($0)" } ?? ""))
      lines.append("as of      \(answer.asOf) entries, by the server's word")
      text = lines.joined(separator: "\n")
    }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let scales = CurrencyScales(try await connection.genesis())
    let answer = try await connection.client.account(account)
    output.print(Report(answer, Sums(try scales.scale(answer.currency))))
  }
}

struct StatementCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement", abstract: "List an account's entries, the newest first.",
    discussion: """
        specie statement 5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035 --limit 9 --trust trust
      """)

  @Argument(help: "The account.", transform: { try TextArgument.account($0) }) var account:
    AccountID
  @Option(help: "Lines at most.") var limit = 50
  @Option(help: "Only entries before this one.") var before: UInt64?
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private static let pageLines = 500

  private struct Report: CommandReport {
    struct Line: Encodable {
      let sequence: UInt64
      let time: String
      let id: String
      let operation: String
      let amount: String
      let change: String
      /// The account that a waterfall drew from or sent on to, and what came from it.
      let linked: String?
      let linkedChange: String?
      let balance: String
      let counterparty: String
      let purpose: String
      let reference: String
    }

    let account: String
    let currency: String
    let entries: [Line]
    /// Ask before this entry for more; none where all is listed.
    let next: UInt64?
    let asOf: UInt64
    let text: String

    enum CodingKeys: CodingKey {
      case account
      case currency
      case entries
      case next
      case asOf
    }
  }

  func validate() throws {
    guard 1...1_000_000 ~= limit else { throw ValidationError("--limit is 1 to 1000000") }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let scales = CurrencyScales(try await connection.genesis())
    let currency = try await connection.client.account(account).currency
    let sums = Sums(try scales.scale(currency))
    var lines: [StatementAnswer.Line] = []
    var next = before.map { SequenceNumber($0) }
    var asOf: UInt64 = 0
    repeat {
      let page = try await connection.client.statement(
        of: account, before: next, limit: min(Self.pageLines, limit - lines.count))
      lines += page.lines
      next = page.next
      asOf = max(asOf, page.asOf)
    } while next != nil && lines.count < limit
    output.print(report(lines, sums, next: next, asOf: asOf))
  }

  /// Such as `pay`, or `pay 500.00, 400.00 drawn`.
  private func operation(_ line: StatementAnswer.Line, _ sums: Sums) -> String {
    guard let linked = line.linked else { return line.operation.shown }
    return "\(line.operation.shown) \(sums.grouped(line.amount)), "
      + "\(sums.grouped(linked.change.magnitude)) \(linked.change < 0 ? "sent on" : "drawn")"
  }

  private func report(
    _ lines: [StatementAnswer.Line], _ sums: Sums, next: SequenceNumber?, asOf: UInt64
  ) -> Report {
    var table = TextTable([
      ("entry", .right), ("ledger time", .left), ("operation", .left), ("change", .right),
      ("balance", .right), ("counterparty", .left), ("reference", .left),
    ])
    for line in lines {
      table.append([
        line.sequence.description, line.time.description, operation(line, sums),
        (line.change > 0 ? "+" : "") + sums.grouped(line.change), sums.grouped(line.balance),
        line.counterparty.description, line.reference.shown,
      ])
    }
    let rest = next.map { "; for more, add --before \($0)" } ?? ""
    return Report(
      account: account.description, currency: sums.currency.description,
      entries: lines.map {
        .init(
          sequence: $0.sequence.value, time: $0.time.description, id: $0.id.description,
          operation: $0.operation, amount: sums.plain($0.amount), change: sums.plain($0.change),
          linked: $0.linked?.account.description,
          linkedChange: $0.linked.map { sums.plain($0.change) }, balance: sums.plain($0.balance),
          counterparty: $0.counterparty.description, purpose: $0.purpose, reference: $0.reference)
      },
      next: next?.value, asOf: asOf,
      text: """
        account \(account) in \(sums.currency)
        \(table.text)
        \(lines.count) lines, as of \(asOf) entries, by the server's word\(rest)
        """)
  }
}

struct SupplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supply", abstract: "Report what was issued and redeemed, and who holds it.",
    discussion: """
      `specie audit verify` proves the same sums from the log.

        specie supply --trust trust
      """)

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    struct Holding: Encodable {
      let participant: String
      let settlement: String
      let wallets: String
      let total: String
    }

    struct Rules: Encodable {
      let pack: String
      let version: Int
      let sourceSha256: String
      let mode: String
      let from: String?
      let until: String?
    }

    struct Currency: Encodable {
      let currency: String
      let issued: String
      let redeemed: String
      let outstanding: String
      let holdings: [Holding]
      let rules: [Rules]
      let asOf: UInt64
      let time: String
    }

    let supply: [Currency]
    let text: String

    enum CodingKeys: CodingKey { case supply }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let scales = CurrencyScales(try await connection.genesis())
    let answers = try await connection.client.supply()
    let parts = try answers.map { answer in
      let sums = Sums(try scales.scale(answer.currency))
      return (Self.currency(answer, sums), Self.text(answer, sums))
    }
    output.print(
      Report(supply: parts.map(\.0), text: parts.map(\.1).joined(separator: "\n\n")))
  }

  private static func currency(_ answer: SupplyAnswer, _ sums: Sums) -> Report.Currency {
    Report.Currency(
      currency: answer.currency.description, issued: sums.plain(answer.issued),
      redeemed: sums.plain(answer.redeemed), outstanding: sums.plain(answer.outstanding),
      holdings: answer.holdings.map {
        .init(
          participant: $0.participant.text, settlement: sums.plain($0.settlement),
          wallets: sums.plain($0.wallets), total: sums.plain($0.settlement + $0.wallets))
      },
      rules: answer.rules.map {
        .init(
          pack: $0.pack.text, version: $0.version, sourceSha256: $0.sourceDigest.hex,
          mode: $0.isShadow ? "shadow" : "enforce", from: $0.from?.description,
          until: $0.until?.description)
      }, asOf: answer.asOf, time: answer.time.description)
  }

  private static func text(_ answer: SupplyAnswer, _ sums: Sums) -> String {
    var table = TextTable([
      (answer.currency.description, .left), ("settlement", .right), ("wallets", .right),
      ("total", .right),
    ])
    for holding in answer.holdings {
      table.append([
        holding.participant.text, sums.grouped(holding.settlement), sums.grouped(holding.wallets),
        sums.grouped(holding.settlement + holding.wallets),
      ])
    }
    let rules = answer.rules.map { set in
      "\(set.pack) version \(set.version)" + (set.isShadow ? ", in shadow" : "")
        + (set.from.map { ", from \($0)" } ?? "") + (set.until.map { ", until \($0)" } ?? "")
    }
    return """
      issued       \(sums.grouped(answer.issued)) \(answer.currency)
      redeemed     \(sums.grouped(answer.redeemed)) \(answer.currency)
      outstanding  \(sums.grouped(answer.outstanding)) \(answer.currency)
      rules        \(rules.isEmpty ? "none" : rules.joined(separator: "; "))
      \(table.text)
      as of \(answer.asOf) entries, ledger time \(answer.time), by the server's word
      """
  }
}

struct ParticipantListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the banks, with their settlement accounts and keys.",
    discussion: "  specie participant list --trust trust")

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    struct Account: Encodable {
      let account: String
      let currency: String
      /// `nil` where it is not shown.
      let balance: String?
    }

    struct Key: Encodable {
      let key: String
      let standing: String
      let validFrom: String
      let validUntil: String?
    }

    struct Participant: Encodable {
      let participant: String
      let name: String
      let admitted: UInt64
      let suspended: Bool
      let frozen: Bool
      let settlementAccounts: [Account]
      let keys: [Key]
    }

    let participants: [Participant]

    var text: String {
      guard !participants.isEmpty else { return "no bank is admitted yet" }
      return participants.map { participant in
        let standing =
          (participant.suspended ? ", suspended" : "") + (participant.frozen ? ", frozen" : "")
        let accounts = participant.settlementAccounts.map {
          "  settlement account \($0.account)"
            + ($0.balance.map { ": \($0)" } ?? " in") + " \($0.currency)"
        }
        let keys = participant.keys.map {
          "  key \($0.key), \($0.standing.shown)" + ($0.validUntil.map { ", until \($0)" } ?? "")
        }
        let head = "\(participant.participant)  \(participant.name.shown)\(standing)"
        return ([head] + accounts + keys).joined(separator: "\n")
      }.joined(separator: "\n")
    }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let scales = CurrencyScales(try await connection.genesis())
    let answers = try await connection.client.participants()
    output.print(
      Report(participants: try answers.map { try Self.participant($0, scales) }))
  }

  private static func balance(
    _ account: ParticipantAnswer.SettlementAccount, _ scales: CurrencyScales
  ) throws -> String? {
    guard let balance = account.balance else { return nil }
    return Sums(try scales.scale(account.currency)).plain(balance)
  }

  private static func participant(
    _ answer: ParticipantAnswer, _ scales: CurrencyScales
  ) throws -> Report.Participant {
    Report.Participant(
      participant: answer.participant.text, name: answer.name, admitted: answer.admitted.value,
      suspended: answer.isSuspended, frozen: answer.freeze != nil,
      settlementAccounts: try answer.settlementAccounts.map {
        .init(
          account: $0.account.description, currency: $0.currency.description,
          balance: try Self.balance($0, scales))
      },
      keys: answer.keys.map {
        .init(
          key: $0.key.description, standing: $0.standing, validFrom: $0.validFrom.description,
          validUntil: $0.validUntil?.description)
      })
  }
}
