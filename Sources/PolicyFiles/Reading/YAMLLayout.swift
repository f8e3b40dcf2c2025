/// Looks at the text before YAML does, and refuses what a policy file does not use.
///
/// What a reader of the file sees is what it says: escapes in quotes could write any character.
/// Aliases can make a short file expand without bound, and deep nesting can exhaust a stack, so
/// both are refused before a parser sees them. So are multi-line quotes, block scalars, directives
/// and tags: without them each line can be read alone, and this check misses nothing.
///
/// - Source: YAML 1.1, sections 3.2.2.2 (anchors), 4.5 and 4.6 (scalars).
struct YAMLLayout {
  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private var depth: Int

  /// Returns the text of a file.
  ///
  /// - Throws: What is wrong with it, one problem a line at most.
  /// - Complexity: O(bytes).
  static func text(_ bytes: [UInt8], file: String) throws(PolicyFileErrors) -> String {
    let start = SourcePosition(line: 1, column: 1)
    guard bytes.count <= PolicyFileLimits.fileBytesMax else {
      throw PolicyFileErrors(file, [(start, .fileTooLong)])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PolicyFileErrors(file, [firstBadByte(bytes)])
    }
    let problems = check(bytes)
    guard problems.isEmpty else { throw PolicyFileErrors(file, problems) }
    return text
  }

  /// The first byte that is no part of UTF-8, with its place.
  private static func firstBadByte(_ bytes: [UInt8]) -> (SourcePosition, PolicyProblem) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      guard String(validating: line, as: UTF8.self) == nil else { continue }
      var good = line.startIndex
      var column = 1
      while good < line.endIndex {
        // A scalar has at most four bytes.
        let end = (1...4).map { good + $0 }.first { end in
          end <= line.endIndex && String(validating: line[good..<end], as: UTF8.self) != nil
        }
        guard let end else {
          return (SourcePosition(line: offset + 1, column: column), .notUTF8(line[good]))
        }
        good = end
        column += 1
      }
    }
    preconditionFailure("a text that is no UTF-8 has a line that is none")
  }

  private static func check(_ bytes: [UInt8]) -> [(SourcePosition, PolicyProblem)] {
    var problems: [(SourcePosition, PolicyProblem)] = []
    var depth = 0
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      var layout = YAMLLayout(bytes: line, index: line.startIndex, depth: depth)
      guard let (column, problem) = layout.checkLine() else {
        depth = layout.depth
        continue
      }
      // Where one line ends so, they all do.
      if problem == .carriageReturn, problems.contains(where: { $0.1 == .carriageReturn }) {
        continue
      }
      problems.append((SourcePosition(line: offset + 1, column: column), problem))
      if problems.count >= PolicyFileLimits.diagnosticsMax { break }
    }
    return problems
  }

  private mutating func checkLine() -> (column: Int, problem: PolicyProblem)? {
    guard bytes.count <= PolicyFileLimits.lineBytesMax else { return (1, .lineTooLong) }
    if let problem = checkCharacters() { return problem }
    while index < bytes.endIndex, bytes[index] == UInt8(ascii: " ") { index += 1 }
    guard index - bytes.startIndex <= PolicyFileLimits.indentMax else {
      return (column, .indentTooDeep)
    }
    var dashes = 0
    while index < bytes.endIndex {
      if let problem = checkToken(&dashes) { return (column, problem) }
    }
    return nil
  }

  private func checkCharacters() -> (column: Int, problem: PolicyProblem)? {
    for (offset, scalar) in String(decoding: bytes, as: UTF8.self).unicodeScalars.enumerated() {
      switch scalar.value {
      case 0x09: return (offset + 1, .tab)
      case 0x0D: return (offset + 1, .carriageReturn)
      case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x061C, 0x200B...0x200F, 0x2028...0x202E,
        0x2060...0x206F, 0xFEFF, 0xFFF0..., 0xE000...0xF8FF:
        // What does not print, what turns the reading direction, and what is for private use.
        if scalar.value >= 0x10000 && scalar.value < 0xE0000 { continue }
        return (offset + 1, .notPrintable(scalar.value))
      default: continue
      }
    }
    return nil
  }

  /// Reads from the beginning of one token to the beginning of the next.
  private mutating func checkToken(_ dashes: inout Int) -> PolicyProblem? {
    switch bytes[index] {
    case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: ":"): index += 1
    case UInt8(ascii: "#"): index = bytes.endIndex
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      depth += 1
      guard depth <= PolicyFileLimits.nestingMax else { return .nestingTooDeep }
      index += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      depth = max(0, depth - 1)
      index += 1
    case UInt8(ascii: "-") where isBlank(index + 1):
      dashes += 1
      guard dashes <= PolicyFileLimits.nestingMax else { return .nestingTooDeep }
      index += 1
    case UInt8(ascii: "?") where isBlank(index + 1): return .forbiddenYAML("`?` keys")
    case UInt8(ascii: "&"), UInt8(ascii: "*"): return .forbiddenYAML("anchors and aliases")
    case UInt8(ascii: "!"): return .explicitTag
    case UInt8(ascii: "%"): return .forbiddenYAML("directives")
    case UInt8(ascii: "|"), UInt8(ascii: ">"): return .forbiddenYAML("block texts")
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return skipQuoted()
    default:
      if bytes[index...].starts(with: "<<".utf8), isBlank(index + 2) || at(index + 2) == ":" {
        return .forbiddenYAML("merge keys")
      }
      skipPlain()
    }
    return nil
  }

  private mutating func skipQuoted() -> PolicyProblem? {
    let quote = bytes[index]
    var end = index + 1
    while end < bytes.endIndex, bytes[end] != quote {
      if quote == UInt8(ascii: "\""), bytes[end] == UInt8(ascii: "\\") {
        index = end
        return .escape
      }
      end += 1
    }
    guard end < bytes.endIndex else { return .quoteOpen }
    index = end + 1
    return nil
  }

  /// Skips to `: `, a comment, or in brackets to what ends an item.
  private mutating func skipPlain() {
    index += 1
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: ":") where isBlank(index + 1): return
      case UInt8(ascii: "#") where bytes[index - 1] == UInt8(ascii: " "): return
      case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
        UInt8(ascii: "}"), UInt8(ascii: ":"):
        if depth > 0 { return }
        index += 1
      default: index += 1
      }
    }
  }

  private func isBlank(_ index: Int) -> Bool { at(index) == nil || at(index) == " " }

  private func at(_ index: Int) -> Character? {
    index < bytes.endIndex ? Character(UnicodeScalar(bytes[index])) : nil
  }

  /// The column of ``index``, in Unicode scalars.
  private var column: Int {
    bytes[bytes.startIndex..<index].count { $0 & 0xC0 != 0x80 } + 1
  }
}
