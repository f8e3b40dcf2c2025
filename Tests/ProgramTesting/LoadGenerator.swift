import NIOCore
import NIOHTTP1
import NIOPosix

/// Posts prepared submissions on keep-alive connections, all from one event loop, without tasks: so
/// that the load costs little of the processor that it shares with the server, and is sent when it
/// is due.
///
/// A request is due at its instant whether or not earlier ones are answered. One for which no
/// connection is free waits here, and its latency goes on.
package final class LoadGenerator: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let dispatcher: NIOLoopBound<Dispatcher>
  private let loop: any EventLoop

  /// - Parameters:
  ///   - port: Of the server, on loopback.
  ///   - connections: How many requests can be under way.
  /// - Throws: Where one cannot be opened.
  package init(port: Int, connections: Int) async throws {
    let loop = group.next()
    self.loop = loop
    dispatcher = try await loop.submit {
      NIOLoopBound(Dispatcher(loop), eventLoop: loop)
    }.get()
    for _ in 0..<connections {
      let bound = dispatcher
      _ = try await ClientBootstrap(group: loop)
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(Connection(bound.value))
          }
        }
        .connect(host: "127.0.0.1", port: port).get()
    }
  }

  /// Sends all bodies, and waits for the answers.
  ///
  /// - Parameters:
  ///   - bodies: Submissions as protobuf.
  ///   - due: When each is due, in nanoseconds from the start, ascending; `nil` for all at once.
  /// - Returns: Latencies in seconds, from the instant due to the end of the answer.
  /// - Throws: ``ProgramError`` where an answer is not 200.
  package func run(_ bodies: [[UInt8]], due: [Int64]?) async throws -> [Double] {
    let dispatcher = dispatcher
    return try await loop.flatSubmit {
      dispatcher.value.run(bodies.map { ByteBuffer(bytes: $0) }, due)
    }.get()
  }

  package func close() async throws { try await group.shutdownGracefully() }

  /// What is due and not sent, and who is free to send it; on the loop alone.
  fileprivate final class Dispatcher {
    let loop: any EventLoop
    private var bodies: [ByteBuffer] = []
    private var due: [NIODeadline] = []
    private var next = 0
    private var isTimerSet = false
    private var latencies: [Double] = []
    private var done: EventLoopPromise<[Double]>?
    var free: [Connection] = []

    init(_ loop: any EventLoop) { self.loop = loop }

    func run(_ bodies: [ByteBuffer], _ due: [Int64]?) -> EventLoopFuture<[Double]> {
      let start = NIODeadline.now() + .milliseconds(due == nil ? 0 : 20)
      self.bodies = bodies
      self.due =
        due.map { $0.map { start + .nanoseconds($0) } }
        ?? Array(repeating: start, count: bodies.count)
      next = 0
      latencies = []
      latencies.reserveCapacity(bodies.count)
      let done = loop.makePromise(of: [Double].self)
      self.done = done
      send()
      return done.futureResult
    }

    /// Sends what is due, as far as connections are free, and comes back for the next.
    func send() {
      while next < bodies.count, due[next] <= .now(), let connection = free.popLast() {
        connection.send(bodies[next], due: due[next])
        next += 1
      }
      guard next < bodies.count, !free.isEmpty, !isTimerSet else { return }
      isTimerSet = true
      loop.assumeIsolated().scheduleTask(deadline: due[next]) {
        self.isTimerSet = false
        self.send()
      }
    }

    func finish(_ connection: Connection, due instant: NIODeadline, isGood: Bool) {
      guard isGood else {
        done?.fail(ProgramError("the server answered otherwise than 200"))
        done = nil
        return
      }
      latencies.append(Double((.now() - instant).nanoseconds) / 1e9)
      free.append(connection)
      if latencies.count == bodies.count {
        done?.succeed(latencies)
        done = nil
      } else {
        send()
      }
    }
  }

  fileprivate final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let dispatcher: Dispatcher
    private var context: ChannelHandlerContext?
    private var due = NIODeadline.now()
    private var isGood = false

    init(_ dispatcher: Dispatcher) { self.dispatcher = dispatcher }

    func channelActive(context: ChannelHandlerContext) {
      self.context = context
      dispatcher.free.append(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ body: ByteBuffer, due: NIODeadline) {
      guard let context else { return dispatcher.finish(self, due: due, isGood: false) }
      self.due = due
      var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/v1/submissions")
      head.headers = [
        "host": "127.0.0.1", "content-type": "application/x-protobuf",
        "content-length": String(body.readableBytes),
      ]
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): isGood = head.status == .ok
      case .body: break
      case .end: dispatcher.finish(self, due: due, isGood: isGood)
      }
    }
  }
}
