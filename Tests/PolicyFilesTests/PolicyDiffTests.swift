import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyDiffTests {
  /// Goal: the e-CNY's second table is told apart from the first, each figure with a payment.
  @Test func compareTheTablesOfTheECNY() throws {
    let diff = try PolicyDiff(
      from: PolicyToolFixtures.pack("cn-ecny-2020.yaml"),
      to: PolicyToolFixtures.pack("cn-ecny.yaml"))
    #expect(diff.changes.count { $0.direction == .loosening } == 16)
    #expect(diff.changes.count { $0.direction == .tightening } == 2)
    #expect(diff.changes.count { $0.example != nil } == 18)
    let day = try #require(
      diff.changes.first { $0.subject == "spend.day" && $0.tier == "wl3" })
    #expect(day.text == "cap raised from 2,000.00 to 10,000.00")
    #expect(day.example?.history == ["2022-01-04T12:00:00+08:00 pay 2,000.00"])
    #expect(day.example?.payment == "2022-01-04T12:00:00+08:00 pay 0.01")
    #expect(day.example?.before == "denied by spend.day, 0.00 left")
    #expect(day.example?.after == "permitted")
    let year = try #require(
      diff.changes.first { $0.subject == "spend.year" && $0.tier == "wl4" })
    #expect(year.example?.history.count == 10)
    #expect(year.example?.before == "denied by spend.year, 0.00 left")
    #expect(diff.replaces)
    #expect(
      diff.counters.map { "\($0.fate.rawValue) \($0.rules.joined())" } == [
        "lives on spend.day", "lives on spend.year", "starts at zero cash-out.day",
      ])
    #expect(diff.description.hasSuffix("\n\n2 tightening, 16 loosening, 1 either"))
  }

  /// Goal: a policy does not differ from itself, however it is laid out.
  @Test(arguments: PolicyFormatTests.packs) func findNothing(_ pack: String) throws {
    let policy = try PolicyToolFixtures.pack(pack)
    let diff = try PolicyDiff(from: policy, to: policy)
    #expect(diff.changes == [])
    #expect(diff.counters.allSatisfy { $0.fate == .livesOn })
  }

  /// Goal: a change one way is a tightening where the same change the other way is a loosening, and
  /// the examples bear out which.
  @Test(arguments: edits) func orderBothWays(_ edit: Edit) throws {
    let old = try PolicyToolFixtures.pack(edit.pack, [])
    let new = try PolicyToolFixtures.pack(edit.pack, edit.texts)
    let there = try PolicyDiff(from: old, to: new)
    let back = try PolicyDiff(from: new, to: old)
    #expect(!there.changes.isEmpty)
    #expect(there.changes.count == back.changes.count)
    for (diff, expected) in [(there, edit.direction), (back, edit.direction.reversed)] {
      for change in diff.changes {
        #expect(change.direction == expected, "\(diff)")
        #expect(change.kind == edit.kind, "\(diff)")
        #expect((change.reason == nil) == (expected != .either))
        guard edit.isShown else {
          #expect(change.example == nil && change.exampleMissing != nil, "\(diff)")
          continue
        }
        let example = try #require(change.example, "\(diff)")
        #expect(!example.isJoint, "\(diff)")
        #expect(example.before != example.after, "\(diff)")
        if expected == .tightening { #expect(!example.after.hasSuffix("permitted"), "\(diff)") }
        if expected == .loosening { #expect(example.after.hasPrefix("permitted"), "\(diff)") }
      }
    }
  }

  /// Goal: what an exemption from a rule does is told once, also where the rule comes or goes.
  @Test func tellExemptionsWithTheirRules() throws {
    let rule =
      "  - {rule: out, measure: amount, operations: [cash-out], direction: out, per: wallet, "
      + "window: day, then: deny, maximum: \"5.00\"}\n"
    func exempt(_ name: String) -> String {
      "exemptions: [{rules: [\(name)], participants: [bank-a], until: \"2026-01-01T00:00:00Z\", "
        + "reason: A test}]\n"
    }
    let without = PolicyFixtures.small + "\n"
    let with = without + rule + exempt("out")
    let one = try PolicyFixtures.compile(without)
    let two = try PolicyFixtures.compile(with)
    let renamed = try PolicyFixtures.compile(
      without + rule.replacing("rule: out", with: "rule: cash") + exempt("cash"))
    #expect(try PolicyDiff(from: two, to: one).changes.map(\.kind) == [.ruleRemoved])
    let added = try PolicyDiff(from: one, to: two).changes
    #expect(added.map(\.kind) == [.ruleAdded])
    #expect(added[0].text.hasSuffix("; exempt: bank-a until 2026-01-01T08:00:00+08:00"))
    #expect(try PolicyDiff(from: two, to: renamed).changes.map(\.kind) == [.ruleRenamed])
  }

  /// Goal: an example has what other rules ask of the payer's balance, and no more signatures than
  /// it takes; a memory is told with its numbers.
  @Test func arrangeWhatOthersAskFor() throws {
    let groups =
      "groups: {board: [1111111111111111111111111111111111111111111111111111111111111111]}\n"
    func limit(_ fields: String) -> String {
      "  - {\(fields), operations: [cash-out], direction: out, per: wallet}\n"
    }
    let half = limit(
      "rule: half, measure: amount, window: payment, then: deny, "
        + "maximum: {share: \"50%\", of: balance}")
    let board = limit(
      "rule: board, measure: amount, window: payment, then: {require: 1, of: board}, "
        + "maximum: \"2500.00\"")
    func often(_ events: Int) -> String {
      limit(
        "rule: often, measure: count, window: {rolling: \"PT24H\", events: \(events)}, "
          + "then: deny, maximum: 3")
    }
    func diff(_ old: String, _ new: String) throws -> [PolicyDiff.Change] {
      let head = PolicyFixtures.small + "\n"
      return try PolicyDiff(
        from: PolicyFixtures.compile(head + old + groups),
        to: PolicyFixtures.compile(head + new + groups)
      ).changes
    }
    let removed = try diff(half + board, half)
    #expect(removed.map(\.kind) == [.ruleRemoved])
    #expect(removed[0].example?.after == "permitted")
    let lowered = try diff(
      board + half.replacing("50%", with: "40%"), board + half)
    #expect(lowered[0].example?.payment.contains("signed") == false)
    let memory = try diff(often(100), often(50))
    #expect(
      memory.map(\.text) == [
        "is over the last 24 hours, and remembers at most 50 payments, no longer 100"
      ])
  }

  /// Goal: where no payment shows a change, the rules that decided in what was tried are named.
  @Test func admitThatNothingShows() throws {
    // Whoever cannot pay at all is not limited by the day.
    let none = ("\"5000.00\",  \"2000.00\"  ]", "\"5000.00\",  \"0.00\"     ]")
    let less = ("\"10000.00\", \"5000.00\"  ]", "\"10000.00\", \"4000.00\"  ]")
    let diff = try PolicyDiff(
      from: PolicyToolFixtures.pack("cn-ecny.yaml", [none]),
      to: PolicyToolFixtures.pack("cn-ecny.yaml", [none, less]))
    #expect(diff.changes.map(\.subject) == ["spend.day"])
    #expect(diff.changes.map(\.direction) == [.tightening])
    #expect(
      diff.changes[0].exampleMissing
        == "none was found in what was tried, where other rules decided first: spend.payment")
  }

  /// Goal: whatever is changed, the comparison ends, and its examples are examples.
  ///
  /// Method: 12 seeds of 3 mutants: words and figures of a real pack, changed where they compile.
  @Test(arguments: UInt64(0)..<12) func survive(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let words = [
      ["per: wallet", "per: owner", "per: participant", "per: pair", "per: tier", "per: system"],
      ["direction: out", "direction: in", "direction: turnover", "direction: net"],
      ["measure: amount", "measure: count", "measure: balance", "measure: counterparties"],
      [
        "window: payment", "window: day", "window: month", "window: lifetime",
        "window: {rolling: \"PT24H\"}", "window: {rolling: \"PT10M\"}",
        "window: {since: sca-remote}", "window: {business-day: example-days}",
      ],
      ["then: deny", "then: flag", "then: {require: 1, of: treasury}"],
      ["[pay]", "[fund, pay]", "[pay, cash-out]", "[issue]", "[pay, settle]"],
      ["maximum: 5", "maximum: \"50.00\"", "maximum: {attribute: day-limit}", "maximum: 1"],
      ["counts: previous", "counts: current"], ["none", "\"1.00\""],
    ]
    for pack in PolicyFormatTests.packs {
      let text = String(decoding: try PolicyFixtures.pack(pack), as: UTF8.self)
      let head = text.split(separator: "\ntests:", maxSplits: 1).first.map { "\($0)\n" } ?? text
      let old = try PolicyToolFixtures.pack(pack, [])
      for _ in 0..<3 {
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let at = Int.random(in: 0..<lines.count, using: &random)
          let list = try #require(words.randomElement(using: &random))
          let place = lines.indices.map { ($0 + at) % lines.count }.first { place in
            list.contains(where: lines[place].contains)
          }
          guard let place, let from = list.first(where: lines[place].contains),
            let to = list.randomElement(using: &random)
          else { continue }
          lines[place] = lines[place].replacing(from, with: to)
        }
        guard
          let new = try? PolicyCompiler.compile(
            text: lines.joined(separator: "\n"), file: pack, exponent: 2, acceptUnverified: true)
        else { continue }
        for diff in [try PolicyDiff(from: old, to: new), try PolicyDiff(from: new, to: old)] {
          for change in diff.changes {
            #expect((change.example == nil) != (change.exampleMissing == nil), "seed \(seed)")
            if let example = change.example {
              #expect(example.before != example.after, "seed \(seed), \(change)")
            }
          }
          #expect(!diff.description.isEmpty)
        }
        _ = PolicyTable(new).description
      }
    }
  }

  /// Goal: policies of two currencies, or compiled for two exponents, are not compared.
  @Test func refuseWhatCannotBeCompared() throws {
    let one = try PolicyFixtures.compile(PolicyFixtures.small)
    let two = try PolicyFixtures.compile(
      PolicyFixtures.small.replacing("currency: CNY", with: "currency: EUR"))
    let error = #expect(throws: PolicyDiffError.self) { try PolicyDiff(from: one, to: two) }
    #expect(
      error?.description
        == "the policies are of currencies `CNY` and `EUR`; compare two of one currency")
    let three = try PolicyFixtures.compile(PolicyFixtures.small, exponent: 3)
    #expect(throws: PolicyDiffError.self) { try PolicyDiff(from: one, to: three) }
  }

  /// One change of a shipped pack.
  struct Edit: Sendable, CustomTestStringConvertible {
    let pack: String
    let texts: [(String, String)]
    let kind: PolicyDiff.Kind
    let direction: PolicyDiff.Direction
    var isShown = true

    var testDescription: String { "\(pack) \(texts.map(\.1))" }
  }

  static let edits = [
    Edit(
      pack: "cn-ecny.yaml",
      texts: [("\"1000.00\", \"1000.00\", \"0.00\"", "\"999.99\",  \"1000.00\", \"0.00\"")],
      kind: .cap, direction: .tightening),
    Edit(
      pack: "cn-ecny.yaml", texts: [("operations: [fund, pay]", "operations: [fund]")],
      kind: .operations, direction: .loosening),
    Edit(
      pack: "br-pix.yaml", texts: [("channel: [new-device]", "channel: [new-device, web]")],
      kind: .filter, direction: .tightening),
    Edit(
      pack: "br-pix.yaml",
      texts: [("access: [licensed]}", "access: [licensed, psti]}")], kind: .filter,
      direction: .loosening),
    Edit(
      pack: "br-pix.yaml",
      texts: [("payee-listed: {less-than: \"PT24H\"}", "payee-listed: {less-than: \"PT48H\"}")],
      kind: .filter, direction: .tightening),
    Edit(
      pack: "br-pix.yaml", texts: [("raise-after: \"PT24H\"", "raise-after: \"PT30H\"")],
      kind: .attribute, direction: .tightening),
    Edit(
      pack: "br-pix.yaml", texts: [("ceiling: \"1000.00\"", "ceiling: \"1500.00\"")],
      kind: .attribute, direction: .loosening),
    Edit(
      pack: "br-pix.yaml",
      texts: [("\"2025-09-05T00:00:00-03:00\"", "\"2025-10-05T00:00:00-03:00\"")],
      kind: .validity, direction: .loosening),
    Edit(
      pack: "eu-psd2-sca.yaml", texts: [("counts: previous", "counts: current")],
      kind: .counting, direction: .tightening),
    Edit(
      pack: "eu-psd2-sca.yaml", texts: [("maximum: 5", "maximum: 4")], kind: .cap,
      direction: .tightening),
    Edit(
      pack: "eu-psd2-sca.yaml", texts: [("window: {since: sca-terminal}", "window: lifetime")],
      kind: .window, direction: .tightening),
    Edit(
      pack: "eu-psd2-sca.yaml",
      texts: [("window: {since: sca-remote}", "window: {rolling: \"PT24H\"}")],
      kind: .window, direction: .either),
    Edit(
      pack: "eu-digital-euro.yaml", texts: [("reverse: true", "reverse: false")], kind: .action,
      direction: .either),
    Edit(
      pack: "eu-digital-euro.yaml", texts: [("\"3000.00\"", "\"2500.00\"")], kind: .cap,
      direction: .either),
    Edit(
      pack: "ng-enaira.yaml",
      texts: [
        ("direction: out\n    per: owner", "direction: out\n    per: wallet"),
        ("[pay]\n    direction: in\n    per: owner", "[pay]\n    direction: in\n    per: wallet"),
      ], kind: .scope, direction: .loosening),
    // An owner may move money between wallets of its own, whatever it holds.
    Edit(
      pack: "ng-enaira.yaml",
      texts: [
        (
          "[fund, pay]\n    direction: in\n    per: owner",
          "[fund, pay]\n    direction: in\n    per: wallet"
        )
      ], kind: .scope, direction: .either),
    Edit(
      pack: "wholesale.yaml", texts: [("direction: net", "direction: out")], kind: .direction,
      direction: .tightening),
    Edit(
      pack: "wholesale.yaml", texts: [("{require: 2, of", "{require: 3, of")], kind: .action,
      direction: .tightening),
    Edit(
      pack: "wholesale.yaml", texts: [("then: flag", "then: deny")], kind: .action,
      direction: .tightening),
    Edit(
      pack: "wholesale.yaml", texts: [("window: month", "window: week")], kind: .window,
      direction: .either),
    Edit(
      pack: "wholesale.yaml", texts: [("window: month", "window: year")], kind: .window,
      direction: .tightening),
    Edit(
      pack: "wholesale.yaml", texts: [("cut-off: \"18:00\"", "cut-off: \"17:00\"")],
      kind: .calendar, direction: .either),
    Edit(
      pack: "wholesale.yaml", texts: [(", \"2027-03-29\"]", "]")], kind: .calendar,
      direction: .either),
    Edit(
      pack: "wholesale.yaml",
      texts: [("until: \"2027-01-01T00:00:00+01:00\"", "until: \"2026-06-01T00:00:00+02:00\"")],
      kind: .exemption, direction: .tightening),
    Edit(
      pack: "wholesale.yaml",
      texts: [
        ("    - \"1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a\"\n", "")
      ], kind: .group, direction: .tightening),
    Edit(
      pack: "br-pix-hold.yaml", texts: [("PT30M", "PT45M")], kind: .action, direction: .tightening,
      isShown: false),
  ]
}

extension PolicyDiff.Direction {
  var reversed: Self {
    switch self {
    case .tightening: .loosening
    case .loosening: .tightening
    case .either: .either
    }
  }
}
