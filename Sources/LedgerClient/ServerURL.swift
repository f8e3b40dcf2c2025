/// Where a server listens: `https://` and a host, or `http://` and a loopback host, with a port
/// where it is another than the scheme's.
struct ServerURL {
  let text: String

  init(_ url: String) throws(ClientError) {
    let text = url.hasSuffix("/") ? String(url.dropLast()) : url
    guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
      throw .invalidURL(url)
    }
    let authority = text.dropFirst(scheme.count)
    let isBracketed = authority.hasPrefix("[")
    let hostEnd =
      isBracketed
      ? authority.firstIndex(of: "]").map { authority.index(after: $0) }
      : authority.firstIndex(of: ":")
    let host = authority[..<(hostEnd ?? authority.endIndex)]
    let rest = authority[(hostEnd ?? authority.endIndex)...]
    guard !host.isEmpty, host.utf8.allSatisfy({ Self.isOfHost($0) }),
      rest.isEmpty || (rest.hasPrefix(":") && UInt16(rest.dropFirst()) != nil),
      scheme == "https://" || Self.isLoopback(host)
    else { throw .invalidURL(url) }
    self.text = text
  }

  private static func isOfHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-.[]:".utf8.contains(byte)
    }
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    let isNumeric =
      host.hasPrefix("127.")
      && host.utf8.allSatisfy {
        $0 == UInt8(ascii: ".") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
      }
    return host == "localhost" || host == "[::1]" || isNumeric
  }
}
