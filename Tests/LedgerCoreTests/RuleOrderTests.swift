import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// Orders about rules of format 2, and about what such rules ask for, on a ledger of version 2.
@Suite struct RuleOrderTests {
  // MARK: Attributes, payees, events and links

  @Test func attributesDecide() {
    var ledger = Self.ledger(Self.limits)
    #expect(ledger.order(.pay(110, 210, 41), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.set(110, "kind", .word("merchant")), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 41), by: .bank(1)) == .accepted)
    ledger.state.checkInvariants()
  }

  /// Goal: each way in which an attribute cannot be set is told, and changes nothing.
  @Test func attributesThatCannotBeSet() {
    var ledger = Self.ledger(Self.limits)
    let cases: [(Operation, RejectionCode)] = [
      (.set(110, "colour", .word("red")), .attributeUnknown),
      (.set(110, "class", .word("direct")), .attributeUnknown),
      (.set(110, "kind", .word("bank")), .attributeInvalid),
      (.set(110, "kind", .amount(3)), .attributeInvalid),
      (.set(110, "own-limit", .word("merchant")), .attributeInvalid),
      (.set(110, "own-limit", .amount(101)), .attributeAboveCeiling),
      (.set(210, "kind", .word("merchant")), .actingForAnother),
      (.set(999, "kind", .word("merchant")), .accountUnknown),
      (.set(100, "kind", .word("merchant")), .accountKind),
    ]
    for (order, code) in cases {
      let before = PublicState(of: ledger.state)
      #expect(ledger.order(order, by: .bank(1)).code == code, "\(order)")
      #expect(PublicState(of: ledger.state).isEqualButForTime(to: before), "\(order)")
    }
  }

  /// Goal: a holder lowers at once, and raises after a day, within the ceiling.
  @Test func raisedLimitsWait() {
    var ledger = Self.ledger(Self.ownLimit)
    #expect(ledger.order(.pay(110, 210, 51), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.set(110, "own-limit", .amount(10)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 11), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.set(110, "own-limit", .amount(20)), by: .bank(1)) == .accepted)
    let ordered = ledger.state.time
    #expect(ledger.order(.pay(110, 210, 11), by: .bank(1)).code == .limitExceeded)
    ledger.state.begin(at: ordered.moved(seconds: 86_400, microseconds: -2_000))
    #expect(ledger.order(.pay(110, 210, 11), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.pay(110, 210, 20), by: .bank(1)) == .accepted)
  }

  @Test func payeesAreListedAndStruckOff() {
    var ledger = Self.ledger(Self.limits)
    func listed(_ payee: Int) -> PayeeOfWallet {
      PayeeOfWallet(wallet: .example(110), payee: .example(payee))
    }
    #expect(ledger.order(.unlistPayee(listed(210)), by: .bank(1)).code == .payeeNotListed)
    #expect(ledger.order(.listPayee(listed(210)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.listPayee(listed(210)), by: .bank(1)).code == .payeeListed)
    #expect(ledger.order(.listPayee(listed(110)), by: .bank(1)).code == .sameAccount)
    #expect(ledger.order(.listPayee(listed(200)), by: .bank(1)).code == .accountKind)
    #expect(ledger.order(.listPayee(listed(214)), by: .bank(1)).code == .currencyMismatch)
    #expect(ledger.order(.unlistPayee(listed(210)), by: .bank(1)) == .accepted)
  }

  /// Goal: a wallet lists 1,024 payees, and no more.
  @Test func payeesFull() {
    var ledger = Self.ledger(Self.limits)
    let wallets = 20_000..<21_025
    let opened = ledger.orderAll(wallets.map { .open($0, tier: 1) }, by: .bank(2))
    #expect(opened.allSatisfy { $0 == .accepted })
    let lists = wallets.map {
      Operation.listPayee(PayeeOfWallet(wallet: .example(110), payee: .example($0)))
    }
    let outcomes = ledger.orderAll(lists, by: .bank(1))
    #expect(outcomes.dropLast().allSatisfy { $0 == .accepted })
    #expect(outcomes.last == .rejected(.payeesFull(max: 1_024)))
  }

  /// Goal: a limit since an event begins anew with it.
  @Test func recordedEventsBeginAnew() throws {
    var ledger = Self.ledger(Self.sinceEvent)
    let sca = EventName(unchecked: "sca")
    #expect(ledger.order(.pay(110, 210, 30), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.recordEvent(sca, of: .example(110)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 30), by: .bank(1)) == .accepted)
    let other = EventName(unchecked: "other")
    #expect(
      ledger.order(.recordEvent(other, of: .example(110)), by: .bank(1))
        == .rejected(.eventUnknown(other)))
  }

  // MARK: Waterfalls

  /// Goal: what a wallet may not hold goes on to its linked account in the same entry, and what it
  /// lacks comes from there; both or neither, and the books balance.
  @Test func waterfallsRunBothWays() {
    var ledger = Self.ledger(Self.waterfall)
    // 210 may hold 50 and is not linked, so 60 are refused.
    #expect(ledger.order(.pay(110, 210, 60), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.linkAccount(.example(210), to: .example(200)), by: .bank(2)) == .accepted)
    #expect(
      ledger.order(.linkAccount(.example(210), to: .example(200)), by: .bank(2))
        == .rejected(.linkUnchanged(.example(210))))
    #expect(ledger.order(.pay(110, 210, 60), by: .bank(1)) == .accepted)
    #expect(ledger.balance(110) == 40 && ledger.balance(210) == 50 && ledger.balance(200) == 10)
    ledger.state.checkInvariants()
    // 210 has 50, its bank 10: 55 draw 5, 70 draw more than is there.
    #expect(ledger.order(.pay(210, 111, 70), by: .bank(2)).code == .insufficientFunds)
    #expect(ledger.order(.pay(210, 111, 55), by: .bank(2)) == .accepted)
    #expect(ledger.balance(210) == 0 && ledger.balance(200) == 5 && ledger.balance(111) == 55)
    ledger.state.checkInvariants()
  }

  /// Goal: a linked account that takes no credits is no way out.
  @Test func waterfallToAFrozenBank() {
    var ledger = Self.ledger(Self.waterfall)
    #expect(ledger.order(.linkAccount(.example(210), to: .example(200)), by: .bank(2)) == .accepted)
    #expect(ledger.order(.freeze(bank: 2)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 60), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.pay(110, 210, 50), by: .bank(1)) == .accepted)
  }

  @Test func linksThatCannotBe() {
    var ledger = Self.ledger(Self.waterfall)
    let cases: [(Int?, RejectionCode)] = [
      (999, .accountUnknown), (200, .actingForAnother), (111, .accountKind),
      (101, .currencyMismatch), (nil, .linkUnchanged),
    ]
    for (account, code) in cases {
      let order = Operation.linkAccount(.example(110), to: account.map { .example($0) })
      #expect(ledger.order(order, by: .bank(1)).code == code, "\(code)")
    }
  }

  // MARK: Flags, approvals, undecidable limits and full memory

  @Test func flagsAreRemarked() {
    var ledger = Self.ledger(
      Self.set([("large", .onePayment, .byTier([nil, .constant(5)]), .flag)]))
    #expect(ledger.order(.setTier(110, 2), by: .bank(1)) == .accepted)
    let remark = Remark(
      kind: .flagged, pack: PackName(unchecked: "test"), rule: RuleID(unchecked: "large"))
    #expect(ledger.order(.pay(110, 210, 6), by: .bank(1)) == .remarked([remark]))
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1)) == .accepted)
  }

  @Test func approvalsAreAsked() {
    var ledger = Self.ledger(Self.approval)
    let alone = ledger.order(.pay(110, 210, 6), by: .bank(1), signers: [1_001])
    guard case .rejected(.limitExceeded(let breach)) = alone else {
      Issue.record("\(alone)")
      return
    }
    #expect(breach.reason == .approvalMissing(required: 2, signed: 1))
    #expect(alone.code == .approvalMissing)
    let both = ledger.order(.pay(110, 210, 6), by: .bank(1), signers: [1_001, 1_002])
    #expect(both == .accepted)
  }

  @Test func limitsThatCannotBeDecided() {
    var ledger = Self.ledger(
      Self.set(
        [("own", .onePayment, .every(.attribute(AttributeName(unchecked: "unset"))), .deny)]))
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)).code == .limitUndecidable)
    #expect(ledger.order(.set(110, "unset", .amount(5)), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 5), by: .bank(1)) == .accepted)
  }

  @Test func rollingWindowsRememberSoMany() {
    let rolling = Measure(
      quantity: .amount, scope: .wallet, window: .rolling(microseconds: 60_000_000, eventsMax: 2),
      direction: .out, operations: [.pay])
    var ledger = Self.ledger(Self.set([("last-minute", rolling, .every(.constant(50)), .deny)]))
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)) == .accepted)
    let first = ledger.state.time
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)).code == .limitMemoryFull)
    ledger.state.begin(at: first.moved(seconds: 60, microseconds: -1_000))
    #expect(ledger.order(.pay(110, 210, 1), by: .bank(1)) == .accepted)
  }

  // MARK: Sets that come and go

  /// Goal: a scheduled set comes into force at its instant, is told of once, and goes again.
  @Test func setsComeAndGo() {
    var ledger = Self.ledger(Self.spend(1, max: 40))
    let start = ledger.state.time.moved(seconds: 3_600)
    let later = ActivateRuleSet(ruleSet: Self.spend(2, max: 20), source: [], from: start)
    #expect(ledger.order(.activateRuleSet(later)) == .accepted)
    #expect(ledger.order(.activate(Self.spend(2, max: 10))).code == .ruleSetNotNewer)
    #expect(ledger.order(.pay(110, 210, 30), by: .bank(1)) == .accepted)
    ledger.state.begin(at: start.moved(microseconds: -1_000))
    // The next batch is at the instant itself.
    #expect(ledger.order(.pay(110, 210, 21), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.state.currencies[0].policy.standing.map(\.version.version) == [2])
    #expect(ledger.order(.withdraw(2)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 21), by: .bank(1)) == .accepted)
    #expect(ledger.order(.withdraw(2)).code == .ruleSetUnknown)
    #expect(ledger.state.currencies[0].policy.standing.map(\.version.version) == [1])
    ledger.state.checkInvariants()
  }

  /// Goal: what is in shadow refuses nothing, and says what it would have refused.
  @Test func shadowsRemark() {
    var ledger = Self.ledger(Self.spend(1, max: 40))
    let shadow = ActivateRuleSet(
      ruleSet: Self.spend(2, max: 20), source: [], from: nil, inShadow: true)
    #expect(ledger.order(.activateRuleSet(shadow)) == .accepted)
    let remark = Remark(
      kind: .shadowRefused, pack: PackName(unchecked: "test"), rule: RuleID(unchecked: "spend"))
    #expect(ledger.order(.pay(110, 210, 21), by: .bank(1)) == .remarked([remark]))
    #expect(ledger.order(.pay(110, 210, 41), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.pay(110, 210, 20), by: .bank(1)) == .accepted)
    #expect(ledger.order(.withdraw(2)) == .accepted)
    #expect(ledger.order(.pay(110, 210, 21), by: .bank(1)) == .accepted)
  }

  @Test func setsFull() {
    var ledger = Self.ledger(Self.spend(1, max: 40))
    for number in 1...7 {
      let set = Self.set([("r", .onePayment, .every(.constant(90)), .deny)], pack: "p\(number)")
      #expect(ledger.order(.activate(set)) == .accepted)
    }
    let ninth = Self.set([("r", .onePayment, .every(.constant(90)), .deny)], pack: "p8")
    #expect(ledger.order(.activate(ninth)) == .rejected(.ruleSetsFull))
    #expect(ledger.order(.activate(Self.spend(2, max: 10))) == .accepted)
  }

  /// Goal: rules see all that moves money, also what the central bank and banks do.
  @Test func wholesaleIsLimited() {
    let issued = Measure(
      quantity: .amount, scope: .participant, window: .day(.shanghai), direction: .into,
      operations: [.issue])
    let settled = Measure(
      quantity: .amount, scope: .participant, window: .lifetime, direction: .net,
      operations: [.settle])
    let supply = Measure(
      quantity: .supply, scope: .system, window: .payment, direction: .into, operations: [.issue])
    var ledger = Self.ledger(
      Self.set([
        ("issuance", issued, .every(.constant(500)), .deny),
        ("debit-cap", settled, .every(.constant(100)), .deny),
        ("supply", supply, .every(.constant(1_450)), .deny),
      ]))
    #expect(ledger.order(.issue(100, 501, reference: 21)).code == .limitExceeded)
    #expect(ledger.order(.issue(100, 400, reference: 22)) == .accepted)
    #expect(ledger.order(.issue(200, 60, reference: 23)).code == .limitExceeded)
    #expect(ledger.order(.issue(200, 50, reference: 24)) == .accepted)
    #expect(ledger.order(.settle(100, 200, 100), by: .bank(1)) == .accepted)
    #expect(ledger.order(.settle(100, 200, 1), by: .bank(1)).code == .limitExceeded)
    #expect(ledger.order(.settle(200, 100, 30), by: .bank(2)) == .accepted)
    #expect(ledger.order(.settle(100, 200, 30), by: .bank(1)) == .accepted)
    ledger.state.checkInvariants()
  }

  // MARK: Sets

  private static func ledger(_ set: RuleSet) -> ExampleLedger {
    var ledger = ExampleLedger.opened(.example(version: .two))
    let outcome = ledger.order(.activate(set))
    precondition(outcome == .accepted, "\(outcome)")
    return ledger
  }

  private static let kind = Attribute(
    name: AttributeName(unchecked: "kind"), holder: .wallet,
    kind: .words([AttributeWord(unchecked: "merchant"), AttributeWord(unchecked: "person")]))
  private static let attributes = [
    kind,
    Attribute(
      name: AttributeName(unchecked: "own-limit"), holder: .wallet,
      kind: .amount(
        AttributeAmount(initial: 50, ceiling: 100, raiseAfterMicroseconds: 86_400_000_000))),
    Attribute(
      name: AttributeName(unchecked: "unset"), holder: .wallet,
      kind: .amount(AttributeAmount(initial: nil, ceiling: nil, raiseAfterMicroseconds: 0))),
    Attribute(
      name: Attribute.participantClass, holder: .participant,
      kind: .words([AttributeWord(unchecked: "direct")])),
  ]

  private static func set(
    _ rules: [(id: String, measure: Measure, caps: Rule.Caps, action: Rule.Action)],
    pack: String = "test", version: Int = 1, events: [EventDefinition] = [],
    groups: [SignerGroup] = []
  ) -> RuleSet {
    let zones = Set(rules.compactMap(\.measure.window.zone))
    let isTiered = rules.contains { if case .byTier = $0.caps { true } else { false } }
    return RuleSet(
      format: 2, pack: PackName(unchecked: pack), version: version, currency: .cny,
      sourceDigest: .example(version), tiers: isTiered ? [.example(1), .example(2)] : [],
      zones: Array(zones), attributes: attributes, events: events, groups: groups,
      measures: rules.map(\.measure),
      rules: rules.enumerated().map { index, rule in
        Rule(
          id: RuleID(unchecked: rule.id), measure: index, caps: rule.caps, action: rule.action)
      })
  }

  private static func spend(_ version: Int, max: UInt64) -> RuleSet {
    set([("spend", .onePayment, .every(.constant(max)), .deny)], version: version)
  }

  /// Who is no merchant pays 40 at most.
  private static let limits = set([
    (
      "person",
      Measure(
        quantity: .amount, scope: .wallet, window: .payment, direction: .out, operations: [.pay],
        filter: PaymentFilter(
          payer: LegFilter(attributes: [
            AttributeTest(
              attribute: kind.name,
              test: WordTest([AttributeWord(unchecked: "merchant")], excludes: true))
          ]))), .every(.constant(40)), .deny
    )
  ])

  private static let ownLimit = set([
    ("own", .onePayment, .every(.attribute(AttributeName(unchecked: "own-limit"))), .deny)
  ])

  private static let sinceEvent = set(
    [
      (
        "since-sca",
        Measure(
          quantity: .amount, scope: .wallet, window: .since(EventName(unchecked: "sca")),
          direction: .out, operations: [.pay]), .every(.constant(30)), .deny
      )
    ], events: [EventDefinition(name: EventName(unchecked: "sca"), trigger: .recorded)])

  private static let waterfall = set([
    (
      "hold",
      Measure(
        quantity: .balance, scope: .wallet, window: .payment, direction: .into,
        operations: [.pay]), .byTier([.constant(50), nil]),
      .waterfall(Waterfall(drawsShortfall: true))
    )
  ])

  private static let approval = set(
    [
      (
        "large", .onePayment, .every(.constant(5)), .require(Approval(count: 2, group: 0))
      )
    ],
    groups: [
      SignerGroup(
        name: GroupName(unchecked: "treasury"),
        keys: [PublicKey.example(1_001), .example(1_002)].sorted())
    ])
}

extension AttributeValue {
  fileprivate static func word(_ text: String) -> AttributeValue {
    .word(AttributeWord(unchecked: text))
  }
}

extension Operation {
  fileprivate static func set(_ wallet: Int, _ name: String, _ value: AttributeValue) -> Operation {
    .setWalletAttribute(
      SetWalletAttribute(
        wallet: .example(wallet), name: AttributeName(unchecked: name), value: value))
  }

  fileprivate static func withdraw(_ version: Int) -> Operation {
    .withdrawRuleSet(
      WithdrawRuleSet(
        currency: .cny,
        version: PackVersion(pack: PackName(unchecked: "test"), version: version)))
  }
}
