import LedgerCore
package import LedgerLog
package import LedgerModel
package import LedgerStorage
package import LedgerWire
package import Logging
import MerkleLog

/// A log that was replayed and checked, ready to be served.
struct OpenedLog: Sendable {
  let state: LedgerState
  let log: LogWriter
  let view: DurableView
  /// How many entries came from a snapshot; 0 where all were replayed.
  let snapshotSize: UInt64
}

/// Why a ledger does not open.
package enum OpeningError: Error, Sendable {
  case storage(StoreError)
  /// The log is damaged, or is not what the newest kept checkpoint signed.
  case log(LogFault)
  case empty
  /// The log key at hand is not the one that the genesis names.
  case wrongLogKey(found: PublicKey, wanted: PublicKey)
  /// An entry that no kept checkpoint covers is dated after the wall clock.
  case aheadOfClock(SequenceNumber, dated: LedgerTime, clock: LedgerTime)
}

extension OpeningError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .storage(let error): error.description
    case .log(let fault): "the log does not open: \(fault)"
    case .empty: "the store has no genesis; create a ledger with `specie init`"
    case .wrongLogKey(let found, let wanted):
      "the log key is `\(found)`; the genesis names `\(wanted)`"
    case .aheadOfClock(let sequence, let dated, let clock):
      "entry \(sequence), which no kept checkpoint covers, is dated `\(dated)`, and the wall clock "
        + "shows `\(clock)`; if the clock is wrong, set it right and open again; if it is right, "
        + "audit the log, because this ledger would not have dated the entry so"
    }
  }
}

extension Ledger {
  /// Opens a ledger: replays its log from the newest good snapshot on, checks it against the newest
  /// kept checkpoint, verifies in full what lies after that, and starts the stages.
  ///
  /// - Parameters:
  ///   - store: Opened for writing.
  ///   - index: It may trail, and is caught up.
  ///   - checkpoints: Kept beside the store.
  ///   - snapshots: Kept beside the store; one that is not good is passed over with a warning.
  ///   - logKey: The one that the genesis names.
  ///   - environment: Clock, scheduler, and what ends the process.
  ///   - limits: Of the service.
  ///   - logger: Says what happens.
  ///   - progress: Called now and then with entries replayed and entries there are.
  /// - Returns: The ledger, which takes orders.
  /// - Throws: ``OpeningError``; nothing was signed or served then.
  /// - Complexity: O(accounts + live ids + entries after the snapshot).
  package static func open(
    store: any LedgerStore, index: any InstructionIndex, checkpoints: any CheckpointKeeper,
    snapshots: any SnapshotKeeper, logKey: SigningKey, environment: ServiceEnvironment,
    limits: ServiceLimits = ServiceLimits(),
    logger: Logger, progress: (_ entries: UInt64, _ of: UInt64) -> Void = { _, _ in }
  ) throws(OpeningError) -> Ledger {
    let opened = try LogOpener(
      store: store, index: index, checkpoints: checkpoints, snapshots: snapshots, logKey: logKey,
      clock: environment.clock, limits: limits,
      warn: { logger.warning("\($0)") }
    ).open(progress: progress)
    let verifierKey = try opened.verifierKey()
    logger.info(
      "ledger \(opened.state.id) opens with \(opened.log.tree.size) entries")
    return Ledger(
      opened, checkpoints: checkpoints, snapshots: snapshots, logKey: logKey,
      verifierKey: verifierKey,
      environment: environment, limits: limits, logger: logger)
  }
}

extension OpenedLog {
  func verifierKey() throws(OpeningError) -> VerifierKey {
    do {
      return try state.genesis.verifierKey()
    } catch {
      throw .log(LogFault(.genesis, at: .genesis, error.description))
    }
  }
}

/// Replays a stored log up to its end.
private struct LogOpener {
  let store: any LedgerStore
  let index: any InstructionIndex
  let checkpoints: any CheckpointKeeper
  let snapshots: any SnapshotKeeper
  let logKey: SigningKey
  let clock: any ServiceClock
  let limits: ServiceLimits
  let warn: (String) -> Void

  func open(progress: (UInt64, UInt64) -> Void) throws(OpeningError) -> OpenedLog {
    let total = try storage { () throws(StoreError) in try store.entryCount() }
    let genesis = try storage { () throws(StoreError) in try store.entry(at: .genesis) }
    guard let genesis else { throw .empty }
    guard genesis.sideData.isEmpty else {
      throw .log(LogFault(.sideData, at: .genesis, "there is something beside the genesis"))
    }
    var replay = try log { () throws(LogFault) in
      try LogReplay(genesisEntry: Array(genesis.entry), signatures: \.isValid)
    }
    let wanted = replay.state.genesis.logKey
    guard logKey.publicKey == wanted else {
      throw .wrongLogKey(found: logKey.publicKey, wanted: wanted)
    }
    if checkpoints.tornBytes > 0 {
      warn(
        "the kept checkpoints end in \(checkpoints.tornBytes) bytes of an incomplete one, which are "
          + "not counted; nobody was shown it, unless the file was damaged later: compare the newest "
          + "checkpoint with one kept elsewhere")
    }
    let checkpoint = try newestCheckpoint(of: replay.state.genesis)
    if let checkpoint, checkpoint.size > total {
      throw .log(
        LogFault(
          .truncated, at: SequenceNumber(total),
          "a checkpoint of \(checkpoint.size) entries was signed, and the log has \(total)"))
    }
    let indexedSize = try indexedSize()
    let snapshot = try newestSnapshot(
      of: replay.state, within: min(total, indexedSize, checkpoint?.size ?? 0))
    if let snapshot { replay = LogReplay(after: snapshot) }
    var prefix = CheckedPrefix(checkpoint, tree: replay.writer.tree, at: replay.state.time)
    try prefix.compare()
    let view = DurableView(
      ledger: replay.state, log: replay.writer, store: store, index: index,
      indexedSize: indexedSize, limits: limits)
    while replay.next.value < total {
      let start = replay.next
      let rows = try storage { () throws(StoreError) in
        try store.rows(from: start, rowsMax: 64)
      }
      for row in rows { try feed(row, to: &replay, view: view, prefix: &prefix) }
      guard replay.next > start else {
        throw .storage(.corrupt(detail: "entry \(start) cannot be read"))
      }
      catchUpIndex(of: view)
      progress(replay.next.value, total)
    }
    try log { () throws(LogFault) in try replay.finish() }
    try prefix.finish()
    replay.state.checkInvariants()
    return OpenedLog(
      state: replay.state, log: replay.writer, view: view, snapshotSize: snapshot?.size ?? 0)
  }

  /// Reads the newest snapshot that is good.
  ///
  /// - Parameters:
  ///   - genesis: The state after entry 0.
  ///   - sizeMax: How many entries it may cover: they are in the log and in the index, and under a
  ///     checkpoint.
  /// - Returns: `nil` where there is none that is good.
  /// - Throws: Where it cannot be said what there is.
  private func newestSnapshot(
    of genesis: LedgerState, within sizeMax: UInt64
  ) throws(OpeningError) -> Snapshot? {
    let sizes = try storage { () throws(StoreError) in try snapshots.sizes() }
    for size in sizes where 0 < size && size <= sizeMax {
      let reason: String
      do {
        let snapshot = try Snapshot(size, from: snapshots, of: genesis.genesis, id: genesis.id)
        let last = try store.entry(at: SequenceNumber(size - 1))
        if let last, TreeHash.leaf(last.entry) == snapshot.writer.head {
          return snapshot
        }
        reason = "it is not of this log"
      } catch {
        reason = "\(error)"
      }
      warn("the snapshot of \(size) entries is passed over: \(reason)")
    }
    return nil
  }

  private func feed(
    _ row: StoredRow, to replay: inout LogReplay, view: DurableView, prefix: inout CheckedPrefix
  ) throws(OpeningError) {
    let layout = try storage { () throws(StoreError) in try row.layout() }
    for (offset, (entry, side)) in zip(layout.entries, layout.sideData).enumerated() {
      let sequence = SequenceNumber(row.first.value + UInt64(offset))
      guard sequence >= replay.next else { continue }
      let bytes = row.entries[entry]
      let fed: SequencedBatch?
      do throws(LogFault) {
        fed = try replay.feed(
          Array(bytes), sideData: Array(row.sideData[side]),
          // Signatures under a kept checkpoint were checked before it was signed.
          signatures: { prefix.covers($0.sequence) || $0.isValid })
      } catch {
        throw .log(error)
      }
      try prefix.append(bytes)
      guard let batch = fed else { continue }
      try checkTime(of: batch, after: &prefix)
      view.advance(
        BatchInFlight(
          batch: batch, waiters: [], keys: replay.state.keys, tiers: replay.state.tiers),
        log: replay.writer)
    }
  }

  /// Refuses a batch that no checkpoint covers and that is dated later than this ledger could have
  /// dated it.
  ///
  /// A tick is signed by nobody, so whoever holds the store alone can append one of any date, and
  /// the next checkpoint would make it the log's. A stamp is the wall clock's, or one microsecond
  /// after the last stamp where the clock is behind; so an honest tail is ahead of the clock only
  /// where what the checkpoint covers is ahead already, or where the clock has been set back.
  private func checkTime(
    of batch: SequencedBatch, after prefix: inout CheckedPrefix
  ) throws(OpeningError) {
    guard !prefix.covers(batch.first) else {
      prefix.time = batch.time
      return
    }
    let now = LedgerTime(microseconds: clock.wallMicroseconds())
    let latest = max(now, prefix.time).advanced(byMicroseconds: limits.clockJumpMicrosecondsMax)
    guard batch.time <= latest else {
      throw .aheadOfClock(batch.first, dated: batch.time, clock: now)
    }
  }

  private func newestCheckpoint(of genesis: Genesis) throws(OpeningError) -> Checkpoint? {
    let note = try storage { () throws(StoreError) in try checkpoints.newest() }
    guard let note else { return nil }
    do {
      let key = try genesis.verifierKey()
      return try Checkpoint.open(
        Array(note.utf8), origin: Origin(key.name), logKey: key, witnessKeys: [],
        check: { Ed25519.isValid($2, on: $1, publicKey: $0) }
      ).checkpoint
    } catch {
      throw .log(
        LogFault(.checkpoint, at: .genesis, "the newest kept checkpoint is none: \(error)"))
    }
  }

  /// How many of the log's entries the index covers; one that is of another log begins anew.
  private func indexedSize() throws(OpeningError) -> UInt64 {
    let reach = try storage { () throws(StoreError) in try index.reach() }
    guard reach.entryCount > 0 else { return 0 }
    let last = try storage { () throws(StoreError) in
      try store.entry(at: SequenceNumber(reach.entryCount - 1))
    }
    if let last, Bytes32(TreeHash.leaf(last.entry)) == reach.head { return reach.entryCount }
    warn("the index of ids is of another log; it is built anew")
    try storage { () throws(StoreError) in try index.removeAll() }
    return 0
  }

  /// Hands the index what it lacks, as far as it takes it: the ledger is served without, too.
  private func catchUpIndex(of view: DurableView) {
    while true {
      let chunks = view.unindexed(countMin: limits.indexBatchMax)
      let instructions = chunks.flatMap(\.instructions)
      guard let reach = chunks.last?.reach, instructions.count >= limits.indexBatchMax else {
        return
      }
      do throws(StoreError) {
        try index.add(instructions, reaching: reach)
      } catch {
        warn("the index of ids lags: \(error)")
        return
      }
      view.indexed(chunks)
    }
  }

  private func storage<Value>(
    _ body: () throws(StoreError) -> Value
  ) throws(OpeningError) -> Value {
    do { return try body() } catch { throw .storage(error) }
  }

  private func log<Value>(_ body: () throws(LogFault) -> Value) throws(OpeningError) -> Value {
    do { return try body() } catch { throw .log(error) }
  }
}

/// The entries that the newest kept checkpoint covers, held against its root as they go by.
///
/// Leaf by leaf, not submission by submission: the size of a checkpoint over other entries may lie
/// within a submission of the log at hand.
private struct CheckedPrefix {
  private let checkpoint: Checkpoint?
  private var tree: MerkleTree
  private var isCompared = false
  /// The ledger time of the last batch that the checkpoint covers.
  var time: LedgerTime

  /// - Parameters:
  ///   - checkpoint: The newest kept.
  ///   - tree: Over what is not read again: the genesis, or what a snapshot covers.
  ///   - time: Of the last entry of that.
  init(_ checkpoint: Checkpoint?, tree: MerkleTree, at time: LedgerTime) {
    self.checkpoint = checkpoint
    self.tree = tree
    self.time = time
  }

  func covers(_ sequence: SequenceNumber) -> Bool { sequence.value < checkpoint?.size ?? 0 }

  /// Takes the next entry.
  mutating func append(_ entry: ArraySlice<UInt8>) throws(OpeningError) {
    // Beyond the checkpoint there is nothing to hold it against.
    guard let checkpoint, tree.size < checkpoint.size else { return }
    tree.append(TreeHash.leaf(entry))
    try compare()
  }

  /// Compares the roots where the checkpoint's size is reached.
  mutating func compare() throws(OpeningError) {
    guard let checkpoint, tree.size == checkpoint.size else { return }
    guard tree.root == checkpoint.root else {
      throw .log(
        LogFault(
          .tree, at: SequenceNumber(checkpoint.size - 1),
          "the first \(checkpoint.size) entries are not those of the newest checkpoint",
          expected: checkpoint.root, found: tree.root))
    }
    isCompared = true
  }

  /// Checks, at the log's end, that the comparison was made.
  func finish() throws(OpeningError) {
    guard let checkpoint, !isCompared else { return }
    throw .log(
      LogFault(
        .tree, at: SequenceNumber(tree.size),
        "the newest checkpoint, of \(checkpoint.size) entries, was never held against the log",
        expected: checkpoint.root))
  }
}
