import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// The state that a log commits to, as replay makes it.
struct CommittedState {
  let sequence: SequenceNumber
  let time: LedgerTime
  let totals: StateTotals
  let root: Bytes32
  let state: LedgerState
  /// As of the commitment.
  let tree: StateTree

  private static let entriesPerLook: UInt64 = 16_384

  /// Replays a log up to its newest commitment under a checkpoint.
  ///
  /// - Parameters:
  ///   - prover: Over the log.
  ///   - store: The log, which no one writes to meanwhile.
  ///   - secret: Of its commitments.
  ///   - after: Told of each batch that comes after the commitment, under the checkpoint.
  ///   - progress: Called every few thousand entries.
  /// - Throws: ``EvidenceError``.
  /// - Complexity: O(entries under the checkpoint).
  init(
    _ prover: LogProver, in store: any LedgerStore, secret: CommitmentSecret?,
    after: (SequencedBatch) -> Void = { _ in }, progress: (AuditProgress) -> Void
  ) throws(EvidenceError) {
    guard let target = prover.newestCommitment else { throw .noCommitment }
    guard secret != nil else { throw .noSecret }
    let size = prover.checkpoint.checkpoint.size
    do throws(HistoryError) {
      var history = try LogHistory(store, trust: nil, secret: secret)
      defer { history.cancel() }
      var committed: CommittedState?
      var looks: UInt64 = 0
      while history.replay.next.value < size, let batch = try history.next() {
        let sequenced = try history.replay(batch)
        if committed != nil { after(sequenced) }
        if batch.first == target, case .system(.commitment(let logged)) = batch.body {
          committed = CommittedState(
            sequence: target, time: batch.time, totals: logged.totals, root: logged.root,
            state: history.replay.state,
            tree: history.replay.entries.accounts)
        }
        guard history.entriesDone / Self.entriesPerLook > looks else { continue }
        looks = history.entriesDone / Self.entriesPerLook
        progress(history.progress)
      }
      guard let committed else {
        throw .log(LogFault(.truncated, at: target, "the log ends before its commitment"))
      }
      self = committed
    } catch {
      throw .history(error)
    }
  }

  private init(
    sequence: SequenceNumber, time: LedgerTime, totals: StateTotals, root: Bytes32,
    state: LedgerState, tree: StateTree
  ) {
    self.sequence = sequence
    self.time = time
    self.totals = totals
    self.root = root
    self.state = state
    self.tree = tree
  }
}

extension VerifiedEntries {
  /// The commitment to the state that a file names.
  ///
  /// - Throws: ``EvidenceFault``.
  func commitment(_ sequence: SequenceNumber) throws(EvidenceFault) -> StateCommitment {
    guard case .system(.commitment(let commitment)) = try entry(sequence).body else {
      throw EvidenceFault(.form, "entry \(sequence) commits to no state")
    }
    return commitment
  }
}
