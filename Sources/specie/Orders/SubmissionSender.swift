import ArgumentParser
import LedgerClient
import LedgerModel
import LedgerWire

/// Sends a submission, and prints what became of it.
struct SubmissionSender {
  let facts: LedgerFacts
  let ledger: LedgerOptions
  let output: OutputOptions

  /// Sends, waits for the checkpoint that proves the answer, and prints it.
  ///
  /// - Throws: An exit code of ``ExitStatus/refused`` where any order was refused,
  ///   or ``ExitStatus/unproven`` where the certificate may not read the proof.
  func send(
    _ submission: Submission, _ instructions: [Instruction], created: [CreatedID] = [],
    resending: SentOrders.Resending
  ) async throws {
    let client = try await facts.connected().client
    let scales = try await facts.scales()
    let sent = SentOrders(
      ids: instructions.map(\.id), created: created, resending: resending,
      ledgerArguments: ledger.arguments)
    let receipt = try await sent.announced { try await client.submit(submission) }
    output.print(
      OutcomeReport(receipt, of: instructions, created: created, scales: scales))
    if !receipt.rejected.isEmpty { throw ExitStatus.refused.code }
    if receipt.withheld != nil { throw ExitStatus.unproven.code }
  }
}
