import LedgerModel

extension PaymentJournal {
  private static let resultColumns = [
    "id", "outcome", "code", "rule", "pack", "message", "sequence", "proven",
  ]

  /// What became of each payment, as comma-separated values with a head: the file's own columns,
  /// then the outcome.
  ///
  /// - Complexity: O(payments).
  package var results: String {
    var text = Self.line(PaymentFile.columns + Self.resultColumns)
    for (row, payment) in zip(file.rows, payments) {
      text += Self.line(row.fields + [payment.order.id.description] + payment.outcomeFields)
    }
    return text
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let isPlain = field.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): false
      default: true
      }
    }
    return isPlain ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}

extension Payment {
  /// `accepted`, `rejected` or `open`.
  package var outcome: String {
    switch decision?.result {
    case .accepted: "accepted"
    case .refused: "rejected"
    case nil: "open"
    }
  }

  fileprivate var outcomeFields: [String] {
    guard let decision else { return [outcome, "", "", "", "", "", ""] }
    let refusal =
      if case .refused(let code, let rule, let pack, let message) = decision.result {
        [code, rule, pack, message]
      } else {
        ["", "", "", ""]
      }
    return [outcome] + refusal
      + [decision.sequence.description, decision.isProven ? "yes" : "no"]
  }
}
