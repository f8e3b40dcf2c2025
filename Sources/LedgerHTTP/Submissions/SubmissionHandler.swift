import HTTPTypes
import LedgerModel
import LedgerService
import LedgerWire
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Synchronization

/// Takes submissions in, one by one or as a stream, and writes their answers, on the connection's
/// event loop alone.
///
/// All other requests go on to Hummingbird, whose tasks and streams cost a short submission more
/// than its signature check does (docs/decisions/0015-submissions-on-the-event-loop.md). One
/// request of a connection is under way at a time, here or there; what a caller pipelines behind it
/// is held back, and no more is read meanwhile.
final class SubmissionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private enum Phase {
    case betweenRequests
    /// The body of a submission arrives.
    case reading
    /// The body of a stream arrives, and its answers go out.
    case streaming(SubmissionStream)
    /// A submission is whole, and waits for its answer.
    case awaitingAnswer
    /// A request goes on to Hummingbird, and its answer comes from there.
    case passing(isRead: Bool, isAnswered: Bool)
    /// The last answer is written; what arrives is thrown away.
    case ended
  }

  /// What waits until the request under way is answered.
  private enum Held {
    case part(HTTPRequestPart)
    case inputClosed
    case error(any Error)
  }

  private static let connectionCount = Atomic<UInt64>(0)

  private let submit: @Sendable ([Delivery]) -> Void
  private let admit: Admitting
  private let limits: HTTPLimits
  private let intake: BodyIntake
  private let refusals: RefusalCounts
  private let requests: RequestMetrics
  private let connection = ConnectionID(
    SubmissionHandler.connectionCount.add(1, ordering: .relaxed).newValue)
  private var phase = Phase.betweenRequests
  private var held: CircularBuffer<Held> = []
  /// How the caller's quota stood when the submission under way began.
  private var standing: Quotas.Standing?
  /// The submission under way, until it is whole.
  private var request: SubmissionRequest?
  /// The server drains: what is under way is the last.
  private var isDraining = false
  /// The caller wants no request after the one under way.
  private var isLast = false
  private var isReadWanted = false
  /// Bytes of the body under way that are counted.
  private var bytesTaken = 0
  private var date = AnswerDate()

  init(
    _ limits: HTTPLimits, intake: BodyIntake, refusals: RefusalCounts, requests: RequestMetrics,
    admit: @escaping Admitting,
    submit: @escaping @Sendable ([Delivery]) -> Void
  ) {
    self.limits = limits
    self.intake = intake
    self.refusals = refusals
    self.requests = requests
    self.admit = admit
    self.submit = submit
  }

  // MARK: - Inbound

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    guard !mustHold else { return held.append(.part(part)) }
    take(part, context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if mustHold { held.append(.error(error)) } else { take(error, context) }
  }

  private func take(_ error: any Error, _ context: ChannelHandlerContext) {
    switch phase {
    case .reading where error is HTTPParserError: refuse(.incompleteBody, context)
    case .streaming(let stream) where error is HTTPParserError: stream.breakOff()
    case .betweenRequests, .reading, .streaming, .awaitingAnswer, .passing, .ended:
      context.fireErrorCaught(error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      isDraining = true
      if case .streaming(let stream) = phase { stream.drain() }
      if !isOurs { context.fireUserInboundEventTriggered(event) }
    case ChannelEvent.inputClosed:
      if mustHold { held.append(.inputClosed) } else { takeEndOfInput(context) }
    case is ConnectionGuard.RequestGivenUp:
      guard case .reading = phase else { return }
      refusals.add(RequestCode.requestTimeout.rawValue)
      end()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func takeEndOfInput(_ context: ChannelHandlerContext) {
    switch phase {
    case .reading: refuse(.incompleteBody, context)
    case .streaming(let stream): stream.endBody()
    case .betweenRequests, .awaitingAnswer, .passing, .ended:
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    held.removeAll()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  /// Lets go of what is under way.
  private func end() {
    if case .streaming(let stream) = phase { stream.abandon() }
    phase = .ended
    request = nil
    releaseBytes()
  }

  /// Whether a submission is under way.
  private var isOurs: Bool {
    switch phase {
    case .reading, .streaming, .awaitingAnswer: true
    case .betweenRequests, .passing, .ended: false
    }
  }

  /// Whether what arrives belongs to a request behind the one under way.
  private var isBusy: Bool {
    switch phase {
    case .awaitingAnswer, .passing(isRead: true, isAnswered: false): true
    case .betweenRequests, .reading, .streaming, .passing, .ended: false
    }
  }

  /// Whether what arrives has to wait for its turn.
  private var mustHold: Bool { isBusy || !held.isEmpty }

  private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    switch (phase, part) {
    case (.betweenRequests, .head(let head))
    where head.method == .post && head.path == SubmissionRequest.path:
      begin(head, context)
    case (.betweenRequests, .head(let head))
    where head.method == .post && head.path == SubmissionStream.path:
      beginStream(head, context)
    case (.streaming(let stream), .body(let buffer)): stream.receive(buffer)
    case (.streaming(let stream), .end): stream.endBody()
    case (.reading, .body(let buffer)):
      do throws(Problem) {
        try intake.take(buffer.readableBytes)
        bytesTaken += buffer.readableBytes
        try request?.append(buffer.readableBytesView, limits)
      } catch {
        refuse(error, context)
      }
    case (.reading, .end): deliver(context)
    case (.betweenRequests, _):
      phase = .passing(isRead: false, isAnswered: false)
      context.fireChannelRead(wrapInboundOut(part))
    case (.passing(_, let isAnswered), .end):
      context.fireChannelRead(wrapInboundOut(part))
      phase = isAnswered ? .betweenRequests : .passing(isRead: true, isAnswered: false)
    case (.passing, _): context.fireChannelRead(wrapInboundOut(part))
    case (.reading, .head), (.streaming, .head), (.awaitingAnswer, _), (.ended, _): break
    }
  }

  private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
    do throws(Problem) {
      standing = try admit(context.channel)
      if let standing, !standing.isGranted {
        var problem = Problem.quotaExceeded(standing)
        problem.closesConnection = true
        throw problem
      }
      var request = try SubmissionRequest(head)
      try request.reserveBody(limits)
      if request.expectsContinue { sendContinue(context) }
      self.request = request
      phase = .reading
    } catch {
      refuse(error, context)
    }
  }

  private func beginStream(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
    do throws(Problem) {
      _ = try admit(context.channel)
      let request = try SubmissionRequest(head)
      guard request.form == .protobuf, request.answerForm == .protobuf else {
        throw .notStreamed
      }
      if request.expectsContinue { sendContinue(context) }
      let stream = SubmissionStream(
        on: context, connection, limits, intake: intake, refusals: refusals, requests: requests,
        admit: admit, submit: submit)
      phase = .streaming(stream)
      stream.begin(date: date.text)
    } catch {
      refuse(error, context)
    }
  }

  /// - Source: RFC 9110, 10.1.1.
  private func sendContinue(_ context: ChannelHandlerContext) {
    let head = HTTPResponse(status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func deliver(_ context: ChannelHandlerContext) {
    guard let request = request.take() else { return }
    phase = .awaitingAnswer
    isLast = request.isLast
    // The ledger holds the body until it answers, whatever becomes of the connection.
    let (intake, byteCount) = (intake, bytesTaken)
    bytesTaken = 0
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let (loop, form, limits, refusals) = (context.eventLoop, request.answerForm, limits, refusals)
    let (requests, begin) = (requests, NIODeadline.now())
    let key = request.idempotencyKey
    submit([
      Delivery(from: connection, request.delivered, idempotencyKey: key) { result in
        intake.release(byteCount)
        // Encoded here, on a thread of the ledger's, and not on the event loop.
        let answer = Answer(result, form, limits, idempotencyKey: key)
        if let code = answer.refusal { refusals.add(code) }
        requests.countSubmission(answer.head.status.code, since: begin)
        loop.execute {
          let (handler, context) = bound.value
          handler.finish(answer, context)
        }
      }
    ])
  }

  // MARK: - Outbound

  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    refusals.add(problem.code)
    requests.countSubmission(problem.status.code, since: .now())
    write(Answer(problem), context)
    end()
    giveWay(context)
  }

  private func finish(_ answer: Answer, _ context: ChannelHandlerContext) {
    guard case .awaitingAnswer = phase else { return }
    write(answer, context)
    phase = isDraining || isLast ? .ended : .betweenRequests
    giveWay(context)
  }

  private func write(_ answer: Answer, _ context: ChannelHandlerContext) {
    var head = answer.head
    standing?.write(to: &head.headerFields)
    standing = nil
    head.headerFields[.date] = date.text
    if isDraining || isLast { head.headerFields[.connection] = "close" }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let buffer = context.channel.allocator.buffer(bytes: answer.body)
    context.write(wrapOutboundOut(.body(buffer)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    context.write(data, promise: promise)
    guard case .end = unwrapOutboundIn(data), case .passing(let isRead, _) = phase else { return }
    phase =
      isDraining ? .ended : isRead ? .betweenRequests : .passing(isRead: false, isAnswered: true)
    giveWay(context)
  }

  // MARK: - The next request

  /// Goes on with what was held, as far as the next request that has to be waited for.
  private func giveWay(_ context: ChannelHandlerContext) {
    guard !held.isEmpty else { return }
    while !isBusy, let next = held.popFirst() {
      switch next {
      case .part(let part): take(part, context)
      case .inputClosed: takeEndOfInput(context)
      case .error(let error): take(error, context)
      }
    }
    // Hummingbird's channel keeps what it reads until it is told that this was all for now.
    context.fireChannelReadComplete()
    if held.isEmpty, isReadWanted {
      isReadWanted = false
      context.read()
    }
  }

  /// Reads no more while requests are held: a caller cannot make the server hold more than one
  /// read's worth.
  func read(context: ChannelHandlerContext) {
    if case .streaming(let stream) = phase, stream.isFull { return }
    guard held.isEmpty else {
      isReadWanted = true
      return
    }
    context.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if case .streaming(let stream) = phase { stream.resume() }
    context.fireChannelWritabilityChanged()
  }

  private func releaseBytes() {
    guard bytesTaken > 0 else { return }
    intake.release(bytesTaken)
    bytesTaken = 0
  }
}

/// Lets a request in on a connection, and takes its place in the quota of who is at the other end.
///
/// On the connection's event loop alone. It gives `nil` where it is not known who asks, or there is
/// no quota, and throws a problem where the certificate is good no more.
typealias Admitting = @Sendable (any NIOCore.Channel) throws(Problem) -> Quotas.Standing?

/// An answer, ready to be written.
private struct Answer: Sendable {
  private(set) var head: HTTPResponse
  let body: [UInt8]
  /// The code of what was refused.
  let refusal: String?

  init(
    _ result: Result<SubmissionReceipt, SubmitError>, _ form: WireForm, _ limits: HTTPLimits,
    idempotencyKey key: InstructionID?
  ) {
    switch result {
    case .success(let receipt): self.init(receipt, form)
    case .failure(let error): self.init(Problem(error, limits))
    }
    if let key {
      head.headerFields.append(HTTPField(name: .idempotencyKey, value: "\"\(key)\""))
    }
  }

  private init(_ receipt: SubmissionReceipt, _ form: WireForm) {
    switch form {
    case .protobuf: body = receipt.protobuf
    case .json: body = receipt.json
    }
    head = HTTPResponse(
      status: .ok,
      headerFields: [
        .contentType: form.mediaType, .contentLength: String(body.count),
        .cacheControl: "no-store",
      ])
    refusal = nil
  }

  init(_ problem: Problem) {
    head = problem.head
    body = problem.json
    refusal = problem.code
  }
}
