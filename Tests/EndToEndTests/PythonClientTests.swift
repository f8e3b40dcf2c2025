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
  }
}
