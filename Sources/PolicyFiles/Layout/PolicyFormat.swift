/// The one layout of policy files.
///
/// Every comment is kept; what compiles stays the same but for the digest of the file and the lines
/// of its rules. Laying out twice changes nothing more.
///
/// - Fields of the file, of limits and what they are made of, of sources and of examples are in the
///   order of ``FormatOrder``. All else stays in its order: limits, rows, definitions, steps.
/// - Limits, tables' rows and examples have a line for each field; what stands in a field of a
///   limit, and a step, is in brackets, and so is a list of words that fits, unless a comment is
///   within.
/// - Quotes are double, unless the text has a quote or `\` in it. Digits stay: how many an amount
///   has is the ledger's to say.
/// - Blocks are indented by two, lists by two further than their key.
/// - One space after `:` and `,`, none within brackets; the columns of tables are aligned.
/// - Entries of `limits` and `tests`, and sections of the file that are blocks, have a blank line
///   before them; elsewhere blank lines stay, one at most in a row.
/// - Brackets stay on one line, or come onto one where they fit into 100 columns. A comment within
///   them moves before their field.
public enum PolicyFormat {
  /// How often what one form moves may let another one fit.
  private static let roundsMax = 4

  /// Lays a policy file out.
  ///
  /// - Parameters:
  ///   - bytes: The file; UTF-8.
  ///   - file: What the file is called in messages.
  /// - Returns: The same file in the one layout.
  /// - Throws: What is wrong with the text as YAML of policy files, or with one of its lines where
  ///   it would be longer than a line may be; what its fields say is not looked at.
  /// - Complexity: O(lines²) at most, where each line is another in the one layout.
  public static func format(_ bytes: [UInt8], file: String) throws(PolicyFileErrors) -> String {
    let text = try YAMLLayout.text(bytes, file: file)
    let (value, source) = try read(text, file)
    let tree: FormatTree
    do {
      tree = try FormatTree(text, source)
    } catch {
      throw PolicyFileErrors(file, [(error.position, error.problem)])
    }
    var result = FormatWriter.write(tree, source)
    // The safety net: what is not kept is not laid out.
    guard try keeps(value, source, result, file) else {
      let start = SourcePosition(line: 1, column: 1)
      throw PolicyFileErrors(file, [(start, .notYAML("its layout cannot be kept"))])
    }
    for _ in 0..<roundsMax {
      guard let next = try? FormatForms.rewritten(result), next != result,
        (try? keeps(value, source, next, file)) ?? false
      else { break }
      result = next
    }
    return result
  }

  /// Lays out the text of a policy file, as ``format(_:file:)-([UInt8],_)``.
  public static func format(_ text: String, file: String) throws(PolicyFileErrors) -> String {
    try format(Array(text.utf8), file: file)
  }

  /// Whether a layout has all that the file has, and all its comments.
  private static func keeps(
    _ value: YAMLValue, _ source: FormatComments, _ result: String, _ file: String
  ) throws(PolicyFileErrors) -> Bool {
    let (newValue, newSource) = try read(
      try YAMLLayout.text(Array(result.utf8), file: file), file)
    return value.isSame(as: newValue, at: [])
      && source.comments.map(\.text).sorted() == newSource.comments.map(\.text).sorted()
  }

  private static func read(
    _ text: String, _ file: String
  ) throws(PolicyFileErrors) -> (value: YAMLValue, source: FormatComments) {
    do {
      return (try YAMLValue.read(text), FormatComments(text))
    } catch {
      throw PolicyFileErrors(file, [(error.position, error.problem)])
    }
  }
}

extension YAMLValue {
  /// Whether two values are the same but for their places, and the order of fields that have one.
  fileprivate func isSame(as other: YAMLValue, at path: [String]) -> Bool {
    switch (content, other.content) {
    case (.scalar(let one, let isQuoted), .scalar(let two, let isOtherQuoted)):
      return one == two && isQuoted == isOtherQuoted
    case (.list(let one), .list(let two)):
      return one.count == two.count
        && zip(one, two).allSatisfy { $0.isSame(as: $1, at: path + ["-"]) }
    case (.mapping(let one), .mapping(let two)):
      let (one, two) = (
        FormatOrder.sorted(one, at: path) { $0.key.text },
        FormatOrder.sorted(two, at: path) { $0.key.text }
      )
      return one.count == two.count
        && zip(one, two).allSatisfy { one, two in
          one.key.text == two.key.text
            && one.value.isSame(as: two.value, at: path + [one.key.text ?? ""])
        }
    case (.scalar, _), (.list, _), (.mapping, _): return false
    }
  }
}
