import LedgerHTTP
import LedgerTesting
import LedgerWire
import NIOCore
import Testing

/// Goal: requests that a caller sends without waiting are answered one by one and in order, whoever
/// answers them, however their bytes are cut.
@Suite struct PipeliningTests {
  private struct Sample {
    let request: [UInt8]
    let status: String
  }

  private static func samples(_ ledger: FakeLedger) -> [Sample] {
    func post(_ body: [UInt8], _ type: String, chunked: Bool = false) -> [UInt8] {
      let head =
        "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/\(type)\r\n"
      guard chunked else {
        return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
      }
      let half = body.count / 2
      let chunks = [body[..<half], body[half...]].map { chunk in
        Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
      }
      return Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8) + chunks.joined()
        + Array("0\r\n\r\n".utf8)
    }
    let submission = Submission.sample(3, on: ledger)
    return [
      Sample(request: post(submission.protobuf, "x-protobuf"), status: "200 OK"),
      Sample(request: post(submission.json, "json", chunked: true), status: "200 OK"),
      Sample(request: post(Array("{}".utf8), "json"), status: "400 Bad Request"),
      Sample(request: post([], "x-protobuf"), status: "400 Bad Request"),
      Sample(
        request: Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), status: "200 OK"),
      Sample(
        request: Array("HEAD /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
        status: "404 Not Found"),
      Sample(
        request: Array(
          "PUT /v1/supply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd".utf8),
        status: "405 Method Not Allowed"),
    ]
  }

  private static let last =
    "GET /v1/supply HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

  /// Method: 24 seeds, each a random row of requests, cut at random places; the answers' status
  /// lines are held against those of the requests sent alone.
  @Test(arguments: UInt64(0)..<24)
  func answerInOrder(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let ledger = FakeLedger()
    let samples = Self.samples(ledger)
    if seed.isMultiple(of: 2) { ledger.change { $0.delay = .milliseconds(3) } }
    let row = (0..<12).map { _ in samples[Int(random.next() % UInt64(samples.count))] }
    let bytes = row.flatMap(\.request) + Array(Self.last.utf8)
    var steps: [Step] = []
    var start = 0
    let pieceMax = [5_000, 400, 60][Int(seed % 3)]
    while start < bytes.count {
      let end = min(bytes.count, start + 1 + Int(random.next() % UInt64(pieceMax)))
      steps.append(.sendBytes(Array(bytes[start..<end])))
      if random.next() % 8 == 0 { steps.append(.pause(.milliseconds(2))) }
      start = end
    }
    // A caller that has said all may close its direction, and is answered all the same.
    if seed.isMultiple(of: 3) { steps.append(.finish) }
    let conversation = steps
    try await withServer(ledger) { port in
      let text = try await converse(port, conversation)
      let found = text.matches(of: /HTTP\/1.1 (\d+ [A-Za-z ]+)\r\n/).map { String($0.1) }
      #expect(found == row.map(\.status) + ["200 OK"], "seed \(seed): \(text)")
    }
  }

  /// Goal: a connection that submits is not taken for a silent one, and a silent one is ended.
  @Test func endSilenceAlone() async throws {
    var limits = HTTPLimits()
    limits.idleTimeout = .seconds(6)
    let ledger = FakeLedger()
    let request = Self.samples(ledger)[0].request
    try await withServer(ledger, limits: limits) { port in
      let start = ContinuousClock.now
      let text = try await converse(
        port,
        (0..<3).flatMap { _ in [Step.sendBytes(request), .pause(.milliseconds(2_500))] }
          + [.pause(.seconds(20))], within: .seconds(60))
      #expect(text.ranges(of: "HTTP/1.1 200 OK").count == 3, "\(text)")
      let elapsed = ContinuousClock.now - start
      #expect(elapsed > .seconds(7) && elapsed < .seconds(50), "\(elapsed)")
    }
  }

  /// Goal: who asks for it has the connection closed after the answer.
  @Test func closeWhenAsked() async throws {
    let ledger = FakeLedger()
    let body = Submission.sample(1, on: ledger).protobuf
    let head =
      "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
      + "Connection: close\r\nContent-Length: \(body.count)\r\n\r\n"
    try await withServer(ledger) { port in
      let text = try await converse(port, [.send(head), .sendBytes(body)])
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
      #expect(text.lowercased().contains("connection: close\r\n"), "\(text)")
      let date = /date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/
      #expect(text.lowercased().contains(date.ignoresCase()), "\(text)")
    }
  }

  private static let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

  private static func statuses(_ text: String) -> [String] {
    text.matches(of: /HTTP\/1.1 (\d+) [A-Za-z ]+\r\n/).map { String($0.1) }
  }

  /// Goal: neither the end of what a caller sends nor garbage in it overtakes the requests before:
  /// whoever reached the ledger is told its receipt.
  ///
  /// Method: All in one packet, ten times over, with a ledger that takes a moment.
  @Test(arguments: [
    ("gg", "", ["200", "200"]), ("gp", "", ["200", "200"]),
    ("gpgp", "", ["200", "200", "200", "200"]),
    ("pp", "", ["200", "200"]), ("gp", "\u{1}\u{2}\r\n\r\n", ["200", "200", "400"]),
    ("gg", "\u{1}\u{2}\r\n\r\n", ["200", "200", "400"]),
    ("p", "\u{1}\u{2}\r\n\r\n", ["200", "400"]),
  ])
  func endAfterWhatCameBefore(row: String, garbage: String, expected: [String]) async throws {
    let ledger = FakeLedger()
    ledger.change { $0.delay = .milliseconds(5) }
    let post = Self.samples(ledger)[0].request
    let bytes = row.flatMap { $0 == "g" ? Array(Self.get.utf8) : post } + Array(garbage.utf8)
    try await withServer(ledger) { port in
      for _ in 0..<10 {
        let text = try await converse(port, [.sendBytes(bytes), .finish])
        #expect(Self.statuses(text) == expected, "\(text)")
      }
    }
  }

  /// Goal: a request's time stands still while the one before it is answered.
  @Test func giveAHeldRequestItsTime() async throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .seconds(4)
    let ledger = FakeLedger()
    ledger.change { $0.delay = .seconds(5) }
    let post = Self.samples(ledger)[0].request
    let half = post.count / 2
    try await withServer(ledger, limits: limits) { port in
      let text = try await converse(
        port,
        [
          .sendBytes(post + post[..<half]), .pause(.seconds(6)),
          .sendBytes(Array(post[half...])), .finish,
        ])
      #expect(Self.statuses(text) == ["200", "200"], "\(text)")
    }
  }

  /// Goal: an answer that came before the end of its request leaves the connection as it should be.
  @Test func goOnAfterAnEarlyAnswer() async throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .seconds(4)
    limits.idleTimeout = .seconds(30)
    try await withServer(FakeLedger(), limits: limits) { port in
      let text = try await converse(
        port,
        [
          .send("PUT /v1/supply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"),
          .pause(.milliseconds(200)), .send("abcd"), .pause(.seconds(5)),
          .send(Self.get), .finish,
        ])
      #expect(Self.statuses(text) == ["405", "200"], "\(text)")
    }
  }

  /// Goal: who waits for a word before it sends the body gets it.
  @Test func sendContinue() async throws {
    let ledger = FakeLedger()
    let body = Submission.sample(1, on: ledger).protobuf
    let head =
      "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
      + "Expect: 100-continue\r\nContent-Length: \(body.count)\r\n\r\n"
    try await withServer(ledger) { port in
      let text = try await converse(
        port, [.send(head), .pause(.milliseconds(100)), .sendBytes(body), .finish])
      #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "\(text)")
    }
  }
}
