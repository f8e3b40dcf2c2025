import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyProofTests {
  /// Goal: a limit that is told never to decide, or never to bite, can be left out, and no payment
  /// comes out otherwise.
  ///
  /// Method: random packs of few shapes, so that some limits are idle, and random payments, run
  /// with and without the limits that warnings name. In a calm history, where no tier, exemption or
  /// validity changes, such a limit is never named as the answer either.
  @Test(arguments: UInt64(0)..<8) func leaveOutWhatIsIdle(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var claims = 0
    var turn = 0
    while claims < 60 {
      turn += 1
      try #require(turn < 5_000, "few limits are idle")
      let pack = RandomPack(isCalm: turn.isMultiple(of: 2), using: &random)
      guard let rules = try? PolicyFixtures.compile(pack.head, exponent: 0) else { continue }
      let idle = pack.idle(rules.warnings)
      guard !idle.isEmpty, let rest = pack.without(idle) else { continue }
      claims += idle.count
      let policy = try PolicyFixtures.compile(pack.text, exponent: 0)
      let whole = PolicyTests.run(policy)
      let part = PolicyTests.run(try PolicyFixtures.compile(rest.text, exponent: 0))
      let names = Set(idle.map(\.rule))
      let (found, expected) = (outcomes(whole, names), outcomes(part, names))
      #expect(found.count == expected.count)
      let what = "seed \(seed), turn \(turn), \(idle.map(\.rule))\n\(pack.head)"
      if let place = found.indices.first(where: { found[$0] != expected[$0] }) {
        Issue.record("step \(place) is \(found[place]), without \(expected[place]): \(what)")
      }
      guard pack.isCalm else { continue }
      for step in whole.results.flatMap(\.steps) {
        guard case .deny(let breach, _) = step.found else { continue }
        if idle.contains(where: { $0.rule == breach.rule.text && $0.tier == nil }) {
          Issue.record("\(breach.rule) is the answer at \(step.at): \(what)")
        }
      }
    }
  }

  /// Goal: no limit is told to be idle that something of before, or a full memory, makes bite.
  ///
  /// Method: packs of which each has one thing that a proof must not pass over.
  @Test(arguments: [
    // What passed before the shorter limit was in force counts in the longer window.
    limit("month", "3200", "window: month, effective: \(late)")
      + limit("day", "100", "window: day, effective: \(late)"),
    limit("month", "3200", "window: month, effective: \(late)")
      + limit("one", "100", "window: payment, effective: \(late)")
      + limit("count", "10", "window: month, effective: \(late)", measure: "count"),
    // So does what passed while a wallet was exempt from both.
    exempt + limit("month", "3200", "window: month") + limit("day", "100", "window: day"),
    // Where the one that stands first was passed before, both leave nothing, and it is the answer.
    limit("life", "100", "window: lifetime, effective: \(late)")
      + limit("stop", "0", "window: payment, effective: \(late)"),
    limit("day", "100", "window: day") + limit("stop", "0", "window: payment"),
    limit("out", "100", "window: day")
      + limit("turn", "90", "window: day", direction: "turnover"),
    // Too many payees, pairs or counterparties are denied whatever the cap is.
    limit("new", "500", "window: payment, when: {payee-paid: {less-than: PT24H}}")
      + limit("all", "400", "window: payment"),
    limit("count", "5", "window: day", measure: "count")
      + limit("others", "5", "window: day", measure: "counterparties"),
    // Counts leave nothing either way.
    limit("out", "5", "window: day", measure: "count")
      + limit("turn", "4", "window: day", measure: "count", direction: "turnover"),
    limit("pair", "900", "window: month", per: "pair")
      + limit("pair-one", "1", "window: payment", per: "pair")
      + limit("pair-count", "1", "window: month", measure: "count", per: "pair"),
  ])
  func claimNothing(rules: String) throws {
    let policy = try PolicyFixtures.compile(Self.pack(rules), exponent: 0)
    let codes = policy.warnings.map(\.problem.code).filter { ["W01", "W02"].contains($0) }
    #expect(codes.isEmpty, "\(policy.warnings)")
  }

  private static let late = #"{from: "2025-03-15T00:00:00Z"}"#
  private static let exempt = "exempt"

  private static func limit(
    _ name: String, _ maximum: String, _ fields: String, measure: String = "amount",
    direction: String = "out", per: String = "wallet"
  ) -> String {
    let bound = measure == "amount" ? "\"\(maximum)\"" : maximum
    return "  - {rule: \(name), measure: \(measure), operations: [pay], direction: \(direction), "
      + "per: \(per), \(fields.replacing("PT24H", with: "\"PT24H\"")), then: deny, "
      + "maximum: \(bound)}\n"
  }

  private static func pack(_ rules: String) -> String {
    let exemptions =
      rules.hasPrefix(exempt)
      ? "exemptions: [{rules: [month, day], wallets: [0190163d-8694-739b-aea5-966c26f8ad91], "
        + "until: \"2025-03-15T00:00:00Z\", reason: A test}]\n" : ""
    return ["schema: 1", "pack: test.proof", "version: 1", "currency: CNY", "mode: enforce"]
      .map { "\($0)\n" }.joined() + "timezone: Asia/Shanghai\n\(exemptions)limits:\n"
      + rules.replacing(exempt, with: "")
  }

  private enum Outcome: Equatable {
    case permit(flags: [String], swept: UInt64, drawn: UInt64)
    case refused
    case unsigned
    case other
  }

  /// What came of each step, but for the flags of some limits.
  private func outcomes(_ report: PolicyTestReport, _ ignored: Set<String>) -> [Outcome] {
    let names = report.policy.ruleSet.rules.map(\.id.text)
    return report.results.flatMap(\.steps).map { step in
      switch step.found {
      case .permit(let flags, let swept, let drawn):
        let flags = flags.map { names[$0] }.filter { !ignored.contains($0) }
        return .permit(flags: flags, swept: swept, drawn: drawn)
      case .deny(let breach, _):
        if case .approvalMissing = breach.reason { return .unsigned }
        return .refused
      case .insufficientFunds, .balanceTooLarge, .unknownTier, .accept, .refuse: return .other
      }
    }
  }
}
