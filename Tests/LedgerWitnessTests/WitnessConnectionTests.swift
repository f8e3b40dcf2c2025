import Foundation
import LedgerWitness
import MerkleLog
import NIOCore
import NIOPosix
import Testing

/// Answers each connection with a head, and then one byte at a time for ever.
private final class Dripping: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 4096\r\n\r\n"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
    let channel = context.channel
    channel.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(20), delay: .milliseconds(20)
    ) { task in
      guard channel.isActive else { return task.cancel() }
      channel.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
    }
  }
}

@Suite struct WitnessConnectionTests {
  /// Goal: the time is over for an answer whose body drips, too.
  @Test func aDrippingBodyEnds() async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { $0.pipeline.addHandler(Dripping()) }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let connection = WitnessConnection()
    let began = ContinuousClock.now
    for body in [[UInt8]?.none, [1, 2, 3]] {
      do throws(WitnessConnection.Failure) {
        _ = try await connection.send(
          to: "http://127.0.0.1:\(port)/", path: "x", body: body,
          timeoutNanoseconds: 300_000_000)
        Issue.record("it answered")
      } catch {
        #expect(error.description == "no answer in 300 ms")
      }
    }
    #expect(ContinuousClock.now - began < .seconds(60))
    try await server.close().get()
  }
}
