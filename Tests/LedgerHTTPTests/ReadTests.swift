import LedgerClient
import LedgerHTTP
import LedgerModel
// Readings and receipts are made by the service alone.
import LedgerService
import LedgerTesting
import LedgerWire
import MerkleLog
import Testing

@Suite struct ReadTests {
  private static let time = #""time":"2026-03-01T04:00:00.000001Z","time_us":1772337600000001"#
  private static let account =
    #""account":"acc00000-0000-0000-0000-000000000064","kind":"wallet","participant":"bank-1","#
    + #""currency":"CNY","tier":"class-4","balance":"9007199254740993","available":"0","#
    + #""closed":false,"frozen":"credits_accepted","entry_count":2,"last_sequence":17,"#
    + #""running_hash":"0000000000000000000000000000000000000000000000000000000000000000","#
    + #""as_of":20"#

  /// Goal: each reading has exactly the bytes that docs/api.md promises.
  @Test func answerWithTheDocumentedBytes() async throws {
    let ledger = FakeLedger()
    let vkey = ledger.trust.logKey.vkey
    let expected = [
      "/healthz": #"{"status":"ok"}"#,
      "/readyz":
        #"{"status":"ready","size":1,"checkpoint_size":1,"indexed_size":1,\#(Self.time),"#
        + #""refused_submissions":{}}"#,
      "/v1/ledger":
        #"{"ledger":"\#(ledger.id)","origin":"ledger.example/test","log_key":"\#(vkey)","#
        + #""state_machine_version":1,"currencies":[{"code":"CNY","exponent":2,"#
        + #""issuance_account":"acc00000-0000-0000-0000-000000000001"}],"parameters":{"#
        + #""participant_horizon_us":600000000,"officer_horizon_us":2592000000000,"#
        + #""live_ids_max":100000000,"instructions_per_submission_max":10000,"#
        + #""submission_bytes_max":8388608},"quorums":{"participants":1,"keys":1,"issuance":1,"#
        + #""freezes":1,"rules":1,"recovery":0},"size":1,"checkpoint_size":1,"indexed_size":1,"#
        + #"\#(Self.time)}"#,
      "/v1/accounts/acc00000-0000-0000-0000-000000000064": "{\(Self.account)}",
      "/v1/accounts/acc00000-0000-0000-0000-000000000064/entries?before=12&limit=7":
        #"{"account":"acc00000-0000-0000-0000-000000000064","entries":[{"sequence":12,"#
        + #"\#(Self.time),"id":"019ca78d-9600-7000-8000-000000000001","operation":"pay","#
        + #""amount":"100","change":"-60","linked":{"account":"#
        + #""acc00000-0000-0000-0000-000000000003","change":"40"},"balance":"0","#
        + #""counterparty":"acc00000-0000-0000-0000-000000000002","#
        + #""purpose":"GDDS","channel":"","reference":"a \"b\" 你"}],"next":7,"as_of":20}"#,
      "/v1/participants":
        #"{"participants":[{"participant":"bank-1","name":"Bank 1","admitted":2,"#
        + #""suspended":false,"frozen":null,"settlement_accounts":[{"account":"#
        + #""acc00000-0000-0000-0000-000000000064","currency":"CNY","#
        + #""balance":"9007199254740993"}],"keys":[{"#
        + #""key":"\#(PublicKey.example(3))","standing":"active","#
        + #""valid_from":"2026-03-01T04:00:00.000002Z","valid_from_us":1772337600000002}]}]}"#,
      "/v1/supply":
        #"{"supply":[{"currency":"CNY","exponent":2,"issued":"20000000000000000000","#
        + #""redeemed":"1","outstanding":"19999999999999999999","holdings":[{"#
        + #""participant":"bank-1","settlement":"5","wallets":"6"}],"rules":[{"pack":"cn.ecny","#
        + #""version":3,"source_sha256":"\#(Bytes32.example(1).hex)","mode":"enforce","#
        + #""until":"2026-03-01T16:00:00Z","until_us":1772380800000000}],"#
        + #""as_of":20,\#(Self.time)}]}"#,
      "/v1/instructions/019ca78d-9600-7000-8000-000000000001":
        #"{"id":"019ca78d-9600-7000-8000-000000000001","status":"not_yet_known","as_of":3,"#
        + #"\#(Self.time)}"#,
    ]
    try await withServer(ledger) { port in
      for (path, json) in expected.sorted(by: { $0.key < $1.key }) {
        let answer = try await send(port, path)
        #expect(answer.status == 200, "\(path)")
        #expect(answer.type == "application/json", "\(path)")
        #expect(answer.text == json, "\(path)")
      }
    }
  }

  @Test func tellWhatBecameOfAnID() async throws {
    let ledger = FakeLedger()
    let receipt = InstructionReceipt(
      id: .sample(1), sequence: SequenceNumber(9), firstSequence: SequenceNumber(4),
      outcome: .rejected(code: .amountZero, rule: nil), breach: nil)
    let path = "/v1/instructions/019ca78d-9600-7000-8000-000000000001?party=bank-1"
    try await withServer(ledger) { port in
      ledger.change {
        $0.instructionStatus = .executed(party: .bank(1), receipt, time: FakeLedger.time)
      }
      let executed = try await send(port, path)
      #expect(
        executed.text == #"{"id":"019ca78d-9600-7000-8000-000000000001","status":"executed","#
          + #""party":"bank-1",\#(Self.time),"sequence":9,"first_sequence":4,"#
          + #""outcome":"rejected","code":"amount_zero","#
          + #""message":"the amount is zero; name 1 minor unit or more"}"#)
      ledger.change {
        $0.instructionStatus = .neverExecuted(by: nil, asOf: 8, time: FakeLedger.time)
      }
      let never = try await send(port, path)
      #expect(
        never.text == #"{"id":"019ca78d-9600-7000-8000-000000000001","#
          + #""status":"never_executed","as_of":8,\#(Self.time)}"#)
    }
  }

  @Test func serveTheCheckpointVerbatimAndProofs() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      let note = try await send(port, "/v1/checkpoint")
      #expect(note.type == "text/plain; charset=utf-8")
      #expect(try note.body == ledger.checkpoint())
      let proof = try await send(port, "/v1/proof/0")
      let expected = try ledger.proof(of: .genesis, for: .open)
      let lines = String(decoding: expected.proof, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: #"\u000a"#)
      #expect(
        proof.text
          == #"{"sequence":0,"entry":"\#(Base64.encode(expected.entry))","proof":"\#(lines)"}"#)
    }
  }

  /// Goal: HEAD is GET without the body, on every path, refusals too (RFC 9110, 9.3.2).
  @Test func answerHEADLikeGETWithoutABody() async throws {
    try await withServer(FakeLedger()) { port in
      for path in [
        "/healthz", "/readyz", "/v1/ledger", "/v1/participants", "/v1/supply", "/v1/checkpoint",
        "/v1/proof/0", "/v1/accounts/acc00000-0000-0000-0000-000000000064", "/v1/nothing",
        "/v1/proof/x", "/v1/submissions",
      ] {
        let get = try await send(port, path)
        let text = try await converse(
          port, [.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")])
        #expect(text.hasPrefix("HTTP/1.1 \(get.status) "), "\(path): \(text)")
        #expect(text.hasSuffix("\r\n\r\n"), "\(path): \(text)")
        #expect(text.lowercased().contains("content-type: \(get.type ?? "")"), "\(path): \(text)")
        guard path != "/v1/submissions" else { continue }
        #expect(
          text.lowercased().contains("content-length: \(get.body.count)\r\n"), "\(path): \(text)")
      }
    }
  }

  /// Goal: no page of participants is over its bound, and the pages together are all of them.
  @Test func pageParticipants() async throws {
    let ledger = FakeLedger()
    ledger.change { $0.participantCount = 7 }
    var limits = HTTPLimits()
    limits.pageParticipantsMax = 3
    try await withServer(ledger, limits: limits) { port in
      let first = try await send(port, "/v1/participants")
      #expect(first.text.contains(#""participant":"bank-3""#))
      #expect(!first.text.contains(#""participant":"bank-4","name""#))
      #expect(first.text.hasSuffix(#"],"next":"bank-3"}"#))
      let two = try await send(port, "/v1/participants?after=bank-3&limit=2")
      #expect(two.text.hasSuffix(#"],"next":"bank-5"}"#))
      let last = try await send(port, "/v1/participants?after=bank-5")
      #expect(last.text.contains(#""name":"Bank 7""#) && !last.text.contains("next"))
      for (query, status, code) in [
        ("?limit=4", UInt(400), "out_of_range"), ("?limit=0", 400, "invalid_parameter"),
        ("?after=Not%20One", 400, "invalid_parameter"), ("?after=bank-8", 404, "not_found"),
        ("?before=bank-1", 400, "invalid_parameter"),
      ] {
        let answer = try await send(port, "/v1/participants" + query)
        #expect(answer.isProblem(status, code), "\(query): \(answer)")
      }
      let client = try LedgerClient(baseURL: "http://127.0.0.1:\(port)", trust: ledger.trust)
      let names = try await client.participants().map(\.name)
      #expect(names == (1...7).map { "Bank \($0)" })
    }
  }

  /// Goal: each reading's refusal is one problem.
  @Test(arguments: [
    (ReadError.notFound, 404, "not_found", nil),
    (.notYetCovered(size: 7), 404, "not_yet_covered", "1"),
    (.ambiguous(parties: ["a", "b"]), 409, "ambiguous", nil),
    (.outOfRange(name: "limit", max: 5), 400, "out_of_range", nil),
    (.storage(detail: "/secret/path"), 500, "storage_failed", nil),
  ])
  func refuseAReading(error: ReadError, status: UInt, code: String, retry: String?) async throws {
    let ledger = FakeLedger()
    ledger.change { $0.readError = error }
    try await withServer(ledger) { port in
      for path in [
        "/v1/checkpoint", "/v1/proof/3", "/v1/accounts/acc00000-0000-0000-0000-000000000064",
        "/v1/accounts/acc00000-0000-0000-0000-000000000064/entries",
        "/v1/instructions/019ca78d-9600-7000-8000-000000000001",
      ] {
        let answer = try await send(port, path)
        #expect(answer.isProblem(status, code), "\(path): \(answer)")
        #expect(answer.fields["retry-after"] == retry)
        #expect(!answer.text.contains("secret"))
        if code == "ambiguous" { #expect(answer.text.hasSuffix(#""parties":["a","b"]}"#)) }
      }
    }
  }

  @Test func sayThatNoOrdersAreTaken() async throws {
    let ledger = FakeLedger()
    ledger.change { $0.closed = "the disk is full" }
    try await withServer(ledger) { port in
      let answer = try await send(port, "/readyz")
      #expect(answer.isProblem(503, "not_ready"))
      #expect(answer.text.contains("the disk is full"))
      #expect(answer.fields["retry-after"] == "5")
      #expect(try await send(port, "/healthz").status == 200)
    }
  }
}

extension Answer {
  /// Whether it is exactly a problem of that status and code.
  func isProblem(_ status: UInt, _ code: String) -> Bool {
    self.status == status && type == "application/problem+json"
      && text.hasPrefix(#"{"type":"/errors/\#(code)","title":""#)
      && text.contains(#""status":\#(status),"detail":""#) && text.contains(#","code":"\#(code)""#)
  }
}
