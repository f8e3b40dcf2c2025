import ArgumentParser
import Foundation
import LedgerModel
import LedgerWire

/// Which ledger is meant, and where it is reached.
struct LedgerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The ledger's server (default: SPECIE_SERVER, or \(Self.standardServer)).", valueName: "url"))
  var server: String?
  @Option(
    help: ArgumentHelp(
      "The ledger's trust file, as `specie init` wrote it (default: SPECIE_TRUST).",
      valueName: "file"))
  var trust: String?
  @Option(
    help: ArgumentHelp(
      "Where the newest checkpoint seen is kept (default: SPECIE_CHECKPOINT, or beside the trust "
        + "file, its name with `.checkpoint` added).",
      valueName: "file"))
  var checkpoint: String?
  @OptionGroup var tls: TLSOptions

  static let standardServer = "http://127.0.0.1:7070"
  private static let trustBytesMax = 4_096

  /// The ledger that is meant.
  func trustFile() throws -> TrustFile {
    guard let path = Self.standardTrust(trust) else { throw CommandFault.noTrust }
    return try Self.trustFile(at: path)
  }

  /// The path given, or that of the environment.
  static func standardTrust(_ given: String?) -> String? {
    given ?? ProcessInfo.processInfo.environment["SPECIE_TRUST"]
  }

  static func trustFile(at path: String) throws -> TrustFile {
    let text = try LocalFile.readText(path, bytesMax: trustBytesMax)
    do {
      return try TrustFile(text: text)
    } catch {
      throw CommandFault.fileInvalid(path: path, problem: error.description)
    }
  }

  var serverURL: String {
    server ?? ProcessInfo.processInfo.environment["SPECIE_SERVER"] ?? Self.standardServer
  }

  /// Whether a ledger is named at all, by options or by the environment.
  var isGiven: Bool {
    server != nil || ProcessInfo.processInfo.environment["SPECIE_SERVER"] != nil
      || Self.standardTrust(trust) != nil
  }

  /// Where the newest checkpoint is kept.
  func checkpointFile() throws(CommandFault) -> CheckpointFile {
    if let path = checkpoint ?? ProcessInfo.processInfo.environment["SPECIE_CHECKPOINT"] {
      return CheckpointFile(path: path)
    }
    guard let path = Self.standardTrust(trust) else { throw .noTrust }
    return CheckpointFile(path: path + ".checkpoint")
  }

  /// The options of the command line that say which ledger, for a line that can be run.
  var arguments: String {
    [("--trust", trust), ("--server", server), ("--checkpoint", checkpoint)]
      .compactMap { name, value in value.map { " \(name) \(Self.quoted($0))" } }.joined()
      + tls.arguments
  }

  /// A word as a POSIX shell reads it.
  static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:[]".utf8.contains(byte)
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  func connect() throws -> LedgerConnection {
    try LedgerConnection(
      server: serverURL, tls: try tls.files(), trust: try trustFile(),
      checkpoints: try checkpointFile())
  }
}

/// Currencies named at the command line, where no server is to be asked.
struct ScaleOptions: ParsableArguments {
  @Option(
    name: .customLong("currency-digits"),
    help: ArgumentHelp(
      "A currency's decimal digits, as `CNY:2`, where no server is reached; repeat for more.",
      valueName: "code:digits"), transform: { try CurrencyScale(argument: $0) })
  var scales: [CurrencyScale] = []
}
