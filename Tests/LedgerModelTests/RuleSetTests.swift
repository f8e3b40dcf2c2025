import LedgerModel
import LedgerTesting
import Testing

@Suite struct RuleSetTests {
  private static let dayOfShanghai = Window.day(.shanghai)
  private static let day = measure(dayOfShanghai)
  private static let payment = measure(.payment)
  private static let sum: AttributeName = AttributeName(unchecked: "own-cap")
  private static let kind: AttributeName = AttributeName(unchecked: "kind")

  private static func measure(
    of quantity: Measure.Quantity = .amount, per scope: Measure.Scope = .wallet, _ window: Window,
    _ direction: Measure.Direction = .out, _ operations: [Measure.Operation] = [.pay],
    filter: PaymentFilter = .everything
  ) -> Measure {
    Measure(
      quantity: quantity, scope: scope, window: window, direction: direction,
      operations: operations, filter: filter)
  }

  private static func rule(
    _ id: String = "a", _ measure: Int = 0, caps: Rule.Caps = .every(.constant(1)),
    _ comparison: Rule.Comparison = .atMost, countsPreviousOnly: Bool = false,
    action: Rule.Action = .deny, from: UInt64? = nil, until: UInt64? = nil
  ) -> Rule {
    Rule(
      id: RuleID(unchecked: id), measure: measure, comparison: comparison,
      countsPreviousOnly: countsPreviousOnly, caps: caps, action: action,
      from: from.map { LedgerTime(microseconds: $0) },
      until: until.map { LedgerTime(microseconds: $0) })
  }

  private static func ruleSet(
    format: Int = 2, tiers: [Int] = [1], zones: [TimeZoneTable]? = nil,
    calendars: [BusinessCalendar] = [], attributes: [Attribute] = [],
    events: [EventDefinition] = [], groups: [SignerGroup] = [], measures: [Measure] = [day],
    rules: [Rule]? = nil, exemptions: [Exemption] = [], effectiveFrom: LedgerTime? = nil
  ) -> RuleSet {
    var used: [TimeZoneTable] = []
    for zone in measures.compactMap(\.window.zone) + calendars.map(\.zone)
    where !used.contains(zone) {
      used.append(zone)
    }
    return RuleSet(
      format: format, pack: PackName(unchecked: "test"), version: 1, currency: .cny,
      sourceDigest: .example(1), tiers: tiers.map { .example($0) }, zones: zones ?? used,
      calendars: calendars, attributes: attributes, events: events, groups: groups,
      measures: measures,
      rules: rules ?? measures.indices.map { rule("r\($0)", $0) }, exemptions: exemptions,
      effectiveFrom: effectiveFrom)
  }

  private static func error(of ruleSet: RuleSet) -> RuleSetError? {
    do throws(RuleSetError) {
      try ruleSet.validate()
      return nil
    } catch {
      return error
    }
  }

  private static func calendar(
    _ name: String = "bank", weekend: [Weekday] = [.saturday, .sunday], holidays: [Int] = [],
    cutOff: Int = 64_800
  ) -> BusinessCalendar {
    BusinessCalendar(
      name: CalendarName(unchecked: name), zone: .shanghai, weekend: weekend, holidays: holidays,
      cutOffSeconds: cutOff)
  }

  private static func words(_ texts: [String]) -> [AttributeWord] {
    texts.map { AttributeWord(unchecked: $0) }
  }

  private static func attribute(
    _ name: AttributeName = kind, _ holder: Attribute.Holder = .wallet,
    words texts: [String] = ["a", "b"]
  ) -> Attribute {
    Attribute(name: name, holder: holder, kind: .words(words(texts)))
  }

  private static func attribute(
    _ name: AttributeName = sum, _ holder: Attribute.Holder = .wallet, initial: UInt64? = nil,
    ceiling: UInt64? = nil, raiseAfter microseconds: UInt64 = 0
  ) -> Attribute {
    Attribute(
      name: name, holder: holder,
      kind: .amount(
        AttributeAmount(
          initial: initial, ceiling: ceiling, raiseAfterMicroseconds: microseconds)))
  }

  private static func event(
    _ trigger: EventDefinition.Trigger = .recorded, _ name: String = "checked"
  ) -> EventDefinition {
    EventDefinition(name: EventName(unchecked: name), trigger: trigger)
  }

  private static func group(_ keys: [Int] = [1, 2], _ name: String = "staff") -> SignerGroup {
    SignerGroup(name: GroupName(unchecked: name), keys: keys.map { .example($0) })
  }

  private static func exemption(
    rules: [Int] = [0], accounts: [Int] = [1], participants: [Int] = []
  ) -> Exemption {
    Exemption(
      rules: rules, accounts: accounts.map { .example($0) },
      participants: participants.map { .example($0) }, until: .example, reason: .example)
  }

  private static func span(
    from: Int = 72_000, to: Int = 21_600, _ days: TimeSpan.Days = .weekdays([.monday])
  ) -> Window {
    .span(TimeSpan(zone: .shanghai, from: from, to: to, days: days))
  }
}

extension RuleSetTests {
  /// Goal: every shape of format 2 stands in a valid set, and each bound holds what it names.
  @Test func edgesAreValid() {
    let rules = (0..<256).map { Self.rule("r\($0)", caps: .byTier(constants: [0, nil, 9])) }
    let name = EventName(unchecked: "checked")
    let most = Limits.windowMicrosecondsMax
    let nested = Cap.share(
      basisPoints: 10_000, of: .least([.balance, .greatest([.balance, .attribute(Self.sum)])]))
    for ruleSet in [
      Self.ruleSet(),
      Self.ruleSet(tiers: []),
      Self.ruleSet(
        tiers: Array(1...64),
        rules: [Self.rule(caps: .byTier(constants: Array(repeating: nil, count: 64)))]),
      Self.ruleSet(tiers: [1, 2, 3], rules: rules),
      Self.ruleSet(
        calendars: [Self.calendar()],
        measures: [
          Self.day, Self.payment, Self.measure(.month(.panama)), Self.measure(.year(.shanghai)),
          Self.measure(.week(.shanghai, first: .sunday)), Self.measure(.lifetime, .net),
          Self.measure(.businessDay(Self.calendar())), Self.measure(Self.span()),
          Self.measure(Self.span(from: 0, to: 86_400, .otherDays(Self.calendar()))),
          Self.measure(.rolling(microseconds: most, eventsMax: 10_000)),
          Self.measure(.rolling(microseconds: 1, eventsMax: 1), .turnover),
          Self.measure(of: .balance, per: .tier, .payment, .into),
          Self.measure(of: .supply, per: .system, .payment, .into, [.issue]),
          Self.measure(of: .counterparties, .lifetime), Self.measure(of: .sinceLast, .lifetime),
          Self.measure(of: .count, per: .pair, .payment),
          Self.measure(per: .participant, .payment, .net, [.issue, .redeem, .settle]),
        ]),
      Self.ruleSet(
        attributes: [Self.attribute(Attribute.participantClass, .participant, words: ["x"])],
        events: [
          Self.event(), Self.event(.opened, "opened"), Self.event(.firstPayment, "met"),
          Self.event(.payment([.pay, .cashOut], .everything), "paid"),
        ], groups: [Self.group(Array(1...32))],
        measures: [
          Self.measure(.since(name)), Self.measure(.after(name, microseconds: most)),
          Self.measure(per: .pair, .since(EventName(unchecked: "met"))),
          Self.measure(per: .participantClass, .payment, .net),
        ]),
      Self.ruleSet(
        attributes: [Self.attribute(initial: 5, ceiling: 5, raiseAfter: most), Self.attribute()],
        groups: [Self.group()],
        measures: [
          Self.measure(
            .payment,
            filter: PaymentFilter(
              channel: WordTest([Channel(unchecked: "app")]),
              purpose: WordTest([Purpose(unchecked: "FOOD")], excludes: true),
              payer: LegFilter(
                tier: WordTest([.example(1)]), participant: WordTest([.example(1)]),
                attributes: [
                  AttributeTest(attribute: Self.kind, test: WordTest(Self.words(["a"])))
                ]),
              acquaintance: Acquaintance(kind: .paid, microseconds: most, excludes: true))),
          Self.measure(of: .balance, per: .owner, .payment, .into), Self.measure(.lifetime),
        ],
        rules: [
          Self.rule("a", 0, caps: .every(nested), .under, from: 5, until: 6),
          Self.rule(
            "b", 0, caps: .every(.constant(UInt64(Balance.max.minorUnits))), .atLeast,
            action: .require(Approval(count: 2, group: 0))),
          Self.rule("c", 1, action: .waterfall(Waterfall(drawsShortfall: true))),
          Self.rule("d", 2, countsPreviousOnly: true, action: .flag),
        ],
        exemptions: [
          Self.exemption(rules: [0, 3], accounts: Array(1...255), participants: [1])
        ], effectiveFrom: .example),
    ] {
      #expect(Self.error(of: ruleSet) == nil)
    }
  }

  /// Goal: of format 1 is what it had, with any constant, and nothing else.
  @Test func format1() {
    let caps = Rule.Caps.byTier(constants: [.max])
    let plain = [
      Self.day, Self.payment, Self.measure(of: .balance, .payment, .into),
      Self.measure(of: .count, .lifetime, .into, [.fund, .pay, .cashOut]),
    ]
    func rules(_ count: Int) -> [Rule] { (0..<count).map { Self.rule("r\($0)", $0, caps: caps) } }
    #expect(
      Self.error(of: Self.ruleSet(format: 1, measures: plain, rules: rules(plain.count))) == nil)
    let definitions = RuleSetError.notInFormat(1, noun: "definitions but tiers and zones")
    for set in [
      Self.ruleSet(format: 1, calendars: [Self.calendar()], rules: rules(1)),
      Self.ruleSet(format: 1, attributes: [Self.attribute(words: ["a"])], rules: rules(1)),
      Self.ruleSet(format: 1, events: [Self.event()], rules: rules(1)),
      Self.ruleSet(format: 1, groups: [Self.group()], rules: rules(1)),
      Self.ruleSet(format: 1, rules: rules(1), exemptions: [Self.exemption()]),
      Self.ruleSet(format: 1, rules: rules(1), effectiveFrom: .example),
    ] {
      #expect(Self.error(of: set) == definitions)
    }
    #expect(Self.error(of: Self.ruleSet(format: 1, tiers: [])) == RuleSetError.none(noun: "tiers"))
    for measure in [
      Self.measure(of: .sinceLast, .lifetime), Self.measure(per: .owner, .payment),
      Self.measure(.payment, .turnover), Self.measure(.payment, .out, [.pay, .issue]),
      Self.measure(.week(.shanghai, first: .monday)),
      Self.measure(.rolling(microseconds: 1, eventsMax: 1)),
      Self.measure(
        .payment, filter: PaymentFilter(channel: WordTest([Channel(unchecked: "app")]))),
    ] {
      #expect(
        Self.error(of: Self.ruleSet(format: 1, measures: [measure], rules: rules(1)))
          == .notInFormat(1, noun: "such measures"))
    }
    for rule in [
      Self.rule(), Self.rule(caps: .byTier([.share(basisPoints: 1, of: .constant(1))])),
      Self.rule(caps: caps, .under), Self.rule(caps: caps, countsPreviousOnly: true),
      Self.rule(caps: caps, action: .flag), Self.rule(caps: caps, from: 1),
      Self.rule(caps: caps, until: 1),
      Rule(id: RuleID(unchecked: "a"), measure: 0, caps: caps, action: .deny, line: 1),
    ] {
      #expect(
        Self.error(of: Self.ruleSet(format: 1, rules: [rule]))
          == .notInFormat(1, noun: "such rules"))
    }
  }

  /// Goal: a set that is none is refused for what is wrong with it.
  @Test func everyErrorOfNames() {
    let broken = TimeZoneTable(
      name: "Nowhere", firstOffset: 0, transitions: [],
      footer: TimeZoneTable.Footer(standardOffset: 3_600, daylight: nil))
    let business = Self.measure(.businessDay(Self.calendar()))
    let cases: [(RuleSet, RuleSetError)] = [
      (Self.ruleSet(format: 0), .unknownFormat(0)),
      (Self.ruleSet(format: 3), .unknownFormat(3)),
      (Self.ruleSet(measures: []), .none(noun: "measures")),
      (Self.ruleSet(rules: []), .none(noun: "rules")),
      (Self.ruleSet(tiers: [1, 2, 1]), .duplicateTier(.example(1))),
      (Self.ruleSet(zones: [.shanghai, .shanghai]), .duplicateZone("Asia/Shanghai")),
      (Self.ruleSet(zones: [.shanghai, .panama]), .unusedZone("America/Panama")),
      (Self.ruleSet(measures: [Self.measure(.day(broken))]), .invalidZone("Nowhere")),
      (Self.ruleSet(zones: []), .unknownName(noun: "zone", name: "Asia/Shanghai")),
      (
        Self.ruleSet(calendars: [Self.calendar(), Self.calendar()], measures: [business]),
        .duplicateName(noun: "calendar", name: "bank")
      ),
      (
        Self.ruleSet(calendars: [Self.calendar()]), .unusedName(noun: "calendar", name: "bank")
      ),
      (
        Self.ruleSet(measures: [business]), .unknownName(noun: "calendar", name: "bank")
      ),
      (
        Self.ruleSet(attributes: [Self.attribute(words: ["a"]), Self.attribute(words: ["b"])]),
        .duplicateName(noun: "attribute", name: "kind")
      ),
      (
        Self.ruleSet(events: [Self.event(), Self.event(.opened)]),
        .duplicateName(noun: "event", name: "checked")
      ),
      (
        Self.ruleSet(groups: [Self.group(), Self.group([3])]),
        .duplicateName(noun: "group", name: "staff")
      ),
      (Self.ruleSet(groups: [Self.group([])]), .invalidGroup(GroupName(unchecked: "staff"))),
      (Self.ruleSet(groups: [Self.group([2, 1])]), .invalidGroup(GroupName(unchecked: "staff"))),
      (
        Self.ruleSet(groups: [Self.group(Array(1...33))]),
        .invalidGroup(GroupName(unchecked: "staff"))
      ),
      (Self.ruleSet(measures: [Self.day, Self.day]), .duplicateMeasure(index: 1)),
      (
        Self.ruleSet(rules: [Self.rule(), Self.rule()]), .duplicateRule(RuleID(unchecked: "a"))
      ),
      (
        Self.ruleSet(rules: [Self.rule("a", 1)]),
        .measureOutOfRange(rule: RuleID(unchecked: "a"), index: 1)
      ),
      (
        Self.ruleSet(rules: [Self.rule("a", -1)]),
        .measureOutOfRange(rule: RuleID(unchecked: "a"), index: -1)
      ),
      (
        Self.ruleSet(measures: [Self.day, Self.payment], rules: [Self.rule()]),
        .unusedMeasure(index: 1)
      ),
      (
        Self.ruleSet(tiers: [1, 2], rules: [Self.rule(caps: .byTier(constants: [1]))]),
        .capCount(rule: RuleID(unchecked: "a"), count: 1)
      ),
      (
        Self.ruleSet(tiers: [], rules: [Self.rule(caps: .byTier(constants: []))]),
        .capCount(rule: RuleID(unchecked: "a"), count: 0)
      ),
      (
        Self.ruleSet(
          rules: [
            Self.rule(action: .hold(Holding(microseconds: 1, end: .released, isSticky: false)))
          ]),
        .notYet(rule: RuleID(unchecked: "a"), noun: "holds")
      ),
    ]
    for (ruleSet, expected) in cases { #expect(Self.error(of: ruleSet) == expected) }
  }

  /// Goal: one more than each bound is too many.
  @Test func everyCount() {
    func names(_ count: Int) -> [String] { (0..<count).map { "n\($0)" } }
    let cases: [(RuleSet, String, Int)] = [
      (Self.ruleSet(tiers: Array(1...65)), "tiers", 64),
      (Self.ruleSet(calendars: names(9).map { Self.calendar($0) }), "calendars", 8),
      (
        Self.ruleSet(
          attributes: names(33).map { Self.attribute(AttributeName(unchecked: $0), words: ["a"]) }),
        "attributes", 32
      ),
      (Self.ruleSet(events: names(17).map { Self.event(.recorded, $0) }), "events", 16),
      (Self.ruleSet(groups: names(17).map { Self.group([1], $0) }), "groups", 16),
      (Self.ruleSet(measures: Array(repeating: Self.payment, count: 257)), "measures", 256),
      (Self.ruleSet(rules: names(257).map { Self.rule($0) }), "rules", 256),
      (
        Self.ruleSet(exemptions: Array(repeating: Self.exemption(), count: 65)), "exemptions", 64
      ),
      (
        Self.ruleSet(measures: Array(repeating: Self.day, count: 33)),
        "measures that count over a window", 32
      ),
    ]
    for (ruleSet, noun, max) in cases {
      #expect(Self.error(of: ruleSet) == .tooMany(noun: noun, count: max + 1, max: max))
    }
  }

  /// Goal: calendars, attributes, events and exemptions that make no sense are none.
  @Test func everyDefinition() {
    for calendar in [
      Self.calendar(weekend: Weekday.allCases), Self.calendar(weekend: [.sunday, .saturday]),
      Self.calendar(holidays: [2, 1]), Self.calendar(holidays: [1_000_001]),
      Self.calendar(holidays: Array(0...1_024)), Self.calendar(cutOff: 0),
      Self.calendar(cutOff: 86_401),
    ] {
      let set = Self.ruleSet(
        calendars: [calendar], measures: [Self.measure(.businessDay(calendar))])
      #expect(Self.error(of: set) == .invalidCalendar(calendar.name))
    }
    let largest = UInt64(Balance.max.minorUnits)
    for attribute in [
      Self.attribute(words: []), Self.attribute(words: ["b", "a"]),
      Self.attribute(words: (0..<65).map { "w\($0 + 100)" }),
      Self.attribute(Attribute.participantClass, words: ["a"]),
      Self.attribute(Attribute.participantClass, .participant, initial: 1),
      Self.attribute(initial: 6, ceiling: 5), Self.attribute(ceiling: largest + 1),
      Self.attribute(initial: largest + 1),
      Self.attribute(raiseAfter: Limits.windowMicrosecondsMax + 1),
    ] {
      #expect(
        Self.error(of: Self.ruleSet(attributes: [attribute])) == .invalidAttribute(attribute.name))
    }
    let known = Acquaintance(kind: .listed, microseconds: 0, excludes: false)
    for trigger: EventDefinition.Trigger in [
      .payment([], .everything), .payment([.fund], .everything),
      .payment([.cashOut, .pay], .everything),
      .payment([.pay], PaymentFilter(acquaintance: known)),
      .payment([.pay], PaymentFilter(payee: LegFilter(tier: WordTest([.example(9)])))),
    ] {
      let event = Self.event(trigger)
      #expect(Self.error(of: Self.ruleSet(events: [event])) == .invalidEvent(event.name))
    }
    for exemption in [
      Self.exemption(rules: []), Self.exemption(rules: [1]), Self.exemption(rules: [0, 0]),
      Self.exemption(accounts: []), Self.exemption(accounts: [2, 1]),
      Self.exemption(participants: [2, 1]), Self.exemption(accounts: Array(1...257)),
    ] {
      #expect(
        Self.error(of: Self.ruleSet(exemptions: [exemption])) == .invalidExemption(index: 0))
    }
  }

  /// Goal: measures that make no sense are none, and say which part of them.
  @Test func everyMeasureProblem() {
    let name = EventName(unchecked: "checked")
    let tooLong = Limits.windowMicrosecondsMax + 1
    let app = Channel(unchecked: "app")
    func filtered(_ filter: PaymentFilter) -> Measure { Self.measure(.payment, filter: filter) }
    func tested(_ attribute: AttributeName, _ words: [String]) -> Measure {
      let test = AttributeTest(attribute: attribute, test: WordTest(Self.words(words)))
      return filtered(PaymentFilter(payer: LegFilter(attributes: [test])))
    }
    let cases: [(Measure, MeasureProblem)] = [
      (Self.measure(.payment, .out, []), .operations),
      (Self.measure(.payment, .out, [.pay, .pay]), .operations),
      (Self.measure(.payment, .out, [.pay, .fund]), .operations),
      (Self.measure(.payment, .out, [.fund]), .operations),
      (Self.measure(per: .pair, .payment, .out, [.cashOut]), .operations),
      (Self.measure(per: .system, .payment, .out, [.issue]), .operations),
      (Self.measure(per: .participant, .payment, .into, [.redeem]), .operations),
      (Self.measure(of: .balance, Self.dayOfShanghai, .into), .balance),
      (Self.measure(of: .balance, .payment, .out), .balance),
      (Self.measure(of: .balance, per: .system, .payment, .into), .balance),
      (Self.measure(of: .supply, per: .system, .payment, .into, [.pay]), .supply),
      (Self.measure(of: .supply, per: .participant, .payment, .into, [.issue]), .supply),
      (Self.measure(of: .supply, per: .system, .lifetime, .into, [.issue]), .supply),
      (Self.measure(of: .counterparties, .payment), .counterparties),
      (Self.measure(of: .counterparties, .lifetime, .turnover), .counterparties),
      (Self.measure(of: .counterparties, per: .owner, .lifetime), .counterparties),
      (Self.measure(of: .counterparties, .since(name)), .counterparties),
      (Self.measure(of: .sinceLast, .payment), .sinceLast),
      (Self.measure(of: .sinceLast, .lifetime, .net), .sinceLast),
      (Self.measure(.since(EventName(unchecked: "other"))), .event),
      (Self.measure(per: .owner, .since(name)), .event),
      (Self.measure(.since(EventName(unchecked: "met"))), .event),
      (Self.measure(per: .pair, .since(name)), .event),
      (Self.measure(per: .pair, .payment, .into), .pairDirection),
      (Self.measure(per: .participantClass, .payment), .classAttribute),
      (Self.measure(.rolling(microseconds: 0, eventsMax: 1)), .window),
      (Self.measure(.rolling(microseconds: tooLong, eventsMax: 1)), .window),
      (Self.measure(.rolling(microseconds: 1, eventsMax: 0)), .window),
      (Self.measure(.rolling(microseconds: 1, eventsMax: 10_001)), .window),
      (Self.measure(.after(name, microseconds: 0)), .window),
      (Self.measure(.after(name, microseconds: tooLong)), .window),
      (Self.measure(Self.span(from: 86_400)), .window),
      (Self.measure(Self.span(from: 3_600, to: 3_600)), .window),
      (Self.measure(Self.span(to: 0)), .window), (Self.measure(Self.span(to: 86_401)), .window),
      (Self.measure(Self.span(.weekdays([]))), .window),
      (Self.measure(Self.span(.weekdays([.friday, .monday]))), .window),
      (filtered(PaymentFilter(channel: WordTest([]))), .filter),
      (filtered(PaymentFilter(channel: WordTest([app, app]))), .filter),
      (filtered(PaymentFilter(purpose: WordTest([]))), .filter),
      (filtered(PaymentFilter(payee: LegFilter(tier: WordTest([.example(2)])))), .filter),
      (filtered(PaymentFilter(payer: LegFilter(participant: WordTest([])))), .filter),
      (
        filtered(
          PaymentFilter(
            acquaintance: Acquaintance(kind: .paid, microseconds: tooLong, excludes: false))),
        .filter
      ),
      (tested(AttributeName(unchecked: "other"), ["a"]), .filter),
      (tested(Self.sum, ["a"]), .filter), (tested(Self.kind, ["c"]), .filter),
      (tested(Self.kind, []), .filter),
    ]
    for (measure, problem) in cases {
      let set = Self.ruleSet(
        attributes: [Self.attribute(words: ["a", "b"]), Self.attribute(initial: 1)],
        events: [Self.event(), Self.event(.firstPayment, "met")],
        measures: [Self.measure(of: .count, .lifetime), measure])
      #expect(Self.error(of: set) == .invalidMeasure(index: 1, problem), "\(measure)")
    }
  }

  /// Goal: rules that are no limits are none, and say which part of them.
  @Test func everyRuleProblem() {
    let ofPayment = Self.payment
    let balance = Self.measure(of: .balance, .payment, .into)
    let tierBalance = Self.measure(of: .balance, per: .tier, .payment, .into)
    let system = Self.measure(per: .system, .payment)
    let bank = AttributeName(unchecked: "bank-cap")
    let waterfall = Rule.Action.waterfall(Waterfall(drawsShortfall: false))
    let deep = Cap.share(
      basisPoints: 1,
      of: .share(basisPoints: 1, of: .share(basisPoints: 1, of: .least([.balance, .balance]))))
    let long = Cap.least(Array(repeating: .balance, count: 16))
    func capped(_ cap: Cap) -> Rule { Self.rule(caps: .every(cap)) }
    func required(_ count: Int, of group: Int) -> Rule {
      Self.rule(action: .require(Approval(count: count, group: group)))
    }
    func held(_ microseconds: UInt64) -> Rule {
      Self.rule(action: .hold(Holding(microseconds: microseconds, end: .reviewed, isSticky: true)))
    }
    let cases: [(Measure, Rule, RuleProblem)] = [
      (ofPayment, Self.rule(from: 5, until: 5), .validity),
      (ofPayment, capped(deep), .capTooDeep(max: 4)),
      (ofPayment, capped(long), .capTooLong(max: 16)),
      (ofPayment, capped(.constant(UInt64(Balance.max.minorUnits) + 1)), .capTooLarge),
      (ofPayment, capped(.least([.balance])), .capTerms),
      (ofPayment, capped(.greatest([])), .capTerms),
      (ofPayment, capped(.share(basisPoints: -1, of: .balance)), .share),
      (ofPayment, capped(.share(basisPoints: 10_001, of: .balance)), .share),
      (ofPayment, capped(.attribute(bank)), .attribute(bank)),
      (ofPayment, capped(.attribute(Self.kind)), .attribute(Self.kind)),
      (system, capped(.attribute(Self.sum)), .attribute(Self.sum)),
      (system, capped(.balance), .attribute(AttributeName(unchecked: "balance"))),
      (ofPayment, required(0, of: 0), .group), (ofPayment, required(3, of: 0), .group),
      (ofPayment, required(1, of: 1), .group),
      (ofPayment, Self.rule(action: waterfall), .waterfall),
      (tierBalance, Self.rule(action: waterfall), .waterfall),
      (balance, Self.rule("a", 0, .under, action: waterfall), .waterfall),
      (ofPayment, held(0), .hold), (ofPayment, held(Limits.windowMicrosecondsMax + 1), .hold),
      (ofPayment, Self.rule(countsPreviousOnly: true), .previousOnly),
      (balance, Self.rule(countsPreviousOnly: true), .previousOnly),
      (
        Self.measure(of: .sinceLast, .lifetime), Self.rule(countsPreviousOnly: true),
        .previousOnly
      ),
    ]
    for (measure, rule, problem) in cases {
      let set = Self.ruleSet(
        attributes: [Self.attribute(words: ["a"]), Self.attribute(initial: 1)],
        groups: [Self.group()], measures: [measure], rules: [rule])
      #expect(Self.error(of: set) == .invalidRule(rule.id, problem), "\(rule)")
    }
  }

  /// Goal: a state machine takes the formats of its version alone, whatever the binary knows.
  @Test func formatsAreThoseOfTheVersion() throws {
    #expect(StateMachineVersion.one.newestRuleSetFormat == 1)
    try Self.ruleSet(format: 2).validate(newestFormat: 2)
    #expect(throws: RuleSetError.unknownFormat(2)) {
      try Self.ruleSet(format: 2).validate(newestFormat: 1)
    }
  }

  /// Goal: of several errors the one declared first is thrown.
  @Test func declaredFirstIsThrown() {
    let many = (0..<257).map { Self.rule("r\($0)") }
    #expect(
      Self.error(of: Self.ruleSet(tiers: [1, 1], rules: many))
        == .tooMany(noun: "rules", count: 257, max: 256))
    #expect(
      Self.error(
        of: Self.ruleSet(tiers: [1, 1], zones: [.panama], rules: [Self.rule("a", 7)]))
        == .duplicateTier(.example(1)))
    #expect(
      Self.error(
        of: Self.ruleSet(
          measures: [Self.measure(.payment, .out, [])],
          rules: [Self.rule(caps: .byTier(constants: []))]))
        == .invalidMeasure(index: 0, .operations))
    #expect(
      Self.error(
        of: Self.ruleSet(
          rules: [Self.rule(caps: .byTier(constants: []), from: 1, until: 1)]))
        == .capCount(rule: RuleID(unchecked: "a"), count: 0))
  }

  @Test func errorTexts() {
    let rule = RuleID(unchecked: "day-max")
    let cases: [(RuleSetError, String)] = [
      (.unknownFormat(3), "rule set format 3 is not known here; the newest is 2"),
      (.notInFormat(1, noun: "such rules"), "rule set format 1 has no such rules"),
      (
        .notYet(rule: rule, noun: "holds"),
        "rule `day-max` needs holds, which no ledger has yet; keep the pack a draft"
      ),
      (.tooMany(noun: "tiers", count: 65, max: 64), "65 tiers are too many; at most 64"),
      (.none(noun: "rules"), "there are no rules; name at least one"),
      (.duplicateTier(.example(1)), "tier `class-1` is named twice"),
      (.unusedZone("Asia/Shanghai"), "no measure names zone `Asia/Shanghai`"),
      (.duplicateName(noun: "event", name: "x"), "event `x` stands twice"),
      (.unusedName(noun: "calendar", name: "x"), "nothing names calendar `x`"),
      (.unknownName(noun: "calendar", name: "x"), "there is no calendar `x`"),
      (.measureOutOfRange(rule: rule, index: 9), "rule `day-max` names measure 9"),
      (.unusedMeasure(index: 2), "no rule names measure 2"),
      (
        .invalidMeasure(index: 2, .pairDirection),
        "measure 2 is none: a pair of payer and payee has the direction out"
      ),
      (.capCount(rule: rule, count: 2), "rule `day-max` has 2 caps, one a tier"),
      (.invalidRule(rule, .validity), "rule `day-max` is none: it ends before it begins"),
      (
        .invalidRule(rule, .capTooDeep(max: 4)),
        "rule `day-max` is none: its cap is nested deeper than 4 levels"
      ),
      (
        .invalidRule(rule, .attribute(Self.sum)),
        "rule `day-max` is none: attribute `own-cap` is no amount that the scope has"
      ),
    ]
    for (error, text) in cases { #expect(error.description == text) }
  }
}
