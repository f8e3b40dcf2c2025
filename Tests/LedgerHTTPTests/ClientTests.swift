import LedgerClient
import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerTesting
import LedgerWire
import MerkleLog
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Goal: the client believes what the log proves, and nothing else.
@Suite struct ClientTests {
  private static func client(
    _ ledger: FakeLedger, _ port: Int, proven: Int = 64, pinned: [UInt8]? = nil
  ) throws(ClientError) -> LedgerClient {
    var options = ClientOptions()
    options.submitTimeout = .seconds(3)
    options.checkpointTimeout = .seconds(2)
    options.provenInstructionsMax = proven
    return try LedgerClient(
      baseURL: "http://127.0.0.1:\(port)", trust: ledger.trust, pinned: pinned, options: options)
  }

  @Test func submitWaitAndVerify() async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.outcomes = [
        1: .rejected(
          code: .limitExceeded, rule: RuleID(unchecked: "r.day"), pack: PackName(unchecked: "r"))
      ]
      $0.breach = LimitBreach(
        terms: LimitBreach.Terms(
          pack: PackName(unchecked: "r"), unit: .payments, comparison: .under),
        rule: RuleID(unchecked: "r.day"), account: .example(10), limit: 5, used: 4, asked: 2,
        resets: nil)
      $0.uncoveredAskings = 2
    }
    let submission = Submission.sample(3, on: ledger)
    try await withServer(ledger) { port in
      let client = try Self.client(ledger, port)
      let receipt = try await client.submit(submission)
      #expect(receipt.sequence == SequenceNumber(1))
      #expect(receipt.time == FakeLedger.time)
      #expect(receipt.checkpoint.checkpoint.size == 5)
      #expect(client.newestCheckpoint == receipt.checkpoint)
      #expect(receipt.instructions.count { $0.isProven } == 3)
      #expect(receipt.instructions.map(\.sequence.value) == [2, 3, 4])
      #expect(receipt.rejected.map(\.id) == [.sample(1)])
      #expect(receipt.rejected.first?.breach == ledger.script.withLock { $0.breach })
      // The same bytes again: copies, of which the first is proven too.
      ledger.change {
        $0.outcomes = [
          0: .duplicate(of: SequenceNumber(2)), 1: .accepted, 2: .duplicate(of: SequenceNumber(4)),
        ]
      }
      let copies = try await client.submit(submission)
      #expect(copies.instructions.map(\.isDuplicate) == [true, false, true])
      #expect(copies.instructions.map(\.firstSequence.value) == [2, 7, 4])
    }
  }

  @Test func proveASampleOfALargeSubmission() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      let receipt = try await Self.client(ledger, port, proven: 5)
        .submit(.sample(100, on: ledger))
      #expect(receipt.instructions.count { $0.isProven } == 5)
      #expect(receipt.instructions.first?.isProven == true)
      #expect(receipt.instructions.last?.isProven == true)
    }
  }

  @Test func tryTheSameBytesAgain() async throws {
    let ledger = FakeLedger()
    ledger.change {
      $0.submitErrors = [
        .overloaded(queue: "orders", max: 1, retryAfterSeconds: 0),
        .storageFull(retryAfterSeconds: 0),
      ]
    }
    try await withServer(ledger) { port in
      _ = try await Self.client(ledger, port).submit(.sample(1, on: ledger))
    }
    #expect(ledger.script.withLock { $0.submissionsSeen } == 3)
  }

  @Test func handOnRefusals() async throws {
    let ledger = FakeLedger()
    ledger.change { $0.submitErrors = [.invalid(.badSignature(index: 0))] }
    try await withServer(ledger) { port in
      let client = try Self.client(ledger, port)
      #expect(
        try await refusal { _ = try await client.submit(.sample(1, on: ledger)) }
          == "not taken: bad_signature 403")
      #expect(
        try await refusal { _ = try await client.entry(SequenceNumber(99)) }
          == "not_yet_covered 404")
    }
    let gone = try LedgerClient(baseURL: "http://127.0.0.1:1", trust: ledger.trust)
    await #expect(throws: ClientError.self) { try await gone.info() }
  }

  /// The code and status of the problem that ends `body`.
  private func refusal(_ body: () async throws -> Void) async throws -> String? {
    do {
      try await body()
      return nil
    } catch ClientError.refused(let problem) {
      return "\(problem.code) \(problem.status)"
    } catch ClientError.notTaken(let problem) {
      return "not taken: \(problem.code) \(problem.status)"
    }
  }

  /// Each lie of a server, and what the client says to it.
  @Test func believeNoLie() async throws {
    let lies: [(String, @Sendable (inout FakeLedger.Script) -> Void)] = [
      ("the signature by key", { $0.signer = FakeLedger.bankKey }),
      (
        "another statement",
        {
          $0.forgery = { sequence, bytes in
            sequence.value == 1
              ? forged(bytes) { body in
                guard case .submission(_, let signatures) = body else { return body }
                return .submission(statement: [1], signatures: signatures)
              } : bytes
          }
        }
      ),
      (
        "another instruction",
        {
          $0.forgery = { sequence, bytes in
            sequence.value == 2
              ? forged(bytes) { body in
                guard case .instruction(_, let outcome) = body else { return body }
                return .instruction(bytes: [1], outcome: outcome)
              } : bytes
          }
        }
      ),
      (
        "the receipt says accepted",
        {
          $0.forgery = { sequence, bytes in
            sequence.value == 2
              ? forged(bytes) { body in
                guard case .instruction(let bytes, _) = body else { return body }
                return .instruction(bytes: bytes, outcome: .rejected(code: .amountZero, rule: nil))
              } : bytes
          }
        }
      ),
      ("the proof leads to root", { $0.forgedRoot = .zero }),
    ]
    for (expected, lie) in lies {
      let ledger = FakeLedger()
      ledger.change(lie)
      try await withServer(ledger) { port in
        let client = try Self.client(ledger, port)
        do {
          _ = try await client.submit(.sample(1, on: ledger))
          Issue.record("believed: \(expected)")
        } catch let error as ClientError {
          guard case .untrusted = error else { throw error }
          #expect("\(error)".contains(expected), "\(error)")
        }
      }
    }
  }

  @Test func noticeALogThatGoesBackOrForks() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      let client = try Self.client(ledger, port)
      let newest = try await client.submit(.sample(2, on: ledger)).checkpoint
      ledger.change { $0.uncoveredAskings = 1 }
      await #expect(throws: ClientError.untrusted(.wentBack(from: 4, to: 1))) {
        try await client.checkpoint()
      }
      // So does a client that was told of it by a note.
      ledger.change { $0.uncoveredAskings = 1 }
      let second = try Self.client(ledger, port, pinned: newest.note.encoded)
      await #expect(throws: ClientError.untrusted(.wentBack(from: 4, to: 1))) {
        try await second.checkpoint()
      }
      ledger.change { $0.forgedRoot = .zero }
      await #expect(throws: ClientError.untrusted(.forked(size: 4))) {
        try await client.checkpoint()
      }
    }
    let other = try ledger.checkpoint()
    let trust = TrustFile(
      ledger: ledger.id,
      logKey: try VerifierKey(
        name: try KeyName("other.example"), algorithm: .ed25519,
        publicKey: FakeLedger.bankKey.publicKey.value.bytes))
    #expect(throws: ClientError.self) {
      try LedgerClient(baseURL: "http://[::1]:9", trust: trust, pinned: other)
    }
  }

  @Test func readEverything() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      let client = try Self.client(ledger, port)
      try await client.waitUntilReady()
      let info = try await client.info()
      #expect(info.currencies == [.cny])
      #expect(info.time == FakeLedger.time)
      #expect(info.horizonMicroseconds(of: .issuer) == 2_592_000_000_000)
      let account = try await client.account(.example(100))
      #expect(account.balance == 9_007_199_254_740_993)
      #expect(account.freeze == .accepted)
      let page = try await client.statement(
        of: .example(100), before: SequenceNumber(12), limit: 7)
      #expect(page.lines.map(\.change) == [-60])
      #expect(page.lines.map(\.amount) == [100])
      #expect(page.lines.map { $0.linked?.change } == [40])
      #expect(page.lines.map(\.reference) == ["a \"b\" 你"])
      #expect(page.next == SequenceNumber(7))
      #expect(try await client.participants().first?.keys.first?.key == .example(3))
      let supply = try await client.supply()
      #expect(supply.first?.outstanding == 19_999_999_999_999_999_999)
      #expect(supply.first?.rules.first?.version == 3)
      let status = try await client.status(of: .sample(1), party: .bank(1))
      #expect(status == .notYetKnown(of: nil, asOf: 3, time: FakeLedger.time))
      #expect(try await client.entry(.genesis).entry.sequence == .genesis)
      let other = try LedgerClient(
        baseURL: "http://127.0.0.1:\(port)/",
        trust: TrustFile(ledger: .example, logKey: ledger.trust.logKey))
      await #expect(
        throws: ClientError.untrusted(.otherLedger(found: ledger.id, pinned: .example))
      ) { try await other.info() }
    }
  }

  /// Goal: a gateway's answer is none of the server's, which may come yet.
  @Test(arguments: [500, 502, 503, 504]) func goOnWhereAGatewayAnswers(status: Int) async throws {
    let asked = Mutex(0)
    let gateway = WebhookReceiver { _ in
      // It has the server's answer at last, which is none of this version's.
      (
        asked.withLock { count in
          count += 1; return count == 4
        } ? 400 : status, []
      )
    }
    try await gateway.run { port in
      var options = ClientOptions()
      options.eventPauseMax = .milliseconds(20)
      let ledger = FakeLedger()
      let client = try LedgerClient(
        baseURL: "http://127.0.0.1:\(port)", trust: ledger.trust, options: options)
      await #expect(
        throws: ClientError.unreachable(
          url: "http://127.0.0.1:\(port)", reason: "status `\(status)` comes in its place")
      ) { try await client.info() }
      await #expect(
        throws: ClientError.malformedAnswer(
          path: "/v1/submissions", reason: "status 400, no problem")
      ) { try await client.submit(.sample(1, on: ledger)) }
      #expect(gateway.deliveries.count == 4, "it is tried again")
      let following = Task {
        var events = client.events().makeAsyncIterator()
        return try await events.next()
      }
      let deadline = ContinuousClock.now + .seconds(30)
      while gateway.deliveries.count < 8, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(gateway.deliveries.count >= 8, "it is asked for again and again")
      following.cancel()
      #expect(try await following.value == nil)
    }
  }

  /// Goal: one request's time is over, too, for an answer that falls silent, or drips.
  @Test(arguments: [200, 400], [true, false])
  func awaitNoEndlessAnswer(status: Int, drips: Bool) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.pipeline.addHandler(EndlessAnswer(status: status, drips: drips))
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    var options = ClientOptions()
    options.requestTimeout = .milliseconds(300)
    let client = try LedgerClient(
      baseURL: "http://127.0.0.1:\(port)", trust: FakeLedger().trust, options: options)
    let began = ContinuousClock.now
    await #expect(throws: ClientError.timedOut(waitingFor: "the answer of `/v1/checkpoint`")) {
      try await client.checkpoint()
    }
    await #expect(
      throws: ClientError.timedOut(waitingFor: "the answer of `/v1/iso20022?party=bank-1`")
    ) { try await client.send(message: [], for: try ParticipantID("bank-1")) }
    #expect(ContinuousClock.now - began < .seconds(60))
    try await server.close().get()
  }

  /// Without TLS a client goes nowhere but to loopback.
  @Test func goNowhereElse() throws {
    let trust = FakeLedger().trust
    for url in [
      "", "127.0.0.1:80", "https://", "ftp://127.0.0.1", "http://example.com", "http://127.0.0.1:x",
      "http://127.0.0.1.example.com", "http://127.0.0.1:80/v1", "http://user@localhost:80",
    ] {
      #expect(throws: ClientError.invalidURL(url)) {
        try LedgerClient(baseURL: url, trust: trust)
      }
    }
    for url in ["https://ledger.example", "https://[::1]:7070/", "http://127.0.0.1:7070"] {
      _ = try LedgerClient(baseURL: url, trust: trust)
    }
  }
}

/// Answers with a head and the beginning of a body that never ends.
private final class EndlessAnswer: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let status: Int
  private let drips: Bool

  init(status: Int, drips: Bool) { (self.status, self.drips) = (status, drips) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let head = "HTTP/1.1 \(status) X\r\ncontent-length: 4096\r\n\r\n{"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
    guard drips else { return }
    let channel = context.channel
    channel.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(20), delay: .milliseconds(20)
    ) { task in
      guard channel.isActive else { return task.cancel() }
      channel.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
    }
  }
}

/// The entry with another body.
private func forged(_ bytes: [UInt8], _ body: (LogEntry.Body) -> LogEntry.Body) -> [UInt8] {
  guard let entry = try? LogEntry(canonicalBytes: bytes) else {
    preconditionFailure("the entry decodes")
  }
  return LogEntry(
    sequence: entry.sequence, time: entry.time, previous: entry.previous, body: body(entry.body)
  ).canonicalBytes
}
