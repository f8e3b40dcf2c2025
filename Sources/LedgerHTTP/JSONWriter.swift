import LedgerModel

/// Appends compact JSON (RFC 8259) to a buffer, in the order called.
///
/// For answers on the hot path, where Foundation's encoder costs more than a signature check.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Returns the text of one object.
  static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.bytes.reserveCapacity(512)
    writer.element(body)
    return writer.bytes
  }

  /// An object in an array, or the outermost.
  mutating func element(_ body: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    needsComma = false
    element(body)
  }

  mutating func array<Items: Sequence>(
    _ name: String, _ items: Items, _ body: (inout JSONWriter, Items.Element) -> Void
  ) {
    key(name)
    bytes.append(UInt8(ascii: "["))
    needsComma = false
    for item in items { body(&self, item) }
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  mutating func string(_ name: String, _ value: String) {
    key(name)
    quote(value)
    needsComma = true
  }

  /// A string of an array.
  mutating func stringElement(_ value: String) {
    separate()
    quote(value)
    needsComma = true
  }

  /// An element of an array that is written already.
  mutating func textElement(_ text: [UInt8]) {
    separate()
    bytes += text
    needsComma = true
  }

  mutating func integer(_ name: String, _ value: some BinaryInteger) {
    key(name)
    bytes.append(contentsOf: String(value).utf8)
    needsComma = true
  }

  /// Minor units: a decimal string, since a JSON number is a double to many readers.
  mutating func money(_ name: String, _ minorUnits: some BinaryInteger) {
    key(name)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: String(minorUnits).utf8)
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  mutating func flag(_ name: String, _ value: Bool) {
    key(name)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
    needsComma = true
  }

  mutating func null(_ name: String) {
    key(name)
    bytes.append(contentsOf: "null".utf8)
    needsComma = true
  }

  /// An instant twice: RFC 3339, and microseconds since 1970 under the name with `_us`.
  mutating func time(_ name: String, _ value: LedgerTime) {
    string(name, value.description)
    integer(name + "_us", value.microseconds)
  }

  private mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
