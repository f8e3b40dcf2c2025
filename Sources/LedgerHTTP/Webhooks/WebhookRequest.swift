import FoundationEssentials
import LedgerModel
import LedgerWire

/// What a webhook is to be.
struct WebhookRequest: Hashable, Sendable {
  let url: String
  let account: AccountID?
  /// In order, each once.
  let kinds: [String]?
  /// The entry after which a new one begins; `nil` for what comes from now on.
  let after: SequenceNumber?

  /// Reads a body.
  ///
  /// - Throws: A problem that names the member.
  init(_ bytes: [UInt8]) throws(Problem) {
    let body = try WebhookBody(bytes, members: ["url", "account", "kinds", "after"])
    guard let url = body.url else { throw .invalidParameter("url", "it is missing") }
    self.url = url
    account = try body.account.map { text throws(Problem) in
      guard let value = Bytes16(uuidText: text) else {
        throw .invalidParameter("account", "`\(text)` is no account")
      }
      return AccountID(value)
    }
    kinds = try body.kinds.map { kinds throws(Problem) in
      if let unknown = kinds.first(where: { !LedgerModel.Operation.names.contains($0) }) {
        throw .invalidParameter("kinds", "`\(unknown)` is no order, such as `pay`")
      }
      guard !kinds.isEmpty else {
        throw .invalidParameter("kinds", "name one order at least, or leave it out for all")
      }
      return Set(kinds).sorted()
    }
    after = body.after.map { SequenceNumber($0) }
  }

  /// Reads `{"after": …}`.
  static func after(_ bytes: [UInt8]) throws(Problem) -> SequenceNumber {
    guard let after = try WebhookBody(bytes, members: ["after"]).after else {
      throw .invalidParameter("after", "it is missing")
    }
    return SequenceNumber(after)
  }
}

/// A body of JSON with some of these members and no others.
private struct WebhookBody: Decodable {
  private(set) var url: String?
  private(set) var account: String?
  private(set) var kinds: [String]?
  private(set) var after: UInt64?
  private let names: Set<String>

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    names = Set(values.allKeys.map(\.stringValue))
    url = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "url"))
    account = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "account"))
    kinds = try values.decodeIfPresent([String].self, forKey: Key(stringValue: "kinds"))
    after = try values.decodeIfPresent(UInt64.self, forKey: Key(stringValue: "after"))
  }

  init(_ bytes: [UInt8], members: Set<String>) throws(Problem) {
    guard JSONShape(bytes) != nil,
      let body = try? JSONDecoder().decode(WebhookBody.self, from: Data(bytes)),
      body.names.isSubset(of: members), (body.after ?? 0) <= UInt64(Int64.max)
    else {
      throw .invalidParameter(
        "body",
        "write a JSON object with no members but \(members.sorted().joined(separator: ", ")), as "
          + "docs/api.md says")
    }
    self = body
  }
}
