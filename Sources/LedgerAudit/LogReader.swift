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
  /// Those that were kept elsewhere, or are published.
  private let known: [KnownCheckpoint]
  /// `nil` where the log comes without tiles.
  private var tiles: TileCheck?
  /// Entries that an earlier audit has checked.
  private var resumedFrom: UInt64 = 0
  private let pool: SignaturePool
  private var jobs: [SignatureCheckJob] = []

  /// Over all entries before the one in hand.
  private(set) var tree = MerkleTree()
  /// The tree's size at which a checkpoint is to be looked at.
  private var nextCheckpointSize: UInt64 = 0
  /// A tree fault within a submission, whose replay may name an earlier entry.
  private var treeFault: LogFault?

  private var reading: Reading
  private var readingBytes = 0
  /// The tree's size at which it is handed on.
  private var readingEnd = entriesPerReading

  /// Goes on after the genesis.
  ///
  /// - Parameters:
  ///   - entries: Has returned the genesis.
  ///   - genesis: That.
  ///   - replay: Of the genesis.
  ///   - checkpoints: Those kept beside the log.
  ///   - known: Those that were kept elsewhere, or are published; their signatures are checked.
  ///   - tiles: Of the log, where it comes with such.
  ///   - pool: Checks signatures.
  /// - Throws: ``LogFault`` where a checkpoint does not agree with the genesis.
  init(
    _ entries: EntryReader, after genesis: LinkedEntry, replay: LogReplay,
    checkpoints: CheckpointReader, known: [KnownCheckpoint], tiles: TileCheck?,
    pool: SignaturePool
  ) throws(LogFault) {
    self.entries = entries
    self.checkpoints = checkpoints
    self.known = known
    self.tiles = tiles
    self.pool = pool
    try self.tiles?.check(genesis)
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
    readingEnd = tree.size + Self.entriesPerReading
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
        // Asked for each entry, so by what is at hand: a property would copy the reader.
        if readingBytes >= Self.bytesPerReading || tree.size >= readingEnd,
          !batches.isWithinSubmission
        {
          let isWell = flush()
          guard handOver(hand, end: isWell ? nil : .signature), isWell else { return }
        }
      }
      try finish()
      let end = Reading.End.log(head: batches.head, tree: tree, tiles: tiles)
      _ = handOver(hand, end: flush() ? end : .signature)
    } catch {
      // The signatures read so far still count, and so does a tree fault that waits.
      _ = flush()
      var fault = treeFault.map { $0.sequence < error.sequence ? $0 : error } ?? error
      if let tile = tiles?.leafFault { fault = fault.adding("and of the tiles, \(tile.detail)") }
      _ = handOver(hand, end: .fault(fault, entries: tree.size, root: tree.root))
    }
  }

  private mutating func handOver(_ hand: (Reading) -> Bool, end: Reading.End?) -> Bool {
    reading.end = end
    defer {
      reading = Reading(before: tree)
      readingBytes = 0
      readingEnd = tree.size + Self.entriesPerReading
    }
    return hand(reading)
  }

  /// Hands the signatures read so far to the pool; false where one is bad.
  private mutating func flush() -> Bool {
    defer { jobs.removeAll(keepingCapacity: true) }
    return pool.add(jobs)
  }

  private mutating func read(_ entry: LinkedEntry) throws(LogFault) {
    try tiles?.check(entry)
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
    if let newest = newestCheckpoint, newest.size == entries.total {
      // With this entry as the last one names it, all else is right: then it is this one.
      if root(with: link.previous, last.leaf) == newest.root { throw fault }
      return
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

  private var newestCheckpoint: Checkpoint? {
    ([checkpoints.newest()?.checkpoint] + known.map(\.checkpoint)).compactMap(\.self)
      .max { $0.size < $1.size }
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
    for known in known where known.checkpoint.size == tree.size {
      guard known.checkpoint.root == tree.root else {
        return try differ(
          LogFault(
            .tree, at: entry.sequence,
            "\(known.name), over \(tree.size) entries, has another root than they have",
            expected: known.checkpoint.root, found: tree.root))
      }
      reading.items.append(.checkpoint(size: tree.size, isGiven: known.source == .given))
    }
    while let kept = try checkpoints.peek(), kept.checkpoint.size <= tree.size {
      // What is smaller was checked by the audit that this one goes on from.
      if kept.checkpoint.size >= resumedFrom { try check(kept, after: entry) }
      if treeFault != nil { return }
      checkpoints.advance()
    }
    let kept = try checkpoints.peek()?.checkpoint.size ?? .max
    let ahead = known.map(\.checkpoint.size).filter { $0 > tree.size }.min() ?? .max
    nextCheckpointSize = min(kept, ahead)
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
    if let known = known.first(where: { $0.checkpoint.size > tree.size }) {
      throw LogFault(
        .truncated, at: SequenceNumber(tree.size),
        "the log ends here, and \(known.name) is over \(known.checkpoint.size) entries",
        expected: known.checkpoint.root, found: tree.root)
    }
    try batches.finish()
  }
}
