import ArgumentParser
import Foundation

/// What a command answers: as text for people, and as JSON for programs.
protocol CommandReport: Encodable {
  /// Without a line feed at its end.
  var text: String { get }
}

/// The choice between text and JSON.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print JSON instead of text.")
  var json = false

  /// Prints a report to standard output.
  func print(_ report: some CommandReport) {
    StandardOutput.write(json ? JSONText.encode(report) : report.text.shownLines)
  }
}

/// JSON as every command prints it: names in snake case, sorted, so that outputs can be compared.
enum JSONText {
  static func encode(_ value: some Encodable) -> String {
    encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// The same on one line, for what is read line by line.
  static func line(_ value: some Encodable) -> String {
    encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  /// JSON of others' names, which are left as they are.
  static func envelope(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("an envelope did not encode")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static func encode(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.keyEncodingStrategy = .convertToSnakeCase
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("a report did not encode")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Where answers go, unbuffered, so that a script that reads them waits for nothing.
enum StandardOutput {
  /// Writes one line, and ends the process where that fails: an answer that is lost is no success.
  ///
  /// Whoever reads a pipe may have read enough; then the process ends as others do, by the signal.
  static func write(_ line: String) {
    guard let code = LocalFile.write(Array((line + "\n").utf8), to: STDOUT_FILENO) else { return }
    if code == EPIPE {
      // Networking ignores the signal, so it is raised by hand.
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    StandardError.write(
      "Error: standard output cannot be written: \(LocalFile.problem(code)); the answer is lost")
    exit(ExitStatus.failed.rawValue)
  }
}

/// Where progress, prompts and complaints go, so that standard output holds the answer alone.
enum StandardError {
  /// Writes text, and a line feed after it.
  static func write(_ text: String) { writeJSON(text.shownLines) }

  /// Writes one line of JSON, which escapes by itself what it must.
  static func writeJSON(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Overwrites the line that the terminal shows.
  static func rewrite(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data(("\r\u{1B}[K" + line).utf8))
  }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
