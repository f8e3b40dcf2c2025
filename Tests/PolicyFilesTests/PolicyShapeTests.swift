import Foundation
import LedgerModel
import PolicyFiles
import Testing

/// Goal: every shape of a limit compiles to a valid set, reads in plain words, its examples hold
/// on the ledger's engine.
///
/// Method: each file of `Shapes` stands beside a text with its warnings, its table, its cost and
/// what its examples gave. Where `SPECIE_WRITE_GOLDEN` is set, the texts are written instead.
@Suite struct PolicyShapeTests {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Shapes")

  @Test(arguments: ["retail", "wholesale", "draft"])
  func compileListAndHold(name: String) throws {
    let policy = try Self.compile(name)
    if policy.mode == .draft {
      #expect(throws: RuleSetError.self) { try policy.ruleSet.validate() }
    } else {
      try policy.ruleSet.validate()
    }
    #expect(policy.ruleSet.format == RuleSet.newestFormat)
    let report = PolicyTests.run(policy)
    #expect(report.isPassed, "\(report)")
    let parts = [
      policy.warnings.map(\.description).joined(separator: "\n"),
      PolicyTable(policy.ruleSet, exponent: 2).description,
      PolicyCost(policy.ruleSet).description, report.description,
      report.gaps.map(\.description).joined(separator: "\n"),
    ]
    let found = parts.joined(separator: "\n\n") + "\n"
    let golden = Self.directory.appendingPathComponent("\(name).txt")
    if ProcessInfo.processInfo.environment["SPECIE_WRITE_GOLDEN"] != nil {
      try Data(found.utf8).write(to: golden)
    }
    #expect(found == String(decoding: try Data(contentsOf: golden), as: UTF8.self))
  }

  /// Goal: no two limits of the shapes read the same.
  @Test func readEachInItsOwnWords() throws {
    for name in ["retail", "wholesale", "draft"] {
      let table = PolicyTable(try Self.compile(name))
      var words = table.lines.map(\.text)
      for schedule in table.schedules {
        words += schedule.rows.map { row in
          "\(schedule.title) \(row.window) \(row.cells.map(\.figure.text))"
        }
      }
      #expect(Set(words).count == words.count)
    }
  }

  /// Goal: the head is in the set as the model has it.
  @Test func compileTheHead() throws {
    let policy = try Self.compile("retail")
    let set = policy.ruleSet
    let from = try #require(CivilDate.microseconds(rfc3339: "2024-01-01T00:00:00Z"))
    let until = try #require(CivilDate.microseconds(rfc3339: "2030-01-01T00:00:00Z"))
    let june = try #require(CivilDate.microseconds(rfc3339: "2025-06-01T00:00:00Z"))
    #expect(set.effectiveFrom == LedgerTime(microseconds: from))
    #expect(set.supersedes == PackVersion(pack: try PackName("shapes.older"), version: 9))
    #expect(set.rules[0].until == LedgerTime(microseconds: until))
    #expect(set.rules.last?.until == LedgerTime(microseconds: june))
    #expect(set.rules[0].line == 42)
    #expect(set.calendars[0].holidays == [20_447, 20_448])
    #expect(set.groups[0].keys.count == 3)
    #expect(set.attributes.map(\.name.text) == ["kind", "night-limit", "credit", "class"])
  }

  /// Goal: a version of the same pack is no set of another pack to replace.
  @Test func keepTheSupersededVersionOfTheSamePack() throws {
    let text = PolicyFixtures.small.replacing(
      "mode: enforce", with: "mode: shadow\nsupersedes: {pack: test.small, version: 6}")
    let policy = try PolicyFixtures.compile(text)
    #expect(policy.ruleSet.supersedes == nil)
    #expect(policy.supersedes?.version == 6)
    #expect(policy.mode == .shadow)
  }

  /// Goal: what one payment and one key cost is told, at most.
  @Test func tellTheCost() throws {
    let cost = PolicyCost(try Self.compile("retail").ruleSet)
    let pay = try #require(cost.work.first { $0.operation == .pay })
    #expect(pay.checks >= pay.counters / 2)
    let pair = try #require(cost.memory.first { $0.scope == .pair })
    #expect(pair.bytesMax == PolicyCost.bytesPerPair)
    let owner = try #require(cost.memory.first { $0.scope == .owner })
    #expect(owner.bytesMax == 16 + 40 + 500 * 40)
    #expect(cost.bytesPerWalletMax == 16 * (cost.memory.first?.counters ?? 0) + 40 + 100 * 40)
  }

  /// Goal: a draft with nothing but holds is tested as if it had no rules.
  @Test func runADraftOfHoldsAlone() throws {
    let text =
      PolicyFixtures.small.replacing("mode: enforce", with: "mode: draft")
      .replacing("then: deny", with: "then: {hold: \"PT30M\", end: review}") + """

        tests:
          - name: nothing refuses
            wallets: {a: {tier: basic, balance: "9000.00"}}
            steps: [{at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "9000.00", expect: permit}]

        """
    let report = PolicyTests.run(try PolicyFixtures.compile(text))
    #expect(report.isPassed, "\(report)")
    #expect(report.gaps.isEmpty)
  }

  static func compile(_ name: String) throws -> CompiledPolicy {
    let file = directory.appendingPathComponent("\(name).yaml")
    return try PolicyCompiler.compile(
      bytes: [UInt8](try Data(contentsOf: file)), file: "\(name).yaml", exponent: 2,
      zones: PolicyFixtures.zones)
  }
}
