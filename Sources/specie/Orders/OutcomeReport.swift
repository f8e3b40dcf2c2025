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
    let message: String?
    let limit: LimitReport?
    /// What rules had to say of an order that was accepted; left out where nothing.
    let remarks: [RemarkReport]?
  }

  let sequence: UInt64
  let time: String
  /// Entries that the checkpoint covers against which the answer was proven.
  let provenAtSize: UInt64
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
    provenAtSize = receipt.checkpoint.checkpoint.size
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
        + Self.proof(receipt.instructions, size: receipt.checkpoint.checkpoint.size))
    self.lines = lines
  }

  var text: String { lines.joined(separator: "\n") }

  private static func order(
    _ outcome: VerifiedOutcome, _ instruction: Instruction, _ scales: CurrencyScales
  ) -> Order {
    let refusal = outcome.refusal
    return Order(
      id: outcome.id.description, operation: instruction.operation.name,
      outcome: refusal == nil ? "accepted" : "refused", sequence: outcome.sequence.value,
      firstSequence: outcome.firstSequence.value, code: refusal?.code.rawValue,
      rule: refusal?.rule?.text, message: refusal == nil ? nil : outcome.message,
      limit: LimitReport(outcome, of: instruction.operation, scales: scales),
      remarks: outcome.remarks.isEmpty ? nil : outcome.remarks.map { RemarkReport($0) })
  }

  private static func proof(_ outcomes: [VerifiedOutcome], size: UInt64) -> String {
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
    let rule = order.rule.map { " by rule \($0)" } ?? ""
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

/// A limit that refused an order: in decimals, or in counts of payments.
struct LimitReport: Encodable {
  let account: String
  /// `nil` where others' accounts count, and the ledger does not tell.
  let limit: String?
  let used: String?
  /// Where others' accounts count.
  let left: String?
  let asked: String
  /// Signatures that the rule asks for, and that there are, where they are what is missing.
  let required: Int?
  let signed: Int?
  /// RFC 3339 in UTC; `nil` where waiting does not help.
  let resets: String?

  /// Writes a breach in decimals of the order's currency; `nil` where the outcome has none.
  ///
  /// A limit on a sum or a balance asks for the amount of the order, one on the number of payments
  /// for 1; of a payment of one minor unit the two cannot be told apart, and it is taken for a sum.
  init?(_ outcome: VerifiedOutcome, of operation: Operation, scales: CurrencyScales) {
    guard let breach = outcome.breach else { return nil }
    let code = operation.movement.flatMap { breach.asked == $0.amount ? $0.currency : nil }
    func text(_ value: Int128) -> String {
      code.map { scales.text(value, $0) } ?? "\(DecimalAmount.count(value)) payments"
    }
    account = breach.account.description
    limit = outcome.isWithheld ? nil : text(Int128(breach.limit))
    used = outcome.isWithheld ? nil : text(breach.used)
    if case .shared(let left) = breach.extent {
      self.left = text(Int128(left))
    } else {
      left = nil
    }
    asked = text(Int128(breach.asked))
    if case .approvalMissing(let required, let signed) = breach.reason {
      (self.required, self.signed) = (required, signed)
    } else {
      (required, signed) = (nil, nil)
    }
    resets = breach.resets?.description
  }

  var text: String {
    let figures = [
      limit.map { "limit \($0)" }, used.map { "used \($0)" }, left.map { "left \($0)" },
      "asked \(asked)",
    ].compactMap(\.self).joined(separator: ", ")
    let approval =
      if let required, let signed {
        "; \(required) of its group must sign for more, and \(signed) did"
      } else {
        ""
      }
    return figures + approval + "; "
      + (resets.map { "it resets at \($0)" } ?? "waiting does not help")
  }
}

extension VerifiedOutcome {
  /// The code and rule of a refusal; `nil` where the order was accepted.
  var refusal: (code: RejectionCode, rule: RuleID?)? {
    if case .rejected(let code, let rule) = outcome { (code, rule) } else { nil }
  }

  /// What rules had to say of an order that was accepted.
  var remarks: [Remark] {
    if case .remarked(let remarks) = outcome { remarks } else { [] }
  }
}
