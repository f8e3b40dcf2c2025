import LedgerModel
import PolicyFiles
import Testing

/// Goal: what is told of two windows is so, and what shows it is found.
///
/// Method: a small pack with one limit before and after, compared both ways.
@Suite struct PolicyDiffOrderTests {
  @Test(
    arguments: [
      // What looks at some payments alone is no stricter than what looks at each.
      ("payment", #"{from: "08:00", to: "12:00", on: every-day}"#, PolicyDiff.Direction.either),
      ("payment", #"{from: "08:00", to: "12:00", on: [monday]}"#, .either),
      ("payment", #"{after: opening, for: "PT24H"}"#, .either),
      ("day", #"{from: "20:00", to: "06:00", on: every-day}"#, .either),
      // What looks longer counts more.
      (
        #"{from: "20:00", to: "06:00", on: every-day}"#,
        #"{from: "20:00", to: "07:00", on: every-day}"#, .tightening
      ),
      (
        #"{from: "08:00", to: "12:00", on: every-day}"#,
        #"{from: "08:00", to: "13:00", on: every-day}"#, .tightening
      ),
      (
        #"{from: "01:00", to: "05:00", on: every-day}"#,
        #"{from: "20:00", to: "06:00", on: every-day}"#, .tightening
      ),
      (
        #"{from: "08:00", to: "12:00", on: [monday]}"#,
        #"{from: "08:00", to: "12:00", on: [monday, sunday]}"#, .tightening
      ),
      (
        #"{from: "01:00", to: "05:00", on: [monday]}"#,
        #"{from: "20:00", to: "06:00", on: [monday]}"#, .either
      ),
      (#"{from: "08:00", to: "12:00", on: every-day}"#, "day", .tightening),
      (#"{from: "20:00", to: "06:00", on: every-day}"#, "lifetime", .tightening),
      (
        #"{after: opening, for: "PT24H"}"#, #"{after: opening, for: "PT48H"}"#,
        .tightening
      ),
      (#"{after: opening, for: "PT24H"}"#, "{since: opening}", .tightening),
      // A memory may be full where the other window has none.
      (#"{rolling: "PT24H", events: 5}"#, "lifetime", .either),
      (#"{rolling: "PT24H", events: 5}"#, #"{rolling: "PT24H", events: 7}"#, .loosening),
      (#"{rolling: "PT24H", events: 1000}"#, #"{rolling: "PT24H", events: 3}"#, .tightening),
    ])
  func orderWindows(old: String, new: String, direction: PolicyDiff.Direction) throws {
    try compare(
      Self.pack(limits: Self.limit("amount", window: old)),
      Self.pack(limits: Self.limit("amount", window: new)), .window, direction)
  }

  /// Goal: what comes in is taken off a net position, so that a longer one is not above a shorter.
  @Test func leaveNetWindowsUnordered() throws {
    func net(_ window: String) -> String {
      Self.limit("amount", window: window).replacing("direction: out", with: "direction: net")
    }
    try compare(Self.pack(limits: net("day")), Self.pack(limits: net("month")), .window, .either)
  }

  /// Goal: what a larger number does is told as each limit takes it.
  ///
  /// Method: one limit of each kind with one thing changed; the direction is that of the change,
  /// and its reverse the other way.
  @Test(arguments: [
    // A waterfall sends on what others would have refused.
    Edit(waterfall, #""300.00""#, #""200.00""#, .either),
    Edit(waterfall, "[fund, pay]", "[pay]", .either),
    Edit(waterfall, "{waterfall: linked-account}", "flag", .either),
    Edit(waterfall, "account}", "account, reverse: true}", .either),
    Edit(waterfall, "{waterfall: linked-account}", "deny", .tightening),
    Edit(waterfall, "limits:", "limits:\n  " + other, .either),
    // A larger attribute lets less pass where it is a minimum.
    Edit(least, "initial: \"10.00\"", "initial: \"20.00\"", .tightening),
    Edit(least, "ceiling: \"90.00\"", "ceiling: none", .tightening),
    Edit(least, "initial: \"10.00\"", "initial: none", .tightening),
    Edit(least, ", raise", ", raise-after: \"PT24H\"", .loosening),
    Edit(
      least.replacing("limits:", with: "limits:\n  " + most), "initial: \"10.00\"",
      "initial: \"20.00\"", .either),
    // What counts more has a later last payment.
    Edit(sinceLast("maximum"), "[pay]", "[pay, cash-out]", .either),
    Edit(sinceLast("under"), "per: wallet", "per: owner", .either),
    Edit(sinceLast("minimum"), "[pay]", "[pay, cash-out]", .tightening),
    // Without a value a limit denies.
    Edit(unset, "{greatest: [{attribute: own}, \"50.00\"]}", "\"50.00\"", .either),
    Edit(
      unset.replacing("greatest", with: "least"), "{least: [{attribute: own}, \"50.00\"]}",
      "\"50.00\"", .loosening),
    Edit(
      unset.replacing("none", with: "\"9.00\""), "{greatest: [{attribute: own}, \"50.00\"]}",
      "\"50.00\"", .tightening),
  ])
  func orderAsEachLimitTakesIt(_ edit: Edit) throws {
    try #require(edit.old.contains(edit.text), "\(edit.old)")
    let one = try PolicyFixtures.compile(edit.old.replacing(", raise}", with: "}"))
    let two = try PolicyFixtures.compile(
      edit.old.replacing(edit.text, with: edit.replacement).replacing(", raise}", with: "}"))
    let (there, back) = (try PolicyDiff(from: one, to: two), try PolicyDiff(from: two, to: one))
    #expect(there.changes.map(\.direction) == [edit.direction], "\(there)")
    #expect(back.changes.map(\.direction) == [edit.direction.reversed], "\(back)")
  }

  struct Edit: Sendable, CustomTestStringConvertible {
    let old: String
    let text: String
    let replacement: String
    let direction: PolicyDiff.Direction

    init(_ old: String, _ text: String, _ replacement: String, _ direction: PolicyDiff.Direction) {
      (self.old, self.text) = (old, text)
      (self.replacement, self.direction) = (replacement, direction)
    }

    var testDescription: String { "\(text) to \(replacement)" }
  }

  private static let waterfall = pack(
    limits: "  - {rule: sweep, measure: balance, operations: [fund, pay], direction: in, "
      + "per: wallet, then: {waterfall: linked-account}, maximum: \"300.00\"}")

  private static let other =
    "- {rule: other, measure: balance, operations: [fund], direction: in, "
    + "per: wallet, then: {waterfall: linked-account}, maximum: \"900.00\"}"

  private static let most =
    "- {rule: most, measure: amount, operations: [cash-out], direction: out, "
    + "per: wallet, window: payment, then: deny, maximum: {attribute: own}}"

  private static let least = pack(
    limits: "  - {rule: least, measure: amount, operations: [pay], direction: out, "
      + "per: wallet, window: payment, then: deny, minimum: {attribute: own}}"
  ).replacing(
    "limits:",
    with: "attributes: {own: {of: wallet, amount: {initial: \"10.00\", ceiling: \"90.00\", raise}}}"
      + "\nlimits:")

  private static let unset = pack(
    limits: "  - {rule: cap, measure: amount, operations: [pay], direction: out, per: wallet, "
      + "window: payment, then: deny, maximum: {greatest: [{attribute: own}, \"50.00\"]}}\n"
      + "  - {rule: other, measure: amount, operations: [cash-out], direction: out, per: wallet, "
      + "window: payment, then: deny, maximum: {attribute: own}}"
  ).replacing(
    "limits:",
    with: "attributes: {own: {of: wallet, amount: {initial: none, ceiling: none}}}\nlimits:")

  private static func sinceLast(_ comparison: String) -> String {
    pack(
      limits: "  - {rule: last, measure: since-last, operations: [pay], direction: out, "
        + "per: wallet, then: deny, \(comparison): \"PT24H\"}")
  }

  /// Goal: other limits in the way do not hide a memory, a raise or the end of a window.
  @Test func findWhatOthersHide() throws {
    let gap = """
        - rule: gap
          measure: since-last
          operations: [pay]
          direction: out
          per: wallet
          then: deny
          minimum: "PT10M"

      """
    func rolling(_ events: Int) -> String {
      gap + Self.limit("amount", window: "{rolling: \"PT24H\", events: \(events)}")
    }
    try compare(
      Self.pack(limits: rolling(5)), Self.pack(limits: rolling(7)), .window, .loosening)
    let attributed =
      Self.limit("amount", window: "day").replacing("\"100.00\"", with: "{attribute: own}")
      + Self.limit("amount", window: "{rolling: \"P30D\"}", name: "pairs")
      .replacing("per: wallet", with: "per: pair")
    func raise(_ delay: String) -> String {
      let own = "{of: wallet, amount: {initial: none, ceiling: \"5000.00\"\(delay)}}"
      return Self.pack(limits: attributed).replacing(
        "limits:", with: "attributes: {own: \(own)}\nlimits:")
    }
    try compare(raise(", raise-after: \"PT24H\""), raise(""), .attribute, .loosening)
  }

  /// Goal: where a search ends without an example, no more is said than that.
  @Test func claimNothingOfWhatWasNotFound() throws {
    let forbidden = Self.limit("amount", window: "payment", name: "forbidden")
      .replacing("\"100.00\"", with: "\"0.00\"")
    let old = Self.pack(limits: forbidden + Self.limit("amount", window: "day"))
    let diff = try PolicyDiff(
      from: PolicyFixtures.compile(old),
      to: PolicyFixtures.compile(old.replacing("\"100.00\"", with: "\"90.00\"")))
    #expect(
      diff.changes.map(\.exampleMissing) == [
        "none was found in what was tried, where other rules decided first: forbidden"
      ])
  }

  /// Goal: an example is of participants that the ledger lets act.
  @Test(arguments: ["fund", "cash-out"]) func stayAtOneParticipant(operation: String) throws {
    let text = Self.pack(
      limits: Self.limit("amount", window: "day").replacing("[pay]", with: "[\(operation)]")
        .replacing("direction: out", with: operation == "fund" ? "direction: in" : "direction: out")
    )
    let example = try #require(
      try compare(text, text.replacing("\"100.00\"", with: "\"90.00\""), .cap, .tightening))
    #expect(example.parties.count == 2)
    #expect(example.parties.allSatisfy { $0.contains("bank-a") }, "\(example)")
  }

  /// Goal: what is told as a tightening lets nothing pass that did not pass before.
  ///
  /// Method: random limits with one field changed, which flag, so that both rule sets see the same
  /// history. None rolls, since what flags for a full memory is not remembered.
  @Test(arguments: UInt64(0)..<6) func orderAsTheEngineDoes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var turn = 0
    var ordered = 0
    while ordered < 40 {
      turn += 1
      try #require(turn < 20_000, "few changes have an order")
      guard let (old, new) = RandomPack.variants(using: &random),
        !old.head.contains("rolling"), !new.head.contains("rolling"),
        let one = try? PolicyFixtures.compile(old.text, exponent: 0),
        let two = try? PolicyFixtures.compile(new.text, exponent: 0)
      else { continue }
      let changes = try PolicyDiff(from: one, to: two).changes
      guard changes.count == 1, changes[0].direction != .either else { continue }
      ordered += 1
      let isTightening = changes[0].direction == .tightening
      let looser = PolicyTests.run(isTightening ? one : two).results.flatMap(\.steps)
      let tighter = PolicyTests.run(isTightening ? two : one).results.flatMap(\.steps)
      let place = looser.indices.first { looser[$0].isFlagged && !tighter[$0].isFlagged }
      if let place {
        Issue.record("seed \(seed), step \(place): \(changes[0].text)\n\(old.head)")
      }
    }
  }

  /// Goal: a minimum is called what it is.
  @Test func callAMinimumThat() throws {
    let text = Self.pack(
      limits: Self.limit("amount", window: "payment").replacing("maximum:", with: "minimum:"))
    let raised = text.replacing("\"100.00\"", with: "\"120.00\"")
    let diff = try PolicyDiff(
      from: PolicyFixtures.compile(text), to: PolicyFixtures.compile(raised))
    #expect(diff.changes.map(\.text) == ["minimum raised from 100.00 to 120.00"])
    #expect(diff.changes.map(\.direction) == [.tightening])
  }

  /// Compares two packs both ways: each has one change, with an example that bears it out.
  @discardableResult
  private func compare(
    _ old: String, _ new: String, _ kind: PolicyDiff.Kind, _ direction: PolicyDiff.Direction
  ) throws -> PolicyDiff.Example? {
    let (one, two) = (try PolicyFixtures.compile(old), try PolicyFixtures.compile(new))
    let there = try PolicyDiff(from: one, to: two)
    let back = try PolicyDiff(from: two, to: one)
    for (diff, expected) in [(there, direction), (back, direction.reversed)] {
      #expect(diff.changes.map(\.kind) == [kind], "\(diff)")
      #expect(diff.changes.map(\.direction) == [expected], "\(diff)")
      let example = diff.changes.first?.example
      #expect(example != nil, "\(diff)")
      if expected == .tightening { #expect(example?.after != "permitted", "\(diff)") }
      if expected == .loosening { #expect(example?.after == "permitted", "\(diff)") }
    }
    return there.changes.first?.example
  }

  private static func pack(limits: String) -> String {
    """
    schema: 1
    pack: test.order
    version: 1
    currency: CNY
    timezone: Asia/Shanghai
    mode: enforce
    events: {opening: opened}
    limits:
    \(limits)
    """
  }

  private static func limit(_ measure: String, window: String, name: String = "spend") -> String {
    """
      - rule: \(name)
        measure: \(measure)
        operations: [pay]
        direction: out
        per: wallet
        window: \(window)
        then: deny
        maximum: "100.00"

    """
  }
}

extension PolicyTestReport.StepResult {
  fileprivate var isFlagged: Bool {
    if case .permit(let flags, _, _) = found { !flags.isEmpty } else { false }
  }
}
