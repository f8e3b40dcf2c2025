import LedgerCore
import LedgerLog
import LedgerModel

extension AuditReport {
  /// The report as one page that needs nothing else: no script, no picture, no connection.
  package var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Audit of \(HTMLText.escaped(summary.origin ?? "a ledger"))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>Audit of \(HTMLText.escaped(summary.origin ?? "a ledger"))</h1>
    <p class="verdict \(verdict == .verified ? "good" : "bad")">\(verdictHTML)</p>
    <h2>Findings</h2>
    \(list(findings))
    <h2>What was checked</h2>
    <pre>\(HTMLText.escaped(checkedText))</pre>
    \(summary.currencies.indices.map(currency).joined(separator: "\n"))
    <h2>Orders</h2>
    \(ordersHTML)
    <h2>Refusals by rule</h2>
    \(refusalsHTML)
    </body>
    </html>

    """
  }

  private static let style = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;\
    color:#1b1f24;background:#fff}h1,h2{line-height:1.2}table{border-collapse:collapse}\
    td,th{padding:.2rem .8rem;border-bottom:1px solid #d5d9de;text-align:left}\
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
    pre{overflow:auto;background:#f5f6f8;padding:1rem}\
    svg{width:100%;height:12rem;background:#f5f6f8}rect{fill:#2f6f9f}\
    polyline{fill:none;stroke:#2f6f9f;stroke-width:12}.verdict{padding:1rem;font-weight:600}\
    .good{background:#e2f3e6}.bad{background:#fbe3e1}p.axis{display:flex;\
    justify-content:space-between;margin:.2rem 0 1.5rem;color:#59636e;font-size:.85rem}
    """

  private var verdictHTML: String {
    verdictLines.map(HTMLText.escaped).joined(separator: "<br>")
  }

  /// Everything that is wrong, or that nothing proves.
  private var findings: [String] {
    var findings: [String] = []
    if case .failed(let fault) = verdict {
      findings.append(
        "Entry \(fault.sequence) is the first that is wrong (\(fault.kind.rawValue)): "
          + fault.detail)
      if let expected = fault.expected { findings.append("Expected there: \(expected)") }
      if let found = fault.found { findings.append("Found there: \(found)") }
    }
    if summary.resumedFrom > 0 {
      findings.append(
        "The first \(summary.resumedFrom) entries were verified by an earlier audit, and not read; "
          + "figures below begin after them.")
    }
    if summary.entries < summary.entriesTotal {
      findings.append("\(summary.entriesTotal - summary.entries) entries were not checked.")
    }
    if summary.checkpointSize == nil {
      findings.append("No checkpoint covers any entry: nothing proves where the log ends.")
    } else if summary.unwitnessedEntries > 0 {
      findings.append(
        "No checkpoint covers the last \(summary.unwitnessedEntries) entries: they could have been "
          + "replaced.")
    }
    if verdict == .endUnwitnessed {
      findings.append(
        "The policy's witnesses have cosigned the first \(summary.witnessedSize ?? 0) entries, and "
          + "not those after.")
    } else if summary.checkpointSize != nil, !summary.isEndProven {
      findings.append(
        "Nothing proves that the log ends here: no checkpoint over all of it was kept elsewhere, or "
          + "cosigned by witnesses.")
    }
    if !summary.hasSideData {
      findings.append("There was no side data to be compared.")
    }
    if summary.superfluousFiles > 0 {
      findings.append("\(summary.superfluousFiles) files are there that no log of this size has.")
    }
    if verdict == .commitmentsUnproven {
      findings.append(
        "The roots of \(summary.commitments) commitments to the state were not checked, because "
          + "their secret was not given.")
    }
    if verdict == .originUnproven {
      findings.append("No trust file says whose ledger it is.")
    }
    if summary.tornCheckpointBytes > 0 {
      findings.append(
        "\(summary.tornCheckpointBytes) bytes after the last kept checkpoint are none.")
    }
    return findings
  }

  private func list(_ items: [String]) -> String {
    items.isEmpty
      ? "<p>None.</p>"
      : "<ul>" + items.map { "<li>\(HTMLText.escaped($0))</li>" }.joined() + "</ul>"
  }

  private var checkedText: String { checkedLines.joined(separator: "\n") }

  // MARK: - Money

  private func currency(_ index: Int) -> String {
    let currency = summary.currencies[index]
    let periods = summary.figures.periods.map { period in
      period.money.indices.contains(index) ? period.money[index] : AuditFigures.Money()
    }
    // Before the first period read, there is what an earlier audit has seen.
    let change = periods.reduce(Int128(0)) { $0 + $1.issued - $1.redeemed }
    var outstanding = currency.outstanding - change
    let supply = periods.map { money in
      outstanding += money.issued - money.redeemed
      return max(0, outstanding)
    }
    let code = currency.currency.description
    let holdings = currency.holdings.map { holding in
      row([
        (holding.participant.text, false),
        (currency.decimal(holding.settlement), true), (currency.decimal(holding.wallets), true),
        ("\(holding.walletCount)", true),
      ])
    }.joined()
    return """
      <h2>\(code)</h2>
      <table>
      \(row([("issued", false), (currency.decimal(currency.issued), true)]))
      \(row([("redeemed", false), (currency.decimal(currency.redeemed), true)]))
      \(row([("outstanding", false), (currency.decimal(currency.outstanding), true)]))
      \(row([("held by all accounts", false), (currency.decimal(currency.held), true)]))
      </table>
      <h3>Supply over time</h3>
      \(ChartDrawing(title: "\(code) outstanding", values: supply, isLevel: true).svg)
      \(axis(currency.decimal(supply.max() ?? 0)))
      <h3>Volume of payments</h3>
      \(ChartDrawing(title: "\(code) moved", values: periods.map(\.volume), isLevel: false).svg)
      \(axis(currency.decimal(periods.map(\.volume).max() ?? 0)))
      <h3>Holdings</h3>
      <table><tr><th>participant</th><th class="n">settlement</th><th class="n">wallets</th>\
      <th class="n">number of wallets</th></tr>\(holdings)</table>
      """
  }

  private func axis(_ top: String) -> String {
    guard let first = summary.figures.periods.isEmpty ? nil : summary.figures.start,
      let last = summary.lastTime
    else { return "" }
    return "<p class=\"axis\"><span>\(first)</span><span>at most \(top) in periods of "
      + "\(summary.figures.periodMicroseconds / 3_600_000_000) h</span><span>\(last)</span></p>"
  }

  // MARK: - Orders

  private var ordersHTML: String {
    let periods = summary.figures.periods
    return """
      <table>
      \(row([("accepted", false), ("\(summary.accepted)", true)]))
      \(row([("refused", false), ("\(summary.refused)", true)]))
      \(row([("duplicates", false), ("\(summary.duplicates)", true)]))
      </table>
      \(ChartDrawing(
        title: "accepted orders", values: periods.map { Int128($0.accepted) }, isLevel: false).svg)
      \(axis("\(periods.map(\.accepted).max() ?? 0)"))
      """
  }

  private var refusalsHTML: String {
    let refusals = summary.figures.refusals.sorted { $0.key < $1.key }
    guard !refusals.isEmpty else { return "<p>None.</p>" }
    let rows = refusals.map { refusal, count in
      row([
        (refusal.pack?.text ?? "", false), (refusal.rule?.text ?? "", false),
        (refusal.code.rawValue, false), ("\(count)", true),
      ])
    }
    return "<table><tr><th>pack</th><th>rule</th><th>code</th><th class=\"n\">refused</th></tr>"
      + rows.joined() + "</table>"
  }

  private func row(_ cells: [(text: String, isNumber: Bool)]) -> String {
    "<tr>"
      + cells.map { cell in
        "<td\(cell.isNumber ? " class=\"n\"" : "")>\(HTMLText.escaped(cell.text))</td>"
      }.joined() + "</tr>"
  }
}
