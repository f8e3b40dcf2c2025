import HTTPTypes
import LedgerService
import LedgerWire
import NIOCore
import NIOHTTPTypes

/// `POST /v1/submissions/stream`: submissions come in one after the other, and their answers go out
/// in the same order, while more come in.
///
/// Bounded by a window of submissions that are not answered yet, and of their bytes: while it is
/// full, or the caller does not read, nothing is read from the connection. The stream has the
/// connection to its end.
///
/// - Source: docs/api.md.
final class SubmissionStream {
  static let path = "/v1/submissions/stream"

  private let limits: HTTPLimits
  private let intake: BodyIntake
  private let refusals: RefusalCounts
  private let connection: ConnectionID
  private let submit: @Sendable ([Delivery]) -> Void
  private let context: ChannelHandlerContext
  private let answers = StreamAnswers()
  private var frames: StreamFrames
  /// Submissions whose answers are not written, and their bytes.
  private var submissionsUnderWay = 0
  private var bytesUnderWay = 0
  private var isBodyEnded = false
  /// No submission is taken any more.
  private var isClosed = false
  private var isEnded = false

  /// Answers the head at once, so that the caller sees that the stream stands.
  init(
    on context: ChannelHandlerContext, _ connection: ConnectionID, _ limits: HTTPLimits,
    intake: BodyIntake, refusals: RefusalCounts, date: String,
    submit: @escaping @Sendable ([Delivery]) -> Void
  ) {
    self.context = context
    self.connection = connection
    self.limits = limits
    self.intake = intake
    self.refusals = refusals
    self.submit = submit
    frames = StreamFrames(limits)
    let head = HTTPResponse(
      status: .ok,
      headerFields: [
        .contentType: WireForm.protobuf.mediaType, .cacheControl: "no-store",
        .connection: "close", .date: date,
      ])
    context.writeAndFlush(NIOAny(HTTPResponsePart.head(head)), promise: nil)
  }

  /// Whether nothing more is to be read for now.
  var isFull: Bool {
    submissionsUnderWay >= limits.streamSubmissionsMax || bytesUnderWay >= limits.streamBytesMax
      || !context.channel.isWritable
  }

  func receive(_ bytes: ByteBuffer) {
    guard !isClosed else { return }
    frames.append(bytes)
    advance()
  }

  func endBody() {
    isBodyEnded = true
    advance()
  }

  /// The body is no longer well formed, or ended before its end.
  func breakOff() {
    guard !isClosed else { return }
    fail(.incompleteBody)
    endIfAnswered()
  }

  /// The server drains: what came is answered, and no more is taken.
  func drain() {
    isClosed = true
    endIfAnswered()
  }

  /// Takes what has come, as far as the window lets it.
  func advance() {
    var deliveries: [Delivery] = []
    while !isClosed, !isFull {
      do throws(Problem) {
        guard let body = try frames.next() else {
          if isBodyEnded { try endFrames() }
          break
        }
        if let delivery = delivery(of: body) { deliveries.append(delivery) }
      } catch {
        fail(error)
      }
    }
    if !deliveries.isEmpty { submit(deliveries) }
    endIfAnswered()
  }

  /// Goes on where the window or the caller has made room.
  func resume() {
    advance()
    if !isFull { context.read() }
  }

  /// Answers what is no submission, and takes no more: where the next one begins is not known.
  private func fail(_ problem: Problem) {
    isClosed = true
    submissionsUnderWay += 1
    refuse(problem, answers.expect(submissionBytes: 0))
  }

  private func endFrames() throws(Problem) {
    guard frames.isEmpty else { throw .incompleteBody }
    isClosed = true
  }

  /// Makes ready what is to be submitted; `nil` where that is refused here.
  private func delivery(of body: [UInt8]) -> Delivery? {
    let byteCount = body.count
    let number = answers.expect(submissionBytes: byteCount)
    submissionsUnderWay += 1
    bytesUnderWay += byteCount
    do throws(Problem) { try intake.take(byteCount) } catch {
      refuse(error, number)
      return nil
    }
    let stream = NIOLoopBound(self, eventLoop: context.eventLoop)
    let (loop, answers, intake) = (context.eventLoop, answers, intake)
    let (limits, refusals) = (limits, refusals)
    return Delivery(from: connection, .protobuf(body)) { result in
      intake.release(byteCount)
      let answer: [UInt8]
      switch result {
      case .success(let receipt): answer = receipt.streamed
      case .failure(let error):
        refusals.add(error.code)
        answer = Problem(error, limits).streamed
      }
      if answers.fill(number, answer) { loop.execute { stream.value.writeReady() } }
    }
  }

  private func refuse(_ problem: Problem, _ number: Int) {
    refusals.add(problem.code)
    guard answers.fill(number, problem.streamed) else { return }
    let stream = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { stream.value.writeReady() }
  }

  private func writeReady() {
    let ready = answers.takeReady()
    submissionsUnderWay -= ready.count
    bytesUnderWay -= ready.submissionBytes
    guard context.channel.isActive, ready.count > 0 else { return }
    context.writeAndFlush(NIOAny(HTTPResponsePart.body(ready.bytes)), promise: nil)
    resume()
  }

  private func endIfAnswered() {
    guard isClosed, submissionsUnderWay == 0, !isEnded else { return }
    isEnded = true
    context.writeAndFlush(NIOAny(HTTPResponsePart.end(nil)), promise: nil)
  }
}
