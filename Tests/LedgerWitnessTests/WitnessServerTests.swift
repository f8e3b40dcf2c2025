import LedgerHTTP
import LedgerWitness
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// Collects what arrives until the other side closes.
private final class Collecting: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var bytes = ByteBuffer()
  private let done: EventLoopPromise<String>

  init(_ done: EventLoopPromise<String>) { self.done = done }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    bytes.writeBuffer(&part)
  }

  func channelInactive(context: ChannelHandlerContext) { done.succeed(String(buffer: bytes)) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

@Suite struct WitnessServerTests {
  /// Goal: no path of a witness lets a request last, and one whose body is not read ends its
  /// connection.
  @Test(arguments: ["/v1/submissions/stream", "/add-checkpoint", "/other"])
  func slowBodiesEnd(path: String) async throws {
    let fixture = try WitnessFixture()
    let witness = try fixture.open()
    var limits = WitnessLimits()
    limits.http.requestTimeout = .milliseconds(300)
    limits.http.lingerTimeout = .milliseconds(100)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let server = try WitnessServer(
      witness: witness, host: "127.0.0.1", port: 0, limits: limits, logger: logger,
      fail: { _ in }, onListening: { listening.yield($0) })
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      let done = loop.makePromise(of: String.self)
      let channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Collecting(done))
          }
        }
        .connect(host: "127.0.0.1", port: port).get()
      let head = "POST \(path) HTTP/1.1\r\nhost: w\r\ncontent-length: 100000\r\n\r\n"
      try await channel.writeAndFlush(ByteBuffer(string: head))
      let began = ContinuousClock.now
      channel.eventLoop.scheduleRepeatedTask(
        initialDelay: .milliseconds(20), delay: .milliseconds(20)
      ) { task in
        guard channel.isActive else { return task.cancel() }
        channel.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
      }
      let answer = try await done.futureResult.get()
      #expect(ContinuousClock.now - began < .seconds(5))
      #expect(answer.hasPrefix(path == "/add-checkpoint" ? "HTTP/1.1 408" : "HTTP/1.1 404"))
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    try witness.store.close()
  }
}
