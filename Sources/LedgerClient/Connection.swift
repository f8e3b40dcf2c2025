import AsyncHTTPClient
import FoundationEssentials
import LedgerTLS
import NIOCore
import NIOHTTP1

/// Sends requests, and tries again where that cannot do harm.
final class Connection: Sendable {
  private let http: HTTPClient
  /// Of streams, each of which has a connection for as long as it is followed.
  private let streams: HTTPClient
  private let baseURL: String
  private let options: ClientOptions
  /// Whether the server can know who asks, and so withhold what is another's.
  let showsCertificate: Bool

  /// - Throws: ``ClientError/tls(_:)``.
  init(_ url: ServerURL, tls: ClientTLS?, options: ClientOptions) throws(ClientError) {
    baseURL = url.text
    self.options = options
    showsCertificate = url.text.hasPrefix("https://") && tls?.certificate != nil
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: try ClientTLS.configuration(of: tls),
      redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: .seconds(5)),
      // Below the server's idle timeout, so that it is not the server who closes.
      connectionPool: HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(20)))
    http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    configuration.timeout.read = .nanoseconds(
      Int64(options.eventQuietTimeout / .nanoseconds(1)))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.streamsMax
    streams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Streams that are followed at once; others wait for one that ends.
  private static let streamsMax = 1_024

  deinit {
    http.shutdown { _ in }
    streams.shutdown { _ in }
  }

  /// Reads a path, once.
  func get(_ path: String) async throws(ClientError) -> [UInt8] {
    try await send(HTTPClientRequest(url: baseURL + path), path)
  }

  /// Reads a path's JSON.
  func read<Answer: Decodable>(
    _ type: Answer.Type, _ path: String
  ) async throws(ClientError) -> Answer {
    let bytes = try await get(path)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
  }

  /// Posts protobuf, and returns protobuf.
  func post(_ path: String, _ body: [UInt8]) async throws(ClientError) -> [UInt8] {
    var request = HTTPClientRequest(url: baseURL + path)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/x-protobuf")
    request.headers.add(name: "accept", value: "application/x-protobuf")
    request.body = .bytes(ByteBuffer(bytes: body))
    return try await send(request, path)
  }

  /// Posts XML, and returns what it is answered: JSON, XML, or XML that refuses it.
  func postXML(
    _ path: String, _ body: [UInt8]
  ) async throws(ClientError) -> (bytes: [UInt8], isJSON: Bool, isRefused: Bool) {
    var request = HTTPClientRequest(url: baseURL + path)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/xml")
    request.body = .bytes(ByteBuffer(bytes: body))
    let deadline = requestDeadline
    do {
      let response = try await http.execute(request, timeout: requestTimeout)
      let isXML =
        response.headers.first(name: "content-type")?.hasPrefix("application/xml") ?? false
      let isRefused = response.status == .unprocessableEntity
      guard response.status == .ok || (isRefused && isXML) else {
        throw try await problem(response, path, until: deadline)
      }
      return (try await bytes(response, until: deadline), !isXML, isRefused)
    } catch {
      throw failure(error, path)
    }
  }

  /// Changes what is at a path, with JSON where there is something to say, and reads the answer.
  func change<Answer: Decodable>(
    _ type: Answer.Type, _ method: HTTPMethod, _ path: String, _ body: (any Encodable)?
  ) async throws(ClientError) -> Answer {
    var request = HTTPClientRequest(url: baseURL + path)
    request.method = method
    if let body {
      request.headers.add(name: "content-type", value: "application/json")
      guard let bytes = try? JSONEncoder().encode(body) else {
        preconditionFailure("a request's body did not encode")
      }
      request.body = .bytes(ByteBuffer(bytes: bytes))
    }
    let bytes = try await send(request, path)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
  }

  /// Opens a stream of Server-Sent Events, which comes as fast as it is read.
  ///
  /// - Throws: ``ClientError``, for whatever is answered but a stream.
  func stream(
    _ path: String, lastEventID: String
  ) async throws(ClientError) -> HTTPClientResponse.Body {
    var request = HTTPClientRequest(url: baseURL + path)
    request.headers.add(name: "accept", value: "text/event-stream")
    request.headers.add(name: "last-event-id", value: lastEventID)
    let deadline = requestDeadline
    do {
      let response = try await streams.execute(request, timeout: requestTimeout)
      if response.status == .ok { return response.body }
      throw try await problem(response, path, until: deadline)
    } catch {
      throw failure(error, path)
    }
  }

  /// Does something again, with growing pauses, while the server is away or says 503.
  ///
  /// - Throws: What came last, once `deadline` has passed.
  func retrying<Answer>(
    until deadline: ContinuousClock.Instant,
    _ attempt: () async throws(ClientError) -> Answer
  ) async throws(ClientError) -> Answer {
    var pause = options.pauseMin
    while true {
      let failure: ClientError
      do throws(ClientError) {
        return try await attempt()
      } catch {
        failure = error
      }
      switch failure {
      case .unreachable, .timedOut: break
      case .refused(let problem) where problem.status == 503:
        pause = max(pause, .seconds(problem.retryAfterSeconds ?? 0))
      case .refused, .notTaken, .invalidURL, .tls, .untrusted, .malformedAnswer: throw failure
      }
      guard ContinuousClock.now + pause < deadline else { throw failure }
      try await sleep(pause)
      pause = min(pause * 2, options.pauseMax)
    }
  }

  func sleep(_ duration: Duration) async throws(ClientError) {
    do {
      try await Task.sleep(for: duration)
    } catch {
      throw .timedOut(waitingFor: "the answer, before the task was cancelled,")
    }
  }

  private var requestTimeout: TimeAmount {
    .nanoseconds(Int64(options.requestTimeout / .nanoseconds(1)))
  }

  /// When a request that begins now must be answered, to the last byte.
  private var requestDeadline: ContinuousClock.Instant { .now + options.requestTimeout }

  private func send(
    _ request: HTTPClientRequest, _ path: String
  ) async throws(ClientError) -> [UInt8] {
    let deadline = requestDeadline
    do {
      let response = try await http.execute(request, timeout: requestTimeout)
      if response.status == .ok { return try await bytes(response, until: deadline) }
      throw try await problem(response, path, until: deadline)
    } catch {
      throw failure(error, path)
    }
  }

  /// Reads an answer's body in time: the library's own ends with the head, behind which a server
  /// can fall silent.
  private func bytes(
    _ response: HTTPClientResponse, until deadline: ContinuousClock.Instant
  ) async throws -> [UInt8] {
    try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask { [options] in
        var collected = try await response.body.collect(upTo: options.answerBytesMax)
        return collected.readBytes(length: collected.readableBytes) ?? []
      }
      group.addTask {
        try await Task.sleep(until: deadline)
        return nil
      }
      defer { group.cancelAll() }
      guard let bytes = try await group.next() ?? nil else {
        throw HTTPClientError.deadlineExceeded
      }
      return bytes
    }
  }

  /// Statuses with which a gateway, or a server that fails, says that there is no answer.
  private static let unansweredStatuses: ClosedRange<UInt> = 500...599

  /// What an answer says that is none.
  private func problem(
    _ response: HTTPClientResponse, _ path: String, until deadline: ContinuousClock.Instant
  ) async throws -> ClientError {
    let bytes = try await bytes(response, until: deadline)
    guard let problem = try? JSONDecoder().decode(ProblemAnswer.self, from: Data(bytes)) else {
      if Self.unansweredStatuses.contains(response.status.code) {
        return .unreachable(
          url: baseURL, reason: "status `\(response.status.code)` comes in its place")
      }
      return .malformedAnswer(path: path, reason: "status \(response.status.code), no problem")
    }
    return .refused(
      ServerProblem(
        status: Int(response.status.code), code: problem.code, detail: problem.detail,
        retryAfterSeconds: response.headers.first(name: "retry-after").flatMap { Int($0) }))
  }

  /// An error of the connection, or of what was read, as one of the client.
  private func failure(_ error: any Error, _ path: String) -> ClientError {
    switch error {
    case let error as ClientError: return error
    case let error as HTTPClientError where error == .deadlineExceeded:
      return .timedOut(waitingFor: "the answer of `\(path)`")
    case is NIOTooManyBytesError:
      return .malformedAnswer(
        path: path, reason: "it has more than `\(options.answerBytesMax)` bytes")
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      return .unreachable(
        url: baseURL,
        reason: baseURL.hasPrefix("http://")
          ? "it closes the connection; of a server with TLS, write `https://`"
          : "it closes the connection")
    default:
      if let problem = TLSProblem(clientError: error) {
        return .tls("`\(baseURL)`: \(problem.words)")
      }
      return .unreachable(url: baseURL, reason: "\(error)")
    }
  }
}
