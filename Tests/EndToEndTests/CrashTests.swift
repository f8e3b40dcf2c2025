import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting
import Synchronization
import Testing

/// The shipped program under load, killed, opened again, and audited.
@Suite(.serialized) struct CrashTests {
  /// Where `specie` was built, beside this test bundle.
  static var program: String {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("specie").path
  }

  /// Goal: SIGKILL at any moment under load loses nothing that was acknowledged.
  ///
  /// Method: 20 rounds. Each sends payments over four connections, kills the server after a random
  /// 20 to 300 ms, starts it again, asks for every acknowledged id, and audits the log.
  @Test func losesNothingAcknowledged() async throws {
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
    var acknowledgedCount = 0
    for round in 0..<20 {
      let acknowledged = try await Self.round(load, sender, server)
      acknowledgedCount += acknowledged.count
      try server.serve()
      try await sender.waitUntilReady()
      for id in acknowledged {
        let answer = try await sender.get("/v1/instructions/\(id)")
        #expect(answer.status == 200, "round \(round), id \(id): \(answer.body)")
        #expect(answer.body.contains("accepted"), "round \(round), id \(id): \(answer.body)")
      }
    }
    #expect(acknowledgedCount > 200, "too little load to mean anything")
    #expect(server.stop() == 0)
    let report = try server.run(["audit", "verify", "ledger", "--trust", "ledger/trust"])
    #expect(report.contains("VERIFIED"), "\(report)")
    try await sender.close()
  }

  /// Sends until the server dies.
  ///
  /// - Returns: The ids of the first instruction of each acknowledged submission.
  private static func round(
    _ load: Load, _ sender: Sender, _ server: ServerProcess
  ) async throws -> [InstructionID] {
    let submissions = try load.payments(submissions: 2_000, batch: 5)
    let acknowledged = Acknowledged()
    let kill = Task {
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...300)))
    }
    await withTaskGroup(of: Void.self) { group in
      for connection in 0..<4 {
        group.addTask {
          for index in stride(from: connection, to: submissions.count, by: 4) {
            guard (try? await sender.post(submissions[index].protobuf)) != nil else { return }
            let bytes = submissions[index].instructions[0]
            guard let first = try? Instruction(canonicalBytes: bytes) else { return }
            acknowledged.add(first.id)
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

/// Ids that several connections collect.
private final class Acknowledged: Sendable {
  private let state = Mutex<[InstructionID]>([])

  var ids: [InstructionID] { state.withLock { $0 } }

  func add(_ id: InstructionID) { state.withLock { $0.append(id) } }
}
