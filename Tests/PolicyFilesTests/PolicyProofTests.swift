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
