import LedgerModel
import LedgerTLS
import NIOCore
import NIOSSL
import NIOTLS

/// Keeps who is at the other end of a TLS connection, and ends one whose handshake fails or takes
/// too long.
final class PeerHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// A client by its certificate, as the handshake showed it.
  struct Peer: Sendable {
    let certificate: SPKIHash
    let validity: ClosedRange<LedgerTime>
    /// Of the files by which it was let in.
    let generation: Int

    /// Whether it would be let in now: a connection, and a session that is taken up again, outlive
    /// what let them in.
    func isGood(for tls: ServerTLS, at now: LedgerTime) -> Bool {
      generation == tls.generation && validity.contains(now)
    }
  }

  /// `nil` until the handshake is done.
  private(set) var peer: Peer?
  private let limits: HTTPLimits
  private let generation: Int
  private let handshakes: Handshakes
  private let shares: ConnectionShares
  private var isGivenUp = false
  private var timer: Scheduled<Void>?

  init(
    _ limits: HTTPLimits, generation: Int, handshakes: Handshakes, shares: ConnectionShares
  ) {
    self.limits = limits
    self.generation = generation
    self.handshakes = handshakes
    self.shares = shares
  }

  func handlerAdded(context: ChannelHandlerContext) {
    handshakes.begin(context.channel)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.handshakeTimeout) {
      self.giveUp("it took too long", context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end(context)
    letGo()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(context)
    letGo()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    end(context)
    do {
      guard
        let certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate()
      else { return giveUp("no certificate was shown", context) }
      let spki = try SPKIHash(of: certificate)
      guard shares.take(for: spki) else {
        return giveUp("its certificate has all the connections that it may", context)
      }
      peer = Peer(
        certificate: spki, validity: certificate.validity, generation: generation)
    } catch {
      return giveUp("the certificate's key is not understood", context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard peer == nil else { return context.fireErrorCaught(error) }
    giveUp(TLSProblem(error).words, context)
  }

  private func giveUp(_ reason: String, _ context: ChannelHandlerContext) {
    guard !isGivenUp else { return }
    isGivenUp = true
    end(context)
    handshakes.count(failure: reason, from: context.remoteAddress?.ipAddress)
    context.close(promise: nil)
  }

  private func letGo() {
    guard let peer else { return }
    shares.release(for: peer.certificate)
    self.peer = nil
  }

  private func end(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    handshakes.end(context.channel)
  }
}
