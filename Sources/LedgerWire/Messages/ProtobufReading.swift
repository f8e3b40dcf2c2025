import LedgerModel

/// Reading of protobuf's wire format, front to back, in its shortest forms alone.
///
/// For the messages that come once a payment; everything else goes through swift-protobuf. `nil`
/// never means that bytes are bad, only that the general way must look at them.
extension RawSpan {
  /// Whether the byte at `offset` is `byte`; steps over it then.
  func takes(_ byte: UInt8, at offset: inout Int) -> Bool {
    guard offset < byteCount, self.byte(at: offset) == byte else { return false }
    offset += 1
    return true
  }

  /// Reads a varint in its shortest form.
  func varint(at offset: inout Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < byteCount, shift < 64 {
      let byte = self.byte(at: offset)
      offset += 1
      if shift == 63, byte > 1 { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
      shift += 7
    }
    return nil
  }

  /// Reads the length of a field, and returns the range of its bytes, which it steps over.
  func block(at offset: inout Int) -> Range<Int>? {
    guard let length = varint(at: &offset), length <= UInt64(byteCount - offset) else { return nil }
    let start = offset
    offset += Int(length)
    return start..<offset
  }

  /// Reads a field of 16 bytes, whose tag is one byte.
  func bytes16(tag: UInt8, at offset: inout Int) -> Bytes16? {
    guard byteCount - offset >= 18, byte(at: offset) == tag, byte(at: offset + 1) == 16 else {
      return nil
    }
    defer { offset += 18 }
    return Bytes16(high: word(at: offset + 2), low: word(at: offset + 10))
  }

  /// Reads a field of 32 bytes, whose tag is one byte.
  func bytes32(tag: UInt8, at offset: inout Int) -> Bytes32? {
    guard byteCount - offset >= 34, byte(at: offset) == tag, byte(at: offset + 1) == 32 else {
      return nil
    }
    defer { offset += 34 }
    return Bytes32(
      words: (
        word(at: offset + 2), word(at: offset + 10), word(at: offset + 18), word(at: offset + 26)
      ))
  }

  /// Reads a field of printable ASCII, whose tag is one byte; where it is missing, the empty name.
  func name<N: Name>(_ type: N.Type, tag: UInt8, at offset: inout Int) -> N? {
    guard offset < byteCount, byte(at: offset) == tag else { return N(unchecked: "") }
    guard let text = text(tag: tag, at: &offset), N.rule.admits(text) else { return nil }
    return N(unchecked: text)
  }

  /// Reads a field of printable ASCII, not empty, whose tag is one byte.
  func text(tag: UInt8, at offset: inout Int) -> String? {
    guard takes(tag, at: &offset), let range = block(at: &offset), !range.isEmpty,
      range.count < 128
    else { return nil }
    for index in range where !(0x20..<0x7F ~= byte(at: index)) { return nil }
    // Safe: exactly the bytes that are said to be there are initialised.
    let text = unsafe String(unsafeUninitializedCapacity: range.count) { buffer in
      for (place, index) in range.enumerated() {
        unsafe buffer.initializeElement(at: place, to: byte(at: index))
      }
      return range.count
    }
    return text
  }

  /// A copy of part of the bytes.
  ///
  /// - Precondition: `range` is within the bytes.
  func bytes(in range: Range<Int>) -> [UInt8] {
    // Safe: exactly the bytes that are said to be there are initialised.
    unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      for (place, index) in range.enumerated() {
        unsafe buffer.initializeElement(at: place, to: byte(at: index))
      }
      count = range.count
    }
  }

  /// - Precondition: `offset` is within the bytes.
  func byte(at offset: Int) -> UInt8 {
    // Safe: the load is bounds-checked, and every bit pattern is valid.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The big-endian word at `offset`.
  ///
  /// - Precondition: All eight bytes are within the bytes.
  private func word(at offset: Int) -> UInt64 {
    // Safe: the load is bounds-checked, and every bit pattern is valid.
    UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
