import ArgumentParser

/// A configuration file with every setting, at its default where it has one.
///
/// It is written from what a server asks for, so that it lacks nothing.
enum ConfigurationExample {
  static func text() -> String {
    var reader = SettingsReader(environment: [:], file: nil)
    let options = try? ServeOptions.parse([])
    guard let options else { preconditionFailure("a server's options do not go without values") }
    _ = ServeSettings(options, &reader)
    return (header + reader.answers.map(paragraph)).joined(separator: "\n")
  }

  private static let header = [
    """
    # Settings of `specie serve --config FILE`. A flag of the same name stands above the variable
    # \(SettingsReader.variablePrefix)NAME, that above this file, and this file above the default.
    # Paths begin where the program runs. `specie doctor --config FILE` checks all of it.

    """
  ]

  private static func paragraph(_ answer: SettingsReader.Answer) -> String {
    var words = "\(answer.help) It must be \(answer.expected)."
    if answer.isReloaded { words += " Read again at SIGHUP." }
    let value = answer.standard ?? "<\(answer.valueName)>"
    let item = answer.isList ? " [\(value)]" : " \(value)"
    return lines(of: words).map { "# \($0)\n" }.joined() + "#\(answer.name):\(item)\n"
  }

  private static func lines(of text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if lines[lines.count - 1].count + word.count > 96 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines
  }
}
