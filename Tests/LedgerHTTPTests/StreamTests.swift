import AsyncHTTPClient
import LedgerHTTP
import LedgerModel
import LedgerSchema
import LedgerService
import LedgerTesting
import LedgerWire
import NIOCore
import NIOHTTP1
import SwiftProtobuf
import Synchronization
import Testing

/// Goal: a stream answers each submission once and in order, holds what it may and no more, and
/// ends for a reason that its caller is told.
@Suite struct StreamTests {
  private static func frame(_ body: [UInt8]) -> [UInt8] {
    var length = body.count
    var bytes: [UInt8] = []
    while length >= 0x80 {
      bytes.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    return bytes + [UInt8(length)] + body
  }

  /// One side of a stream: sends as it is told, and reads answers as they come.
  private struct Caller {
    let outbound: AsyncStream<ByteBuffer>.Continuation
    private let inbound: AsyncThrowingStream<ByteBuffer, any Error>
    private var buffer: [UInt8] = []

    init(_ port: Int) async throws {
      let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
      outbound = continuation
      var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/submissions/stream")
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/x-protobuf")
      request.body = .stream(stream, length: .unknown)
      let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
      #expect(response.status == .ok)
      let (chunks, continued) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      inbound = chunks
      Task {
        do {
          for try await chunk in response.body { continued.yield(chunk) }
          continued.finish()
        } catch {
          continued.finish(throwing: error)
        }
      }
    }

    func send(_ bytes: [UInt8]) { outbound.yield(ByteBuffer(bytes: bytes)) }

    /// The next answer; `nil` at the end.
    mutating func next() async throws -> Specie_V1_SubmissionAnswer? {
      while true {
        if let answer = try takeAnswer() { return answer }
        var iterator = inbound.makeAsyncIterator()
        guard let more = try await iterator.next() else {
          #expect(buffer.isEmpty)
          return nil
        }
        buffer += more.readableBytesView
      }
    }

    mutating func rest() async throws -> [Specie_V1_SubmissionAnswer] {
      var answers: [Specie_V1_SubmissionAnswer] = []
      while let answer = try await next() { answers.append(answer) }
      return answers
    }

    private mutating func takeAnswer() throws -> Specie_V1_SubmissionAnswer? {
      var length = 0
      for (index, byte) in buffer.prefix(5).enumerated() {
        length |= Int(byte & 0x7F) << (7 * index)
        guard byte < 0x80 else { continue }
        guard buffer.count >= index + 1 + length else { return nil }
        let answer = try Specie_V1_SubmissionAnswer(
          serializedBytes: Array(buffer[(index + 1)..<(index + 1 + length)]))
        buffer.removeFirst(index + 1 + length)
        return answer
      }
      return nil
    }
  }

  /// Goal: whoever waits for each answer before the next submission gets it.
  @Test func answerWhileTheBodyIsOpen() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      var caller = try await Caller(port)
      for count in 1...3 {
        caller.send(Self.frame(Submission.sample(count, on: ledger).protobuf))
        let answer = try await caller.next()
        #expect(answer?.receipt.instructions.count == count)
      }
      caller.outbound.finish()
      #expect(try await caller.rest().isEmpty)
    }
  }

  /// Goal: answers stand in the order of their submissions, refusals among them, whatever order the
  /// ledger answers in and wherever the bytes are cut.
  ///
  /// Method: 16 seeds; each submission has its own number of instructions, by which its receipt is
  /// known, and a random delay.
  @Test(arguments: UInt64(0)..<16)
  func answerInOrder(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let ledger = FakeLedger()
    let delays = (0..<40).map { _ in Duration.milliseconds(Int64(random.next() % 20)) }
    ledger.change { $0.delays = delays }
    var bytes: [UInt8] = []
    var expected: [Int?] = []
    for number in 1...40 {
      let isBad = random.next() % 5 == 0
      expected.append(isBad ? nil : number)
      bytes += Self.frame(isBad ? [0xFF] : Submission.sample(number, on: ledger).protobuf)
    }
    let pieceMax = [20_000, 700, 90][Int(seed % 3)]
    let sent = bytes
    let counts = expected
    var cuts: [Int] = []
    while (cuts.last ?? 0) < sent.count {
      cuts.append(min(sent.count, (cuts.last ?? 0) + 1 + Int(random.next() % UInt64(pieceMax))))
    }
    let pieces = zip([0] + cuts, cuts).map { Array(sent[$0..<$1]) }
    try await withServer(ledger) { port in
      var caller = try await Caller(port)
      for piece in pieces { caller.send(piece) }
      caller.outbound.finish()
      let answers = try await caller.rest()
      #expect(answers.count == counts.count)
      for (answer, count) in zip(answers, counts) {
        switch answer.answer {
        case .receipt(let receipt): #expect(receipt.instructions.count == count)
        case .problem(let problem):
          #expect(count == nil && problem.status == 400 && problem.code == "malformed")
        case nil: Issue.record("an answer is empty")
        }
      }
    }
  }

  /// Goal: a receipt on a stream is the one that a request by itself would get, byte for byte.
  @Test func answerAsElsewhere() async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.outcomes = [1: .rejected(code: .amountZero, rule: nil)]
      $0.rejection = .tierUnknown(Tier(unchecked: String(repeating: "why ", count: 100)))
      $0.submitErrors = [.storageFull(retryAfterSeconds: 2)]
    }
    try await withServer(ledger) { port in
      var caller = try await Caller(port)
      caller.send(Self.frame(Submission.sample(1, on: ledger).protobuf))
      let problem = try await caller.next()?.problem
      #expect(problem?.status == 503 && problem?.code == "storage_full")
      #expect(problem?.retryAfterSeconds == 2)
      caller.send(Self.frame(Submission.sample(400, on: ledger).protobuf))
      let receipt = try #require(try await caller.next()).receipt
      #expect(receipt.instructions.count == 400)
      #expect(receipt.instructions[1].message.count > 400)
      #expect(receipt.sequence == 1 && receipt.instructions[399].sequence == 401)
      caller.outbound.finish()
      #expect(try await caller.rest().isEmpty)
    }
  }

  /// Goal: what cannot be cut into submissions ends the stream, and what came before is answered.
  @Test(arguments: [
    ([UInt8](repeating: 0xFF, count: 9), "malformed_stream"), ([0x85, 0x00], "malformed_stream"),
    ([0xFF, 0xFF, 0xFF, 0x7F], "too_large"),
    ([5, 1, 2], "incomplete_body"), ([0x80], "incomplete_body"),
  ])
  func endWhereFramesEnd(rest: [UInt8], code: String) async throws {
    let ledger = FakeLedger()
    ledger.change { $0.delay = .milliseconds(20) }
    try await withServer(ledger) { port in
      var caller = try await Caller(port)
      caller.send(Self.frame(Submission.sample(2, on: ledger).protobuf) + rest)
      if code == "incomplete_body" { caller.outbound.finish() }
      let answers = try await caller.rest()
      #expect(answers.count == 2)
      #expect(answers.first?.receipt.instructions.count == 2)
      #expect(answers.last?.problem.code == code)
      caller.outbound.finish()
    }
  }

  /// Goal: no more is under way than the window lets, and all is answered in the end.
  @Test func holdBackWhatTheWindowHasNoRoomFor() async throws {
    var limits = HTTPLimits()
    limits.streamSubmissionsMax = 4
    let ledger = FakeLedger()
    ledger.change { $0.delay = .milliseconds(2) }
    let frame = Self.frame(Submission.sample(3, on: ledger).protobuf)
    try await withServer(ledger, limits: limits) { port in
      var caller = try await Caller(port)
      for _ in 0..<200 { caller.send(frame) }
      caller.outbound.finish()
      #expect(try await caller.rest().count == 200)
    }
    #expect(ledger.script.withLock { $0.underWayMax } == 4)
  }

  /// Goal: what a full queue of the ledger's refuses is tried again, not refused to the caller.
  @Test func tryAgainWhatAFullQueueRefused() async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.submitErrors = (0..<50).map { _ in
        .overloaded(queue: "instructions", max: 9, retryAfterSeconds: 2)
      }
    }
    let frames = (1...60).map { Self.frame(Submission.sample($0, on: ledger).protobuf) }
    try await withServer(ledger) { port in
      var caller = try await Caller(port)
      caller.send(frames.flatMap { $0 })
      caller.outbound.finish()
      #expect(try await caller.rest().map(\.receipt.instructions.count) == Array(1...60))
    }
  }

  /// Goal: answers larger than what the connection holds back come whole, however they end.
  ///
  /// Method: Last answers of more than 64 KiB: of one submission, and of many.
  @Test(arguments: [[1_900], [2_500, 1_900], [Int](repeating: 1, count: 3_000)])
  func endAfterLargeAnswers(counts: [Int]) async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.rejection = .tierUnknown(Tier(unchecked: String(repeating: "x", count: 60)))
    }
    let frames = counts.map { Self.frame(Submission.sample($0, on: ledger).protobuf) }
    try await withServer(ledger) { port in
      for _ in 0..<4 {
        var caller = try await Caller(port)
        for frame in frames { caller.send(frame) }
        caller.outbound.finish()
        #expect(try await caller.rest().map(\.receipt.instructions.count) == counts)
      }
    }
  }

  /// Goal: submissions that never end are bounded, in bytes over all streams and in time.
  @Test func boundUnfinishedSubmissions() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesInFlightMax = 100_000
    limits.requestTimeout = .seconds(3)
    let ledger = FakeLedger()
    let whole = Self.frame(Submission.sample(1, on: ledger).protobuf)
    let unfinished = Array(Self.frame([UInt8](repeating: 7, count: 90_000)).dropLast())
    try await withServer(ledger, limits: limits) { port in
      var first = try await Caller(port)
      first.send(unfinished)
      try await Task.sleep(for: .milliseconds(100))
      var second = try await Caller(port)
      second.send(unfinished)
      #expect(try await second.next()?.problem.code == "overloaded")
      second.outbound.finish()
      try await Task.sleep(for: .milliseconds(3_200))
      first.send([7])
      first.send([7])
      let answer = try await first.next()?.problem.code
      #expect(answer == "malformed" || answer == "request_timeout")
      first.outbound.finish()
      // What they held is given back.
      var third = try await Caller(port)
      third.send(unfinished + [7] + whole)
      #expect(try await third.next()?.problem.code == "malformed")
      #expect(try await third.next()?.receipt.instructions.count == 1)
      third.outbound.finish()
    }
  }

  /// Goal: a stop answers what came, and ends the stream.
  ///
  /// Method: by hand, since a client library whose request goes on may drop, with the connection,
  /// what it has not handed on.
  @Test func drainOnStop() async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.delay = .milliseconds(300)
      $0.outcomes = [0: .rejected(code: .amountZero, rule: nil)]
    }
    let frame = Self.frame(Submission.sample(1, on: ledger).protobuf)
    let head = """
      POST /v1/submissions/stream HTTP/1.1\r
      host: 127.0.0.1\r
      content-type: application/x-protobuf\r
      transfer-encoding: chunked\r
      \r
      \(String(2 * frame.count, radix: 16))\r

      """
    let task = Mutex<Task<String, any Error>?>(nil)
    try await withServer(ledger) { port in
      let answers = Task {
        try await converse(port, [.send(head), .sendBytes(frame + frame + Array("\r\n".utf8))])
      }
      task.withLock { $0 = answers }
      while ledger.script.withLock({ $0.submissionsArrived }) < 2 {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    let text = try #require(try await task.withLock { $0 }?.value)
    #expect(
      text.split(separator: "amount_zero").count == 3 && text.hasSuffix("0\r\n\r\n"), "\(text)")
  }

  /// Goal: a stream on which nothing moves is closed, and one that moves is not.
  @Test func endAStillStream() async throws {
    var limits = HTTPLimits()
    limits.streamSilenceTimeout = .seconds(6)
    limits.requestTimeout = .milliseconds(300)
    limits.answerTimeout = .milliseconds(300)
    limits.idleTimeout = .milliseconds(300)
    let ledger = FakeLedger()
    let frame = Self.frame(Submission.sample(1, on: ledger).protobuf)
    try await withServer(ledger, limits: limits) { port in
      var caller = try await Caller(port)
      for _ in 0..<5 {
        try await Task.sleep(for: .milliseconds(250))
        caller.send(frame)
        #expect(try await caller.next() != nil)
      }
      let start = ContinuousClock.now
      await #expect(throws: (any Error).self) { try await caller.rest() }
      #expect(ContinuousClock.now - start < .seconds(30))
    }
  }

  @Test(arguments: [
    ([("content-type", "application/json")], HTTPMethod.POST, 415 as UInt),
    ([("content-type", "application/x-protobuf"), ("accept", "application/json")], .POST, 415),
    ([], .GET, 405),
  ])
  func refuseWhatIsNoStream(
    fields: [(String, String)], method: HTTPMethod, status: UInt
  ) async throws {
    try await withServer(FakeLedger()) { port in
      let answer = try await send(
        port, "/v1/submissions/stream", method: method, fields,
        body: method == .POST ? [1] : nil)
      #expect(answer.status == status, "\(answer)")
    }
  }
}
