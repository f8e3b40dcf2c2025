import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

@Suite struct PolicyEngineTests {
  @Test func permitEverythingWithoutRules() throws {
    let engine = PolicyEngine.example()
    #expect(engine.decide(.example(1_000_000)) == .permit)
    #expect(engine.inForce.isEmpty && engine.inShadow.isEmpty && engine.toCome.isEmpty)
  }

  @Test func denyAnUnknownTierBeforeAnyRule() throws {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy(tiers: ["a"], [PolicyLimit(.example(.lifetime), 0)]))
    #expect(engine.decide(.example(1)) == .denyUnknownTier(.example(3)))
    #expect(engine.decide(.example(1, from: 3, to: 5)) == .denyUnknownTier(.example(3)))
    #expect(engine.decide(.example(1, to: 4)).breach?.rule == (try RuleID("r0")))
  }

  /// Goal: a set without tiers lets every tier through.
  @Test func letEveryTierThrough() throws {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy(tiers: [], [PolicyLimit(.example(.payment), 5)]))
    #expect(engine.decide(.example(5)) == .permit)
    #expect(engine.decide(.example(6)) != .permit)
  }

  /// Goal: in format 1 the first rule of the set answers, whichever side it is about.
  @Test func answerTheFirstRuleOfTheSet() throws {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy(
        format: 1,
        [
          PolicyLimit(.example(of: .count, .lifetime, .into), 9),
          PolicyLimit(.example(of: .balance, .payment, .into), 50),
          PolicyLimit(.example(.payment), 5),
        ]))
    // The payee holds nothing before, as every account of the example.
    #expect(
      engine.decide(.example(60, holds: 60))
        == .deny(
          LimitBreach(
            rule: try RuleID("r1"), account: .example(3), limit: 50, used: 0, asked: 60,
            resets: nil)))
  }

  /// Goal: in format 2 the rule with the least headroom answers.
  @Test func answerTheLeastHeadroom() throws {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy([
        PolicyLimit(.example(of: .balance, .payment, .into), 50),
        PolicyLimit(.example(.payment), 5),
      ]))
    #expect(
      engine.decide(.example(60, holds: 60)).breach
        == LimitBreach(
          terms: .example, rule: try RuleID("r1"), account: .example(2), limit: 5, used: 0,
          asked: 60, resets: nil))
  }

  /// Goal: sums are exact above 64 bits, also while no maximum is there to hold them.
  ///
  /// Method: 40 payments of the largest amount, which come back each time, pass 2^64 twice; a
  /// maximum set afterwards denies at once and names all of it.
  @Test func sumPast64Bits() throws {
    var engine = PolicyEngine.example()
    let year = Measure.example(.year(Zones.shanghai))
    engine.activate(try .policy(format: 1, [PolicyLimit(year, nil)]))
    engine.advance(to: LedgerTime(microseconds: 1_000_000))
    for _ in 0..<40 { payAndBack(Amount.max.minorUnits, in: &engine) }
    engine.activate(try .policy(version: 2, format: 1, [PolicyLimit(year, .max)]))
    let breach = try #require(engine.decide(.example(1)).breach)
    #expect(breach.used == Int128(40) * 1_000_000_000_000_000_000)
    #expect(breach.limit == .max)
  }

  /// Goal: a maximum near 2^64 is compared exactly.
  @Test func compareAtTheTopOf64Bits() throws {
    var engine = PolicyEngine.example()
    let maximum: UInt64 = 18_446_744_073_709_551_615
    engine.activate(
      try .policy(format: 1, [PolicyLimit(.example(.lifetime), maximum)]))
    for _ in 0..<18 { payAndBack(Amount.max.minorUnits, in: &engine) }
    let left = Int64(maximum - 18_000_000_000_000_000_000)
    #expect(engine.decide(.example(left)) == .permit)
    #expect(engine.decide(.example(left + 1)) != .permit)
  }

  /// Goal: newer transitions of the same zone keep what was used today, and give no second day.
  ///
  /// Method: under the old transitions it is already tomorrow, under the new ones still today.
  @Test func keepCountersOverNewTransitions() throws {
    let newer = TimeZoneTable(
      name: "UTC", firstOffset: -3_600, transitions: [],
      footer: .init(standardOffset: -3_600, daylight: nil))
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy([PolicyLimit(.example(.day(Zones.utc)), 10)]))
    engine.advance(to: LedgerTime(microseconds: 86_400_000_000))
    pay(10, in: &engine)
    engine.activate(
      try .policy(version: 2, [PolicyLimit(.example(.day(newer)), 10)]))
    let breach = try #require(engine.decide(.example(1)).breach)
    #expect(breach.used == 10)
    #expect(breach.resets?.description == "1970-01-02T01:00:00Z")
    engine.advance(to: LedgerTime(microseconds: 86_400_000_000 + 3_600_000_000))
    #expect(engine.decide(.example(10)) == .permit)
  }

  /// Goal: a lowered maximum leaves nothing, not less.
  @Test func leaveNothingUnderALoweredMaximum() throws {
    var engine = PolicyEngine.example()
    let day = Measure.example(.day(Zones.shanghai))
    engine.activate(try .policy([PolicyLimit(day, 10)]))
    pay(8, in: &engine)
    engine.activate(try .policy(version: 2, [PolicyLimit(day, 5)]))
    #expect(
      engine.decide(.example(1)).breach
        == LimitBreach(
          terms: .example, rule: try RuleID("r0"), account: .example(2), limit: 5, used: 8,
          asked: 1,
          resets: LedgerTime(microseconds: 16 * 3_600_000_000)))
  }

  @Test func trapOnTimeThatGoesBack() async {
    await #expect(processExitsWith: .failure) {
      var engine = PolicyEngine(currency: .cny)
      engine.advance(to: LedgerTime(microseconds: 2), over: .none)
      engine.advance(to: LedgerTime(microseconds: 1), over: .none)
    }
  }
}

extension PolicyEngineTests {
  /// Goal: a payment leaves a rolling window at exactly its length, and not a microsecond before.
  @Test func leaveARollingWindowToTheMicrosecond() throws {
    var engine = PolicyEngine.example()
    let window = Window.rolling(microseconds: 1_000, eventsMax: 2)
    engine.activate(try .policy([PolicyLimit(.example(window), 10)]))
    engine.advance(to: LedgerTime(microseconds: 7))
    pay(10, in: &engine)
    engine.advance(to: LedgerTime(microseconds: 1_006))
    #expect(
      engine.decide(.example(1)).breach
        == LimitBreach(
          terms: .example, rule: try RuleID("r0"), account: .example(2), limit: 10, used: 10,
          asked: 1,
          resets: LedgerTime(microseconds: 1_007)))
    engine.advance(to: LedgerTime(microseconds: 1_007))
    #expect(engine.decide(.example(10)) == .permit)
  }

  /// Goal: a rolling window that holds as many payments as it may denies the next one, whatever
  /// its cap, and says when there is room again.
  @Test func denyWhereTheMemoryIsFull() throws {
    var engine = PolicyEngine.example()
    let window = Window.rolling(microseconds: 1_000, eventsMax: 2)
    engine.activate(try .policy([PolicyLimit(.example(window), 100)]))
    pay(1, in: &engine)
    engine.advance(to: LedgerTime(microseconds: 10))
    pay(1, in: &engine)
    #expect(
      engine.decide(.example(1)).breach
        == LimitBreach(
          reason: .memoryFull(max: 2), terms: .example, rule: try RuleID("r0"),
          account: .example(2), limit: 100,
          used: 2, asked: 1, resets: LedgerTime(microseconds: 1_000)))
  }

  /// Goal: what a wallet may not hold goes on to its linked account, or the payment is refused.
  @Test func sendTheExcessOn() throws {
    var engine = PolicyEngine.example()
    engine.activate(
      try .policy([
        PolicyLimit(
          .example(of: .balance, .payment, .into), 50,
          .waterfall(Waterfall(drawsShortfall: false)))
      ]))
    #expect(
      engine.decide(.example(60, holds: 60, isLinked: true))
        == .permitWith(Conditions(sweep: 10)))
    #expect(engine.decide(.example(60, holds: 60)).breach?.limit == 50)
    #expect(engine.decide(.example(50, holds: 50, isLinked: true)) == .permit)
  }

  /// Goal: with enough signatures of its group a rule that requires them does not bite.
  @Test func countSignatures() throws {
    var engine = PolicyEngine.example()
    let group = SignerGroup(
      name: try GroupName("treasury"), keys: [.example(1), .example(2), .example(3)])
    engine.activate(
      try .policy(
        groups: [group],
        [
          PolicyLimit(.example(.payment), 5, .require(Approval(count: 2, group: 0)))
        ]))
    #expect(
      engine.decide(.example(6, signers: [.example(2), .example(9)])).breach?.reason
        == .approvalMissing(required: 2, signed: 1))
    #expect(engine.decide(.example(6, signers: [.example(3), .example(1)])) == .permit)
    #expect(engine.decide(.example(5)) == .permit)
  }

  /// Goal: a set in shadow refuses nothing, and does not count what it would have refused.
  @Test func rehearseInShadow() throws {
    var engine = PolicyEngine.example()
    let set = try RuleSet.policy(
      pack: "shade", [PolicyLimit(.example(.lifetime), 10)])
    engine.activate(set, from: nil, inShadow: true, over: .example(wallets: 4))
    #expect(engine.inShadow == [set])
    pay(6, in: &engine)
    let remark = Remark(kind: .shadowRefused, pack: set.pack, rule: try RuleID("r0"))
    for _ in 0..<2 {
      #expect(
        engine.decideAndCommit(.example(6)) == .permitWith(Conditions(remarks: [remark])))
    }
    #expect(engine.decideAndCommit(.example(4)) == .permit)
  }

  /// Goal: a set comes into force at its instant, replaces and is superseded, and comes back when
  /// its successor is withdrawn, with what was used.
  @Test func comeAndGo() throws {
    var engine = PolicyEngine.example()
    let limit = PolicyLimit(.example(.lifetime), 10)
    let first = try RuleSet.policy(pack: "alpha", [limit])
    let second = try RuleSet.policy(pack: "alpha", version: 2, [limit])
    let other = try RuleSet.policy(
      pack: "beta", supersedes: PackVersion(pack: second.pack, version: 2), [limit])
    engine.activate(first)
    pay(6, in: &engine)
    engine.activate(
      second, from: LedgerTime(microseconds: 10), inShadow: false, over: .example(wallets: 4))
    #expect(engine.inForce == [first])
    #expect(engine.toCome.map(\.ruleSet) == [second])
    engine.advance(to: LedgerTime(microseconds: 9))
    #expect(engine.inForce == [first])
    engine.advance(to: LedgerTime(microseconds: 10))
    #expect(engine.inForce == [second])
    engine.activate(other)
    #expect(engine.inForce == [other])
    #expect(engine.decide(.example(5)).breach?.used == 6)
    let version = PackVersion(pack: other.pack, version: 1)
    try engine.withdraw(version, over: .example(wallets: 4))
    #expect(engine.inForce == [second])
    #expect(engine.decide(.example(5)).breach?.used == 6)
    #expect(throws: WithdrawalError.unknown) {
      try engine.withdraw(version, over: .example(wallets: 4))
    }
  }

  /// Goal: a holder raises an amount after a delay and lowers it at once, within the ceiling.
  @Test func raiseLateAndLowerAtOnce() throws {
    var engine = PolicyEngine.example()
    let name = try AttributeName("own-cap")
    let attribute = Attribute(
      name: name, holder: .wallet,
      kind: .amount(AttributeAmount(initial: 20, ceiling: 50, raiseAfterMicroseconds: 100)))
    let rule = Rule(
      id: try RuleID("r0"), measure: 0, caps: .every(.attribute(name)), action: .deny)
    let set = RuleSet(
      format: 2, pack: try PackName("test"), version: 1, currency: .cny,
      sourceDigest: .example(1), tiers: [], zones: [], attributes: [attribute],
      measures: [.example(.payment)], rules: [rule])
    engine.activate(set)
    func limit(_ engine: PolicyEngine) -> UInt64? { engine.decide(.example(60)).breach?.limit }
    #expect(limit(engine) == 20)
    try engine.set(name, ofWallet: 2, to: .amount(40))
    #expect(limit(engine) == 20)
    engine.advance(to: LedgerTime(microseconds: 99))
    #expect(limit(engine) == 20)
    engine.advance(to: LedgerTime(microseconds: 100))
    #expect(limit(engine) == 40)
    try engine.set(name, ofWallet: 2, to: .amount(50))
    try engine.set(name, ofWallet: 2, to: .amount(5))
    #expect(limit(engine) == 5)
    engine.advance(to: LedgerTime(microseconds: 1_000))
    #expect(limit(engine) == 5)
    #expect(throws: AttributeError.self) { try engine.set(name, ofWallet: 2, to: .amount(51)) }
    #expect(throws: AttributeError.self) {
      try engine.set(name, ofWallet: 2, to: .word(AttributeWord("x")))
    }
  }

  /// Goal: a wallet lists so many payees and no more, and each once.
  @Test func boundTheListedPayees() throws {
    let count = Limits.payeesPerWalletMax
    var engine = PolicyEngine.example(wallets: count + 2)
    for payee in 0..<count { try engine.list(payee: payee + 3, by: 2) }
    #expect(throws: PayeeError.self) { try engine.list(payee: count + 3, by: 2) }
    try engine.unlist(payee: 3, by: 2)
    #expect(throws: PayeeError.self) { try engine.unlist(payee: 3, by: 2) }
    try engine.list(payee: count + 3, by: 2)
  }

  /// Goal: while a set asks who has paid whom, a wallet that has paid so many payees pays no
  /// further one, but goes on paying those.
  @Test func boundTheFirstPayments() throws {
    let count = Limits.payeesPerWalletMax
    var engine = PolicyEngine.example(wallets: count + 2)
    let known = PaymentFilter(
      acquaintance: Acquaintance(kind: .paid, microseconds: 0, excludes: true))
    engine.activate(
      try .policy([PolicyLimit(.example(.payment, filter: known), 100)]),
      wallets: count + 2)
    for payee in 0..<count {
      #expect(engine.decideAndCommit(.example(1, to: payee + 3)) == .permit)
    }
    #expect(
      engine.decide(.example(1, to: count + 3)).breach?.reason == .memoryFull(max: count))
    #expect(engine.decide(.example(1, to: 3)) == .permit)
  }

  private func payAndBack(_ minorUnits: Int64, in engine: inout PolicyEngine) {
    pay(minorUnits, in: &engine)
    engine.commit(.example(minorUnits, from: 3, to: 2))
  }

  private func pay(_ minorUnits: Int64, in engine: inout PolicyEngine) {
    let request = PolicyRequest.example(minorUnits)
    #expect(engine.decide(request) == .permit)
    engine.commit(request)
  }
}
