import LedgerClient
import LedgerModel
import MerkleLog
import LedgerWire

/// The outcome of a submission as it is printed.
struct OutcomeReport: CommandReport {
  struct Order: Encodable {
    let id: String
    let operation: String
    let outcome: String
    let sequence: UInt64
    let firstSequence: UInt64
    let code: String?
    let rule: String?
    let pack: String?
    let message: String?
    let limit: LimitReport?
    /// What rules had to say of an order that was accepted; left out where nothing.
    let remarks: [RemarkReport]?
  }

  let sequence: UInt64
  let time: String
  /// Entries that the checkpoint covers against which the answer was proven.
  ///
  /// `nil` where nothing is proven.
  let provenAtSize: UInt64?
  let orders: [Order]
  let created: [CreatedID]
  private let lines: [String]

  enum CodingKeys: CodingKey {
    case sequence
    case time
    case provenAtSize
    case orders
    case created
  }

  init(
    _ receipt: VerifiedReceipt, of instructions: [Instruction], created: [CreatedID],
    scales: CurrencyScales
  ) {
    sequence = receipt.sequence.value
    time = receipt.time.description
    provenAtSize = receipt.withheld == nil ? receipt.checkpoint.checkpoint.size : nil
    self.created = created
    let words = OrderWords(scales: scales)
    orders = zip(receipt.instructions, instructions).map { Self.order($0, $1, scales) }
    var lines: [String] = []
    for (order, instruction) in zip(orders, instructions) {
      lines.append(words.text(instruction.operation))
      lines += Self.lines(order)
    }
    lines += created.map { "\($0.noun): \($0.id)" }
    lines.append(
      "ledger time \(receipt.time); "
        + Self.proof(receipt))
    self.lines = lines
  }

  var text: String { lines.joined(separator: "\n") }

  private static func order(
    _ outcome: VerifiedOutcome, _ instruction: Instruction, _ scales: CurrencyScales
  ) -> Order {
    let refusal = outcome.refusal
    return Order(
      id: outcome.id.description, operation: instruction.operation.name,
      outcome: outcome.wireName, sequence: outcome.sequence.value,
      firstSequence: outcome.firstSequence.value, code: refusal?.code.rawValue,
      rule: refusal?.rule?.text, pack: refusal?.pack?.text,
      message: refusal == nil ? nil : outcome.message(of: instruction.operation, scales),
      limit: LimitReport(outcome, of: instruction.operation, scales: scales),
      remarks: outcome.remarks.isEmpty ? nil : outcome.remarks.map { RemarkReport($0) })
  }

  private static func proof(_ receipt: VerifiedReceipt) -> String {
    let size = receipt.checkpoint.checkpoint.size
    if let withheld = receipt.withheld {
      return "NOT PROVEN, by the server's word: this certificate may not read what was ordered "
        + "(\(withheld.code)); the log has \(size) entries"
    }
    let outcomes = receipt.instructions
    let proven = outcomes.count { $0.isProven }
    let which =
      proven == outcomes.count
      ? "proven" : "\(proven) of \(outcomes.count) outcomes, picked at random, proven"
    return "\(which) in the log of \(size) entries, by a checkpoint of the log key"
  }

  private static func lines(_ order: Order) -> [String] {
    let first =
      order.sequence == order.firstSequence
      ? "" : " (a duplicate; first decided at entry \(order.firstSequence))"
    guard let code = order.code else {
      return ["  accepted at entry \(order.sequence)\(first), id \(order.id)"]
        + (order.remarks ?? []).map { "  \($0.text)" }
    }
    let rule =
      (order.rule.map { " by rule \($0)" } ?? "") + (order.pack.map { " of \($0)" } ?? "")
    var lines = ["  refused at entry \(order.sequence)\(first): \(code)\(rule), id \(order.id)"]
    guard let limit = order.limit else {
      if let message = order.message { lines.append("  \(message.shown)") }
      return lines
    }
    lines.append("  \(limit.text)")
    return lines
  }
}

/// What a rule had to say of an order that was accepted.
struct RemarkReport: Encodable {
  let kind: String
  let pack: String
  let rule: String?
  let text: String

  init(_ remark: Remark) {
    kind = remark.kind.name
    pack = remark.pack.text
    rule = remark.rule?.text
    text = remark.description
  }

  enum CodingKeys: CodingKey {
    case kind
    case pack
    case rule
  }
}

/// Why an order was refused.
struct Refusal {
  let code: RejectionCode
  let rule: RuleID?
  let pack: PackName?

  init?(_ outcome: LoggedOutcome) {
    guard case .rejected(let code, let rule, let pack) = outcome else { return nil }
    (self.code, self.rule, self.pack) = (code, rule, pack)
  }

  /// The code, with the rule where one refused.
  var text: String {
    code.rawValue + (rule.map { " by rule \($0)" } ?? "") + (pack.map { " of \($0)" } ?? "")
  }
}

extension VerifiedOutcome {
  /// As the server's API and all files have it.
  var wireName: String { refusal == nil ? "accepted" : "rejected" }

  /// Why the order was refused; `nil` where it was accepted.
  var refusal: Refusal? { Refusal(outcome) }

  /// What rules had to say of an order that was accepted.
  var remarks: [Remark] {
    if case .remarked(let remarks) = outcome { remarks } else { [] }
  }
}
