import LedgerModel
import LedgerPolicy
import Testing

@Suite struct PolicyEngineTests {
  @Test func permitEverythingWithoutRules() throws {
    let engine = PolicyEngine()
    #expect(engine.decide(try request(1_000_000, tier: nil)) == .permit)
    #expect(engine.tierIndex(of: try Tier("a")) == nil)
    engine.checkInvariants()
  }

  @Test func denyAnUnknownTierBeforeAnyRule() throws {
    var engine = PolicyEngine()
    engine.activate(try ruleSet([(.amount, .day, .out, 0)]))
    let account = AccountID(Bytes16(high: 0, low: 3))
    #expect(engine.decide(try request(1, tier: nil)) == .denyUnknownTier(account))
    #expect(engine.decide(try request(1, tier: nil, currency: "EUR")) == .permit)
  }

  /// Goal: the first rule of the set answers, whichever leg it is about.
  @Test func answerTheFirstRuleOfTheSet() throws {
    var engine = PolicyEngine()
    engine.activate(
      try ruleSet([
        (.count, .lifetime, .into, 9), (.balance, .payment, .into, 50),
        (.amount, .payment, .out, 5),
      ]))
    let denied = PolicyRequest(
      operation: .pay, amount: try amount(10), currency: try currency("CNY"),
      payer: try leg(3, tier: 0, balance: 0), payee: try leg(4, tier: 0, balance: 60))
    #expect(
      engine.decide(denied)
        == .deny(
          LimitBreach(
            rule: try RuleID("r1"), account: AccountID(Bytes16(high: 0, low: 4)), limit: 50,
            used: 50, asked: 10, resets: nil)))
  }

  /// Goal: sums are exact above 64 bits, also while no maximum is there to hold them.
  ///
  /// Method: 40 payments of the largest amount pass 2^64 twice; a maximum set afterwards denies at
  /// once and names all of it.
  @Test func sumPast64Bits() throws {
    var engine = PolicyEngine()
    engine.activate(try ruleSet([(.amount, .year, .out, nil)]))
    engine.advance(to: LedgerTime(microseconds: 1_000_000))
    for _ in 0..<40 {
      let payment = try request(Amount.max.minorUnits, tier: 0)
      #expect(engine.decide(payment) == .permit)
      engine.commit(payment)
    }
    engine.activate(try ruleSet([(.amount, .year, .out, .max)]))
    guard case .deny(let breach) = engine.decide(try request(1, tier: 0)) else {
      Issue.record("permitted")
      return
    }
    #expect(breach.used == Int128(40) * 1_000_000_000_000_000_000)
    let standing = try #require(engine.standings(slot: 3, tier: 0, balance: .zero).first)
    #expect(standing.used == breach.used)
    #expect(standing.left == 0)
    engine.checkInvariants()
  }

  /// Goal: a maximum near 2^64 is compared exactly.
  @Test func compareAtTheTopOf64Bits() throws {
    var engine = PolicyEngine()
    let maximum: UInt64 = 18_446_744_073_709_551_615
    engine.activate(try ruleSet([(.amount, .lifetime, .out, maximum)]))
    for _ in 0..<18 { engine.commit(try request(Amount.max.minorUnits, tier: 0)) }
    let left = Int64(maximum - 18_000_000_000_000_000_000)
    #expect(engine.decide(try request(left, tier: 0)) == .permit)
    #expect(engine.decide(try request(left + 1, tier: 0)) != .permit)
  }

  /// Goal: newer transitions of the same zone keep what was used today, and give no second day.
  ///
  /// Method: under the old transitions it is already tomorrow, under the new ones still today.
  @Test func keepCountersOverNewTransitions() throws {
    let newer = TimeZoneTable(
      name: "UTC", firstOffset: -3_600, transitions: [],
      footer: .init(standardOffset: -3_600, daylight: nil))
    var engine = PolicyEngine()
    engine.activate(try ruleSet([(.amount, .day, .out, 10)], zone: Zones.utc))
    engine.advance(to: LedgerTime(microseconds: 86_400_000_000))
    engine.commit(try request(10, tier: 0))
    engine.activate(try ruleSet([(.amount, .day, .out, 10)], zone: newer))
    guard case .deny(let breach) = engine.decide(try request(1, tier: 0)) else {
      Issue.record("permitted")
      return
    }
    #expect(breach.used == 10)
    #expect(breach.resets?.description == "1970-01-03T01:00:00Z")
    engine.checkInvariants()
    engine.advance(to: LedgerTime(microseconds: 86_400_000_000 + 3_600_000_000))
    #expect(engine.decide(try request(1, tier: 0)) != .permit)
    engine.advance(to: LedgerTime(microseconds: 2 * 86_400_000_000 + 3_600_000_000))
    #expect(engine.decide(try request(10, tier: 0)) == .permit)
  }

  /// Goal: a lowered maximum leaves nothing, not less.
  @Test func leaveNothingUnderALoweredMaximum() throws {
    var engine = PolicyEngine()
    engine.activate(try ruleSet([(.amount, .day, .out, 10)]))
    engine.commit(try request(8, tier: 0))
    engine.activate(try ruleSet([(.amount, .day, .out, 5)]))
    let standing = try #require(engine.standings(slot: 3, tier: 0, balance: .zero).first)
    #expect(standing.used == 8)
    #expect(standing.left == 0)
    #expect(standing.resets?.description == "1970-01-01T16:00:00Z")
  }

  @Test func trapOnTimeThatGoesBack() async {
    await #expect(processExitsWith: .failure) {
      var engine = PolicyEngine()
      engine.advance(to: LedgerTime(microseconds: 2))
      engine.advance(to: LedgerTime(microseconds: 1))
    }
  }

  private func amount(_ minorUnits: Int64) throws -> Amount {
    try #require(Amount(minorUnits: minorUnits))
  }

  private func currency(_ code: String) throws -> CurrencyCode { try #require(CurrencyCode(code)) }

  private func leg(_ slot: Int, tier: Int?, balance: Int64) throws -> PolicyLeg {
    PolicyLeg(
      slot: slot, account: AccountID(Bytes16(high: 0, low: UInt64(slot))), tier: tier,
      balanceAfter: try #require(Balance(minorUnits: balance)))
  }

  private func request(
    _ minorUnits: Int64, tier: Int?, currency code: String = "CNY"
  ) throws -> PolicyRequest {
    PolicyRequest(
      operation: .pay, amount: try amount(minorUnits), currency: try currency(code),
      payer: try leg(3, tier: tier, balance: 0), payee: nil)
  }

  private func ruleSet(
    _ rules: [(Measure.Quantity, Measure.Window, Measure.Direction, UInt64?)],
    zone: TimeZoneTable = Zones.shanghai
  ) throws -> RuleSet {
    let measures = rules.map { quantity, window, direction, _ in
      let isCalendar = [.day, .month, .year].contains(window)
      return Measure(
        quantity: quantity, scope: .wallet, window: window, direction: direction,
        zone: isCalendar ? zone : nil, operations: [.pay])
    }
    let ruleSet = RuleSet(
      format: 1, pack: try PackName("test"), version: 1, currency: try currency("CNY"),
      sourceDigest: Bytes32(words: (0, 0, 0, 0)), tiers: [try Tier("a")],
      zones: measures.contains { $0.zone != nil } ? [zone] : [], measures: measures,
      rules: try rules.enumerated().map { index, rule in
        Rule(id: try RuleID("r\(index)"), measure: index, action: .deny, maxima: [rule.3])
      })
    try ruleSet.validate()
    return ruleSet
  }
}
