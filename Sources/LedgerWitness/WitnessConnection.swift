import AsyncHTTPClient
import MerkleLog
import NIOCore
import NIOHTTP1

/// Asks witnesses over HTTP.
package final class WitnessConnection: Sendable {
  /// What a witness answered.
  package struct Reply: Hashable, Sendable {
    package let status: Int
    package let mediaType: String?
    package let body: [UInt8]
  }

  /// Why there is no answer: a line for people.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// How long nothing may come while an answer does.
  private static let readTimeout = TimeAmount.seconds(5)

  private let http: HTTPClient

  package init() {
    http = HTTPClient(
      eventLoopGroupProvider: .singleton,
      configuration: HTTPClient.Configuration(
        redirectConfiguration: .disallow,
        timeout: HTTPClient.Configuration.Timeout(read: Self.readTimeout),
        connectionPool: HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(20))))
  }

  deinit { http.shutdown { _ in } }

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - prefix: The witness's URL.
  ///   - path: Below it, without a slash before.
  ///   - body: What is posted; `nil` to read.
  ///   - timeoutNanoseconds: For the whole of it, to the last byte of the answer.
  /// - Returns: The answer, whatever its status.
  /// - Throws: Where there is none, or one that is too long.
  package func send(
    to prefix: String, path: String, body: [UInt8]?, timeoutNanoseconds: UInt64
  ) async throws(Failure) -> Reply {
    let work = Work(http: http, request: Self.request(prefix, path, body))
    let late = Failure(description: "no answer in \(timeoutNanoseconds / 1_000_000) ms")
    // The client's own deadline ends with the head of an answer; its body could drip for ever.
    let first = await withTaskGroup(of: Result<Reply, Failure>.self) { group in
      group.addTask { await work.run(timeoutNanoseconds, late) }
      group.addTask {
        try? await Task.sleep(for: .nanoseconds(Int64(clamping: timeoutNanoseconds)))
        return .failure(late)
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(late)
    }
    return try first.get()
  }

  private static func request(
    _ prefix: String, _ path: String, _ body: [UInt8]?
  ) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: (prefix.hasSuffix("/") ? prefix : prefix + "/") + path)
    if let body {
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/octet-stream")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    return request
  }

  private struct Work: Sendable {
    let http: HTTPClient
    let request: HTTPClientRequest

    func run(_ timeoutNanoseconds: UInt64, _ late: Failure) async -> Result<Reply, Failure> {
      do {
        let response = try await http.execute(
          request, timeout: .nanoseconds(Int64(clamping: timeoutNanoseconds)))
        var bytes = try await response.body.collect(
          upTo: LogLimits.addCheckpointAnswerByteCountMax)
        return .success(
          Reply(
            status: Int(response.status.code),
            mediaType: response.headers.first(name: "content-type"),
            body: bytes.readBytes(length: bytes.readableBytes) ?? []))
      } catch let error as HTTPClientError
        where error == .deadlineExceeded || error == .readTimeout
      {
        return .failure(late)
      } catch is NIOTooManyBytesError {
        return .failure(Failure(description: "its answer is too long"))
      } catch {
        return .failure(Failure(description: "\(error)"))
      }
    }
  }
}
