import Yams

/// A value of a policy file, with its place: what YAML said, and how it was quoted.
struct YAMLValue {
  enum Content {
    case scalar(String, isQuoted: Bool)
    case list([YAMLValue])
    case mapping([YAMLField])
  }

  let content: Content
  let position: SourcePosition

  /// The text of a scalar.
  var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  var isQuoted: Bool {
    if case .scalar(_, let isQuoted) = content { isQuoted } else { false }
  }

  /// Reads a text that ``YAMLLayout`` has passed.
  ///
  /// - Throws: What is wrong first, since YAML stops there.
  static func read(_ text: String) throws(YAMLFault) -> YAMLValue {
    do {
      guard let node = try Yams.compose(yaml: text, .default, .default, .utf8) else {
        throw YAMLFault(SourcePosition(line: 1, column: 1), .emptyFile)
      }
      return try YAMLValue(node, depth: 1)
    } catch let fault as YAMLFault {
      throw fault
    } catch let error as YamlError {
      throw YAMLFault(error, in: text)
    } catch {
      throw YAMLFault(SourcePosition(line: 1, column: 1), .notYAML("\(error)"))
    }
  }

  private init(_ node: Node, depth: Int) throws(YAMLFault) {
    position = SourcePosition(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    guard depth <= PolicyFileLimits.depthMax else { throw YAMLFault(position, .valuesTooDeep) }
    switch node {
    case .scalar(let scalar):
      // A plain text of several paragraphs, which could pass for several lines where it is shown.
      guard !scalar.string.utf8.contains(UInt8(ascii: "\n")) else {
        throw YAMLFault(position, .lineBreak)
      }
      content = .scalar(
        scalar.string, isQuoted: scalar.style == .singleQuoted || scalar.style == .doubleQuoted)
    case .sequence(let sequence):
      var items: [YAMLValue] = []
      for item in sequence { items.append(try YAMLValue(item, depth: depth + 1)) }
      content = .list(items)
    case .mapping(let mapping):
      var pairs: [YAMLField] = []
      for (key, value) in mapping {
        let key = try YAMLValue(key, depth: depth)
        guard let name = key.text, !key.isQuoted else { throw YAMLFault(key.position, .keyNotText) }
        if let first = pairs.first(where: { $0.key.text == name }) {
          throw YAMLFault(
            key.position, .duplicateKey(name, first: first.key.position.line))
        }
        pairs.append(YAMLField(key: key, value: try YAMLValue(value, depth: depth + 1)))
      }
      content = .mapping(pairs)
    case .alias: throw YAMLFault(position, .forbiddenYAML("anchors and aliases"))
    }
  }
}

/// A field of a mapping.
struct YAMLField {
  let key: YAMLValue
  let value: YAMLValue
}

/// Why a text is no YAML.
struct YAMLFault: Error {
  let position: SourcePosition
  let problem: PolicyProblem

  init(_ position: SourcePosition, _ problem: PolicyProblem) {
    self.position = position
    self.problem = problem
  }

  fileprivate init(_ error: YamlError, in text: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(SourcePosition(line: mark.line, column: mark.column), .notYAML(problem))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let first = SourcePosition(line: context.mark.line, column: context.mark.column)
      let name = duplicates.first ?? ""
      self.init(
        Self.second(name, after: first, in: text) ?? first,
        .duplicateKey(name, first: first.line))
    case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      self.init(SourcePosition(line: 1, column: 1), .notYAML("it cannot be read"))
    }
  }

  /// Where a field stands again, after its first place: below it, or further on between brackets.
  private static func second(
    _ name: String, after first: SourcePosition, in text: String
  ) -> SourcePosition? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(first.line - 1) else { return nil }
    let before = lines[first.line - 1].unicodeScalars.prefix(first.column - 1)
    let isBlock = before.allSatisfy { $0 == " " || $0 == "-" }
    for (offset, line) in lines.enumerated().dropFirst(isBlock ? first.line : first.line - 1) {
      let scalars = Array(line.unicodeScalars)
      let begin = isBlock ? first.column - 1 : offset == first.line - 1 ? first.column : 0
      let key = Array("\(name):".unicodeScalars)
      guard scalars.count >= key.count, begin <= scalars.count - key.count else { continue }
      let columns = isBlock ? begin...begin : begin...(scalars.count - key.count)
      let column = columns.first { column in
        scalars[column...].starts(with: key)
          && (isBlock
            ? scalars[..<column].allSatisfy { $0 == " " }
            : column == 0 || [" ", ",", "{"].contains(scalars[column - 1]))
      }
      if let column { return SourcePosition(line: offset + 1, column: column + 1) }
    }
    return nil
  }
}
