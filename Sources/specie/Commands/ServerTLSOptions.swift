import ArgumentParser
import LedgerModel
import LedgerTLS

/// The certificates of a server.
struct ServerTLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve under TLS 1.3 with this certificate and its chain, in PEM; needed off loopback.",
      valueName: "file"))
  var tlsCertificate: String?
  @Option(help: ArgumentHelp("Its private key, in PEM.", valueName: "file"))
  var tlsKey: String?
  @Option(
    help: ArgumentHelp(
      "Authorities to which clients' certificates must lead, in PEM.", valueName: "file"))
  var clientCa: String?

  /// Reads the files; `nil` where none are given.
  func read(at now: LedgerTime) throws -> ServerTLS? {
    switch (tlsCertificate, tlsKey, clientCa) {
    case (nil, nil, nil): return nil
    case (let certificate?, let key?, let authorities?):
      return try ServerTLS(
        ServerTLSFiles(certificate: certificate, key: key, clientAuthorities: authorities), at: now)
    default:
      throw CommandFault.invalidArgument(
        "--tls-certificate, --tls-key and --client-ca go together: a server that shows itself and "
          + "does not know who asks would show a bank's accounts to all")
    }
  }
}
