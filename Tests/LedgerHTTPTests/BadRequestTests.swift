import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

/// Goal: whatever comes, the answer is one problem that says what would be right, nothing reaches
/// the ledger, and no connection stays longer than its limit.
@Suite struct BadRequestTests {
  @Test(arguments: [
    ("/", 404, "unknown_path"), ("/v1", 404, "unknown_path"), ("/v2/supply", 404, "unknown_path"),
    ("/v1/supply/", 404, "unknown_path"), ("/v1/supply?x=1", 400, "invalid_parameter"),
    ("/v1/supply?", 200, ""), ("/v1/accounts/1", 400, "invalid_parameter"),
    ("/v1/accounts/ACC00000-0000-0000-0000-000000000064", 400, "invalid_parameter"),
    ("/v1/instructions/acc00000-0000-0000-0000-000000000064", 400, "invalid_parameter"),
    (
      "/v1/instructions/019ca78d-9600-7000-8000-000000000001?party=A%20b", 400,
      "invalid_parameter"
    ),
    ("/v1/proof/-1", 400, "invalid_parameter"), ("/v1/proof/007", 400, "invalid_parameter"),
    ("/v1/proof/99999999999999999999", 400, "invalid_parameter"),
    ("/v1/proof/9999999999", 404, "not_yet_covered"),
    (
      "/v1/accounts/acc00000-0000-0000-0000-000000000064/entries?limit=0", 400,
      "invalid_parameter"
    ),
    ("/v1/accounts/acc00000-0000-0000-0000-000000000064/entries?limit=501", 400, "out_of_range"),
    (
      "/v1/accounts/acc00000-0000-0000-0000-000000000064/entries?limit=1&limit=2", 400,
      "invalid_parameter"
    ),
    (
      "/v1/accounts/acc00000-0000-0000-0000-000000000064/entries?before=x", 400,
      "invalid_parameter"
    ),
    ("/v1/supply?" + String(repeating: "a", count: 3_000), 414, "uri_too_long"),
  ])
  func refusePathsAndParameters(path: String, status: UInt, code: String) async throws {
    try await withServer(FakeLedger()) { port in
      let answer = try await send(port, path)
      #expect(answer.status == status)
      if status != 200 { #expect(answer.isProblem(status, code), "\(answer)") }
    }
  }

  @Test(arguments: [
    ("/v1/submissions", HTTPMethod.GET, "POST"), ("/v1/submissions?a=b", .PUT, "POST"),
    ("/v1/submissions", .HEAD, "POST"), ("/v1/supply", .POST, "GET, HEAD"),
    ("/healthz", .DELETE, "GET, HEAD"), ("/v1/checkpoint", .PUT, "GET, HEAD"),
  ])
  func refuseMethods(path: String, method: HTTPMethod, allowed: String) async throws {
    try await withServer(FakeLedger()) { port in
      let answer = try await send(port, path, method: method)
      if method == .HEAD {
        #expect(answer.status == 405 && answer.body.isEmpty)
      } else {
        #expect(answer.isProblem(405, "method_not_allowed"), "\(answer)")
      }
      #expect(answer.fields["allow"] == allowed)
    }
  }

  @Test(arguments: [
    ([], 415, "unsupported_media_type"),
    ([("content-type", "text/plain")], 415, "unsupported_media_type"),
    (
      [("content-type", "application/x-protobuf"), ("content-encoding", "gzip")], 415,
      "unsupported_media_type"
    ),
    (
      [("content-type", "application/json"), ("accept", "text/html")], 406, "not_acceptable"
    ),
  ])
  func refuseMediaTypes(fields: [(String, String)], status: UInt, code: String) async throws {
    let ledger = FakeLedger()
    let body = Submission.sample(1, on: ledger).protobuf
    try await withServer(ledger) { port in
      let answer = try await send(port, "/v1/submissions", method: .POST, fields, body: body)
      #expect(answer.isProblem(status, code), "\(answer)")
    }
    #expect(ledger.script.withLock { $0.submissionsSeen } == 0)
  }

  /// Bodies that are no submission; JSON that nests deep, or is huge.
  @Test func refuseBodies() async throws {
    let ledger = FakeLedger()
    let good = Submission.sample(2, on: ledger)
    let deep = String(repeating: "[", count: 100_000)
    let huge = #"{"envelope":""# + String(repeating: "a", count: 7 << 20) + #""}"#
    let cases: [(String, [UInt8], String)] = [
      ("application/x-protobuf", [], "empty"),
      ("application/json", [], "empty"),
      ("application/x-protobuf", [UInt8](repeating: 0xFF, count: 99), "malformed"),
      ("application/x-protobuf", Array(good.protobuf.dropLast()), "malformed"),
      ("application/json", Array(good.json.dropLast(9)), "malformed"),
      ("application/json", good.json + Array("{}".utf8), "malformed"),
      ("application/json", good.protobuf, "malformed"),
      ("application/json", Array(deep.utf8), "malformed"),
      ("application/json", Array(huge.utf8), "malformed"),
      (
        "application/json",
        Array(
          #"{"envelope":{"payload":"*","payloadType":"","signatures":[]},"instructions":[]}"#.utf8),
        "invalid_field"
      ),
    ]
    try await withServer(ledger) { port in
      for (type, body, code) in cases {
        let answer = try await send(
          port, "/v1/submissions", method: .POST, [("content-type", type)], body: body)
        #expect(answer.isProblem(400, code), "\(type) \(body.prefix(20)): \(answer)")
      }
    }
    #expect(ledger.script.withLock { $0.submissionsSeen } == 0)
  }

  private static let post =
    "POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

  /// Bodies over the limit, told by their length or found while they come; the answer arrives
  /// although the caller goes on sending.
  @Test func refuseOversizedBodies() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesMax = 1_000
    limits.lingerTimeout = .milliseconds(300)
    let ledger = FakeLedger()
    let chunk = "64\r\n" + String(repeating: "x", count: 100) + "\r\n"
    try await withServer(ledger, limits: limits) { port in
      let told = try await converse(
        port,
        [
          .send(Self.post + "Content-Length: 1001\r\n\r\n"),
          .drip(String(repeating: "x", count: 100), every: .milliseconds(20), times: 10),
        ])
      #expect(told.isProblem(413, "too_large"), "\(told)")
      let found = try await converse(
        port,
        [
          .send(Self.post + "Transfer-Encoding: chunked\r\n\r\n"),
          .drip(chunk, every: .milliseconds(10), times: 60),
        ])
      #expect(found.isProblem(413, "too_large"), "\(found)")
    }
    #expect(ledger.script.withLock { $0.submissionsSeen } == 0)
  }

  /// All bodies together have a bound too.
  @Test func refuseBodiesWhileOthersAreRead() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesInFlightMax = 500
    try await withServer(FakeLedger(), limits: limits) { port in
      let answer = try await send(
        port, "/v1/submissions", method: .POST, [("content-type", "application/json")],
        body: [UInt8](repeating: 0x20, count: 501))
      #expect(answer.isProblem(503, "overloaded"), "\(answer)")
      #expect(answer.fields["retry-after"] == "1")
      // What was taken is given back.
      let next = try await send(
        port, "/v1/submissions", method: .POST, [("content-type", "application/json")],
        body: [UInt8](repeating: 0x20, count: 499))
      #expect(next.isProblem(400, "malformed"), "\(next)")
    }
  }

  @Test(arguments: [
    ([Step.send(post + "Content-Length: 50\r\n\r\n{\"enve"), .finish], "incomplete_body", 400),
    (
      [.send(post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), .finish], "incomplete_body", 400
    ),
    ([.send("\u{1}\u{2}garbage\r\n\r\n")], "malformed_http", 400),
    ([.send("GET /v1/supply HTTP/9.9\r\n\r\n")], "malformed_http", 400),
    ([.send("GET /v1/supply HTTP/1.1\nHost: localhost\n\n")], "malformed_http", 400),
    (
      [.send("GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")],
      "http_version_not_supported", 505
    ),
    (
      [.send("POST /v1/submissions HTTP/1.0\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")],
      "http_version_not_supported", 505
    ),
    ([.send("GET /healthz HTTP/1.1\r\n\r\n")], "host_invalid", 400),
    (
      [.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n")],
      "host_invalid", 400
    ),
    (
      [.send("POST /v1/submissions HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")], "host_invalid", 400
    ),
    ([.sendBytes([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])], "malformed_http", 400),
    (
      [.send("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 9_000) + "\r\n\r\n")],
      "headers_too_large", 431
    ),
    (
      [.send("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n")],
      "headers_too_large", 431
    ),
  ])
  func answerBrokenRequestsAndClose(steps: [Step], code: String, status: Int) async throws {
    var limits = HTTPLimits()
    limits.lingerTimeout = .milliseconds(200)
    try await withServer(FakeLedger(), limits: limits) { port in
      let text = try await converse(port, steps)
      #expect(text.isProblem(status, code), "\(text)")
      // And the server goes on.
      #expect(try await send(port, "/healthz").status == 200)
    }
  }

  /// Goal: who asks for another protocol is answered in this one and let go, since nothing behind
  /// such a request is read: on a connection that stayed open, the next one would wait for nothing.
  @Test(arguments: [
    ("GET /healthz HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", 200),
    ("GET /healthz HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", 200),
    ("CONNECT localhost:443 HTTP/1.1\r\n", 404),
  ])
  func endAfterUpgrades(request: String, status: Int) async throws {
    try await withServer(FakeLedger()) { port in
      let next = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      let text = try await converse(
        port, [.send(next + request + "Host: localhost\r\n\r\n" + next)], within: .seconds(5))
      #expect(text.ranges(of: "HTTP/1.1 ").count == 2, "\(text)")
      #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("}HTTP/1.1 \(status) "), "\(text)")
      #expect(text.contains("Connection: close"), "\(text)")
    }
  }

  /// Goal: what came before a request that is refused for its head is answered, and nothing that
  /// comes behind it.
  @Test func answerWhatCameBeforeAForeignVersion() async throws {
    try await withServer(FakeLedger()) { port in
      let good = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      let submission = Self.post + "Content-Length: 2\r\n\r\n{}"
      for old in [
        "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", "GET /healthz HTTP/1.1\r\n\r\n",
      ] {
        let text = try await converse(
          port, [.send(good + submission + good + old + good)], within: .seconds(5))
        let statuses = text.matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).map { String($0.1) }
        let isOlder = old.contains("HTTP/1.0")
        #expect(statuses == ["200", "400", "200", isOlder ? "505" : "400"], "\(text)")
        let code = isOlder ? "http_version_not_supported" : "host_invalid"
        #expect(text.hasSuffix("\"code\":\"\(code)\"}"), "\(text)")
      }
    }
  }

  /// Connections that stall: none outlives its limit.
  @Test(arguments: [
    [Step.pause(.seconds(30))],
    [.send("GET /healthz HTT"), .pause(.seconds(30))],
    [.drip("G", every: .milliseconds(50), times: 600)],
    [.send(post + "Content-Length: 900\r\n\r\n{"), .pause(.seconds(30))],
    [
      .send(post + "Content-Length: 900\r\n\r\n"),
      .drip(" ", every: .milliseconds(50), times: 600),
    ],
    [.finish, .pause(.seconds(30))],
    [.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), .finish, .pause(.seconds(30))],
    [.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), .pause(.seconds(30))],
  ])
  func closeStalledConnections(steps: [Step]) async throws {
    var limits = HTTPLimits()
    limits.idleTimeout = .milliseconds(900)
    limits.requestTimeout = .milliseconds(1_100)
    limits.lingerTimeout = .milliseconds(200)
    try await withServer(FakeLedger(), limits: limits) { port in
      let text = try await converse(port, steps, within: .seconds(5))
      if steps.count > 1, case .send(let request) = steps[0], request.hasSuffix("a\r\n\r\n") {
        #expect(text.hasPrefix("HTTP/1.1 200 OK"), "\(text)")
      }
    }
  }

  /// Goal: who sends too slowly is told so before the connection ends.
  @Test(arguments: [
    [
      Step.send(post + "Content-Length: 900\r\n\r\n"),
      .drip(" ", every: .milliseconds(50), times: 600),
    ],
    [
      .send(post + "Transfer-Encoding: chunked\r\n\r\n"),
      .drip("1\r\na\r\n", every: .milliseconds(50), times: 600),
    ],
  ])
  func tellWhoIsTooSlow(steps: [Step]) async throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .milliseconds(600)
    limits.lingerTimeout = .milliseconds(200)
    let ledger = FakeLedger()
    try await withServer(ledger, limits: limits) { port in
      let text = try await converse(port, steps, within: .seconds(5))
      #expect(text.isProblem(408, "request_timeout"), "\(text)")
      #expect(text.ranges(of: "HTTP/1.1").count == 1, "\(text)")
      #expect(try await send(port, "/healthz").status == 200)
    }
    #expect(ledger.script.withLock { $0.submissionsSeen } == 0)
  }

  /// Goal: a head that drips has the time of a request, and no more.
  @Test func endAHeadThatDrips() async throws {
    var limits = HTTPLimits()
    limits.requestTimeout = .milliseconds(600)
    try await withServer(FakeLedger(), limits: limits) { port in
      let start = ContinuousClock.now
      let text = try await converse(
        port,
        [
          .send("GET /healthz HTTP/1.1\r\n"),
          .drip("A: b\r\n", every: .milliseconds(50), times: 60),
        ], within: .seconds(10))
      #expect(ContinuousClock.now - start < .seconds(2.5))
      #expect(text.isProblem(408, "request_timeout"), "\(text)")
    }
  }

  /// Goal: a caller that asks and never reads keeps neither its connection nor the server's end.
  ///
  /// Method: many pipelined requests, whose answers no socket buffer holds, and then the server is
  /// to drain.
  @Test(.timeLimit(.minutes(1))) func endWhoNeverReads() async throws {
    var limits = HTTPLimits()
    limits.answerTimeout = .milliseconds(500)
    let ledger = FakeLedger()
    ledger.change { $0.participantCount = 100 }
    let start = ContinuousClock.now
    try await withServer(ledger, limits: limits) { port in
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.autoRead, value: false)
        .connect(host: "127.0.0.1", port: port).get()
      let requests = String(
        repeating: "GET /v1/participants HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 2_000)
      channel.writeAndFlush(ByteBuffer(string: requests), promise: nil)
      try await Task.sleep(for: .seconds(1.5))
      #expect(try await send(port, "/healthz").status == 200)
    }
    #expect(ContinuousClock.now - start < .seconds(15))
  }

  /// Goal: each submission that is refused at the door is counted once, under the code that its
  /// sender was told.
  @Test func countRefusals() async throws {
    let ledger = FakeLedger()
    ledger.change { $0.submitErrors = [.stopping, .invalid(.badSignature(index: 0))] }
    let submission = Submission.sample(1, on: ledger)
    try await withServer(ledger) { port in
      func post(_ body: [UInt8], _ type: String = "application/json") async throws -> UInt {
        try await send(
          port, "/v1/submissions", method: .POST, [("content-type", type)], body: body
        ).status
      }
      #expect(try await post(submission.json) == 503)
      #expect(try await post(submission.json) == 403)
      #expect(try await post(submission.json) == 200)
      for _ in 0..<3 { #expect(try await post(Array("{}".utf8)) == 400) }
      #expect(try await post([0xFF], "application/x-protobuf") == 400)
      #expect(try await post([1], "text/plain") == 415)
      // What is no submission is not counted as one.
      _ = try await send(port, "/v1/nothing")
      let answer = try await send(port, "/readyz")
      #expect(
        answer.text.hasSuffix(
          #""refused_submissions":{"bad_signature":1,"malformed":4,"stopping":1,"#
            + #""unsupported_media_type":1}}"#), "\(answer.text)")
    }
  }

  /// Goal: nothing but loopback is ever bound.
  @Test func listenOnLoopbackAlone() throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    for host in [
      "0.0.0.0", "::", "", "192.168.1.1", "127.0.0.1.example.com", "127.1", "128.0.0.1",
      "127.0.0.256", "127.0.0.01", "localhost.", "example.com", "::ffff:127.0.0.1",
    ] {
      #expect(throws: LedgerServerError.notLoopback(host: host)) {
        try LedgerServer(
          ledger: FakeLedger(), documents: MemoryDocumentStore(), host: host, port: 0,
          webhooks: .none(of: FakeLedger()),
          logger: logger)
      }
    }
    for host in ["127.0.0.1", "127.255.0.9", "::1", "localhost"] {
      #expect(throws: Never.self) {
        try LedgerServer(
          ledger: FakeLedger(), documents: MemoryDocumentStore(), host: host, port: 0,
          webhooks: .none(of: FakeLedger()),
          logger: logger)
      }
    }
    #expect(throws: LedgerServerError.noPort(70_000)) {
      try LedgerServer(
        ledger: FakeLedger(), documents: MemoryDocumentStore(), host: "::1", port: 70_000,
        webhooks: .none(of: FakeLedger()),
        logger: logger)
    }
  }

  @Test func sayThatAPortIsTaken() async throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    try await withServer(FakeLedger()) { port in
      let second = try LedgerServer(
        ledger: FakeLedger(), documents: MemoryDocumentStore(), host: "127.0.0.1", port: port,
        webhooks: .none(of: FakeLedger()), logger: logger)
      await #expect(throws: LedgerServerError.self) { try await second.run() }
    }
  }
}

extension String {
  /// Whether a raw answer is a problem of that status and code.
  func isProblem(_ status: Int, _ code: String) -> Bool {
    hasPrefix("HTTP/1.1 \(status) ") && contains("application/problem+json")
      && contains(#""code":"\#(code)""#)
  }
}
