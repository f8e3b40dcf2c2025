import LedgerCore
import LedgerLog
import LedgerModel
import Metrics

/// Counts what became of instructions, for whoever watches.
struct OutcomeCounts: Sendable {
  /// By what a refusal is told apart.
  private struct Refusal: Hashable {
    let code: RejectionCode
    let pack: PackName?
    let rule: RuleID?
  }

  private let accepted = Counter(label: "specie_instructions_accepted_total")

  func count(_ batch: SequencedBatch) {
    var acceptedCount: Int64 = 0
    // A counter is looked for under a lock, so once a batch and not once an order.
    var refused: [Refusal: Int64] = [:]
    for case .submission(let sequenced) in batch.records {
      for applied in sequenced.applied {
        switch applied.outcome {
        case .accepted, .remarked: acceptedCount += 1
        case .rejected(let rejection):
          let refusal = Refusal(code: rejection.code, pack: rejection.pack, rule: rejection.rule)
          refused[refusal, default: 0] += 1
        case .duplicate: break
        }
      }
    }
    if acceptedCount > 0 { accepted.increment(by: acceptedCount) }
    for (refusal, count) in refused {
      Counter(
        label: "specie_instructions_refused_total",
        dimensions: [
          ("code", refusal.code.rawValue), ("pack", refusal.pack?.text ?? ""),
          ("rule", refusal.rule?.text ?? ""),
        ]
      ).increment(by: count)
    }
  }
}
