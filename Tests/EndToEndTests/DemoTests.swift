import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// The demo is what a reader types first, and every command in it is the documentation's.
  @Suite struct DemoTests {
    /// Goal: the demo runs to its end, and each step answers what it should.
    @Test func playsTheMainJob() throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let programs = URL(fileURLWithPath: CrashTests.program).deletingLastPathComponent().path
      let process = ServerProcess(program: CrashTests.program, folder: folder, port: 0)
      let output = try process.run(
        ["SPECIE_DEMO_PROGRAM=\(programs)", "\(CrashTests.repository)/scripts/demo"],
        program: "/usr/bin/env")
      var rest = output[...]
      // In this order, one or more of each step.
      for line in [
        "created ledger ", "wrote the trust file ledger/trust", "\"url\":\"http://127.0.0.1:",
        "admit participant icbc, Industrial and Commercial Bank", "admit participant boc",
        "put rules cn.ecny.personal version 2 in force for CNY", "signed by nobody yet",
        "quorum_not_met", "1 of the 2 signatures needed",
        "signed issue.json, with 2 signatures now",
        "accepted at entry 10", "12 orders in 1 submission: 12 accepted, 0 refused",
        "pay 12.50 CNY from ", "1,500 orders in 3 submissions: 1,500 accepted, 0 refused",
        "9 orders in 1 submission: 3 accepted, 6 refused",
        "line 2: limit_exceeded by rule spend.payment: limit 2,000.00 CNY",
        "line 5: limit_exceeded by rule spend.day: limit 5,000.00 CNY, used 4,000.00 CNY, ",
        "asked 1,000.01 CNY",
        "17 examples, 97 payments: all as expected", "cash out 250.00 CNY", "redeem 100,000.00 CNY",
        "3 lines, as of ", "outstanding  1,900,000.00 CNY", "stopped; everything taken is durable",
        "VERIFIED: every byte of the log is as it must be, and it is the ledger you trust.",
        "held 1900000.00", "FAILED at entry 66 (chain)", "The demo took ",
      ] {
        let range = try #require(rest.firstRange(of: line), "`\(line)` is not in \(rest)")
        rest = rest[range.upperBound...]
      }
    }
  }
}
