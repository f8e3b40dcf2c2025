import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// Goal: ISO 20022 as others write and read it: their messages are read, ours are valid.
  ///
  /// Method: pyiso20022 builds messages, lxml and the published schemas change and judge them
  /// (Tests/python/check_iso20022.py); the program says of each what it makes of it.
  @Suite struct ISO20022Tests {
    @Test func othersMessagesAreReadAndOursAreValid() async throws {
      let schemas = CrashTests.repository + "/../shared/iso20022/xsd"
      guard FileManager.default.fileExists(atPath: schemas) else {
        print("the schemas of ISO 20022 are not at \(schemas): its messages are not checked")
        return
      }
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_191)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let output = try server.run(
        [
          "-c",
          """
          set -euo pipefail
          check() { \(CrashTests.repository)/.venv/bin/python \
            \(CrashTests.repository)/Tests/python/check_iso20022.py "$@"; }
          # 4 says that some are refused.
          specie() { \(CrashTests.program) iso20022 check --as bank-a --date 2026-01-31 \
            --currency-digits CNY:2 --currency-digits JPY:0 --currency-digits XTS:6 --json "$@" || [ $? = 4 ]; }
          lines() { jq -r '.messages[] | [.file, .verdict, .code // ""] | @tsv'; }
          mkdir built sampled mutated rejects
          check build built bank-a 2026-01-31
          specie --rejects rejects built/*.xml | lines | check judge \(schemas)
          check validate \(schemas) rejects
          check sample \(schemas) sampled 11 40 built/accept-1-1.xml
          check sample \(schemas) sampled 13 40 built/accept-8-1.xml
          specie sampled/*.xml | lines | check judge \(schemas)
          check mutate mutated 12 400 built/accept-*.xml $(ls sampled/*.xml | head -5)
          specie mutated/*.xml | lines | check judge \(schemas)
          echo done
          """,
        ], program: "/bin/bash")
      #expect(output.hasSuffix("done\n"), "\(output)")
    }

    /// Goal: a bank pays, asks and is told by messages alone, over TLS; whatever a message says,
    /// it pays once, and those whom it does not concern do not see it.
    @Test func aBankSpeaksISO20022() throws {
      let schemas = CrashTests.repository + "/../shared/iso20022/xsd"
      guard FileManager.default.fileExists(atPath: schemas) else {
        print("the schemas of ISO 20022 are not at \(schemas): no messages are sent")
        return
      }
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_191)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let output = try server.run(
        [
          "-c",
          """
          SPECIE=\(CrashTests.program) \(CrashTests.repository)/.venv/bin/python \
            \(CrashTests.repository)/Tests/python/check_messages.py \(schemas) . 2>&1
          """,
        ], program: "/bin/bash")
      #expect(output.hasSuffix("done\n"), "\(output)")
    }
  }
}
