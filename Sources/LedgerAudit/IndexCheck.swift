import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// Holds an index of ids against its log: it must have each id at the entry in which it came
/// first, and nothing else.
///
/// Log and index are in different orders, and their ids too many to be held. So both are divided
/// into groups by the ids' own time, and of each group a sum is kept, of a keyed hash of each
/// (party, id, entry). Nobody can make an index of the same sums who does not know the key, and
/// `Hasher` draws one anew in each process. Where sums differ, the ids of some such groups are
/// compared one by one.
struct IndexCheck {
  private static let groupCount = 1 << 16
  /// Ids of the log that are compared one by one, unless a single group has more.
  private static let comparedMax = 1 << 20

  /// Sums of some ids, by their group.
  private struct Sums {
    private(set) var hashes = [UInt64](repeating: 0, count: groupCount)
    private(set) var counts = [UInt32](repeating: 0, count: groupCount)

    mutating func add(_ party: Party, _ id: InstructionID, at sequence: SequenceNumber) {
      var hasher = Hasher()
      hasher.combine(party)
      hasher.combine(id.value.high)
      hasher.combine(id.value.low)
      hasher.combine(sequence.value)
      let group = IndexCheck.group(of: id)
      hashes[group] &+= UInt64(bitPattern: Int64(hasher.finalize()))
      counts[group] &+= 1
    }
  }

  /// Of the index, added up meanwhile.
  private enum Found: Sendable {
    case sums(hashes: [UInt64], counts: [UInt32])
    case fault(LogFault)
  }

  private let index: any LogIndex
  let reach: IndexReach
  /// The entries whose ids are compared: those before, an earlier audit has seen.
  private let entries: Range<UInt64>
  private var log = Sums()
  private let found: ReadAhead<Found>

  /// Begins to add up the index, on a thread of its own.
  ///
  /// - Parameters:
  ///   - index: Or why it cannot be read.
  ///   - start: The first entry that is to be replayed.
  ///   - total: Of the log.
  /// - Throws: ``LogFault`` where the index cannot be read, or reaches beyond the log.
  init(
    _ index: Result<any LogIndex, StoreError>, from start: SequenceNumber, total: UInt64
  ) throws(LogFault) {
    do throws(StoreError) {
      self.index = try index.get()
      reach = try self.index.reach()
    } catch {
      throw LogFault(.index, at: .genesis, "the index of ids cannot be read: \(error)")
    }
    guard reach.entryCount <= total else {
      throw LogFault(
        .index, at: SequenceNumber(total),
        "the log ends here, and the index of ids covers \(reach.entryCount) entries")
    }
    let entries = start.value..<max(start.value, reach.entryCount)
    self.entries = entries
    let read = self.index
    found = ReadAhead("audit-index", valuesMax: 1) { hand in
      var sums = Sums()
      do throws(StoreError) {
        try Self.forEach(of: read) { instruction in
          guard instruction.sequence.value >= entries.lowerBound else { return }
          sums.add(instruction.party, instruction.id, at: instruction.sequence)
        }
        _ = hand(.sums(hashes: sums.hashes, counts: sums.counts))
      } catch {
        _ = hand(.fault(LogFault(.index, at: .genesis, "the index of ids: \(error)")))
      }
    }
  }

  func cancel() { found.cancel() }

  /// Adds the ids of entries that were replayed.
  ///
  /// - Parameters:
  ///   - batch: What was decided.
  ///   - leaves: The leaf hash of each of its entries.
  /// - Throws: ``LogFault`` where the index ends with another entry than these have.
  mutating func take(_ batch: SequencedBatch, _ leaves: [Digest]) throws(LogFault) {
    Self.forEach(of: batch) { party, id, sequence in
      guard entries.contains(sequence.value) else { return }
      log.add(party, id, at: sequence)
    }
    let end = batch.first.value + UInt64(leaves.count)
    guard reach.entryCount > batch.first.value, reach.entryCount <= end else { return }
    let last = leaves[Int(reach.entryCount - batch.first.value) - 1]
    guard last == reach.head.digest else {
      throw LogFault(
        .index, at: SequenceNumber(reach.entryCount - 1),
        "the index of ids is of another log, which had another entry here", expected: last,
        found: reach.head.digest)
    }
  }

  /// Compares the sums, and where they differ the ids.
  ///
  /// - Parameter store: The log, which is read again where there is a fault to be found.
  /// - Throws: ``LogFault`` at the first entry whose id the index does not have there, or has there
  ///   and should not.
  func finish(_ store: any LedgerStore) throws(LogFault) {
    switch found.next() {
    case .fault(let fault)?: throw fault
    case nil: return
    case .sums(let hashes, let counts)?:
      let differing = (0..<Self.groupCount).filter {
        hashes[$0] != log.hashes[$0] || counts[$0] != log.counts[$0]
      }
      guard let first = differing.first else { return }
      var compared: Set<Int> = [first]
      var count = Int(log.counts[first]) + Int(counts[first])
      for group in differing.dropFirst() {
        count += Int(log.counts[group]) + Int(counts[group])
        guard count <= Self.comparedMax else { break }
        compared.insert(group)
      }
      throw try compare(compared, store)
    }
  }

  /// Compares the ids of some groups one by one.
  private func compare(
    _ groups: Set<Int>, _ store: any LedgerStore
  ) throws(LogFault) -> LogFault {
    func isCompared(_ id: InstructionID, _ sequence: SequenceNumber) -> Bool {
      groups.contains(Self.group(of: id)) && sequence.value >= entries.lowerBound
    }
    var inLog: Set<IndexedInstruction> = []
    var inIndex: [IndexedInstruction: Int] = [:]
    do {
      var history = try LogHistory(store, trust: nil)
      defer { history.cancel() }
      while let batch = try history.next(), batch.first.value < entries.upperBound {
        Self.forEach(of: try history.replay(batch)) { party, id, sequence in
          guard isCompared(id, sequence), entries.contains(sequence.value) else { return }
          inLog.insert(IndexedInstruction(party: party, id: id, sequence: sequence))
        }
      }
      try Self.forEach(of: index) { instruction in
        guard isCompared(instruction.id, instruction.sequence) else { return }
        inIndex[instruction, default: 0] += 1
      }
    } catch {
      throw LogFault(.index, at: .genesis, "the index of ids cannot be compared: \(error)")
    }
    let missing = inLog.filter { inIndex[$0] == nil }.map { ($0, "lacks") }
    let excess = inIndex.filter { $0.value > 1 || !inLog.contains($0.key) }.map {
      ($0.key, $0.value > 1 ? "has more than once" : "wrongly has")
    }
    guard let (instruction, what) = (missing + excess).min(by: { $0.0.sequence < $1.0.sequence })
    else { return LogFault(.index, at: .genesis, "the index of ids changes while it is read") }
    return LogFault(
      .index, at: instruction.sequence,
      "the index of ids \(what) the instruction `\(instruction.id)` of `\(instruction.party)` here")
  }

  private static func forEach<Failure: Error>(
    of batch: SequencedBatch,
    _ body: (Party, InstructionID, SequenceNumber) throws(Failure) -> Void
  ) throws(Failure) {
    for case .submission(let sequenced) in batch.records {
      let submission = sequenced.submission
      for index in sequenced.applied.indices where sequenced.applied[index].outcome.isFirstUse {
        try body(
          submission.statement.party, submission.instructions[index].instruction.id,
          sequenced.applied[index].sequence)
      }
    }
  }

  private static func forEach(
    of index: any LogIndex, _ body: (IndexedInstruction) -> Void
  ) throws(StoreError) {
    var place: Int64? = 0
    while let next = place {
      let page = try index.page(from: next)
      for instruction in page.instructions { body(instruction) }
      place = page.next
    }
  }

  /// By the period of 256 milliseconds in which the id was made.
  private static func group(of id: InstructionID) -> Int {
    Int(truncatingIfNeeded: id.value.high >> 24) & (groupCount - 1)
  }
}
