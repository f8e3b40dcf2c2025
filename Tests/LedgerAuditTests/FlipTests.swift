import LedgerAudit
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

/// Goal: an altered byte is found, and at the entry where it lies.
///
/// Method: exhaustive. Every byte of a small ledger is flipped, one at a time, in one bit that
/// moves from byte to byte.
@Suite struct FlipTests {
  private static func flipped(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
    var bytes = bytes
    bytes[offset] ^= 1 << UInt8(offset % 8)
    return bytes
  }

  /// Also: the hash found is that of the altered bytes, and the hash expected that of the true ones
  /// wherever another entry names it.
  @Test(arguments: 0..<25)
  func anyByteOfAnEntry(index: Int) throws {
    let log = try LogBuilder.full().log
    try #require(log.records.count == 25)
    let original = log.records[index].entry
    for offset in original.indices {
      var altered = log
      altered.records[index].entry = Self.flipped(original, at: offset)
      let found = try fault(in: altered)
      let place: Comment = "entry \(index), byte \(offset): \(String(describing: found))"
      #expect(found?.sequence == SequenceNumber(UInt64(index)), place)
      guard index < 24 else { continue }
      #expect(found?.expected == TreeHash.leaf(original), place)
      #expect(found?.found == TreeHash.leaf(altered.records[index].entry), place)
    }
  }

  /// Without a trust file, entry 1 vouches for the genesis.
  @Test func anyByteOfTheGenesisWithoutTrust() throws {
    let log = try LogBuilder.full().log
    let original = log.records[0].entry
    for offset in original.indices {
      var altered = log
      altered.records[0].entry = Self.flipped(original, at: offset)
      let found = try audit(altered, trust: nil).fault
      #expect(found?.sequence == .genesis, "byte \(offset)")
      #expect(found?.expected == TreeHash.leaf(original), "byte \(offset)")
    }
  }

  /// Without checkpoints, replay tells the last two entries apart.
  @Test(arguments: [23, 24])
  func anyByteOfTheTailWithoutCheckpoints(index: Int) throws {
    var log = try LogBuilder.full().log
    log.notes = []
    let original = log.records[index].entry
    for offset in original.indices {
      var altered = log
      altered.records[index].entry = Self.flipped(original, at: offset)
      let found = try fault(in: altered)
      #expect(
        found?.sequence == SequenceNumber(UInt64(index)),
        "byte \(offset): \(String(describing: found))")
    }
  }

  /// A tick's ledger time stands nowhere else: the checkpoint over the log's end holds it.
  @Test(arguments: [1, 2])
  func anyByteOfALastTick(ticks: Int) throws {
    var builder = try LogBuilder()
    for _ in 0..<ticks { try builder.tick() }
    try builder.checkpoint()
    let log = builder.log
    for index in log.records.indices {
      for offset in log.records[index].entry.indices {
        var altered = log
        altered.records[index].entry = Self.flipped(log.records[index].entry, at: offset)
        let found = try fault(in: altered)
        #expect(
          found?.sequence == SequenceNumber(UInt64(index)),
          "entry \(index), byte \(offset): \(String(describing: found))")
      }
    }
  }

  @Test func anyByteOfSideData() throws {
    let log = try LogBuilder.full().log
    for (index, record) in log.records.enumerated() {
      for offset in record.sideData.indices {
        var altered = log
        altered.records[index].sideData = Self.flipped(record.sideData, at: offset)
        let found = try fault(in: altered)
        let place: Comment = "entry \(index), byte \(offset): \(String(describing: found))"
        #expect(found?.kind == .sideData, place)
        #expect(found?.sequence == SequenceNumber(UInt64(index)), place)
        #expect(found?.expected == SHA256.hash(record.sideData), place)
        #expect(found?.found == SHA256.hash(altered.records[index].sideData), place)
      }
    }
  }

  /// Every byte of both columns, the framing's lengths included.
  @Test func anyByteOfARow() throws {
    let log = try LogBuilder.full().log
    let rows = log.rows()
    for (index, row) in rows.enumerated() where index % 3 == 1 {
      for offset in 0..<(row.entries.count + row.sideData.count) {
        let inEntries = offset < row.entries.count
        var altered = rows
        altered[index] = StoredRow(
          first: row.first, count: row.count,
          entries: inEntries ? Self.flipped(row.entries, at: offset) : row.entries,
          sideData: inEntries
            ? row.sideData : Self.flipped(row.sideData, at: offset - row.entries.count))
        let found = try audit(log, trust: log.trust, rows: altered).fault
        let sequence = try #require(found?.sequence, "row \(index), byte \(offset)")
        #expect(row.first <= sequence && sequence < row.end, "row \(index), byte \(offset)")
      }
    }
  }

  /// A flip in the last record's end can make it look torn; then the report says that it is not
  /// there, and that the entries it covered are unwitnessed.
  @Test func anyByteOfTheKeptCheckpoints() throws {
    let log = try LogBuilder.full().log
    var text: [UInt8] = []
    for note in log.notes { text += try CheckpointNotes.record(of: note) }
    var torn = 0
    for offset in text.indices {
      let keeper = TextKeeper(bytes: Self.flipped(text, at: offset))
      let report = try audit(log, trust: log.trust, keeper: keeper)
      if report.fault == nil {
        torn += 1
        #expect(report.summary.checkpoints == 3, "byte \(offset)")
        #expect(report.summary.unwitnessedEntries == 9, "byte \(offset)")
      } else {
        let kinds: [LogFault.Kind?] = [.checkpoint, .tree, .truncated]
        #expect(kinds.contains(report.fault?.kind), "byte \(offset)")
      }
    }
    #expect(torn <= 2, "\(torn) flips went by as a torn record")
  }
}
