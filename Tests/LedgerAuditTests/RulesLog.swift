import LedgerCore
import LedgerModel
import LedgerTesting
import LedgerWire

/// A log of random payments under random rules of format 2, which change as it goes.
///
/// Banks 1 and 2 have the settlement accounts 100 and 200, and the wallets from 110 and 210 on.
struct RulesLog {
  private static let wallets = (0..<3).flatMap { [110 + $0, 210 + $0] }
  private static let tiers = (1...2).map { Tier.example($0) }

  var builder: LogBuilder
  private var sets: RandomRuleSets
  private var random: SplitMix64
  /// The sets that were put in force, in order.
  private(set) var activated: [RuleSet] = []

  init(seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    builder = try LogBuilder(version: .two)
    sets = RandomRuleSets(
      currency: .cny, zones: [.shanghai, .panama], tiers: Self.tiers,
      participants: [.example(1), .example(2)],
      signers: SampleKeys.officers.map(\.publicKey).sorted(), scale: 1,
      random: SplitMix64(seed: random.next()))
    let quorum = Array(SampleKeys.officers[0...1])
    try builder.order(
      try LogBuilder.admission(1, account: LogBuilder.settlement1),
      try LogBuilder.admission(2, account: LogBuilder.settlement2), by: .issuer, signedBy: quorum)
    try builder.order(
      LogBuilder.issue(5_000, to: LogBuilder.settlement1, 1),
      LogBuilder.issue(5_000, to: LogBuilder.settlement2, 2), by: .issuer, signedBy: quorum)
    for wallet in Self.wallets {
      let bank = wallet / 100
      try builder.order(
        .openWallet(
          OpenWallet(
            wallet: .example(wallet), owner: .example(wallet % 2), currency: .cny,
            tier: random.one(of: Self.tiers))),
        .fund(LogBuilder.transfer(.example(100 * bank), .example(wallet), 300)),
        by: .bank(bank), signedBy: [try SampleKeys.bank(bank)])
    }
  }

  /// Puts a random set in force, in place of the one before.
  mutating func activate(_ pack: String = "alpha") throws {
    let set = try sets.make(
      PackName(unchecked: pack), after: activated.last,
      in: RandomRuleSets.Surroundings(
        now: builder.state.time, outstanding: 10_000,
        accounts: Self.wallets.map { .example($0) }))
    try builder.order(
      .activateRuleSet(ActivateRuleSet(ruleSet: set, source: [])), by: .issuer,
      signedBy: Array(SampleKeys.officers[0...1]))
    activated.append(set)
  }

  /// Puts a set in force, in shadow, or to come.
  mutating func activate(_ order: ActivateRuleSet) throws {
    try builder.order(
      .activateRuleSet(order), by: .issuer, signedBy: Array(SampleKeys.officers[0...1]))
    activated.append(order.ruleSet)
  }

  /// Links wallets to their banks' settlement accounts.
  mutating func linkWallets() throws {
    for wallet in Self.wallets where random.happens(percent: 80) {
      let bank = wallet / 100
      try builder.order(
        .linkAccount(.example(wallet), to: .example(100 * bank)), by: .bank(bank),
        signedBy: [try SampleKeys.bank(bank)])
    }
  }

  /// Freezes or releases a wallet or a bank; what is so already is refused.
  mutating func freezeSomething() throws {
    let wallet = random.one(of: Self.wallets)
    let target: FreezeTarget =
      random.happens(percent: 50)
      ? .participant(.example(wallet / 100)) : .account(.example(wallet))
    let legal = LegalReference(unchecked: "case 1")
    let credits: FrozenCredits = random.happens(percent: 50) ? .accepted : .refused
    try builder.order(
      random.happens(percent: 40)
        ? .freeze(Freeze(target: target, credits: credits, legalReference: legal))
        : .unfreeze(target, legal),
      by: .issuer, signedBy: Array(SampleKeys.officers[0...1]))
  }

  /// Orders so many payments, some at one instant and some hours apart.
  mutating func pay(_ count: Int, upTo largest: UInt64 = 90) throws {
    for _ in 0..<count {
      let payer = random.one(of: Self.wallets)
      let payee = random.one(of: Self.wallets.filter { $0 != payer })
      let bank = payer / 100
      let amount = UInt64.random(in: 1...largest, using: &random)
      let operation: Operation
      switch random.offset(weighted: [60, 15, 15, 10]) {
      case 0: operation = .pay(LogBuilder.transfer(.example(payer), .example(payee), amount))
      case 1:
        operation = .fund(LogBuilder.transfer(.example(100 * bank), .example(payer), amount))
      case 2:
        operation = .cashOut(LogBuilder.transfer(.example(payer), .example(100 * bank), amount))
      default:
        operation = .settle(
          LogBuilder.transfer(.example(100 * bank), .example(300 - 100 * bank), amount))
      }
      let pause = random.one(of: [1, 1, 1, 60, 3_600, 20_000]) as Int64
      let time = builder.state.time.moved(seconds: pause)
      let instruction = Instruction(
        id: InstructionID(
          milliseconds: time.microseconds / 1_000, random: (random.next(), random.next())),
        operation: operation, purpose: random.one(of: RandomRuleSets.purposes),
        channel: random.one(of: RandomRuleSets.channels))
      try builder.submit(
        [instruction], by: .bank(bank), signedBy: [try SampleKeys.bank(bank)], at: time)
    }
  }
}
