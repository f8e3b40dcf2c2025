import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog

/// What became of a file of orders.
struct BatchReport: CommandReport {
  struct Refusal: Encodable {
    let line: Int
    let id: String
    let code: String
    let rule: String?
    let pack: String?
    let message: String
    let limit: LimitReport?
  }

  /// An order that was accepted, and of which rules had something to say.
  struct Remarked: Encodable {
    let line: Int
    let id: String
    let remarks: [RemarkReport]
  }

  static let refusalsShown = 10
  static let remarkedShown = 10

  let orders: Int
  let submissions: Int
  let accepted: Int
  /// Of them, those of which rules had something to say.
  let remarked: Int
  let duplicates: Int
  let refused: Int
  let refusedByCode: [String: Int]
  let milliseconds: Int64
  let ordersPerSecond: Int64
  /// Entries of the log against which outcomes were proven, and how many were.
  let provenAtSize: UInt64
  let proven: Int
  /// The first of them.
  let refusals: [Refusal]
  /// The first orders that were accepted with remarks.
  let remarks: [Remarked]
  /// Orders whose outcome is not known, or that were not sent.
  let open: Int

  enum CodingKeys: CodingKey {
    case orders
    case open
    case submissions
    case accepted
    case remarked
    case duplicates
    case refused
    case refusedByCode
    case milliseconds
    case ordersPerSecond
    case provenAtSize
    case proven
    case refusals
    case remarks
  }

  /// - Parameters:
  ///   - rows: How many the file has.
  ///   - answers: In the order of the file; perhaps not of all rows.
  ///   - duration: Of the sending.
  ///   - scales: The ledger's currencies.
  init(
    rows: Int, answers: [BatchProgress.Answer], duration: Duration, scales: CurrencyScales
  ) {
    let results = answers.flatMap(\.receipt.instructions)
    orders = rows
    open = rows - results.count
    submissions = answers.count
    refused = results.count { $0.refusal != nil }
    accepted = results.count - refused
    remarked = results.count { !$0.remarks.isEmpty }
    duplicates = results.count { $0.sequence != $0.firstSequence }
    refusedByCode = Dictionary(
      grouping: results.compactMap { $0.refusal }, by: { $0.rule?.text ?? $0.code.rawValue }
    ).mapValues(\.count)
    let (seconds, attoseconds) = duration.components
    milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    ordersPerSecond = Int64(results.count) * 1_000 / max(1, milliseconds)
    provenAtSize = answers.map(\.receipt.checkpoint.checkpoint.size).max() ?? 0
    proven = results.count { $0.isProven }
    let decided = Array(zip(answers.flatMap(\.rows), results))
    remarks = decided.filter { !$0.1.remarks.isEmpty }.prefix(Self.remarkedShown).map {
      row, outcome in
      Remarked(
        line: row.line, id: outcome.id.description,
        remarks: outcome.remarks.map { RemarkReport($0) })
    }
    let refusedRows = decided.filter { $0.1.refusal != nil }
    refusals = refusedRows.prefix(Self.refusalsShown).map { row, outcome in
      Refusal(
        line: row.line, id: outcome.id.description, code: outcome.refusal?.code.rawValue ?? "",
        rule: outcome.refusal?.rule?.text, pack: outcome.refusal?.pack?.text,
        message: outcome.message(of: row.operation, scales),
        limit: LimitReport(outcome, of: row.operation, scales: scales))
    }
  }

  var text: String {
    var lines = [
      "\(DecimalAmount.count(orders, "order")) in "
        + "\(DecimalAmount.count(submissions, "submission")): "
        + "\(DecimalAmount.count(accepted)) accepted, \(DecimalAmount.count(refused)) refused"
        + (duplicates > 0 ? ", \(DecimalAmount.count(duplicates)) of them duplicates" : "")
        + (open > 0 ? ", \(DecimalAmount.count(open)) not known or not sent" : "")
    ]
    for (name, count) in refusedByCode.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(DecimalAmount.count(count)) refused by \(name)")
    }
    for refusal in refusals {
      lines.append(
        "  line \(refusal.line): \(refusal.code)"
          + (refusal.rule.map { " by rule \($0)" } ?? "") + ": "
          + (refusal.limit?.text ?? refusal.message.shown))
    }
    if refused > refusals.count { lines.append("  and \(refused - refusals.count) more") }
    if remarked > 0 {
      lines.append("  \(DecimalAmount.count(remarked)) accepted with a remark")
    }
    for one in remarks {
      lines += one.remarks.map { "  line \(one.line): \($0.text)" }
    }
    if remarked > remarks.count { lines.append("  and \(remarked - remarks.count) more") }
    lines.append(
      "\(milliseconds) ms, \(DecimalAmount.count(ordersPerSecond)) orders a second; "
        + "\(DecimalAmount.count(proven, "outcome")) proven in the log of "
        + "\(DecimalAmount.count(provenAtSize)) entries")
    return lines.joined(separator: "\n")
  }
}
