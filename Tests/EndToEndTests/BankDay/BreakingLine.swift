import Foundation
import ProgramTesting

/// A line to a server that breaks: it cuts connections amid answers, or lets them fall silent.
///
/// The Python client's tests have it, and its fates: clients/python/tests/breaking_line.py.
final class BreakingLine {
  let url: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(to port: Int, seed: String) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = EndToEnd.CrashTests.repository + "/clients/python/tests/breaking_line.py"
    process.arguments = ["python3", script, String(port), seed]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1)?.first else {
        throw ProgramError("the line to port \(port) did not come up")
      }
      line.append(byte)
    }
    guard let own = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
      throw ProgramError("the line to port \(port) says no port")
    }
    url = "https://127.0.0.1:\(own)"
  }

  /// Breaks nothing any more.
  func mend() throws { try input.fileHandleForWriting.write(contentsOf: Array("mend\n".utf8)) }

  /// Ends all connections; returns how many it broke.
  func end() throws -> Int {
    try input.fileHandleForWriting.close()
    let rest = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard let count = Int(String(decoding: rest, as: UTF8.self).filter(\.isNumber)) else {
      throw ProgramError("a line does not say how many connections it broke")
    }
    return count
  }
}
