/// Appends protobuf fields to a buffer, in the order called.
///
/// For the log's own entries, written once a transfer: encoding through swift-protobuf costs three
/// allocations an entry, and this none. Held against swift-protobuf by LedgerWireTests.
struct ProtobufWriter {
  var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  /// A `uint64` field; zero is left out, as proto3 demands.
  mutating func field(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    varint(UInt64(number) << 3)
    varint(value)
  }

  /// A `sint64` field; zero is left out.
  mutating func field(_ number: Int, zigzag value: Int64) {
    field(number, UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// A `bytes` field; none are left out.
  mutating func field(_ number: Int, _ value: [UInt8]) {
    guard !value.isEmpty else { return }
    header(number, byteCount: value.count)
    bytes.append(contentsOf: value)
  }

  /// A `string` field; an empty one is left out.
  mutating func field(_ number: Int, _ value: String) {
    let utf8 = value.utf8
    guard !utf8.isEmpty else { return }
    header(number, byteCount: utf8.count)
    bytes.append(contentsOf: utf8)
  }

  /// The tag and length of a field that holds `byteCount` bytes, which the caller appends.
  mutating func header(_ number: Int, byteCount: Int) {
    varint(UInt64(number) << 3 | 2)
    varint(UInt64(byteCount))
  }

  /// A message field, present even where it is empty.
  mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    header(number, byteCount: inner.bytes.count)
    bytes.append(contentsOf: inner.bytes)
  }
}
