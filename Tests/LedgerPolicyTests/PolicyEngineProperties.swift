import LedgerModel
import LedgerPolicy
import Testing

@Suite struct PolicyEngineProperties {
  /// Goal: the engine decides as the reference does, whatever rules, payments and activations come.
  ///
  /// Method: 200 seeds of 800 steps: random rule sets over several zones, few wallets, small sums
  /// and maxima, so that each rule denies often; time steps from 0 to some days; half of the
  /// activations keep measures and change maxima, ids and tiers. To repeat, run the seed alone.
  @Test(arguments: UInt64(0)..<200)
  func decideAsTheReference(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var engine = PolicyEngine()
    var reference = ReferencePolicy()
    var wallets = (0..<5).map { _ in Wallet(balance: Int64.random(in: 0...400, using: &random)) }
    var denied = 0
    for step in 0..<800 {
      if Int.random(in: 0..<40, using: &random) == 0 || (step == 5 && seed % 2 == 0) {
        let next = try RuleSet.random(after: reference.active, using: &random)
        engine.activate(next)
        reference.activate(next)
      }
      let microseconds = UInt64.random(in: 0...3, using: &random) * 12_345_678_901
      reference.now = reference.now.advanced(byMicroseconds: microseconds)
      engine.advance(to: reference.now)
      let request = try Self.request(wallets, engine, using: &random)
      let decision = engine.decide(request)
      #expect(decision == reference.decide(request), "seed \(seed), step \(step)")
      // A permitted payment is now and then refused by the ledger for another reason.
      guard decision == .permit else {
        denied += 1
        continue
      }
      guard Int.random(in: 0..<8, using: &random) > 0 else { continue }
      engine.commit(request)
      reference.history.append(.init(request: request, time: reference.now))
      for leg in [request.payer, request.payee].compactMap(\.self) {
        wallets[leg.slot].balance = leg.balanceAfter.minorUnits
      }
      for index in wallets.indices where Int.random(in: 0..<50, using: &random) == 0 {
        wallets[index].tier = Int.random(in: 0..<4, using: &random)
      }
      engine.checkInvariants()
    }
    #expect(denied > 20, "seed \(seed) denied \(denied) times, too few to mean anything")
  }

  struct Wallet {
    var tier = 0
    var balance: Int64
  }

  private static func request(
    _ wallets: [Wallet], _ engine: PolicyEngine, using random: inout SplitMix64
  ) throws -> PolicyRequest {
    let amount = try #require(Amount(minorUnits: Int.random(in: 1...60, using: &random)))
    let operation = try #require(Measure.Operation.allCases.randomElement(using: &random))
    let payer = Int.random(in: 0..<wallets.count, using: &random)
    let payee = (payer + Int.random(in: 1..<wallets.count, using: &random)) % wallets.count
    func leg(_ slot: Int, _ change: Int64) throws -> PolicyLeg {
      let tier = try Tier("t\(wallets[slot].tier)")
      return PolicyLeg(
        slot: slot, account: AccountID(Bytes16(high: 0, low: UInt64(slot))),
        tier: engine.tierIndex(of: tier) ?? (engine.active == nil ? 0 : nil),
        balanceAfter: try #require(Balance(minorUnits: wallets[slot].balance + change)))
    }
    return PolicyRequest(
      operation: operation, amount: amount,
      currency: try #require(
        CurrencyCode(Int.random(in: 0..<9, using: &random) == 0 ? "EUR" : "CNY")),
      payer: operation == .fund ? nil : try leg(payer, -amount.minorUnits),
      payee: operation == .cashOut ? nil : try leg(payee, amount.minorUnits))
  }
}

extension RuleSet {
  /// A small random set: either measures of its own, or those of `previous` with other maxima.
  static func random(after previous: RuleSet?, using random: inout SplitMix64) throws -> RuleSet {
    let tierCount = Int.random(in: 1...4, using: &random)
    var measures: [Measure] = []
    if let previous, Bool.random(using: &random) {
      measures = previous.measures.filter { _ in Int.random(in: 0..<5, using: &random) > 0 }
    }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let measure = try Measure.random(using: &random)
      if !measures.contains(measure) { measures.append(measure) }
    }
    measures.shuffle(using: &random)
    var rules: [Rule] = []
    for index in measures.indices {
      for copy in 0..<Int.random(in: 1...2, using: &random) {
        let bound: UInt64 = measures[index].quantity == .count ? 8 : 300
        let maxima = (0..<tierCount).map { _ -> UInt64? in
          Int.random(in: 0..<4, using: &random) == 0
            ? nil : UInt64.random(in: 0...bound, using: &random)
        }
        rules.append(
          Rule(
            id: try RuleID("r\(index).\(copy).\(random.next() % 1_000)"), measure: index,
            action: .deny, maxima: maxima))
      }
    }
    rules.shuffle(using: &random)
    var zones: [TimeZoneTable] = []
    for zone in measures.compactMap(\.zone) where !zones.contains(zone) { zones.append(zone) }
    let ruleSet = RuleSet(
      format: 1, pack: try PackName("random"), version: (previous?.version ?? 0) + 1,
      currency: try #require(
        CurrencyCode(Int.random(in: 0..<8, using: &random) == 0 ? "EUR" : "CNY")),
      sourceDigest: Bytes32(words: (0, 0, 0, 0)),
      tiers: try (0..<tierCount).map { try Tier("t\($0)") },
      zones: zones, measures: measures, rules: rules)
    try ruleSet.validate()
    return ruleSet
  }
}

extension Measure {
  static func random(using random: inout SplitMix64) throws -> Measure {
    let quantity = try #require(
      [Quantity.amount, .amount, .count, .balance].randomElement(using: &random))
    let windows: [Window] =
      quantity == .balance ? [.payment] : [.payment, .day, .month, .year, .lifetime]
    let window = try #require(windows.randomElement(using: &random))
    let direction: Direction = quantity == .balance || Bool.random(using: &random) ? .into : .out
    let operations = Operation.allCases.filter { _ in Bool.random(using: &random) }
    let isCalendar = [.day, .month, .year].contains(window)
    return Measure(
      quantity: quantity, scope: .wallet, window: window, direction: direction,
      zone: isCalendar ? Zones.all.randomElement(using: &random) : nil,
      operations: operations.isEmpty ? [.pay] : operations)
  }
}
