import ArgumentParser
import LedgerClient
import LedgerModel

struct CertificateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Order which TLS certificates read, and for whom.",
    discussion: """
      Whoever reads over TLS is known by a client certificate, and that by the SHA-256 of its public \
      key (RFC 7469): renewed for the same key, it reads on. A bank orders about its own with --as; \
      officers about those of banks, of the central bank (`issuer`) and of auditors (`auditor`).

        specie certificate register icbc.pem --as icbc --key icbc.key --trust trust
        specie certificate register audit.pem --reader auditor \\
            --key alice.key --key bob.key --trust trust
        specie certificate revoke icbc.pem --reader icbc --key alice.key --trust trust
        specie certificate list --reader icbc --trust trust
      """,
    subcommands: [
      CertificateRegisterCommand.self, CertificateRevokeCommand.self, CertificateListCommand.self,
    ])
}

/// Which certificate, for whom, and who orders.
struct CertificateOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A PEM file, whose first certificate counts, or 64 hexadecimal digits: the SHA-256 of its "
        + "SubjectPublicKeyInfo.", valueName: "certificate"),
    transform: { try CertificateArgument($0) })
  var certificate: CertificateArgument
  @Option(
    name: .customLong("reader"),
    help: ArgumentHelp(
      "For whom it reads: `issuer`, `auditor` or a bank's code (default: the party that orders).",
      valueName: "reader"), transform: { try Reader($0) })
  var given: Reader?
  @OptionGroup var acting: PartyOptions

  func reader() throws(CommandFault) -> Reader {
    if let given { return given }
    switch acting.party {
    case .issuer: return .issuer
    case .participant(let id): return .participant(id)
    case .recovery:
      throw .invalidArgument("the recovery keys order nothing about certificates")
    }
  }
}

struct CertificateRegisterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register", abstract: "Let a certificate read.",
    discussion: """
      Of a bank, one of its keys is enough; officers need their quorum on keys.

        specie certificate register icbc.pem --until 2027-12-31T00:00:00+08:00 \\
            --as icbc --key icbc.key --trust trust
      """)

  @OptionGroup var options: CertificateOptions
  @OptionGroup var validity: ValidityOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    let reader = try options.reader()
    try options.certificate.checkIsForClients()
    try await order.order(as: options.acting.party, takesNow: validity.from == nil) { _ in
      .registerCertificate(
        RegisterCertificate(
          reader: reader, certificate: options.certificate.spki,
          validFrom: validity.from ?? WallClock.now,
          validUntil: validity.until))
    }
  }
}

struct CertificateRevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "End what a certificate reads.",
    discussion: """
      One signature is enough, a bank's or an officer's. It holds from the answer on, on connections \
      that are open, too.

        specie certificate revoke icbc.pem --reader icbc --key alice.key --trust trust
      """)

  @OptionGroup var options: CertificateOptions
  @OptionGroup var order: OrderOptions

  func run() async throws {
    let reader = try options.reader()
    try await order.order(as: options.acting.party) { _ in
      .revokeCertificate(
        RevokeCertificate(reader: reader, certificate: options.certificate.spki))
    }
  }
}

struct CertificateListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show which certificates read, or did, for whom.",
    discussion: """
      Those for whom your own certificate reads; of others, the central bank and auditors see all.

        specie certificate list --reader icbc --trust trust
      """)

  @Option(
    help: ArgumentHelp(
      "Of whom: `issuer`, `auditor` or a bank's code; needed without TLS.", valueName: "reader"),
    transform: { try Reader($0) })
  var reader: Reader?
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Row: Encodable {
    let certificate: String
    let reader: String
    let standing: String
    let validFrom: String
    let validUntil: String?

    init(_ answer: CertificateAnswer, at now: LedgerTime) {
      certificate = answer.certificate
      reader = answer.reader
      standing =
        answer.isRevoked
        ? "revoked"
        : answer.validUntil.map { $0 <= now } ?? false
          ? "ended" : answer.validFrom > now ? "to come" : "reads"
      validFrom = answer.validFrom.description
      validUntil = answer.validUntil?.description
    }
  }

  private struct Report: CommandReport {
    let certificates: [Row]

    var text: String {
      guard !certificates.isEmpty else { return "no certificate is registered" }
      var table = TextTable([
        ("certificate", .left), ("reader", .left), ("standing", .left), ("from", .left),
        ("until", .left),
      ])
      for row in certificates {
        table.append([
          row.certificate, row.reader, row.standing, row.validFrom, row.validUntil ?? "",
        ])
      }
      return table.text
    }
  }

  func run() async throws {
    let connection = try ledger.connect()
    let now = WallClock.now
    let answers = try await connection.client.certificates(of: reader)
    output.print(Report(certificates: answers.map { Row($0, at: now) }))
  }
}
