import AsyncHTTPClient
import FoundationEssentials
import LedgerTLS
import NIOCore
import NIOHTTP1

/// Sends requests, and tries again where that cannot do harm.
final class Connection: Sendable {
  private let http: HTTPClient
  private let baseURL: String
  private let options: ClientOptions
  /// Whether the server can know who asks, and so withhold what is another's.
  let showsCertificate: Bool

  /// - Throws: ``ClientError/tls(_:)``.
  init(_ url: ServerURL, tls: ClientTLS?, options: ClientOptions) throws(ClientError) {
    baseURL = url.text
    self.options = options
    showsCertificate = url.text.hasPrefix("https://") && tls?.certificate != nil
    http = HTTPClient(
      eventLoopGroupProvider: .singleton,
      configuration: HTTPClient.Configuration(
        tlsConfiguration: try ClientTLS.configuration(of: tls),
        redirectConfiguration: .disallow,
        timeout: HTTPClient.Configuration.Timeout(connect: .seconds(5)),
        // Below the server's idle timeout, so that it is not the server who closes.
        connectionPool: HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(20))))
  }

  deinit { http.shutdown { _ in } }

  /// Reads a path, and tries again while the server is overloaded or away, for one request's time.
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

  private func send(
    _ request: HTTPClientRequest, _ path: String
  ) async throws(ClientError) -> [UInt8] {
    let response: HTTPClientResponse
    let bytes: [UInt8]
    do {
      response = try await http.execute(
        request, timeout: .nanoseconds(Int64(options.requestTimeout / .nanoseconds(1))))
      var collected = try await response.body.collect(upTo: options.answerBytesMax)
      bytes = collected.readBytes(length: collected.readableBytes) ?? []
    } catch let error as HTTPClientError where error == .deadlineExceeded {
      throw .timedOut(waitingFor: "the answer of `\(path)`")
    } catch is NIOTooManyBytesError {
      throw .malformedAnswer(
        path: path, reason: "it has more than `\(options.answerBytesMax)` bytes")
    } catch let error as HTTPClientError where error == .remoteConnectionClosed {
      throw .unreachable(
        url: baseURL,
        reason: baseURL.hasPrefix("http://")
          ? "it closes the connection; of a server with TLS, write `https://`"
          : "it closes the connection")
    } catch {
      if let problem = TLSProblem(clientError: error) {
        throw .tls("`\(baseURL)`: \(problem.words)")
      }
      throw .unreachable(url: baseURL, reason: "\(error)")
    }
    if response.status == .ok { return bytes }
    guard let problem = try? JSONDecoder().decode(ProblemAnswer.self, from: Data(bytes)) else {
      throw .malformedAnswer(path: path, reason: "status \(response.status.code), no problem")
    }
    throw .refused(
      ServerProblem(
        status: Int(response.status.code), code: problem.code, detail: problem.detail,
        retryAfterSeconds: response.headers.first(name: "retry-after").flatMap { Int($0) }))
  }
}
