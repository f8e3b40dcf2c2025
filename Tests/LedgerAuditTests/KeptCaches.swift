import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog

/// What a ledger keeps beside its log, and could make again from it.
struct KeptCaches {
  /// Each id, where it came first.
  let instructions: [IndexedInstruction]
  /// Of the whole log.
  let reach: IndexReach
  /// The state after each batch, by how many entries it covers.
  let states: [UInt64: Snapshot]

  init(_ log: SampleLog, secret: CommitmentSecret? = nil) throws {
    let disk = MemoryDisk()
    disk.overwrite(with: log.rows())
    var history = try LogHistory(try disk.open(), trust: log.trust, secret: secret)
    defer { history.cancel() }
    var instructions: [IndexedInstruction] = []
    var states: [UInt64: Snapshot] = [:]
    while let logged = try history.next() {
      for case .submission(let sequenced) in try history.replay(logged).records {
        for (instruction, applied) in zip(sequenced.submission.instructions, sequenced.applied)
        where applied.outcome.isFirstUse {
          instructions.append(
            IndexedInstruction(
              party: sequenced.submission.statement.party, id: instruction.instruction.id,
              sequence: applied.sequence))
        }
      }
      let leaves = log.records[..<Int(history.replay.next.value)].map { TreeHash.leaf($0.entry) }
      var tree = MerkleTree()
      tree.append(contentsOf: leaves)
      states[tree.size] = Snapshot(
        state: history.replay.state,
        writer: LogWriter(
          after: history.replay.entries, head: leaves[leaves.count - 1], tree: tree))
    }
    self.instructions = instructions
    self.states = states
    reach = IndexReach(
      entryCount: UInt64(log.records.count),
      head: Bytes32(TreeHash.leaf(log.records[log.records.count - 1].entry)))
  }

  /// An index of some instructions.
  static func index(
    of instructions: [IndexedInstruction], reaching reach: IndexReach
  ) throws -> MemoryLogIndex {
    let index = MemoryLogIndex()
    try index.add(instructions, reaching: reach)
    return index
  }

  /// The log's own index.
  func index() throws -> MemoryLogIndex {
    try Self.index(of: instructions, reaching: reach)
  }

  /// Snapshots after some batches, one after the other, as a ledger keeps them.
  func snapshots(_ sizes: [UInt64], by key: SigningKey = SampleKeys.log) throws
    -> MemorySnapshotKeeper
  {
    let keeper = MemorySnapshotKeeper()
    var kept: [KeptSnapshot] = []
    for size in sizes.sorted() {
      guard let state = states[size] else { continue }
      kept = try state.keep(
        in: keeper, after: kept, count: sizes.count, isOwner: true, signedBy: key)
    }
    return keeper
  }
}
