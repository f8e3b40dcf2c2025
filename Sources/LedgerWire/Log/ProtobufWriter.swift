package import LedgerModel

/// Appends protobuf fields to a buffer, in the order called.
///
/// For what is written once a payment: encoding through swift-protobuf costs three allocations a
/// message, and this none, since the buffer is used again. Held against swift-protobuf by
/// LedgerWireTests and LedgerHTTPTests.
package struct ProtobufWriter: Sendable {
  private var buffer: [UInt8]
  private var count = 0

  /// - Parameter capacity: Bytes that the buffer holds before it grows.
  package init(capacity: Int = 256) {
    buffer = [UInt8](repeating: 0, count: max(capacity, 16))
  }

  /// What was written; the next write copies it all if this is still held.
  package var written: ArraySlice<UInt8> { buffer[..<count] }

  /// What was written, apart from the buffer.
  package var bytes: [UInt8] { Array(written) }

  /// What was written, behind its length as a varint: one message of a stream of them.
  package var delimited: [UInt8] {
    var message = ProtobufWriter(capacity: count + 20)
    message.varint(UInt64(count))
    // Safe: the pointer is used within the call only.
    unsafe written.withUnsafeBytes { unsafe message.append($0) }
    return message.bytes
  }

  /// Forgets what was written, and keeps the memory.
  package mutating func removeAll() { count = 0 }

  /// A `uint64` field; zero is left out, as proto3 demands.
  package mutating func field(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    let start = makeRoom(20)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      var end = start
      unsafe Self.varint(UInt64(number) << 3, to: bytes, at: &end)
      unsafe Self.varint(value, to: bytes, at: &end)
      count = end
    }
  }

  /// A `sint64` field; zero is left out.
  package mutating func field(_ number: Int, zigzag value: Int64) {
    field(number, UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// A field of 16 bytes.
  package mutating func field(_ number: Int, _ value: Bytes16) {
    header(number, byteCount: 16)
    words(value.high, value.low)
  }

  /// A field of 32 bytes.
  package mutating func field(_ number: Int, _ value: Bytes32) {
    header(number, byteCount: 32)
    words(value.words.0, value.words.1)
    words(value.words.2, value.words.3)
  }

  /// A `bytes` field; none are left out.
  package mutating func field(_ number: Int, _ value: [UInt8]) { field(number, value[...]) }

  /// A `bytes` field; none are left out.
  package mutating func field(_ number: Int, _ value: ArraySlice<UInt8>) {
    guard !value.isEmpty else { return }
    header(number, byteCount: value.count)
    // Safe: the pointer is used within the call only.
    unsafe value.withUnsafeBytes { unsafe append($0) }
  }

  /// A `string` field; an empty one is left out.
  package mutating func field(_ number: Int, _ value: String) {
    var value = value
    guard !value.utf8.isEmpty else { return }
    header(number, byteCount: value.utf8.count)
    // Safe: the pointer is used within the call only.
    value.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
  }

  /// A message field, present even where it is empty.
  package mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    tag(number)
    // One byte is left for the length, which is known at the end: bodies mostly have fewer than
    // 128 bytes, and a longer one is moved.
    let lengthAt = count
    count = makeRoom(1) + 1
    body(&self)
    let length = count - lengthAt - 1
    let lengthBytes = length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4
    precondition(length < 1 << 28, "a message of \(length) bytes")
    _ = makeRoom(lengthBytes)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      if lengthBytes > 1 {
        // Safe: both ranges lie within the buffer, as `makeRoom` has seen to, and may overlap.
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(lengthAt + lengthBytes)...])
          .copyMemory(
            from: UnsafeRawBufferPointer(
              rebasing: bytes[(lengthAt + 1)..<(lengthAt + 1 + length)]))
      }
      var end = lengthAt
      unsafe Self.varint(UInt64(length), to: bytes, at: &end)
    }
    count += lengthBytes - 1
  }

  /// The tag and length of a field that holds `byteCount` bytes, which the caller appends.
  private mutating func header(_ number: Int, byteCount: Int) {
    let start = makeRoom(20)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      var end = start
      unsafe Self.varint(UInt64(number) << 3 | 2, to: bytes, at: &end)
      unsafe Self.varint(UInt64(byteCount), to: bytes, at: &end)
      count = end
    }
  }

  private mutating func tag(_ number: Int) { varint(UInt64(number) << 3 | 2) }

  private mutating func varint(_ value: UInt64) {
    let start = makeRoom(10)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      var end = start
      unsafe Self.varint(value, to: bytes, at: &end)
      count = end
    }
  }

  private mutating func words(_ first: UInt64, _ second: UInt64) {
    let start = makeRoom(16)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: first.bigEndian, toByteOffset: start, as: UInt64.self)
      unsafe bytes.storeBytes(of: second.bigEndian, toByteOffset: start + 8, as: UInt64.self)
    }
    count += 16
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let start = makeRoom(bytes.count)
    // Safe: `makeRoom` has seen to it that the copy fits.
    unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyMemory(from: bytes)
    }
    count += bytes.count
  }

  /// Makes the buffer long enough for `byteCount` bytes more, and returns where they begin.
  private mutating func makeRoom(_ byteCount: Int) -> Int {
    if count + byteCount > buffer.count {
      let missing = max(count + byteCount - buffer.count, buffer.count)
      buffer.append(contentsOf: repeatElement(0, count: missing))
    }
    return count
  }

  private static func varint(
    _ value: UInt64, to bytes: UnsafeMutableRawBufferPointer, at end: inout Int
  ) {
    var value = value
    while value >= 0x80 {
      unsafe bytes[end] = UInt8(truncatingIfNeeded: value) | 0x80
      end += 1
      value >>= 7
    }
    unsafe bytes[end] = UInt8(truncatingIfNeeded: value)
    end += 1
  }
}
