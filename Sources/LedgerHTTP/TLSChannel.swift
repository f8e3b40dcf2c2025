import Hummingbird
import HummingbirdCore
import LedgerTLS
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// HTTP/1.1 under TLS, by the certificates that were read last.
struct TLSChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private let base: HTTP1Channel
  private let tls: ServerTLS
  private let limits: HTTPLimits
  private let refusals: RefusalCounts

  init(_ base: HTTP1Channel, tls: ServerTLS, limits: HTTPLimits, refusals: RefusalCounts) {
    self.base = base
    self.tls = tls
    self.limits = limits
    self.refusals = refusals
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandlers([
        NIOSSLServerHandler(context: tls.context), HandshakeGuard(limits, refusals: refusals),
      ])
    }.flatMap { base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}

/// Ends connections whose handshake fails, or takes too long.
final class HandshakeGuard: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let limits: HTTPLimits
  private let refusals: RefusalCounts
  private var isDone = false
  private var timer: Scheduled<Void>?

  init(_ limits: HTTPLimits, refusals: RefusalCounts) {
    self.limits = limits
    self.refusals = refusals
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.handshakeTimeout) {
      self.fail(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent {
      isDone = true
      timer?.cancel()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard isDone else { return fail(context) }
    context.fireErrorCaught(error)
  }

  private func fail(_ context: ChannelHandlerContext) {
    timer?.cancel()
    isDone = true
    refusals.add("tls_handshake_failed")
    context.close(promise: nil)
  }
}
