import ArgumentParser
import Logging

/// What a server logs to standard error, and how.
struct LoggingOptions: ParsableArguments {
  @Option(
    help: "What is logged: trace, debug, info, notice, warning, error or critical.",
    transform: { try Self.level($0) })
  var logLevel: Logger.Level = .notice
  @Flag(help: "Log one JSON object a line.") var logJSON = false

  private static func level(_ text: String) throws(CommandFault) -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else {
      let all = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidArgument("`\(text)` is no level; there are \(all)")
    }
    return level
  }

  func makeLogger() -> Logger {
    let isJSON = logJSON
    return Logger(label: "specie") { label in
      var handler: any LogHandler =
        isJSON ? JSONLogHandler() : StreamLogHandler.standardError(label: label)
      handler.logLevel = logLevel
      return handler
    }
  }
}
