import ClientGuide
import Foundation
import LedgerClient
import LedgerModel
import LedgerWire
import MerkleLog
import ProgramTesting
import Synchronization
import Testing

extension EndToEnd {
  /// Goal: what the guide of `LedgerClient` shows does what it says.
  @Suite struct ClientGuideTests {
    @Test func theGuideWorks() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_197)
      let (trust, officers) = try server.createLedger()
      try server.serve()
      defer { server.stop() }
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      let seed = RandomBytes.make(32)
      let load = try Load(
        ledger: trust.ledger, officers: officers, walletCount: 2, bankSeed: seed)
      for submission in try load.preparation() { try await sender.post(submission.protobuf) }
      try await sender.close()

      let guide = Guide(
        bank: load.party, key: SigningKey(seed: seed), payer: load.wallets[0],
        payee: load.wallets[1], currency: try #require(CurrencyCode("CNY")))
      let kept = Mutex<[UInt8]?>(nil)
      let trustText = try String(contentsOfFile: "\(folder)/ledger/trust", encoding: .utf8)
      let client = try guide.connect(
        to: server.url, tls: nil, trustText, nil, keep: { note in kept.withLock { $0 = note } })
      var printed: [String] = []
      let print = { (items: Any...) in printed.append(items.map { "\($0)" }.joined(separator: " "))
      }
      let (order, receipt) = try await guide.pay(client, print: print)
      try await guide.ask(client, of: order, print: print)
      try await guide.read(client, print: print)
      #expect(
        printed == [
          "\(order.id) accepted proven", "accepted proven", "9998750 minor units, 2 lines",
        ])
      let newest = try await guide.follow(client, after: .genesis) { $0.id == order.id }
      #expect(newest == receipt.instructions.first?.sequence)
      #expect(kept.withLock { $0 } == client.newestCheckpoint?.note.encoded)
    }
  }
}
