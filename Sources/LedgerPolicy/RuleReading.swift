public import LedgerModel

/// What one rule says of one side of a payment, whether it lets it pass or not.
public struct RuleReading: Hashable, Sendable {
  public let set: PackVersion
  public let isShadow: Bool
  public let rule: Rule
  public let measure: Measure
  public let account: AccountID
  public let holder: Holder
  /// Whether it is the payer's side.
  public let isPayer: Bool
  /// `nil` where a number that the cap is made of was never set.
  public let limit: UInt64?
  /// Before the payment.
  public let used: Int128
  /// By the payment.
  public let asked: Int128
  /// When the window in force began, by the transitions and holidays in force; `nil` where it is
  /// none of a calendar.
  public let began: LedgerTime?
  /// When it ends, or the first of what counted leaves it; `nil` where waiting does not help.
  public let resets: LedgerTime?
  /// `nil` where the rule lets the payment pass.
  public let breach: LimitBreach?
  /// Why the account is exempt from the rule now; of several, that which ends last.
  public let exemption: Exemption?
  /// What the rule would say, were the account not exempt; `nil` where it would let the payment
  /// pass.
  public let waived: LimitBreach?
  /// Attributes that the limit is made of, and that were never set; empty where there is a limit.
  public let unset: [AttributeName]
  /// Minor units that a waterfall would send on to the payee's linked account; of several, the
  /// largest sum goes.
  public let sweep: UInt64

  /// Whose payments and holdings a rule sums up, beside the account at hand.
  public enum Holder: Hashable, Sendable {
    case wallet
    /// All wallets of the account's owner.
    case owner
    /// The account's payments to one payee.
    case pair(payee: AccountID)
    case participant(ParticipantID)
    case participantClass(AttributeWord)
    case tier(Tier)
    case system
  }

  /// What might still have been asked, never less than zero; `nil` where the rule does not put a
  /// bound above.
  public var left: Int128? {
    guard let limit, rule.comparison != .atLeast else { return nil }
    return max(0, Int128(limit) - used - (rule.comparison == .under ? 1 : 0))
  }
}

extension PolicyEngine {
  /// Reads every rule that looks at a payment, of the sets in force and then of those in shadow, in
  /// their order and that of their rules.
  ///
  /// - Complexity: O(rules), with allocations: for explanations, not for decisions.
  public func explain(_ request: PolicyRequest) -> [RuleReading] {
    var copy = self
    var readings: [RuleReading] = []
    // As in deciding: the largest sum of all sets in force goes on; a set in shadow knows its own.
    let sweeps = packs.indices.map {
      copy.packs[$0].sweep(request, facts, Sight(time: now))
    }
    let largest = packs.indices.map { packs[$0].isShadow ? 0 : sweeps[$0] }.max() ?? 0
    let inForceFirst =
      packs.indices.filter { !packs[$0].isShadow } + packs.indices.filter { packs[$0].isShadow }
    for index in inForceFirst {
      let sweep = packs[index].isShadow ? sweeps[index] : largest
      readings += copy.packs[index].readings(request, facts, Sight(time: now, sweep: sweep))
    }
    return readings
  }
}

extension PackInForce {
  fileprivate mutating func readings(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ after: Sight
  ) -> [RuleReading] {
    let before = Sight(time: after.time)
    let found = allFindings(request, facts, before, after)
    let waived =
      ruleSet.exemptions.isEmpty
      ? [] : allFindings(request, facts, before.withoutExemptions, after.withoutExemptions)
    var readings: [(rule: Int, reading: RuleReading)] = []
    for side in Side.allCases {
      guard let leg = request.leg(side), let place = place(of: leg) else { continue }
      for index in plan.checks(request.operation, side, place: place) {
        let place = Int(plan.checks[index].rule)
        let rule = ruleSet.rules[place]
        // Waterfalls look before anything goes on, the others after it.
        let sight = if case .waterfall = rule.action { before } else { after }
        guard let value = value(rule.measure, side, leg, request, facts, sight) else { continue }
        let limit = limit(of: rule, leg, side, request, facts, sight)
        let exemption = exemption(from: place, leg, facts, sight)
        let measure = ruleSet.measures[rule.measure]
        func isHere(_ finding: Finding) -> Bool { finding.rule == place && finding.side == side }
        let finding = found.first(where: isHere)
        let sweeps = finding.map { isWaterfall($0) && goesOn($0, request) } ?? false
        let held = Int128(max(0, leg.balanceAfter.minorUnits))
        readings.append(
          (
            place,
            RuleReading(
              set: ruleSet.packVersion, isShadow: isShadow, rule: rule, measure: measure,
              account: leg.account,
              holder: holder(measure.scope, leg, request, facts), isPayer: side == .payer,
              limit: limit, used: value.used,
              asked: value.asked, began: CalendarWindow(measure.window, at: sight.time)?.start,
              resets: finding.map { $0.breach.resets } ?? value.resets(limit ?? 0),
              breach: sweeps ? nil : finding?.breach, exemption: exemption,
              waived: exemption == nil ? nil : waived.first(where: isHere)?.breach,
              unset: limit == nil ? unset(in: rule, leg, facts, sight) : [],
              sweep: sweeps ? UInt64(min(finding?.excess ?? 0, held)) : 0)
          ))
      }
    }
    return readings.sorted { $0.rule < $1.rule }.map(\.reading)
  }

  /// What does not let a payment pass: waterfalls look before anything goes on, the others after.
  private mutating func allFindings(
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ before: Sight, _ after: Sight
  ) -> [Finding] {
    findings(request, facts, before).filter { isWaterfall($0) }
      + findings(request, facts, after).filter { !isWaterfall($0) }
  }

  private func exemption(
    from rule: Int, _ leg: PolicyLeg, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Exemption? {
    let participant = facts.participants[leg.participant]
    return ruleSet.exemptions.filter {
      sight.time < $0.until && $0.rules.contains(rule)
        && ($0.accounts.contains(leg.account) || $0.participants.contains(participant))
    }.max { $0.until < $1.until }
  }

  private func holder(
    _ scope: Measure.Scope, _ leg: PolicyLeg, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts
  ) -> RuleReading.Holder {
    switch scope {
    case .wallet: return .wallet
    case .owner: return .owner
    case .pair:
      guard let payee = request.payee else { preconditionFailure("a pair without a payee") }
      return .pair(payee: payee.account)
    case .participant: return .participant(facts.participants[leg.participant])
    case .participantClass:
      guard let column = layout.classColumn,
        let word = facts.attributes[column].word(of: leg.participant)
      else { preconditionFailure("a class that participant \(leg.participant) is not in") }
      return .participantClass(word)
    case .tier:
      guard let tier = leg.tier else { preconditionFailure("a tier of no wallet") }
      return .tier(facts.tiers[tier])
    case .system: return .system
    }
  }

  /// The attributes of a rule's cap that the account or its participant was never given.
  private func unset(
    in rule: Rule, _ leg: PolicyLeg, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> [AttributeName] {
    guard let cap = rule.caps.cap(atPlace: place(of: leg) ?? 0) else { return [] }
    var names: [AttributeName] = []
    for name in cap.attributes where !names.contains(name) {
      guard let place = ruleSet.attributes.firstIndex(where: { $0.name == name }),
        case .amount(let amount) = ruleSet.attributes[place].kind, amount.initial == nil
      else { continue }
      let holder = ruleSet.attributes[place].holder == .wallet ? leg.slot : leg.participant
      let column = layout.attributeColumns[place]
      if facts.attributes[column].amount(of: holder, at: sight.time) == nil { names.append(name) }
    }
    return names
  }
}

extension Sight {
  fileprivate var withoutExemptions: Sight {
    Sight(time: time, sweep: sweep, ignoresExemptions: true)
  }
}
