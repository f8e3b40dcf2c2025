import Foundation
import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import Logging
import NIOHTTP1
import Synchronization
import Testing

/// Goal: whatever a receiver answers, it gets each event of its owner, in the order of the log, or
/// finds it among the dead letters.
///
/// Method: a true ledger and a true receiver over HTTP; the reference is what a follower hears.
@Suite struct WebhookTests {
  /// A ledger with its webhooks, served.
  private struct Scene: Sendable {
    let small: SmallLedger
    let store: MemoryWebhookStore
    let port: Int

    /// Sends JSON, and reads JSON.
    @discardableResult
    func ask(
      _ path: String, _ method: String = "GET", _ body: String? = nil
    ) async throws -> [String: Any] {
      let answer = try await LedgerHTTPTests.send(
        port, path, method: .init(rawValue: method), [("content-type", "application/json")],
        body: body.map { Array($0.utf8) })
      return try #require(
        try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    func state(_ name: String) async throws -> String {
      try #require(try await ask("/v1/webhooks/\(name)")["state"] as? String)
    }
  }

  /// Bounds of which a test does not have to wait for any.
  private static let quick: WebhookLimits = {
    var limits = WebhookLimits()
    limits.pauseMin = .milliseconds(1)
    limits.pauseMax = .milliseconds(4)
    limits.restPause = .milliseconds(10)
    limits.eventsPerDeliveryMax = 7
    return limits
  }()

  private func serve(
    _ small: SmallLedger, _ store: MemoryWebhookStore, to receiver: Int,
    limits: WebhookLimits = quick, _ body: @Sendable (Scene) async throws -> Void
  ) async throws {
    let sender = try WebhookSender(
      to: [try #require(WebhookHost("127.0.0.1:\(receiver)"))], signedBy: small.logKey,
      try small.ledger.genesis.verifierKey(), authorities: nil, limits: limits)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let webhooks = try Webhooks(
      of: small.ledger, in: store, sender: sender, isUnderTLS: false, limits: limits,
      logger: logger)
    try await withServer(small.ledger, webhooks: webhooks) { port in
      try await body(Scene(small: small, store: store, port: port))
    }
  }

  /// Waits until something holds, for as long as a slow machine may need.
  private func wait(
    _ comment: Comment, until isDone: () async throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !isDone() {
      try #require(ContinuousClock.now < end, comment)
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test(arguments: UInt64(0)..<4)
  func eachEventComesInOrderThroughFailures(seed: UInt64) async throws {
    let small = try await SmallLedger()
    try await small.issue(150)
    let random = Mutex(SplitMix64(seed: seed))
    let receiver = WebhookReceiver { _ in
      random.withLock { random in
        guard random.happens(percent: 40) else { return (200, []) }
        return (random.one(of: [408, 429, 500, 502, 503, 599]), [])
      }
    }
    try await receiver.run { receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort) { scene in
        let url = "http://127.0.0.1:\(receiverPort)/hook?a=b"
        let made = try await scene.ask(
          "/v1/webhooks/first", "PUT", #"{"url": "\#(url)", "after": 0}"#)
        #expect(made["url"] as? String == url)
        try await small.issue(20)
        let expected = try await small.events()
        #expect(expected.count == 172)
        try await wait("seed \(seed)") { receiver.entries.count >= expected.count }
        #expect(receiver.entries == expected, "seed \(seed)")
        #expect(receiver.deliveries.allSatisfy { 1...7 ~= $0.entries.count })
        #expect(receiver.deliveries.allSatisfy { $0.path == "/hook?a=b" })
        try await wait("it has caught up") {
          try await scene.ask("/v1/webhooks/first")["lag_entries"] as? Int == 0
        }
        let stands = try await scene.ask("/v1/webhooks/first")
        #expect(stands["state"] as? String == "delivering" && stands["lag_seconds"] as? Int == 0)
        #expect(stands["after"] as? UInt64 == small.ledger.status().size - 1)
      }
    }
  }

  @Test func whatIsRefusedIsADeadLetterAndIsSentAgain() async throws {
    let small = try await SmallLedger()
    try await small.issue(40)
    let expected = try await small.events()
    let refused = expected.filter { $0.isMultiple(of: 5) }
    let receiver = WebhookReceiver { entries in
      (entries.contains { $0.isMultiple(of: 5) } ? 422 : 204, [])
    }
    try await receiver.run { receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort) { scene in
        try await scene.ask(
          "/v1/webhooks/first", "PUT",
          #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": 0}"#)
        try await wait("all but the refused have come") {
          receiver.entries.count + refused.count == expected.count
        }
        #expect(receiver.entries == expected.filter { !$0.isMultiple(of: 5) })
        try await wait("the refused are kept") {
          try await scene.ask("/v1/webhooks/first")["dead_letters"] as? Int == refused.count
        }
        let letters = try #require(
          try await scene.ask("/v1/webhooks/first/dead-letters")["dead_letters"]
            as? [[String: Any]])
        #expect(letters.compactMap { $0["sequence"] as? UInt64 } == refused)
        #expect(letters.allSatisfy { $0["attempts"] as? Int == Self.quick.refusedAttemptsMax })
        #expect(letters.allSatisfy { $0["answer"] as? String == "status 422" })

        // Refused again, they stay, and are not sent for ever.
        try await scene.ask(
          "/v1/webhooks/first/dead-letters:resend", "POST", #"{"after": 0}"#)
        try await wait("each was tried once more") {
          let all = try await scene.ask("/v1/webhooks/first/dead-letters")
          return (all["dead_letters"] as? [[String: Any]] ?? []).allSatisfy {
            $0["attempts"] as? Int == Self.quick.refusedAttemptsMax + 1
              && $0["due"] as? Bool == false
          }
        }
        receiver.answers.withLock { $0 = { _ in (204, []) } }
        try await scene.ask(
          "/v1/webhooks/first/dead-letters:resend", "POST", #"{"after": 0}"#)
        try await wait("they have come") { receiver.entries.count == expected.count }
        #expect(receiver.entries.suffix(refused.count) == refused[...])
        try await wait("none is left") {
          try await scene.ask("/v1/webhooks/first")["dead_letters"] as? Int == 0
        }
      }
    }
  }

  @Test func fullDeadLettersHoldDeliveryAndLoseNothing() async throws {
    let small = try await SmallLedger()
    try await small.issue(6)
    let expected = try await small.events()
    var limits = Self.quick
    limits.deadLettersMax = 2
    let receiver = WebhookReceiver { _ in (404, []) }
    try await receiver.run { [limits] receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort, limits: limits) { scene in
        try await scene.ask(
          "/v1/webhooks/first", "PUT",
          #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": 0}"#)
        try await wait("there is no room") {
          try await scene.state("first") == "dead_letters_full"
        }
        let stands = try await scene.ask("/v1/webhooks/first")
        #expect(stands["dead_letters"] as? Int == 2)
        #expect(stands["after"] as? UInt64 == expected[2] - 1)
        receiver.answers.withLock { $0 = { _ in (204, []) } }
        try await wait("the rest has come") { receiver.entries.count == expected.count - 2 }
        #expect(receiver.entries == Array(expected.dropFirst(2)))
        try await scene.ask("/v1/webhooks/first/dead-letters", "DELETE")
        let dropped = try await scene.ask("/v1/webhooks/first")
        #expect(dropped["dead_letters"] as? Int == 0)
      }
    }
  }

  @Test func aRestartAndAReceiverThatWasAwayLoseNothing() async throws {
    let small = try await SmallLedger()
    try await small.issue(30)
    let store = MemoryWebhookStore()
    let receiver = WebhookReceiver()
    let port = Mutex(0)
    try await receiver.run { receiverPort in
      port.withLock { $0 = receiverPort }
      try await serve(small, store, to: receiverPort) { scene in
        try await scene.ask(
          "/v1/webhooks/first", "PUT",
          #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": 0}"#)
        try await wait("something has come") { !receiver.entries.isEmpty }
      }
    }
    // Nobody listens, and nothing runs.
    try await small.issue(30)
    let receiverPort = port.withLock { $0 }
    try await serve(small, store, to: receiverPort) { scene in
      try await wait("it is found out") { try await scene.state("first") == "retrying" }
      let stands = try await scene.ask("/v1/webhooks/first")
      #expect((stands["lag_entries"] as? Int ?? 0) > 0 && stands["retry"] != nil)
      try await small.issue(10)
      try await receiver.run(port: receiverPort) { _ in
        let expected = try await small.events()
        try await wait("all have come") { Set(receiver.entries).count == expected.count }
        // At least once: what was under way at the end may have come twice.
        var first: [UInt64] = []
        for entry in receiver.entries where !first.contains(entry) { first.append(entry) }
        #expect(first == expected)
        #expect(receiver.entries.count <= expected.count + Self.quick.eventsPerDeliveryMax)

        // The receiver has an event before the server has heard so.
        try await wait("its position is behind the last") {
          try await scene.ask("/v1/webhooks/first")["lag_entries"] as? Int == 0
        }
        let after = expected[expected.count - 3]
        let count = receiver.entries.count
        try await scene.ask(
          "/v1/webhooks/first:replay", "POST", #"{"after": \#(after)}"#)
        try await wait("the last two come again") { receiver.entries.count >= count + 2 }
        #expect(receiver.entries.suffix(2) == expected.suffix(2))
        let forward = try await scene.ask(
          "/v1/webhooks/first:replay", "POST", #"{"after": 1000000}"#)
        #expect(forward["code"] as? String == "invalid_parameter")
      }
    }
  }

  /// Goal: a bank hears of its own, as long as one of its certificates reads, and of all once it
  /// does again; and whoever else asks is told that there is no such webhook.
  @Test func aBankHearsOfItsOwnWhileItReads() async throws {
    let small = try await SmallLedger()
    let reader = Reader.participant(SmallLedger.banks[0])
    let access = Access.certificate([reader])
    let certificate = SPKIHash(Bytes32(words: (5, 6, 7, 8)))
    let register: @Sendable () async throws -> Void = {
      try await small.order([
        .registerCertificate(
          RegisterCertificate(
            reader: reader, certificate: certificate, validFrom: SystemClock().now,
            validUntil: nil))
      ])
    }
    let receiver = WebhookReceiver()
    try await receiver.run { receiverPort in
      let store = MemoryWebhookStore()
      try store.keep(
        KeptWebhook(
          id: WebhookID(owner: reader, name: "theirs"),
          url: "http://127.0.0.1:\(receiverPort)/", next: .genesis))
      try await small.issue(10)
      try await serve(small, store, to: receiverPort) { scene in
        try await Task.sleep(for: .milliseconds(100))
        #expect(receiver.deliveries.isEmpty, "no certificate reads yet")
        try await register()
        let first = try await small.events(for: access)
        try await wait("its own have come") { receiver.entries.count >= first.count }
        #expect(receiver.entries == first && first.count < 13)

        try await small.order([
          .revokeCertificate(RevokeCertificate(reader: reader, certificate: certificate))
        ])
        let before = receiver.entries.count
        try await small.issue(10)
        try await Task.sleep(for: .milliseconds(100))
        #expect(receiver.entries.count == before, "nothing while it does not read")
        let state = #"specie_webhook_state{reader="bank-1",webhook="theirs",state=""#
        var metrics = ""
        try await wait("it is told as resting") {
          metrics = try await LedgerHTTPTests.send(scene.port, "/metrics").text
          return metrics.contains(state + "no_access\"} 1\n")
        }
        #expect(metrics.contains(state + "delivering\"} 0\n"))
        let lag = try #require(
          metrics.split(separator: "\n").first {
            $0.hasPrefix(#"specie_webhook_lag_entries{reader="bank-1",webhook="theirs"}"#)
          })
        #expect(!lag.hasSuffix(" 0"))
        try await small.order([
          .registerCertificate(
            RegisterCertificate(
              reader: reader, certificate: SPKIHash(Bytes32(words: (9, 9, 9, 9))),
              validFrom: SystemClock().now, validUntil: nil))
        ])
        let all = try await small.events(for: access)
        try await wait("what came meanwhile has come") { receiver.entries.count >= all.count }
        #expect(receiver.entries == all)

        for (method, path) in [
          ("GET", "theirs"), ("DELETE", "theirs"), ("GET", "theirs/dead-letters"),
          ("POST", "theirs:replay"), ("POST", "theirs/dead-letters:resend"),
        ] {
          let body = method == "POST" ? #"{"after": 0}"# : nil
          let found = try await scene.ask("/v1/webhooks/\(path)", method, body)
          let none = try await scene.ask(
            "/v1/webhooks/\(path.replacing("theirs", with: "no-one"))", method, body)
          #expect(found["status"] as? Int == 404, "\(method) \(path)")
          #expect(
            (found["detail"] as? String)?.replacing("theirs", with: "no-one")
              == none["detail"] as? String)
        }
        let listed = try await scene.ask("/v1/webhooks")["webhooks"] as? [Any]
        #expect(listed?.isEmpty == true)
      }
    }
  }

  @Test func nothingIsSentWhereItMayNot() async throws {
    let small = try await SmallLedger()
    try await serve(small, MemoryWebhookStore(), to: 7_999) { scene in
      let cases: [(url: String, code: String?)] = [
        ("http://127.0.0.1:7999/", nil), ("http://127.0.0.1:7999/a/b?c=%2F", nil),
        ("http://127.0.0.1:7998/", "webhook_host_not_permitted"),
        ("http://127.0.0.1/", "webhook_host_not_permitted"),
        ("https://127.0.0.1:7999/", nil),
        ("http://localhost:7999/", "webhook_host_not_permitted"),
        ("https://bank.example/hook", "webhook_host_not_permitted"),
        ("http://bank.example/hook", "invalid_parameter"),
        ("http://169.254.169.254/latest", "invalid_parameter"),
        ("https://127.0.0.1:7999", "invalid_parameter"),
        ("https://127.0.0.1:7999@bank.example/", "invalid_parameter"),
        ("https://bank.example#127.0.0.1:7999/", "invalid_parameter"),
        ("https://127.0.0.1:7999/#a", "invalid_parameter"),
        ("https://127.0.0.1:07999/", "invalid_parameter"),
        ("https://127.0.0.1:79990/", "invalid_parameter"),
        ("https://127.0.0.1:7999/ b", "invalid_parameter"),
        ("https://127.0.0.1:7999/%", "invalid_parameter"),
        ("https://127.0.0.1:7999/é", "invalid_parameter"),
        ("HTTPS://127.0.0.1:7999/", "invalid_parameter"), ("", "invalid_parameter"),
      ]
      for (url, code) in cases {
        let answer = try await scene.ask("/v1/webhooks/w1", "PUT", #"{"url": "\#(url)"}"#)
        #expect(answer["code"] as? String == code, "`\(url)`: \(answer)")
      }
      for body in [
        "", "[]", #"{"url": 1}"#, #"{}"#, #"{"url": "https://127.0.0.1:7999/", "more": 1}"#,
        #"{"url": "http://127.0.0.1:7999/", "kinds": []}"#,
        #"{"url": "http://127.0.0.1:7999/", "kinds": ["steal"]}"#,
        #"{"url": "http://127.0.0.1:7999/", "account": "x"}"#,
      ] {
        let answer = try await scene.ask("/v1/webhooks/w2", "PUT", body)
        #expect(answer["code"] as? String == "invalid_parameter", "`\(body)`: \(answer)")
      }
      for number in 1...Self.quick.webhooksPerReaderMax {
        let answer = try await scene.ask(
          "/v1/webhooks/w\(number)", "PUT", #"{"url": "http://127.0.0.1:7999/"}"#)
        #expect(answer["code"] == nil, "\(answer)")
      }
      let last = try await scene.ask(
        "/v1/webhooks/one-more", "PUT", #"{"url": "http://127.0.0.1:7999/"}"#)
      #expect(last["code"] as? String == "webhooks_full")
    }
  }

  /// Goal: a reading that fails amid a delivery neither loses nor doubles an event.
  @Test func readingsThatFailLoseNothing() async throws {
    let failures = Mutex<UnreadableAtTimes?>(nil)
    let small = try await SmallLedger { base in
      let store = UnreadableAtTimes(base)
      failures.withLock { $0 = store }
      return store
    }
    let store = try #require(failures.withLock { $0 })
    // A row each, and so a reading.
    for _ in 0..<40 { try await small.issue(2) }
    let expected = try await small.events()
    let receiver = WebhookReceiver()
    try await receiver.run { receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort) { scene in
        store.failEach(3)
        try await scene.ask(
          "/v1/webhooks/first", "PUT",
          #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": 0}"#)
        try await wait("all have come") { receiver.entries.count >= expected.count }
        #expect(store.failEach(nil) > 3)
        #expect(receiver.entries == expected)
      }
    }
  }

  /// Goal: a webhook that is made many times at once is one, and one that is removed many times at
  /// once is removed once.
  ///
  /// Method: many times, since whether requests meet is the machine's choice.
  @Test func requestsAtOnceMakeOne() async throws {
    let small = try await SmallLedger()
    let receiver = WebhookReceiver()
    try await receiver.run { receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort) { scene in
        @Sendable func all(_ method: String, _ body: String?) async throws -> [Int] {
          try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
              group.addTask {
                let answer = try await scene.ask("/v1/webhooks/first", method, body)
                return answer["status"] as? Int ?? 200
              }
            }
            return try await group.reduce(into: []) { $0.append($1) }
          }
        }
        for round in 0..<10 {
          let size = small.ledger.status().size
          let body = #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": \#(size - 1)}"#
          #expect(try await all("PUT", body) == Array(repeating: 200, count: 8))
          let before = receiver.entries.count
          try await small.issue(3)
          try await wait("all have come") { receiver.entries.count >= before + 3 }
          // Whatever a second courier would send comes at the same time.
          try await wait("it has caught up") {
            try await scene.ask("/v1/webhooks/first")["lag_entries"] as? Int == 0
          }
          let wanted = Array(size + 1..<size + 4)
          #expect(Array(receiver.entries.dropFirst(before)) == wanted, "round \(round)")
          let removals = try await all("DELETE", nil)
          #expect(removals.sorted() == [200] + Array(repeating: 404, count: 7))
        }
      }
    }
  }

  /// Goal: a receiver that says when to come again is heeded.
  @Test func retryAfterIsHeeded() async throws {
    let small = try await SmallLedger()
    let count = Mutex(0)
    let receiver = WebhookReceiver { _ in
      count.withLock { count in
        count += 1
        return count == 1 ? (503, [("retry-after", "1")]) : (204, [])
      }
    }
    try await receiver.run { receiverPort in
      try await serve(small, MemoryWebhookStore(), to: receiverPort) { scene in
        try await scene.ask(
          "/v1/webhooks/first", "PUT",
          #"{"url": "http://127.0.0.1:\#(receiverPort)/", "after": 0}"#)
        try await wait("it has come") { !receiver.entries.isEmpty }
        let times = receiver.deliveries.map(\.time)
        #expect(times[1] - times[0] >= .seconds(1))
      }
    }
  }
}

/// A store of which each so many-th reading fails.
private final class UnreadableAtTimes: LedgerStore {
  private let base: any LedgerStore
  private let state = Mutex<(period: Int?, readings: Int, failures: Int)>((nil, 0, 0))

  init(_ base: any LedgerStore) { self.base = base }

  /// - Parameter period: Which readings fail; `nil` for none.
  /// - Returns: How many have failed.
  @discardableResult
  func failEach(_ period: Int?) -> Int {
    state.withLock { state in
      state.period = period
      return state.failures
    }
  }

  func rows(from sequence: SequenceNumber, rowsMax: Int) throws(StoreError) -> [StoredRow] {
    let fails = state.withLock { state in
      guard let period = state.period else { return false }
      state.readings += 1
      guard state.readings.isMultiple(of: period) else { return false }
      state.failures += 1
      return true
    }
    if fails { throw .failed(detail: "reading fails, of a test") }
    return try base.rows(from: sequence, rowsMax: rowsMax)
  }

  var hasSideData: Bool { base.hasSideData }

  func append(_ rows: [StoredRow]) throws(StoreError) { try base.append(rows) }

  func entryCount() throws(StoreError) -> UInt64 { try base.entryCount() }

  func close() throws(StoreError) { try base.close() }
}
