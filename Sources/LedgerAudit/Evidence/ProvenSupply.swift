package import LedgerModel
package import LedgerStorage
package import LedgerWire
import LedgerCore
import LedgerLog
import MerkleLog

/// A ledger's money, as its log commits to it and as replay computes it: the same, or there is none
/// of this.
package struct ProvenSupply: Hashable, Sendable {
  package let genesis: Genesis
  package let commitment: SequenceNumber
  package let time: LedgerTime
  package let totals: StateTotals
  package let root: Bytes32
  /// By currency, what all accounts but the issuance account hold, added up.
  package let held: [Int128]
  package let checkpointSize: UInt64

  /// Replays a log up to its newest commitment under a checkpoint, which must say what replay
  /// gives.
  ///
  /// - Parameters:
  ///   - prover: Over the log.
  ///   - store: The log, which no one writes to meanwhile.
  ///   - secret: Of its commitments.
  ///   - progress: Called every few thousand entries.
  /// - Returns: The supply.
  /// - Throws: ``EvidenceError``.
  /// - Complexity: O(entries under the checkpoint + accounts).
  package static func compute(
    by prover: LogProver, store: any LedgerStore, secret: CommitmentSecret?,
    progress: (AuditProgress) -> Void = { _ in }
  ) throws(EvidenceError) -> ProvenSupply {
    let committed = try CommittedState(prover, in: store, secret: secret, progress: progress)
    let books = Books(committed.state)
    if let problem = books.problem {
      throw .history(.log(LogFault(.decision, at: committed.sequence, problem)))
    }
    return ProvenSupply(
      genesis: committed.state.genesis, commitment: committed.sequence, time: committed.time,
      totals: committed.totals, root: committed.root, held: books.currencies.map(\.held),
      checkpointSize: prover.checkpoint.checkpoint.size)
  }
}
