import FoundationEssentials
import LedgerHTTP
import LedgerModel
import LedgerSchema
import LedgerService
import LedgerTesting
import LedgerWire
import NIOHTTP1
import SwiftProtobuf
import Synchronization
import Testing

@Suite struct SubmissionTests {
  private static let breach = LimitBreach(
    terms: LimitBreach.Terms(
      pack: PackName(unchecked: "cn.ecny.personal"), unit: .minorUnits, comparison: .atMost),
    rule: RuleID(unchecked: "class-4.day"), account: .example(10), limit: 500, used: 450,
    asked: 51, resets: LedgerTime(microseconds: 1_772_380_800_000_000))

  private static func ledger() -> FakeLedger {
    var script = FakeLedger.Script()
    script.outcomes = [
      1: .rejected(
        code: .limitExceeded, rule: RuleID(unchecked: "class-4.day"),
        pack: PackName(unchecked: "cn.ecny.personal")),
      2: .duplicate(of: SequenceNumber(2)),
    ]
    script.breach = breach
    return FakeLedger(script)
  }

  private static let json =
    #"{"sequence":1,"time":"2026-03-01T04:00:00.000001Z","time_us":1772337600000001,"#
    + #""instructions":[{"id":"019ca78d-9600-7000-8000-000000000000","sequence":2,"#
    + #""first_sequence":2,"outcome":"accepted"},"#
    + #"{"id":"019ca78d-9600-7000-8000-000000000001","sequence":3,"first_sequence":3,"#
    + #""outcome":"rejected","code":"limit_exceeded","rule":"class-4.day","#
    + #""pack":"cn.ecny.personal","#
    + #""message":"rule `class-4.day` of `cn.ecny.personal` allows `500`: "#
    + #"`450` used, `51` asked, until 2026-03-01T16:00:00Z","#
    + #""limit":{"account":"acc00000-0000-0000-0000-00000000000a","#
    + #""reason":"exceeded","unit":"minor_units","comparison":"at_most","limit":"500","#
    + #""used":"450","asked":"51","#
    + #""resets":"2026-03-01T16:00:00Z","resets_us":1772380800000000}},"#
    + #"{"id":"019ca78d-9600-7000-8000-000000000002","#
    + #""sequence":4,"first_sequence":2,"outcome":"accepted"}]}"#

  /// Goal: both forms of the question get both forms of the answer, as `Accept` says.
  @Test(arguments: [
    ("application/x-protobuf", nil, "application/x-protobuf"),
    ("application/protobuf", "*/*", "application/x-protobuf"),
    ("application/x-protobuf", "text/html, application/json;q=0.5", "application/json"),
    ("application/json", nil, "application/json"),
    ("Application/JSON; charset=utf-8", "application/*", "application/json"),
    ("application/json", "application/x-protobuf", "application/x-protobuf"),
  ])
  func answerInTheFormAskedFor(type: String, accept: String?, answered: String) async throws {
    let ledger = Self.ledger()
    let submission = Submission.sample(3, on: ledger)
    let isProtobuf = type.hasSuffix("protobuf")
    try await withServer(ledger) { port in
      let answer = try await send(
        port, "/v1/submissions", method: .POST,
        [("content-type", type)] + (accept.map { [("accept", $0)] } ?? []),
        body: isProtobuf ? submission.protobuf : submission.json)
      #expect(answer.status == 200)
      #expect(answer.type == answered)
      if answered == "application/json" {
        #expect(answer.text == Self.json)
      } else {
        let receipt = try Specie_V1_SubmissionReceipt(serializedBytes: answer.body)
        #expect(receipt == Self.receipt)
        // Written by hand in the server: the same bytes as the library's.
        #expect(try answer.body == receipt.serializedBytes())
      }
    }
  }

  private static let receipt = Specie_V1_SubmissionReceipt.with {
    $0.sequence = 1
    $0.time = 1_772_337_600_000_001
    $0.instructions = [
      .with {
        $0.id = Data(InstructionID.sample(0).value.bytes)
        $0.sequence = 2
        $0.firstSequence = 2
        $0.accepted = Specie_V1_Accepted()
      },
      .with {
        $0.id = Data(InstructionID.sample(1).value.bytes)
        $0.sequence = 3
        $0.firstSequence = 3
        $0.message = breach.description
        $0.limit.account = Data(AccountID.example(10).value.bytes)
        $0.limit.limit = 500
        $0.limit.usedLow = 450
        $0.limit.asked = 51
        $0.limit.resets = 1_772_380_800_000_000
        $0.limit.unit = .minorUnits
        $0.rejected.code = "limit_exceeded"
        $0.rejected.rule = "class-4.day"
        $0.rejected.pack = "cn.ecny.personal"
      },
      .with {
        $0.id = Data(InstructionID.sample(2).value.bytes)
        $0.sequence = 4
        $0.firstSequence = 2
        $0.accepted = Specie_V1_Accepted()
      },
    ]
  }

  /// Goal: each reason of a limit says what it needs, in JSON and in protobuf, and figures that a
  /// party may not know are in neither, nor in the words.
  @Test(arguments: [
    (
      LimitBreach.Reason.exceeded, LimitBreach.Extent.shared(left: 4_711), true,
      #""reason":"exceeded","left":"4711","asked":"51""#
    ),
    (
      .approvalMissing(required: 2, signed: 1), .shared(left: 4_711), true,
      #""reason":"approval_missing","left":"4711","asked":"51","required":2,"signed":1"#
    ),
    (
      .approvalMissing(required: 2, signed: 1), .participant, false,
      #""reason":"approval_missing","limit":"98765","used":"94054","asked":"51","required":2,"#
        + #""signed":1"#
    ),
    (
      .memoryFull(max: 9), .shared(left: 4_711), false,
      #""reason":"memory_full","limit":"98765","used":"94054","left":"4711","asked":"51","max":9"#
    ),
    (
      .undecidable, .participant, false,
      #""reason":"undecidable","limit":"98765","used":"94054","asked":"51""#
    ),
  ])
  func tellWhyALimitRefused(
    reason: LimitBreach.Reason, extent: LimitBreach.Extent, isWithheld: Bool, json: String
  ) async throws {
    let ledger = FakeLedger()
    let rule = RuleID(unchecked: "hold.owner")
    ledger.change {
      $0.outcomes = [0: .rejected(code: .limitExceeded, rule: rule)]
      $0.isWithheld = isWithheld
      $0.breach = LimitBreach(
        reason: reason, extent: extent, rule: rule, account: .example(10), limit: 98_765,
        used: 94_054, asked: 51, resets: nil)
    }
    let submission = Submission.sample(1, on: ledger)
    try await withServer(ledger) { port in
      func answer(_ type: String) async throws -> Answer {
        try await send(
          port, "/v1/submissions", method: .POST, [("content-type", type)],
          body: type == "application/json" ? submission.json : submission.protobuf)
      }
      let text = try await answer("application/json").text
      #expect(
        text.contains(
          #""limit":{"account":"acc00000-0000-0000-0000-00000000000a",\#(json)}"#), "\(text)")
      #expect(!isWithheld || !(text.contains("98765") || text.contains("94054")), "\(text)")
      let message = try Specie_V1_SubmissionReceipt(
        serializedBytes: try await answer("application/x-protobuf").body)
      let found = try #require(message.instructions.first)
      #expect(found.withheld == isWithheld)
      #expect((found.limit.limit, found.limit.usedLow) == (isWithheld ? (0, 0) : (98_765, 94_054)))
      #expect(found.limit.shared == (extent != .participant))
    }
  }

  /// Goal: what rules had to say of an accepted order is in both forms.
  @Test func tellRemarks() async throws {
    let ledger = FakeLedger()
    let pack = PackName(unchecked: "alpha")
    ledger.change {
      $0.outcomes = [
        0: .remarked([
          Remark(kind: .flagged, pack: pack, rule: RuleID(unchecked: "large")),
          Remark(kind: .shadowRefused, pack: pack, rule: RuleID(unchecked: "day")),
        ])
      ]
    }
    let submission = Submission.sample(1, on: ledger)
    try await withServer(ledger) { port in
      let answer = try await send(
        port, "/v1/submissions", method: .POST, [("content-type", "application/json")],
        body: submission.json)
      #expect(
        answer.text.contains(
          #""outcome":"accepted","remarks":[{"kind":"flagged","pack":"alpha","rule":"large"},"#
            + #"{"kind":"shadow_refused","pack":"alpha","rule":"day"}]"#), "\(answer.text)")
    }
  }

  /// Goal: each refusal of a whole submission has its status and code, and 503 says when.
  @Test func refuseASubmission() async throws {
    let key = PublicKey.example(1)
    let time = FakeLedger.time
    let expected: [(SubmitError, UInt, String)] = [
      (.invalid(.malformed(message: "submission")), 400, "malformed"),
      (.invalid(.nonCanonical(message: "instruction")), 400, "non_canonical"),
      (.invalid(.invalidField("payer", problem: "it has not 16 bytes")), 400, "invalid_field"),
      (.invalid(.empty("signature")), 400, "empty"),
      (.invalid(.tooLarge("signatures", count: 33, max: 32)), 413, "too_large"),
      (.invalid(.wrongPayloadType(found: "a\"b", wanted: "c")), 400, "wrong_payload_type"),
      (.invalid(.countMismatch(stated: 1, found: 2)), 400, "count_mismatch"),
      (
        .invalid(.rootMismatch(stated: .example(1), found: .example(2))), 400, "root_mismatch"
      ),
      (.invalid(.badSignature(index: 0)), 403, "bad_signature"),
      (.invalid(.duplicateSigner(key)), 400, "duplicate_signer"),
      (.invalid(.unknownSigner(index: 0)), 403, "signer_unknown"),
      (.invalid(.refused(.wrongLedger(.example))), 409, "wrong_ledger"),
      (.invalid(.refused(.statementExpired(expiry: time))), 409, "statement_expired"),
      (
        .invalid(.refused(.expiryTooFar(expiry: time, horizonMicroseconds: 1))), 409,
        "expiry_too_far"
      ),
      (.invalid(.refused(.partyUnknown(.bank(1)))), 403, "party_unknown"),
      (.invalid(.refused(.keyUnknown(key))), 403, "signer_unknown"),
      (.invalid(.refused(.keyNotYetValid(key, from: time))), 403, "signer_not_yet_valid"),
      (.invalid(.refused(.keyExpired(key, until: time))), 403, "signer_expired"),
      (.invalid(.refused(.keySuspended(key))), 403, "signer_suspended"),
      (.invalid(.refused(.keyRevoked(key))), 403, "signer_revoked"),
      (.invalid(.refused(.liveIDsFull(max: 5))), 503, "live_ids_full"),
      (.overloaded(queue: "orders", max: 9, retryAfterSeconds: 2), 503, "overloaded"),
      (.clockUnsafe(reason: "it jumped"), 503, "clock_unsafe"),
      (.storageFull(retryAfterSeconds: 3), 503, "storage_full"),
      (.signingStopped(reason: "a witness knows more"), 503, "signing_stopped"),
      (.stopping, 503, "stopping"),
      (.outcomeUnreadable(detail: "a file"), 500, "outcome_unreadable"),
    ]
    let ledger = FakeLedger()
    let body = Submission.sample(1, on: ledger).protobuf
    ledger.change { $0.submitErrors = expected.map(\.0) }
    try await withServer(ledger) { port in
      for (error, status, code) in expected {
        let answer = try await send(
          port, "/v1/submissions", method: .POST, [("content-type", "application/x-protobuf")],
          body: body)
        #expect(answer.isProblem(status, code), "\(error): \(answer)")
        #expect((answer.fields["retry-after"] != nil) == (status == 503), "\(error)")
        // Well formed, whatever the detail quotes.
        #expect(throws: Never.self) {
          try JSONDecoder().decode([String: JSONValue].self, from: Data(answer.body))
        }
      }
    }
  }

  /// Goal: a stop lets a submission under way finish.
  @Test func drainOnStop() async throws {
    let ledger = FakeLedger()
    ledger.change { $0.delay = .milliseconds(300) }
    let body = Submission.sample(1, on: ledger).protobuf
    let (answers, answered) = AsyncStream<Answer?>.makeStream()
    try await withServer(ledger) { port in
      Task {
        answered.yield(
          try? await send(
            port, "/v1/submissions", method: .POST, [("content-type", "application/x-protobuf")],
            body: body))
      }
      while ledger.script.withLock({ $0.submissionsArrived }) == 0 {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    var iterator = answers.makeAsyncIterator()
    #expect(await iterator.next()??.status == 200)
  }
}

/// Any scalar of a problem.
enum JSONValue: Decodable {
  case text(String)
  case number(Int)

  init(from decoder: any Swift.Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      self = .number(number)
    } else {
      self = .text(try value.decode(String.self))
    }
  }
}
