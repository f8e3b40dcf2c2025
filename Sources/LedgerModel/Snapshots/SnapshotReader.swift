/// Reads what ``SnapshotWriter`` wrote, in the same order and in pieces.
package struct SnapshotReader: ~Copyable {
  private var piece: [UInt8] = []
  private var offset = 0
  private let next: () -> [UInt8]

  /// - Parameter next: Returns the next piece, of any size; an empty one at the end.
  package init(_ next: @escaping () -> [UInt8]) { self.next = next }

  package mutating func uint64() throws(SnapshotError) -> UInt64 {
    guard offset + 8 <= piece.count else { return try slowly(byteCount: 8) }
    defer { offset += 8 }
    // Safe: the load is bounds-checked, and every bit pattern is valid.
    return unsafe piece.withUnsafeBytes { bytes in
      unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
  }

  package mutating func uint32() throws(SnapshotError) -> UInt32 {
    UInt32(try slowly(byteCount: 4))
  }

  package mutating func uint8() throws(SnapshotError) -> UInt8 {
    UInt8(try slowly(byteCount: 1))
  }

  package mutating func bool() throws(SnapshotError) -> Bool { try uint8() != 0 }

  package mutating func int64() throws(SnapshotError) -> Int64 {
    Int64(bitPattern: try uint64())
  }

  package mutating func int32() throws(SnapshotError) -> Int32 {
    Int32(bitPattern: try uint32())
  }

  package mutating func int() throws(SnapshotError) -> Int { Int(try int64()) }

  package mutating func int128() throws(SnapshotError) -> Int128 {
    let low = try uint64()
    return Int128(try int64()) << 64 | Int128(low)
  }

  package mutating func bytes16() throws(SnapshotError) -> Bytes16 {
    Bytes16(high: try uint64(), low: try uint64())
  }

  package mutating func bytes32() throws(SnapshotError) -> Bytes32 {
    Bytes32(words: (try uint64(), try uint64(), try uint64(), try uint64()))
  }

  /// Bytes behind their count.
  package mutating func bytes() throws(SnapshotError) -> [UInt8] {
    let count = try self.count(max: 1 << 24)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for _ in 0..<count { bytes.append(try uint8()) }
    return bytes
  }

  package mutating func text() throws(SnapshotError) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  /// How many of something follow.
  ///
  /// - Throws: ``SnapshotError`` where that is negative or above `max`.
  package mutating func count(max: Int) throws(SnapshotError) -> Int {
    let count = try int()
    guard 0...max ~= count else {
      throw SnapshotError("a count of \(count), where at most \(max) can be")
    }
    return count
  }

  /// Whether all was read.
  package mutating func isAtEnd() -> Bool {
    if offset == piece.count {
      piece = next()
      offset = 0
    }
    return piece.isEmpty
  }

  /// A little-endian number that may lie across two pieces.
  private mutating func slowly(byteCount: Int) throws(SnapshotError) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<byteCount {
      guard !isAtEnd() else { throw SnapshotError("it ends too soon") }
      value |= UInt64(piece[offset]) << UInt64(8 * place)
      offset += 1
    }
    return value
  }
}

/// Why bytes are no state.
package struct SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  /// Whether another version of this program wrote it.
  package let isOfOtherFormat: Bool

  package init(_ description: String, isOfOtherFormat: Bool = false) {
    self.description = description
    self.isOfOtherFormat = isOfOtherFormat
  }
}
