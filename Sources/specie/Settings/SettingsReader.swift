import Foundation
import PolicyFiles

/// Reads settings from where they stand: the command line, then the environment, then a file, then
/// the default.
///
/// A key is known because something asks for it: what nothing asked for is refused at the end, so
/// that no list of keys can be out of date. Faults are collected, for whoever mends a file wants to
/// see all of them.
struct SettingsReader {
  /// What was asked for, and found.
  struct Answer: Hashable {
    let name: String
    let valueName: String
    let help: String
    let standard: String?
    let expected: String
    let isReloaded: Bool
    let isList: Bool
    /// As it is written; empty where there is none.
    let texts: [String]
    let place: SettingPlace
  }

  static let variableParts = ["specie", "serve"]
  static let variablePrefix = "SPECIE_SERVE_"

  private(set) var answers: [Answer] = []
  private(set) var faults: [SettingFault] = []
  /// Whether there is a file that could not be read, so that nobody knows what it lacks.
  private(set) var isFileUnread = false
  private var sources: [SettingsSource] = []

  /// - Parameters:
  ///   - environment: The process's variables.
  ///   - file: Of `--config`; `nil` for none.
  init(environment: [String: String], file: String?) {
    sources.append(SettingsSource(environment: environment))
    guard let file else { return }
    do {
      if let source = try SettingsSource(file: file) { sources.append(source) }
    } catch {
      isFileUnread = true
      faults.append(error as? SettingFault ?? .conflict("\(error)"))
    }
  }

  /// The environment variable of a setting.
  static func variable(_ name: String) -> String {
    variablePrefix + name.uppercased().replacing("-", with: "_")
  }

  /// Asks for a setting that need not be there; `given` is what the command line says.
  mutating func optional<Value>(_ setting: Setting<Value>, _ given: Value?) -> Value? {
    read(setting, given.map { [$0] } ?? [], isList: false).first
  }

  /// Asks for a setting that has a default.
  mutating func value<Value>(_ setting: Setting<Value>, _ given: Value?) -> Value {
    guard let value = optional(setting, given) else {
      preconditionFailure("`\(setting.name)` has no default that is a value")
    }
    return value
  }

  /// Asks for a setting that may be given several times; what stands highest is all of it.
  mutating func list<Value>(_ setting: Setting<Value>, _ given: [Value]) -> [Value] {
    read(setting, given, isList: true)
  }

  private mutating func read<Value>(
    _ setting: Setting<Value>, _ given: [Value], isList: Bool
  ) -> [Value] {
    var found = given
    var texts = given.map { "\($0)" }
    var place = SettingPlace.commandLine
    // All are looked at: what is wrong today must not wait for the day on which a flag is left out.
    for source in sources {
      guard let there = source.place(of: setting.name) else { continue }
      let written = source.texts(of: setting.name, isList: isList)
      guard let values = parse(setting, written, there), found.isEmpty else { continue }
      (found, texts, place) = (values, written ?? [], there)
    }
    if found.isEmpty {
      texts = setting.standard.map { [$0] } ?? []
      found = texts.compactMap(setting.parse)
      place = .standard
    }
    answers.append(
      Answer(
        name: setting.name, valueName: setting.valueName, help: setting.help,
        standard: setting.standard, expected: setting.expected, isReloaded: setting.isReloaded,
        isList: isList, texts: texts, place: place))
    return found
  }

  private mutating func parse<Value>(
    _ setting: Setting<Value>, _ texts: [String]?, _ place: SettingPlace
  ) -> [Value]? {
    guard let texts else {
      faults.append(
        .wrong(
          name: setting.name, place, value: "several values", expected: setting.expected))
      return nil
    }
    var values: [Value] = []
    for text in texts {
      guard let value = setting.parse(text) else {
        faults.append(
          .wrong(name: setting.name, place, value: text, expected: setting.expected))
        return nil
      }
      values.append(value)
    }
    return values
  }

  /// Ends the asking: what stands somewhere and was not asked for is a fault.
  ///
  /// - Parameter conflicts: What does not go together among what was found.
  mutating func end(conflicts: [SettingFault] = []) {
    for source in sources {
      let known = answers.map { source.name(of: $0.name) }
      for (name, place) in source.places where !known.contains(name) {
        faults.append(
          .unknown(
            name: name, place, suggestion: Suggestion.nearest(to: name, among: known)))
      }
    }
    faults += conflicts
  }

  /// A setting without which nothing goes on.
  func required<Value>(
    _ setting: Setting<Value>, _ value: Value?
  ) throws(CommandFault) -> Value {
    guard let value else { throw .settings([.missing(name: setting.name)]) }
    return value
  }

  /// - Throws: ``CommandFault/settings(_:)`` with all that is wrong.
  func check() throws(CommandFault) {
    guard faults.isEmpty else { throw .settings(faults) }
  }
}
