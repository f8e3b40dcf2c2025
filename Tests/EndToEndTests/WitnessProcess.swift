import Foundation
import ProgramTesting

/// A witness of the shipped program, in a folder of its own under another's.
final class WitnessProcess {
  let name: String
  let port: Int
  private let program: ServerProcess
  private var process: Process?

  var url: String { "http://127.0.0.1:\(port)" }
  /// Its key, for policy files.
  private(set) var vkey = ""

  /// Makes the witness, which watches the logs of the given keys.
  init(_ name: String, port: Int, under program: ServerProcess, logs: [String]) throws {
    self.name = name
    self.port = port
    self.program = program
    try program.run(["key", "new", "\(name).key"])
    let made = try program.run([
      "witness", "init", name, "--name", "witness.example/\(name)", "--key", "\(name).key",
      "--json",
    ])
    struct Made: Decodable { let vkey: String }
    vkey = try JSONDecoder().decode(Made.self, from: Data(made.utf8)).vkey
    for log in logs { try program.run(["witness", "log", "add", name, log]) }
  }

  /// Starts it, and returns once it listens.
  func start() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program.program)
    process.arguments = [
      "witness", "serve", name, "--key", "\(name).key", "--port", "\(port)", "--log-json",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SPECIE_PASSPHRASE": "testing-only"]) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: program.folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try Self.appending(to: "\(program.folder)/\(name).log")
    try process.run()
    self.process = process
    let sender = Sender(url: url)
    for _ in 0..<600 {
      if (try? await sender.get("/healthz"))?.status == 200 { return try await sender.close() }
      try await Task.sleep(for: .milliseconds(50))
    }
    try await sender.close()
    throw ProgramError("witness \(name) does not listen: \(log)")
  }

  var log: String {
    (try? String(contentsOfFile: "\(program.folder)/\(name).log", encoding: .utf8)) ?? ""
  }

  @discardableResult
  func stop() -> Int32 { end(SIGTERM) }

  func kill() { _ = end(SIGKILL) }

  private func end(_ signal: Int32) -> Int32 {
    guard let process else { return 0 }
    _ = Glibc.kill(process.processIdentifier, signal)
    process.waitUntilExit()
    self.process = nil
    return process.terminationStatus
  }

  static func appending(to path: String) throws -> FileHandle {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw ProgramError("`\(path)` cannot be written")
    }
    try handle.seekToEnd()
    return handle
  }
}
