import Foundation
import ProgramTesting

/// The figures, each beside the limit that this machine sets.
struct Table {
  struct Row: Encodable {
    let id: String
    let name: String
    let value: Double
    let unit: String
    /// The limit, or the other figure, that the value is held against.
    var baseline: Double?
    var ratio: Double?
    var target: Double?
    var ok: Bool?
    /// Least and greatest of the rounds, as parts of the median.
    var spread: [Double]?
  }

  let baselines: Baselines
  let machine: String
  private(set) var rows: [Row] = []
  /// For the plot alone.
  private var lengths: [Row] = []
  private var engineRate: Double?
  private var peers: Peers?

  init(baselines: Baselines, machine: String) {
    self.baselines = baselines
    self.machine = machine
    limit("verify-1", "libsodium verifications, one core", baselines.verificationsPerSecond)
    limit(
      "verify-2", "libsodium verifications, two threads", baselines.verificationsPerSecondTwoCores)
    limit("sha-256", "SHA-256 of a 160-byte leaf, one core", baselines.hashesPerSecond)
    limit("fdatasync", "4 KiB appends with fdatasync", baselines.syncsPerSecond)
    rows.append(
      Row(
        id: "fdatasync-median", name: "median of one", value: baselines.syncSeconds * 1e3,
        unit: "ms"))
    limit("append", "bytes appended, 1.6 MB an fdatasync", baselines.appendBytesPerSecond)
  }

  /// Each transfer hashes six short inputs, and there are two cores.
  private var hashBound: Double { baselines.hashesPerSecond * 2 / 6 }

  mutating func addPeers(_ peers: Peers) {
    self.peers = peers
    limit("postgresql", "PostgreSQL, a procedure call a transfer", peers.procedures)
    limit(
      "postgresql-batches", "PostgreSQL, set-based batches of 8,000", peers.postgresqlBatches)
    limit("sqlite", "SQLite, a table of accounts, 8,000 a transaction", peers.accountTable)
  }

  mutating func addHTTP(batch: Int, _ rates: [Double]) {
    let targets = [1_000: 100_000.0, 8_000: 600_000]
    add(
      "batch-\(batch)", "durable transfers over HTTP, batches of \(batch)", rates, "1/s",
      baseline: hashBound, target: targets[batch])
    guard batch == 8_000, let peers else { return }
    for (id, name, peer, target) in [
      ("procedures", "procedure calls", peers.procedures, 60.0),
      ("postgresql-batches", "batches", peers.postgresqlBatches, 6),
    ] {
      let ratio = median(rates) / peer
      rows.append(
        Row(
          id: "batch-8000-to-\(id)", name: "the same against PostgreSQL's \(name)",
          value: median(rates), unit: "1/s", baseline: peer, ratio: ratio, target: target,
          ok: ratio >= target))
    }
  }

  mutating func addLatency(_ latencies: OpenLoop.Latencies, rate: Double, isHalf: Bool) {
    for (name, part, target) in [("p50", 0.5, 4.0), ("p99", 0.99, 15), ("p99.9", 0.999, 40)] {
      let value = latencies.percentile(part)
      let ratio = value / baselines.syncSeconds
      rows.append(
        Row(
          id: "latency-\(Int(rate))-\(name)",
          name: "latency of single payments at \(Int(rate))/s, \(name), in fdatasyncs",
          value: value * 1e3, unit: "ms", baseline: baselines.syncSeconds * 1e3, ratio: ratio,
          target: isHalf ? target : nil, ok: isHalf ? ratio <= target : nil))
    }
  }

  /// The rates of rounds while the log grew, each with the entries that it began with.
  mutating func addLength(_ rates: [(entries: UInt64, rate: Double)]) {
    guard let last = rates.last?.entries, rates.count >= 10 else { return }
    for (entries, rate) in rates {
      lengths.append(
        Row(
          id: "length-\(entries)", name: "engine alone, \(entries) entries in the log",
          value: rate, unit: "1/s"))
    }
    let first = median(rates.prefix(5).map(\.rate))
    let end = rates.suffix(5).map(\.rate)
    rows.append(
      Row(
        id: "length", name: "engine alone, the last five rounds up to \(last) entries",
        value: median(end), unit: "1/s", baseline: first, ratio: median(end) / first, target: 0.9,
        ok: median(end) / first >= 0.9, spread: spread(end)))
  }

  /// Resident memory of the program, above that of an empty ledger, before and after payments.
  ///
  /// Preparing has given each wallet two ids, and each payment has one; all are live.
  mutating func addMemory(wallets: Int, before: Int, after: Int, payments: Int) {
    let id = Double(after - before) / Double(payments)
    let wallet = (Double(before) - 2 * Double(wallets) * id) / Double(wallets)
    rows.append(
      Row(
        id: "memory-id-\(wallets)",
        name: "resident memory for each of \(payments) ids more", value: id, unit: "B",
        target: 64, ok: id <= 64))
    rows.append(
      Row(
        id: "memory-wallet-\(wallets)",
        name: "the rest for each of \(wallets) wallets: state and view", value: wallet,
        unit: "B", target: 400, ok: wallet <= 400))
  }

  mutating func addSingle(_ rates: [Double], cpuSeconds: [Double]) {
    add(
      "single", "durable transfers over HTTP, singly signed", rates, "1/s",
      baseline: baselines.verificationsPerSecond)
    addCPU("single", median(cpuSeconds), of: "one", target: 2.4)
  }

  mutating func addStreams(_ rates: [Double], cpuSeconds: [Double]) {
    add(
      "stream", "durable transfers on streams, singly signed", rates, "1/s",
      baseline: baselines.verificationsPerSecond)
    addCPU("stream", median(cpuSeconds), of: "one on a stream", target: 1.25)
  }

  /// The server's CPU time for one submission, in signature checks.
  private mutating func addCPU(_ id: String, _ cost: Double, of noun: String, target: Double) {
    for (id, name, verification) in [
      (
        "\(id)-cpu", "server CPU of \(noun), in verifications while both cores verify",
        baselines.busyVerificationSeconds
      ),
      (
        "\(id)-cpu-alone", "the same, in verifications on one core alone",
        1 / baselines.verificationsPerSecond
      ),
    ] {
      rows.append(
        Row(
          id: id, name: name, value: cost * 1e6, unit: "µs", baseline: verification * 1e6,
          ratio: cost / verification, target: target, ok: cost / verification <= target))
    }
  }

  mutating func addEngine(
    _ kind: Load.Kind, _ rates: [Double], bytesEach: Double, indexLags: [Double]
  ) {
    switch kind {
    case .spread:
      engineRate = median(rates)
      add(
        "wallets-10000", "engine alone, batches of 8,000, 10,000 wallets", rates, "1/s",
        baseline: hashBound, target: 1_000_000)
      rows.append(
        Row(
          id: "bytes", name: "bytes on disk a transfer, side data and index included",
          value: bytesEach, unit: "B", target: 260, ok: bytesEach <= 260))
      rows.append(
        Row(
          id: "index-lag", name: "until the index has the last id, after that is durable",
          value: median(indexLags) * 1e3, unit: "ms"))
    case .hot: addRatio("engine-hot", "each pays one hot wallet", rates, target: 0.8)
    case .refused: addRatio("engine-refused", "each is refused by a rule", rates, target: 0.8)
    }
  }

  mutating func addWallets(_ count: Int, _ rates: [Double]) {
    addRatio(
      "wallets-\(count)", "\(count) wallets", rates, target: count > 1_000_000 ? 0.6 : 0.8)
  }

  mutating func addPause(wallets: Int, seconds: Double) {
    rows.append(
      Row(
        id: "pause-\(wallets)",
        name: "longest wait of a payment while a snapshot is made, \(wallets) wallets",
        value: seconds * 1e3, unit: "ms"))
  }

  mutating func addCommitment(wallets: Int, seconds: Double) {
    rows.append(
      Row(
        id: "commitment-\(wallets)",
        name: "longest wait of a payment while \(wallets) wallets are committed to",
        value: seconds * 1e3, unit: "ms"))
  }

  mutating func addOpening(seconds: Double, wallets: Int, entries: UInt64) {
    rows.append(
      Row(
        id: "opening-\(wallets)-\(entries)",
        name: "opening, \(wallets) wallets, \(entries) entries",
        value: seconds, unit: "s"))
  }

  mutating func addAudit(_ rates: [Double]) {
    add(
      "audit", "audit verify, entries of batches of 8,000", rates, "1/s", baseline: hashBound,
      target: 1_000_000)
  }

  mutating func addBacktest(_ rates: [Double], against audits: [Double]) {
    add(
      "backtest", "policy backtest of the same, against audit verify", rates, "1/s",
      baseline: median(audits))
  }

  mutating func addExport(_ rate: Double) {
    add(
      "export", "audit export, entries of the same", [rate], "1/s", baseline: hashBound,
      target: 10_000_000 / 60)
  }

  mutating func addExportedAudit(_ rate: Double) {
    add(
      "export-audit", "audit verify, the export of the same", [rate], "1/s", baseline: hashBound)
  }

  /// The rates are of payments, one signature each.
  mutating func addSingleAudit(_ rates: [Double]) {
    let raw = baselines.verificationsPerSecondTwoCores
    let ratio = median(rates) / raw
    rows.append(
      Row(
        id: "audit-single", name: "audit verify, signatures of single payments",
        value: median(rates), unit: "1/s", baseline: raw, ratio: ratio, target: 0.9,
        ok: ratio >= 0.9, spread: spread(rates)))
  }

  /// A figure held against the engine's own with few wallets.
  private mutating func addRatio(
    _ id: String, _ name: String, _ rates: [Double], target: Double
  ) {
    let ratio = engineRate.map { median(rates) / $0 }
    rows.append(
      Row(
        id: id, name: "engine alone, " + name, value: median(rates), unit: "1/s",
        baseline: engineRate, ratio: ratio, target: target, ok: ratio.map { $0 >= target },
        spread: spread(rates)))
  }

  private mutating func add(
    _ id: String, _ name: String, _ rates: [Double], _ unit: String, baseline: Double,
    target: Double? = nil
  ) {
    let value = median(rates)
    rows.append(
      Row(
        id: id, name: name, value: value, unit: unit, baseline: baseline, ratio: value / baseline,
        target: target, ok: target.map { value >= $0 }, spread: spread(rates)))
  }

  private mutating func limit(_ id: String, _ name: String, _ value: Double) {
    rows.append(Row(id: id, name: name, value: value, unit: "1/s"))
  }

  var text: String {
    var lines = [
      "figure".padded(72) + "value".padded(18) + "spread".padded(14) + "ratio".padded(8) + "target"
    ]
    for row in rows {
      let digits = row.value < 10 ? 3 : row.value < 100 ? 1 : 0
      let value = row.value.formatted(.number.precision(.fractionLength(digits)))
      let verdict = row.ok.map { $0 ? "  pass" : "  SHORT" } ?? ""
      let target = row.target.map {
        $0.formatted(.number.precision(.fractionLength(0...2)))
      }
      lines.append(
        row.name.padded(72) + "\(value) \(row.unit)".padded(18)
          + (row.spread.map { "\(two($0[0]))–\(two($0[1]))" } ?? "").padded(14)
          + (row.ratio.map(two) ?? "").padded(8) + (target ?? "") + verdict)
    }
    lines += [
      "Medians of three rounds. Everything is durable (SQLite with synchronous=FULL, one fdatasync a",
      "batch) before it is acknowledged. The engine's rounds end when the index of ids has caught up;",
      "over HTTP they follow on each other, the index at most a quarter of a second behind. Ids may",
      "come again for 10 minutes; in the long log, for one.", machine + ".",
    ]
    return lines.joined(separator: "\n")
  }

  var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return try encoder.encode(rows + lengths)
    }
  }

  private func two(_ value: Double) -> String {
    value.formatted(.number.precision(.fractionLength(2)))
  }

  private func spread(_ values: [Double]) -> [Double] {
    [values.min() ?? 0, values.max() ?? 0].map { $0 / median(values) }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    count >= width ? self + " " : padding(toLength: width, withPad: " ", startingAt: 0)
  }
}
