import Testing

/// Goal: what breaks determinism, or hides a fault, is not written.
///
/// Method: each ban over every file; and over a line of its own, which it must catch in scope and
/// let pass out of scope, in a comment and in a string.
@Suite struct BanTests {
  @Test(arguments: Ban.all)
  func nothingBannedIsUsed(ban: Ban) {
    let problems = Repository.swiftFiles.flatMap { ban.problems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(arguments: Ban.all)
  func eachBanCatchesItsWords(ban: Ban) {
    let path =
      switch ban.scope {
      case .modules(let names): "Sources/\(names.min() ?? "")/Made.swift"
      case .sources, .everywhere: "Sources/LedgerWire/Made.swift"
      }
    for word in ban.words {
      let used = SourceFile(path: path, text: "let made = 1\n  let x = \(word) \n")
      let problems = ban.problems(in: used)
      #expect(problems.count { $0.contains("`\(word)`") && $0.contains(":2:") } == 1, "\(word)")
      #expect(problems.allSatisfy { $0.contains(ban.instead) })
      let said = "// \(word)\n/* \(word) */\nlet text = \"\(word) \\\" \(word)\"\n"
      #expect(ban.problems(in: SourceFile(path: path, text: said)) == [], "\(word)")
      for exception in ban.allowed {
        #expect(ban.problems(in: SourceFile(path: exception, text: used.text)) == [])
        #expect(Repository.exists(exception), "\(exception) is gone; take its exception out")
      }
      if case .everywhere = ban.scope { continue }
      let test = SourceFile(path: "Tests/MadeTests/Made.swift", text: used.text)
      #expect(ban.problems(in: test) == [], "\(word)")
    }
  }

  @Test func aLongerWordIsAnother() {
    let text = "let asynchronous = DoubleEntry(LedgerDate(), blueprint(), .print())"
    let file = SourceFile(path: "Sources/LedgerCore/Made.swift", text: text)
    let words = Ban.all.flatMap { $0.problems(in: file) }
    #expect(words.map { $0.contains("print(") } == [true], "\(words)")
  }

  @Test func buildsKeepPreconditions() {
    let problems = Repository.texts.flatMap { Layout.buildProblems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    let flag = "swiftc -O" + "unchecked a.swift"
    for path in ["Package.swift", "Makefile", "scripts/test", ".ci/run"] {
      #expect(Repository.texts.contains { $0.path == path }, "\(path) is not read")
      #expect(Layout.buildProblems(in: SourceFile(path: path, text: flag)).count == 1)
      #expect(Layout.buildProblems(in: SourceFile(path: path, text: "swiftc -O")) == [])
    }
  }

  @Test func verifiedValuesAreMintedInFewPlaces() {
    let problems = Repository.swiftFiles.flatMap { MintedTypes.problems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    for path in MintedTypes.mints { #expect(Repository.exists(path), "\(path) is gone") }
  }

  @Test(arguments: [
    "_ = VerifiedInstruction(verified: x)", "_ = VerifiedSubmission(\n  verified: x)",
    "let x: VerifiedInstruction = .init(verified: x)", "VerifiedInstruction.init( verified: x)",
  ])
  func aMintElsewhereIsCaught(text: String) {
    let elsewhere = SourceFile(path: "Sources/LedgerHTTP/Made.swift", text: text)
    #expect(MintedTypes.problems(in: elsewhere).count == 1)
    for path in MintedTypes.mints {
      #expect(MintedTypes.problems(in: SourceFile(path: path, text: text)) == [])
    }
    let other = SourceFile(path: "Sources/LedgerHTTP/Made.swift", text: "f(verified: x)")
    #expect(MintedTypes.problems(in: other) == [])
  }

  @Test func noByteDependsOnTheOrderOfADictionary() {
    let files = Repository.swiftFiles.filter { $0.path.hasPrefix("Sources/") }
    for module in UnorderedLoops.modules.sorted() {
      let own = files.filter { $0.module == module }
      let names = UnorderedLoops.names(in: own)
      let problems = own.flatMap { UnorderedLoops.problems(in: $0, names: names) }
      #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }
    for (path, line, _) in UnorderedLoops.allowed {
      let isThere = Repository.file(path)?.text.contains(line) ?? false
      #expect(isThere, "\(path) has no `\(line)`; take its exception out")
    }
  }

  @Test(arguments: [
    "for (id, slot) in slotByAccount {", "for item in state.seen where item > 1 {",
    "let all = totals.values.map { $0 }", "for key in self.totals.keys {",
  ])
  func anUnsortedLoopIsCaught(line: String) {
    let declared = """
      var totals: [String: Int] = [:]
      let seen: Set<Int> = []
      """
    let file = SourceFile(path: "Sources/LedgerCore/Made.swift", text: declared + "\n" + line)
    let names = UnorderedLoops.names(in: [file])
    #expect(names == ["totals", "seen"])
    #expect(UnorderedLoops.problems(in: file, names: names).count == 1)
    let sorted = SourceFile(
      path: file.path, text: "for key in totals.keys.sorted() {\nfor key in list {")
    #expect(UnorderedLoops.problems(in: sorted, names: names) == [])
  }

  @Test func codeIsWhatIsNeitherCommentNorString() {
    let text = #"""
      a /* b /* c */ d */ e // f
      g("h \(i("j")) k") "\\" l
      """
      m \(n) o
      """ p
      """#
    let words = CodeText.code(of: text).filter(\.isLetter)
    #expect(words == "aegilnp")
    #expect(CodeText.code(of: text).count { $0 == "\n" } == text.count { $0 == "\n" })
    #expect(CodeText.code(of: ##"#"a \(b) \#(c) " d"# e"##).filter(\.isLetter) == "ce")
  }
}
