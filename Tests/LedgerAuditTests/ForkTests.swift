import LedgerAudit
import LedgerCore
import LedgerLog
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: two checkpoints are told to be of one history, or the proof that they are not convinces
/// whoever has the trust file; nothing passes for a fork that is none.
///
/// Method: a log that goes on in two ways from one entry, with a checkpoint after each of its
/// entries; every pair of checkpoints, against tiles of the larger one's history.
@Suite struct ForkTests {
  private struct History {
    let notes: [[UInt8]]
    let tiles: LogTiles

    init(_ builder: LogBuilder) throws {
      let disk = MemoryDisk()
      disk.overwrite(with: builder.log.rows())
      let store = try disk.open()
      tiles = LogTiles(store, tree: try LogProver.tree(of: store) { _ in }.tree)
      notes = try (1...builder.log.records.count).map { size in
        Array(
          try LogBuilder.note(
            size: UInt64(size), root: builder.log.root(size), of: builder.state,
            by: SampleKeys.log
          ).utf8)
      }
    }

    func read(_ needed: [Tile]) throws -> [Tile: [Digest]] {
      var tiles: [Tile: [Digest]] = [:]
      for tile in needed { tiles[tile] = try tile.decode(try self.tiles.bytes(of: tile)) }
      return tiles
    }

    func compare(_ one: [UInt8], _ other: [UInt8], _ trust: AuditTrust) throws
      -> CheckpointComparison
    {
      try CheckpointComparison.compare(
        one, other, trust: trust,
        tiles: try read(try CheckpointComparison.tilesNeeded(one, other, trust: trust)))
    }
  }

  @Test func everyPairIsTold() throws {
    var one = try LogBuilder()
    for _ in 0..<5 { try one.tick() }
    let common = one.log.records.count
    var other = one
    for _ in 0..<6 { try one.tick() }
    for step in 0..<9 { try other.tick(at: other.state.time.moved(seconds: Int64(2 + step))) }
    let trust = AuditTrust(one.log.trust)
    let histories = (try History(one), try History(other))
    for (oldIndex, old) in histories.0.notes.enumerated() {
      for (newIndex, new) in histories.1.notes.enumerated() where newIndex >= oldIndex {
        let (oldSize, newSize) = (oldIndex + 1, newIndex + 1)
        switch try histories.1.compare(old, new, trust) {
        case .same(let checkpoint):
          #expect(oldSize == newSize && oldSize <= common && Int(checkpoint.size) == oldSize)
        case .consistent(let first, let second):
          #expect(oldSize <= common && Int(first.size) == oldSize && Int(second.size) == newSize)
        case .forked(let evidence):
          #expect(oldSize > common)
          let read = try ForkEvidence(json: evidence.json)
          let (first, second) = try read.check(trust)
          #expect(Int(first.size) == oldSize && Int(second.size) == newSize)
          try expectNoOther(evidence, trust)
        case .otherTiles: Issue.record("\(oldSize) to \(newSize): tiles of another log")
        }
      }
    }
    // Tiles of the one history prove nothing of a checkpoint over the other.
    let last = try #require(histories.1.notes.last)
    for old in histories.0.notes.dropFirst(common).dropLast() {
      let needed = try CheckpointComparison.tilesNeeded(old, last, trust: trust)
      let tiles = try histories.0.read(
        needed.filter { $0.exists(upTo: histories.0.tiles.tree.size) })
      guard
        case .otherTiles = try CheckpointComparison.compare(
          old, last, trust: trust, tiles: tiles)
      else {
        Issue.record("tiles of another history prove something")
        continue
      }
    }
  }

  private func expectNoOther(_ evidence: ForkEvidence, _ trust: AuditTrust) throws {
    let twice = ForkEvidence(first: evidence.second, second: evidence.second, former: nil)
    #expect(throws: EvidenceFault.self) { try twice.check(trust) }
    let stranger = AuditTrust(
      try LogBuilder(origin: "ledger.example/other", logKey: SampleKeys.otherLog).log.trust)
    #expect(throws: EvidenceFault.self) { try evidence.check(stranger) }
    guard let former = evidence.former else { return }
    let altered = ForkEvidence(
      first: evidence.first, second: evidence.second,
      former: ForkEvidence.Former(root: TreeHash.leaf([]), path: former.path))
    #expect(throws: EvidenceFault.self) { try altered.check(trust) }
    let without = ForkEvidence(first: evidence.first, second: evidence.second, former: nil)
    #expect(throws: EvidenceFault.self) { try without.check(trust) }
  }

  /// A log that only goes on gives nobody a proof of a fork.
  @Test func noForkIsMadeUp() throws {
    var builder = try LogBuilder()
    for _ in 0..<4 { try builder.tick() }
    let history = try History(builder)
    let trust = AuditTrust(builder.log.trust)
    let (old, new) = (history.notes[1], history.notes[4])
    let tiles = try history.read(
      try CheckpointComparison.tilesNeeded(old, new, trust: trust))
    let proof = try #require(try TileProofs(treeSize: 5, tiles: tiles).consistencyProof(from: 2))
    let root = try Checkpoint(text: try Note(old).text).root
    let made = ForkEvidence(
      first: old, second: new, former: ForkEvidence.Former(root: root, path: proof.path))
    #expect(throws: EvidenceFault.self) { try made.check(trust) }
  }
}
