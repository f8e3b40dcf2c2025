/// What is wrong with a server's settings.
enum SettingFault: Error, Hashable, CustomStringConvertible {
  /// A file that is no YAML, or no mapping.
  case noSettings(SettingPlace, problem: String)
  case unknown(name: String, SettingPlace, suggestion: String?)
  case repeated(name: String, SettingPlace)
  case wrong(name: String, SettingPlace, value: String, expected: String)
  case missing(name: String)
  /// Settings that are good one by one, and not together.
  case conflict(String)

  /// Of a value that is no good, as much as is shown.
  private static let shownMax = 64

  var description: String {
    switch self {
    case .noSettings(let place, let problem):
      "\(place): it must be one YAML mapping of settings to values: \(problem)"
    case .unknown(let name, let place, let suggestion):
      "\(place): `\(name)` is no setting"
        + (suggestion.map { "; did you mean `\($0)`?" } ?? "; `--config-example` lists them")
    case .repeated(let name, let place):
      "\(place): `\(name)` stands twice; leave one"
    case .wrong(let name, let place, let value, let expected):
      "\(place): `\(name)` is `\(value.prefix(Self.shownMax))`, and must be \(expected)"
    case .missing(let name):
      "`\(name)` is not given; give it on the command line, or as `\(name)` in the file of --config"
    case .conflict(let problem): problem
    }
  }
}

/// Where a setting stands.
enum SettingPlace: Hashable, CustomStringConvertible {
  case commandLine
  case variable(String)
  case file(path: String, line: Int)
  case standard

  var description: String {
    switch self {
    case .commandLine: "the command line"
    case .variable(let name): "the variable \(name)"
    case .file(let path, let line): "`\(path):\(line)`"
    case .standard: "the default"
    }
  }
}
