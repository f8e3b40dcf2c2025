import Yams

/// What a policy file is made of, with what its layout needs: places, and how each value stands.
struct FormatTree {
  /// One field of a mapping, or one item of a list.
  struct Entry {
    /// `nil` for an item.
    let key: String?
    /// Where it begins, from 1.
    let line: Int
    /// Where it begins, from 0.
    let column: Int
    /// Where its value begins, from 1.
    let valueLine: Int
    var value: Value
    /// Further spaces before the value.
    var padding = 0
  }

  indirect enum Value {
    /// A text that takes its line, or several where it is too long for one.
    case scalar(String)
    /// Brackets, and whether they reached over lines.
    case flow(Flow, isOverLines: Bool)
    /// A list or mapping in lines.
    case block([Entry])

    var isBlock: Bool {
      if case .block = self { true } else { false }
    }
  }

  struct Flow {
    let opening: String
    var items: [String]
    let closing: String

    var text: String { opening + items.joined(separator: ", ") + closing }
  }

  let root: Value

  /// Reads the text, which YAML has passed.
  ///
  /// - Throws: ``YAMLFault`` where a place cannot be found again.
  init(_ text: String, _ source: FormatComments) throws(YAMLFault) {
    do {
      guard let node = try Yams.compose(yaml: text, .default, .default, .utf8) else {
        throw YAMLFault(SourcePosition(line: 1, column: 1), .emptyFile)
      }
      root = try Self.value(node, source, [])
    } catch let fault as YAMLFault {
      throw fault
    } catch {
      throw YAMLFault(SourcePosition(line: 1, column: 1), .notYAML("\(error)"))
    }
  }

  private static func value(
    _ node: Node, _ source: FormatComments, _ path: [String]
  ) throws(YAMLFault) -> Value {
    let line = node.mark?.line ?? 1
    let column = node.mark?.column ?? 1
    func isOverLines() -> Bool {
      source.isOpenAfter.indices.contains(line - 1) && source.isOpenAfter[line - 1]
    }
    switch node {
    case .sequence(let list) where !source.isBracket(line: line, column: column):
      var entries: [Entry] = []
      for item in list {
        let line = item.mark?.line ?? 1
        entries.append(
          Entry(
            key: nil, line: line, column: column - 1, valueLine: line,
            value: try value(item, source, path + ["-"])))
      }
      return .block(entries)
    case .mapping(let mapping) where !source.isBracket(line: line, column: column):
      var entries: [Entry] = []
      for (key, item) in mapping {
        entries.append(
          Entry(
            key: try text(key, source), line: key.mark?.line ?? 1,
            column: (key.mark?.column ?? 1) - 1, valueLine: item.mark?.line ?? 1,
            value: try value(item, source, path + [key.string ?? ""])))
      }
      return .block(entries)
    case .sequence, .mapping:
      return .flow(try flow(node, source, path), isOverLines: isOverLines())
    case .scalar, .alias: return .scalar(try text(node, source))
    }
  }

  private static func flow(
    _ node: Node, _ source: FormatComments, _ path: [String]
  ) throws(YAMLFault) -> Flow {
    var items: [String] = []
    switch node {
    case .sequence(let list):
      for item in list { items.append(try flow(item, source, path + ["-"]).text) }
      return Flow(opening: "[", items: items, closing: "]")
    case .mapping(let mapping):
      for (key, value) in FormatOrder.sorted(Array(mapping), at: path, by: { $0.key.string }) {
        let value = try flow(value, source, path + [key.string ?? ""]).text
        items.append(try text(key, source) + (value.isEmpty ? "" : ": \(value)"))
      }
      return Flow(opening: "{", items: items, closing: "}")
    case .scalar, .alias: return Flow(opening: "", items: [try text(node, source)], closing: "")
    }
  }

  /// A scalar as the file quotes it.
  private static func text(_ node: Node, _ source: FormatComments) throws(YAMLFault) -> String {
    guard case .scalar(let scalar) = node else { return "" }
    guard scalar.style == .singleQuoted || scalar.style == .doubleQuoted else {
      return scalar.string
    }
    let line = scalar.mark?.line ?? 1
    let column = scalar.mark?.column ?? 1
    guard let quoted = source.quoted(line: line, column: column) else {
      throw YAMLFault(SourcePosition(line: line, column: column), .quoteOpen)
    }
    return quoted
  }
}
