import LedgerModel
import PolicyFiles
import Testing

@Suite struct PolicyPackTests {
  /// Goal: the shipped pack compiles, its examples hold, and they touch every edge.
  @Test func holdTheExamplesOfTheECNY() throws {
    let policy = try compile("cn-ecny.yaml", acceptUnverified: true)
    let report = PolicyTests.run(policy)
    #expect(report.isPassed, "\(report)")
    #expect(report.gaps.map(\.description) == [])
    #expect(
      policy.warnings.map(\.problem) == [
        .unverifiedAccepted("spend.day.wl3"), .unverifiedAccepted("spend.year.wl2"),
        .unverifiedAccepted("spend.year.wl3"),
      ])
  }

  /// Goal: every shipped pack compiles, its examples hold, and they touch every edge.
  @Test func holdTheExamplesOfEveryPack() throws {
    for name in try PolicyFixtures.packs() {
      let report = PolicyTests.run(try compile(name, acceptUnverified: true))
      #expect(report.isPassed, "\(name): \(report)")
      #expect(report.gaps.map(\.description) == [])
    }
  }

  /// Goal: unverified figures are not enforced unless that is said.
  @Test func refuseUnverifiedFigures() throws {
    let error = #expect(throws: PolicyFileErrors.self) { try compile("cn-ecny.yaml") }
    #expect(error?.errors.map(\.problem.code) == ["E20", "E20", "E20"])
  }

  /// Goal: what a payment under the e-CNY's rules costs is told.
  @Test func costTheECNY() throws {
    let policy = try compile("cn-ecny.yaml", acceptUnverified: true)
    #expect(
      PolicyCost(policy.ruleSet).description == """
        one payment costs at most: fund 1 check and 0 counters, pay 4 checks and 2 counters, \
        cash-out 2 checks and 1 counter
        a wallet takes at most 48 bytes for 3 counters
        """)
  }

  /// Goal: the digest is SHA-256 of the file, and the compiled set depends on nothing else.
  @Test func bindTheSource() throws {
    let policy = try PolicyFixtures.compile("\(PolicyFixtures.small)\n")
    #expect(policy == (try PolicyFixtures.compile("\(PolicyFixtures.small)\n")))
    let other = try PolicyFixtures.compile("\(PolicyFixtures.small)\n# The same rules.\n")
    #expect(policy.ruleSet.sourceDigest != other.ruleSet.sourceDigest)
    #expect(policy.ruleSet.rules == other.ruleSet.rules)
    #expect(policy.ruleSet.measures == other.ruleSet.measures)
  }

  /// Goal: an example that does not hold fails with its place, what was expected and what was
  /// found.
  @Test func failAnExampleThatDoesNotHold() throws {
    let text =
      PolicyFixtures.small + """

        tests:
          - name: wrong in each way
            wallets: {a: {tier: basic, balance: "250.00"}}
            steps:
              - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: permit}
              - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.00", expect: deny, rule: spend.day}
              - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: deny, rule: spend.day}
              - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "100.01", expect: deny, rule: spend.payment, left: "99.00"}
              - {at: "2025-03-01T00:00:00Z", op: pay, from: a, amount: "150.01", expect: permit}

        """
    let report = PolicyTests.run(try PolicyFixtures.compile(text))
    #expect(!report.isPassed)
    let at = "at 2025-03-01T08:00:00+08:00 expected"
    #expect(
      report.failures(of: try #require(report.results.first)) == [
        "p.yaml:23:9: \(at) permit, found deny by `spend.payment` with `100.00` left",
        "p.yaml:24:9: \(at) deny by `spend.day`, found permit",
        "p.yaml:25:9: \(at) deny by `spend.day`, found deny by `spend.payment` with `100.00` left",
        "p.yaml:26:9: \(at) deny by `spend.payment` with `99.00` left, "
          + "found deny by `spend.payment` with `100.00` left",
        "p.yaml:27:9: \(at) permit, "
          + "found that the payer has only `150.00`; give it more to begin with",
      ])
    #expect(report.gaps.first?.problem.code == "W10")
  }

  /// Goal: nothing is left where a limit has no headroom, and instants are those of the file's
  /// zone.
  @Test func leaveOutWhatHasNoHeadroom() throws {
    func limit(_ fields: String) -> String {
      "  - {\(fields), operations: [pay], direction: out, per: wallet, then: deny}\n"
    }
    let limits =
      limit("rule: last, measure: since-last, minimum: \"PT1H\"")
      + limit("rule: least, measure: amount, window: day, minimum: \"5.00\"")
    let exemption =
      "exemptions: [{rules: [last], participants: [bank-a], until: \"2026-01-01T00:00:00Z\", "
      + "reason: A test}]\n"
    func step(_ time: String, _ amount: String) -> String {
      "      - {at: \"2025-03-01T\(time)+08:00\", op: pay, from: a, amount: \"\(amount)\", "
        + "expect: permit}\n"
    }
    let policy = try PolicyFixtures.compile(
      PolicyFixtures.small + "\n" + limits + exemption
        + "tests:\n  - name: one\n    wallets: {a: {tier: basic, balance: \"250.00\"}}\n    steps:\n"
        + step("09:00:00", "4.00") + step("09:00:00", "5.00") + step("09:30:00", "1.00"))
    let report = PolicyTests.run(policy)
    #expect(
      report.failures(of: try #require(report.results.first)).joined(separator: "\n") == """
        p.yaml:26:9: at 2025-03-01T09:00:00+08:00 expected permit, found deny by `least`
        p.yaml:28:9: at 2025-03-01T09:30:00+08:00 expected permit, found deny by `last` until \
        2025-03-01T10:00:00+08:00
        """)
    #expect(
      PolicyTable(policy).description.contains(
        "exempt from last until 2026-01-01T08:00:00+08:00: bank-a"))
    let gap = limit("rule: last, measure: since-last, minimum: \"PT1H\"")
    let example = try #require(
      try PolicyDiff(
        from: PolicyFixtures.compile(PolicyFixtures.small + "\n" + gap),
        to: PolicyFixtures.compile(
          PolicyFixtures.small + "\n" + gap.replacing("PT1H", with: "PT2H"))
      ).changes.first?.example)
    #expect(example.after == "denied by last")
  }

  /// Goal: figures keep their meaning at every exponent.
  @Test func scaleByTheExponent() throws {
    let whole = PolicyFixtures.small.replacing(".00\"", with: "\"")
    #expect(
      try PolicyFixtures.compile(whole, exponent: 0).ruleSet.rules[0].caps
        == .byTier(constants: [100, nil]))
    #expect(
      try PolicyFixtures.compile(whole, exponent: 3).ruleSet.rules[0].caps
        == .byTier(constants: [100_000, nil]))
    #expect(
      PolicyFixtures.errors(PolicyFixtures.small, exponent: 0).hasPrefix(
        "p.yaml:17:17: error E02: amount `\"100.00\"` has more than the currency's 0 digits"))
  }

  private func compile(
    _ name: String, acceptUnverified: Bool = false
  ) throws -> CompiledPolicy {
    try PolicyCompiler.compile(
      bytes: try PolicyFixtures.pack(name), file: name, exponent: 2,
      acceptUnverified: acceptUnverified, zones: PolicyFixtures.zones)
  }
}
