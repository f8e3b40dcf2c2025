import Foundation
import LedgerClient
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// Goal: this client does and tells what every client of the ledger has to.
  ///
  /// Method: Tests/conformance/story.json, on a real server under TLS; the Python client plays the
  /// same story (clients/python/tests/test_conformance.py).
  @Suite struct ConformanceTests {
    @Test func tellsTheStory() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_199)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      let story = try Story.read()
      let (trust, _) = try server.createLedger()
      try server.serve()
      let key = SigningKey(seed: RandomBytes.make(32))
      _ = try server.run(
        ["-c", Self.registration(of: story.party, key)], program: "/bin/bash")
      server.stop()
      let options = [
        "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca",
        "tls/ca.pem",
      ]
      try server.serve(options: options)
      let teller = try await Teller(story, trust, key, folder: folder) {
        server.kill()
        try server.serve(options: options)
      }
      for (index, step) in story.steps.enumerated() {
        let told = try await teller.play(step)
        #expect(told == step.tells, "step \(index), \(step.action)")
      }
    }

    /// The bank is admitted and its first certificate registered, before the server has TLS.
    private static func registration(of party: String, _ key: SigningKey) -> String {
      """
      set -euo pipefail
      specie() { \(CrashTests.program) "$@"; }
      officers="--key officer-1.key --key officer-2.key"
      specie tls dev-ca tls --client \(party) --client \(party)-next
      specie participant admit \(party) --name "Bank" --public-key \(key.publicKey) \\
        --settlement-account CNY $officers
      specie certificate register tls/\(party).pem --reader \(party) $officers
      specie issue \(party) 1000.00 CNY --rtgs-reference R-1 $officers
      for name in \(party) \(party)-next; do
        specie tls show tls/$name.pem --json >tls/$name.json
      done
      """
    }
  }
}

/// The story, as its file has it.
struct Story: Decodable {
  struct Order: Decodable {
    let operation: String
    let wallet: String?
    let payer: String?
    let payee: String?
    let amount: UInt64?
    let reference: String?
  }

  struct Step: Decodable {
    let action: String
    let named: String?
    let orders: [Order]?
    let wallet: String?
    let certificate: String?
    let kinds: [String]?
    let count: Int?
    let tells: String?

    private enum CodingKeys: String, CodingKey {
      case action = "do"
      case named, orders, wallet, certificate, kinds, count, tells
    }
  }

  let party: String
  let currency: String
  let wallets: [String: String]
  let steps: [Step]

  static func read() throws -> Story {
    let file = EndToEnd.CrashTests.repository + "/Tests/conformance/story.json"
    return try JSONDecoder().decode(
      Story.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
  }
}

/// Plays the story by `LedgerClient`.
private final class Teller {
  struct Unplayable: Error { let what: String }

  private let party: Party
  private let currency: CurrencyCode
  private let wallets: [String: AccountID]
  private let trust: TrustFile
  private let key: SigningKey
  private let folder: String
  private let restart: () throws -> Void
  private let url: String
  private var client: LedgerClient
  private var settlement: AccountID
  private var sent: [String: (orders: [Instruction], Submission, VerifiedReceipt)] = [:]

  init(
    _ story: Story, _ trust: TrustFile, _ key: SigningKey, folder: String,
    restart: @escaping () throws -> Void
  ) async throws {
    party = try Party(story.party)
    currency = try #require(CurrencyCode(story.currency))
    wallets = try story.wallets.mapValues { AccountID(try #require(Bytes16(uuidText: $0))) }
    (self.trust, self.key, self.folder, self.restart) = (trust, key, folder, restart)
    url = "https://127.0.0.1:17199"
    client = try Self.connect(url, trust, folder, story.party)
    try await client.waitUntilReady()
    let own = try await client.participants().first { $0.participant.text == story.party }
    settlement = try #require(own?.settlementAccounts.first?.account)
  }

  private static func connect(
    _ url: String, _ trust: TrustFile, _ folder: String, _ certificate: String
  ) throws -> LedgerClient {
    try LedgerClient(
      baseURL: url,
      tls: ClientTLS(
        authorities: "\(folder)/tls/ca.pem", certificate: "\(folder)/tls/\(certificate).pem",
        key: "\(folder)/tls/\(certificate).key"), trust: trust)
  }

  /// Does a step; returns what there is to tell.
  func play(_ step: Story.Step) async throws -> String? {
    switch step.action {
    case "submit": return try await give(try orders(step), named: step.named)
    case "resend": return try await resend(try known(step))
    case "give-anew": return try await give(try known(step).orders)
    case "reuse":
      let id = try #require(try known(step).orders.first?.id)
      return try await give(try orders(step, id: id))
    case "status": return try await status(step)
    case "forge": return try await forge()
    case "account": return try await account(try wallet(step.wallet))
    case "statement":
      let page = try await client.statement(of: try wallet(step.wallet))
      return page.lines.map { "\($0.change) \($0.balance)" }.joined(separator: ", ")
    case "register-certificate":
      let order = RegisterCertificate(
        reader: try Reader(party.description), certificate: try spki(step),
        validFrom: LedgerTime(microseconds: 0), validUntil: nil)
      return try await give([Instruction(id: .new(), operation: .registerCertificate(order))])
    case "revoke-certificate":
      let order = RevokeCertificate(
        reader: try Reader(party.description), certificate: try spki(step))
      return try await give([Instruction(id: .new(), operation: .revokeCertificate(order))])
    case "connect":
      client = try Self.connect(url, trust, folder, try #require(step.certificate))
      let readers = try await client.access().readers
      return "reads for " + (readers.isEmpty ? "nobody" : readers.joined(separator: ", "))
    case "kill-server":
      try restart()
      try await client.waitUntilReady()
      return nil
    case "events": return try await events(step)
    default: throw Unplayable(what: step.action)
    }
  }

  private func known(
    _ step: Story.Step
  ) throws -> (orders: [Instruction], Submission, VerifiedReceipt) {
    try #require(sent[step.named ?? ""])
  }

  private func wallet(_ name: String?) throws -> AccountID { try #require(wallets[name ?? ""]) }

  private func orders(
    _ step: Story.Step, id: InstructionID? = nil
  ) throws -> [Instruction] {
    try (step.orders ?? []).map { words in
      let operation: LedgerModel.Operation
      switch words.operation {
      case "open-wallet":
        operation = .openWallet(
          OpenWallet(
            wallet: try wallet(words.wallet),
            owner: OwnerID(try #require(Bytes16(RandomBytes.make(16)))), currency: currency,
            tier: try Tier("basic")))
      case "fund": operation = .fund(try transfer(words, from: settlement))
      case "pay": operation = .pay(try transfer(words, from: try wallet(words.payer)))
      default: throw Unplayable(what: words.operation)
      }
      return Instruction(
        id: id ?? .new(), operation: operation,
        reference: try ClientReference(words.reference ?? ""))
    }
  }

  private func transfer(_ words: Story.Order, from payer: AccountID) throws -> Transfer {
    Transfer(
      payer: payer, payee: try wallet(words.payee), amount: try #require(words.amount),
      currency: currency)
  }

  private func give(_ orders: [Instruction], named name: String? = nil) async throws -> String {
    let submission = try await client.sign(orders, of: party, with: [key])
    let receipt = try await client.submit(submission)
    if let name { sent[name] = (orders, submission, receipt) }
    return told(receipt)
  }

  private func told(_ receipt: VerifiedReceipt) -> String {
    let outcomes = receipt.instructions.map { outcome in
      Self.name(outcome.outcome) + (outcome.isDuplicate ? ", a duplicate" : "")
    }
    let isProven = receipt.instructions.allSatisfy(\.isProven)
    return outcomes.joined(separator: ", ") + (isProven ? "; proven" : "; not proven")
  }

  private static func name(_ outcome: LoggedOutcome) -> String {
    if case .rejected(let code, _, _) = outcome { code.rawValue } else { "accepted" }
  }

  private func resend(
    _ known: (orders: [Instruction], submission: Submission, before: VerifiedReceipt)
  ) async throws -> String {
    let receipt = try await client.submit(known.submission)
    let isSame = receipt.sequence == known.before.sequence
    return told(receipt) + (isSame ? "; the same receipt" : "; another receipt")
  }

  private func status(_ step: Story.Step) async throws -> String {
    let order = sent[step.named ?? ""]?.orders.first
    switch try await client.status(of: order?.id ?? .new()) {
    case .notYetKnown: return "not yet known"
    case .neverExecuted: return "never executed"
    case .executed(let execution):
      let isProven = try await client.prove(execution, of: try #require(order))
      return "executed: \(execution.code ?? "accepted"); \(isProven ? "proven" : "not proven")"
    }
  }

  private func forge() async throws -> String {
    let order = Instruction(
      id: .new(),
      operation: .pay(
        Transfer(
          payer: try wallet("alice"), payee: try wallet("bob"), amount: 1, currency: currency)))
    let other = SigningKey(seed: RandomBytes.make(32))
    let submission = try await client.sign([order], of: party, with: [other])
    do throws(ClientError) {
      _ = try await client.submit(submission)
      return "taken"
    } catch .notTaken(let problem) {
      return "not taken: \(problem.code)"
    }
  }

  private func account(_ id: AccountID) async throws -> String {
    do throws(ClientError) {
      return "\(try await client.account(id).balance)"
    } catch .refused(let problem) {
      return "refused: \(problem.code)"
    }
  }

  private func spki(_ step: Story.Step) throws -> SPKIHash {
    struct Shown: Decodable { let certificate: String }
    let file = "\(folder)/tls/\(try #require(step.certificate)).json"
    let shown = try JSONDecoder().decode(
      Shown.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    return SPKIHash(try #require(Bytes32(hex: shown.certificate)))
  }

  private func events(_ step: Story.Step) async throws -> String {
    var heard: [String] = []
    for try await event in client.events(after: .genesis, kinds: Set(step.kinds ?? [])) {
      let amount = event.movement.map { "\($0.amount)" } ?? "nothing"
      heard.append("\(amount) \(event.code ?? "accepted") \(event.reference)")
      if heard.count == step.count { break }
    }
    return heard.joined(separator: ", ")
  }
}
