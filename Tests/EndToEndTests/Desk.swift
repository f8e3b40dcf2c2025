import Foundation
import LedgerWire
import ProgramTesting

extension EndToEnd {
  /// A folder with the files of a ledger that nobody serves.
  struct Desk {
    let folder: String
    let process: ServerProcess
    let trust: TrustFile
    let officers: [SigningKey]

    init() throws {
      folder = try CrashTests.makeFolder()
      process = ServerProcess(program: CrashTests.program, folder: folder, port: 1)
      (trust, officers) = try process.createLedger()
    }

    func end() { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func shell(_ script: String, expecting code: Int32 = 0) throws -> String {
      try process.run(
        ["-c", "specie() { \"\(CrashTests.program)\" \"$@\"; }\n" + script], program: "/bin/bash",
        expecting: code)
    }
  }
}
