import AsyncHTTPClient
import FoundationEssentials
public import LedgerModel
import LedgerWire
import NIOCore

/// Orders as they become durable: in the order of the log, each once, across broken connections.
///
/// Nothing is read ahead of the loop that asks but what one connection has in flight: who takes his
/// time holds the server's stream back, and nothing else. A loop that ends ends the connection. In
/// a task that is cancelled the sequence ends.
///
/// It ends with an error where trying again does not help: the certificate may not read, the server
/// is not the one that the trust file names, or has lost entries that were heard of. A connection
/// that breaks, says nothing for ``ClientOptions/eventQuietTimeout``, or is refused with 503 or 429
/// is followed by another one, after the pause that the server asks for, and pauses that double.
///
/// - Source: docs/api.md, `GET /v1/events`.
public struct EventStream: AsyncSequence, Sendable {
  let client: LedgerClient
  let after: SequenceNumber?
  let query: String

  public func makeAsyncIterator() -> Iterator { Iterator(client, after: after, query: query) }

  /// Follows for one loop.
  public struct Iterator: AsyncIteratorProtocol {
    private let client: LedgerClient
    private let query: String
    /// The newest entry that was looked through; `nil` before the first connection.
    private var newest: SequenceNumber?
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var parser: ServerSentEvents
    /// Connections that broke, or did not come, since anything was heard.
    private var failures = 0
    /// How long the server asks to wait before the next connection.
    private var asked = Duration.zero
    private var hasBegun = false
    private var hasEnded = false

    fileprivate init(_ client: LedgerClient, after: SequenceNumber?, query: String) {
      self.client = client
      self.query = query
      newest = after
      parser = ServerSentEvents(bytesMax: client.options.answerBytesMax)
    }

    /// The next event; `nil` once the task is cancelled.
    ///
    /// - Throws: ``ClientError``, after which nothing more comes.
    public mutating func next() async throws(ClientError) -> EventAnswer? {
      try await next(isolation: #isolation)
    }

    /// The next event; `nil` once the task is cancelled.
    ///
    /// - Throws: ``ClientError``, after which nothing more comes.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(ClientError) -> EventAnswer? {
      guard !hasEnded else { return nil }
      do throws(ClientError) {
        while !Task.isCancelled {
          if let event = try nextParsed() { return event }
          if body == nil {
            try await connect()
          } else {
            await read(isolation: actor)
          }
        }
      } catch {
        // Whatever breaks off because of the cancellation is its end, and no error.
        if !Task.isCancelled {
          end()
          throw error
        }
      }
      end()
      return nil
    }

    private mutating func end() {
      body = nil
      hasEnded = true
    }

    /// The next event of what has come already.
    private mutating func nextParsed() throws(ClientError) -> EventAnswer? {
      while true {
        let message: ServerSentEvents.Message?
        do throws(ServerSentEvents.TooLong) {
          message = try parser.next()
        } catch {
          throw malformed("an event has more than `\(error.bytesMax)` bytes")
        }
        guard let message else {
          try moveOn(to: parser.lastID)
          return nil
        }
        let event = try read(message)
        guard newest.map({ event.sequence > $0 }) ?? true else { continue }
        newest = event.sequence
        return event
      }
    }

    private func read(_ message: ServerSentEvents.Message) throws(ClientError) -> EventAnswer {
      let event: EventAnswer
      do {
        event = try JSONDecoder().decode(EventAnswer.self, from: Data(message.data))
      } catch {
        throw malformed("\(error)")
      }
      guard event.sequence.description == message.lastID, event.operation == message.event else {
        throw malformed("event `\(message.lastID)` says that it is `\(event.sequence)`")
      }
      return event
    }

    /// Notes how far the log was looked through: an id comes without an event now and then.
    private mutating func moveOn(to id: String) throws(ClientError) {
      guard !id.isEmpty else { return }
      guard let value = UInt64(id) else { throw malformed("`\(id)` is no sequence number") }
      let sequence = SequenceNumber(value)
      guard newest.map({ sequence > $0 }) ?? true else { return }
      newest = sequence
    }

    private func malformed(_ reason: String) -> ClientError {
      .malformedAnswer(path: LedgerClient.eventsPath, reason: reason)
    }

    /// Waits as long as it has to, and connects.
    ///
    /// - Throws: Where trying again does not help.
    private mutating func connect() async throws(ClientError) {
      if hasBegun {
        try await client.connection.sleep(
          client.options.eventPause(failures: failures, asked: asked))
        failures += 1
      }
      hasBegun = true
      asked = .zero
      do throws(ClientError) {
        let info = try await client.info()
        let position = newest ?? SequenceNumber(info.size - 1)
        newest = position
        guard info.size > position.value else {
          throw .untrusted(.lostEntries(heard: position, size: info.size))
        }
        body = try await client.connection.stream(
          LedgerClient.eventsPath + "?after=\(position)" + query, lastEventID: "\(position)"
        ).makeAsyncIterator()
        parser = ServerSentEvents(bytesMax: client.options.answerBytesMax)
      } catch {
        switch error {
        case .unreachable, .timedOut: break
        case .refused(let problem) where [429, 503].contains(problem.status):
          asked = .seconds(problem.retryAfterSeconds ?? 0)
        case .refused, .notTaken, .invalidURL, .tls, .untrusted, .malformedAnswer: throw error
        }
      }
    }

    /// Takes the next piece of the connection, or lets go of it where it broke.
    private mutating func read(isolation actor: isolated (any Actor)?) async {
      if let piece = try? await body?.next(isolation: actor) {
        failures = 0
        parser.append(piece.readableBytesView)
        return
      }
      body = nil
      asked = parser.retryMilliseconds.map { .milliseconds($0) } ?? .zero
    }
  }
}

extension ClientOptions {
  /// Before the next connection of a stream: what the server asks for, or longer after failures.
  fileprivate func eventPause(failures: Int, asked: Duration) -> Duration {
    min(max(pauseMin * (1 << min(failures, 16)), asked), eventPauseMax)
  }
}

extension LedgerClient {
  static let eventsPath = "/v1/events"

  /// Follows orders as they become durable.
  ///
  /// - Parameters:
  ///   - after: Begins behind this entry: the newest that was dealt with before, or
  ///     ``SequenceNumber/genesis`` for the whole log. `nil` begins with what comes from now on.
  ///   - account: Only orders that name this account, or moved money of it.
  ///   - kinds: Only orders of these names, such as `pay`; `nil` for all.
  /// - Returns: A sequence without an end of its own; each loop over it follows by itself.
  public func events(
    after: SequenceNumber? = nil, account: AccountID? = nil, kinds: Set<String>? = nil
  ) -> EventStream {
    let query =
      (account.map { "&account=\($0)" } ?? "")
      + (kinds.map { "&kind=" + $0.sorted().joined(separator: ",") } ?? "")
    return EventStream(client: self, after: after, query: query)
  }
}
