import ArgumentParser
import LedgerModel

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at a set-up: what is wrong, and what soon will be.",
    discussion: """
      Looks at what it is given, and changes nothing: a ledger's folder and what `specie serve` takes \
      with it, on the command line or in a configuration file, or a server and the certificates that \
      a client shows. It ends with 1 where something is wrong. A certificate that ends within 30 days \
      is a warning, within 7 an error.

        specie doctor ledger --log-key log.key --tls-certificate server.pem --tls-key server.key \\
            --client-ca clients.pem
        specie doctor --config specie.yaml
        specie doctor --trust trust --server https://ledger.example:7070 --ca ca.pem \\
            --certificate icbc.pem --certificate-key icbc.key
      """)

  @OptionGroup var options: ServeOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    let findings: [Finding]

    var text: String {
      findings.map { finding in
        let mark =
          switch finding.level {
          case .ok: "ok       "
          case .warning: "WARNING  "
          case .error: "ERROR    "
          }
        return "\(mark)\(finding.subject): \(finding.detail)"
      }.joined(separator: "\n")
    }
  }

  func run() async throws {
    let now = WallClock.now
    let (settings, reader) = options.read()
    var findings = SettingsChecks.findings(settings, reader, file: options.file)
    if let folder = settings.folder {
      findings += FolderChecks(folder: folder).findings(settings)
    }
    findings += CertificateChecks.server(settings.tls, at: now)
    findings += CertificateChecks.client(ledger.tls, at: now)
    if ledger.isGiven {
      findings += await ServerChecks.findings(ledger, try ledger.trustFile())
    }
    guard !findings.isEmpty else {
      throw CommandFault.invalidArgument(
        "there is nothing to look at: name a ledger's folder, --config, or --trust and --server")
    }
    output.print(Report(findings: findings))
    if findings.contains(where: { $0.level == .error }) {
      throw ExitStatus.failed.code
    }
  }
}
