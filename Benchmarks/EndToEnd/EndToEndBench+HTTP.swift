import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting

extension EndToEndBench {
  /// The program over HTTP.
  func measureHTTP(_ ledger: Prepared, _ table: inout Table) async throws {
    for batch in extent.batches {
      let rates = try await Self.rounds("batches of \(batch) over HTTP") {
        let bodies = try ledger.load.payments(
          submissions: batchedCount(batch) / batch, batch: batch
        )
        .map(\.protobuf)
        let start = ContinuousClock.now
        try await Self.send(
          bodies, ledger.sender, connections: batch < 1_000 ? 32 : batch == 1_000 ? 8 : 4)
        return Double(bodies.count * batch) / secondsPassed(since: start)
      }
      table.addHTTP(batch: batch, rates)
    }
    try await settle(ledger.server)
    let generator = try await LoadGenerator(port: Self.port, connections: 64)
    var costs: [Double] = []
    let rates = try await Self.rounds("single payments over HTTP") {
      let bodies = try ledger.load.payments(submissions: 10_000, batch: 1).map(\.protobuf)
      let cpu = try ledger.server.cpuSeconds()
      let start = ContinuousClock.now
      _ = try await generator.run(bodies, due: nil)
      costs.append((try ledger.server.cpuSeconds() - cpu) / Double(bodies.count))
      return Double(bodies.count) / secondsPassed(since: start)
    }
    table.addSingle(rates, cpuSeconds: Array(costs.dropFirst()))
    try await measureStreams(ledger, &table)
    try await measureLatency(
      ledger, generator, capacity: rates.sorted()[rates.count / 2], &table)
    try await generator.close()
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
      return Double(payments.count) / secondsPassed(since: start)
    }
    table.addStreams(rates, cpuSeconds: Array(costs.dropFirst()))
  }

  /// Waits, for at most a minute, until the server has done what the batches have left it to do, such
  /// as a snapshot, which would be counted as the cost of single payments.
  private func settle(_ server: ServerProcess) async throws {
    for _ in 0..<60 {
      let cpu = try server.cpuSeconds()
      try await Task.sleep(for: .seconds(1))
      if try server.cpuSeconds() - cpu < 0.03 { return }
    }
  }

  /// Fewer where they are short: each submission costs more than its payments.
  private func batchedCount(_ batch: Int) -> Int {
    batch < 1_000 ? extent.count / 10 : extent.count
  }

  /// How long single payments take at a given load.
  private func measureLatency(
    _ ledger: Prepared, _ generator: LoadGenerator, capacity: Double, _ table: inout Table
  ) async throws {
    for part in extent.loads {
      let rate = part * capacity
      Self.say("single payments, open loop, \(Int(rate)) a second")
      let count = Int(rate * extent.openLoopSeconds)
      // The first second warms up.
      let bodies = try ledger.load.payments(submissions: count + Int(rate), batch: 1)
        .map(\.protobuf)
      _ = try await OpenLoop.run(
        Array(bodies.suffix(Int(rate))), rate: rate, by: generator)
      table.addLatency(
        try await OpenLoop.run(Array(bodies.prefix(count)), rate: rate, by: generator),
        rate: rate, isHalf: part == 0.5)
    }
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
}
