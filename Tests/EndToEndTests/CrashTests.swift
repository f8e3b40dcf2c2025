import Foundation
import LedgerModel
import LedgerTesting
import LedgerWire
import ProgramTesting
import Synchronization
import Testing

extension EndToEnd {
  /// The shipped program under load, killed, opened again, and audited.
  @Suite struct CrashTests {
    /// Where `specie` was built, beside this test bundle.
    static var program: String {
      URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("specie").path
    }

    /// Where the sources are.
    static var repository: String {
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    }

    /// Goal: SIGKILL at any moment under load loses nothing that was acknowledged.
    ///
    /// Method: 20 rounds. Each sends payments over four connections, kills the server after 20 to
    /// 300 ms that a seed decides, audits a copy of what it left, starts it again, and asks for
    /// every id of every submission that was acknowledged. What the kernel interleaves no seed
    /// repeats.
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func losesNothingAcknowledged(seed: UInt64) async throws {
      let folder = try Self.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = ServerProcess(program: Self.program, folder: folder, port: 17_171)
      let (trust, officers) = try server.createLedger()
      try server.serve()
      defer { server.kill() }
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 50)
      for submission in try load.preparation() { try await sender.post(submission.protobuf) }
      var random = SplitMix64(seed: seed)
      var acknowledgedCount = 0
      for round in 0..<20 {
        let delay = Duration.milliseconds(20 + Int64(random.next() % 281))
        let acknowledged = try await Self.round(load, sender, server, killAfter: delay)
        acknowledgedCount += acknowledged.count
        let place = "seed \(seed), round \(round)"
        try Self.audit(server, folder, place)
        try server.serve()
        try await sender.waitUntilReady()
        await Self.expectAccepted(acknowledged, sender, place)
      }
      #expect(acknowledgedCount > 1_000, "seed \(seed): too little load to mean anything")
      #expect(server.stop() == 0)
      let report = try server.run(["audit", "verify", "ledger", "--trust", "ledger/trust"])
      #expect(report.contains("VERIFIED"), "seed \(seed): \(report)")
      try await sender.close()
    }

    /// Audits a copy of what a killed server left.
    private static func audit(
      _ server: ServerProcess, _ folder: String, _ place: String
    ) throws {
      let copy = folder + "/copy"
      try FileManager.default.copyItem(atPath: folder + "/ledger", toPath: copy)
      defer { try? FileManager.default.removeItem(atPath: copy) }
      let report = try server.run(["audit", "verify", "copy", "--trust", "ledger/trust"])
      #expect(report.contains("VERIFIED"), "\(place): \(report)")
    }

    /// Asks for each id, over four connections.
    private static func expectAccepted(
      _ ids: [InstructionID], _ sender: Sender, _ place: String
    ) async {
      await withTaskGroup(of: Void.self) { group in
        for connection in 0..<4 {
          group.addTask {
            for index in stride(from: connection, to: ids.count, by: 4) {
              let answer = try? await sender.get("/v1/instructions/\(ids[index])")
              #expect(
                answer?.status == 200 && answer?.body.contains(#""outcome":"accepted""#) ?? false,
                "\(place), id \(ids[index]): \(answer?.body ?? "no answer")")
            }
          }
        }
      }
    }

    /// Sends until the server dies.
    ///
    /// - Returns: The ids of all instructions of each acknowledged submission.
    private static func round(
      _ load: Load, _ sender: Sender, _ server: ServerProcess, killAfter delay: Duration
    ) async throws -> [InstructionID] {
      let submissions = try load.payments(submissions: 2_000, batch: 5)
      let acknowledged = Acknowledged()
      let kill = Task { try await Task.sleep(for: delay) }
      await withTaskGroup(of: Void.self) { group in
        for connection in 0..<4 {
          group.addTask {
            for index in stride(from: connection, to: submissions.count, by: 4) {
              guard (try? await sender.post(submissions[index].protobuf)) != nil else { return }
              for bytes in submissions[index].instructions {
                guard let instruction = try? Instruction(canonicalBytes: bytes) else { return }
                acknowledged.add(instruction.id)
              }
            }
          }
        }
        _ = try? await kill.value
        server.kill()
      }
      return acknowledged.ids
    }

    static func makeFolder() throws -> String {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("specie-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return folder
    }
  }
}

/// Ids that several connections collect.
private final class Acknowledged: Sendable {
  private let state = Mutex<[InstructionID]>([])

  var ids: [InstructionID] { state.withLock { $0 } }

  func add(_ id: InstructionID) { state.withLock { $0.append(id) } }
}
