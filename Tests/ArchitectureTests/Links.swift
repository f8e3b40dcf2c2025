import Foundation

/// Links of the documents, and mentions of documents in code.
enum Links {
  /// The relative links of a Markdown file that lead nowhere.
  static func problems(in file: SourceFile, exists: (String) -> Bool) -> [String] {
    let folder = file.path.split(separator: "/").dropLast().map(String.init)
    var problems: [String] = []
    for (index, line) in prose(of: file).enumerated() {
      for match in line.matches(of: /\[[^\]]*\]\(([^)\s]+)[^)]*\)/) {
        let target = match.1.prefix { $0 != "#" }
        let isRemote = target.contains("://") || target.hasPrefix("mailto:")
        guard !target.isEmpty, !isRemote else { continue }
        let path = resolve(String(target), from: folder)
        guard let path, exists(path) else {
          problems.append("\(file.path):\(index + 1): nothing is at `\(target)`")
          continue
        }
      }
    }
    return problems
  }

  /// Mentions of `docs/….md` in code that lead nowhere.
  static func mentionProblems(in file: SourceFile, exists: (String) -> Bool) -> [String] {
    var problems: [String] = []
    for (index, line) in file.lines.enumerated() {
      for match in line.matches(of: /docs\/[\w\/.-]+\.md/) where !exists(String(match.0)) {
        problems.append("\(file.path):\(index + 1): there is no `\(match.0)`")
      }
    }
    return problems
  }

  /// Lines, with code blanked.
  private static func prose(of file: SourceFile) -> [String] {
    var isFenced = false
    return file.lines.map { line in
      if line.hasPrefix("```") {
        isFenced.toggle()
        return ""
      }
      return isFenced ? "" : String(line.replacing(/`[^`]*`/, with: "code"))
    }
  }

  private static func resolve(_ target: String, from folder: [String]) -> String? {
    var parts = target.hasPrefix("/") ? [] : folder
    let decoded = target.removingPercentEncoding ?? target
    for part in decoded.split(separator: "/") where part != "." {
      if part == ".." {
        guard !parts.isEmpty else { return nil }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }
}
