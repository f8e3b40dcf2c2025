import Foundation
import LedgerWire
import ProgramTesting

/// Measures the shipped server over HTTP on loopback, generator and server on the same cores.
///
/// Usage: specie-bench PROGRAM POLICY FOLDER RESULT.json
@main
enum EndToEndBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    if arguments.count > 5, arguments[1] == "engine" { return try await engine(arguments) }
    guard arguments.count == 5 else {
      throw ProgramError("usage: specie-bench PROGRAM POLICY FOLDER RESULT.json")
    }
    let (program, policy, folder, result) = (
      arguments[1], arguments[2], arguments[3], arguments[4]
    )
    say("measuring what this machine can do")
    let baselines = try Baselines.measure(in: folder)
    let server = ServerProcess(program: program, folder: folder, port: 17_070)
    let (trust, officers) = try server.createLedger()
    try server.serve()
    defer { server.stop() }
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    try server.run(
      ["policy", "activate", policy, "--accept-unverified"] + ServerProcess.officerOptions)
    let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 10_000)
    say("opening and funding 10,000 wallets")
    for submission in try load.preparation() { try await sender.post(submission.protobuf) }
    let table = Table(baselines: baselines)
    let rows = try await measure(load, server: server, sender: sender, table: table)
    try await sender.close()
    print(table.text(rows))
    try table.json(rows).write(to: URL(fileURLWithPath: result))
  }

  /// Usage: specie-bench engine PROGRAM POLICY FOLDER WALLETS COUNT BATCH KIND ROUNDS
  private static func engine(_ arguments: [String]) async throws {
    let server = ServerProcess(program: arguments[2], folder: arguments[4], port: 17_071)
    let (trust, officers) = try server.createLedger()
    try server.serve()
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    try server.run(
      ["policy", "activate", arguments[3], "--accept-unverified"] + ServerProcess.officerOptions)
    let load = try Load(
      ledger: trust.ledger, officers: officers, walletCount: Int(arguments[5]) ?? 10_000,
      tier: "wl2")
    for submission in try load.preparation() { try await sender.post(submission.protobuf) }
    try await sender.close()
    server.stop()
    let started = ContinuousClock.now
    let engine = try EngineBench(
      opening: arguments[4] + "/ledger", logKey: try server.logKey())
    say("opened in \(seconds(since: started)) s")
    let (count, batch) = (Int(arguments[6]) ?? 1_000_000, Int(arguments[7]) ?? 8_000)
    let kind = Load.Kind(rawValue: arguments[8]) ?? .spread
    let rounds = try (0..<(Int(arguments[9]) ?? 3)).map { _ in
      try load.payments(submissions: count / batch, batch: batch, kind: kind).map {
        try Submission(protobuf: $0.protobuf)
      }
    }
    say("running")
    for (round, submissions) in rounds.enumerated() {
      let elapsed = try engine.run(submissions)
      say("round \(round): \(Int(Double(count / batch * batch) / elapsed)) transfers/s")
    }
    try await engine.stop()
  }

  private static func measure(
    _ load: Load, server: ServerProcess, sender: Sender, table: Table
  ) async throws -> [Table.Row] {
    var batched: [Double] = []
    for round in 0...3 {
      say("batches of 1,000, round \(round) of 3" + (round == 0 ? " (warm-up)" : ""))
      let bodies = try load.payments(submissions: 200, batch: 1_000).map(\.protobuf)
      let start = ContinuousClock.now
      try await send(bodies, sender, connections: 6)
      if round > 0 { batched.append(200_000 / seconds(since: start)) }
    }
    var single: [(rate: Double, cpu: Double)] = []
    for round in 0...3 {
      say("single payments, round \(round) of 3" + (round == 0 ? " (warm-up)" : ""))
      let count = 10_000
      let bodies = try load.payments(submissions: count, batch: 1).map(\.protobuf)
      let cpu = try server.cpuSeconds()
      let start = ContinuousClock.now
      try await send(bodies, sender, connections: 64)
      let used = try server.cpuSeconds() - cpu
      if round > 0 {
        single.append((Double(count) / seconds(since: start), used / Double(count)))
      }
    }
    return table.rows(batched: batched, single: single)
  }

  private static func send(
    _ bodies: [[UInt8]], _ sender: Sender, connections: Int
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in 0..<connections {
        group.addTask {
          for index in stride(from: connection, to: bodies.count, by: connections) {
            try await sender.post(bodies[index])
          }
        }
      }
      try await group.waitForAll()
    }
  }

  static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
