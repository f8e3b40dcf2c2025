import HTTPTypes
import LedgerService
import LedgerWire
import NIOCore
import NIOHTTPTypes

/// `POST /v1/submissions/stream`: submissions come in one after the other, and their answers go out
/// in the same order, while more come in.
///
/// Bounded by a window of submissions that are not answered yet, and of their bytes: while it is
/// full, or a queue of the ledger's is, or the caller does not read, nothing is read from the
/// connection. The stream has the connection to its end.
///
/// - Source: docs/api.md.
final class SubmissionStream {
  static let path = "/v1/submissions/stream"

  /// A submission under way, kept so that it can be tried again.
  private struct Attempt: Sendable {
    let number: Int
    let body: [UInt8]
    let byteCount: Int
    /// Whether it has taken its place in its sender's quota.
    var isCounted = false
  }

  private let limits: HTTPLimits
  private let intake: BodyIntake
  private let refusals: RefusalCounts
  private let requests: RequestMetrics
  private let connection: ConnectionID
  private let submit: @Sendable ([Delivery]) -> Void
  private let admit: Admitting
  private let context: ChannelHandlerContext
  private let answers = StreamAnswers()
  private var frames: StreamFrames
  /// When the first of the bytes that are no whole submission yet came.
  private var frameBegan: NIODeadline?
  /// Submissions whose answers are not written, and their bytes.
  private var submissionsUnderWay = 0
  private var bytesUnderWay = 0
  /// What a full queue of the ledger's has refused, to be tried again.
  private var heldBack: [Attempt] = []
  private var isBodyEnded = false
  /// No submission is taken any more.
  private var isClosed = false
  /// A write is under way, which may come back here.
  private var isWriting = false
  private var isEnded = false

  init(
    on context: ChannelHandlerContext, _ connection: ConnectionID, _ limits: HTTPLimits,
    intake: BodyIntake, refusals: RefusalCounts, requests: RequestMetrics,
    admit: @escaping Admitting,
    submit: @escaping @Sendable ([Delivery]) -> Void
  ) {
    self.context = context
    self.connection = connection
    self.limits = limits
    self.intake = intake
    self.refusals = refusals
    self.requests = requests
    self.admit = admit
    self.submit = submit
    frames = StreamFrames(limits)
  }

  /// Whether nothing more is to be read for now.
  var isFull: Bool {
    submissionsUnderWay >= limits.streamSubmissionsMax || bytesUnderWay >= limits.streamBytesMax
      || !heldBack.isEmpty || !context.channel.isWritable
  }

  // MARK: - Inbound

  /// Answers the head at once, so that the caller sees that the stream stands.
  func begin(date: String) {
    let head = HTTPResponse(
      status: .ok,
      headerFields: [
        .contentType: WireForm.protobuf.mediaType, .cacheControl: "no-store",
        .connection: "close", .date: date,
      ])
    context.writeAndFlush(NIOAny(HTTPResponsePart.head(head)), promise: nil)
  }

  func receive(_ bytes: ByteBuffer) {
    guard !isClosed, !isBodyEnded else { return }
    do throws(Problem) {
      try intake.take(bytes.readableBytes)
    } catch {
      return fail(error)
    }
    frames.append(bytes)
    advance()
    guard !isClosed, !frames.isEmpty, !isFull else { return frameBegan = nil }
    let began = frameBegan ?? .now()
    frameBegan = began
    if began + limits.requestTimeout <= .now() { fail(.requestTimeout(limits)) }
  }

  func endBody() {
    isBodyEnded = true
    advance()
  }

  /// The body is no longer well formed, or ended before its end.
  func breakOff() {
    if !isClosed { fail(.incompleteBody) }
  }

  /// The server drains: what was taken is answered, and no more is taken.
  func drain() { close() }

  /// The connection is gone.
  func abandon() {
    close()
    isEnded = true
    for attempt in heldBack { intake.release(attempt.byteCount) }
    heldBack = []
  }

  /// Goes on where the caller has made room by reading.
  func resume() {
    // In a write, which comes back here: what is half written must be whole first.
    guard !isWriting else { return }
    advance()
    if !isFull { context.read() }
  }

  /// Takes what has come, as far as the window lets it.
  private func advance() {
    var attempts: [Attempt] = []
    while !isClosed, !isFull {
      do throws(Problem) {
        guard let next = try frames.next() else {
          if isBodyEnded {
            guard frames.isEmpty else { throw .incompleteBody }
            close()
          }
          break
        }
        frameBegan = nil
        submissionsUnderWay += 1
        bytesUnderWay += next.byteCount
        attempts.append(
          Attempt(
            number: answers.expect(submissionBytes: next.byteCount), body: next.body,
            byteCount: next.byteCount))
      } catch {
        deliver(attempts)
        attempts = []
        fail(error)
      }
    }
    deliver(attempts)
    endIfAnswered()
  }

  /// Answers what is no submission, and takes no more: where the next one begins is not known.
  private func fail(_ problem: Problem) {
    submissionsUnderWay += 1
    close()
    refusals.add(problem.code)
    guard answers.fill(answers.expect(submissionBytes: 0), problem.streamed) else { return }
    let stream = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { stream.value.writeReady() }
  }

  private func close() {
    guard !isClosed else { return }
    isClosed = true
    intake.release(frames.byteCount)
    endIfAnswered()
  }

  // MARK: - Outbound

  private func deliver(_ attempts: [Attempt]) {
    // Past its quota a stream slows down, as where a queue is full; it ends with its certificate.
    var granted: [Attempt] = []
    var refused: Problem?
    for var attempt in attempts {
      if !attempt.isCounted {
        do throws(Problem) {
          guard try admit(context.channel)?.isGranted != false else { break }
        } catch {
          refused = error
          break
        }
        attempt.isCounted = true
      }
      granted.append(attempt)
    }
    if !granted.isEmpty { submit(granted.map { delivery($0) }) }
    for attempt in attempts[granted.count...] {
      if let refused { answer(attempt, refused) } else { holdBack(attempt) }
    }
    if refused != nil { close() }
  }

  private func answer(_ attempt: Attempt, _ problem: Problem) {
    refusals.add(problem.code)
    intake.release(attempt.byteCount)
    guard answers.fill(attempt.number, problem.streamed) else { return }
    let stream = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { stream.value.writeReady() }
  }

  private func delivery(_ attempt: Attempt) -> Delivery {
    let stream = NIOLoopBound(self, eventLoop: context.eventLoop)
    let (loop, answers, intake) = (context.eventLoop, answers, intake)
    let (limits, refusals, requests) = (limits, refusals, requests)
    let begin = NIODeadline.now()
    return Delivery(from: connection, .protobuf(attempt.body)) { result in
      let answer: [UInt8]
      var status = 200
      switch result {
      case .failure(.overloaded):
        return loop.execute { stream.value.holdBack(attempt) }
      case .success(let receipt): answer = receipt.streamed
      case .failure(let error):
        refusals.add(error.code)
        let problem = Problem(error, limits)
        status = problem.status.code
        answer = problem.streamed
      }
      requests.countStreamed(status, since: begin)
      intake.release(attempt.byteCount)
      if answers.fill(attempt.number, answer) { loop.execute { stream.value.writeReady() } }
    }
  }

  /// Keeps what a full queue has refused, and tries it again a little later, in order.
  ///
  /// What came behind it may have been taken before it.
  private func holdBack(_ attempt: Attempt) {
    guard context.channel.isActive, !isEnded else { return intake.release(attempt.byteCount) }
    heldBack.append(attempt)
    guard heldBack.count == 1 else { return }
    context.eventLoop.assumeIsolated().scheduleTask(in: limits.streamRetryInterval) {
      let attempts = self.heldBack.sorted { $0.number < $1.number }
      self.heldBack = []
      self.deliver(attempts)
      self.resume()
    }
  }

  private func writeReady() {
    var ready = answers.takeReady()
    guard ready.count > 0, context.channel.isActive else { return }
    isWriting = true
    while let piece = ready.bytes.readSlice(
      length: min(limits.streamPieceBytes, ready.bytes.readableBytes)), piece.readableBytes > 0
    {
      context.write(NIOAny(HTTPResponsePart.body(piece)), promise: nil)
    }
    context.flush()
    isWriting = false
    submissionsUnderWay -= ready.count
    bytesUnderWay -= ready.submissionBytes
    resume()
  }

  private func endIfAnswered() {
    guard isClosed, submissionsUnderWay == 0, !isEnded, !isWriting else { return }
    isEnded = true
    context.writeAndFlush(NIOAny(HTTPResponsePart.end(nil)), promise: nil)
  }
}
