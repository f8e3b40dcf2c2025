import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// Why the pass ended before the log did.
enum AuditEnd: Error {
  case fault(LogFault)
  /// A signature failed; the pool knows which.
  case signature
  case cancelled
}

/// One pass over a log: one thread reads, this one replays, and the pool's check signatures.
struct LogAudit {
  /// Entries between two looks at progress and cancellation.
  private static var entriesPerLook: UInt64 { 4_096 }
  /// Readings that wait for the replay, each of some 4 MiB, or of one submission that has more.
  private static var readingsMax: Int { 4 }

  private(set) var summary = AuditSummary()

  private let log: AuditedLog
  private let trust: AuditTrust?
  /// A signed note that was kept elsewhere.
  private let given: [UInt8]?
  /// What earlier audits kept.
  private let states: (any SnapshotKeeper)?
  private let secret: CommitmentSecret?
  /// Of the ids beside the log; `nil` where it comes without.
  private var index: IndexCheck?
  /// Of the snapshots beside it.
  private var snapshots: SnapshotCheck?
  /// The leaf hash of the last entry replayed.
  private var head: Digest = .zero
  private let pool: SignaturePool
  /// Cosignatures made before then do not count; POSIX seconds.
  private let cosignedSinceSeconds: UInt64
  private let warn: (String) -> Void
  /// Of the genesis.
  private var currencies: [Currency] = []
  /// What this audit goes on from.
  private var resumed: KeptSnapshot?
  /// Where this audit ended, if nothing is wrong.
  private var end: Snapshot?

  init(
    _ log: AuditedLog, trust: AuditTrust?, given: [UInt8]?, states: (any SnapshotKeeper)?,
    secret: CommitmentSecret?, pool: SignaturePool, options: AuditOptions
  ) {
    self.log = log
    self.trust = trust
    self.given = given
    self.states = states
    self.secret = secret
    self.pool = pool
    cosignedSinceSeconds = options.cosignedSinceSeconds
    warn = options.warn
    summary.source = log.kind
    summary.hasSideData = log.store.hasSideData
    summary.tornCheckpointBytes = log.checkpoints.tornBytes
  }

  /// Audits the log to its end.
  mutating func run(
    isCancelled: () -> Bool, progress: (AuditProgress) -> Void
  ) throws(AuditEnd) {
    var replay: LogReplay
    let reader: LogReader
    do throws(LogFault) {
      (replay, reader) = try begin()
      try beginCaches(replay, reader)
    } catch {
      throw .fault(error)
    }
    let readings = ReadAhead<Reading>("audit-reader", valuesMax: Self.readingsMax) { hand in
      var reader = reader
      reader.run(hand)
    }
    // The reader adds to the pool, which the caller ends.
    defer { readings.cancel() }
    defer { index?.cancel() }
    var looks: UInt64 = 0
    while let reading = readings.next() {
      for (index, item) in reading.items.enumerated() {
        do throws(LogFault) {
          try check(item, by: &replay)
          try snapshots?.check(replay, tree: reading.tree(before: index + 1), head: head)
        } catch {
          // A tree fault within a submission stands behind its batch.
          if case .fault(let fault, _, _) = reading.end, fault.sequence < error.sequence { break }
          summary.root = reading.tree(before: index).root
          throw .fault(error)
        }
        guard summary.entries / Self.entriesPerLook > looks else { continue }
        looks = summary.entries / Self.entriesPerLook
        progress(AuditProgress(entriesDone: summary.entries, entriesTotal: summary.entriesTotal))
        if isCancelled() { throw .cancelled }
      }
      switch reading.end {
      case nil: continue
      case .signature: throw .signature
      case .fault(let fault, let entries, let root):
        summary.entries = entries
        summary.root = root
        throw .fault(fault)
      case .log(let head, let tree, let tiles):
        summary.root = tree.root
        do throws(LogFault) {
          if let tiles { try finish(tiles, tree) }
          try snapshots?.finish(replay)
          try self.index?.finish(log.store)
          summary.snapshots = snapshots?.count
          summary.indexedEntries = self.index?.reach.entryCount
          try finish(
            Snapshot(
              state: replay.state,
              writer: LogWriter(after: replay.entries, head: head, tree: tree)))
        } catch {
          throw .fault(error)
        }
      }
    }
    progress(AuditProgress(entriesDone: summary.entries, entriesTotal: summary.entriesTotal))
  }

  private mutating func check(
    _ item: Reading.Item, by replay: inout LogReplay
  ) throws(LogFault) {
    switch item {
    case .batch(let batch):
      let sequenced = try replay.replay(batch)
      count(sequenced)
      head = batch.entries.leaves.last ?? head
      try index?.take(sequenced, batch.entries.leaves)
      summary.entries += UInt64(batch.entries.count)
      summary.bytes += UInt64(batch.entries.byteCount)
    case .checkpoint(let size, let isGiven):
      if isGiven { summary.givenCheckpointSize = size } else { summary.checkpoints += 1 }
      summary.checkpointSize = max(size, summary.checkpointSize ?? 0)
    case .doubt(let doubt): try doubt.settle(after: replay)
    }
  }

  private mutating func count(_ batch: SequencedBatch) {
    summary.figures.take(batch, currencies)
    for record in batch.records {
      switch record {
      case .system: summary.systemEntries += 1
      case .commitment:
        summary.systemEntries += 1
        summary.commitments += 1
      case .submission(let sequenced):
        summary.submissions += 1
        summary.signatures += UInt64(sequenced.submission.signatures.count)
        for applied in sequenced.applied { count(applied.outcome) }
      }
    }
  }

  private mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .accepted: summary.accepted += 1
    case .remarked:
      summary.accepted += 1
      summary.remarked += 1
    case .duplicate: summary.duplicates += 1
    case .rejected(let rejection): summary.refusedByCode[rejection.code, default: 0] += 1
    }
  }

  /// Adds up the books at the log's end.
  private mutating func finish(_ end: Snapshot) throws(LogFault) {
    let state = end.state
    let books = Books(state)
    summary.participants = state.participants.count
    summary.accounts = state.accounts.count
    summary.currencies = books.currencies
    summary.lastTime = state.time
    if let problem = books.problem {
      throw LogFault(.balance, at: SequenceNumber(end.size - 1), problem)
    }
    self.end = end
  }

  /// Holds the files of hashes against the tree, now that the entries are known to be right.
  private mutating func finish(_ tiles: TileCheck, _ tree: MerkleTree) throws(LogFault) {
    var tiles = tiles
    defer { summary.tiles = tiles.tilesChecked }
    try tiles.finish(tree)
    try tiles.checkFiles { path in
      summary.superfluousFiles += 1
      guard summary.superfluousFiles <= ExportLimits.superfluousFilesNamedMax else { return }
      warn("`\(path)` is no file of a log of this size, and nobody who reads the log looks at it")
    }
  }

  // MARK: - Beginning

  /// Replays the genesis, and passes over what an earlier audit has checked.
  private mutating func begin() throws(LogFault) -> (LogReplay, LogReader) {
    if let fault = log.fault { throw fault }
    var entries = EntryReader(log.store)
    summary.entriesTotal = entries.total
    guard let genesis = try entries.next() else {
      throw LogFault(.genesis, at: .genesis, "the log is empty, and entry 0 is its genesis")
    }
    let doubt = try entries.checkOrigin(genesis, trust: trust?.ledger?.value.digest)
    if let doubt { try Self.settle(doubt, of: genesis, before: entries.peek(1)) }
    var found: [SignatureCheckJob] = []
    defer { _ = pool.add(found) }
    let replay = try LogReplay(
      genesis: genesis.stored, secret: secret, hasSideData: log.store.hasSideData
    ) { job in
      found.append(.submission(job))
      return true
    }
    summary.signatures = UInt64(found.count)
    let key: VerifierKey
    do {
      key = try replay.state.genesis.verifierKey()
    } catch {
      throw LogFault(.genesis, at: .genesis, error.description)
    }
    if let trust, !trust.policy.logs.contains(where: { $0.key == key }) {
      let trusted = trust.policy.logs.map { "`\($0.key.vkey)`" }.joined(separator: ", ")
      throw LogFault(
        .genesis, at: .genesis,
        "its log key is `\(key.vkey)`, and the trust file's is \(trusted)")
    }
    currencies = replay.state.genesis.currencies
    summary.ledger = replay.state.id
    summary.origin = replay.state.genesis.origin
    summary.logKey = key
    summary.stateMachineVersion = replay.state.genesis.version
    summary.firstTime = replay.state.time
    let known = try openKnown(key)
    var tiles: TileCheck?
    if let directory = log.tiles,
      let checkpoint = known.first(where: { $0.source == .published })?.checkpoint
    {
      tiles = TileCheck(directory, checkpoint: checkpoint)
    }
    let reader = try LogReader(
      entries, after: genesis, replay: replay,
      checkpoints: CheckpointReader(log.checkpoints, origin: Origin(key.name), key: key),
      known: known, tiles: tiles, pool: pool)
    summary.entries = 1
    summary.bytes = UInt64(genesis.stored.bytes.count)
    head = genesis.leaf
    return try resume(after: replay, reader, known: known)
  }

  /// Begins to hold what lies beside the log against it.
  private mutating func beginCaches(
    _ replay: LogReplay, _ reader: LogReader
  ) throws(LogFault) {
    if let kept = log.snapshots {
      snapshots = try SnapshotCheck(kept, secret: secret, warn: warn)
      try snapshots?.passOver(replay)
      try snapshots?.check(replay, tree: reader.tree, head: head)
    }
    if let found = log.index {
      index = try IndexCheck(found, from: replay.next, total: summary.entriesTotal)
    }
  }

  /// As ``LogReader`` does where the last two entries are not the genesis and one more.
  private static func settle(
    _ fault: LogFault, of genesis: LinkedEntry, before last: LinkedEntry?
  ) throws(LogFault) {
    guard let mended = last?.naming(genesis.leaf) else { return }
    do throws(LogFault) {
      var trial = try LogReplay(genesis: genesis.stored, signatures: \.isValid)
      var batches = BatchReader(after: trial, head: genesis.leaf)
      if let batch = try batches.read(mended, signatures: \.isValid) {
        _ = try trial.replay(batch)
      }
    } catch {
      throw fault
    }
  }

  private static func open(
    _ note: [UInt8], key: VerifierKey, witnesses: [VerifierKey]
  ) throws(CheckpointError) -> VerifiedCheckpoint {
    let verified = try Checkpoint.open(
      note, origin: Origin(key.name), logKey: key, witnessKeys: witnesses,
      check: { Ed25519.isValid($2, on: $1, publicKey: $0) })
    guard verified.checkpoint.size > 0 else { throw .malformedSize }
    return verified
  }

  /// Opens the checkpoint that was given, and the one that is published; says which of them the
  /// policy's witnesses have cosigned.
  private mutating func openKnown(_ key: VerifierKey) throws(LogFault) -> [KnownCheckpoint] {
    let witnesses = trust?.policy.witnessKeys ?? []
    var known: [KnownCheckpoint] = []
    let notes: [(KnownCheckpoint.Source, [UInt8]?)] = [
      (.given, given), (.published, log.published),
    ]
    for case (let source, let note?) in notes {
      let verified: VerifiedCheckpoint
      do throws(CheckpointError) {
        verified = try Self.open(note, key: key, witnesses: witnesses)
      } catch {
        throw Self.fault(error, of: source, note)
      }
      let checkpoint = KnownCheckpoint(source: source, checkpoint: verified.checkpoint)
      noteWitnesses(of: verified)
      known.append(checkpoint)
    }
    return known
  }

  private static func fault(
    _ error: CheckpointError, of source: KnownCheckpoint.Source, _ note: [UInt8]
  ) -> LogFault {
    switch source {
    case .given:
      return LogFault(
        .checkpoint, at: .genesis, "the checkpoint given is none of this log: \(error)")
    case .published:
      let size = (try? Note(note)).flatMap { try? Checkpoint(text: $0.text).size } ?? 0
      return LogFault(
        .checkpoint, at: SequenceNumber(max(size, 1) - 1),
        "the published checkpoint is none of this log: \(error)")
    }
  }

  /// Remembers the newest checkpoint that enough witnesses have cosigned, and lately enough.
  private mutating func noteWitnesses(of verified: VerifiedCheckpoint) {
    let counted = verified.cosignatures.filter {
      ($0.timestampSeconds ?? 0) >= cosignedSinceSeconds
    }
    guard let policy = trust?.policy, policy.quorum != nil, policy.isMet(by: counted.map(\.key)),
      verified.checkpoint.size > summary.witnessedSize ?? 0
    else { return }
    summary.witnessedSize = verified.checkpoint.size
    summary.witnesses = counted.map {
      Witnessing(name: "\($0.key.name)", seconds: $0.timestampSeconds ?? 0)
    }
  }

  // MARK: - Earlier audits

  /// Goes on where an earlier audit ended, if one has kept its state.
  ///
  /// A log that has not the entry at which that audit ended was cut or rewritten since.
  private mutating func resume(
    after genesis: LogReplay, _ reader: LogReader, known: [KnownCheckpoint]
  ) throws(LogFault) -> (LogReplay, LogReader) {
    guard let states else { return (genesis, reader) }
    let snapshot: Snapshot
    let kept: KeptSnapshot
    let last: LinkedEntry?
    do {
      guard let size = try states.sizes().first else { return (genesis, reader) }
      (snapshot, kept) = try Snapshot.read(
        size, from: states, of: genesis.state.genesis, id: genesis.state.id, secret: secret,
        seal: .digest)
      last = try reader.entry(at: SequenceNumber(size - 1))
    } catch {
      warn("what an earlier audit kept is passed over, and every entry is read: \(error)")
      return (genesis, reader)
    }
    guard let last else {
      throw LogFault(
        .truncated, at: SequenceNumber(summary.entriesTotal),
        "the log ends here, and an earlier audit has verified \(snapshot.size) entries",
        expected: snapshot.writer.head)
    }
    guard last.leaf == snapshot.writer.head else {
      throw LogFault(
        .chain, at: last.sequence, "it is not the entry that an earlier audit has verified",
        expected: snapshot.writer.head, found: last.leaf)
    }
    if let older = known.first(where: { $0.checkpoint.size < snapshot.size }) {
      warn(
        "\(older.name) is over fewer entries than an earlier audit has verified, so that every "
          + "entry is read")
      return (genesis, reader)
    }
    resumed = kept
    let replay = LogReplay(after: snapshot, hasSideData: log.store.hasSideData)
    var reader = reader
    try reader.resume(after: snapshot, replay: replay, last: last)
    head = last.leaf
    summary.resumedFrom = snapshot.size
    summary.entries = snapshot.size
    return (replay, reader)
  }

  /// Keeps where this audit ended, for the next one; where nothing is wrong.
  func keepState() {
    guard let states, let end, summary.entries > summary.resumedFrom else { return }
    do throws(StoreError) {
      _ = try end.keep(
        in: states, after: resumed.map { [$0] } ?? [], count: 1, isOwner: false, signedBy: nil)
    } catch {
      warn("where this audit ended cannot be kept: \(error)")
    }
  }
}

extension Reading {
  /// Over all entries before an item.
  fileprivate func tree(before index: Int) -> MerkleTree {
    var tree = before
    for case .batch(let batch) in items[..<index] { tree.append(contentsOf: batch.entries.leaves) }
    return tree
  }
}
