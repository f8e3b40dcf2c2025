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

  func connect() throws -> LedgerConnection {
    try LedgerConnection(server: serverURL, trust: try trustFile())
  }
}

/// Currencies named at the command line, where no server is to be asked.
struct ScaleOptions: ParsableArguments {
  @Option(
    name: .customLong("currency-digits"),
    help: ArgumentHelp(
      "A currency's decimal digits, as `CNY:2`, so that no server is asked; repeat for more.",
      valueName: "code:digits"), transform: { try CurrencyScale(argument: $0) })
  var scales: [CurrencyScale] = []
}
