import Foundation
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

extension EndToEnd {
  /// What the operating system sees of a durable write.
  @Suite struct DurabilityTests {
    /// Goal: between an order and its acknowledgement, the log is synced to the disk exactly once,
    /// and that sync has returned before the first byte of the answer is written.
    ///
    /// Method: the server runs under strace; orders go one after another, so each is its own batch.
    /// A SIGKILL test cannot see this, because the page cache outlives the process.
    @Test func syncsOnceBeforeEachAcknowledgement() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_173)
      let (trust, officers) = try server.createLedger()
      let trace = folder + "/trace"
      try server.serve(under: [
        "strace", "-f", "-y", "-ttt", "-T", "-e", "trace=fdatasync,write,writev,sendto,sendmsg",
        "-o",
        trace,
      ])
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
      let calls = try Trace(contentsOfFile: trace)
      for (index, span) in spans.enumerated() {
        let syncs = calls.syncs.filter { span.contains($0.began) }
        let answers = calls.answers.filter { span.contains($0) }
        #expect(syncs.count == 1, "order \(index): \(syncs.count) syncs before its acknowledgement")
        #expect(answers.count == 1, "order \(index): \(answers.count) answers")
        guard let sync = syncs.first, let answer = answers.first else { continue }
        #expect(
          sync.returned <= answer,
          "order \(index) is answered \(sync.returned - answer) s before its sync returns")
      }
    }

    /// What strace saw, in seconds since 1970.
    private struct Trace {
      /// Successful syncs of the write-ahead log.
      var syncs: [(began: Double, returned: Double)] = []
      /// When the writing of each answer 200 began.
      var answers: [Double] = []

      init(contentsOfFile path: String) throws {
        // By thread: a call during which another thread makes one is told in two lines.
        var unfinished: [Substring: Double] = [:]
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
          let fields = line.split(separator: " ")
          guard fields.count > 2, let time = Double(fields[1]) else { continue }
          if line.contains("\"HTTP/1.1 200 "), !line.contains(" resumed>") { answers.append(time) }
          if line.contains("fdatasync("), line.contains("ledger.sqlite-wal") {
            if line.contains("<unfinished ...>") {
              unfinished[fields[0]] = time
            } else if line.contains("= 0 <"), let took = fields.last?.dropFirst().dropLast() {
              syncs.append((time, time + (Double(took) ?? .infinity)))
            }
          } else if line.contains("fdatasync resumed>"), let began = unfinished[fields[0]] {
            unfinished[fields[0]] = nil
            if line.contains("= 0 <") { syncs.append((began, time)) }
          }
        }
      }
    }
  }
}
