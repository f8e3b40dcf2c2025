/// Sizes and names of files.
enum Layout {
  static let linesMax = 600
  static let columnsMax = 100

  /// Names that say nothing: a helper lives with its one caller, or has a name of its own.
  static let emptyNames: Set<String> = [
    "util", "utils", "utilities", "common", "helper", "helpers", "shared", "misc",
  ]

  static func lengthProblems(in file: SourceFile) -> [String] {
    var problems: [String] = []
    let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
    if count > linesMax {
      problems.append("\(file.path) has \(count) lines, above \(linesMax); split it by theme")
    }
    // Given text of a test keeps its own lines: it is data, within a literal of several lines.
    let isTest = file.path.hasPrefix("Tests/")
    for (index, (line, code)) in zip(file.lines, file.codeLines).enumerated()
    where line.count > columnsMax && !isText(line) {
      let isData =
        code.allSatisfy(\.isWhitespace) && !line.drop(while: \.isWhitespace).hasPrefix("//")
      if isTest, isData { continue }
      problems.append(
        "\(file.path):\(index + 1) has \(line.count) columns, above \(columnsMax); "
          + "run `make format`, or wrap the comment")
    }
    return problems
  }

  static func nameProblems(of path: String) -> [String] {
    for part in path.split(separator: "/") {
      let stem = part.split(separator: ".").first.map(String.init) ?? ""
      let topics = stem.split(separator: "+").map { $0.lowercased() }
      let endsEmpty = ["Utils", "Utilities", "Helper", "Helpers"].contains { stem.hasSuffix($0) }
      if endsEmpty || topics.contains(where: emptyNames.contains) {
        return ["\(path): `\(part)` says nothing; name it for what it is"]
      }
    }
    return []
  }

  /// Paths of one person's machine.
  static func machineProblems(in file: SourceFile) -> [String] {
    // In pieces, so that this file has none.
    let roots = ["home", "root", "Users", "tmp", "work", "var/folders"].map { "/" + $0 + "/" }
    var problems: [String] = []
    for (index, line) in file.lines.enumerated() {
      for root in roots {
        for range in line.ranges(of: root) {
          let before = line[..<range.lowerBound].last
          // Within a longer path or an address it is another folder.
          if let before, before.isLetter || before.isNumber || ".-_}/~".contains(before) {
            continue
          }
          problems.append(
            "\(file.path):\(index + 1): `\(root)…` is a path of one machine; "
              + "ask the system for it, or name it from the root")
        }
      }
    }
    return problems
  }

  /// Build settings that drop what must hold.
  static func buildProblems(in file: SourceFile) -> [String] {
    let builds = ["scripts/", "Benchmarks/", ".ci/", "Package.swift", "Makefile"]
    // In pieces, so that this file has none.
    guard builds.contains(where: file.path.hasPrefix), file.text.contains("-O" + "unchecked")
    else { return [] }
    return ["\(file.path): unchecked builds drop every `precondition`; build with `-O`"]
  }

  /// Whether the line is text for people, which the formatter leaves alone as well: a string
  /// literal, or a continued line of one.
  private static func isText(_ line: some StringProtocol) -> Bool {
    let start = line.drop { $0 == " " || $0 == "+" }
    return start.hasPrefix("\"") || line.hasSuffix(" \\")
  }
}
