import LedgerModel
import LedgerPolicy
import LedgerTesting

extension PolicyEngine {
  /// Two participants with a settlement account each, slots 0 and 1, and wallets from slot 2 on:
  /// by turns of the one and the other participant, of tiers `a` and `b`, each with an owner of
  /// its own.
  static func example(wallets: Int = 4, bounds: PolicyBounds = .standard) -> PolicyEngine {
    var engine = PolicyEngine(currency: .cny, bounds: bounds)
    engine.nameTier(Tier(unchecked: "a"))
    engine.nameTier(Tier(unchecked: "b"))
    for participant in 0..<2 { engine.admit(.example(participant)) }
    for slot in 0..<wallets + 2 { engine.open(slot: slot, .example(slot)) }
    return engine
  }

  /// Puts a set in force at once.
  mutating func activate(_ set: RuleSet, wallets: Int = 4) {
    activate(set, from: nil, inShadow: false, over: .example(wallets: wallets))
  }

  mutating func advance(to time: LedgerTime) { advance(to: time, over: .example(wallets: 4)) }
}

extension PolicyAccount {
  /// Of ``PolicyEngine/example(wallets:)``; it holds nothing.
  static func example(_ slot: Int) -> PolicyAccount {
    PolicyAccount(
      participant: slot % 2, tier: slot < 2 ? nil : slot % 2,
      owner: slot < 2 ? nil : .example(slot),
      balance: .zero)
  }
}

extension PolicyAccounts {
  static func example(wallets: Int) -> PolicyAccounts {
    PolicyAccounts(count: wallets + 2) { .example($0) }
  }
}

extension PolicyLeg {
  static func example(_ slot: Int, holds balance: Int64 = 0, isLinked: Bool = false) -> PolicyLeg {
    guard let balance = Balance(minorUnits: balance) else { preconditionFailure("\(balance)") }
    return PolicyLeg(
      slot: slot, account: .example(slot), participant: slot % 2, tier: slot < 2 ? nil : slot % 2,
      balanceAfter: balance, isLinked: isLinked)
  }
}

extension PolicyRequest {
  /// A payment between two wallets, or a wallet and a settlement account; after it the payee holds
  /// `balance`.
  static func example(
    _ minorUnits: Int64, _ operation: Measure.Operation = .pay, from payer: Int = 2,
    to payee: Int = 3, channel: String = "", signers: [PublicKey] = [], holds balance: Int64 = 0,
    isLinked: Bool = false
  ) -> PolicyRequest {
    guard let amount = Amount(minorUnits: minorUnits) else { preconditionFailure("\(minorUnits)") }
    return PolicyRequest(
      operation: operation, amount: amount, channel: Channel(unchecked: channel),
      signers: signers, payer: .example(payer),
      payee: .example(payee, holds: balance, isLinked: isLinked))
  }
}

extension Measure {
  static func example(
    of quantity: Quantity = .amount, per scope: Scope = .wallet, _ window: Window,
    _ direction: Direction = .out, _ operations: [Operation] = [.pay],
    filter: PaymentFilter = .everything
  ) -> Measure {
    Measure(
      quantity: quantity, scope: scope, window: window, direction: direction,
      operations: operations, filter: filter)
  }
}

/// A rule of an example: how much of a measure it lets pass.
struct PolicyLimit {
  let measure: Measure
  /// `nil` for as much as there can be.
  let cap: UInt64?
  let action: Rule.Action
  let comparison: Rule.Comparison

  init(
    _ measure: Measure, _ cap: UInt64?, _ action: Rule.Action = .deny,
    comparison: Rule.Comparison = .atMost
  ) {
    self.measure = measure
    self.cap = cap
    self.action = action
    self.comparison = comparison
  }
}

extension RuleSet {
  /// A valid set of rules with the ids `r0`, `r1` and so on, each about a measure.
  static func policy(
    pack: String = "test", version: Int = 1, format: Int = 2, tiers: [String] = ["a", "b"],
    attributes: [Attribute] = [], events: [EventDefinition] = [], groups: [SignerGroup] = [],
    supersedes: PackVersion? = nil, sourceDigest: Bytes32? = nil,
    _ limits: [PolicyLimit]
  ) throws -> RuleSet {
    var measures: [Measure] = []
    for limit in limits where !measures.contains(limit.measure) { measures.append(limit.measure) }
    var zones: [TimeZoneTable] = []
    var calendars: [BusinessCalendar] = []
    for window in measures.map(\.window) {
      if let zone = window.zone, !zones.contains(zone) { zones.append(zone) }
      if let calendar = window.calendar, !calendars.contains(calendar) {
        calendars.append(calendar)
      }
    }
    let set = RuleSet(
      format: format, pack: try PackName(pack), version: version, currency: .cny,
      sourceDigest: sourceDigest ?? .example(version), tiers: try tiers.map { try Tier($0) },
      zones: zones,
      calendars: calendars, attributes: attributes, events: events, groups: groups,
      measures: measures,
      rules: try limits.enumerated().map { index, limit in
        Rule(
          id: try RuleID("r\(index)"), measure: measures.firstIndex(of: limit.measure) ?? 0,
          comparison: limit.comparison,
          caps: format == 1
            ? .byTier(constants: tiers.map { _ in limit.cap })
            : .every(.constant(limit.cap ?? UInt64(Balance.max.minorUnits))),
          action: limit.action)
      }, supersedes: supersedes)
    try set.validate()
    return set
  }
}

extension Decision {
  /// Why it is refused; `nil` where it is not, or for a tier.
  var breach: LimitBreach? {
    if case .deny(let breach) = self { breach } else { nil }
  }
}

extension LimitBreach.Terms {
  /// Of a cap on amounts of the pack `test`.
  static let example = LimitBreach.Terms(
    pack: PackName(unchecked: "test"), unit: .minorUnits, comparison: .atMost)
}

extension PolicyEngine {
  /// Returns what is read of what the engine writes.
  ///
  /// - Throws: ``SnapshotError`` where that is another engine.
  func readAgain(
    over accounts: PolicyAccounts, bounds: PolicyBounds = .standard
  ) throws(SnapshotError) -> PolicyEngine {
    var sets: [RuleSet] = []
    let written = written { set in
      sets.append(set)
      return [UInt8(sets.count)]
    }
    var rest = written
    var reader = SnapshotReader {
      defer { rest = [] }
      return rest
    }
    let known = sets
    let restored = try PolicyEngine(
      reading: &reader, currency: currency, over: accounts, bounds: bounds
    ) { (bytes) throws(SnapshotError) in known[Int(bytes[0]) - 1] }
    var count: UInt8 = 0
    let again = restored.written { _ in
      count += 1
      return [count]
    }
    guard reader.isAtEnd(), again == written else {
      throw SnapshotError("it is another engine, or something is left over")
    }
    restored.checkInvariants()
    return restored
  }

  private func written(encode: (RuleSet) -> [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var writer = SnapshotWriter { bytes += $0 }
    write(to: &writer, encode: encode)
    writer.finish()
    return bytes
  }
}
