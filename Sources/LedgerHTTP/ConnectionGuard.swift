import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Ends connections that take too long over a request, and answers those that send no HTTP.
///
/// Silence is ended by the server's idle timeout; this handler adds what that one misses: a body
/// that drips (each drop counts as life there), and a caller that goes on sending after an answer
/// that closes the connection.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private enum Phase {
    case serving
    /// The answer under way says `Connection: close`.
    case answeringLast
    /// The answer is out; what arrives is thrown away.
    case lingering
  }

  private let limits: HTTPLimits
  private var phase = Phase.serving
  /// When the request that is arriving began; `nil` between requests.
  private var requestBegan: NIODeadline?
  private var timer: Scheduled<Void>?
  private var parserError: HTTPParserError?

  init(_ limits: HTTPLimits) { self.limits = limits }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .lingering = phase { return }
    switch unwrapInboundIn(data) {
    case .head:
      requestBegan = .now()
      // One timer a connection, not one a request: it looks when it fires.
      if timer == nil { schedule(in: limits.requestTimeout, context) }
    case .body: break
    case .end: requestBegan = nil
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? HTTPParserError { parserError = error }
    context.fireErrorCaught(error)
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      if head.headerFields[.connection] == "close" { phase = .answeringLast }
      if head.status.kind != .successful, head.headerFields[.contentType] == nil {
        writeProblem(inPlaceOf: head, context, promise)
      } else {
        context.write(data, promise: promise)
      }
    case .body: context.write(data, promise: promise)
    case .end:
      context.write(data, promise: promise)
      if case .answeringLast = phase {
        phase = .lingering
        context.flush()
        context.close(mode: .output, promise: nil)
        timer?.cancel()
        schedule(in: limits.lingerTimeout, context)
      }
    }
  }

  /// Writes a problem where Hummingbird wrote an empty answer of its own.
  private func writeProblem(
    inPlaceOf head: HTTPResponse, _ context: ChannelHandlerContext,
    _ promise: EventLoopPromise<Void>?
  ) {
    let problem: Problem =
      switch parserError {
      case .some(.headerOverflow): .headersTooLarge(limits)
      case .some: .malformedHTTP
      case nil: head.status == .badRequest ? .malformedHTTP : .internalFault
      }
    phase = .answeringLast
    context.write(wrapOutboundOut(.head(problem.head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: problem.json))), promise: promise)
  }

  private func schedule(in delay: TimeAmount, _ context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
      self.timer = nil
      self.timerFired(context)
    }
  }

  private func timerFired(_ context: ChannelHandlerContext) {
    if case .lingering = phase { return context.close(promise: nil) }
    guard let requestBegan else { return }
    let left = requestBegan + limits.requestTimeout - .now()
    if left > .zero { schedule(in: left, context) } else { context.close(promise: nil) }
  }
}
