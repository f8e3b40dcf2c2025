import LedgerModel
import LedgerPolicy
import LedgerTesting
import Testing

/// What is left of limits where sets come and go, beside what random histories show.
@Suite struct PolicySuccessionTests {
  private static var accounts: PolicyAccounts { .example(wallets: 4) }

  private static func pay(_ amount: Int64, in engine: inout PolicyEngine) {
    #expect(engine.decideAndCommit(.example(amount)).isPermit)
  }

  /// Goal: a holiday that comes in the middle of its day gives no second limit.
  @Test func keepABusinessDayThatBecomesAHoliday() throws {
    func day(_ holidays: [Int]) throws -> Measure {
      .example(
        .businessDay(
          BusinessCalendar(
            name: try CalendarName("tills"), zone: Zones.utc, weekend: [], holidays: holidays,
            cutOffSeconds: 86_400)))
    }
    var engine = PolicyEngine.example()
    engine.activate(try .policy([PolicyLimit(try day([]), 10)]))
    engine.advance(to: LedgerTime(microseconds: 86_400_000_000))
    Self.pay(10, in: &engine)
    engine.activate(try .policy(version: 2, [PolicyLimit(try day([1]), 10)]))
    #expect(engine.decide(.example(1)).breach?.used == 10)
    engine.advance(to: LedgerTime(microseconds: 3 * 86_400_000_000))
    Self.pay(10, in: &engine)
    // And four that are taken back do not make one day of five.
    engine.activate(try .policy(version: 3, [PolicyLimit(try day([3, 4, 5, 6]), 10)]))
    engine.activate(try .policy(version: 4, [PolicyLimit(try day([]), 10)]))
    #expect(engine.decide(.example(1)).breach?.used == 10)
    engine.advance(to: LedgerTime(microseconds: 4 * 86_400_000_000))
    #expect(engine.decide(.example(10)) == .permit)
  }

  /// Goal: what a rolling window had no room for is not taken for nothing.
  @Test func denyWhatARollingWindowForgot() throws {
    var engine = PolicyEngine.example()
    let window = Window.rolling(microseconds: 1_000, eventsMax: 2)
    engine.activate(try .policy([PolicyLimit(.example(window), 100, .flag)]))
    for _ in 0..<2 { Self.pay(1, in: &engine) }
    engine.advance(to: LedgerTime(microseconds: 900))
    Self.pay(5_000, in: &engine)
    engine.activate(try .policy(version: 2, [PolicyLimit(.example(window), 100)]))
    engine.advance(to: LedgerTime(microseconds: 1_899))
    let breach = try #require(engine.decide(.example(1)).breach)
    #expect(breach.reason == .memoryFull(max: 2))
    #expect(breach.resets == LedgerTime(microseconds: 1_900))
    engine.advance(to: LedgerTime(microseconds: 1_900))
    #expect(engine.decide(.example(100)) == .permit)
  }

  /// Goal: where it is no longer told apart whose payments were not remembered, every key counts as
  /// full, until those have left.
  @Test func takeAllForFullWhereTooManyAreForgotten() throws {
    var bounds = PolicyBounds()
    bounds.paymentsPerMeasure = 1
    var engine = PolicyEngine.example(bounds: bounds)
    let window = Window.rolling(microseconds: 1_000, eventsMax: 2)
    engine.activate(try .policy([PolicyLimit(.example(window), 100, .flag)]))
    for (payer, time) in [(2, 0), (3, 900), (4, 950)] {
      engine.advance(to: LedgerTime(microseconds: UInt64(time)))
      #expect(engine.decideAndCommit(.example(1, from: payer, to: 5)).isPermit)
    }
    #expect(try engine.readAgain(over: Self.accounts, bounds: bounds) == engine)
    engine.activate(try .policy(version: 2, [PolicyLimit(.example(window), 100)]))
    engine.advance(to: LedgerTime(microseconds: 1_949))
    let breach = try #require(engine.decide(.example(1, from: 5, to: 2)).breach)
    #expect(breach.reason == .memoryFull(max: 2))
    #expect(breach.resets == LedgerTime(microseconds: 1_950))
    engine.advance(to: LedgerTime(microseconds: 1_950))
    #expect(engine.decide(.example(100, from: 5, to: 2)) == .permit)
  }

  /// Goal: to remember more payments is no new limit.
  @Test func keepARollingWindowThatRemembersMore() throws {
    var engine = PolicyEngine.example()
    for (version, max) in [(1, 100), (2, 200)] {
      let window = Window.rolling(microseconds: 1_000, eventsMax: max)
      engine.activate(try .policy(version: version, [PolicyLimit(.example(window), 100)]))
      if version == 1 { Self.pay(100, in: &engine) }
    }
    #expect(engine.decide(.example(1)).breach?.used == 100)
  }

  /// Goal: of two measures that differ in what they remember alone, each goes on from its like.
  @Test func goOnFromTheMemoryThatIsAsLarge() throws {
    var engine = PolicyEngine.example()
    func limits(_ few: Int, _ many: Int) -> [PolicyLimit] {
      [
        PolicyLimit(.example(.rolling(microseconds: 1_000, eventsMax: few)), 100, .flag),
        PolicyLimit(.example(.rolling(microseconds: 1_000, eventsMax: many)), 100),
      ]
    }
    engine.activate(try .policy(limits(2, 9)))
    for _ in 0..<4 { Self.pay(1, in: &engine) }
    engine.activate(try .policy(version: 2, limits(2, 9)))
    #expect(engine.decide(.example(97)).breach?.used == 4)
    #expect(engine.decide(.example(96)).isPermit)
    // Where none is as large, the largest knows most.
    engine.activate(try .policy(version: 3, limits(3, 8)))
    #expect(engine.decide(.example(97)).breach?.used == 4)
    #expect(engine.decide(.example(96)).isPermit)
  }

  /// Goal: an engine is read again after sets that share no attribute and no event came and went,
  /// each with as many as may be.
  @Test func readColumnsOfAllThatCame() throws {
    var engine = PolicyEngine.example()
    for version in 1...4 {
      let attributes = try (0..<Limits.attributesPerSetMax).map { number in
        Attribute(
          name: try AttributeName("a\(version)-\(number)"), holder: .wallet,
          kind: .words([try AttributeWord("yes")]))
      }
      let events = try (0..<Limits.eventsPerSetMax).map { number in
        EventDefinition(name: try EventName("e\(version)-\(number)"), trigger: .recorded)
      }
      let set = try RuleSet.policy(
        version: version, attributes: attributes, events: events,
        [PolicyLimit(.example(.payment), 100)])
      try engine.checkActivation(of: set, from: nil, inShadow: false)
      engine.activate(set)
      #expect(try engine.readAgain(over: Self.accounts) == engine)
    }
  }

  /// Goal: of waiting nothing is told where it does not help.
  @Test(arguments: [
    (Rule.Comparison.atMost, Measure.Quantity.amount, true), (.under, .amount, true),
    (.atLeast, .amount, false), (.atMost, .sinceLast, false), (.atLeast, .sinceLast, true),
  ])
  func tellWhenWaitingHelps(
    comparison: Rule.Comparison, quantity: Measure.Quantity, helps: Bool
  ) throws {
    var engine = PolicyEngine.example()
    let window: Window = quantity == .amount ? .day(Zones.utc) : .lifetime
    let cap: UInt64 = comparison == .atLeast ? 1_000 : 5
    let limit = PolicyLimit(.example(of: quantity, window), cap, .flag, comparison: comparison)
    engine.activate(try .policy([limit]))
    Self.pay(6, in: &engine)
    engine.advance(to: LedgerTime(microseconds: 10))
    let denying = PolicyLimit(limit.measure, cap, comparison: comparison)
    engine.activate(try .policy(version: 2, [denying]))
    let breach = try #require(engine.decide(.example(1)).breach)
    #expect((breach.resets != nil) == helps)
  }

  /// Goal: of two that a set replaces, its own pack's counter goes on, which began before.
  @Test func goOnFromThePacksOwnCounter() throws {
    var engine = PolicyEngine.example()
    func limit(_ max: UInt64) -> PolicyLimit { PolicyLimit(.example(.lifetime), max) }
    engine.activate(try .policy(pack: "la", [limit(100)]))
    Self.pay(60, in: &engine)
    let other = try RuleSet.policy(pack: "lb", [limit(1_000)])
    engine.activate(other)
    engine.activate(try .policy(pack: "la", version: 2, [limit(100)]))
    engine.activate(
      try .policy(pack: "la", version: 3, supersedes: other.packVersion, [limit(100)]))
    #expect(engine.inForce.count == 1)
    #expect(engine.decide(.example(41)).breach?.used == 60)
  }

  /// Goal: a set in shadow may mean another thing by the name of an event, and disturbs nobody.
  @Test func keepEventsOfOneNameApart() throws {
    var engine = PolicyEngine.example()
    let name = try EventName("sca")
    func set(_ version: Int, _ trigger: EventDefinition.Trigger) throws -> RuleSet {
      try .policy(
        version: version, events: [EventDefinition(name: name, trigger: trigger)],
        [PolicyLimit(.example(.since(name)), 100)])
    }
    engine.activate(try set(1, .recorded))
    engine.activate(
      try set(2, .payment([.pay], .everything)), from: nil, inShadow: true, over: Self.accounts)
    Self.pay(90, in: &engine)
    Self.pay(1, in: &engine)
    #expect(engine.decide(.example(10)).breach?.used == 91)
    try engine.record(name, of: 2)
    #expect(engine.decide(.example(100)) == .permit)
  }

  /// Goal: an older version that was to come later does not come after a newer one.
  @Test func dropAnOlderVersionThatIsToCome() throws {
    var engine = PolicyEngine.example()
    let limit = PolicyLimit(.example(.payment), 50)
    engine.activate(
      try .policy(version: 2, [limit]), from: LedgerTime(microseconds: 10), inShadow: false,
      over: Self.accounts)
    let newer = try RuleSet.policy(version: 3, [PolicyLimit(.example(.payment), 1)])
    engine.activate(newer)
    engine.advance(to: LedgerTime(microseconds: 10))
    #expect(engine.inForce == [newer])
    #expect(engine.toCome.isEmpty)
  }

  /// Goal: a version's number is never given to another file, though it was withdrawn.
  @Test func giveANumberOnce() throws {
    var engine = PolicyEngine.example()
    let first = try RuleSet.policy(version: 5, [PolicyLimit(.example(.payment), 50)])
    engine.activate(first)
    try engine.withdraw(first.packVersion, over: Self.accounts)
    try engine.checkActivation(of: first, from: nil, inShadow: false)
    let changed = try RuleSet.policy(
      version: 5, sourceDigest: .example(77), [PolicyLimit(.example(.payment), 50)])
    #expect(throws: ActivationError.notNewer(newest: 5)) {
      try engine.checkActivation(of: changed, from: nil, inShadow: true)
    }
  }

  /// Goal: rules that flag are so few that the remarks on a payment fit its log entry.
  @Test func boundRemarks() throws {
    var engine = PolicyEngine.example()
    func flags(_ pack: String, _ count: Int) throws -> RuleSet {
      try .policy(
        pack: pack,
        (0..<count).map { _ in PolicyLimit(.example(.payment), 0, .flag) })
    }
    engine.activate(try flags("a", Limits.remarksPerPaymentMax - 1))
    let (two, one) = (try flags("b", 2), try flags("b", 1))
    #expect(throws: ActivationError.full) {
      try engine.checkActivation(of: two, from: nil, inShadow: false)
    }
    try engine.checkActivation(of: two, from: nil, inShadow: true)
    try engine.checkActivation(of: one, from: LedgerTime(microseconds: 9), inShadow: false)
    engine.activate(one, from: LedgerTime(microseconds: 9), inShadow: false, over: Self.accounts)
    #expect(throws: ActivationError.full) {
      try engine.checkActivation(of: try flags("c", 1), from: nil, inShadow: true)
    }
    let many = try? flags("d", Limits.remarksPerPaymentMax + 1)
    #expect(many == nil)
  }

  /// Goal: attributes of sets to come have their room kept, and those that nobody has give it back.
  @Test func keepRoomForAttributes() throws {
    var engine = PolicyEngine.example()
    func set(_ pack: String, _ names: Range<Int>) throws -> RuleSet {
      let attributes = try names.map {
        Attribute(
          name: try AttributeName("a\($0)"), holder: .wallet,
          kind: .amount(AttributeAmount(initial: 1, ceiling: nil, raiseAfterMicroseconds: 0)))
      }
      return try .policy(
        pack: pack, attributes: attributes, [PolicyLimit(.example(.payment), 50)])
    }
    let later = LedgerTime(microseconds: 9)
    let first = try set("first", 0..<20)
    engine.activate(first, from: later, inShadow: false, over: Self.accounts)
    let second = try set("second", 20..<40)
    #expect(throws: ActivationError.full) {
      try engine.checkActivation(of: second, from: nil, inShadow: false)
    }
    engine.advance(to: later)
    try engine.set(try AttributeName("a3"), ofWallet: 2, to: .amount(7))
    try engine.withdraw(first.packVersion, over: Self.accounts)
    try engine.checkActivation(of: second, from: nil, inShadow: false)
    engine.activate(second)
    #expect(throws: ActivationError.full) {
      try engine.checkActivation(of: try set("third", 40..<52), from: nil, inShadow: false)
    }
    try engine.checkActivation(of: try set("third", 40..<51), from: nil, inShadow: false)
  }
}
