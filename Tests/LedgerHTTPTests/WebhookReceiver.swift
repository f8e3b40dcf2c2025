import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A bank's end of a webhook, on a port of its own: it answers as it is told, and remembers.
final class WebhookReceiver: Sendable {
  /// What came in one request.
  struct Delivery: Sendable {
    let path: String
    let fields: [String: String]
    let body: [UInt8]
    /// The entries of its events.
    let entries: [UInt64]
    let status: Int
    let time: ContinuousClock.Instant
  }

  typealias Answer = (status: Int, fields: [(String, String)])

  /// What it answers from now on, to events of some entries.
  let answers: Mutex<@Sendable ([UInt64]) -> Answer>
  private let taken = Mutex<[Delivery]>([])

  init(_ answer: @escaping @Sendable ([UInt64]) -> Answer = { _ in (204, []) }) {
    answers = Mutex(answer)
  }

  var deliveries: [Delivery] { taken.withLock { $0 } }

  /// The entries that it has taken, in the order in which they came.
  var entries: [UInt64] { deliveries.filter { 200..<300 ~= $0.status }.flatMap(\.entries) }

  /// Listens while `body` runs.
  func run(
    port: Int = 0, _ body: @Sendable (_ port: Int) async throws -> Void
  ) async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(self))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    do {
      try await body(channel.localAddress?.port ?? port)
    } catch {
      try await channel.close()
      throw error
    }
    try await channel.close()
  }

  private func take(_ head: HTTPRequestHead, _ body: [UInt8]) -> Answer {
    let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    let events = json?["events"] as? [[String: Any]] ?? []
    let entries = events.compactMap { ($0["sequence"] as? NSNumber)?.uint64Value }
    let answer = answers.withLock { $0(entries) }
    var fields: [String: String] = [:]
    for (name, value) in head.headers { fields[name.lowercased()] = value }
    let delivery = Delivery(
      path: head.uri, fields: fields, body: body, entries: entries, status: answer.status,
      time: .now)
    taken.withLock { $0.append(delivery) }
    return answer
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let receiver: WebhookReceiver
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ receiver: WebhookReceiver) { self.receiver = receiver }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        body.clear()
      case .body(var part): body.writeBuffer(&part)
      case .end:
        guard let head else { return }
        let answer = receiver.take(head, Array(body.readableBytesView))
        var fields = HTTPHeaders(answer.fields)
        if answer.status != 204 { fields.add(name: "content-length", value: "0") }
        let response = HTTPResponseHead(
          version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
          headers: fields)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }
  }
}
