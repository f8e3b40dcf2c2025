import ArgumentParser
import LedgerModel
import LedgerTLS

struct TLSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tls", abstract: "Make and look at TLS certificates.",
    discussion: """
        specie tls dev-ca tls --client icbc --client auditor
        specie tls show tls/icbc.pem
      """, subcommands: [DevelopmentAuthorityCommand.self, TLSShowCommand.self])
}

struct DevelopmentAuthorityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev-ca", abstract: "Make a set of certificates to try TLS out.",
    discussion: """
      Makes an authority in a folder, a server's certificate, and one for each client, each valid for \
      \(DevelopmentAuthority.days) days. What is there stays: run again, it adds what is missing. Its \
      key lies open beside it, so it is for trying out alone: in earnest, a bank's own authority \
      makes its certificates, and its key never leaves it.

        specie tls dev-ca tls --client icbc --client auditor
        specie serve ledger --log-key log.key --tls-certificate tls/server.pem \\
            --tls-key tls/server.key --client-ca tls/ca.pem
        specie certificate register tls/icbc.pem --as icbc --key icbc.key --trust ledger/trust \\
            --server https://127.0.0.1:7070 --ca tls/ca.pem --certificate tls/icbc.pem \\
            --certificate-key tls/icbc.key
      """)

  @Argument(help: "The folder.") var folder: String
  @Option(
    name: .customLong("client"),
    help: ArgumentHelp("A client's name, for its files; repeat for more.", valueName: "name"))
  var clients: [String] = []
  @Option(
    name: .customLong("host"),
    help: ArgumentHelp(
      "A name or an address of the server, beside loopback's; repeat for more.", valueName: "host"))
  var hosts: [String] = []
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let folder: String
    let made: [String]

    var text: String {
      made.isEmpty
        ? "everything is there already in \(folder)"
        : "made in \(folder): \(made.joined(separator: ", "))"
    }
  }

  func validate() throws {
    for client in clients
    where client.isEmpty || client.contains("/") || Self.taken.contains(client) {
      throw ValidationError(
        "`\(client)` is no name of a client's files; `ca` and `server` are taken, and it has no `/`"
      )
    }
  }

  func run() async throws {
    var made: [String] = []
    let isNew = !LocalFile.exists(folder + "/ca.pem")
    let authority = try DevelopmentAuthority(folder: folder)
    if isNew { made.append("ca.pem") }
    let names = ["localhost", "127.0.0.1", "::1"] + hosts
    if try authority.make("server", for: .server(names)) { made.append("server.pem") }
    for client in clients where try authority.make(client, for: .client) {
      made.append("\(client).pem")
    }
    output.print(Report(folder: folder, made: made))
  }

  private static let taken = ["ca", "server"]
}

struct TLSShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print by what a ledger knows a certificate, and when it ends.",
    discussion: "  specie tls show icbc.pem")

  @Argument(help: "A PEM file; its first certificate counts.") var file: String
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let certificate: String
    let validFrom: String
    let validUntil: String

    var text: String {
      """
      SHA-256 of the public key  \(certificate)
      valid from                 \(validFrom)
      valid until                \(validUntil)
      """
    }
  }

  func run() async throws {
    let chain = try CertificateChain(file: file)
    output.print(
      Report(
        certificate: chain.spki.description, validFrom: chain.validFrom.description,
        validUntil: chain.validUntil.description))
  }
}
