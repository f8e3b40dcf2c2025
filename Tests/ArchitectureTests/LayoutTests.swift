import Testing

/// Goal: files are short, named for what they are, free of one machine's paths, and lead where
/// they say.
@Suite struct LayoutTests {
  @Test func filesAndLinesAreShort() {
    let problems = Repository.swiftFiles.flatMap { Layout.lengthProblems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func aLongFileOrLineIsCaught() {
    let long = SourceFile(
      path: "Sources/A/B.swift", text: String(repeating: "a\n", count: Layout.linesMax + 1))
    #expect(Layout.lengthProblems(in: long).count == 1)
    let most = String(repeating: "a\n", count: Layout.linesMax)
    #expect(Layout.lengthProblems(in: SourceFile(path: "A.swift", text: most)) == [])
    let wide = String(repeating: "é", count: Layout.columnsMax)
    #expect(Layout.lengthProblems(in: SourceFile(path: "A.swift", text: wide)) == [])
    #expect(Layout.lengthProblems(in: SourceFile(path: "A.swift", text: wide + "é")).count == 1)
    let data = SourceFile(path: "Tests/A/B.swift", text: "let a = \"\"\"\n\(wide)é\n\"\"\"\n")
    #expect(Layout.lengthProblems(in: data) == [])
    let shipped = SourceFile(path: "Sources/A/B.swift", text: data.text)
    #expect(Layout.lengthProblems(in: shipped).count == 1)
    let comment = SourceFile(path: "Tests/A/B.swift", text: "  // \(wide)\n")
    #expect(Layout.lengthProblems(in: comment).count == 1)
  }

  @Test func namesSayWhatThingsAre() {
    let problems = Repository.paths.flatMap { Layout.nameProblems(of: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(arguments: [
    "Sources/A/Utils.swift", "Sources/Common/B.swift", "Sources/A/Helpers/B.swift",
    "Tests/A/String+Utils.swift", "Sources/A/shared.swift", "Sources/A/StringHelpers.swift",
  ])
  func anEmptyNameIsCaught(path: String) {
    #expect(Layout.nameProblems(of: path).count == 1)
    #expect(Layout.nameProblems(of: "Sources/A/SharedMemory.swift") == [])
  }

  @Test func noPathIsOneMachines() {
    let problems = Repository.texts.flatMap { Layout.machineProblems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(arguments: ["home", "root", "Users", "tmp", "work"])
  func aMachinesPathIsCaught(folder: String) {
    let file = SourceFile(path: "docs/A.md", text: "see\n`/\(folder)/a`\n")
    #expect(Layout.machineProblems(in: file).count == 1)
    let longer = SourceFile(path: "docs/A.md", text: "a/\(folder)/b and .build/\(folder)/c")
    #expect(Layout.machineProblems(in: longer) == [])
  }

  @Test func documentsLeadSomewhere() {
    let documents = Repository.texts.filter { file in
      file.path == "README.md" || (file.path.hasPrefix("docs/") && file.path.hasSuffix(".md"))
    }
    #expect(documents.count > 10)
    let problems = documents.flatMap { Links.problems(in: $0, exists: Repository.exists) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func codeNamesDocumentsThatExist() {
    let files = Repository.texts.filter { file in
      ["Sources/", "proto/", "scripts/", "policy/"].contains { file.path.hasPrefix($0) }
        || file.path == "Package.swift"
    }
    let problems = files.flatMap { Links.mentionProblems(in: $0, exists: Repository.exists) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func aDeadLinkIsCaught() {
    let there: Set<String> = ["docs/A.md", "docs/formats/B.md", "README.md", "docs/formats"]
    func problems(_ text: String) -> Int {
      Links.problems(
        in: SourceFile(path: "docs/formats/B.md", text: text), exists: there.contains
      ).count
    }
    #expect(problems("[a](../A.md), [b](B.md#part), [c](#part), [d](../../README.md)") == 0)
    #expect(problems("[a](https://example.org/x.md) [b](../formats/)") == 0)
    #expect(problems("`[a](gone.md)`\n```\n[a](gone.md)\n```\n") == 0)
    #expect(problems("[a](gone.md)") == 1)
    #expect(problems("[a](../gone/A.md) and ![b](picture.png \"title\")") == 2)
    #expect(problems("[a](../../../README.md)") == 1)
    let code = SourceFile(path: "Sources/A/B.swift", text: "// docs/A.md, docs/formats/C.md.")
    #expect(Links.mentionProblems(in: code, exists: there.contains).count == 1)
  }
}
