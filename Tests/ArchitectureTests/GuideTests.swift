import Testing

/// Goal: code that documentation shows is code that compiles.
///
/// Method: each block of Swift in a documentation catalog is a snippet of `Tests/ClientGuide`,
/// which is built as a package outside would, and each snippet is shown.
@Suite struct GuideTests {
  @Test func blocksAreSnippets() {
    let catalogs = Repository.texts.filter {
      $0.path.hasPrefix("Sources/") && $0.path.hasSuffix(".md")
    }
    let blocks = catalogs.flatMap { Self.parts(of: $0.text, from: "```swift", to: "```") }
    let guide = Repository.swiftFiles.filter { $0.path.hasPrefix("Tests/ClientGuide/") }
    let snippets = guide.flatMap { Self.parts(of: $0.text, from: "// snippet", to: "// end") }
    #expect(blocks.count > 5)
    for block in blocks {
      #expect(snippets.contains(block), "no snippet of Tests/ClientGuide is\n\(block)")
    }
    for snippet in snippets {
      #expect(blocks.contains(snippet), "no documentation shows\n\(snippet)")
    }
  }

  @Test func aChangedBlockIsCaught() {
    let text = "a\n  ```swift\n    let a = 1\n\n      b()\n  ```\nc\n"
    #expect(Self.parts(of: text, from: "```swift", to: "```") == ["let a = 1\n\n  b()"])
    #expect(Self.parts(of: text, from: "// snippet", to: "// end") == [])
  }

  /// What stands between lines of two marks, moved to the left; imports without their access, which
  /// a package outside chooses by itself.
  private static func parts(of text: String, from start: String, to end: String) -> [String] {
    var parts: [String] = []
    var open: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let bare = line.drop { $0 == " " }
      if let lines = open, bare == end {
        parts.append(moved(lines))
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if bare == start {
        open = []
      }
    }
    return parts
  }

  private static func moved(_ lines: [Substring]) -> String {
    let indent = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { line in
      let moved = line.dropFirst(indent)
      return moved.hasPrefix("public import ") ? String(moved.dropFirst(7)) : String(moved)
    }.joined(separator: "\n")
  }
}
