import LedgerCore
import LedgerLog
import LedgerModel
import Metrics

/// Counts what became of instructions, for whoever watches.
struct OutcomeCounts: Sendable {
  private let accepted = Counter(label: "specie_instructions_accepted_total")

  func count(_ batch: SequencedBatch) {
    var acceptedCount: Int64 = 0
    for case .submission(let sequenced) in batch.records {
      for applied in sequenced.applied {
        switch applied.outcome {
        case .accepted, .remarked: acceptedCount += 1
        case .rejected(let rejection): Self.count(rejection)
        case .duplicate: break
        }
      }
    }
    if acceptedCount > 0 { accepted.increment(by: acceptedCount) }
  }

  private static func count(_ rejection: Rejection) {
    Counter(
      label: "specie_instructions_refused_total",
      dimensions: [
        ("code", rejection.code.rawValue), ("pack", rejection.pack?.text ?? ""),
        ("rule", rejection.rule?.text ?? ""),
      ]
    ).increment()
  }
}
