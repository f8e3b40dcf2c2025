import LedgerModel
import PaymentFiles

/// What a file is about to pay, for whoever is to say yes.
struct PaymentPreview {
  private static let rowsShown = 5
  private static let payersShown = 5

  let path: String
  let file: PaymentFile
  /// Of an earlier run; `nil` where this is the first.
  let counts: PaymentCounts?

  var text: String {
    var lines = [
      "\(path): \(DecimalAmount.count(file.rows.count, "payment")), together \(money(total))"
    ]
    if let counts {
      lines.append(
        "paid before: \(DecimalAmount.count(counts.accepted)) accepted, "
          + "\(DecimalAmount.count(counts.refused)) refused, "
          + "\(DecimalAmount.count(counts.open)) open, which the ledger is asked about first")
    }
    let payers = payers
    lines.append(DecimalAmount.count(payers.count, "payer") + ":")
    for payer in payers.prefix(Self.payersShown) {
      lines.append(
        "  \(payer.account)  \(money(payer.total)) in "
          + DecimalAmount.count(payer.count, "payment"))
    }
    if payers.count > Self.payersShown {
      lines.append("  and \(DecimalAmount.count(payers.count - Self.payersShown)) more")
    }
    if repeatedCount > 0 {
      lines.append(
        "\(DecimalAmount.count(repeatedCount, "row")) the same as an earlier one, with payer, "
          + "payee, amount and reference: each is paid")
    }
    var table = TextTable([
      ("row", .right), ("payer", .left), ("payee", .left), ("amount", .right),
      ("reference", .left),
    ])
    for (index, row) in file.rows.prefix(Self.rowsShown).enumerated() {
      table.append([
        "\(index + 1)", row.transfer.payer.description, row.transfer.payee.description,
        DecimalAmount.text(Int128(row.transfer.amount), exponent: file.currency.exponent),
        row.reference.text.shown,
      ])
    }
    lines.append(table.text)
    if file.rows.count > Self.rowsShown {
      lines.append("and \(DecimalAmount.count(file.rows.count - Self.rowsShown)) more")
    }
    return lines.joined(separator: "\n")
  }

  private var total: Int128 { file.rows.reduce(0) { $0 + Int128($1.transfer.amount) } }

  /// The largest sums first.
  private var payers: [(account: AccountID, total: Int128, count: Int)] {
    Dictionary(grouping: file.rows, by: \.transfer.payer).map { account, rows in
      (account, rows.reduce(0) { $0 + Int128($1.transfer.amount) }, rows.count)
    }.sorted { ($0.total, $1.account.value) > ($1.total, $0.account.value) }
  }

  private var repeatedCount: Int {
    file.rows.count - Set(file.rows.map { RowIdentity($0) }).count
  }

  private struct RowIdentity: Hashable {
    let transfer: Transfer
    let reference: ClientReference

    init(_ row: PaymentRow) { (transfer, reference) = (row.transfer, row.reference) }
  }

  private func money(_ sum: Int128) -> String {
    "\(DecimalAmount.text(sum, exponent: file.currency.exponent)) \(file.currency.code)"
  }
}
