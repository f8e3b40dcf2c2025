import ArgumentParser
import Foundation
import LedgerHTTP
import LedgerModel
import LedgerWire
import Logging

/// Every setting of `specie serve`, declared once.
enum ServeSetting {
  static let folder = Setting<String>.file(
    "folder", valueName: "folder", help: "The ledger's folder.")
  static let logKey = Setting<String>.file(
    "log-key", help: "The key file that orders and signs the log.")
  static let passphraseFile = Setting<String>.file(
    "passphrase-file",
    help: "A file whose first line is that key's passphrase; it is its owner's alone.")
  static let commitmentSecret = Setting<String>.file(
    "commitment-secret",
    help: "The secret of the ledger's commitments; without it, `commitment-secret` in its folder.")
  static let port = Setting<Int>.count(
    "port", in: 0...65_535, standard: 7_070, help: "The port; 0 is any free one.")
  static let host = Setting<String>.text(
    "host", valueName: "address", standard: "127.0.0.1", expected: "an address",
    help: "The address to listen on; without TLS, a loopback address.")
  static let tlsCertificate = Setting<String>.file(
    "tls-certificate",
    help: "Serve under TLS 1.3 with this certificate and its chain, in PEM; needed off loopback.")
  static let tlsKey = Setting<String>.file("tls-key", help: "Its private key, in PEM.")
  static let clientCa = Setting<String>.file(
    "client-ca", help: "Authorities to which clients' certificates must lead, in PEM.")
  static let openEntries = Setting<Bool>.flag(
    "open-entries",
    help: """
      Without TLS: serve bundles of entries under /log/tile/entries. Whoever reaches the server can \
      then read every entry, with pseudonyms, amounts and bank names.
      """)
  static let requestsPerMinute = Setting<Int>.count(
    "requests-per-minute", in: 0...1_000_000_000, standard: 60_000, isReloaded: true,
    help: """
      Under TLS: requests that each bank, the issuer and auditors may make a minute; 0 for as many \
      as they like.
      """)
  static let documentDays = Setting<Int>.count(
    "document-days", in: 1...36_525, standard: HTTPLimits().documentDays,
    help: """
      Days for which messages of ISO 20022 are kept, from which orders were made; then what they \
      say is deleted.
      """)
  static let webhookHost = Setting<WebhookHost>(
    "webhook-host", valueName: "host[:port]",
    expected: "a host in lower case, with its port where that is not 443",
    help: "A host that webhooks may be sent to; repeat for more. Without any, nothing is sent."
  ) { WebhookHost($0) }
  static let webhookCa = Setting<String>.file(
    "webhook-ca",
    help: """
      Authorities to which the certificates of webhooks' receivers must lead, in PEM; without it, \
      the system's.
      """)
  static let witnessPolicy = Setting<String>.file(
    "witness-policy", help: "Who cosigns checkpoints, and how many must.")
  static let logLevel = Setting<Logger.Level>(
    "log-level", valueName: "level", standard: "notice",
    expected: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
    isReloaded: true, help: "What is logged."
  ) { Logger.Level(rawValue: $0) }
  static let logJSON = Setting<Bool>.flag("log-json", help: "Log one JSON object a line.")
}

/// What the command line says of a server's settings.
struct ServeOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("\(ServeSetting.folder.help)")) var folder: String?
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "Read settings that are not given here from this YAML file, one key an option.",
      valueName: "file"))
  var file: String?
  @Option(ServeSetting.logKey) var logKey: String?
  @Option(ServeSetting.passphraseFile) var passphraseFile: String?
  @Option(ServeSetting.commitmentSecret) var commitmentSecret: String?
  @Option(ServeSetting.port) var port: Int?
  @Option(ServeSetting.host) var host: String?
  @Option(ServeSetting.tlsCertificate) var tlsCertificate: String?
  @Option(ServeSetting.tlsKey) var tlsKey: String?
  @Option(ServeSetting.clientCa) var clientCa: String?
  @Flag(ServeSetting.openEntries) var openEntries: Bool?
  @Option(ServeSetting.requestsPerMinute) var requestsPerMinute: Int?
  @Option(ServeSetting.documentDays) var documentDays: Int?
  @Option(ServeSetting.webhookHost) var webhookHosts: [WebhookHost]
  @Option(ServeSetting.webhookCa) var webhookCa: String?
  @Option(ServeSetting.witnessPolicy) var witnessPolicy: String?
  @Option(ServeSetting.logLevel) var logLevel: Logger.Level?
  @Flag(ServeSetting.logJSON) var logJSON: Bool?

  /// Reads all settings, from the file as it is now.
  func read() -> (settings: ServeSettings, reader: SettingsReader) {
    var reader = SettingsReader(
      environment: ProcessInfo.processInfo.environment, file: file)
    let settings = ServeSettings(self, &reader)
    reader.end(conflicts: settings.conflicts)
    return (settings, reader)
  }
}

/// A server's settings, from wherever they stand.
struct ServeSettings {
  let folder: String?
  let logKey: String?
  let passphraseFile: String?
  let commitmentSecret: String?
  let port: Int
  let host: String
  let tls: ServerTLSSettings
  let opensEntries: Bool
  let requestsPerMinute: Int
  let documentDays: Int
  let webhookHosts: [WebhookHost]
  let webhookCa: String?
  let witnessPolicy: String?
  let logLevel: Logger.Level
  let logsJSON: Bool

  init(_ options: ServeOptions, _ reader: inout SettingsReader) {
    folder = reader.optional(ServeSetting.folder, options.folder)
    logKey = reader.optional(ServeSetting.logKey, options.logKey)
    passphraseFile = reader.optional(ServeSetting.passphraseFile, options.passphraseFile)
    commitmentSecret = reader.optional(ServeSetting.commitmentSecret, options.commitmentSecret)
    port = reader.value(ServeSetting.port, options.port)
    host = reader.value(ServeSetting.host, options.host)
    tls = ServerTLSSettings(
      certificate: reader.optional(ServeSetting.tlsCertificate, options.tlsCertificate),
      key: reader.optional(ServeSetting.tlsKey, options.tlsKey),
      clientAuthorities: reader.optional(ServeSetting.clientCa, options.clientCa))
    opensEntries = reader.value(ServeSetting.openEntries, options.openEntries)
    requestsPerMinute = reader.value(ServeSetting.requestsPerMinute, options.requestsPerMinute)
    documentDays = reader.value(ServeSetting.documentDays, options.documentDays)
    webhookHosts = reader.list(ServeSetting.webhookHost, options.webhookHosts)
    webhookCa = reader.optional(ServeSetting.webhookCa, options.webhookCa)
    witnessPolicy = reader.optional(ServeSetting.witnessPolicy, options.witnessPolicy)
    logLevel = reader.value(ServeSetting.logLevel, options.logLevel)
    logsJSON = reader.value(ServeSetting.logJSON, options.logJSON)
  }

  /// What does not go together.
  fileprivate var conflicts: [SettingFault] {
    var conflicts: [SettingFault] = []
    if !tls.isWhole {
      conflicts.append(
        .conflict(
          "--tls-certificate, --tls-key and --client-ca go together: a server that shows itself "
            + "and does not know who asks would show a bank's accounts to all"))
    }
    if tls.isGiven, opensEntries {
      conflicts.append(
        .conflict(
          "--open-entries is for servers without TLS; under TLS, auditors' certificates get "
            + "entries"))
    }
    return conflicts
  }

  /// Where the log key's passphrase comes from: the command line's descriptor, or the file.
  func passphrases(_ given: PassphraseOptions) throws(CommandFault) -> PassphraseOptions {
    var passphrases = given
    if let passphraseFile { try passphrases.readFrom(file: passphraseFile) }
    return passphrases
  }

  /// What sends webhooks; `nil` where no host is permitted.
  func webhookSender(
    signedBy key: SigningKey, of genesis: Genesis
  ) throws -> WebhookSender? {
    guard !webhookHosts.isEmpty else { return nil }
    return try WebhookSender(
      to: webhookHosts, signedBy: key, try genesis.verifierKey(), authorities: webhookCa)
  }

  /// A quota as the server takes it: `nil` for none.
  var requestsPerWindowMax: Int? { requestsPerMinute > 0 ? requestsPerMinute : nil }
}
