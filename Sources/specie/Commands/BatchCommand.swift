import ArgumentParser
import Foundation
import LedgerClient
import LedgerModel
import MerkleLog
import LedgerWire

struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Send a bank's orders from a file, many under one signature.",
    discussion: """
      The file is CSV with a head, or JSON lines (`.jsonl`), with the columns operation, payer, payee, \
      amount, currency, and perhaps reference, purpose, channel, id, and for open-wallet tier and \
      owner (payee is the new wallet). Operations are pay, fund, cash-out, settle and open-wallet; a \
      bank's own settlement account may be left out. The whole file is checked before anything is \
      sent, and sent in its order.

        operation,payer,payee,amount,currency,reference
        pay,5a3e0f7c-...,c1d2e3f4-...,12.50,CNY,inv-7

        specie batch payments.csv --as icbc --key icbc.key --trust trust \\
            --results results.csv

      With ids in the file a batch that was cut off can be sent again: nothing is paid twice.
      """)

  @Argument(help: "A file of orders.") var file: String
  @OptionGroup var bank: BankOptions
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("A key file of the bank.", valueName: "file"))
  var key: String
  @Option(help: "Orders under one signature, 1 to 10,000.") var size = 1_000
  @Option(
    help: "Submissions on their way at once; above 1, orders of different ones may change places.")
  var inFlight = 1
  @Flag(help: "Prove every outcome, and not some of each submission picked at random.")
  var proveAll = false
  @Option(
    help: ArgumentHelp("Write each order's id and outcome to a new CSV file.", valueName: "file"))
  var results: String?
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var scales: ScaleOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 1...Limits.instructionsPerSubmissionMax ~= size else {
      throw ValidationError("--size is 1 to \(Limits.instructionsPerSubmissionMax)")
    }
    guard 1...64 ~= inFlight else { throw ValidationError("--in-flight is 1 to 64") }
  }

  func run() async throws {
    let batch = try BatchFile(path: file)
    let signer = try KeyFile(path: key).open(passphrases)
    if let results, LocalFile.exists(results) { throw CommandFault.fileExists(path: results) }
    let facts = LedgerFacts(
      trust: try ledger.trustFile(), given: scales.scales, server: ledger.serverURL)
    let report = try await send(try await rows(of: batch, facts), signer, facts)
    if let results { try LocalFile.create(results, Array(report.resultsText.utf8), mode: 0o644) }
    output.print(report)
    if report.refused > 0 { throw ExitStatus.refused.code }
  }

  private func rows(
    of batch: BatchFile, _ facts: LedgerFacts
  ) async throws -> [BatchFile.Row] {
    var settlement: [CurrencyCode: AccountID] = [:]
    for text in batch.settlementCurrencies {
      let code = try TextArgument.currency(text)
      settlement[code] = try await facts.settlementAccount(of: bank.bank, code)
    }
    return try batch.rows(scales: try await facts.scales(), settlement: settlement)
  }

  private func send(
    _ rows: [BatchFile.Row], _ signer: SigningKey, _ facts: LedgerFacts
  ) async throws -> BatchReport {
    var options = ClientOptions()
    if proveAll { options.provenInstructionsMax = .max }
    let client = try LedgerConnection(
      server: ledger.serverURL, trust: facts.trust, options: options
    ).client
    let (party, trust) = (bank.party, facts.trust)
    let chunks = stride(from: 0, to: rows.count, by: size).map { start in
      Array(rows[start..<min(start + size, rows.count)])
    }
    let start = ContinuousClock.now
    var outcomes: [VerifiedReceipt?] = Array(repeating: nil, count: chunks.count)
    do {
      try await withThrowingTaskGroup(of: (Int, VerifiedReceipt).self) { group in
        for (index, chunk) in chunks.enumerated() {
          if index >= inFlight, let (done, outcome) = try await group.next() {
            outcomes[done] = outcome
          }
          let submission = Submission(
            chunk.map(\.instruction), of: party, on: trust.ledger,
            expiry: WallClock.now.advanced(byMicroseconds: OrderOptions.standardMicroseconds),
            signedBy: [signer])
          group.addTask { (index, try await client.submit(submission)) }
        }
        while let (done, outcome) = try await group.next() { outcomes[done] = outcome }
      }
    } catch {
      try await reportUnknown(chunks, outcomes)
      throw error
    }
    return BatchReport(
      rows: rows, outcomes: outcomes.compactMap { $0 }, duration: ContinuousClock.now - start,
      scales: try await facts.scales())
  }

  /// Says which lines are decided where a submission failed.
  private func reportUnknown(
    _ chunks: [[BatchFile.Row]], _ outcomes: [VerifiedReceipt?]
  ) async throws {
    for (chunk, outcome) in zip(chunks, outcomes) {
      guard let first = chunk.first, let last = chunk.last else { continue }
      let state =
        outcome == nil
        ? "not known to be decided; ask with `specie status \(first.instruction.id)`" : "decided"
      StandardError.write("\(file): lines \(first.line) to \(last.line): \(state)")
    }
  }
}

/// What became of a file of orders.
private struct BatchReport: CommandReport {
  struct Refusal: Encodable {
    let line: Int
    let id: String
    let code: String
    let rule: String?
    let message: String
    let limit: LimitReport?
  }

  static let refusalsShown = 10

  let orders: Int
  let submissions: Int
  let accepted: Int
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
  let resultsText: String

  enum CodingKeys: CodingKey {
    case orders
    case submissions
    case accepted
    case duplicates
    case refused
    case refusedByCode
    case milliseconds
    case ordersPerSecond
    case provenAtSize
    case proven
    case refusals
  }

  init(
    rows: [BatchFile.Row], outcomes: [VerifiedReceipt], duration: Duration, scales: CurrencyScales
  ) {
    let results = outcomes.flatMap(\.instructions)
    orders = rows.count
    submissions = outcomes.count
    refused = results.count { $0.refusal != nil }
    accepted = results.count - refused
    duplicates = results.count { $0.sequence != $0.firstSequence }
    refusedByCode = Dictionary(
      grouping: results.compactMap { $0.refusal }, by: { $0.rule?.text ?? $0.code.rawValue }
    ).mapValues(\.count)
    let (seconds, attoseconds) = duration.components
    milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    ordersPerSecond = Int64(results.count) * 1_000 / max(1, milliseconds)
    provenAtSize = outcomes.map(\.checkpoint.checkpoint.size).max() ?? 0
    proven = results.count { $0.isProven }
    let refusedRows = zip(rows, results).filter { $0.1.refusal != nil }
    refusals = refusedRows.prefix(Self.refusalsShown).map { row, outcome in
      Refusal(
        line: row.line, id: outcome.id.description, code: outcome.refusal?.code.rawValue ?? "",
        rule: outcome.refusal?.rule?.text, message: outcome.message,
        limit: outcome.breach.map {
          LimitReport($0, of: row.instruction.operation, scales: scales)
        })
    }
    resultsText =
      "line,id,outcome,code,rule,sequence\n"
      + zip(rows, results).map { row, outcome in
        "\(row.line),\(outcome.id),\(outcome.refusal == nil ? "accepted" : "refused"),"
          + "\(outcome.refusal?.code.rawValue ?? ""),\(outcome.refusal?.rule?.text ?? ""),\(outcome.sequence)\n"
      }.joined()
  }

  var text: String {
    var lines = [
      "\(DecimalAmount.count(orders, "order")) in "
        + "\(DecimalAmount.count(submissions, "submission")): "
        + "\(DecimalAmount.count(accepted)) accepted, \(DecimalAmount.count(refused)) refused"
        + (duplicates > 0 ? ", \(DecimalAmount.count(duplicates)) of them duplicates" : "")
    ]
    for (name, count) in refusedByCode.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(DecimalAmount.count(count)) refused by \(name)")
    }
    for refusal in refusals {
      lines.append(
        "  line \(refusal.line): \(refusal.rule ?? refusal.code): "
          + (refusal.limit?.text ?? refusal.message))
    }
    if refused > refusals.count { lines.append("  and \(refused - refusals.count) more") }
    lines.append(
      "\(milliseconds) ms, \(DecimalAmount.count(ordersPerSecond)) orders a second; "
        + "\(DecimalAmount.count(proven, "outcome")) proven in the log of "
        + "\(DecimalAmount.count(provenAtSize)) entries")
    return lines.joined(separator: "\n")
  }
}
