import LedgerHTTP
import Logging
import ServiceLifecycle

/// Reads a server's settings again at SIGHUP, and takes over those that a running server can.
struct SettingsWatch: Service {
  private let options: ServeOptions
  private let begun: [SettingsReader.Answer]
  private let server: LedgerServer
  private let threshold: LogThreshold
  private let hangups: AsyncStream<Void>
  private let logger: Logger

  /// Watches for a server that began with the settings `begun`, of a command line that may name a
  /// file.
  init(
    _ options: ServeOptions, begun: [SettingsReader.Answer], server: LedgerServer,
    threshold: LogThreshold, hangups: AsyncStream<Void>, logger: Logger
  ) {
    self.options = options
    self.begun = begun
    self.server = server
    self.threshold = threshold
    self.hangups = hangups
    self.logger = logger
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in hangups { reload() }
    }
  }

  private func reload() {
    let (settings, reader) = options.read()
    do {
      try reader.check()
    } catch {
      return logger.error("the settings are no good; the earlier ones stay: \(error)")
    }
    server.limitRequests(perWindow: settings.requestsPerWindowMax)
    threshold.level = settings.logLevel
    let waiting = zip(begun, reader.answers).filter { begun, now in
      !now.isReloaded && now.texts != begun.texts
    }.map(\.1.name)
    guard waiting.isEmpty else {
      return logger.warning(
        "settings were read again; some wait for the next start",
        metadata: ["waiting": "\(waiting.joined(separator: ", "))"])
    }
    logger.notice("settings were read again")
  }
}
