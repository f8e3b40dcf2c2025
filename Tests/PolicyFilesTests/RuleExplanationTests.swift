import LedgerModel
import LedgerPolicy
import PolicyFiles
import Testing

@Suite struct RuleExplanationTests {
  /// Goal: a denial says what it is about, what is left and when it is over, to the microsecond and
  /// by the clocks of the window's zone.
  @Test func explainADenial() throws {
    var bench = Bench(try PolicyToolFixtures.pack("cn-ecny.yaml").ruleSet, tier: "wl4")
    try bench.advance("2025-03-01T15:00:00Z")
    for _ in 0..<2 { #expect(bench.pay(200_000).decision.isPermit) }
    let (decision, explanation) = bench.pay(100_001)
    #expect(!decision.isPermit)
    #expect(!explanation.isPermitted)
    #expect(
      explanation.verdict
        == "The payment is denied by rule spend.day of cn.ecny.personal version 2: the amount of "
        + "payments out of a wallet by pay in a day in Asia/Shanghai must be at most 5,000.00; "
        + "4,000.00 used before, 1,000.01 asked now, 1,000.00 left. A new window begins at "
        + "2025-03-02T00:00:00+08:00 in Asia/Shanghai (2025-03-01T16:00:00Z).")
    #expect(explanation.lines.map(\.rule) == ["spend.payment", "spend.day", "spend.year"])
    #expect(explanation.lines.map(\.passes) == [true, false, true])
    let day = explanation.lines[1]
    #expect(day.sourceLine > 0)
    #expect(day.began?.utc == "2025-02-28T16:00:00Z")
    #expect(day.began?.local == "2025-03-01T00:00:00+08:00")
    #expect(
      explanation.description.contains(
        """
        spend.day (cn.ecny.personal version 2, line \(day.sourceLine)): denies the payment: the \
        amount of payments out of a wallet by pay in a day in Asia/Shanghai must be at most \
        5,000.00; 4,000.00 used before, 1,000.01 asked now, 1,000.00 left
          limits   the amount of payments out of a wallet by pay
          whose    payer 00000000-0000-0000-0000-000000000000
          window   a day in Asia/Shanghai
          began    2025-03-01T00:00:00+08:00 in Asia/Shanghai (2025-02-28T16:00:00Z)
          resets   2025-03-02T00:00:00+08:00 in Asia/Shanghai (2025-03-01T16:00:00Z)
          used     4,000.00
          asked    1,000.01
          cap      5,000.00
          left     1,000.00
        """))
  }

  /// Goal: a permission names how many rules looked, and each says that it lets the payment pass.
  @Test func explainAPermission() throws {
    var bench = Bench(try PolicyToolFixtures.pack("cn-ecny.yaml").ruleSet, tier: "wl4")
    try bench.advance("2025-03-01T15:00:00Z")
    let (_, explanation) = bench.pay(200_000)
    #expect(
      explanation.verdict
        == "The rules let the payment pass: 3 rules look at it, and none refuses it.")
    #expect(explanation.lines.allSatisfy { $0.verdict == "lets the payment pass" })
    #expect(explanation.lines[0].left?.text == "2,000.00")
    #expect(explanation.lines[0].left?.plain == "2000.00")
    #expect(explanation.lines[0].resets == nil)
  }

  /// Goal: local times have the offset that holds then, on a day of 23 hours, too.
  @Test func tellDaylightSavingTime() throws {
    let text = PolicyFixtures.small.replacing("Asia/Shanghai", with: "Europe/Berlin")
    var bench = Bench(try PolicyFixtures.compile(text).ruleSet, tier: "basic")
    try bench.advance("2025-03-30T12:00:00Z")
    let day = try #require(bench.pay(1).explanation.lines.last)
    #expect(day.began?.local == "2025-03-30T00:00:00+01:00")
    #expect(day.resets?.local == "2025-03-31T00:00:00+02:00")
    #expect(day.resets?.utc == "2025-03-30T22:00:00Z")
  }

  /// Goal: counts are counts; a tier that the rules do not name is said to be that; so is shadow.
  @Test func explainTheRest() throws {
    let text = PolicyFixtures.small.replacing("measure: amount", with: "measure: count")
      .replacing("payment: [\"100.00\", none]", with: "month: [9, 9]")
      .replacing("[\"250.00\", \"1000.00\"]", with: "[1, 5]")
    let set = try PolicyFixtures.compile(text).ruleSet
    var bench = Bench(set, tier: "basic")
    try bench.advance("2025-03-01T00:00:00Z")
    #expect(bench.pay(1).decision.isPermit)
    let denied = bench.pay(1).explanation
    #expect(denied.verdict.contains("must be at most 1; 1 used before, 1 asked now, 0 left."))
    var stranger = Bench(set, tier: "other")
    #expect(stranger.pay(1).explanation.verdict.contains("do not name the tier"))
    var shadow = Bench(set, tier: "basic", inShadow: true)
    try shadow.advance("2025-03-01T00:00:00Z")
    _ = shadow.pay(1)
    let remarked = shadow.pay(1).explanation
    #expect(remarked.isPermitted)
    #expect(
      remarked.verdict
        == "The rules let the payment pass: no rule looks at it; spend.day, in shadow, would have "
        + "refused it.")
    #expect(remarked.lines.contains { $0.verdict.hasPrefix("would deny the payment: ") })
  }

  /// Goal: an exemption is told with its end and reason, wherever it is what lets a payment pass.
  @Test func explainAnExemption() throws {
    let wallet = AccountID(Bytes16(high: 0, low: 0))
    let text =
      PolicyFixtures.small + """

        exemptions:
          - rules: [spend.day]
            wallets: [\(wallet)]
            until: "2026-01-01T00:00:00+08:00"
            reason: Royal treasury

        """
    var bench = Bench(try PolicyFixtures.compile(text).ruleSet, tier: "basic")
    try bench.advance("2025-03-01T15:00:00Z")
    let unused = bench.pay(10_000).explanation
    #expect(unused.lines[1].verdict == "lets the payment pass")
    #expect(unused.lines[1].exemption?.isNeeded == false)
    #expect(bench.pay(10_000).decision.isPermit)
    let explanation = bench.pay(5_001).explanation
    let exempt =
      "the payer is exempt until 2026-01-01T00:00:00+08:00 in Asia/Shanghai "
      + "(2025-12-31T16:00:00Z), for the reason `Royal treasury`"
    #expect(explanation.isPermitted)
    #expect(
      explanation.verdict
        == "The rules let the payment pass: 2 rules look at it, and none refuses it; spend.day "
        + "would refuse it, but \(exempt).")
    let day = explanation.lines[1]
    #expect(day.passes)
    #expect(day.exemption?.isNeeded == true && day.exemption?.reason == "Royal treasury")
    #expect(
      day.verdict
        == "would deny the payment, but \(exempt): the amount of payments out of a wallet by pay "
        + "in a day in Asia/Shanghai must be at most 250.00; 200.00 used before, 50.01 asked now, "
        + "50.00 left")
    #expect(explanation.lines[0].exemption == nil)
    #expect(explanation.description.contains("\n  exempt   until 2026-01-01T00:00:00+08:00 in "))
    try bench.advance("2025-12-31T16:00:00Z")
    for amount: Int64 in [10_000, 10_000, 5_001] {
      #expect(bench.pay(amount).explanation.lines[1].exemption == nil)
    }
    #expect(!bench.pay(5_001).explanation.isPermitted)
  }

  /// Goal: all rules that refuse are named, the one that is the answer first; and where something
  /// else decides, the rules are not said to.
  @Test func nameAllThatRefuse() throws {
    var bench = Bench(try PolicyFixtures.compile(PolicyFixtures.small).ruleSet, tier: "basic")
    try bench.advance("2025-03-01T15:00:00Z")
    for _ in 0..<2 { #expect(bench.pay(10_000).decision.isPermit) }
    let denied = bench.pay(10_001).explanation
    #expect(denied.verdict.hasPrefix("The payment is denied by rule spend.day of test.small"))
    #expect(
      denied.verdict.hasSuffix(" Rule spend.payment of test.small version 7 refuses it, too."))
    let aside = bench.ask(10_001, isAsked: false)
    #expect(
      aside.verdict.hasPrefix(
        "The rules were not asked; by themselves they would deny the payment by rule spend.day"))
    #expect(aside.lines.allSatisfy { $0.verdict.hasPrefix("would deny the payment: ") })
    #expect(
      bench.ask(1, isAsked: false).verdict
        == "The rules were not asked; by themselves they would let the payment pass.")
  }

  /// Goal: groups and attributes are named, holders are told apart, and rolling windows have the
  /// times of the set's zone.
  @Test func nameWhatIsMissing() throws {
    let start = try #require(PolicyFixtures.small.firstRange(of: "limits:")).lowerBound
    let text =
      PolicyFixtures.small[..<start] + """
        attributes: {own-limit: {of: wallet, amount: {initial: none, ceiling: "6000.00"}}}
        groups: {board: [\(String(repeating: "11", count: 32))]}
        limits:
          - rule: own
            measure: amount
            operations: [pay]
            direction: out
            per: wallet
            window: day
            then: deny
            maximum: {basic: {attribute: own-limit}, full: none}
          - rule: large
            measure: amount
            operations: [pay]
            direction: out
            per: participant
            window: {rolling: "PT1H", events: 10}
            then: {require: 1, of: board}
            maximum: {basic: none, full: "10.00"}
          - rule: all
            measure: amount
            operations: [pay]
            direction: out
            per: tier
            window: {rolling: "PT1H", events: 10}
            then: deny
            maximum: "1000.00"

        """
    let set = try PolicyFixtures.compile(String(text)).ruleSet
    var basic = Bench(set, tier: "basic")
    #expect(
      basic.pay(1).explanation.verdict
        == "The payment is denied by rule own of test.small version 7: its limit is made of "
        + "attribute own-limit, which was never set. It must be set first.")
    var full = Bench(set, tier: "full")
    try full.advance("2025-03-01T15:00:00Z")
    #expect(full.pay(1_000).decision.isPermit)
    let explanation = full.pay(1).explanation
    #expect(
      explanation.verdict.contains(
        "; beyond that it asks for 1 signature of group board, and there are 0. The first payment "
          + "that counts leaves the window at 2025-03-02T00:00:00+08:00 in Asia/Shanghai "
          + "(2025-03-01T16:00:00Z)."))
    #expect(
      explanation.lines.map(\.whose) == [
        "participant bank, of payer 00000000-0000-0000-0000-000000000000",
        "all wallets of tier full, of payer 00000000-0000-0000-0000-000000000000",
      ])
    #expect(explanation.lines[0].resets?.local == "2025-03-02T00:00:00+08:00")
    let board = PublicKey(try #require(Bytes32([UInt8](repeating: 0x11, count: 32))))
    #expect(
      full.ask(1, signers: [board]).lines[0].verdict
        == "lets the payment pass, which is beyond its limit: the 1 signature of group board that "
        + "it asks for is there")
  }

  /// One wallet that pays.
  private struct Bench {
    private var engine: PolicyEngine
    private let set: RuleSet
    private let tier: Int

    init(_ set: RuleSet, tier: String, inShadow: Bool = false) {
      self.set = set
      engine = PolicyEngine(currency: set.currency)
      let tiers = set.tiers + [Tier(unchecked: "other")]
      for tier in tiers { engine.nameTier(tier) }
      self.tier = tiers.firstIndex(of: Tier(unchecked: tier)) ?? 0
      engine.admit(ParticipantID(unchecked: "bank"))
      engine.activate(set, from: nil, inShadow: inShadow, over: .none)
      engine.open(
        slot: 0, PolicyAccount(participant: 0, tier: self.tier, owner: nil, balance: .zero))
    }

    mutating func advance(_ time: String) throws {
      let microseconds = try #require(CivilDate.microseconds(rfc3339: time))
      engine.advance(to: LedgerTime(microseconds: microseconds), over: .none)
    }

    mutating func pay(_ amount: Int64) -> (decision: Decision, explanation: RuleExplanation) {
      let explanation = ask(amount)
      return (engine.decideAndCommit(Self.request(amount, tier, [])), explanation)
    }

    func ask(
      _ amount: Int64, isAsked: Bool = true, signers: [PublicKey] = []
    ) -> RuleExplanation {
      let request = Self.request(amount, tier, signers)
      return RuleExplanation(
        engine.explain(request), engine.decide(request), of: engine.inForce + engine.inShadow,
        isAsked: isAsked, exponent: 2)
    }

    private static func request(
      _ amount: Int64, _ tier: Int, _ signers: [PublicKey]
    ) -> PolicyRequest {
      guard let amount = Amount(minorUnits: amount) else { preconditionFailure("\(amount)") }
      return PolicyRequest(
        operation: .pay, amount: amount, signers: signers,
        payer: PolicyLeg(
          slot: 0, account: AccountID(Bytes16(high: 0, low: 0)), participant: 0, tier: tier,
          balanceAfter: .zero), payee: nil)
    }
  }
}
