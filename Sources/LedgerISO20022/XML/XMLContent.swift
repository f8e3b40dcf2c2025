/// An element to be written, with all in it; or nothing, so that what is optional reads as the
/// rest.
indirect enum XMLContent: Sendable {
  case none
  case text(String, String, attributes: [(name: String, value: String)])
  case element(String, [XMLContent], attributes: [(name: String, value: String)])

  /// An element with text, or nothing where there is no text: ISO 20022 has no empty ones.
  static func text(_ name: String, _ text: String?) -> XMLContent {
    guard let text, !text.isEmpty else { return .none }
    return .text(name, text, attributes: [])
  }

  static func element(_ name: String, _ children: [XMLContent]) -> XMLContent {
    .element(name, children, attributes: [])
  }

  /// The element as a document of its own: UTF-8, nothing between elements.
  ///
  /// Deterministic: the same content gives the same bytes.
  var document: [UInt8] {
    var bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .none: break
    case .text(let name, let text, let attributes):
      Self.writeStart(name, attributes, to: &bytes)
      Self.escape(text, to: &bytes)
      bytes.append(contentsOf: "</\(name)>".utf8)
    case .element(let name, let children, let attributes):
      Self.writeStart(name, attributes, to: &bytes)
      for child in children { child.write(to: &bytes) }
      bytes.append(contentsOf: "</\(name)>".utf8)
    }
  }

  private static func writeStart(
    _ name: String, _ attributes: [(name: String, value: String)], to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: "<\(name)".utf8)
    for (name, value) in attributes {
      bytes.append(contentsOf: " \(name)=\"".utf8)
      escape(value, to: &bytes)
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: ">"))
  }

  /// Writes text so that every parser reads the same back: what is markup, quotes, and white space
  /// that a parser would change as references; characters that XML 1.0 has not as U+FFFD.
  ///
  /// - Source: XML 1.0, 2.2 (characters), 2.11 and 3.3.3 (what parsers normalise).
  private static func escape(_ text: String, to bytes: inout [UInt8]) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes.append(contentsOf: "&amp;".utf8)
      case "<": bytes.append(contentsOf: "&lt;".utf8)
      case ">": bytes.append(contentsOf: "&gt;".utf8)
      case "\"": bytes.append(contentsOf: "&quot;".utf8)
      case "\t", "\n", "\r": bytes.append(contentsOf: "&#\(scalar.value);".utf8)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}":
        bytes.append(contentsOf: "\u{FFFD}".utf8)
      default: bytes.append(contentsOf: String(scalar).utf8)
      }
    }
  }
}
