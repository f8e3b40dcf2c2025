/// RFC 4648 section 4 base64 with exactly one spelling for each byte string.
///
/// Decoding refuses everything that encoding would not have written: white space, the URL-safe
/// alphabet, absent or surplus padding, and non-zero bits under the padding. So a text that decodes
/// re-encodes to itself, and signed or hashed text has no second form.
package enum Base64 {
  /// Returns the padded base64 of `bytes`.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    append(bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the padded base64 of `bytes`, as ASCII.
  package static func append(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
    text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var groupByteCount = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      groupByteCount += 1
      if groupByteCount == 3 {
        appendGroup(group, characterCount: 4, to: &text)
        group = 0
        groupByteCount = 0
      }
    }
    if groupByteCount > 0 {
      group <<= 8 * UInt32(3 - groupByteCount)
      appendGroup(group, characterCount: groupByteCount + 1, to: &text)
    }
  }

  /// Returns the bytes that `text` encodes, or `nil` unless `text` is their canonical encoding.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    var groupCharacterCount = 0
    var paddingCount = 0
    for character in text {
      if character == padding {
        // Two data characters at least come first in each group, and nothing follows the padding.
        guard groupCharacterCount >= 2 else { return nil }
        paddingCount += 1
        group <<= 6
      } else {
        guard paddingCount == 0, let value = value(character) else { return nil }
        group = group << 6 | UInt32(value)
      }
      groupCharacterCount += 1
      if groupCharacterCount == 4 {
        let unused = group & (1 << UInt32(8 * paddingCount) - 1)
        guard unused == 0 else { return nil }
        for index in 0..<(3 - paddingCount) {
          bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index)))
        }
        group = 0
        groupCharacterCount = 0
      }
    }
    return bytes
  }

  private static let padding = UInt8(ascii: "=")

  private static func appendGroup(
    _ group: UInt32, characterCount: Int, to text: inout [UInt8]
  ) {
    for index in 0..<4 {
      let value = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index)) & 0x3f
      text.append(index < characterCount ? character(value) : padding)
    }
  }

  private static func character(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    case _: UInt8(ascii: "/")
    }
  }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    case _: nil
    }
  }
}
