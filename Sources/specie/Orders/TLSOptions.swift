import ArgumentParser
import Foundation
import LedgerClient

/// The certificates of a client.
struct TLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Authorities of the server's certificate, in PEM (default: SPECIE_CA, or the system's).",
      valueName: "file"))
  var ca: String?
  @Option(
    name: .customLong("certificate"),
    help: ArgumentHelp(
      "The client certificate, in PEM, that says for whom you read (default: SPECIE_CERTIFICATE).",
      valueName: "file"))
  var certificate: String?
  @Option(
    help: ArgumentHelp(
      "Its private key, in PEM (default: SPECIE_CERTIFICATE_KEY).", valueName: "file"))
  var certificateKey: String?

  /// The files, given or of the environment.
  func files() throws(CommandFault) -> ClientTLS {
    let environment = ProcessInfo.processInfo.environment
    let certificate = certificate ?? environment["SPECIE_CERTIFICATE"]
    let key = certificateKey ?? environment["SPECIE_CERTIFICATE_KEY"]
    guard (certificate == nil) == (key == nil) else {
      throw .invalidArgument(
        "a client certificate and its key go together: give --certificate and --certificate-key")
    }
    return ClientTLS(
      authorities: ca ?? environment["SPECIE_CA"], certificate: certificate, key: key)
  }

  /// The options of the command line, for a line that can be run.
  var arguments: String {
    [("--ca", ca), ("--certificate", certificate), ("--certificate-key", certificateKey)]
      .compactMap { name, value in value.map { " \(name) \(LedgerOptions.quoted($0))" } }.joined()
  }
}
