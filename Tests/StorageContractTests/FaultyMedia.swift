import Foundation
import LedgerStorage

/// A small file system of its own, unmounted at the end.
final class Mount: Sendable {
  /// Whether this process may mount, found out by doing it.
  static let isPossible = (try? Mount("size=1m")) != nil

  let path: String
  private let scratch: Scratch

  init(_ options: String) throws {
    scratch = try Scratch()
    path = scratch["mount"]
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
  }

  deinit { try? Self.run("umount", path) }

  func makeReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }

  private static func run(_ command: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw StoreError.failed(detail: "\(command) exits with \(process.terminationStatus)")
    }
  }
}

/// strace, attached to the very process that asks for it.
enum Tracer {
  /// Whether there is a strace, and this process may trace another of its user.
  static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["strace", "-o", "/dev/null", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0 && (getuid() == 0)
  }()

  /// Begins tracing this process; returns once it is traced.
  static func attach(_ options: [String], output: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["strace", "-f", "-p", "\(getpid())", "-o", output] + options
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<1_000 {
      let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
      let isTraced = tasks.allSatisfy { task in
        let status = try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)
        return status?.contains("TracerPid:\t0\n") != true
      }
      if isTraced { return }
      usleep(10_000)
    }
    throw StoreError.failed(detail: "strace did not attach")
  }

  /// The code of the error that `body` throws.
  static func code(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch {
      return (error as? StoreError)?.code ?? "\(error)"
    }
  }
}
