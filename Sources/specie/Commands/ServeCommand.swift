import ArgumentParser
import CoreMetrics
import Foundation
import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerStorage
import LedgerStorageSQLite
import LedgerTLS
import LedgerWire
import Logging
import MerkleLog
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run a ledger, and serve its API.",
    discussion: """
      Opens the ledger (its log is replayed and checked), listens, and prints one line when it is \
      ready. SIGTERM and SIGINT end it: what was taken is made durable and \
      answered, a last checkpoint is signed, and it exits with 0. Connections that have not taken \
      their answers within 10 s are cut. Logs go to standard error.

        specie serve ledger --log-key log.key --port 7070

      Every setting can stand in a YAML file instead, under the name of its option, or in the \
      environment, as SPECIE_SERVE_LOG_KEY: the command line stands above the environment, that \
      above the file. `specie doctor --config` checks such a file, `--config-example` writes one. \
      SIGHUP reads requests-per-minute and log-level again.

        specie serve --config specie.yaml

      Off loopback it serves under TLS 1.3 alone, and only to clients whose certificates lead to \
      --client-ca; what each may read is ordered with `specie certificate`. The files are read again \
      when they change, within a minute or at SIGHUP; `specie tls dev-ca` makes a set to try out.

        specie serve ledger --log-key log.key --host 0.0.0.0 --tls-certificate server.pem \\
            --tls-key server.key --client-ca clients.pem

      With --witness-policy (a C2SP tlog-policy file, with a URL for each witness), nothing is signed \
      before enough witnesses have shown that this log has lost nothing, each checkpoint is cosigned \
      by them, and what is published is what their quorum cosigned.
      """)

  @OptionGroup var options: ServeOptions
  @Flag(
    help: """
      Open without asking the witnesses whether the log was rolled back; only where its folder is \
      known to be no old copy.
      """)
  var withoutWitnesses = false
  @Flag(
    help: """
      Begin with no messages of ISO 20022 where the file of them was lost (`documents.sqlite`). A \
      message that is sent again then becomes new orders, also where it was paid.
      """)
  var documentsLost = false
  @Flag(help: "Print a configuration file with every setting, and end.") var configExample = false
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  /// Files that the ledger has open beside its connections.
  private static let ownFilesMax = 256

  private struct Ready: CommandReport {
    let url: String
    let ledger: String
    let entries: UInt64

    var text: String { "ready: \(url) serves ledger \(ledger), \(entries) entries" }
  }

  func run() async throws {
    // Before all else: its default would end a server that is still opening.
    let hangups = HangupSignal()
    defer { hangups.cancel() }
    guard !configExample else { return StandardOutput.write(ConfigurationExample.text()) }
    let (settings, reader) = options.read()
    try reader.check()
    let directory = try reader.required(ServeSetting.folder, settings.folder)
    let logKey = try reader.required(ServeSetting.logKey, settings.logKey)
    let threshold = LogThreshold(settings.logLevel)
    let logger = threshold.makeLogger(isJSON: settings.logsJSON)
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    let tls = try settings.tls.read(at: WallClock.now)
    if let tls { LocalFile.warnIfShared(tls.files.key) }
    let witnesses = try settings.witnessPolicy.map { try WitnessPolicyFile(path: $0) }
    let key = try KeyFile(path: logKey).open(try settings.passphrases(passphrases))
    let secret = try SecretFile.find(settings.commitmentSecret, in: directory)
    let folder = try LedgerDirectory.open(at: directory)
    do {
      try checkWitnesses(witnesses, folder.cosigned, logger)
    } catch {
      try folder.close()
      throw error
    }
    let environment = ServiceEnvironment(
      clock: SystemClock(), scheduler: ThreadScheduler(),
      fail: { _ in
        // At once: nobody knows what was stored, and only a new opening can tell.
        _exit(ExitStatus.failed.rawValue)
      })
    let witnessing = await witnessing(witnesses, of: key, keeper: folder.cosigned)
    let ledger = try Ledger.open(
      store: folder.store, index: folder.index, checkpoints: folder.checkpoints,
      snapshots: folder.snapshots, witnessing: witnessing, published: folder.cosigned, logKey: key,
      secret: secret, environment: environment, logger: logger, progress: showProgress)
    if tls != nil, ledger.genesis.version < .three {
      logger.warning(
        "a ledger of this version registers no certificates, so that nobody reads over TLS",
        metadata: ["version": "\(ledger.genesis.version)", "needs": "3"])
    }
    let documents = try folder.openDocuments(
      mayBeMissing: documentsLost || ledger.genesis.version < .four)
    let webhookStore = try folder.openWebhooks()
    let webhooks = try Webhooks(
      of: ledger, in: webhookStore,
      sender: try settings.webhookSender(signedBy: key, of: ledger.genesis),
      isUnderTLS: tls != nil, logger: logger)
    var limits = HTTPLimits()
    limits.documentDays = settings.documentDays
    limits.requestsPerWindowMax = settings.requestsPerWindowMax
    let couriersMax = settings.webhookHosts.isEmpty ? 0 : WebhookLimits().webhooksMax
    limits.connectionsMax = min(
      limits.connectionsMax, FileDescriptors.raise() - Self.ownFilesMax - couriersMax)
    let (host, output) = (settings.host, output)
    let server = try LedgerServer(
      ledger: ledger, documents: documents, host: host, port: settings.port, tls: tls,
      webhooks: webhooks, entryAccess: settings.opensEntries ? .open : .refused,
      registry: registry, limits: limits,
      logger: logger,
      onListening: { port in
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let ready = Ready(
          url: "\(tls == nil ? "http" : "https")://\(name):\(port)", ledger: ledger.id.description,
          entries: ledger.status().size)
        logger.notice(
          "serving",
          metadata: [
            "url": "\(ready.url)", "ledger": "\(ready.ledger)", "entries": "\(ready.entries)",
          ])
        // One line in either form, for a script that waits for it.
        StandardOutput.write(output.json ? JSONText.line(ready) : ready.text)
        ServiceManager.tell(.ready)
      })
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
      .init(
        service: SettingsWatch(
          options, begun: reader.answers, server: server, threshold: threshold,
          hangups: hangups.listen(), logger: logger)),
      .init(service: webhooks),
    ]
    if let tls {
      let watch = CertificateWatch(tls, hangups: hangups.listen(), logger: logger)
      services.append(.init(service: watch))
    }
    var configuration = ServiceGroupConfiguration(services: services, logger: logger)
    // A caller that never reads its answer must not keep the ledger from its last checkpoint.
    configuration.maximumGracefulShutdownDuration = .seconds(10)
    let group = ServiceGroup(configuration: configuration)
    let signals = EndingSignals { _ in
      ServiceManager.tell(.stopping)
      Task { await group.triggerGracefulShutdown() }
    }
    defer { signals.cancel() }
    do {
      try await group.run()
    } catch is CancellationError {
      logger.warning("connections that did not end within 10 s were cut")
    } catch {
      await ledger.stop()
      try webhookStore.close()
      try documents.close()
      try folder.close()
      throw error
    }
    await ledger.stop()
    try webhookStore.close()
    try documents.close()
    try folder.close()
    logger.notice("stopped; everything taken is durable")
  }

  /// A ledger that had witnesses goes without them only where that is said.
  private func checkWitnesses(
    _ witnesses: WitnessPolicyFile?, _ keeper: any CosignedKeeper, _ logger: Logger
  ) throws {
    guard witnesses == nil else { return }
    let hadWitnesses = try keeper.newest() != nil
    guard hadWitnesses == withoutWitnesses else {
      throw CommandFault.invalidArgument(
        hadWitnesses
          ? "the ledger has published what witnesses cosigned (`cosigned` in its folder); "
            + "give --witness-policy, or --without-witnesses to go on without any"
          : "--without-witnesses goes with --witness-policy: this ledger has no witnesses")
    }
    if hadWitnesses {
      logger.warning(
        "a ledger that had witnesses goes on without: nothing shows that it was rolled back")
    }
  }

  /// What the witnesses show, before the ledger opens and signs.
  private func witnessing(
    _ file: WitnessPolicyFile?, of key: SigningKey, keeper: any CosignedKeeper
  ) async -> Witnessing? {
    guard let file else { return nil }
    guard !withoutWitnesses else { return file.witnessing(keeper: keeper, latest: nil) }
    // The line that opening will want; where there is none, it says so.
    let log = file.policy.logs.first { $0.key.publicKey == key.publicKey.value.bytes }
    let latest: [Witnessing.Latest]
    if let log {
      latest = await file.latest(of: Origin(log.key.name))
    } else {
      latest = file.policy.witnesses.map { _ in .nothing }
    }
    return file.witnessing(keeper: keeper, latest: latest)
  }

  private func showProgress(_ entries: UInt64, of total: UInt64) {
    guard StandardError.isTerminal else { return }
    StandardError.rewrite(
      "replaying: \(DecimalAmount.count(entries)) of \(DecimalAmount.count(total)) entries"
        + (entries == total ? "\n" : ""))
  }
}
