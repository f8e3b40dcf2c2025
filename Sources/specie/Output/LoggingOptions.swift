import ArgumentParser
import Logging
import Synchronization

/// What a server logs to standard error, and how.
struct LoggingOptions: ParsableArguments {
  @Option(ServeSetting.logLevel) var logLevel: Logger.Level?
  @Flag(help: ArgumentHelp("\(ServeSetting.logJSON.help)")) var logJSON = false

  func makeLogger() -> Logger {
    LogThreshold(logLevel ?? .notice).makeLogger(isJSON: logJSON)
  }
}

/// From which level on is logged, by all loggers that come of it; it may change meanwhile.
final class LogThreshold: Sendable {
  private let current: Mutex<Logger.Level>

  init(_ level: Logger.Level) { current = Mutex(level) }

  var level: Logger.Level {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }

  func makeLogger(isJSON: Bool) -> Logger {
    Logger(label: "specie") { label in
      Handler(
        base: isJSON ? JSONLogHandler() : StreamLogHandler.standardError(label: label),
        threshold: self)
    }
  }

  private struct Handler: LogHandler {
    var base: any LogHandler
    let threshold: LogThreshold

    /// The process's: a logger has none of its own.
    var logLevel: Logger.Level {
      get { threshold.level }
      set {}
    }
    var metadata: Logger.Metadata {
      get { base.metadata }
      set { base.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { base[metadataKey: key] }
      set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { base.log(event: event) }
  }
}
