import Hummingbird
import HummingbirdCore
import LedgerTLS
import Logging
import NIOCore
import NIOSSL

/// HTTP/1.1 under TLS, by the certificates that were read last.
struct TLSChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private let base: HTTP1Channel
  private let tls: ServerTLS
  private let handshakes: Handshakes
  private let shares: ConnectionShares
  private let limits: HTTPLimits

  init(
    _ base: HTTP1Channel, tls: ServerTLS, handshakes: Handshakes, shares: ConnectionShares,
    limits: HTTPLimits
  ) {
    self.base = base
    self.tls = tls
    self.handshakes = handshakes
    self.shares = shares
    self.limits = limits
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let (context, generation) = tls.current
      try channel.pipeline.syncOperations.addHandlers([
        NIOSSLServerHandler(context: context),
        PeerHandler(limits, generation: generation, handshakes: handshakes, shares: shares),
      ])
    }.flatMap { base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
