import Foundation
import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyFuzzTests {
  /// Goal: no text crashes the compiler, and what it compiles is a valid rule set that runs.
  ///
  /// Method: 48 seeds of 24 mutants, of the shipped packs and the files of `Shapes` in turn: bytes
  /// changed, lines doubled, moved and cut, words of YAML and of policies put in.
  @Test(arguments: UInt64(0)..<48)
  func survive(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let files = try Self.files()
    let pack = [UInt8](try Data(contentsOf: files[Int(seed) % files.count]))
    let words = [
      "&a", "*a", "!!int", "[", "]", "{", "}", "\"", "'", ": ", "- ", "#", "\n", "  ", "none", "|",
      "<<: ", "\u{1F600}", "9", "pair", "net", "lifetime", "balance", "\"100%\"", "issue", "settle",
      "{rolling: \"PT1S\", events: 1}", "{attribute: x}", "-not",
    ]
    for _ in 0..<24 {
      var lines = String(decoding: pack, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map { Array($0.utf8) }
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<lines.count, using: &random)
        let offset = Int.random(in: 0...lines[at].count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: lines.remove(at: at)
        case 1: lines.insert(lines[at], at: Int.random(in: 0..<lines.count, using: &random))
        case 2: lines[at].removeFirst(offset)
        case 3: lines[at].insert(contentsOf: Array("  ".utf8), at: 0)
        case 4:
          let word = try #require(words.randomElement(using: &random))
          lines[at].insert(contentsOf: Array(word.utf8), at: offset)
        default:
          if offset < lines[at].count {
            lines[at][offset] = UInt8.random(in: 0...255, using: &random)
          }
        }
      }
      do {
        let policy = try PolicyCompiler.compile(
          bytes: Array(lines.joined(separator: Array("\n".utf8))), file: "p.yaml", exponent: 2,
          acceptUnverified: true, zones: PolicyFixtures.zones)
        try validate(policy)
        _ = PolicyTests.run(policy).description
        _ = (PolicyTable(policy).description, PolicyCost(policy.ruleSet).description)
        _ = PolicyChecks(policy).against(previous: policy).map(\.description)
        _ = PolicyChecks(policy).against(scheme: policy).map(\.description)
      } catch let error as PolicyFileErrors {
        #expect(!error.errors.isEmpty)
        #expect(!error.description.isEmpty)
      }
    }
  }

  /// The shipped packs, and the files of `Shapes`.
  private static func files() throws -> [URL] {
    try [PolicyFixtures.directory, PolicyShapeTests.directory].flatMap { directory in
      try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        .filter { $0.hasSuffix(".yaml") }.map { directory.appendingPathComponent($0) }
    }
  }

  /// Checks the set; a draft may have holds.
  private func validate(_ policy: CompiledPolicy) throws {
    do throws(RuleSetError) {
      try policy.ruleSet.validate()
    } catch {
      if case .notYet = error, policy.mode == .draft { return }
      throw error
    }
  }

  /// Goal: a text made to expand without bound is refused at once.
  @Test func refuseExpansion() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(alias)]\n"
    }
    #expect(PolicyFixtures.errors(text).contains("anchors and aliases"))
  }

  /// Goal: deep nesting of every kind is refused, not followed.
  @Test func refuseDepth() {
    for text in [
      String(repeating: "[", count: 900), String(repeating: "{a: ", count: 200),
      String(repeating: "- ", count: 400),
      (0..<500).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
      Array(repeating: "[", count: 5_000).joined(separator: "\n"),
    ] {
      #expect(PolicyFixtures.errors(text).contains("E00"))
    }
  }
}
