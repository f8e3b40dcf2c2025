import Configuration
import Foundation
import Yams

/// Settings as the environment or a file has them, before anything asks for one.
struct SettingsSource {
  static let fileBytesMax = 64 << 10

  /// Where each key of it stands, in its order.
  let places: [(name: String, place: SettingPlace)]
  private let prefix: [String]
  private let values: any ConfigSnapshot

  /// The variables whose names begin as those of settings do; no other one is looked at, since
  /// passphrases are among them.
  init(environment: [String: String]) {
    let ours = environment.filter { $0.key.hasPrefix(SettingsReader.variablePrefix) }
    places = ours.keys.sorted().map { ($0, .variable($0)) }
    prefix = SettingsReader.variableParts
    values = EnvironmentVariablesProvider(environmentVariables: ours).snapshot()
  }

  /// Reads a file; `nil` where it has no settings at all.
  ///
  /// - Throws: ``SettingFault`` where it is not what it should be, ``CommandFault`` where it cannot
  ///   be read.
  init?(file path: String) throws {
    let text = try LocalFile.readText(path, bytesMax: Self.fileBytesMax)
    do {
      guard let node = try Yams.compose(yaml: text, .default, .default, .utf8) else { return nil }
      guard let mapping = node.mapping else {
        throw SettingFault.noSettings(.file(path: path, line: 1), problem: "it is none")
      }
      // The library refuses these too, and does not say where they stand.
      for (key, value) in mapping
      where key.scalar == nil || (value.sequence?.contains { $0.scalar == nil } ?? false)
        || (value.mapping?.contains { $0.key.scalar == nil } ?? false)
      {
        throw SettingFault.noSettings(
          .file(path: path, line: key.mark?.line ?? 1),
          problem: "a key is a text, and a list one of texts")
      }
      places = mapping.map { key, value in
        (key.string ?? "", .file(path: path, line: key.mark?.line ?? 1))
      }
      prefix = []
      let bytes = Array(text.utf8)
      // Safe: the array outlives the call, and the reader copies what it keeps.
      values = try unsafe YAMLSnapshot(
        data: bytes.span.bytes, providerName: path, parsingOptions: .default)
    } catch let fault as SettingFault {
      throw fault
    } catch let error as YamlError {
      throw Self.fault(error, in: path)
    } catch {
      // What is nested deeper still, of which the library does not say where it stands.
      throw SettingFault.noSettings(.file(path: path, line: 1), problem: "\(error)")
    }
  }

  private static func fault(_ error: YamlError, in path: String) -> SettingFault {
    switch error {
    case .duplicatedKeysInMapping(let names, let context):
      .repeated(
        name: names.first ?? "",
        .file(
          path: path,
          line: secondLine(of: names.first ?? "", after: context.mark.line, in: context.text)))
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      .noSettings(.file(path: path, line: mark.line), problem: problem)
    case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      .noSettings(.file(path: path, line: 1), problem: "it cannot be read")
    }
  }

  /// Where a key stands again; the first line where that is not seen, such as between braces.
  private static func secondLine(of name: String, after first: Int, in text: String) -> Int {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let starts = [name, "\"\(name)\"", "'\(name)'"].map { $0 + ":" }
    let second = lines.indices.dropFirst(first).first { index in
      starts.contains { lines[index].hasPrefix($0) }
    }
    return second.map { $0 + 1 } ?? first
  }

  /// The name under which a setting stands here.
  func name(of setting: String) -> String {
    prefix.isEmpty ? setting : SettingsReader.variable(setting)
  }

  func place(of setting: String) -> SettingPlace? {
    let name = name(of: setting)
    return places.first { $0.name == name }?.place
  }

  /// A setting's texts: one, unless it is a list.
  ///
  /// - Returns: `nil` where it is something else, such as a mapping.
  func texts(of setting: String, isList: Bool) -> [String]? {
    let key = AbsoluteConfigKey(prefix + [setting])
    if isList, let found = try? values.value(forKey: key, type: .stringArray).value,
      case .stringArray(let texts) = found.content
    {
      return texts
    }
    guard let found = try? values.value(forKey: key, type: .string).value,
      case .string(let text) = found.content
    else { return nil }
    return [text]
  }
}
