/// Writes the parts of a state flat, one after the other, in pieces: a state may have gigabytes.
///
/// Integers are little-endian. Nothing says what comes next: ``SnapshotReader`` reads in the same
/// order.
///
/// - Source: docs/formats/snapshot.md.
package struct SnapshotWriter: ~Copyable {
  private static let pieceBytes = 1 << 20

  private var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
  private var count = 0
  private let take: ([UInt8]) -> Void

  /// - Parameter take: Takes each piece, in order.
  package init(_ take: @escaping ([UInt8]) -> Void) { self.take = take }

  package mutating func write(_ value: UInt64) {
    makeRoom(8)
    // Safe: the store is bounds-checked, and `makeRoom` has seen to it that it fits.
    unsafe piece.withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
    }
    count += 8
  }

  package mutating func write(_ value: UInt32) {
    makeRoom(4)
    // Safe: as above.
    unsafe piece.withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt32.self)
    }
    count += 4
  }

  package mutating func write(_ value: UInt8) {
    makeRoom(1)
    piece[count] = value
    count += 1
  }

  package mutating func write(_ value: Bool) { write(UInt8(value ? 1 : 0)) }

  package mutating func write(_ value: Int64) { write(UInt64(bitPattern: value)) }

  package mutating func write(_ value: Int32) { write(UInt32(bitPattern: value)) }

  package mutating func write(_ value: Int) { write(Int64(value)) }

  package mutating func write(_ value: Int128) {
    write(UInt64(truncatingIfNeeded: value))
    write(Int64(value >> 64))
  }

  package mutating func write(_ value: Bytes16) {
    write(value.high)
    write(value.low)
  }

  package mutating func write(_ value: Bytes32) {
    write(value.words.0)
    write(value.words.1)
    write(value.words.2)
    write(value.words.3)
  }

  /// Bytes behind their count.
  package mutating func write(_ bytes: [UInt8]) {
    write(bytes.count)
    for byte in bytes { write(byte) }
  }

  /// UTF-8 behind its count of bytes.
  package mutating func write(_ text: String) { write(Array(text.utf8)) }

  /// Hands over what is left.
  package consuming func finish() {
    if count > 0 { take(Array(piece[..<count])) }
  }

  private mutating func makeRoom(_ byteCount: Int) {
    guard count + byteCount > Self.pieceBytes else { return }
    take(Array(piece[..<count]))
    count = 0
  }
}
