import LedgerModel
import LedgerStorage
import Testing

/// Rows and their framing, with no store.
@Suite struct RowTests {
  /// Goal: the bytes of a row are those of a C2SP tlog-tiles entry bundle.
  @Test func framesEntriesAsABundle() {
    var packer = RowPacker(first: SequenceNumber(7))
    packer.append(entry: [0xAA], sideData: [])
    packer.append(entry: [UInt8](repeating: 0xBB, count: 258), sideData: [1, 2])
    let rows = packer.finish()
    #expect(rows.count == 1)
    #expect(rows[0].first.value == 7 && rows[0].count == 2 && rows[0].end.value == 9)
    #expect(
      rows[0].entries == [0, 1, 0xAA, 1, 2] + [UInt8](repeating: 0xBB, count: 258))
    #expect(rows[0].sideData == [0, 0, 0, 2, 1, 2])
    #expect(packer.finish().isEmpty)
    #expect(packer.next.value == 9)
  }

  /// Goal: rows are as long as the limits allow and no longer, and nothing is lost between them.
  ///
  /// Method: 40 seeds of entries and side data of sizes around what makes a row end.
  @Test(arguments: UInt64(0)..<40)
  func cutsAtTheLimits(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let sizes = (0..<600).map { _ in
      let scale = [3, 255, 256, 300, 32_766, 65_535].randomElement(using: &random) ?? 1
      let side = [0, 0, 1, 254, 40_000].randomElement(using: &random) ?? 0
      return (entry: Int.random(in: 1...scale, using: &random), side: side)
    }
    var packer = RowPacker(first: SequenceNumber(5))
    for (number, size) in sizes.enumerated() {
      packer.append(
        entry: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size.entry),
        sideData: [UInt8](repeating: 9, count: size.side))
    }
    let rows = packer.finish()
    try RowSequence.checkAppend(rows, at: 5)
    var number = 0
    for (index, row) in rows.enumerated() {
      let layout = try row.layout()
      for (entry, side) in zip(layout.entries, layout.sideData) {
        #expect(entry.count == sizes[number].entry && side.count == sizes[number].side)
        #expect(row.entries[entry].last == UInt8(truncatingIfNeeded: number))
        number += 1
      }
      guard index + 1 < rows.count else { continue }
      #expect(
        row.count == StorageLimits.entriesPerRowMax
          || row.entries.count + 2 + sizes[number].entry > StorageLimits.rowBytesMax
          || row.sideData.count + 2 + sizes[number].side > StorageLimits.rowBytesMax,
        "seed \(seed): row \(row.first) ended early")
    }
    #expect(number == sizes.count)
  }

  /// Goal: each way of breaking a row is told, and names the row.
  @Test(arguments: [
    (0, [], [], "it claims 0 entries, outside 1 to 256"),
    (257, [0, 1, 7], [0, 0], "it claims 257 entries, outside 1 to 256"),
    (-1, [0, 1, 7], [0, 0], "it claims -1 entries, outside 1 to 256"),
    (1, [], [0, 0], "its entries end before entry 40"),
    (1, [0], [0, 0], "its entries end before entry 40"),
    (1, [0, 0], [0, 0], "its entries hold nothing for entry 40"),
    (1, [0, 2, 7], [0, 0], "its entries end within entry 40"),
    (1, [1, 0, 7], [0, 0], "its entries end within entry 40"),
    (1, [0, 1, 7, 8], [0, 0], "its entries have 1 bytes after the last entry"),
    (2, [0, 1, 7], [0, 0, 0, 0], "its entries end before entry 41"),
    (1, [0, 1, 7], [], "its side data end before entry 40"),
    (1, [0, 1, 7], [0, 1], "its side data end within entry 40"),
    (1, [0, 1, 7], [0, 0, 0, 0], "its side data have 2 bytes after the last entry"),
    (
      2, [0, 1, 7, 255, 255] + [UInt8](repeating: 1, count: 65_535), [0, 0, 0, 0],
      "its entries have 65540 bytes, above 65536"
    ),
  ])
  func refusesMalformedRows(
    count: Int, entries: [UInt8], sideData: [UInt8], what: String
  ) {
    let row = StoredRow(
      first: SequenceNumber(40), count: count, entries: entries, sideData: sideData)
    #expect(throws: StoreError.corrupt(detail: "the row of entry 40: \(what)")) {
      try row.layout()
    }
  }

  /// Goal: no single flipped bit of a row's lengths passes as the same row.
  @Test func noticesEveryFlippedLength() throws {
    let row = try #require(Sample.rows(from: 0, count: 20).first)
    let ranges = try row.layout().entries
    for range in ranges {
      for bit in 0..<16 {
        var entries = row.entries
        entries[range.lowerBound - 2 + bit / 8] ^= 0x80 >> UInt8(bit % 8)
        let flipped = StoredRow(
          first: row.first, count: row.count, entries: entries, sideData: row.sideData)
        let layout = try? flipped.layout()
        #expect(layout?.entries != ranges)
      }
    }
  }

  @Test func refusesSequenceNumbersBeyondTheRange() {
    let row = StoredRow(
      first: SequenceNumber(UInt64(Int64.max)), count: 1, entries: [0, 1, 7], sideData: [0, 0])
    #expect(throws: StoreError.self) { try row.layout() }
  }

  @Test func trapsOnAnEmptyEntry() async {
    await #expect(processExitsWith: .failure) {
      var packer = RowPacker(first: .genesis)
      packer.append(entry: [], sideData: [])
    }
  }

  @Test func trapsOnAnOversizeEntry() async {
    await #expect(processExitsWith: .failure) {
      var packer = RowPacker(first: .genesis)
      packer.append(entry: [UInt8](repeating: 0, count: 65_536), sideData: [])
    }
  }
}
