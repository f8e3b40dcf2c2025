import Foundation
import LedgerModel
import Logging

/// Logs one JSON object a line, for programs that collect logs.
struct JSONLogHandler: LogHandler {
  private struct Line: Encodable {
    let time: String
    let level: String
    let message: String
    let metadata: [String: String]
  }

  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let line = Line(
      time: WallClock.now.description, level: event.level.rawValue,
      message: event.message.description, metadata: all.mapValues(\.description))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(line) else { return }
    StandardError.writeJSON(String(decoding: data, as: UTF8.self))
  }
}
