import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

/// What the operating system sees of a durable write.
@Suite struct DurabilityTests {
  /// Goal: between an order and its acknowledgement, the log is synced to the disk exactly once.
  ///
  /// Method: the server runs under strace; orders go one after another, so each is its own batch.
  /// A SIGKILL test cannot see this, because the page cache outlives the process.
  @Test func syncsOnceBeforeEachAcknowledgement() async throws {
    let folder = try CrashTests.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_173)
    let (trust, officers) = try server.createLedger()
    let trace = folder + "/trace"
    try server.serve(under: ["strace", "-f", "-y", "-ttt", "-e", "trace=fdatasync", "-o", trace])
    defer { server.stop() }
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 10)
    for submission in try load.preparation() { try await sender.post(submission.protobuf) }
    var spans: [ClosedRange<Double>] = []
    for submission in try load.payments(submissions: 20, batch: 1) {
      let start = Date().timeIntervalSince1970
      try await sender.post(submission.protobuf)
      spans.append(start...Date().timeIntervalSince1970)
    }
    try await sender.close()
    server.stop()
    let syncs = try Self.syncs(of: "ledger.sqlite-wal", in: trace)
    for (index, span) in spans.enumerated() {
      let count = syncs.count { span.contains($0) }
      #expect(count == 1, "order \(index): \(count) syncs before its acknowledgement")
    }
  }

  /// When each sync of a file began, in seconds since 1970.
  private static func syncs(of file: String, in trace: String) throws -> [Double] {
    try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard line.contains("fdatasync("), line.contains(file) else { return nil }
      let fields = line.split(separator: " ")
      return fields.count > 1 ? Double(fields[1]) : nil
    }
  }
}
