import HTTPTypes
import Hummingbird
import MerkleLog

/// A tag of the bytes of an answer, by which a caller asks whether they have changed.
///
/// - Source: RFC 9110, 8.8.3 and 13.1.2.
enum EntityTag {
  /// Half of a SHA-256 names them well enough: nothing is trusted on the word of it.
  private static let bytes = 16

  static func of(_ body: [UInt8]) -> String {
    "\"" + SHA256.hash(body).description.prefix(2 * bytes) + "\""
  }

  /// Whether a caller has the answer already: its `If-None-Match` names the tag, or any.
  static func isNamed(_ tag: String, in condition: String) -> Bool {
    condition.split(separator: ",").contains { part in
      let name = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
      let text = String(name)
      return text == "*" || text == tag || text == "W/" + tag
    }
  }
}

extension Response {
  /// The same, or only that it has not changed where the caller has it.
  func unlessKnown(to request: Request) -> Response {
    // RFC 9110, 13.1.2: other methods have done what they do.
    guard request.method == .get || request.method == .head, status == .ok,
      let tag = headers[.eTag],
      let condition = request.headers[.ifNoneMatch], EntityTag.isNamed(tag, in: condition)
    else { return self }
    var fields: HTTPFields = [.eTag: tag]
    for name in [HTTPField.Name.cacheControl, .accessControlAllowOrigin] {
      if let value = headers[name] { fields[name] = value }
    }
    return Response(status: .notModified, headers: fields)
  }
}
