import Foundation

/// The working tree that these tests read.
enum Repository {
  /// The folder that holds `Package.swift` and `Sources`, found by walking up from this file.
  static let root: URL = {
    var folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      if exists("Package.swift", in: folder), exists("Sources", in: folder) { return folder }
      folder = folder.deletingLastPathComponent()
    }
    preconditionFailure("no Package.swift beside Sources above \(#filePath)")
  }()

  /// What is made, fetched or kept by tools, and never committed.
  private static let uncommitted: Set<String> = [
    ".git", ".venv", ".venv-plots", "__pycache__", "demo", "Package.resolved",
  ]

  /// Every file, by its path from the root, sorted.
  static let paths: [String] = walk(root, prefix: "").sorted()

  /// Swift files of `Sources` and `Tests` that people write.
  static let swiftFiles: [SourceFile] = paths.filter { path in
    (path.hasPrefix("Sources/") || path.hasPrefix("Tests/")) && path.hasSuffix(".swift")
      && !path.hasSuffix(".pb.swift")
  }.compactMap(file)

  /// Swift files of `Sources`, generated ones included.
  static let sources: [SourceFile] = paths.filter { path in
    path.hasPrefix("Sources/") && path.hasSuffix(".swift")
  }.compactMap(file)

  /// Every file that is text.
  static let texts: [SourceFile] = paths.compactMap(file)

  /// Returns a text file, or `nil` where it is none.
  static func file(_ path: String) -> SourceFile? {
    guard let data = try? Data(contentsOf: root.appending(path: path)),
      let text = String(validating: data, as: UTF8.self)
    else { return nil }
    return SourceFile(path: path, text: text)
  }

  static func exists(_ path: String) -> Bool { exists(path, in: root) }

  private static func exists(_ path: String, in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: path).path)
  }

  private static func walk(_ folder: URL, prefix: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var found: [String] = []
    for name in names where !uncommitted.contains(name) && !name.hasPrefix(".build") {
      let item = folder.appending(path: name)
      let isFolder = (try? item.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
      if isFolder {
        found += walk(item, prefix: prefix + name + "/")
      } else {
        found.append(prefix + name)
      }
    }
    return found
  }
}

/// A text file of the tree, or one that a test makes up.
struct SourceFile: Sendable {
  /// From the root.
  let path: String
  let text: String
  /// Of Swift: the text with comments and string literals blanked, line by line.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = path.hasSuffix(".swift") ? CodeText.code(of: text) : text
  }

  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

  /// The module or test target that it belongs to: the folder below `Sources` or `Tests`.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }
}
