import LedgerModel
import PaymentFiles

/// What became of a file of payments.
struct PaidFileReport: CommandReport {
  struct Refusal: Encodable {
    let row: Int
    let id: String
    let code: String
    let rule: String?
    let pack: String?
    let message: String
  }

  struct Open: Encodable {
    let row: Int
    let id: String
  }

  static let refusalsShown = 10
  static let openShown = 10

  let file: String
  let payments: Int
  let accepted: Int
  let refused: Int
  let open: Int
  /// Outcomes that are not the server's word alone.
  let proven: Int
  let currency: String
  /// Of those accepted.
  let paid: String
  /// `nil` where they could not be written.
  let results: String?
  /// The first of them.
  let refusals: [Refusal]
  let openPayments: [Open]
  private let paidText: String

  enum CodingKeys: CodingKey {
    case file
    case payments
    case accepted
    case refused
    case open
    case proven
    case currency
    case paid
    case results
    case refusals
    case openPayments
  }

  init(_ journal: PaymentJournal, file: String, results: String?) {
    self.file = file
    self.results = results
    let rows = Array(zip(journal.payments, journal.file.rows).enumerated())
    payments = journal.counts.all
    accepted = journal.counts.accepted
    refused = journal.counts.refused
    open = journal.counts.open
    proven = journal.payments.count { $0.decision?.isProven == true }
    let paid = rows.filter { $0.element.0.decision?.result == .accepted }
      .reduce(Int128(0)) { $0 + Int128($1.element.1.transfer.amount) }
    let scale = CurrencyScale(
      code: journal.file.currency.code, exponent: journal.file.currency.exponent)
    currency = scale.code.description
    self.paid = DecimalAmount.text(paid, exponent: scale.exponent, isGrouped: false)
    paidText = DecimalAmount.text(paid, exponent: scale.exponent)
    refusals = rows.compactMap { index, row -> Refusal? in
      guard case .refused(let code, let rule, let pack, let message) = row.0.decision?.result
      else { return nil }
      return Refusal(
        row: index + 1, id: row.0.order.id.description, code: code,
        rule: rule.isEmpty ? nil : rule, pack: pack.isEmpty ? nil : pack,
        message: ServersWords.shown(
          message, of: RejectionCode(rawValue: code), in: scale.code, CurrencyScales([scale])))
    }.prefix(Self.refusalsShown).map { $0 }
    openPayments = rows.filter { $0.element.0.decision == nil }.prefix(Self.openShown).map {
      Open(row: $0.offset + 1, id: $0.element.0.order.id.description)
    }
  }

  var text: String {
    var lines = [
      "\(DecimalAmount.count(payments, "payment")): \(DecimalAmount.count(accepted)) accepted, "
        + "\(DecimalAmount.count(refused)) refused"
        + (open > 0 ? ", \(DecimalAmount.count(open)) open" : ""),
      "paid \(paidText) \(currency); \(DecimalAmount.count(proven, "outcome")) proven in the log",
    ]
    for one in refusals {
      lines.append(
        "  row \(one.row): \(one.code)" + (one.rule.map { " by rule \($0)" } ?? "") + ": "
          + one.message.shown)
    }
    if refused > refusals.count {
      lines.append("  and \(DecimalAmount.count(refused - refusals.count)) more refused")
    }
    for one in openPayments { lines.append("  row \(one.row): open, id \(one.id)") }
    if open > openPayments.count {
      lines.append("  and \(DecimalAmount.count(open - openPayments.count)) more open")
    }
    if let results { lines.append("each payment's outcome is in \(results)") }
    return lines.joined(separator: "\n")
  }
}

/// How far a run is, in one line of a terminal that is written over again and again.
struct PaymentBar {
  private static let width = 30

  static func text(_ counts: PaymentCounts) -> String {
    let done = counts.all - counts.open
    let filled = done * width / max(1, counts.all)
    let bar =
      String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    return "[\(bar)] \(DecimalAmount.count(done)) of \(DecimalAmount.count(counts.all)): "
      + "\(DecimalAmount.count(counts.accepted)) accepted, "
      + "\(DecimalAmount.count(counts.refused)) refused"
  }
}
