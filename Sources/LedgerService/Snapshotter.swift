import LedgerLog
import LedgerStorage
import LedgerWire
import MerkleLog
import Synchronization

/// Keeps the state now and then, so that the next opening replays little.
///
/// It asks for a copy of the state, which the sequencer makes between two batches and the encoder
/// completes with the log as it is then; the writer hands both over once that batch is durable.
/// They are written here, beside the work of the others. A copy costs nothing until one of the two
/// changes: what they share, each array, is copied by whoever changes it first.
final class Snapshotter: Sendable {
  private struct Last {
    /// Those kept, the newest first.
    var kept: [KeptSnapshot]
    /// Of the last try.
    var size: UInt64
    /// The next one is not begun before that.
    var nextNanoseconds: UInt64
  }

  private let view: DurableView
  private let keeper: any SnapshotKeeper
  private let key: SigningKey
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let wakeSequencer: @Sendable () -> Void
  private let warn: @Sendable (String) -> Void
  private let last: Mutex<Last>

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - opened: The snapshot that the ledger was opened from; `nil` for none.
  ///   - view: Says what is durable, under a checkpoint and indexed.
  ///   - keeper: Keeps snapshots.
  ///   - key: The log key, which signs them.
  ///   - flow: Brings the copies.
  ///   - clock: Says whether one is due.
  ///   - limits: Of the service.
  ///   - wakeSequencer: Tells the sequencer that a copy is wanted.
  ///   - warn: Told why one could not be kept.
  init(
    opened: KeptSnapshot?, view: DurableView, keeper: any SnapshotKeeper, key: SigningKey,
    flow: Flow,
    clock: any ServiceClock, limits: ServiceLimits, wakeSequencer: @escaping @Sendable () -> Void,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.view = view
    self.keeper = keeper
    self.key = key
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.wakeSequencer = wakeSequencer
    self.warn = warn
    last = Mutex(
      Last(
        kept: opened.map { [$0] } ?? [], size: opened?.size ?? 0,
        nextNanoseconds: clock.monotonicNanoseconds() + limits.snapshotIntervalNanoseconds))
  }

  func step() -> StageStep {
    let (snapshot, isLast) = flow.withState { ($0.snapshot, $0.isWritingDone) }
    guard !isLast else {
      flow.withState { $0.snapshot = nil }
      flow.stageFinished()
      return .finished
    }
    guard let snapshot else {
      if isDue {
        flow.withState { $0.wantsSnapshot = true }
        wakeSequencer()
      }
      return .idle(wakeAfterNanoseconds: limits.snapshotLookNanoseconds)
    }
    // Opening checks in full what no checkpoint covers, and indexes what no index does: neither can
    // be had from a snapshot.
    let (checkpointSize, indexedSize) = view.withState {
      ($0.checkpointSize, $0.unindexed.indexedSize)
    }
    guard min(checkpointSize, indexedSize) >= snapshot.size else {
      return .idle(wakeAfterNanoseconds: limits.checkpointIntervalNanoseconds)
    }
    keep(snapshot)
    flow.withState { $0.snapshot = nil }
    return .again
  }

  private var isDue: Bool {
    let size = view.head.tree.size
    let now = clock.monotonicNanoseconds()
    return last.withLock { last in
      let entries = size - min(size, last.size)
      return entries >= limits.snapshotEntriesMin && now >= last.nextNanoseconds
    }
  }

  private func keep(_ snapshot: Snapshot) {
    let start = clock.monotonicNanoseconds()
    var byteCount: UInt64 = 0
    var kept = last.withLock { $0.kept }
    do throws(StoreError) {
      kept = try snapshot.keep(
        in: keeper, after: kept, count: limits.snapshotsKept, isOwner: true, signedBy: key
      ) { (pieceBytes) throws(StoreError) in
        if flow.withState({ $0.isDraining }) { throw .closed }
        byteCount += UInt64(pieceBytes)
      }
    } catch {
      // A cache: the ledger goes on without.
      if error != .closed { warn("the snapshot of \(snapshot.size) entries is not kept: \(error)") }
    }
    let pause = byteCount * 1_000_000 / max(1, limits.snapshotBytesPerSecondMax) * 1_000
    let done = Last(
      kept: kept, size: snapshot.size,
      nextNanoseconds: start + max(limits.snapshotIntervalNanoseconds, pause))
    last.withLock { $0 = done }
  }
}
