import Foundation
import LedgerWire
import ProgramTesting

extension EndToEndBench {
  private static let singleWallets = 1_000

  /// What an auditor waits for: the shipped program from its start to its verdict, on both cores.
  func measureAudit(_ table: inout Table) async throws {
    let batched = try await ledger("audit-batched", wallets: 10_000)
    try await fill(batched) { engine in
      for _ in 0..<max(1, extent.auditedBatched / extent.engineCount) {
        _ = try round(of: engine, batched.load, .spread)
      }
    }
    let rates = try await auditRates(of: batched, "batches")
    table.addAudit(rates)
    table.addBacktest(try await backtestRates(of: batched), against: rates)
    if extent.exportsLog {
      table.addExport(try exportRate(of: batched))
      table.addExportedAudit(try exportedAuditRate(of: batched))
    }
    try batched.server.removeLedger()

    let single = try await ledger("audit-single", wallets: Self.singleWallets)
    try await fill(single) { engine in
      let submissions = try single.load.payments(submissions: extent.auditedSingle, batch: 1)
        .map { try Submission(protobuf: $0.protobuf) }
      _ = try engine.run(submissions, inFlight: 2_000)
    }
    let entries = Double(Self.singleWallets + 2 * extent.auditedSingle)
    let singleRates = try await auditRates(of: single, "single payments")
    table.addSingleAudit(singleRates.map { $0 * Double(extent.auditedSingle) / entries })
    try single.server.removeLedger()
  }

  private func fill(
    _ ledger: Prepared, _ body: (EngineBench) throws -> Void
  ) async throws {
    try await stop(ledger)
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    try body(engine)
    try await engine.stop()
  }

  /// - Returns: Entries a second.
  private func auditRates(of ledger: Prepared, _ name: String) async throws -> [Double] {
    try await Self.rounds("audit verify, \(name)") {
      let start = ContinuousClock.now
      let report = try ledger.server.run(
        ["audit", "verify", "ledger", "--trust", "ledger/trust", "--json"])
      let seconds = secondsPassed(since: start)
      let json = try JSONDecoder().decode(Report.self, from: Data(report.utf8))
      return Double(json.summary.entries) / seconds
    }
  }

  /// - Returns: Entries a second, under the rules that were in force.
  private func backtestRates(of ledger: Prepared) async throws -> [Double] {
    try await Self.rounds("policy backtest") {
      let start = ContinuousClock.now
      let report = try ledger.server.run(
        ["policy", "backtest", policy, "--accept-unverified", "--log", "ledger", "--json"])
      let seconds = secondsPassed(since: start)
      let json = try JSONDecoder().decode(Report.Summary.self, from: Data(report.utf8))
      return Double(json.entries) / seconds
    }
  }

  /// - Returns: Entries a second, into an empty folder, until all is durable; once.
  private func exportRate(of ledger: Prepared) throws -> Double {
    Self.say("audit export")
    let start = ContinuousClock.now
    let report = try ledger.server.run(["audit", "export", "out", "--log", "ledger", "--json"])
    let seconds = secondsPassed(since: start)
    let json = try JSONDecoder().decode(Export.self, from: Data(report.utf8))
    return Double(json.size) / seconds
  }

  /// - Returns: Entries a second, of the export; once.
  private func exportedAuditRate(of ledger: Prepared) throws -> Double {
    Self.say("audit verify, the export")
    let start = ContinuousClock.now
    let report = try ledger.server.run(
      ["audit", "verify", "out", "--trust", "ledger/trust", "--json"])
    let seconds = secondsPassed(since: start)
    let json = try JSONDecoder().decode(Report.self, from: Data(report.utf8))
    return Double(json.summary.entries) / seconds
  }

  private struct Export: Decodable {
    let size: UInt64
  }

  private struct Report: Decodable {
    struct Summary: Decodable {
      let entries: UInt64
    }

    let summary: Summary
  }
}
