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

  private let http: HTTPClient

  package init() {
    http = HTTPClient(
      eventLoopGroupProvider: .singleton,
      configuration: HTTPClient.Configuration(
        redirectConfiguration: .disallow,
        connectionPool: HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(20))))
  }

  deinit { http.shutdown { _ in } }

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - prefix: The witness's URL.
  ///   - path: Below it, without a slash before.
  ///   - body: What is posted; `nil` to read.
  ///   - timeoutNanoseconds: For the whole of it.
  /// - Returns: The answer, whatever its status.
  /// - Throws: Where there is none, or one that is too long.
  package func send(
    to prefix: String, path: String, body: [UInt8]?, timeoutNanoseconds: UInt64
  ) async throws(Failure) -> Reply {
    var request = HTTPClientRequest(url: (prefix.hasSuffix("/") ? prefix : prefix + "/") + path)
    if let body {
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/octet-stream")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    do {
      let response = try await http.execute(
        request, timeout: .nanoseconds(Int64(clamping: timeoutNanoseconds)))
      var bytes = try await response.body.collect(
        upTo: LogLimits.addCheckpointAnswerByteCountMax)
      return Reply(
        status: Int(response.status.code),
        mediaType: response.headers.first(name: "content-type"),
        body: bytes.readBytes(length: bytes.readableBytes) ?? [])
    } catch let error as HTTPClientError where error == .deadlineExceeded {
      throw Failure(description: "no answer in \(timeoutNanoseconds / 1_000_000) ms")
    } catch is NIOTooManyBytesError {
      throw Failure(description: "its answer is too long")
    } catch {
      throw Failure(description: "\(error)")
    }
  }
}
