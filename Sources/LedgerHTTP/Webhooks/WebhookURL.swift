import LedgerModel

/// Where events are sent: `https://` and a host, or `http://` and a loopback host, with a path.
///
/// It is taken as it is written, never mended: it is signed, and a receiver compares it.
///
/// - Source: RFC 3986; RFC 9421, 2.2.2 (`@target-uri`).
struct WebhookURL: Hashable, Sendable {
  let text: String
  let host: WebhookHost

  /// Reads a URL.
  ///
  /// - Throws: ``Fault`` that says what is wrong.
  init(_ text: String, bytesMax: Int) throws(Fault) {
    guard text.utf8.count <= bytesMax else {
      throw Fault("it has more than `\(bytesMax)` bytes")
    }
    guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
      throw Fault("it begins with neither `https://` nor, of a loopback host, `http://`")
    }
    let rest = text.dropFirst(scheme.count)
    guard let slash = rest.firstIndex(of: "/") else {
      throw Fault("it has no path; write `/` at least")
    }
    guard let named = WebhookHost(String(rest[..<slash])) else {
      throw Fault("`\(rest[..<slash])` is no host in lower case, with or without a port")
    }
    guard Self.isPath(rest[slash...].utf8) else {
      throw Fault("write a path of RFC 3986, percent-encoded where it must be, without a fragment")
    }
    guard scheme == "https://" || LoopbackAddress(named.name) != nil else {
      throw Fault("`http://` is for loopback hosts alone; use `https://`")
    }
    host = WebhookHost(name: named.name, port: named.port ?? (scheme == "https://" ? 443 : 80))
    self.text = text
  }

  /// Why a text is no such URL, in words.
  struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  /// - Source: RFC 3986, 3.3 and 3.4: `path-abempty`, with a query or without.
  private static func isPath(_ bytes: Substring.UTF8View) -> Bool {
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard rest.prefix(2).count == 2, rest.prefix(2).allSatisfy(isHexadecimal) else {
          return false
        }
        rest = rest.dropFirst(2)
      } else if !isAlphanumeric(byte) && !"-._~!$&'()*+,;=:@/?".utf8.contains(byte) {
        return false
      }
    }
    return true
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}

/// A host that the server's operator lets events be sent to.
package struct WebhookHost: Hashable, Sendable, CustomStringConvertible {
  let name: String
  /// `nil` for the scheme's own.
  let port: Int?

  init(name: String, port: Int?) {
    self.name = name
    self.port = port
  }

  /// Reads `host` or `host:port`, or returns `nil`: a name or an IPv4 address, or an IPv6 address
  /// in brackets, in lower case, since two spellings of one host would be two.
  package init?(_ text: String) {
    let isBracketed = text.hasPrefix("[")
    let end =
      isBracketed
      ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
    let name = text[..<(end ?? text.endIndex)]
    let rest = text[(end ?? text.endIndex)...]
    guard !name.isEmpty, name.utf8.count <= 253, !isBracketed || name.hasSuffix("]"),
      name.utf8.allSatisfy({ Self.isOfHost($0, isBracketed: isBracketed) })
    else { return nil }
    self.name = String(name)
    guard !rest.isEmpty else {
      port = nil
      return
    }
    let digits = rest.dropFirst()
    guard rest.hasPrefix(":"), !digits.hasPrefix("0"), digits.utf8.allSatisfy({ 48...57 ~= $0 }),
      let port = UInt16(digits)
    else { return nil }
    self.port = Int(port)
  }

  private static func isOfHost(_ byte: UInt8, isBracketed: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: isBracketed && "[]:".utf8.contains(byte)
    }
  }

  /// Whether a URL's host is this one; without a port of its own it stands for that of `https`.
  func admits(_ url: WebhookURL) -> Bool {
    url.host == WebhookHost(name: name, port: port ?? 443)
  }

  package var description: String { port.map { "\(name):\($0)" } ?? name }
}
