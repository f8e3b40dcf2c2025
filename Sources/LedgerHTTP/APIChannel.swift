import Hummingbird
import HummingbirdCore
import LedgerTLS
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// HTTP/1.1, perhaps under TLS, by the certificates that were read last.
struct APIChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  /// What a connection under TLS is let in by.
  struct Security {
    let tls: ServerTLS
    let handshakes: Handshakes
    let shares: ConnectionShares
  }

  private let base: HTTP1Channel
  private let security: Security?
  private let limits: HTTPLimits

  init(_ base: HTTP1Channel, security: Security?, limits: HTTPLimits) {
    self.base = base
    self.security = security
    self.limits = limits
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      guard let security else { return }
      let (context, generation) = security.tls.current
      try channel.pipeline.syncOperations.addHandlers([
        NIOSSLServerHandler(context: context),
        PeerHandler(
          limits, generation: generation, handshakes: security.handshakes,
          shares: security.shares),
      ])
    }.flatMap {
      base.setup(channel: channel, logger: logger)
    }.flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(RequestHeadCheck(), position: .after(decoder))
      return value
    }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
