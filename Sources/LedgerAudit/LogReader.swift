import LedgerLog
import LedgerModel
import LedgerStorage
import MerkleLog

/// Reads a log to its end, and checks all of it that needs no replay.
///
/// Of each entry first the links, then its form, then the tree.
struct LogReader: Sendable {
  /// Entries handed on at once, whole submissions that began among them included.
  private static let entriesPerReading: UInt64 = 4_096
  private static let bytesPerReading = 4 << 20

  private var entries: EntryReader
  private var batches: BatchReader
  private var checkpoints: CheckpointReader
  /// One that was kept elsewhere.
  private let given: Checkpoint?
  /// Entries that an earlier audit has checked.
  private var resumedFrom: UInt64 = 0
  private let pool: SignaturePool
  private var jobs: [SignatureCheckJob] = []

  /// Over all entries before the one in hand.
  private var tree = MerkleTree()
  /// The tree's size at which a checkpoint is to be looked at.
  private var nextCheckpointSize: UInt64 = 0
  /// A tree fault within a submission, whose replay may name an earlier entry.
  private var treeFault: LogFault?

  private var reading: Reading
  private var readingBytes = 0

  private var isReadingFull: Bool {
    !batches.isWithinSubmission
      && (tree.size - reading.before.size >= Self.entriesPerReading
        || readingBytes >= Self.bytesPerReading)
  }

  /// Goes on after the genesis.
  ///
  /// - Parameters:
  ///   - entries: Has returned the genesis.
  ///   - genesis: That.
  ///   - replay: Of the genesis.
  ///   - checkpoints: Those kept beside the log.
  ///   - given: One that was kept elsewhere.
  ///   - pool: Checks signatures.
  /// - Throws: ``LogFault`` where a checkpoint does not agree with the genesis.
  init(
    _ entries: EntryReader, after genesis: LinkedEntry, replay: LogReplay,
    checkpoints: CheckpointReader, given: Checkpoint?, pool: SignaturePool
  ) throws(LogFault) {
    self.entries = entries
    self.checkpoints = checkpoints
    self.given = given
    self.pool = pool
    tree.append(genesis.leaf)
    batches = BatchReader(after: replay, head: genesis.leaf)
    reading = Reading(before: tree)
    try checkTree(after: genesis)
  }

  /// Passes over what an earlier audit has checked.
  ///
  /// - Parameters:
  ///   - snapshot: What it kept.
  ///   - replay: That goes on after it.
  ///   - last: The last entry that it covers.
  /// - Throws: ``LogFault`` where a checkpoint does not agree.
  mutating func resume(
    after snapshot: Snapshot, replay: LogReplay, last: LinkedEntry
  ) throws(LogFault) {
    tree = snapshot.writer.tree
    batches = BatchReader(after: replay, head: snapshot.writer.head)
    entries.goOn(at: replay.next)
    resumedFrom = snapshot.size
    // What was found of the genesis stays.
    reading = Reading(before: tree, items: reading.items)
    nextCheckpointSize = 0
    try checkTree(after: last)
  }

  /// Returns one entry, wherever reading is; `nil` where there is none.
  func entry(at sequence: SequenceNumber) throws(StoreError) -> LinkedEntry? {
    try entries.entry(at: sequence)
  }

  /// Reads to the end, or until nobody wants more.
  mutating func run(_ hand: (Reading) -> Bool) {
    do throws(LogFault) {
      while let entry = try entries.next() {
        try read(entry)
        if jobs.count >= SignaturePool.jobsPerChunk, !flush() {
          _ = handOver(hand, end: .signature)
          return
        }
        if isReadingFull {
          let isWell = flush()
          guard handOver(hand, end: isWell ? nil : .signature), isWell else { return }
        }
      }
      try finish()
      _ = handOver(hand, end: flush() ? .log(head: batches.head, tree: tree) : .signature)
    } catch {
      // The signatures read so far still count, and so does a tree fault that waits.
      _ = flush()
      let fault = treeFault.map { $0.sequence < error.sequence ? $0 : error } ?? error
      _ = handOver(hand, end: .fault(fault, entries: tree.size, root: tree.root))
    }
  }

  private mutating func handOver(_ hand: (Reading) -> Bool, end: Reading.End?) -> Bool {
    reading.end = end
    defer {
      reading = Reading(before: tree)
      readingBytes = 0
    }
    return hand(reading)
  }

  /// Hands the signatures read so far to the pool; false where one is bad.
  private mutating func flush() -> Bool {
    defer { jobs.removeAll(keepingCapacity: true) }
    return pool.add(jobs)
  }

  private mutating func read(_ entry: LinkedEntry) throws(LogFault) {
    if let fault = try entries.checkLinks(of: entry, after: batches.head) {
      try doubt(fault, of: entry)
    }
    let batch = try readBatch(entry)
    if let batch {
      reading.items.append(.batch(batch))
      readingBytes += batch.entries.byteCount
    }
    tree.append(entry.leaf)
    try checkTree(after: entry)
    if let treeFault, batch != nil { throw treeFault }
  }

  private mutating func readBatch(_ entry: LinkedEntry) throws(LogFault) -> LoggedBatch? {
    var found: [SignatureCheckJob] = []
    defer { jobs += found }
    do {
      return try batches.read(entry.stored) { job in
        found.append(.submission(job))
        return true
      }
    } catch {
      throw blame(error, on: entry)
    }
  }

  /// Finds out whether the log's last entry but one is bad, or the link of the last.
  ///
  /// A checkpoint over both decides; without one, the replay does.
  private mutating func doubt(_ fault: LogFault, of entry: LinkedEntry) throws(LogFault) {
    guard let last = entries.peek(1), let link = last.link, let mended = last.naming(entry.leaf)
    else { return }
    if let newest = checkpoints.newest()?.checkpoint, newest.size == entries.total {
      if root(with: link.previous, last.leaf) == newest.root { throw fault }
      if root(with: entry.leaf, mended.leaf) == newest.root { return }
    }
    var trial = batches
    do throws(LogFault) {
      let first = try trial.read(entry.stored, signatures: \.isValid)
      let second = try trial.read(mended, signatures: \.isValid)
      reading.items.append(
        .doubt(Doubt(batches: [first, second].compactMap(\.self), fault: fault)))
    } catch {
      throw fault
    }
  }

  private func root(with leaves: Digest...) -> Digest {
    var range = tree
    range.append(contentsOf: leaves)
    return range.root
  }

  /// Names the one entry that a fault of a whole submission can come from, where there is one.
  ///
  /// Each entry but the log's last is what its successor names. So where a submission at the log's
  /// end has other instructions than those signed, it is the last.
  private mutating func blame(_ fault: LogFault, on entry: LinkedEntry) -> LogFault {
    if fault.kind == .encoding, fault.sequence == entry.sequence {
      let named = entries.peek(1)?.named
      return LogFault(
        .encoding, at: fault.sequence, fault.detail, expected: named ?? fault.expected,
        found: entry.leaf)
    }
    guard fault.kind == .statement, fault.sequence < entry.sequence, entries.peek(1) == nil else {
      return fault
    }
    return LogFault(
      .statement, at: entry.sequence,
      "with it, the instructions of submission \(fault.sequence) are not those signed, and no "
        + "later entry names it",
      expected: fault.expected, found: fault.found)
  }

  // MARK: - Tree

  /// Holds the tree against every checkpoint of its size.
  private mutating func checkTree(after entry: LinkedEntry) throws(LogFault) {
    guard tree.size >= nextCheckpointSize else { return }
    if let given, given.size == tree.size {
      guard given.root == tree.root else {
        return try differ(
          LogFault(
            .tree, at: entry.sequence,
            "the checkpoint given, over \(tree.size) entries, has another root than they have",
            expected: given.root, found: tree.root))
      }
      reading.items.append(.checkpoint(size: tree.size, isGiven: true))
    }
    while let kept = try checkpoints.peek(), kept.checkpoint.size <= tree.size {
      // What is smaller was checked by the audit that this one goes on from.
      if kept.checkpoint.size >= resumedFrom { try check(kept, after: entry) }
      if treeFault != nil { return }
      checkpoints.advance()
    }
    let kept = try checkpoints.peek()?.checkpoint.size ?? .max
    let givenSize = given.map { $0.size > tree.size ? $0.size : .max } ?? .max
    nextCheckpointSize = min(kept, givenSize)
  }

  private mutating func check(
    _ kept: KeptCheckpoint, after entry: LinkedEntry
  ) throws(LogFault) {
    let job = checkpoints.check(kept)
    guard kept.checkpoint.root == tree.root else {
      if let fault = job.run() { throw fault }
      let agreeing = checkpoints.size
      return try differ(
        LogFault(
          .tree, at: entry.sequence,
          "the checkpoint over \(kept.checkpoint.size) entries has another root than they have; it "
            + (agreeing == 0 ? "is the first kept" : "agrees over the first \(agreeing)"),
          expected: kept.checkpoint.root, found: tree.root))
    }
    jobs.append(job)
    reading.items.append(.checkpoint(size: kept.checkpoint.size, isGiven: false))
    // Here too, since a file may hold any number of one size. What the pool says of them is asked
    // for at the next flush.
    if jobs.count >= SignaturePool.jobsPerChunk { _ = flush() }
  }

  /// Ends the reading; within a submission only at its end, since replay may name an earlier entry.
  private mutating func differ(_ fault: LogFault) throws(LogFault) {
    guard batches.isWithinSubmission else { throw fault }
    treeFault = treeFault ?? fault
  }

  // MARK: - End

  private mutating func finish() throws(LogFault) {
    if let kept = try checkpoints.peek() {
      if let fault = checkpoints.check(kept).run() { throw fault }
      throw LogFault(
        .truncated, at: SequenceNumber(tree.size),
        "the log ends here, and a checkpoint over \(kept.checkpoint.size) entries was signed",
        expected: kept.checkpoint.root, found: tree.root)
    }
    if let given, given.size > tree.size {
      throw LogFault(
        .truncated, at: SequenceNumber(tree.size),
        "the log ends here, and the checkpoint given is over \(given.size) entries",
        expected: given.root, found: tree.root)
    }
    try batches.finish()
  }
}
