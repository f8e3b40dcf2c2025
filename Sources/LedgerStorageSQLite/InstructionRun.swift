internal import LedgerModel
internal import LedgerStorage

/// Some instructions of one period, in order of id: 28 bytes each, in one blob.
///
///     id 16 · party's number 4 · sequence 8, big-endian
///
/// Sorted runs, because a row an id costs 1.9 µs of processor time, as much as all else that a
/// payment costs, and a run some 0.14 µs an id.
enum InstructionRun {
  static let recordBytes = 28
  /// Instructions of one run.
  static let instructionsMax = 1_024
  /// A period is 2^8 milliseconds of the ids' own time.
  private static let periodShift: UInt64 = 16 + 8
  /// Runs of one period: 2^20.
  private static let ordinalBits: UInt64 = 20

  struct Record: Comparable {
    let id: Bytes16
    let party: UInt32
    let sequence: UInt64

    static func < (lhs: Self, rhs: Self) -> Bool {
      // Written out, because it is most of what a run costs.
      if lhs.id.high != rhs.id.high { return lhs.id.high < rhs.id.high }
      if lhs.id.low != rhs.id.low { return lhs.id.low < rhs.id.low }
      return (lhs.party, lhs.sequence) < (rhs.party, rhs.sequence)
    }
  }

  /// The places that the runs of an id's period can have.
  static func places(of id: Bytes16) -> ClosedRange<Int64> {
    // 48 bits of milliseconds less 8, and 20 of ordinal: 60 bits.
    let first = Int64(id.high >> periodShift) << Int64(ordinalBits)
    return first...(first + (1 << Int64(ordinalBits)) - 1)
  }

  static func encode(_ records: ArraySlice<Record>) -> [UInt8] {
    // Safe: each store is in bounds, which the buffer checks, and together they fill it.
    unsafe [UInt8](unsafeUninitializedCapacity: records.count * recordBytes) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      for record in records {
        unsafe bytes.storeBytes(of: record.id.high.bigEndian, toByteOffset: count, as: UInt64.self)
        unsafe bytes.storeBytes(
          of: record.id.low.bigEndian, toByteOffset: count + 8, as: UInt64.self)
        unsafe bytes.storeBytes(
          of: record.party.bigEndian, toByteOffset: count + 16, as: UInt32.self)
        unsafe bytes.storeBytes(
          of: record.sequence.bigEndian, toByteOffset: count + 20, as: UInt64.self)
        count += recordBytes
      }
    }
  }

  /// The records of an id in a run's bytes.
  ///
  /// - Complexity: O(log records).
  static func records(of id: Bytes16, in bytes: [UInt8]) -> [Record] {
    let count = bytes.count / recordBytes
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if record(middle, of: bytes).id < id { low = middle + 1 } else { high = middle }
    }
    return (low..<count).lazy.map { record($0, of: bytes) }.prefix { $0.id == id }.map { $0 }
  }

  private static func record(_ index: Int, of bytes: [UInt8]) -> Record {
    func number(_ offset: Int, _ length: Int) -> UInt64 {
      let start = index * recordBytes + offset
      return bytes[start..<start + length].reduce(0) { $0 << 8 | UInt64($1) }
    }
    return Record(
      id: Bytes16(high: number(0, 8), low: number(8, 8)), party: UInt32(number(16, 4)),
      sequence: number(20, 8))
  }
}
