import Foundation
package import LedgerWire

/// Why the program could not be driven.
package struct ProgramError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// The shipped program, run as its user runs it, in a folder of its own.
package final class ServerProcess {
  package let program: String
  package let folder: String
  package let url: String
  private let port: Int
  private let environment: [String: String]
  private var process: Process?

  /// - Parameters:
  ///   - program: The path of `specie`.
  ///   - folder: It exists; keys and the ledger go there.
  ///   - port: On loopback.
  package init(program: String, folder: String, port: Int) {
    self.program = program
    self.folder = folder
    self.port = port
    url = "http://127.0.0.1:\(port)"
    var environment = ProcessInfo.processInfo.environment
    environment["SPECIE_PASSPHRASE"] = "testing-only"
    environment["SPECIE_SERVER"] = url
    environment["SPECIE_TRUST"] = folder + "/ledger/trust"
    self.environment = environment
  }

  /// The server itself, also where it runs under another program.
  private var serverProcessID: Int32? {
    guard let id = process?.processIdentifier else { return nil }
    let children = try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { Int32($0) } ?? id
  }

  /// Runs a command to its end: of the program, or of another one.
  ///
  /// - Returns: Its exit code, and what it printed.
  @discardableResult
  package func run(
    _ arguments: [String], program: String? = nil, expecting code: Int32 = 0
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program ?? self.program)
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: output, as: UTF8.self)
    guard process.terminationStatus == code else {
      throw ProgramError(
        "`specie \(arguments.joined(separator: " "))` exits with "
          + "\(process.terminationStatus), not \(code): \(text)")
    }
    return text
  }

  /// Makes keys and a ledger: three officers, two of whom suffice.
  ///
  /// - Parameter options: More of `specie init`.
  /// - Returns: Its trust file, and the keys of two officers.
  /// - Throws: ``ProgramError`` where a command fails.
  package func createLedger(
    options: [String] = []
  ) throws -> (trust: TrustFile, officers: [SigningKey]) {
    var arguments = ["init", "ledger", "--origin", "ledger.example/testing"]
    arguments += ["--currency", "CNY:2", "--quorum", "2", "--log-key", "log.key"]
    arguments += ["--close", Self.farFromNow] + options
    try run(["key", "new", "log.key"])
    var officers: [SigningKey] = []
    for number in 1...3 {
      let name = "officer-\(number)"
      try run(["key", "new", "\(name).key"])
      officers.append(try key(name))
      arguments += ["--officer", "\(name)=\(name).key"]
    }
    try run(arguments)
    let trust = try TrustFile(
      text: String(contentsOfFile: "\(folder)/ledger/trust", encoding: .utf8))
    return (trust, Array(officers.prefix(2)))
  }

  /// A time of day in twelve hours, so that no date closes, and no entry comes, within a test.
  private static var farFromNow: String {
    let hour = (Int(Date().timeIntervalSince1970) / 3_600 + 12) % 24
    return "\(hour < 10 ? "0" : "")\(hour):30"
  }

  /// The key that signs the log.
  package func logKey() throws -> SigningKey { try key("log") }

  /// A key that was made here.
  package func key(_ name: String) throws -> SigningKey {
    let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).key"))
    return try SealedKey(json: [UInt8](file)).open(passphrase: Array("testing-only".utf8))
  }

  /// The options by which two officers sign.
  package static let officerOptions = ["--key", "officer-1.key", "--key", "officer-2.key"]

  /// Starts the server, perhaps under another program, such as strace.
  ///
  /// - Parameters:
  ///   - wrapper: The other program, and its arguments.
  ///   - options: More of `specie serve`.
  ///   - logFile: Where its log is added; `nil` for standard error.
  /// - Throws: Where it does not start.
  package func serve(
    under wrapper: [String] = [], options: [String] = [], logFile: String? = nil
  ) throws {
    let process = Process()
    let command =
      wrapper + [program, "serve", "ledger", "--log-key", "log.key", "--port", String(port)]
      + options
    if let logFile {
      if !FileManager.default.fileExists(atPath: logFile) {
        _ = FileManager.default.createFile(atPath: logFile, contents: nil)
      }
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: logFile))
      try handle.seekToEnd()
      process.standardError = handle
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    self.process = process
  }

  /// Removes the ledger of a server that has ended.
  package func removeLedger() throws {
    try FileManager.default.removeItem(atPath: folder + "/ledger")
  }

  /// Ends the server as an operator does.
  ///
  /// - Returns: Its exit code.
  @discardableResult
  package func stop() -> Int32 {
    if let server = serverProcessID { _ = Glibc.kill(server, SIGTERM) }
    process?.waitUntilExit()
    defer { process = nil }
    return process?.terminationStatus ?? 0
  }

  /// Sends the server a signal.
  package func signal(_ number: Int32) {
    if let server = serverProcessID { _ = Glibc.kill(server, number) }
  }

  /// Ends the server as a power cut would, but for the page cache.
  package func kill() {
    guard let process else { return }
    _ = Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }

  /// Bytes of the ledger's folder, its write-ahead logs included.
  package func ledgerBytes() throws -> Int {
    let path = folder + "/ledger"
    return try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { total, name in
      let size = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.size]
      return total + ((size as? Int) ?? 0)
    }
  }

  /// Resident memory of the server, in bytes.
  package func residentBytes() throws -> Int {
    guard let process else { throw ProgramError("the server does not run") }
    let statm = try String(
      contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
    let fields = statm.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else {
      throw ProgramError("no statm of the server")
    }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// User and system time that the server has used, in seconds (proc(5), stat, fields 14 and 15).
  package func cpuSeconds() throws -> Double {
    guard let process else { throw ProgramError("the server does not run") }
    let stat = try String(
      contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
    guard let end = stat.lastIndex(of: ")") else { throw ProgramError("no stat of the server") }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw ProgramError("no times in the server's stat")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
