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

  /// The records of a run that are found by their ids.
  ///
  /// All of them, in a run that was written by ``encode(_:)``.
  ///
  /// - Parameters:
  ///   - bytes: The run.
  ///   - place: Where it stands.
  ///   - ids: The ids for which it is looked at.
  /// - Returns: The records, in the run's order where it is in order.
  /// - Complexity: O(records), where they are in order.
  static func found(
    in bytes: [UInt8], at place: Int64, within ids: ClosedRange<Bytes16>
  ) -> [Record] {
    let records = (0..<bytes.count / recordBytes).map { record($0, of: bytes) }
    let isInOrder = zip(records, records.dropFirst()).allSatisfy { $0.id <= $1.id }
    let reachable =
      isInOrder
      ? records : Set(records.map(\.id)).sorted().flatMap { Self.records(of: $0, in: bytes) }
    return reachable.filter { ids.contains($0.id) && places(of: $0.id).contains(place) }
  }

  private static func record(_ index: Int, of bytes: [UInt8]) -> Record {
    let start = index * recordBytes
    // Safe: each load is bounds-checked by the buffer.
    return unsafe bytes.withUnsafeBytes { bytes in
      func word(_ offset: Int) -> UInt64 {
        unsafe UInt64(
          bigEndian: bytes.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self))
      }
      let party = unsafe bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self)
      return Record(
        id: Bytes16(high: word(0), low: word(8)), party: UInt32(bigEndian: party),
        sequence: word(20))
    }
  }
}
