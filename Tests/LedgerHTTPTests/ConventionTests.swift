import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerTesting
import LedgerWire
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Goal: what holds for every answer: its request's id, its tag, its quota; and for parameters.
@Suite struct ConventionTests {
  @Test func answersHaveTheirRequestsIDs() async throws {
    try await withServer(FakeLedger()) { port in
      for (path, method) in [
        ("/v1/ledger", HTTPMethod.GET), ("/nothing", .GET), ("/v1/submissions", .POST),
      ] {
        let own = try await send(port, path, method: method, [("X-Request-ID", "a.B-9_z")])
        #expect(own.fields["x-request-id"] == "a.B-9_z", "\(path)")
        let one = try await send(port, path, method: method)
        let two = try await send(port, path, method: method)
        let made = try #require(one.fields["x-request-id"])
        #expect(!made.isEmpty && made != two.fields["x-request-id"], "\(path)")
        for bad in ["a b", String(repeating: "a", count: 65), "é"] {
          let answer = try await send(port, path, method: method, [("X-Request-ID", bad)])
          #expect(answer.fields["x-request-id"] != bad, "\(path)")
        }
      }
      // What is no request has an id as well.
      let text = try await converse(port, [.send("nonsense\r\n\r\n")])
      #expect(text.lowercased().contains("x-request-id: "), "\(text)")
    }
  }

  @Test func whatIsKnownIsNotSentAgain() async throws {
    try await withServer(FakeLedger()) { port in
      for path in ["/v1/ledger", "/v1/supply", "/v1/checkpoint", "/openapi.json"] {
        let first = try await send(port, path)
        let tag = try #require(first.fields["etag"], "\(path)")
        for condition in [tag, "W/" + tag, "*", "\"x\", " + tag] {
          let again = try await send(port, path, [("If-None-Match", condition)])
          #expect(again.status == 304 && again.body.isEmpty, "\(path): \(condition)")
          #expect(again.fields["etag"] == tag, "\(path)")
        }
        let other = try await send(port, path, [("If-None-Match", "\"x\"")])
        #expect(other.status == 200 && other.body == first.body, "\(path)")
      }
    }
  }

  @Test func anIdempotencyKeyIsTheInstructionsID() async throws {
    let ledger = FakeLedger()
    let one = Submission.sample(1, on: ledger)
    let id = try #require(try ids(of: one).first)
    try await withServer(ledger) { port in
      for key in [id, "\"\(id)\""] {
        let answer = try await post(port, one, key)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.fields["idempotency-key"] == "\"\(id)\"")
      }
      let other = try await post(port, one, "019ca78d-9600-7000-8000-0000000000ff")
      #expect(other.status == 400 && other.text.contains("idempotency_key_mismatch"))
      let several = try await post(port, Submission.sample(2, on: ledger), id)
      #expect(several.status == 400 && several.text.contains("idempotency_key_mismatch"))
      let none = try await post(port, one, "first")
      #expect(none.status == 400 && none.text.contains("idempotency_key_invalid"))
    }
  }

  private func ids(of submission: Submission) throws -> [String] {
    try submission.instructions.map {
      try Instruction(canonicalBytes: Array($0)).id.description
    }
  }

  private func post(_ port: Int, _ submission: Submission, _ key: String) async throws -> Answer {
    try await send(
      port, "/v1/submissions", method: .POST,
      [("Content-Type", "application/x-protobuf"), ("Idempotency-Key", key)],
      body: submission.protobuf)
  }

  @Test func parametersArePercentDecoded() async throws {
    let ledger = FakeLedger()
    let account = "/v1/accounts/acc00000-0000-0000-0000-000000000001"
    try await withServer(ledger) { port in
      let entries = try await send(
        port,
        account + "/entries?reference=a%20%22b%22%20%E4%BD%A0&from=2026-03-01T00%3A00%3A00%2B08:00"
          + "&amount_min=3&amount_max=5&counterparty=acc00000-0000-0000-0000-000000000002")
      #expect(entries.status == 200, "\(entries.text)")
      let filter = try #require(ledger.script.withLock { $0.filters.last })
      #expect(filter.reference?.text == "a \"b\" 你")
      #expect(filter.from == LedgerTime(microseconds: 1_772_294_400_000_000))
      #expect((filter.amountMin, filter.amountMax) == (3, 5) && filter.until == nil)
      #expect(
        filter.counterparty?.description == "acc00000-0000-0000-0000-000000000002")
      for bad in ["%", "%4", "%zz", "%ff"] {
        let text = try await converse(
          port,
          [
            .send(
              "GET \(account)/entries?reference=\(bad) HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: close\r\n\r\n")
          ])
        #expect(text.hasPrefix("HTTP/1.1 400 "), "\(bad): \(text)")
      }
      for (query, code) in [
        ("at=2026-03-01", 400), ("at=01", 400), ("at=7", 200), ("at=2026-03-01T00:00:00Z", 200),
        ("at=1969-03-01T00:00:00Z", 200), ("", 200),
      ] {
        let answer = try await send(port, account + "/balance?" + query)
        #expect(answer.status == code, "\(query)")
      }
      #expect(
        ledger.script.withLock { $0.points }
          == [
            .entry(SequenceNumber(7)), .time(LedgerTime(microseconds: 1_772_323_200_000_000)),
            .time(LedgerTime(microseconds: 0)), .now,
          ])
      for (date, code) in [
        ("2026-03-01", 200), ("2026-02-30", 400), ("2026-3-1", 400), ("0026-03-01", 200),
      ] {
        let answer = try await send(port, account + "/statements/" + date)
        #expect(answer.status == code, "\(date)")
      }
    }
  }

  /// Goal: a page of another's, whose name leads to this machine, reads nothing (DNS rebinding).
  @Test func answersToNamesOfThisMachineAlone() async throws {
    try await withServer(FakeLedger()) { port in
      for (host, status) in [
        ("localhost", 200), ("LOCALHOST:\(port)", 200), ("127.0.0.1:1", 200), ("[::1]:7070", 200),
        ("127.8.8.8", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:80", 421), ("[::2]", 421), ("10.0.0.1", 421),
      ] {
        let text = try await converse(
          port, [.send("GET /v1/supply HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")])
        #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(host): \(text)")
      }
    }
  }

  /// Goal: one certificate cannot have all connections, and many share them evenly.
  @Test func connectionsAreShared() throws {
    var limits = HTTPLimits()
    limits.connectionsMax = 10
    let shares = ConnectionShares(limits)
    let ids = (1...3).map { SPKIHash(Bytes32(words: (0, 0, 0, UInt64($0)))) }
    #expect((0..<10).count { _ in shares.take(for: ids[0]) } == 5)
    #expect((0..<10).count { _ in shares.take(for: ids[1]) } == 3)
    #expect((0..<10).count { _ in shares.take(for: ids[2]) } == 1)
    shares.release(for: ids[0])
    #expect(!shares.take(for: ids[0]))
    for _ in 0..<3 { shares.release(for: ids[1]) }
    #expect(shares.take(for: ids[0]))
  }

  /// Goal: a reader has its quota to itself, whatever others do, and knows how it stands.
  @Test func quotasAreEachReadersOwn() async throws {
    var limits = HTTPLimits()
    limits.requestsPerWindowMax = 3
    limits.quotaWindow = .seconds(2)
    let quotas = Quotas(limits)
    let bank = Access.certificate([.participant(.example(1))])
    let left = (0..<5).compactMap { _ in quotas.take(for: bank) }
    #expect(left.map(\.isGranted) == [true, true, true, false, false])
    #expect(left.map(\.remaining) == [2, 1, 0, 0, 0])
    let other = quotas.take(for: .certificate([.participant(.example(2))]))
    #expect(other?.remaining == 2)
    #expect(quotas.take(for: .certificate([]))?.isGranted == true)
    #expect(quotas.take(for: .open) == nil)
    try await Task.sleep(for: .seconds(2.1))
    #expect(quotas.take(for: bank)?.isGranted == true)
    limits.requestsPerWindowMax = nil
    #expect(Quotas(limits).take(for: bank) == nil)
  }
}
