import Foundation

/// The figures, each beside the limit that this machine sets.
struct Table {
  struct Row: Encodable {
    let id: String
    let name: String
    let value: Double
    let unit: String
    let baseline: Double?
    let ratio: Double?
    let target: Double?
    let ok: Bool?
  }

  let baselines: Baselines

  func rows(batched: [Double], single: [(rate: Double, cpu: Double)]) -> [Row] {
    let throughput = median(batched)
    let cpu = median(single.map(\.cpu))
    let verification = 1 / baselines.verificationsPerSecond
    let limits = [
      limit("verify-1", "libsodium verifications, one core", baselines.verificationsPerSecond),
      limit(
        "verify-2", "libsodium verifications, two threads",
        baselines.verificationsPerSecondTwoCores),
      limit("sha-256", "SHA-256 of a 160-byte leaf, one core", baselines.hashesPerSecond),
      limit("fdatasync", "4 KiB appends with fdatasync", baselines.syncsPerSecond),
      limit("append", "bytes appended, 1.6 MB an fdatasync", baselines.appendBytesPerSecond),
    ]
    return limits + [
      Row(
        id: "batch-1000", name: "durable transfers over HTTP, batches of 1,000",
        value: throughput, unit: "1/s", baseline: baselines.verificationsPerSecond,
        ratio: throughput / baselines.verificationsPerSecond, target: 100_000,
        ok: throughput >= 100_000),
      Row(
        id: "single", name: "durable transfers over HTTP, singly signed",
        value: median(single.map(\.rate)), unit: "1/s",
        baseline: baselines.verificationsPerSecond,
        ratio: median(single.map(\.rate)) / baselines.verificationsPerSecond, target: nil, ok: nil),
      Row(
        id: "single-cpu", name: "server CPU a singly signed transfer, in verifications",
        value: cpu * 1e6, unit: "µs", baseline: verification * 1e6, ratio: cpu / verification,
        target: 3, ok: cpu / verification <= 3),
    ]
  }

  func text(_ rows: [Row]) -> String {
    var lines = ["figure".padded(56) + "value".padded(18) + "ratio".padded(8) + "target"]
    for row in rows {
      let value = row.value.formatted(.number.precision(.fractionLength(0)))
      let verdict = row.ok.map { $0 ? "  pass" : "  SHORT" } ?? ""
      lines.append(
        row.name.padded(56) + "\(value) \(row.unit)".padded(18)
          + (row.ratio.map { $0.formatted(.number.precision(.fractionLength(2))) } ?? "").padded(8)
          + (row.target.map { $0.formatted(.number.precision(.fractionLength(0))) } ?? "")
          + verdict)
    }
    lines.append("Everything is durable (one fdatasync a batch) before it is acknowledged.")
    return lines.joined(separator: "\n")
  }

  func json(_ rows: [Row]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(rows)
  }

  private func limit(_ id: String, _ name: String, _ value: Double) -> Row {
    Row(
      id: id, name: name, value: value, unit: "1/s", baseline: nil, ratio: nil, target: nil,
      ok: nil)
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    count >= width ? self + " " : padding(toLength: width, withPad: " ", startingAt: 0)
  }
}
