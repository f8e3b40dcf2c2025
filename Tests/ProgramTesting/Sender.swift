package import AsyncHTTPClient
import Foundation
package import NIOCore
import NIOHTTP1

/// Posts signed submissions, and believes the server's word: for load, where proofs are not the
/// question.
package struct Sender: Sendable {
  package let client: HTTPClient
  package let url: String

  package init(url: String, connectionsMax: Int = 64) {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.url = url
  }

  /// - Throws: ``ProgramError`` unless the server answers that it is durable.
  package func post(_ body: [UInt8]) async throws {
    var request = HTTPClientRequest(url: url + "/v1/submissions")
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/x-protobuf")
    request.body = .bytes(ByteBuffer(bytes: body))
    let response = try await client.execute(request, timeout: .seconds(60))
    let answer = try await response.body.collect(upTo: 16 << 20)
    guard response.status == .ok else {
      throw ProgramError("the server answered \(response.status): \(String(buffer: answer))")
    }
  }

  /// Sends submissions on one stream, and reads its answers to the end.
  ///
  /// - Parameter body: The submissions, each behind its length, in pieces of any size.
  /// - Returns: The answers, each behind its length.
  /// - Throws: ``ProgramError`` where the server does not begin the stream.
  package func stream(_ body: [ByteBuffer]) async throws -> ByteBuffer {
    var request = HTTPClientRequest(url: url + "/v1/submissions/stream")
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/x-protobuf")
    let pieces = AsyncStream<ByteBuffer> { continuation in
      for piece in body { continuation.yield(piece) }
      continuation.finish()
    }
    request.body = .stream(pieces, length: .unknown)
    let response = try await client.execute(request, timeout: .seconds(120))
    guard response.status == .ok else {
      throw ProgramError("the server answered \(response.status)")
    }
    return try await response.body.collect(upTo: 1 << 30)
  }

  /// Reads a resource.
  package func get(_ path: String) async throws -> (status: UInt, body: String) {
    let (status, bytes) = try await bytes(path)
    return (status, String(decoding: bytes, as: UTF8.self))
  }

  /// Reads a resource that is no text.
  package func bytes(_ path: String) async throws -> (status: UInt, body: [UInt8]) {
    let response = try await client.execute(
      HTTPClientRequest(url: url + path), timeout: .seconds(10))
    let body = try await response.body.collect(upTo: 32 << 20)
    return (response.status.code, Array(body.readableBytesView))
  }

  /// Reads a resource of any server, once.
  ///
  /// - Throws: ``ProgramError`` unless it is there.
  package static func read(_ url: String) async throws -> String {
    let response = try await HTTPClient.shared.execute(
      HTTPClientRequest(url: url), timeout: .seconds(10))
    guard response.status == .ok else {
      throw ProgramError("`\(url)` answers \(response.status)")
    }
    return String(buffer: try await response.body.collect(upTo: 16 << 20))
  }

  /// Waits until the server takes orders, for at most 20 s.
  package func waitUntilReady() async throws {
    for _ in 0..<400 {
      if let answer = try? await get("/readyz"), answer.status == 200 { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw ProgramError("the server is not ready within 20 s")
  }

  package func close() async throws { try await client.shutdown() }
}
