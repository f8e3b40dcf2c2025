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

  private let store: any LedgerStore
  private let keeper: any CheckpointKeeper
  private let trust: TrustFile?
  /// A signed note that was kept elsewhere.
  private let given: [UInt8]?
  /// What earlier audits kept.
  private let states: (any SnapshotKeeper)?
  private let secret: CommitmentSecret?
  private let pool: SignaturePool
  private let warn: (String) -> Void
  /// Of the genesis.
  private var currencies: [Currency] = []
  /// What this audit goes on from.
  private var resumed: KeptSnapshot?
  /// Where this audit ended, if nothing is wrong.
  private var end: Snapshot?

  init(
    store: any LedgerStore, checkpoints: any CheckpointKeeper, trust: TrustFile?, given: [UInt8]?,
    states: (any SnapshotKeeper)?, secret: CommitmentSecret?, pool: SignaturePool,
    warn: @escaping (String) -> Void
  ) {
    self.store = store
    self.trust = trust
    self.given = given
    self.states = states
    self.secret = secret
    self.warn = warn
    self.pool = pool
    keeper = checkpoints
    summary.tornCheckpointBytes = checkpoints.tornBytes
  }

  /// Audits the log to its end.
  mutating func run(
    isCancelled: () -> Bool, progress: (AuditProgress) -> Void
  ) throws(AuditEnd) {
    var replay: LogReplay
    let reader: LogReader
    do throws(LogFault) { (replay, reader) = try begin() } catch { throw .fault(error) }
    let readings = ReadAhead<Reading>("audit-reader", valuesMax: Self.readingsMax) { hand in
      var reader = reader
      reader.run(hand)
    }
    // The reader adds to the pool, which the caller ends.
    defer { readings.cancel() }
    var looks: UInt64 = 0
    while let reading = readings.next() {
      for (index, item) in reading.items.enumerated() {
        do throws(LogFault) {
          try check(item, by: &replay)
        } catch {
          // A tree fault within a submission stands behind its batch.
          if case .fault(let fault, _, _) = reading.end, fault.sequence < error.sequence { break }
          summary.root = reading.root(before: index)
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
      case .log(let head, let tree):
        summary.root = tree.root
        do throws(LogFault) {
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
      count(try replay.replay(batch))
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
      throw LogFault(.decision, at: SequenceNumber(end.size - 1), problem)
    }
    self.end = end
  }

  // MARK: - Beginning

  /// Replays the genesis, and passes over what an earlier audit has checked.
  private mutating func begin() throws(LogFault) -> (LogReplay, LogReader) {
    var entries = EntryReader(store)
    summary.entriesTotal = entries.total
    guard let genesis = try entries.next() else {
      throw LogFault(.genesis, at: .genesis, "the log is empty, and entry 0 is its genesis")
    }
    let doubt = try entries.checkOrigin(genesis, trust: trust?.ledger.value.digest)
    if let doubt { try Self.settle(doubt, of: genesis, before: entries.peek(1)) }
    var found: [SignatureCheckJob] = []
    defer { _ = pool.add(found) }
    let replay = try LogReplay(genesis: genesis.stored, secret: secret) { job in
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
    if let trust, trust.logKey != key {
      throw LogFault(
        .genesis, at: .genesis,
        "its log key is `\(key.vkey)`, and the trust file's is `\(trust.logKey.vkey)`")
    }
    currencies = replay.state.genesis.currencies
    summary.ledger = replay.state.id
    summary.origin = replay.state.genesis.origin
    summary.logKey = key
    summary.stateMachineVersion = replay.state.genesis.version
    summary.firstTime = replay.state.time
    let origin = Origin(key.name)
    let given = try given.map { (note) throws(LogFault) in
      try Self.open(note, origin: origin, key: key)
    }
    let reader = try LogReader(
      entries, after: genesis, replay: replay,
      checkpoints: CheckpointReader(keeper, origin: origin, key: key), given: given, pool: pool)
    summary.entries = 1
    summary.bytes = UInt64(genesis.stored.bytes.count)
    return try resume(after: replay, reader, given: given)
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
    _ note: [UInt8], origin: Origin, key: VerifierKey
  ) throws(LogFault) -> Checkpoint {
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint.open(
        note, origin: origin, logKey: key, witnessKeys: [],
        check: { Ed25519.isValid($2, on: $1, publicKey: $0) }
      ).checkpoint
      guard checkpoint.size > 0 else { throw .malformedSize }
      return checkpoint
    } catch {
      throw LogFault(
        .checkpoint, at: .genesis, "the checkpoint given is none of this log: \(error)")
    }
  }

  // MARK: - Earlier audits

  /// Goes on where an earlier audit ended, if one has kept its state.
  ///
  /// A log that has not the entry at which that audit ended was cut or rewritten since.
  private mutating func resume(
    after genesis: LogReplay, _ reader: LogReader, given: Checkpoint?
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
    guard given?.size ?? .max >= snapshot.size else {
      warn(
        "the checkpoint given is over fewer entries than an earlier audit has verified, so that "
          + "every entry is read")
      return (genesis, reader)
    }
    resumed = kept
    let replay = LogReplay(after: snapshot)
    var reader = reader
    try reader.resume(after: snapshot, replay: replay, last: last)
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
  /// The root over all entries before an item.
  fileprivate func root(before index: Int) -> Digest {
    var tree = before
    for case .batch(let batch) in items[..<index] { tree.append(contentsOf: batch.entries.leaves) }
    return tree.root
  }
}
