import LedgerAudit
import LedgerModel

/// A backtest as it is printed.
struct BacktestWords: CommandReport {
  struct Amount: Encodable {
    let count: UInt64
    let value: String
  }

  struct Row: Encodable {
    /// `newly_refused`, `newly_allowed`, `knock_on_refused`, `knock_on_allowed`, `newly_flagged`.
    let change: String
    /// The rule; `tier_unknown` where the rules do not name a wallet's tier; `duplicate` where
    /// another copy of the order was made; else the code of the refusal.
    let cause: String
    /// Of the rule; left out where the cause is none.
    let pack: String?
    let tier: String
    let participant: String
    let count: UInt64
    let value: String
  }

  struct Wallet: Encodable {
    let account: String
    let count: UInt64
    let value: String
  }

  let pack: String
  let version: Int
  let currency: String
  /// Ledger time of the first and the last payment compared.
  let from: String?
  let to: String?
  let entries: UInt64
  /// Of the file, and how many of them were in force at some time of the history.
  let rules: Int
  let rulesInForce: Int
  /// What makes the figures say little; `nil` where nothing does.
  let warning: String?
  let payments: Amount
  let totals: [String: Amount]
  let groups: [Row]
  let topWallets: [Wallet]
  let text: String

  enum CodingKeys: CodingKey {
    case pack, version, currency, from, to, entries, rules, rulesInForce, warning, payments
    case totals, groups, topWallets
  }

  init(_ report: BacktestReport, scale: CurrencyScale, top: Int) {
    func plain(_ value: Int128) -> String {
      DecimalAmount.text(value, exponent: scale.exponent, isGrouped: false)
    }
    func amount(_ sum: BacktestReport.Sum) -> Amount {
      Amount(count: sum.count, value: plain(sum.value))
    }
    pack = report.set.pack.text
    version = report.set.version
    currency = report.currency.description
    from = report.from?.description
    to = report.to?.description
    entries = report.entries
    rules = report.ruleCount
    rulesInForce = report.rulesInForceCount
    warning = Self.warning(report)
    payments = amount(report.payments)
    totals = Dictionary(
      uniqueKeysWithValues: BacktestReport.Change.allCases.map {
        ($0.code, amount(report.total($0)))
      })
    groups = report.rows.map { group, sum in
      Row(
        change: group.change.code, cause: group.cause,
        pack: group.pack.isEmpty ? nil : group.pack, tier: group.tier,
        participant: group.participant, count: sum.count, value: plain(sum.value))
    }
    topWallets = report.topAccounts(top).map { account, sum in
      Wallet(account: account.description, count: sum.count, value: plain(sum.value))
    }
    text = Self.text(report, scale: scale, top: top)
  }

  private static func warning(_ report: BacktestReport) -> String? {
    guard report.from != nil, report.rulesInForceCount == 0 else { return nil }
    return "no rule of the file was in force in that time, by its `effective`; "
      + "what differs is what others no longer refuse"
  }

  /// RFC 4180, with a head; one row a group.
  var csv: String {
    let rows = groups.map { row in
      [
        row.change, row.cause, row.pack ?? "", row.tier, row.participant, "\(row.count)", row.value,
      ].joined(separator: ",")
    }
    return (["change,cause,pack,tier,participant,count,value"] + rows).joined(separator: "\n")
  }

  private static func text(_ report: BacktestReport, scale: CurrencyScale, top: Int) -> String {
    func money(_ value: Int128) -> String { DecimalAmount.text(value, exponent: scale.exponent) }
    var lines = [
      "\(report.set) in place of what was in force, on \(DecimalAmount.count(report.entries)) "
        + "entries of the log"
    ]
    guard let from = report.from, let to = report.to else {
      return (lines + ["no payment was decided in that time"]).joined(separator: "\n")
    }
    lines.append("ledger time \(from) to \(to)")
    if let warning = warning(report) {
      lines.append("warning: \(warning)")
    } else if report.rulesInForceCount < report.ruleCount {
      lines.append(
        "\(report.rulesInForceCount) of the file's \(report.ruleCount) rules were in force then")
    }
    lines.append(
      "\(DecimalAmount.count(report.payments.count, "payment")) of "
        + "\(money(report.payments.value)) \(report.currency) decided twice")
    for change in BacktestReport.Change.allCases {
      let total = report.total(change)
      lines.append(
        "  \(change.words): \(DecimalAmount.count(total.count)) of \(money(total.value))")
    }
    if !report.sums.isEmpty {
      var table = TextTable([
        ("what", .left), ("rule or code", .left), ("pack", .left), ("tier", .left), ("bank", .left),
        ("payments", .right), (report.currency.description, .right),
      ])
      for (group, sum) in report.rows {
        table.append([
          group.change.words, group.cause, group.pack, group.tier, group.participant,
          DecimalAmount.count(sum.count), money(sum.value),
        ])
      }
      lines += ["", table.text]
    }
    let wallets = report.topAccounts(top)
    if !wallets.isEmpty {
      var table = TextTable([
        ("whose rules newly refuse most", .left), ("payments", .right),
        (report.currency.description, .right),
      ])
      for (account, sum) in wallets {
        table.append([account.description, DecimalAmount.count(sum.count), money(sum.value)])
      }
      lines += ["", table.text]
    }
    return lines.joined(separator: "\n")
  }
}

extension BacktestReport.Change {
  fileprivate var code: String {
    switch self {
    case .newlyRefused: "newly_refused"
    case .newlyAllowed: "newly_allowed"
    case .knockOnRefused: "knock_on_refused"
    case .knockOnAllowed: "knock_on_allowed"
    case .newlyFlagged: "newly_flagged"
    }
  }

  fileprivate var words: String {
    switch self {
    case .newlyRefused: "newly refused"
    case .newlyAllowed: "newly allowed"
    case .knockOnRefused: "refused in consequence"
    case .knockOnAllowed: "allowed in consequence"
    case .newlyFlagged: "newly flagged"
    }
  }
}
