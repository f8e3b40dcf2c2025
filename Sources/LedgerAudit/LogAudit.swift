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

/// One pass over a log: of each entry first the chain, then the replay, then the tree.
struct LogAudit<Store: LedgerStore, Keeper: CheckpointKeeper> {
  /// Entries between two looks at progress and cancellation.
  private static var entriesPerLook: UInt64 { 4_096 }

  private(set) var summary = AuditSummary()

  let trust: TrustFile?
  let keeper: Keeper
  var reader: EntryReader<Store>
  /// Over all entries before the one in hand.
  var tree = MerkleTree()
  /// The leaf hash of the entry before the one in hand.
  var head: Digest = .zero
  /// `nil` before the genesis.
  var replay: LogReplay?
  /// `nil` before the genesis, which says whose they are.
  var checkpoints: CheckpointReader<Keeper>?

  /// A signed note that was kept elsewhere, and what it says once the genesis tells whose it must
  /// be.
  private let given: [UInt8]?
  private var givenCheckpoint: Checkpoint?

  /// What earlier audits kept.
  private let states: (any SnapshotKeeper)?
  private let warn: (String) -> Void
  private let pool: SignaturePool
  private var jobs: [SignatureCheckJob] = []
  /// Whether the last entry fed is of a submission that is not complete yet.
  private var isWithinSubmission = false
  /// A tree fault within a submission, whose replay may name an earlier entry.
  private var treeFault: LogFault?

  init(
    store: Store, checkpoints: Keeper, trust: TrustFile?, given: [UInt8]?,
    states: (any SnapshotKeeper)?, pool: SignaturePool, warn: @escaping (String) -> Void
  ) {
    self.trust = trust
    self.given = given
    self.states = states
    self.warn = warn
    self.pool = pool
    keeper = checkpoints
    reader = EntryReader(store)
    summary.entriesTotal = reader.total
    summary.tornCheckpointBytes = checkpoints.tornBytes
  }

  /// Reads the log to its end.
  mutating func run(
    isCancelled: () -> Bool, progress: (AuditProgress) -> Void
  ) throws(AuditEnd) {
    while let entry = try inLogOrder({ (audit) throws(LogFault) in try audit.reader.next() }) {
      try inLogOrder { (audit) throws(LogFault) in try audit.check(entry) }
      summary.entries += 1
      summary.bytes += UInt64(entry.bytes.count + entry.sideData.count)
      if entry.sequence == .genesis { try resume() }
      if jobs.count >= SignaturePool.jobsPerChunk { try flush() }
      if summary.entries.isMultiple(of: Self.entriesPerLook) {
        progress(AuditProgress(entriesDone: summary.entries, entriesTotal: reader.total))
        if isCancelled() { throw .cancelled }
      }
    }
    try inLogOrder { (audit) throws(LogFault) in try audit.finish() }
    try flush()
    progress(AuditProgress(entriesDone: summary.entries, entriesTotal: reader.total))
  }

  /// Runs a step; where it fails, the signatures read so far still count, and so does a tree fault
  /// that waits.
  private mutating func inLogOrder<Result>(
    _ step: (inout Self) throws(LogFault) -> Result
  ) throws(AuditEnd) -> Result {
    do {
      return try step(&self)
    } catch {
      summary.root = tree.root
      _ = pool.add(jobs)
      if let treeFault, treeFault.sequence < error.sequence { throw .fault(treeFault) }
      throw .fault(error)
    }
  }

  private mutating func flush() throws(AuditEnd) {
    defer { jobs.removeAll(keepingCapacity: true) }
    guard pool.add(jobs) else { throw .signature }
  }

  private mutating func check(_ entry: StoredEntry) throws(LogFault) {
    if entry.sequence == .genesis {
      try checkOrigin(entry)
      try begin(with: entry)
    } else {
      try checkLinks(of: entry)
      try feed(entry)
    }
    head = entry.leaf
    tree.append(entry.leaf)
    try checkTree(after: entry)
    if let treeFault, !isWithinSubmission { throw treeFault }
  }

  // MARK: - Earlier audits

  /// Goes on where an earlier audit ended, if one has kept its state.
  ///
  /// A log that has not the entry at which that audit ended was cut or rewritten since.
  private mutating func resume() throws(AuditEnd) {
    guard let states, let replay else { return }
    let snapshot: Snapshot
    let last: StoredEntry?
    do {
      guard let size = try states.sizes().first else { return }
      snapshot = try Snapshot(
        size, from: states, of: replay.state.genesis, id: replay.state.id, seal: .digest)
      last = size > reader.total ? nil : try reader.entry(at: SequenceNumber(size - 1))
    } catch {
      return warn("what an earlier audit kept is passed over, and every entry is read: \(error)")
    }
    let place = SequenceNumber(snapshot.size - 1)
    guard let last else {
      throw .fault(
        LogFault(
          .truncated, at: SequenceNumber(reader.total),
          "the log ends here, and an earlier audit has verified \(snapshot.size) entries",
          expected: snapshot.writer.head))
    }
    guard last.leaf == snapshot.writer.head else {
      throw .fault(
        LogFault(
          .chain, at: place, "it is not the entry that an earlier audit has verified",
          expected: snapshot.writer.head, found: last.leaf))
    }
    self.replay = LogReplay(after: snapshot)
    tree = snapshot.writer.tree
    head = snapshot.writer.head
    reader.goOn(at: place.next)
    summary.resumedFrom = snapshot.size
    summary.entries = snapshot.size
    do throws(LogFault) { try checkTree(after: last) } catch { throw .fault(error) }
  }

  /// Keeps where this audit ended, for the next one; where nothing is wrong.
  func keepState() {
    guard let states, let replay, summary.entries > summary.resumedFrom else { return }
    let snapshot = Snapshot(state: replay.state, writer: replay.writer)
    do throws(StoreError) {
      try states.keep(snapshot.size, kept: 1) { (append) throws(StoreError) in
        var failure: StoreError?
        snapshot.write { piece in
          guard failure == nil else { return }
          do throws(StoreError) { try append(piece) } catch { failure = error }
        }
        if let failure { throw failure }
      }
    } catch {
      warn("where this audit ended cannot be kept: \(error)")
    }
  }

  // MARK: - Replay

  private mutating func begin(with entry: StoredEntry) throws(LogFault) {
    var found: [SignatureCheckJob] = []
    defer { take(found) }
    let replay = try LogReplay(genesisEntry: entry.bytes) { job in
      found.append(.submission(job))
      return true
    }
    guard entry.sideData.isEmpty else {
      throw LogFault(
        .sideData, at: .genesis, "the genesis moves no money, and has nothing beside it",
        expected: SHA256.hash([]), found: SHA256.hash(entry.sideData))
    }
    let key: VerifierKey
    let origin: Origin
    do {
      key = try replay.state.genesis.verifierKey()
      origin = Origin(key.name)
    } catch {
      throw LogFault(.genesis, at: .genesis, error.description)
    }
    if let trust, trust.logKey != key {
      throw LogFault(
        .genesis, at: .genesis,
        "its log key is `\(key.vkey)`, and the trust file's is `\(trust.logKey.vkey)`")
    }
    summary.ledger = replay.state.id
    summary.origin = replay.state.genesis.origin
    summary.logKey = key
    summary.stateMachineVersion = replay.state.genesis.version
    summary.firstTime = replay.state.time
    checkpoints = CheckpointReader(keeper, origin: origin, key: key)
    givenCheckpoint = try given.map { (note) throws(LogFault) in
      try Self.open(note, origin: origin, key: key)
    }
    self.replay = replay
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

  private mutating func feed(_ entry: StoredEntry) throws(LogFault) {
    var found: [SignatureCheckJob] = []
    defer { take(found) }
    do {
      let batch = try replay?.feed(entry.bytes, sideData: entry.sideData) { job in
        found.append(.submission(job))
        return true
      }
      isWithinSubmission = batch == nil
      if let batch { count(batch) }
    } catch {
      throw blame(error, on: entry)
    }
  }

  private mutating func take(_ found: [SignatureCheckJob]) {
    jobs += found
    summary.signatures += UInt64(found.count)
  }

  /// Names the one entry that a fault of a whole submission can come from, where there is one.
  ///
  /// Each entry but the log's last is what its successor names. So where a submission at the log's
  /// end has other instructions than those signed, it is the last.
  private mutating func blame(_ fault: LogFault, on entry: StoredEntry) -> LogFault {
    if fault.kind == .encoding, fault.sequence == entry.sequence {
      let named = reader.peek(1)?.named
      return LogFault(
        .encoding, at: fault.sequence, fault.detail, expected: named ?? fault.expected,
        found: entry.leaf)
    }
    guard fault.kind == .statement, fault.sequence < entry.sequence, reader.peek(1) == nil else {
      return fault
    }
    return LogFault(
      .statement, at: entry.sequence,
      "with it, the instructions of submission \(fault.sequence) are not those signed, and no "
        + "later entry names it",
      expected: fault.expected, found: fault.found)
  }

  private mutating func count(_ batch: SequencedBatch) {
    for record in batch.records {
      switch record {
      case .system: summary.systemEntries += 1
      case .submission(let sequenced):
        summary.submissions += 1
        for applied in sequenced.applied { count(applied.outcome) }
      }
    }
  }

  private mutating func count(_ outcome: Outcome) {
    switch outcome {
    case .accepted: summary.accepted += 1
    case .duplicate: summary.duplicates += 1
    case .rejected(let rejection): summary.refusedByCode[rejection.code, default: 0] += 1
    }
  }

  // MARK: - Tree

  /// Holds the tree against every checkpoint of its size.
  private mutating func checkTree(after entry: StoredEntry) throws(LogFault) {
    if let givenCheckpoint, givenCheckpoint.size == tree.size {
      guard givenCheckpoint.root == tree.root else {
        return try differ(
          LogFault(
            .tree, at: entry.sequence,
            "the checkpoint given, over \(tree.size) entries, has another root than they have",
            expected: givenCheckpoint.root, found: tree.root))
      }
      summary.givenCheckpointSize = tree.size
      summary.checkpointSize = tree.size
    }
    while let kept = try checkpoints?.peek(), kept.checkpoint.size <= tree.size {
      if kept.checkpoint.size < summary.resumedFrom {
        // The audit that this one goes on from has checked it.
        checkpoints?.advance()
        continue
      }
      if kept.checkpoint.root == tree.root, let job = checkpoints?.check(kept) {
        jobs.append(job)
        summary.checkpoints += 1
        summary.checkpointSize = kept.checkpoint.size
        checkpoints?.advance()
        // Here too, since a file may hold any number of one size. What the pool says of them is
        // asked for at the next flush.
        if jobs.count >= SignaturePool.jobsPerChunk {
          _ = pool.add(jobs)
          jobs.removeAll(keepingCapacity: true)
        }
        continue
      }
      if let fault = checkpoints?.check(kept).run() { throw fault }
      let agreeing = checkpoints?.size ?? 0
      let fault = LogFault(
        .tree, at: entry.sequence,
        "the checkpoint over \(kept.checkpoint.size) entries has another root than they have; it "
          + (agreeing == 0 ? "is the first kept" : "agrees over the first \(agreeing)"),
        expected: kept.checkpoint.root, found: tree.root)
      return try differ(fault)
    }
  }

  /// Ends the pass; within a submission only at its end, since replay may name an earlier entry.
  private mutating func differ(_ fault: LogFault) throws(LogFault) {
    guard isWithinSubmission else { throw fault }
    treeFault = treeFault ?? fault
  }

  // MARK: - End

  private mutating func finish() throws(LogFault) {
    guard let replay else {
      throw LogFault(.genesis, at: .genesis, "the log is empty, and entry 0 is its genesis")
    }
    if let kept = try checkpoints?.peek() {
      if let fault = checkpoints?.check(kept).run() { throw fault }
      throw LogFault(
        .truncated, at: SequenceNumber(tree.size),
        "the log ends here, and a checkpoint over \(kept.checkpoint.size) entries was signed",
        expected: kept.checkpoint.root, found: tree.root)
    }
    if let givenCheckpoint, givenCheckpoint.size > tree.size {
      throw LogFault(
        .truncated, at: SequenceNumber(tree.size),
        "the log ends here, and the checkpoint given is over \(givenCheckpoint.size) entries",
        expected: givenCheckpoint.root, found: tree.root)
    }
    try replay.finish()
    let books = Books(replay.state)
    summary.participants = replay.state.participants.count
    summary.accounts = replay.state.accounts.count
    summary.currencies = books.currencies
    summary.lastTime = replay.state.time
    summary.root = tree.root
    if let problem = books.problem {
      throw LogFault(.decision, at: SequenceNumber(tree.size - 1), problem)
    }
  }
}
