import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import Logging
import NIOCore
import ServiceLifecycle

// `GET /v1/events`: the log as Server-Sent Events, for as long as the connection lasts.

extension APIResponder {
  /// Begins to tell what becomes durable, from the entry that the caller has seen last.
  ///
  /// - Source: WHATWG HTML, 9.2 (Server-sent events); docs/api.md.
  func events(
    _ request: Request, from origin: RequestOrigin, for caller: Caller, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(caller.access)
    var after = try query.take("after").map { text throws(Problem) in
      try number(text, "after")
    }
    // Of a connection that is taken up again; an empty one is none.
    if let text = request.headers[.lastEventID], !text.isEmpty {
      after = try number(text, "Last-Event-ID")
    }
    var filter = EventFilter()
    if let text = query.take("account") { filter.account = try accountID(text) }
    if let text = query.take("kind") {
      let kinds = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard kinds.allSatisfy({ kind in LedgerModel.Operation.names.contains(kind) }) else {
        throw .invalidParameter("kind", "`\(text)` is no list of orders, such as `pay,settle`")
      }
      filter.kinds = Set(kinds)
    }
    try query.end()
    let follower = try reading("account `\(filter.account?.description ?? "")`") {
      () throws(ReadError) in
      try ledger.follow(after: after, filter, for: caller.access)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close",
      ],
      body: ResponseBody { writer in
        try await tell(follower, origin, &writer)
        try await writer.finish(nil)
      })
  }

  // On any thread, as the library calls it: what it writes to is nobody else's.
  @concurrent private func tell(
    _ follower: EventFollower, _ origin: RequestOrigin,
    _ writer: inout any ResponseBodyWriter
  ) async throws {
    try await writer.write(ByteBuffer(string: "retry: \(limits.eventRetryMilliseconds)\n\n"))
    for await _ in follower.wakes.cancelOnGracefulShutdown() {
      var page: EventFollower.Page
      var isSilent = true
      repeat {
        // Looked up anew: a certificate that was revoked, or has ended, hears no more.
        guard let caller = try? await caller(from: origin), caller.access.isReader else { return }
        do throws(ReadError) {
          page = try follower.next(for: caller.access)
        } catch {
          logger.error("the store failed a follower", metadata: ["why": "\(error)"])
          return
        }
        var text = EventText()
        for event in page.events { text.append(event) }
        isSilent = isSilent && page.events.isEmpty
        if isSilent, !page.isMore { text.append(seen: page.before) }
        if !text.buffer.isEmpty { try await writer.write(ByteBuffer(bytes: text.buffer)) }
      } while page.isMore
    }
  }
}

/// Events as the stream has them.
struct EventText {
  private(set) var buffer: [UInt8] = []

  mutating func append(_ event: LedgerEvent) {
    buffer += "id: \(event.sequence)\nevent: \(event.instruction.operation.name)\ndata: ".utf8
    buffer += JSONWriter.object { $0.event(event) }
    buffer += "\n\n".utf8
  }

  /// Says how far the log was looked through, without an event: the caller's last id moves on, and
  /// nothing is dispatched, since there is no data.
  mutating func append(seen before: SequenceNumber) {
    guard before > .genesis else { return }
    buffer += "id: \(before.value - 1)\n\n".utf8
  }
}
