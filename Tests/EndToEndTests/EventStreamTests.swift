import Foundation
import LedgerClient
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// Goal: who follows hears each order once and in order, across a server that is killed and one
  /// that is stopped, and is told where following does not help.
  @Suite struct EventStreamTests {
    private struct Scene {
      let folder: String
      let server: ServerProcess
      let sender: Sender
      let load: Load
      let client: LedgerClient

      static func make(port: Int) async throws -> Scene {
        let folder = try CrashTests.makeFolder()
        let server = ServerProcess(program: CrashTests.program, folder: folder, port: port)
        let (trust, officers) = try server.createLedger()
        try server.serve()
        let sender = Sender(url: server.url)
        try await sender.waitUntilReady()
        let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 2)
        for submission in try load.preparation() { try await sender.post(submission.protobuf) }
        var options = ClientOptions()
        options.eventPauseMax = .seconds(1)
        return Scene(
          folder: folder, server: server, sender: sender, load: load,
          client: try LedgerClient(baseURL: server.url, trust: trust, options: options))
      }

      func pay(_ count: Int) async throws {
        for one in try load.payments(submissions: count, batch: 5) {
          try await sender.post(one.protobuf)
        }
      }

      func end() async throws {
        server.stop()
        try await sender.close()
        try? FileManager.default.removeItem(atPath: folder)
      }
    }

    /// Method: one follows from the beginning while payments go on, the server is killed and served
    /// anew, and stopped and served anew; the log itself is what was to be heard.
    @Test func hearsEachOrderOnceAcrossServers() async throws {
      let scene = try await Scene.make(port: 17_195)
      let client = scene.client
      let last = 5 * 6
      let following = Task {
        var payments: [EventAnswer] = []
        for try await event in client.events(after: .genesis, kinds: ["pay", "fund"]) {
          if event.operation == "pay" { payments.append(event) }
          if payments.count == last { break }
        }
        return payments
      }
      let fromNowOn = Task {
        var iterator = client.events(kinds: ["pay"]).makeAsyncIterator()
        return try await iterator.next()
      }
      try await Task.sleep(for: .milliseconds(300))
      try await scene.pay(2)
      scene.server.kill()
      try scene.server.serve()
      try await scene.sender.waitUntilReady()
      try await scene.pay(2)
      #expect(scene.server.stop() == 0)
      try scene.server.serve()
      try await scene.sender.waitUntilReady()
      try await scene.pay(2)
      let payments = try await following.value
      #expect(payments.map(\.sequence) == payments.map(\.sequence).sorted())
      #expect(Set(payments.map(\.id)).count == last)
      var logged: [SequenceNumber] = []
      for sequence in 1..<(try await client.info().size) {
        let entry = try await Self.entry(SequenceNumber(sequence), client)
        if case .instruction(let bytes, _) = entry.body,
          case .pay = try Instruction(canonicalBytes: bytes).operation
        {
          logged.append(entry.sequence)
        }
      }
      #expect(payments.map(\.sequence) == logged)
      let movement = try #require(payments.last?.movement)
      #expect(1...100 ~= movement.amount && movement.currency.description == "CNY")
      #expect(payments.allSatisfy { $0.isAccepted && $0.effects.count == 2 })
      #expect(try await fromNowOn.value == payments.first)
      try await scene.end()
    }

    private static func entry(
      _ sequence: SequenceNumber, _ client: LedgerClient
    ) async throws -> LogEntry {
      _ = try await client.checkpoint(covering: sequence)
      return try await client.entry(sequence).entry
    }

    @Test func endsWhereItIsCancelledOrRefused() async throws {
      let scene = try await Scene.make(port: 17_195)
      let client = scene.client
      let cancelled = Task {
        var count = 0
        for try await _ in client.events() { count += 1 }
        return count
      }
      try await Task.sleep(for: .milliseconds(300))
      cancelled.cancel()
      #expect(try await cancelled.value == 0)

      let refused = await Self.failure(of: client.events(after: .genesis, kinds: ["nonsense"]))
      guard case .refused(let problem) = refused else {
        return #expect(Bool(false), "a kind that is none is followed")
      }
      #expect(problem.code == "invalid_parameter" && problem.status == 400)

      let lost = SequenceNumber(1_000_000)
      let size = try await client.info().size
      #expect(
        await Self.failure(of: client.events(after: lost))
          == .untrusted(.lostEntries(heard: lost, size: size)))

      // One account's alone.
      try await scene.pay(1)
      let accounts = client.events(after: .genesis, account: scene.load.wallets[0])
      for try await event in accounts {
        #expect(event.accounts.contains(scene.load.wallets[0]))
        if event.operation == "pay" { break }
      }

      // A server that is away is waited for, and the wait is cancelled as well.
      scene.server.stop()
      let waiting = Task { await Self.failure(of: client.events(after: .genesis)) }
      try await Task.sleep(for: .milliseconds(300))
      waiting.cancel()
      #expect(await waiting.value == nil)
      try await scene.end()
    }

    /// How following ends; `nil` where it ends by itself.
    private static func failure(of events: EventStream) async -> ClientError? {
      var iterator = events.makeAsyncIterator()
      do throws(ClientError) {
        while try await iterator.next() != nil {}
        return nil
      } catch {
        return error
      }
    }
  }
}
