package import LedgerModel

/// Why a file is no file of payments: the first that holds, from its beginning on.
package enum PaymentFileFault: Error, Hashable, Sendable {
  case notUTF8
  case csv(CSVText.Fault)
  /// The first line does not name the columns.
  case head(line: Int)
  case fieldsMiscounted(line: Int, found: Int, wanted: Int)
  /// A field is no account, amount, reference or purpose.
  case field(line: Int, problem: String)
  /// A pain.001 that is refused.
  case message(problem: String)
  case severalCurrencies(CurrencyCode, CurrencyCode)
  case tooMany(max: Int)
  case noPayments

  /// The line of a CSV file that it is about, where it is about one.
  package var line: Int? {
    switch self {
    case .csv(let fault): fault.line
    case .head(let line), .fieldsMiscounted(let line, _, _), .field(let line, _): line
    case .notUTF8, .message, .severalCurrencies, .tooMany, .noPayments: nil
    }
  }
}

extension PaymentFileFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notUTF8: "it is not UTF-8 text"
    case .csv(let fault): fault.problem
    case .head:
      "its head is not right: name columns out of \(PaymentFile.columns.joined(separator: ", ")), "
        + "each once, the first three always"
    case .fieldsMiscounted(_, let found, let wanted):
      "it has \(found) fields under \(wanted) heads"
    case .field(_, let problem), .message(let problem): problem
    case .severalCurrencies(let first, let other):
      "it orders payments in `\(first)` and in `\(other)`; give each currency a file of its own"
    case .tooMany(let max): "it has more than \(max) payments; split it"
    case .noPayments: "it has no payments; write one a line under the head"
    }
  }
}

/// Why a journal is not this file's, or none at all.
package enum PaymentJournalFault: Error, Hashable, Sendable {
  /// It was begun for other bytes, another ledger or party, or under other options.
  case otherPayments(member: String, found: String, wanted: String)
  /// Line `number`, from 1, is none of a journal.
  case line(number: Int, problem: String)
  /// It has no order for a row, and so does not say whether the row was ever sent.
  case rowMissing(Int)
}

extension PaymentJournalFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .otherPayments(let member, let found, let wanted):
      "it is of other payments: its `\(member)` is `\(found)`, and now `\(wanted)`; give a file "
        + "that was changed, or is to be paid once more, another name"
    case .line(let number, let problem): "line \(number) is none of a journal: \(problem)"
    case .rowMissing(let row): "it has no order for row \(row) of the file"
    }
  }
}
