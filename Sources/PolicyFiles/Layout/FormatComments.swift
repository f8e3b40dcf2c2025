/// The lines of a policy file that ``YAMLLayout`` has passed, and the comments in them.
struct FormatComments {
  struct Comment {
    /// From 1.
    let line: Int
    /// In Unicode scalars, from 0.
    let column: Int
    /// From `#` on, without spaces at the end.
    let text: String
    /// Whether nothing stands before it, or a list's dash alone.
    let isAlone: Bool
    /// Whether it stands within brackets.
    let isInside: Bool
  }

  private(set) var lines: [[Unicode.Scalar]] = []
  private(set) var comments: [Comment] = []
  /// By line from 0: whether brackets are open at its end.
  private(set) var isOpenAfter: [Bool] = []
  /// Quoted texts with their quotes, by line from 0.
  private var quotes: [(line: Int, range: Range<Int>)] = []
  private var depth = 0

  init(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      lines.append(Array(line.unicodeScalars))
      scan(lines[lines.count - 1])
      isOpenAfter.append(depth > 0)
    }
  }

  /// Whether the line above, by number from 1, is empty.
  func isBlank(above line: Int) -> Bool {
    line >= 2 && line - 2 < lines.count && lines[line - 2].allSatisfy { $0 == " " }
  }

  /// Whether a list or mapping that begins at a place, from 1, is in brackets.
  func isBracket(line: Int, column: Int) -> Bool {
    guard lines.indices.contains(line - 1), lines[line - 1].indices.contains(column - 1) else {
      return false
    }
    return "[{".unicodeScalars.contains(lines[line - 1][column - 1])
  }

  /// A quoted text as it stands in the file, by the place of its first quote, from 1.
  func quoted(line: Int, column: Int) -> String? {
    guard lines.indices.contains(line - 1), lines[line - 1].indices.contains(column - 1) else {
      return nil
    }
    let scalars = lines[line - 1]
    guard let end = Self.endOfQuoted(scalars, column - 1) else { return nil }
    return Self.text(scalars[(column - 1)..<end])
  }

  /// The lines, with double quotes in place of single ones where what is within needs neither.
  var straightened: [String] {
    var lines = lines
    for (line, range) in quotes where lines[line][range.lowerBound] == "'" {
      let inner = lines[line][range].dropFirst().dropLast()
      guard !inner.contains(where: { "'\"\\".unicodeScalars.contains($0) }) else { continue }
      lines[line][range.lowerBound] = "\""
      lines[line][range.upperBound - 1] = "\""
    }
    return lines.map { Self.text($0[...]) }
  }

  /// Reads a line from token to token, as ``YAMLLayout`` does.
  private mutating func scan(_ line: [Unicode.Scalar]) {
    var index = 0
    while index < line.count {
      switch line[index] {
      case " ", ",", ":": index += 1
      case "[", "{":
        depth += 1
        index += 1
      case "]", "}":
        depth = max(0, depth - 1)
        index += 1
      case "#":
        note(line, index)
        return
      case "\"", "'":
        let end = Self.endOfQuoted(line, index)
        if let end { quotes.append((lines.count - 1, index..<end)) }
        index = end ?? line.count
      case "-" where index + 1 == line.count || line[index + 1] == " ": index += 1
      default: skipPlain(line, &index)
      }
    }
  }

  private mutating func note(_ line: [Unicode.Scalar], _ index: Int) {
    var end = line.count
    while end > index, line[end - 1] == " " { end -= 1 }
    let before = line[..<index]
    comments.append(
      Comment(
        line: lines.count, column: before.firstIndex { $0 != " " } ?? index,
        text: Self.text(line[index..<end]),
        isAlone: before.allSatisfy { $0 == " " || $0 == "-" }, isInside: depth > 0))
  }

  private func skipPlain(_ line: [Unicode.Scalar], _ index: inout Int) {
    index += 1
    while index < line.count {
      switch line[index] {
      case ":" where index + 1 == line.count || line[index + 1] == " ": return
      case "#" where line[index - 1] == " ": return
      case ",", "[", "]", "{", "}", ":":
        if depth > 0 { return }
        index += 1
      default: index += 1
      }
    }
  }

  /// The index after the closing quote.
  private static func endOfQuoted(_ line: [Unicode.Scalar], _ start: Int) -> Int? {
    let quote = line[start]
    var end = start + 1
    while end < line.count {
      if line[end] == quote {
        // Two single quotes are one in the text.
        guard quote == "'", end + 1 < line.count, line[end + 1] == "'" else { return end + 1 }
        end += 1
      }
      end += 1
    }
    return nil
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
