import ArgumentParser
import Foundation
import LedgerWitness
import Logging
import MerkleLog
import ServiceLifecycle

struct WitnessServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Answer logs that ask for cosignatures.",
    discussion: """
      Listens on a loopback address, and prints one line when it is ready. Each request is logged, \
      with its outcome, to standard error. SIGTERM and SIGINT end it. Never serve a folder that was \
      restored from an old copy: it would cosign a fork.

        specie witness serve w1 --key witness.key --port 7071
      """)

  @Argument(help: "The witness's folder.") var folder: String
  @Option(help: ArgumentHelp("The witness's key file.", valueName: "file")) var key: String
  @Option(help: "The port; 0 is any free one.") var port = 7_071
  @Option(help: "A loopback address.") var host = "127.0.0.1"
  @OptionGroup var logging: LoggingOptions
  @OptionGroup var passphrases: PassphraseOptions
  @OptionGroup var output: OutputOptions

  private struct Ready: CommandReport {
    let url: String
    let vkey: String
    let logs: Int

    var text: String { "ready: \(url) is witness \(vkey), \(logs) logs" }
  }

  func run() async throws {
    let logger = logging.makeLogger()
    let store = try WitnessStore(openingAt: folder)
    let witness = try Witness(
      store: store, key: try KeyFile(path: key).open(passphrases),
      wallSeconds: { UInt64(max(0, Date().timeIntervalSince1970)) })
    let logs = try store.logs().count
    let (host, output) = (host, output)
    let server = try WitnessServer(
      witness: witness, host: host, port: port, logger: logger,
      fail: { _ in
        // At once: nobody knows what was stored, and only a new opening can tell.
        _exit(ExitStatus.failed.rawValue)
      },
      onListening: { port in
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let ready = Ready(url: "http://\(name):\(port)", vkey: store.key.vkey, logs: logs)
        // One line in either form, for a script that waits for it.
        StandardOutput.write(output.json ? JSONText.line(ready) : ready.text)
      })
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
      logger: logger)
    // An answer takes milliseconds: what is still under way then waits for a body.
    configuration.maximumGracefulShutdownDuration = .seconds(2)
    let group = ServiceGroup(configuration: configuration)
    let signals = EndingSignals { _ in Task { await group.triggerGracefulShutdown() } }
    defer { signals.cancel() }
    do {
      try await group.run()
    } catch is CancellationError {
      logger.warning("connections that did not end within 2 s were cut")
    }
    try store.close()
    logger.notice("stopped; everything cosigned is durable")
  }
}
