import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting

/// Measures the shipped server over HTTP on loopback, generator and server on the same cores, then
/// the engine alone, on the same ledger, and what others do on the same machine.
///
/// Usage: specie-bench PROGRAM POLICY PEERS FOLDER RESULT.json [--quick] [--only PART]...
@main
struct EndToEndBench {
  /// Rounds whose median is the figure; one more before them warms up.
  static let rounds = 3
  static let streams = 2
  static let port = 17_070

  /// How much is measured.
  struct Extent {
    /// Transfers of one round, batched.
    let count: Int
    /// The same of the engine alone, which is done with them sooner: the index of ids is caught up at
    /// most a quarter of a second after the last, and that counts.
    let engineCount: Int
    let batches: [Int]
    /// Wallets of the ledgers after the first, which has 10,000.
    let wallets: [Int]
    /// Entries that the longest log is to have at the end, where the disk has room for them.
    let entries: UInt64
    /// Offered loads, as parts of what single payments have reached.
    let loads: [Double]
    let openLoopSeconds: Double
    let peerSeconds: Int
    /// Payments of the logs that are audited, in batches of 8,000 and single ones.
    let auditedBatched: Int
    let auditedSingle: Int
    /// Whether the first of them is exported: its files take longer to remove than to write.
    let exportsLog: Bool

    static let full = Extent(
      count: 2_000_000, engineCount: 2_000_000, batches: [10, 100, 1_000, 8_000],
      wallets: [1_000_000, 10_000_000],
      entries: 100_000_000, loads: [0.1, 0.25, 0.5, 0.75], openLoopSeconds: 10, peerSeconds: 10,
      auditedBatched: 10_000_000, auditedSingle: 100_000, exportsLog: true)
    static let quick = Extent(
      count: 400_000, engineCount: 1_000_000, batches: [1_000, 8_000], wallets: [100_000],
      entries: 0, loads: [0.1, 0.5],
      openLoopSeconds: 3, peerSeconds: 3, auditedBatched: 2_000_000, auditedSingle: 40_000,
      exportsLog: false)
  }

  /// What can be measured by itself; the ratios to other parts are left out then.
  enum Part: String, CaseIterable {
    case peers, http, engine, length, wallets, audit
  }

  let program: String
  let policy: String
  let peers: String
  let folder: String
  let extent: Extent
  let parts: Set<Part>

  static func main() async {
    do {
      try await run()
    } catch {
      say("specie-bench: \(error)")
      exit(1)
    }
  }

  private static func run() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 6 else {
      throw ProgramError(
        "usage: specie-bench PROGRAM POLICY PEERS FOLDER RESULT.json [--quick] [--only PART]...")
    }
    let only = try zip(arguments, arguments.dropFirst()).filter { $0.0 == "--only" }.map {
      guard let part = Part(rawValue: $0.1) else {
        let names = Part.allCases.map(\.rawValue).joined(separator: ", ")
        throw ProgramError("`\($0.1)` is no part of the benchmark; those are \(names)")
      }
      return part
    }
    let bench = EndToEndBench(
      program: arguments[1], policy: arguments[2], peers: arguments[3], folder: arguments[4],
      extent: arguments.contains("--quick") ? .quick : .full,
      parts: Set(only.isEmpty ? Part.allCases : only))
    say("measuring what this machine can do")
    var table = Table(
      baselines: try Baselines.measure(in: bench.folder),
      machine: Machine.description(folder: bench.folder))
    // What was measured is told even where the rest fails.
    defer { print(table.text) }
    try await bench.measure(&table)
    try table.json.write(to: URL(fileURLWithPath: arguments[5]))
  }

  private func measure(_ table: inout Table) async throws {
    if parts.contains(.peers) {
      Self.say("measuring PostgreSQL and a plain SQLite table of accounts")
      table.addPeers(
        try Peers.measure(
          script: peers, in: folder, accounts: 10_000, seconds: extent.peerSeconds))
    }
    if !parts.isDisjoint(with: [.http, .engine]) {
      let few = try await ledger("few", wallets: 10_000)
      if parts.contains(.http) { try await measureHTTP(few, &table) }
      try await stop(few)
      if parts.contains(.engine) { try await measureEngine(few, &table) }
      try few.server.removeLedger()
    }
    if parts.contains(.length), extent.entries > 0 { try await measureLength(&table) }
    if parts.contains(.wallets) {
      for count in extent.wallets {
        let many = try await ledger("many-\(count)", wallets: count)
        try await stop(many)
        try await measureWallets(many, count, &table)
        try many.server.removeLedger()
        if count <= 1_000_000 { try await measureCommitment(wallets: count, &table) }
      }
    }
    if parts.contains(.audit) { try await measureAudit(&table) }
  }

  /// A ledger that the program has made, with the e-CNY limits in force.
  struct Prepared {
    let server: ServerProcess
    let sender: Sender
    let load: Load
    /// Resident memory of the program while the ledger was empty.
    let emptyBytes: Int
  }

  /// - Parameters:
  ///   - name: Of its folder.
  ///   - wallets: How many it has.
  ///   - horizonSeconds: How long ids may come again; by default the standard's 10 minutes.
  ///   - commitEvery: How often the state is committed to.
  /// - Returns: The ledger, served, with its wallets open and funded.
  /// - Throws: Where an order is refused.
  func ledger(
    _ name: String, wallets: Int, horizonSeconds: UInt64 = 600, commitEvery: String = "1h"
  ) async throws -> Prepared {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let server = ServerProcess(program: program, folder: path, port: Self.port)
    let (trust, officers) = try server.createLedger(
      options: [
        "--participant-horizon", "\(horizonSeconds)s", "--commit-every", commitEvery,
      ])
    try server.serve()
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    let emptyBytes = try server.residentBytes()
    try server.run(
      ["policy", "activate", policy, "--accept-unverified"] + ServerProcess.officerOptions)
    let load = try Load(
      ledger: trust.ledger, officers: officers, walletCount: wallets, tier: "wl2",
      expirySeconds: horizonSeconds * 9 / 10)
    Self.say("opening and funding \(wallets) wallets")
    for submission in try load.preparation() { try await sender.post(submission.protobuf) }
    return Prepared(server: server, sender: sender, load: load, emptyBytes: emptyBytes)
  }

  func stop(_ ledger: Prepared) async throws {
    try await ledger.sender.close()
    guard ledger.server.stop() == 0 else { throw ProgramError("the server did not stop cleanly") }
  }

  /// The engine alone: what `specie serve` runs behind HTTP, in this process.
  private func measureEngine(_ ledger: Prepared, _ table: inout Table) async throws {
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    for kind in Load.Kind.allCases {
      let bytes = try ledger.server.ledgerBytes()
      var lags: [Double] = []
      let rates = try await Self.rounds("the engine alone, \(kind.rawValue)") {
        let run = try run(engine, ledger.load, kind)
        lags.append(run.indexLag)
        return run.rate
      }
      let grown = try ledger.server.ledgerBytes() - bytes
      table.addEngine(
        kind, rates, bytesEach: Double(grown) / Double((Self.rounds + 1) * extent.engineCount),
        indexLags: lags)
    }
    try await engine.stop()
  }

  /// Lets a log grow, and measures how fast it does from the beginning to the end.
  ///
  /// Ids are remembered for one minute, not ten: one bank makes them all, and may have half of those
  /// that a ledger remembers.
  private func measureLength(_ table: inout Table) async throws {
    let ledger = try await ledger("long", wallets: 10_000, horizonSeconds: 60)
    try await stop(ledger)
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    let free = try FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize]
    // Half of what is free: the write-ahead log and a compaction of the index need room, too.
    let room = UInt64(((free as? NSNumber)?.doubleValue ?? 0) / Self.bytesPerEntry / 2)
    let wanted = min(extent.entries, room)
    var rates: [(entries: UInt64, rate: Double)] = []
    _ = try round(of: engine, ledger.load, .spread)
    while engine.entryCount < wanted {
      Self.say("the log grows: \(engine.entryCount) of \(wanted) entries")
      rates.append((engine.entryCount, try round(of: engine, ledger.load, .spread)))
    }
    table.addLength(rates)
    try await engine.stop()
    try ledger.server.removeLedger()
  }

  private static let bytesPerEntry = 240.0

  /// The engine on a ledger of many wallets.
  private func measureWallets(
    _ ledger: Prepared, _ count: Int, _ table: inout Table
  ) async throws {
    let before = try await residentBytes(of: ledger) - ledger.emptyBytes
    let engine = try open(ledger, wallets: count, &table)
    table.addWallets(count, try await rates(of: engine, ledger.load, .spread))
    try await engine.stop()
    try await open(ledger, wallets: count, &table).stop()
    table.addMemory(
      wallets: count, before: before,
      after: try await residentBytes(of: ledger) - ledger.emptyBytes,
      payments: (Self.rounds + 1) * extent.engineCount)
    if count <= 1_000_000 { try await measurePause(ledger, wallets: count, &table) }
  }

  /// How long a payment waits at most while a snapshot is made, which copies what it shares with the
  /// running ledger.
  private func measurePause(
    _ ledger: Prepared, wallets: Int, _ table: inout Table
  ) async throws {
    Self.say("single payments while a snapshot of \(wallets) wallets is made")
    try ledger.server.serve()
    let sender = Sender(url: ledger.server.url)
    try await sender.waitUntilReady()
    let snapshots = ledger.server.folder + "/ledger/snapshots"
    let before = try FileManager.default.contentsOfDirectory(atPath: snapshots)
    // One is due once a million entries have come, and ten seconds have passed.
    for submission in try ledger.load.payments(submissions: 150, batch: 8_000) {
      try await sender.post(submission.protobuf)
    }
    let generator = try await LoadGenerator(port: Self.port, connections: 64)
    let bodies = try ledger.load.payments(submissions: 6_000, batch: 1).map(\.protobuf)
    let latencies = try await OpenLoop.run(bodies, rate: 500, by: generator)
    try await generator.close()
    try await sender.close()
    guard try FileManager.default.contentsOfDirectory(atPath: snapshots) != before else {
      throw ProgramError("no snapshot was made in 12 s")
    }
    guard ledger.server.stop() == 0 else { throw ProgramError("the server did not stop cleanly") }
    table.addPause(wallets: wallets, seconds: latencies.percentile(1))
  }

  /// How long a payment waits at most while the state is committed to, after nearly every wallet has
  /// paid or been paid.
  private func measureCommitment(wallets: Int, _ table: inout Table) async throws {
    let ledger = try await ledger("committed-\(wallets)", wallets: wallets, commitEvery: "10s")
    Self.say("single payments while \(wallets) wallets are committed to")
    for submission in try ledger.load.payments(submissions: 3 * wallets / 8_000, batch: 8_000) {
      try await ledger.sender.post(submission.protobuf)
    }
    let generator = try await LoadGenerator(port: Self.port, connections: 64)
    let bodies = try ledger.load.payments(submissions: 6_000, batch: 1).map(\.protobuf)
    let latencies = try await OpenLoop.run(bodies, rate: 500, by: generator)
    try await generator.close()
    try await stop(ledger)
    try ledger.server.removeLedger()
    table.addCommitment(wallets: wallets, seconds: latencies.percentile(1))
  }

  /// Resident memory of the program once it serves the ledger.
  private func residentBytes(of ledger: Prepared) async throws -> Int {
    try ledger.server.serve()
    let sender = Sender(url: ledger.server.url)
    try await sender.waitUntilReady()
    let bytes = try ledger.server.residentBytes()
    try await sender.close()
    guard ledger.server.stop() == 0 else { throw ProgramError("the server did not stop cleanly") }
    return bytes
  }

  /// Opens a ledger, from its newest snapshot and what came after, as it would after a crash: no
  /// snapshot is made at a stop.
  private func open(
    _ ledger: Prepared, wallets: Int, _ table: inout Table
  ) throws -> EngineBench {
    let start = ContinuousClock.now
    let engine = try EngineBench(
      opening: ledger.server.folder + "/ledger", logKey: try ledger.server.logKey())
    table.addOpening(
      seconds: secondsPassed(since: start), wallets: wallets, entries: engine.entryCount)
    return engine
  }

  private func rates(
    of engine: EngineBench, _ load: Load, _ kind: Load.Kind
  ) async throws -> [Double] {
    try await Self.rounds("the engine alone, \(kind.rawValue)") {
      try round(of: engine, load, kind)
    }
  }

  func round(
    of engine: EngineBench, _ load: Load, _ kind: Load.Kind
  ) throws -> Double {
    try run(engine, load, kind).rate
  }

  private func run(
    _ engine: EngineBench, _ load: Load, _ kind: Load.Kind
  ) throws -> (rate: Double, indexLag: Double) {
    let submissions = try load.payments(
      submissions: extent.engineCount / 8_000, batch: 8_000, kind: kind
    )
    .map { try Submission(protobuf: $0.protobuf) }
    let (seconds, indexLag) = try engine.run(submissions)
    return (Double(submissions.count * 8_000) / seconds, indexLag)
  }

  /// Runs a measurement once to warm up, and then for the figure.
  static func rounds(
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

  static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
