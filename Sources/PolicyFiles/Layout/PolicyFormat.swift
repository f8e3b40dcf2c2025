/// The one layout of policy files.
///
/// Every comment and the order of everything is kept; what compiles stays the same but for the
/// digest of the file and the lines of its rules. Laying out twice changes nothing more.
///
/// - Blocks are indented by two, lists by two further than their key.
/// - One space after `:` and `,`, none within brackets; the columns of tables are aligned.
/// - Entries of `limits` and `tests`, and sections of the file that are blocks, have a blank line
///   before them; elsewhere blank lines stay, one at most in a row.
/// - Brackets stay on one line, or come onto one where they fit into 100 columns. A comment within
///   them moves before their field.
public enum PolicyFormat {
  /// Lays a policy file out.
  ///
  /// - Parameters:
  ///   - bytes: The file; UTF-8.
  ///   - file: What the file is called in messages.
  /// - Returns: The same file in the one layout.
  /// - Throws: What is wrong with the text as YAML of policy files, or with one of its lines where
  ///   it would be longer than a line may be; what its fields say is not looked at.
  /// - Complexity: O(text · comments).
  public static func format(_ bytes: [UInt8], file: String) throws(PolicyFileErrors) -> String {
    let text = try YAMLLayout.text(bytes, file: file)
    let (value, source) = try read(text, file)
    let tree: FormatTree
    do {
      tree = try FormatTree(text, source)
    } catch {
      throw PolicyFileErrors(file, [(error.position, error.problem)])
    }
    let result = FormatWriter.write(tree, source)
    let (newValue, newSource) = try read(
      try YAMLLayout.text(Array(result.utf8), file: file), file)
    // The safety net: what is not kept is not laid out.
    guard value.isSame(as: newValue),
      source.comments.map(\.text).sorted() == newSource.comments.map(\.text).sorted()
    else {
      let start = SourcePosition(line: 1, column: 1)
      throw PolicyFileErrors(file, [(start, .notYAML("its layout cannot be kept"))])
    }
    return result
  }

  /// Lays out the text of a policy file, as ``format(_:file:)-([UInt8],_)``.
  public static func format(_ text: String, file: String) throws(PolicyFileErrors) -> String {
    try format(Array(text.utf8), file: file)
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
  /// Whether two values are the same but for their places.
  fileprivate func isSame(as other: YAMLValue) -> Bool {
    switch (content, other.content) {
    case (.scalar(let one, let isQuoted), .scalar(let two, let isOtherQuoted)):
      return one == two && isQuoted == isOtherQuoted
    case (.list(let one), .list(let two)):
      return one.count == two.count && zip(one, two).allSatisfy { $0.isSame(as: $1) }
    case (.mapping(let one), .mapping(let two)):
      return one.count == two.count
        && zip(one, two).allSatisfy { $0.key.isSame(as: $1.key) && $0.value.isSame(as: $1.value) }
    case (.scalar, _), (.list, _), (.mapping, _): return false
    }
  }
}
