import Foundation
import LedgerModel
import LedgerTesting
import LedgerWire
import MerkleLog
import NIOHTTP1
import Testing

/// Goal: orders in words become the bytes that the client encodes, and what is not understood is
/// refused with its place.
@Suite struct EncodingTests {
  private static let payer = "acc00000-0000-0000-0000-000000000001"
  private static let payee = "acc00000-0000-0000-0000-000000000002"
  private static let pay = [
    "operation": "pay", "payer": payer, "payee": payee, "amount": "12.5", "currency": "CNY",
  ]

  private func post(_ port: Int, _ json: Any) async throws -> Answer {
    try await send(
      port, "/v1/instructions:encode", method: .POST, [("Content-Type", "application/json")],
      body: Array(try JSONSerialization.data(withJSONObject: json)))
  }

  /// Method: what comes back is signed and submitted, and the ledger has read the orders.
  @Test func theBytesAreTheOrders() async throws {
    let ledger = FakeLedger()
    try await withServer(ledger) { port in
      var named = Self.pay
      named["id"] = InstructionID.sample(7).description
      named["reference"] = "invoice 7"
      let wallet = [
        "operation": "open-wallet", "wallet": Self.payee, "owner": Self.payer, "currency": "CNY",
        "tier": "wl2",
      ]
      let answer = try await post(
        port,
        [
          "party": "bank-1", "expires": "2026-03-01T00:00:00Z",
          "instructions": [named, wallet],
        ])
      #expect(answer.status == 200, "\(answer.text)")
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
      var submission = try #require(json["submission"] as? [String: Any])
      var envelope = try #require(submission["envelope"] as? [String: Any])
      let text = try #require(json["to_sign"] as? String)
      let signed = try #require(Base64.decode(Array(text.utf8)))
      envelope["signatures"] = [
        ["keyid": "", "sig": Base64.encode(FakeLedger.bankKey.sign(signed))]
      ]
      submission["envelope"] = envelope
      let read = try Submission(
        json: Array(try JSONSerialization.data(withJSONObject: submission)))
      let instructions = try read.instructions.map {
        try Instruction(canonicalBytes: Array($0))
      }
      let statement = try Statement(canonicalBytes: read.statementBytes)
      #expect(statement.ledger == ledger.id && statement.party == .bank(1))
      #expect(statement.expiry.description == "2026-03-01T00:00:00Z")
      #expect(statement.root == Submission.root(of: read.instructions))
      #expect(instructions[0].id == .sample(7))
      #expect(instructions[0].reference.text == "invoice 7")
      #expect(instructions[0].operation.movement?.amount == 1_250)
      #expect(instructions[1].operation.name == "open-wallet")
      #expect(json["ids"] as? [String] == instructions.map(\.id.description))
      let sent = try await send(
        port, "/v1/submissions", method: .POST, [("Content-Type", "application/json")],
        body: Array(try JSONSerialization.data(withJSONObject: submission)))
      #expect(sent.status == 200, "\(sent.text)")
    }
  }

  @Test func whatIsNotUnderstoodIsRefused() async throws {
    try await withServer(FakeLedger()) { port in
      func changed(_ key: String, _ value: String?) -> [String: String] {
        var order = Self.pay
        order[key] = value
        return order
      }
      for (order, word) in [
        (changed("amount", "12.505"), "instructions[0].amount"),
        (changed("amount", "0"), "instructions[0].amount"),
        (changed("amount", "1e3"), "instructions[0].amount"),
        (changed("amount", nil), "instructions[0].amount"),
        (changed("currency", "XXX"), "instructions[0].currency"),
        (changed("payer", "x"), "instructions[0].payer"),
        (changed("tier", "wl2"), "instructions[0].tier"),
        (changed("operation", "issue"), "instructions[0].operation"),
        (changed("id", "x"), "instructions[0].id"),
      ] {
        let answer = try await post(port, ["party": "bank-1", "instructions": [order]])
        #expect(answer.status == 400 && answer.text.contains("`\(word)`"), "\(answer.text)")
      }
      for body in [
        ["party": "bank-1"], ["party": "Bank 1", "instructions": [Self.pay]],
        ["party": "bank-1", "instructions": [Self.pay], "expiry": "x"],
        ["party": "bank-1", "instructions": [Self.pay], "expires": "tomorrow"],
        ["party": "bank-1", "instructions": [] as [String]],
      ] as [[String: Any]] {
        let answer = try await post(port, body)
        #expect(answer.status == 400, "\(body): \(answer.text)")
      }
      let other = try await send(
        port, "/v1/instructions:encode", method: .POST,
        [("Content-Type", "application/x-protobuf")], body: [1])
      #expect(other.status == 415)
    }
  }
}
