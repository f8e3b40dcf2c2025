import ArgumentParser

/// One setting of a server: declared once, and read alike from the command line, the environment
/// and a file.
///
/// Its option is `--NAME`, its variable ``SettingsReader/variable(_:)``, and its key in a file the
/// name itself.
struct Setting<Value: Sendable>: Sendable {
  /// Lower case, words parted by hyphens.
  let name: String
  /// What stands for a value in help.
  let valueName: String
  let help: String
  /// The default, as it is written; `nil` where there is none.
  let standard: String?
  /// What a value must be, in words.
  let expected: String
  /// Whether a running server takes a new value at SIGHUP.
  let isReloaded: Bool
  /// `nil` for what is no such value.
  let parse: @Sendable (String) -> Value?

  init(
    _ name: String, valueName: String, standard: String? = nil, expected: String,
    isReloaded: Bool = false, help: String, parse: @escaping @Sendable (String) -> Value?
  ) {
    self.name = name
    self.valueName = valueName
    self.help = help
    self.standard = standard
    self.expected = expected
    self.isReloaded = isReloaded
    self.parse = parse
  }

  /// As the command line gives it.
  fileprivate func read(_ text: String) throws(CommandFault) -> Value {
    guard let value = parse(text) else {
      throw .invalidArgument("it must be \(expected)")
    }
    return value
  }

  fileprivate var argumentHelp: ArgumentHelp {
    ArgumentHelp(
      "\(help)" + (standard.map { " (default: \($0))" } ?? ""), valueName: valueName)
  }
}

extension Setting where Value == String {
  /// A path, from the folder in which the program runs.
  static func file(_ name: String, valueName: String = "file", help: String) -> Setting {
    .text(name, valueName: valueName, expected: "a path", help: help)
  }

  static func text(
    _ name: String, valueName: String, standard: String? = nil, expected: String, help: String
  ) -> Setting {
    Setting(name, valueName: valueName, standard: standard, expected: expected, help: help) {
      $0.isEmpty ? nil : $0
    }
  }
}

extension Setting where Value == Int {
  static func count(
    _ name: String, in range: ClosedRange<Int>, standard: Int, isReloaded: Bool = false,
    help: String
  ) -> Setting {
    Setting(
      name, valueName: "count", standard: "\(standard)",
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      isReloaded: isReloaded, help: help
    ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
  }
}

extension Setting where Value == Bool {
  /// What is off unless it is said.
  static func flag(_ name: String, help: String) -> Setting {
    Setting(
      name, valueName: "true|false", standard: "false", expected: "`true` or `false`", help: help
    ) { text in
      switch text {
      case "true": true
      case "false": false
      default: nil
      }
    }
  }
}

extension Option {
  /// The option of a setting.
  init<T>(_ setting: Setting<T>) where Value == T? {
    self.init(name: .customLong(setting.name), help: setting.argumentHelp) { text throws -> T in
      try setting.read(text)
    }
  }

  /// The option of a setting that may be given several times.
  init<T>(_ setting: Setting<T>) where Value == [T] {
    self.init(wrappedValue: [], name: .customLong(setting.name), help: setting.argumentHelp) {
      text throws -> T in try setting.read(text)
    }
  }
}

extension Flag where Value == Bool? {
  /// The flag of a setting, and the one that takes it back.
  init(_ setting: Setting<Bool>) {
    self.init(
      name: .customLong(setting.name), inversion: .prefixedNo,
      help: ArgumentHelp("\(setting.help)"))
  }
}
