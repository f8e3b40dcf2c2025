/// Swift text without what does not run, so that a ban is not tripped by prose about it.
enum CodeText {
  private enum Mode {
    /// Code; within an interpolation, with the count of parentheses open in it.
    case code(parentheses: Int)
    case string(hashes: Int, isMultiline: Bool)
  }

  /// Returns the text with comments and string literals blanked: lines stay where they are.
  ///
  /// What is interpolated into a string is code, and stays.
  static func code(of text: String) -> String {
    let bytes = Array(text.utf8)
    var output = bytes
    var modes: [Mode] = [.code(parentheses: 0)]
    var offset = 0

    func starts(_ mark: String, at offset: Int) -> Bool {
      bytes[offset...].starts(with: mark.utf8)
    }
    func blank(_ count: Int) {
      for index in offset..<min(offset + count, bytes.count)
      where bytes[index] != UInt8(ascii: "\n") {
        output[index] = UInt8(ascii: " ")
      }
      offset += count
    }

    while offset < bytes.count {
      switch modes[modes.count - 1] {
      case .code(let parentheses):
        if starts("//", at: offset) {
          let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
          blank(end - offset)
        } else if starts("/*", at: offset) {
          blank(commentLength(bytes[offset...]))
        } else if let (hashes, isMultiline, count) = opening(bytes[offset...]) {
          modes.append(.string(hashes: hashes, isMultiline: isMultiline))
          blank(count)
        } else {
          if bytes[offset] == UInt8(ascii: "(") {
            modes[modes.count - 1] = .code(parentheses: parentheses + 1)
          } else if bytes[offset] == UInt8(ascii: ")") {
            if parentheses == 0, modes.count > 1 {
              modes.removeLast()
            } else {
              modes[modes.count - 1] = .code(parentheses: max(0, parentheses - 1))
            }
          }
          offset += 1
        }
      case .string(let hashes, let isMultiline):
        let mark = String(repeating: "#", count: hashes)
        if starts("\\" + mark + "(", at: offset) {
          blank(hashes + 1)
          modes.append(.code(parentheses: 0))
          offset += 1
        } else if starts("\\" + mark, at: offset) {
          blank(hashes + 2)
        } else if starts((isMultiline ? "\"\"\"" : "\"") + mark, at: offset) {
          modes.removeLast()
          blank((isMultiline ? 3 : 1) + hashes)
        } else {
          // A line's end closes it: what was taken for a string was none.
          if bytes[offset] == UInt8(ascii: "\n"), !isMultiline { modes.removeLast() }
          blank(1)
        }
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The length of a block comment, those within it included.
  private static func commentLength(_ bytes: ArraySlice<UInt8>) -> Int {
    var depth = 0
    var offset = bytes.startIndex
    while offset < bytes.endIndex {
      if bytes[offset...].starts(with: "/*".utf8) {
        depth += 1
        offset += 2
      } else if bytes[offset...].starts(with: "*/".utf8) {
        depth -= 1
        offset += 2
        if depth == 0 { break }
      } else {
        offset += 1
      }
    }
    return offset - bytes.startIndex
  }

  /// A string literal's opening, if one begins here.
  private static func opening(
    _ bytes: ArraySlice<UInt8>
  ) -> (hashes: Int, isMultiline: Bool, count: Int)? {
    let hashes = bytes.prefix { $0 == UInt8(ascii: "#") }.count
    let rest = bytes.dropFirst(hashes)
    if rest.starts(with: "\"\"\"".utf8) { return (hashes, true, hashes + 3) }
    if rest.starts(with: "\"".utf8) { return (hashes, false, hashes + 1) }
    return nil
  }
}
