import Foundation
import LedgerAudit
import LedgerWire
import Testing

/// A file of evidence, and whether it proves anything.
struct EvidenceCase {
  let name: String
  let json: [UInt8]
  let trust: TrustFile
  /// Of the fault; `nil` where the order is proven.
  let kind: EvidenceFault.Kind?
  /// Whether it is enough that both say the same: of that kind of fault, or none.
  var mayBeEither = false
  /// Whether the script looks for such a fault, which is in the decision alone.
  var isForScript = true

  /// Expects this of the program and of the script that has nothing of ours.
  static func expect(_ cases: [EvidenceCase]) throws {
    let answers = try EvidenceScript.check(cases.map { ($0.json, $0.trust.text) })
    for (sample, answer) in zip(cases, answers) {
      var fault: EvidenceFault?
      do throws(EvidenceFault) {
        _ = try PaymentEvidence(json: sample.json).check(AuditTrust(sample.trust))
      } catch {
        fault = error
      }
      #expect(
        fault?.kind == sample.kind || (sample.mayBeEither && fault == nil),
        "\(sample.name): \(fault?.description ?? "proven")")
      guard sample.isForScript else { continue }
      #expect(
        answer.hasPrefix(fault == nil ? "PROVEN: " : "NOT PROVEN: "),
        "\(sample.name): \(fault?.description ?? "proven"), and the script says \(answer)")
    }
  }
}

/// `Tests/python/check_evidence.py`.
enum EvidenceScript {
  struct Failed: Error {
    let output: String
  }

  /// Checks files, all in one process.
  ///
  /// - Returns: One answer a file.
  static func check(_ files: [(json: [UInt8], trust: String)]) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "evidence-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (number, file) in files.enumerated() {
      try Data(file.json).write(to: folder.appending(path: "\(number).json"))
      try Data(file.trust.utf8).write(to: folder.appending(path: "\(number).trust"))
    }
    let process = Process()
    process.executableURL = repository.appending(path: ".venv/bin/python")
    process.arguments = ["-c", driver, repository.appending(path: "Tests/python").path]
    process.arguments? += ["\(files.count)"]
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let answers = text.split(separator: "\n").map(String.init)
    guard process.terminationStatus == 0, answers.count == files.count else {
      throw Failed(output: text)
    }
    return answers
  }

  private static let driver = """
    import sys
    sys.path.insert(0, sys.argv[1])
    import check_evidence
    for number in range(int(sys.argv[2])):
        try:
            print(check_evidence.main("%d.json" % number, "%d.trust" % number))
        except SystemExit as refusal:
            print(refusal)
    """

  private static let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
