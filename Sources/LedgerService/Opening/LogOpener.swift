import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// Replays a stored log up to its end.
struct LogOpener {
  let store: any LedgerStore
  let index: any LogIndex
  let checkpoints: any CheckpointKeeper
  let snapshots: any SnapshotKeeper
  let logKey: SigningKey
  let secret: CommitmentSecret?
  let clock: any ServiceClock
  let limits: ServiceLimits
  let isWitnessed: Bool
  let warn: (String) -> Void

  func open(progress: (UInt64, UInt64) -> Void) throws(OpeningError) -> OpenedLog {
    let total = try storage { () throws(StoreError) in try store.entryCount() }
    let entry = try storage { () throws(StoreError) in try store.entry(at: .genesis) }
    guard let entry else { throw .empty }
    let genesis = StoredEntry(entry.entry, sideData: entry.sideData)
    var replay = try log { () throws(LogFault) in
      try LogReplay(genesis: genesis, secret: secret, signatures: \.isValid)
    }
    if replay.state.genesis.parameters.commitments != nil, secret == nil {
      throw .commitmentSecretMissing
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
    var unindexed = UnindexedIDs(indexedSize: try indexedSize(), chunkMin: limits.indexBatchMax)
    let newest = try newestSnapshot(
      of: replay.state, within: min(total, unindexed.indexedSize, checkpoint?.size ?? 0))
    let snapshot = newest?.snapshot
    if let snapshot { replay = LogReplay(after: snapshot) }
    var tree = MerkleTree()
    tree.append(genesis.leaf)
    let reader = OpeningReader(
      store: store, after: replay, head: snapshot?.writer.head ?? genesis.leaf,
      prefix: try CheckedPrefix(checkpoint, tree: snapshot?.writer.tree ?? tree))
    var times = OpeningTimes(
      coveredSize: checkpoint?.size ?? 0, newest: replay.state.time, clock: clock, limits: limits)
    let end = try self.replay(reader, to: total, &replay, &times, &unindexed, progress)
    replay.state.checkInvariants()
    let writer = LogWriter(after: replay.entries, head: end.head, tree: end.tree)
    return OpenedLog(
      state: replay.state, log: writer,
      view: DurableView(
        ledger: replay.state, log: writer, unindexed: unindexed, store: store, index: index,
        limits: limits, isWitnessed: isWitnessed),
      snapshot: newest?.kept)
  }

  /// Replays what a thread of its own reads.
  private func replay(
    _ reader: OpeningReader, to total: UInt64, _ replay: inout LogReplay,
    _ times: inout OpeningTimes, _ unindexed: inout UnindexedIDs,
    _ progress: (UInt64, UInt64) -> Void
  ) throws(OpeningError) -> OpeningReader.End {
    let pieces = ReadAhead<OpeningReader.Piece>("log-reader", valuesMax: OpeningReader.piecesMax) {
      hand in
      var reader = reader
      reader.run(to: total, hand)
    }
    defer { pieces.cancel() }
    while let piece = pieces.next() {
      for batch in piece.batches {
        try times.check(batch)
        let sequenced = try log { () throws(LogFault) in try replay.replay(batch) }
        unindexed.append(
          sequenced,
          reaching: IndexReach(
            entryCount: replay.next.value, head: Bytes32(batch.entries.leaves.last ?? .zero)))
      }
      catchUpIndex(with: &unindexed)
      progress(replay.next.value, total)
      switch piece.end {
      case nil: continue
      case .success(let end): return end
      case .failure(let error): throw error
      }
    }
    preconditionFailure("the reading of a log says how it ended")
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
  ) throws(OpeningError) -> (snapshot: Snapshot, kept: KeptSnapshot)? {
    let sizes = try storage { () throws(StoreError) in try snapshots.sizes() }
    for size in sizes where 0 < size && size <= sizeMax {
      let reason: String
      do {
        let read = try Snapshot.read(
          size, from: snapshots, of: genesis.genesis, id: genesis.id, secret: secret)
        let last = try store.entry(at: SequenceNumber(size - 1))
        if let last, TreeHash.leaf(last.entry) == read.snapshot.writer.head { return read }
        reason = "it is not of this log"
      } catch {
        reason = "\(error)"
      }
      warn("the snapshot of \(size) entries is passed over: \(reason)")
    }
    return nil
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
  private func catchUpIndex(with unindexed: inout UnindexedIDs) {
    while unindexed.count >= limits.indexBatchMax {
      let chunks = unindexed.first
      guard let reach = chunks.last?.reach else { return }
      do throws(StoreError) {
        try index.add(
          chunks.flatMap(\.instructions), marks: chunks.flatMap(\.marks), reaching: reach)
      } catch {
        warn("the index of ids lags: \(error)")
        return
      }
      unindexed.remove(chunks)
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
