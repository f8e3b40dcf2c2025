import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// Another language's client, which has nothing of ours but the schema.
  @Suite struct PythonClientTests {
    /// Goal: a Python script signs and submits a batch, and proves its receipt by the trust file.
    @Test func signsSubmitsAndChecksItsReceipt() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_175)
      let (trust, officers) = try server.createLedger()
      try server.serve()
      defer { server.stop() }
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      let seed = RandomBytes.make(32)
      let load = try Load(
        ledger: trust.ledger, officers: officers, walletCount: 2, bankSeed: seed)
      for submission in try load.preparation() { try await sender.post(submission.protobuf) }
      let repository = CrashTests.repository
      let arguments = [
        "--url", server.url, "--trust", "\(folder)/ledger/trust",
        "--key", Hexadecimal.encode(seed), "--party", load.party.description,
        "--payer", load.wallets[0].description, "--payee", load.wallets[1].description,
        "--amount", "125", "--count", "20",
      ]
      let script = ["\(repository)/Tests/python/specie_client.py"]
      let output = try server.run(
        script + arguments, program: "\(repository)/.venv/bin/python")
      #expect(output.contains("20 of 20 accepted, all proven"), "\(output)")
      try await sender.close()
    }

    /// Goal: the script says what rules had to say, and no figures that were left out.
    @Test func tellsRemarksAndReasons() throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let program = ServerProcess(program: CrashTests.program, folder: folder, port: 17_175)
      let repository = CrashTests.repository
      let script = """
        import sys
        sys.path.insert(0, "\(repository)/Tests/python")
        import specie_client as client
        schema = client.load_schema(client.PROTO)
        made = schema[0].InstructionReceipt(id=bytes(16))
        made.accepted.remarks.add(kind=1, pack="alpha", rule="large")
        made.accepted.remarks.add(kind=2, pack="beta", rule="day")
        refused = schema[0].InstructionReceipt(id=bytes(16), message="no", withheld=True)
        refused.rejected.code = "approval_missing"
        refused.limit.asked, refused.limit.shared, refused.limit.left = 51, True, 7
        refused.limit.reason, refused.limit.required, refused.limit.signed = 3, 2, 1
        for receipt in made, refused:
            print(*client.outcome_lines(schema, receipt), sep="\\n")
        """
      let output = try program.run(["-c", script], program: "\(repository)/.venv/bin/python")
      let id = "00000000-0000-0000-0000-000000000000"
      #expect(
        output == """
          accepted \(id): flagged by rule large of alpha
          accepted \(id): would be refused, in shadow, by rule day of beta
          rejected \(id): approval_missing: no
            left 7, asked 51, signed by 1 of 2

          """)
    }
  }
}
