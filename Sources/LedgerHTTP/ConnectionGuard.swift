import HTTPTypes
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes

/// Ends connections that take too long, and answers those that send no HTTP.
///
/// Too long is: silence between requests, a head or a body that does not end, however lively it
/// drips, a caller that never reads its answers, a stream on which nothing moves, and one that goes
/// on sending after an answer that closes the connection. A request that asks for another protocol
/// is answered, and ends the connection.
package final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  private enum Phase {
    case serving
    /// The answer under way says `Connection: close`.
    case answeringLast
    /// That answer is written; what arrives is thrown away.
    case ending
    /// It is out, and the caller has a little time to read it.
    case lingering
  }

  /// Tells the handlers behind that the request under way has been answered here, and is given up.
  struct RequestGivenUp {}

  /// What becomes of a connection that no handler behind hears of.
  package enum Event: Sendable {
    case opened
    case closed
    /// A request, or what was to be one, was answered here.
    case answered(status: Int)
  }

  private let limits: HTTPLimits
  private let tell: @Sendable (Event) -> Void
  private let streamPath: String?
  private let eventsPath: String?
  private var phase = Phase.serving
  /// Whether this read brought a part of a request.
  private var hasReadPart = false
  /// When the request that is arriving began; `nil` between requests.
  private var requestBegan: NIODeadline?
  /// Whether its head is complete, so that it can be answered.
  private var hasHead = false
  /// Whether the newest request asks for another protocol: nothing behind it is read as HTTP, so
  /// that its answer, which is one in HTTP, is the last.
  private var asksForUpgrade = false
  /// Requests whose heads have arrived, and answers that have begun to be written.
  private var requestsRead = 0
  private var answersBegun = 0
  /// Requests that have arrived whole, and answers that are out; an answer may come first.
  private var endsRead = 0
  private var answersOut = 0
  /// Whole requests whose answers the caller's side has not taken yet.
  private var unanswered: Int { max(0, endsRead - answersOut) }
  /// Since when the first of them waits; `nil` where there is none.
  private var answerAwaited: NIODeadline?
  /// When a byte last moved on a stream of submissions or of events; `nil` where the connection has
  /// none.
  private var streamMoved: NIODeadline?
  /// Since when there is no request.
  private var idleSince = NIODeadline.now()
  private var timer: Scheduled<Void>?
  private var timerDue = NIODeadline.distantFuture
  /// What is wrong with the bytes behind which nothing is read.
  private var fault: Problem?

  /// Creates the guard of one connection.
  ///
  /// - Parameters:
  ///   - limits: Of the server.
  ///   - streamPath: Where a request may last, while something moves; `nil` where none may.
  ///   - eventsPath: Where an answer may; `nil` where none may.
  ///   - tell: Told of what is to be counted.
  package init(
    _ limits: HTTPLimits, streamPath: String?, eventsPath: String? = nil,
    tell: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.limits = limits
    self.tell = tell
    self.streamPath = streamPath
    self.eventsPath = eventsPath
  }

  package func handlerAdded(context: ChannelHandlerContext) {
    tell(.opened)
    watch(context)
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    tell(.closed)
    timer?.cancel()
    timer = nil
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    hasReadPart = true
    guard isOpen else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      if isStream(head) { streamMoved = .now() }
      asksForUpgrade = head.method == .connect || head.headerFields[.upgrade] != nil
      requestBegan = requestBegan ?? .now()
      hasHead = true
      requestsRead += 1
    case .body: if streamMoved != nil { streamMoved = .now() }
    case .end:
      requestBegan = nil
      hasHead = false
      endsRead += 1
      if unanswered > 0 { answerAwaited = answerAwaited ?? .now() }
    }
    watch(context)
    context.fireChannelRead(data)
  }

  private func isStream(_ head: HTTPRequest) -> Bool {
    switch head.method {
    case .post: streamPath != nil && head.path == streamPath
    case .get: eventsPath != nil && head.path?.prefix(while: { $0 != "?" }) == eventsPath?[...]
    default: false
    }
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    // Bytes came, and are no part of a request yet: a head has begun.
    if isOpen, !hasReadPart, requestBegan == nil, fault == nil {
      requestBegan = .now()
      watch(context)
    }
    hasReadPart = false
    context.fireChannelReadComplete()
  }

  /// Whether what arrives is passed on.
  private var isOpen: Bool {
    switch phase {
    case .serving, .answeringLast: true
    case .ending, .lingering: false
    }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let found: Problem
    switch error {
    case RequestHeadCheck.Fault.version: found = .httpVersionNotSupported
    case RequestHeadCheck.Fault.host: found = .hostInvalid
    case HTTPParserError.headerOverflow: found = .headersTooLarge(limits)
    case is HTTPParserError: found = .malformedHTTP
    default: return context.fireErrorCaught(error)
    }
    // The parser may go on behind a head that was refused, and fail as well.
    guard fault == nil else { return }
    fault = found
    // Whatever it is, the handlers behind end the connection as they do behind what is no HTTP.
    context.fireErrorCaught(HTTPParserError.unknown)
  }

  package func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    guard isOpen else {
      // An answer to a request that was given up.
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head) where head.status.kind == .informational:
      context.write(data, promise: promise)
    case .head(var head):
      answersBegun += 1
      if asksForUpgrade, answersBegun == requestsRead { head.headerFields[.connection] = "close" }
      if head.headerFields[.connection] == "close" { phase = .answeringLast }
      if head.status.kind.isFailure, head.headerFields[.contentType] == nil {
        writeProblem(inPlaceOf: head, context, promise)
      } else {
        context.write(wrapOutboundOut(.head(head)), promise: promise)
      }
    case .body where streamMoved != nil: writeStreamed(data, context, promise)
    case .body: context.write(data, promise: promise)
    case .end: writeEnd(data, context, promise)
    }
  }

  private func writeStreamed(
    _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
  ) {
    let isOut = promise ?? context.eventLoop.makePromise(of: Void.self)
    isOut.futureResult.assumeIsolated().whenSuccess { self.streamMoved = .now() }
    context.write(data, promise: isOut)
  }

  private func writeEnd(
    _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
  ) {
    let isOut = promise ?? context.eventLoop.makePromise(of: Void.self)
    streamMoved = nil
    let isLast: Bool
    switch phase {
    case .answeringLast:
      phase = .ending
      isLast = true
    case .serving, .ending, .lingering: isLast = false
    }
    isOut.futureResult.assumeIsolated().whenSuccess {
      self.answerIsOut(context)
      if isLast { self.linger(context) }
    }
    context.write(data, promise: isOut)
    if isLast { context.flush() }
  }

  private func answerIsOut(_ context: ChannelHandlerContext) {
    let now = NIODeadline.now()
    answersOut += 1
    idleSince = now
    answerAwaited = unanswered > 0 ? now : nil
    // What was not read meanwhile has its time from here on.
    if requestBegan != nil { requestBegan = now }
    watch(context)
  }

  /// Closes our direction, and the other once the caller had time to read.
  private func linger(_ context: ChannelHandlerContext) {
    phase = .lingering
    context.close(mode: .output, promise: nil)
    timer?.cancel()
    schedule(in: limits.lingerTimeout, context)
  }

  /// Writes a problem where Hummingbird wrote an empty answer of its own.
  private func writeProblem(
    inPlaceOf head: HTTPResponse, _ context: ChannelHandlerContext,
    _ promise: EventLoopPromise<Void>?
  ) {
    let problem = fault ?? (head.status == .badRequest ? .malformedHTTP : .internalFault)
    phase = .answeringLast
    tell(.answered(status: problem.head.status.code))
    context.write(wrapOutboundOut(.head(problem.head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: problem.json))), promise: promise)
  }

  /// Answers a request that took too long to arrive, where the answer can be one to it alone.
  private func giveUpRequest(_ context: ChannelHandlerContext) {
    guard unanswered == 0, answersBegun == requestsRead - (hasHead ? 1 : 0) else {
      return context.close(promise: nil)
    }
    let problem = Problem.requestTimeout(limits)
    tell(.answered(status: problem.head.status.code))
    context.write(wrapOutboundOut(.head(problem.head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: problem.json))), promise: nil)
    answersBegun += 1
    phase = .answeringLast
    writeEnd(wrapOutboundOut(.end(nil)), context, nil)
    context.fireUserInboundEventTriggered(RequestGivenUp())
  }

  // MARK: - Time

  /// Until when what is waited for must have come.
  ///
  /// A request's time stands still while an earlier one is not answered: it is not read then.
  private var deadline: NIODeadline {
    if let streamMoved { return streamMoved + limits.streamSilenceTimeout }
    if let answerAwaited { return answerAwaited + limits.answerTimeout }
    if let requestBegan { return requestBegan + limits.requestTimeout }
    return idleSince + limits.idleTimeout
  }

  /// Sees to it that the timer fires early enough.
  ///
  /// There is one a connection, not one a request: it looks when it fires, so one that is due
  /// before the deadline may stay.
  private func watch(_ context: ChannelHandlerContext) {
    guard timer == nil || deadline < timerDue else { return }
    timer?.cancel()
    schedule(in: deadline - .now(), context)
  }

  private func schedule(in delay: TimeAmount, _ context: ChannelHandlerContext) {
    timerDue = .now() + delay
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
      self.timer = nil
      self.timerFired(context)
    }
  }

  private func timerFired(_ context: ChannelHandlerContext) {
    if case .lingering = phase { return context.close(promise: nil) }
    guard deadline <= .now() else { return watch(context) }
    if isOpen, streamMoved == nil, answerAwaited == nil, requestBegan != nil {
      giveUpRequest(context)
    } else {
      context.close(promise: nil)
    }
  }
}

extension HTTPResponse.Status.Kind {
  /// Whether a problem tells what is wrong.
  fileprivate var isFailure: Bool {
    switch self {
    case .clientError, .serverError: true
    case .invalid, .informational, .successful, .redirection: false
    }
  }
}
