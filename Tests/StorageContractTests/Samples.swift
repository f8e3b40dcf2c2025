import LedgerModel
import LedgerStorage

/// Rows made from numbers alone, so that what is read back can be told without remembering it.
enum Sample {
  /// The bytes of one entry: its number, then filling whose length depends on the number.
  static func entry(_ sequence: UInt64) -> [UInt8] {
    var bytes = Array("entry \(sequence) ".utf8)
    bytes += [UInt8](
      repeating: UInt8(truncatingIfNeeded: sequence), count: Int(sequence * 37 % 331))
    return bytes
  }

  /// The side data of one entry; empty for every third.
  static func sideData(_ sequence: UInt64) -> [UInt8] {
    sequence.isMultiple(of: 3) ? [] : Array("side \(sequence)".utf8)
  }

  static func rows(from first: UInt64, count: Int) -> [StoredRow] {
    var packer = RowPacker(first: SequenceNumber(first))
    for sequence in first..<first + UInt64(count) {
      packer.append(entry: entry(sequence), sideData: sideData(sequence))
    }
    return packer.finish()
  }

  /// Reads a store from its beginning, and returns its problems: what is not as it was made.
  static func problems(of store: any LedgerStore, rowsMax: Int = 7) throws -> [String] {
    var problems: [String] = []
    var next: UInt64 = 0
    while let rows = try Optional(store.rows(from: SequenceNumber(next), rowsMax: rowsMax)),
      !rows.isEmpty
    {
      if rows.count > rowsMax { problems.append("\(rows.count) rows, above \(rowsMax)") }
      for row in rows {
        if row.first.value != next { problems.append("row \(row.first), expected \(next)") }
        let layout = try row.layout()
        for (entryRange, sideRange) in zip(layout.entries, layout.sideData) {
          if Array(row.entries[entryRange]) != entry(next) { problems.append("entry \(next)") }
          if Array(row.sideData[sideRange]) != sideData(next) { problems.append("side \(next)") }
          next += 1
        }
      }
    }
    let count = try store.entryCount()
    if next != count { problems.append("\(next) entries read, \(count) counted") }
    return problems
  }

  static let signature = "— specie.example/log AAAAAbase64\n"

  /// A note of the form of a checkpoint.
  static func note(_ size: Int, signatures: Int = 1) -> String {
    "specie.example/log\n\(size)\nq0tNWKc4F2ZfsLmSVYBhAWXo9+8lRa1VhCbJTAgtp6s=\n\n"
      + String(repeating: signature, count: signatures)
  }

  static func id(_ number: UInt64) -> InstructionID {
    InstructionID(milliseconds: 1_700_000_000_000 + number / 4, random: (0, number))
  }
}

/// Numbers from a seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
