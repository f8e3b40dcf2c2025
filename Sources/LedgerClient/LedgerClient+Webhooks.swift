public import LedgerModel
import NIOHTTP1

// `/v1/webhooks`: each call may be made again where its answer did not come.

/// What a webhook is to be.
public struct WebhookOrder: Hashable, Sendable {
  /// Where events are posted: `https://`, or `http://` and a loopback host, with a path.
  public var url: String
  /// Only events that name the account, or moved money of it; `nil` for all.
  public var account: AccountID?
  /// Only orders of these names, such as `pay`; `nil` for all.
  public var kinds: [String]?
  /// The entry after which a new webhook begins; `nil` for what comes from now on.
  public var after: SequenceNumber?

  public init(
    url: String, account: AccountID? = nil, kinds: [String]? = nil, after: SequenceNumber? = nil
  ) {
    self.url = url
    self.account = account
    self.kinds = kinds
    self.after = after
  }
}

extension LedgerClient {
  /// The webhooks of those for whom this client's certificate reads, in order of reader and name.
  public func webhooks() async throws(ClientError) -> [WebhookAnswer] {
    try await connection.read(WebhooksAnswer.self, "/v1/webhooks").webhooks
  }

  public func webhook(
    _ name: String, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    try await connection.read(WebhookAnswer.self, Self.path(name, of: reader))
  }

  /// Makes a webhook, or changes where one sends and what; the position of one that there is stays.
  ///
  /// - Parameters:
  ///   - name: 2 to 32 of `a-z`, `0-9` and `-`.
  ///   - order: What it is to be.
  ///   - reader: Whose; needed where this client's certificate reads for several.
  /// - Returns: How it stands.
  /// - Throws: ``ClientError/refused(_:)``, with `webhook_host_not_permitted` where the server's
  ///   operator does not let it send there.
  @discardableResult
  public func setWebhook(
    _ name: String, _ order: WebhookOrder, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    let body = WebhookBody(
      url: order.url, account: order.account?.description, kinds: order.kinds,
      after: order.after?.value)
    return try await connection.change(
      WebhookAnswer.self, .PUT, Self.path(name, of: reader), body)
  }

  /// Forgets a webhook, with its position and its dead letters.
  ///
  /// - Returns: How it stood.
  @discardableResult
  public func removeWebhook(
    _ name: String, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    try await connection.change(WebhookAnswer.self, .DELETE, Self.path(name, of: reader), nil)
  }

  /// Sets a webhook's position back, so that all after an entry is delivered again.
  @discardableResult
  public func replayWebhook(
    _ name: String, after: SequenceNumber, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    try await connection.change(
      WebhookAnswer.self, .POST, Self.path(name, ":replay", of: reader),
      WebhookBody(after: after.value))
  }

  /// All events that a webhook's receiver refused, page by page.
  public func deadLetters(
    of name: String, of reader: Reader? = nil
  ) async throws(ClientError) -> [DeadLetterAnswer] {
    var letters: [DeadLetterAnswer] = []
    var path = Self.path(name, "/dead-letters", of: reader)
    while true {
      let page = try await connection.read(DeadLettersAnswer.self, path)
      letters += page.letters
      // Bounded, though a server may say `next` for ever.
      guard let next = page.next, !page.letters.isEmpty, letters.count < Self.deadLettersMax else {
        return letters
      }
      path = Self.path(name, "/dead-letters", of: reader, ["after=\(next)"])
    }
  }

  /// Has the dead letters after an entry sent again.
  @discardableResult
  public func resendDeadLetters(
    of name: String, after: SequenceNumber = .genesis, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    try await connection.change(
      WebhookAnswer.self, .POST, Self.path(name, "/dead-letters:resend", of: reader),
      WebhookBody(after: after.value))
  }

  /// Gives all dead letters of a webhook up.
  @discardableResult
  public func removeDeadLetters(
    of name: String, of reader: Reader? = nil
  ) async throws(ClientError) -> WebhookAnswer {
    try await connection.change(
      WebhookAnswer.self, .DELETE, Self.path(name, "/dead-letters", of: reader), nil)
  }

  /// Far above what a server of this version keeps.
  private static let deadLettersMax = 100_000

  private static func path(
    _ name: String, _ rest: String = "", of reader: Reader?, _ parameters: [String] = []
  ) -> String {
    // What is no name is the server's to refuse; here it must not become another path.
    let safe = name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
    let query = parameters + (reader.map { ["reader=\($0)"] } ?? [])
    return "/v1/webhooks/" + safe + rest + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }
}

/// A request's body; what is left out is not written.
private struct WebhookBody: Encodable {
  var url: String?
  var account: String?
  var kinds: [String]?
  var after: UInt64?
}
