import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting

/// Measures the shipped server over HTTP on loopback, generator and server on the same cores, and
/// then the engine alone, on the same ledger.
///
/// Usage: specie-bench PROGRAM POLICY FOLDER RESULT.json [--quick]
@main
struct EndToEndBench {
  /// Rounds whose median is the figure; one more before them warms up.
  private static let rounds = 3
  private static let streams = 2

  private let program: String
  private let policy: String
  private let folder: String
  /// Transfers of one round, batched.
  private let count: Int
  /// Wallets of the large ledger.
  private let manyWallets: Int

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5 else {
      throw ProgramError("usage: specie-bench PROGRAM POLICY FOLDER RESULT.json [--quick]")
    }
    let isQuick = arguments.contains("--quick")
    let bench = EndToEndBench(
      program: arguments[1], policy: arguments[2], folder: arguments[3],
      count: isQuick ? 400_000 : 2_000_000, manyWallets: isQuick ? 100_000 : 1_000_000)
    say("measuring what this machine can do")
    var table = Table(baselines: try Baselines.measure(in: bench.folder))
    let few = try await bench.ledger("few", wallets: 10_000)
    try await bench.measureHTTP(few, &table)
    try await bench.measureEngine(few, &table)
    let many = try await bench.ledger("many", wallets: bench.manyWallets)
    try await bench.measureWallets(many, &table)
    print(table.text)
    try table.json.write(to: URL(fileURLWithPath: arguments[4]))
  }

  /// A ledger that the program has made, with the e-CNY limits in force.
  private struct Prepared {
    let server: ServerProcess
    let sender: Sender
    let load: Load
  }

  private func ledger(_ name: String, wallets: Int) async throws -> Prepared {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let server = ServerProcess(program: program, folder: path, port: 17_070)
    let (trust, officers) = try server.createLedger()
    try server.serve()
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    try server.run(
      ["policy", "activate", policy, "--accept-unverified"] + ServerProcess.officerOptions)
    let load = try Load(
      ledger: trust.ledger, officers: officers, walletCount: wallets, tier: "wl2")
    Self.say("opening and funding \(wallets) wallets")
    for submission in try load.preparation() { try await sender.post(submission.protobuf) }
    return Prepared(server: server, sender: sender, load: load)
  }

  /// The program over HTTP; it is stopped at the end.
  private func measureHTTP(_ ledger: Prepared, _ table: inout Table) async throws {
    for batch in [1_000, 8_000] {
      let rates = try await Self.rounds("batches of \(batch) over HTTP") {
        let bodies = try ledger.load.payments(submissions: count / batch, batch: batch)
          .map(\.protobuf)
        let start = ContinuousClock.now
        try await Self.send(bodies, ledger.sender, connections: batch == 1_000 ? 8 : 4)
        return Double(bodies.count * batch) / seconds(since: start)
      }
      table.addHTTP(batch: batch, rates)
    }
    var costs: [Double] = []
    let rates = try await Self.rounds("single payments over HTTP") {
      let bodies = try ledger.load.payments(submissions: 10_000, batch: 1).map(\.protobuf)
      let cpu = try ledger.server.cpuSeconds()
      let start = ContinuousClock.now
      try await Self.send(bodies, ledger.sender, connections: 64)
      costs.append((try ledger.server.cpuSeconds() - cpu) / Double(bodies.count))
      return Double(bodies.count) / seconds(since: start)
    }
    table.addSingle(rates, cpuSeconds: Array(costs.dropFirst()))
    try await measureStreams(ledger, &table)
    try await ledger.sender.close()
    guard ledger.server.stop() == 0 else { throw ProgramError("the server did not stop cleanly") }
  }

  /// Single payments on streams.
  private func measureStreams(_ ledger: Prepared, _ table: inout Table) async throws {
    var costs: [Double] = []
    let rates = try await Self.rounds("single payments on streams") {
      let payments = try ledger.load.payments(submissions: 40_000, batch: 1)
      let loads = (0..<Self.streams).map { stream in
        StreamLoad(
          stride(from: stream, to: payments.count, by: Self.streams).map { payments[$0].protobuf })
      }
      let cpu = try ledger.server.cpuSeconds()
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        let sender = ledger.sender
        for load in loads { group.addTask { try await load.send(by: sender) } }
        try await group.waitForAll()
      }
      costs.append((try ledger.server.cpuSeconds() - cpu) / Double(payments.count))
      return Double(payments.count) / seconds(since: start)
    }
    table.addStreams(rates, cpuSeconds: Array(costs.dropFirst()))
  }

  /// The engine alone: what `specie serve` runs behind HTTP, in this process.
  private func measureEngine(_ ledger: Prepared, _ table: inout Table) async throws {
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    for kind in Load.Kind.allCases {
      let bytes = try ledger.server.ledgerBytes()
      let rates = try await rates(of: engine, ledger.load, kind)
      let grown = try ledger.server.ledgerBytes() - bytes
      table.addEngine(kind, rates, bytesEach: Double(grown) / Double((Self.rounds + 1) * count))
    }
    try await engine.stop()
  }

  /// The engine on a ledger of many wallets.
  private func measureWallets(_ ledger: Prepared, _ table: inout Table) async throws {
    try await ledger.sender.close()
    guard ledger.server.stop() == 0 else { throw ProgramError("the server did not stop cleanly") }
    let start = ContinuousClock.now
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    table.addOpening(seconds: seconds(since: start), wallets: manyWallets)
    table.addWallets(manyWallets, try await rates(of: engine, ledger.load, .spread))
    try await engine.stop()
  }

  private func rates(
    of engine: EngineBench, _ load: Load, _ kind: Load.Kind
  ) async throws -> [Double] {
    try await Self.rounds("the engine alone, \(kind.rawValue)") {
      let submissions = try load.payments(submissions: count / 8_000, batch: 8_000, kind: kind)
        .map { try Submission(protobuf: $0.protobuf) }
      return Double(submissions.count * 8_000) / (try engine.run(submissions))
    }
  }

  /// Runs a measurement once to warm up, and then for the figure.
  private static func rounds(
    _ name: String, _ measure: () async throws -> Double
  ) async throws -> [Double] {
    var values: [Double] = []
    for round in 0...rounds {
      say("\(name), round \(round) of \(rounds)" + (round == 0 ? " (warm-up)" : ""))
      let value = try await measure()
      if round > 0 { values.append(value) }
    }
    return values
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
