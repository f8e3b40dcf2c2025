import LedgerClient
import LedgerModel
import LedgerWire
import Synchronization

/// How far a file of orders has come, told at any moment, also from a signal.
///
/// The results file has a row `sent` of each order before it is sent, and a row with its outcome
/// after: an order whose last row is `sent` is not known to be decided.
final class BatchProgress: Sendable {
  /// What became of one part.
  struct Answer: Sendable {
    /// Of the part in the file.
    let index: Int
    let rows: [BatchFile.Row]
    let receipt: VerifiedReceipt
  }

  private struct Part {
    let rows: [BatchFile.Row]
    let ids: [InstructionID]
  }

  private struct State {
    var answers: [Answer] = []
    /// Sent and not answered, by index.
    var unanswered: [Int: Part] = [:]
    /// Rows of which anything was sent.
    var rowsBegun = 0
  }

  /// Listed where a results file has them all.
  private static let linesShown = 10

  private let rows: [BatchFile.Row]
  private let file: String
  private let results: GrowingFile?
  private let statusArguments: String
  private let state = Mutex(State())

  init(
    rows: [BatchFile.Row], file: String, results: GrowingFile?, statusArguments: String
  ) {
    self.rows = rows
    self.file = file
    self.results = results
    self.statusArguments = statusArguments
  }

  /// In the order of the file.
  var answers: [Answer] { state.withLock { $0.answers.sorted { $0.index < $1.index } } }

  /// Notes a part that is about to be sent.
  ///
  /// - Throws: Where its ids could not be kept: it must not be sent then.
  func begin(
    _ index: Int, _ rows: [BatchFile.Row], _ instructions: [Instruction]
  ) throws(CommandFault) {
    let ids = instructions.map(\.id)
    let head = index == 0 ? "line,id,outcome,code,rule,sequence,remarks\n" : ""
    try results?.append(
      head + zip(rows, ids).map { "\($0.line),\($1),sent,,,,\n" }.joined())
    state.withLock { state in
      state.unanswered[index] = Part(rows: rows, ids: ids)
      state.rowsBegun += rows.count
    }
  }

  /// Notes an answer.
  ///
  /// - Throws: Where the results file takes no more; the answer is noted all the same.
  func finish(
    _ index: Int, _ rows: [BatchFile.Row], _ receipt: VerifiedReceipt
  ) throws(CommandFault) {
    state.withLock { state in
      state.unanswered[index] = nil
      state.answers.append(Answer(index: index, rows: rows, receipt: receipt))
    }
    try results?.append(
      zip(rows, receipt.instructions).map { row, outcome in
        "\(row.line),\(outcome.id),\(outcome.wireName),"
          + "\(outcome.refusal?.code.rawValue ?? ""),\(outcome.refusal?.rule?.text ?? ""),"
          + "\(outcome.sequence),\(outcome.remarks.map(Self.text).joined(separator: "; "))\n"
      }.joined())
  }

  /// `flagged pack rule`: names have no commas and no semicolons.
  private static func text(_ remark: Remark) -> String {
    [remark.kind.name, remark.pack.text, remark.rule?.text].compactMap(\.self)
      .joined(separator: " ")
  }

  /// Makes the results durable, once all is sent.
  func close() throws(CommandFault) { try results?.finish() }

  /// What is not known, by line and id, and what was not sent.
  var openText: String {
    let (unanswered, begun) = state.withLock { state in
      (state.unanswered.sorted { $0.key < $1.key }.map(\.value), state.rowsBegun)
    }
    let open = unanswered.flatMap { part in zip(part.rows, part.ids) }
    var lines: [String] = []
    if !open.isEmpty {
      lines.append(
        "\(file): what became of \(DecimalAmount.count(open.count, "order")) is not known; ask, "
          + "before any is ordered again:")
      let count = results == nil ? open.count : min(open.count, Self.linesShown)
      lines += open.prefix(count).map { row, id in
        "  line \(row.line): specie status \(id)\(statusArguments)"
      }
      if count < open.count, let results {
        lines.append(
          "  and \(DecimalAmount.count(open.count - count)) more: those whose last row in "
            + "`\(results.path)` is `sent`")
      }
      lines.append(
        "the same orders, which are never executed twice: put the ids into the file, and send it "
          + "again")
    }
    if begun < rows.count, let last = rows.last {
      lines.append("\(file): lines \(rows[begun].line) to \(last.line) were not sent")
    }
    return lines.joined(separator: "\n")
  }
}
