import AsyncHTTPClient
import LedgerHTTP
import LedgerService
import LedgerStorage
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Testing

/// Serves `ledger` on a free port while `body` runs, then drains.
func withServer(
  _ ledger: some RunningLedger, documents: any DocumentStore = MemoryDocumentStore(),
  webhooks: Webhooks? = nil, entryAccess: EntryAccess = .refused,
  registry: MetricsRegistry = MetricsRegistry(), limits: HTTPLimits = HTTPLimits(),
  _ body: @Sendable (_ port: Int) async throws -> Void
) async throws {
  let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  let (ports, listening) = AsyncStream<Int>.makeStream()
  let webhooks = try webhooks ?? .none(of: ledger)
  let server = try LedgerServer(
    ledger: ledger, documents: documents, host: "127.0.0.1", port: 0, webhooks: webhooks,
    entryAccess: entryAccess,
    registry: registry,
    limits: limits, logger: logger
  ) { listening.yield($0) }
  let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(services: [server, webhooks], logger: logger))
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    do {
      try await body(port)
    } catch {
      await group.triggerGracefulShutdown()
      throw error
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
  }
}

extension Webhooks {
  /// Those of a server that sends to nobody.
  static func none(of ledger: some RunningLedger) throws -> Webhooks {
    try Webhooks(
      of: ledger, in: MemoryWebhookStore(), sender: nil, isUnderTLS: false,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
}

/// An answer, flat enough to compare.
struct Answer: Hashable, Sendable {
  let status: UInt
  let fields: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var type: String? { fields["content-type"] }
}

func send(
  _ port: Int, _ path: String, method: HTTPMethod = .GET, _ fields: [(String, String)] = [],
  body: [UInt8]? = nil
) async throws -> Answer {
  var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
  request.method = method
  for (name, value) in fields { request.headers.add(name: name, value: value) }
  if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
  let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
  let buffer = try await response.body.collect(upTo: 32 << 20)
  var headers: [String: String] = [:]
  for (name, value) in response.headers { headers[name.lowercased()] = value }
  return Answer(
    status: response.status.code, fields: headers, body: Array(buffer.readableBytesView))
}

/// What a connection does, for requests that no client library sends.
enum Step: Sendable {
  case send(String)
  case sendBytes([UInt8])
  case pause(Duration)
  /// Sends the text again and again.
  case drip(String, every: Duration, times: Int)
  /// Closes its own direction.
  case finish
}

/// Does the steps, reads until the server closes, and returns what came.
///
/// - Throws: ``TooSlow`` where the server does not close in time.
func converse(_ port: Int, _ steps: [Step], within limit: Duration = .seconds(40)) async throws
  -> String
{
  let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .channelOption(.allowRemoteHalfClosure, value: true)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
          wrappingChannelSynchronously: channel,
          configuration: NIOAsyncChannel.Configuration(isOutboundHalfClosureEnabled: true))
      }
    }
  return try await withThrowingTaskGroup(of: String?.self) { tasks in
    tasks.addTask {
      try await channel.executeThenClose { inbound, outbound in
        try await withThrowingTaskGroup(of: Void.self) { sending in
          // A server that closes while we still send is what some of the tests are about.
          sending.addTask { try? await perform(steps, outbound) }
          var text = ""
          do {
            for try await buffer in inbound { text += String(buffer: buffer) }
          } catch is IOError {}
          sending.cancelAll()
          return text
        }
      }
    }
    tasks.addTask {
      try await Task.sleep(for: limit)
      return nil
    }
    let first = try await tasks.next()
    tasks.cancelAll()
    guard let text = first.flatMap({ $0 }) else { throw TooSlow() }
    return text
  }
}

struct TooSlow: Error {}

private func perform(
  _ steps: [Step], _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
) async throws {
  for step in steps {
    switch step {
    case .send(let text): try await outbound.write(ByteBuffer(string: text))
    case .sendBytes(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
    case .pause(let duration): try await Task.sleep(for: duration)
    case .drip(let text, let interval, let times):
      for _ in 0..<times {
        try await outbound.write(ByteBuffer(string: text))
        try await Task.sleep(for: interval)
      }
    case .finish: outbound.finish()
    }
  }
}
