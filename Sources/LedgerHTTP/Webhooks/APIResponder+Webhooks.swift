import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import LedgerStorage

// `/v1/webhooks`: where a reader's events are sent, set up by itself and seen by itself alone.

extension APIResponder {
  func webhooks(
    _ route: Route, _ parameters: [String], _ request: Request, for caller: Caller,
    _ query: inout Query
  ) async throws(Problem) -> Response {
    try check(caller.access)
    if route == .webhooks {
      try query.end()
      return listed(for: caller.access)
    }
    let id = WebhookID(
      owner: try owner(of: caller.access, &query), name: try webhookName(parameters[0]))
    if route == .deadLetters, request.method != .delete { return try deadLetters(of: id, &query) }
    try query.end()
    var body: [UInt8] = []
    if request.method == .put || request.method == .post {
      guard let type = request.headers[.contentType], WireForm(mediaType: type) == .json else {
        throw .notJSON(request.headers[.contentType])
      }
      body = try await self.body(of: request, max: webhooks.limits.requestBytesMax)
    }
    return try changed(route, id, request.method, body)
  }

  private func listed(for access: Access) -> Response {
    let owners: Set<Reader?>
    switch access {
    case .open: owners = [nil]
    case .certificate(let readers): owners = Set(readers.map { $0 })
    }
    return .asOfNow(
      JSONWriter.object {
        $0.array("webhooks", webhooks.readings(of: owners)) { writer, reading in
          writer.element { $0.webhook(reading) }
        }
      })
  }

  private func changed(
    _ route: Route, _ id: WebhookID, _ method: HTTPRequest.Method, _ body: [UInt8]
  ) throws(Problem) -> Response {
    // Read before anything is changed, and outside of what tells refusals.
    let request = method == .put ? try WebhookRequest(body) : nil
    let after = method == .post ? try WebhookRequest.after(body) : .genesis
    let reading = try telling(id) { () throws(WebhookError) in
      switch (route, method) {
      case (.deadLetters, _): try webhooks.removeDeadLetters(of: id)
      case (.deadLettersResend, _): try webhooks.resend(id, after: after)
      case (.webhookReplay, _): try webhooks.replay(id, after: after)
      case (_, .delete): try webhooks.remove(id)
      default:
        if let request { try webhooks.put(id, request) } else { try webhooks.reading(of: id) }
      }
    }
    return .asOfNow(JSONWriter.object { $0.webhook(reading) })
  }

  private func deadLetters(of id: WebhookID, _ query: inout Query) throws(Problem) -> Response {
    let after = try query.take("after").map { text throws(Problem) in try number(text, "after") }
    try query.end()
    let letters = try telling(id) { () throws(WebhookError) in
      try webhooks.deadLetters(of: id, from: after?.next ?? .genesis)
    }
    return .asOfNow(
      JSONWriter.object {
        $0.array("dead_letters", letters) { writer, letter in
          writer.element { $0.deadLetter(letter) }
        }
        let isFull = letters.count == webhooks.limits.deadLettersPerPageMax
        if isFull, let last = letters.last {
          $0.integer("next", last.sequence.value)
        } else {
          $0.null("next")
        }
      })
  }

  /// Whose webhooks are meant: the reader's whose certificate asks, or nobody's in particular.
  private func owner(of access: Access, _ query: inout Query) throws(Problem) -> Reader? {
    let named = query.take("reader")
    var readers: Set<Reader> = []
    if case .certificate(let own) = access { readers = own }
    guard let text = named else {
      if access == .open { return nil }
      guard readers.count == 1 else { throw Problem(.readerNeeded, of: "webhook", limits) }
      return readers.first
    }
    // Another's is like what there is not.
    guard let reader = try? Reader(text), readers.contains(reader) else {
      throw Problem(.notFound, of: "webhook of `\(text)`", limits)
    }
    return reader
  }

  private func webhookName(_ text: String) throws(Problem) -> String {
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    let bytes = webhooks.limits.nameBytes
    guard isName, bytes ~= text.utf8.count else {
      throw .invalidParameter(
        "webhook",
        "`\(text)` is no name of \(bytes.lowerBound) to \(bytes.upperBound) of a-z, 0-9 and `-`")
    }
    return text
  }

  /// Turns a refusal into a problem.
  private func telling<Value>(
    _ id: WebhookID, _ body: () throws(WebhookError) -> Value
  ) throws(Problem) -> Value {
    do throws(WebhookError) {
      return try body()
    } catch {
      switch error {
      case .notFound: throw problem(.notFound, of: "webhook `\(id.name)`")
      case .read(let error): throw problem(error, of: "account for webhook `\(id.name)`")
      case .invalidURL(let text, let problem):
        throw .invalidParameter("url", "`\(text)`: \(problem)")
      case .hostNotPermitted(let host): throw .webhookHostNotPermitted(host)
      case .full(let max): throw .webhooksFull(max)
      case .beyondLog(let size):
        throw .invalidParameter(
          "after", "the log has `\(size)` entries; begin after one of them, or leave it out")
      case .notBack(let after, let next):
        throw .invalidParameter(
          "after",
          "a replay goes back: the webhook goes on with entry `\(next)`, and `\(after)` is not before"
        )
      }
    }
  }
}

extension Response {
  /// A reading that is another one the next moment.
  static func asOfNow(_ bytes: [UInt8]) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

extension JSONWriter {
  fileprivate mutating func webhook(_ reading: WebhookReading) {
    string("name", reading.kept.id.name)
    if let owner = reading.kept.id.owner {
      string("reader", owner.description)
    } else {
      null("reader")
    }
    string("url", reading.kept.url)
    if let account = reading.kept.account { string("account", account.description) }
    if let kinds = reading.kept.kinds { array("kinds", kinds) { $0.stringElement($1) } }
    integer("after", max(reading.next.value, 1) - 1)
    string("state", reading.standing.name.rawValue)
    if let time = reading.standing.retryTime { self.time("retry", time) }
    integer("failures", reading.failures)
    if let answer = reading.lastAnswer { string("last_answer", answer) }
    if let time = reading.lastAnswerTime { self.time("last_answer_time", time) }
    if let time = reading.lastDelivery { self.time("last_delivery", time) }
    integer("lag_entries", reading.lagEntries)
    if let seconds = reading.lagSeconds {
      integer("lag_seconds", seconds)
    } else {
      null("lag_seconds")
    }
    integer("dead_letters", reading.deadLetterCount)
    integer("as_of", reading.asOf)
  }

  fileprivate mutating func deadLetter(_ letter: DeadLetter) {
    integer("sequence", letter.sequence.value)
    integer("attempts", letter.attempts)
    time("time", letter.time)
    string("answer", letter.answer)
    flag("due", letter.isDue)
  }
}
