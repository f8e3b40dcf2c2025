import LedgerModel
import LedgerPolicy

extension ReferencePolicy {
  struct Verdict {
    let decision: Decision
    /// The sets in shadow that would have refused it.
    let refusedBy: [Int]

    var sweep: UInt64 {
      if case .permitWith(let conditions) = decision { conditions.sweep } else { 0 }
    }
  }

  /// A rule that does not let a payment pass, on one side.
  private struct Bite {
    enum Strength: Int {
      case flag
      case require
      case deny
    }

    let strength: Strength
    let breach: LimitBreach
    let headroom: Int128
  }

  /// A rule that looks at a payment on one side (rule 28), and what it sees.
  private struct Look {
    let rule: Rule
    let side: Payment.Side
    /// `nil` where it is undecidable.
    let limit: UInt64?
    let reading: Reading
    let quantity: Measure.Quantity
  }

  func decide(_ request: PolicyRequest) -> Decision { verdict(on: payment(request)).decision }

  func verdict(on payment: Payment) -> Verdict {
    if let account = unknown(to: standing, payment) {
      return Verdict(decision: .denyUnknownTier(account), refusedBy: [])
    }
    let judged = judge(payment, by: standing)
    if let breach = judged.refusal { return Verdict(decision: .deny(breach), refusedBy: []) }
    var remarks = judged.remarks
    var refusedBy: [Int] = []
    // Rule 38: each set in shadow by itself.
    for shadow in shadows {
      if unknown(to: [shadow], payment) != nil {
        refusedBy.append(shadow.id)
        remarks.append(Remark(kind: .shadowTierUnknown, pack: shadow.set.pack, rule: nil))
      } else if let breach = judge(payment, by: [shadow]).refusal {
        refusedBy.append(shadow.id)
        remarks.append(Remark(kind: .shadowRefused, pack: shadow.set.pack, rule: breach.rule))
      }
    }
    guard judged.sweep > 0 || !remarks.isEmpty else {
      return Verdict(decision: .permit, refusedBy: refusedBy)
    }
    let conditions = Conditions(remarks: remarks, sweep: UInt64(judged.sweep))
    return Verdict(decision: .permitWith(conditions), refusedBy: refusedBy)
  }

  /// The first wallet whose tier one of the sets does not name (rule 4), the payer's before.
  private func unknown(to standings: [Standing], _ payment: Payment) -> AccountID? {
    for side in [payment.payer, payment.payee].compactMap(\.self) {
      guard let tier = side.tierName else { continue }
      for standing in standings
      where !standing.set.tiers.isEmpty && !standing.set.tiers.contains(tier) {
        return side.account
      }
    }
    return nil
  }

  /// Rules 29 to 32.
  private func judge(
    _ payment: Payment, by standings: [Standing]
  ) -> (refusal: LimitBreach?, remarks: [Remark], sweep: Int128) {
    var sweep: Int128 = 0
    for standing in standings {
      for (index, rule) in standing.set.rules.enumerated() where rule.isWaterfall {
        if let payee = payment.payee,
          let look = look(index, of: standing, at: payment, on: payee, sweep: 0)
        {
          sweep = max(sweep, excess(look, payment) ?? 0)
        }
      }
    }
    var strongest: [Bite] = []
    var remarks: [Remark] = []
    for standing in standings {
      var bites: [Bite] = []
      for (index, rule) in standing.set.rules.enumerated() {
        var isRemarked = false
        for side in [payment.payer, payment.payee].compactMap(\.self) {
          guard let bite = bite(index, of: standing, at: payment, on: side, sweep: sweep) else {
            continue
          }
          bites.append(bite)
          if bite.strength == .flag, !isRemarked {
            remarks.append(Remark(kind: .flagged, pack: standing.set.pack, rule: rule.id))
            isRemarked = true
          }
        }
      }
      strongest += standing.set.format == 1 ? Array(bites.prefix(1)) : bites
    }
    for strength in [Bite.Strength.deny, .require] {
      let bites = strongest.filter { $0.strength == strength }
      guard let least = bites.map(\.headroom).min(),
        let answer = bites.first(where: { $0.headroom == least })
      else { continue }
      return (answer.breach, [], 0)
    }
    return (nil, remarks, sweep)
  }

  /// What a waterfall sends on to the linked account (rule 29); `nil` where it does not bite, and
  /// where it denies for want of one.
  private func excess(_ look: Look, _ payment: Payment) -> Int128? {
    guard case .waterfall = look.rule.action, !asksNothing(look), look.reading.isFullAt == nil,
      let limit = look.limit, look.side.isLinked,
      look.reading.value > Int128(limit)
    else { return nil }
    let held = Int128(look.side.balance) + Int128(payment.request.amount.minorUnits)
    return min(look.reading.value - Int128(limit), held)
  }

  private func bite(
    _ index: Int, of standing: Standing, at payment: Payment, on side: Payment.Side, sweep: Int128
  ) -> Bite? {
    let seen = standing.set.rules[index].isWaterfall ? 0 : sweep
    guard let look = look(index, of: standing, at: payment, on: side, sweep: seen) else {
      return nil
    }
    var reason: LimitBreach.Reason
    if let max = look.reading.isFullAt {
      reason = .memoryFull(max: max)
    } else if asksNothing(look) {
      return nil
    } else if let limit = look.limit {
      guard !passes(look, limit) else { return nil }
      reason = .exceeded
    } else {
      reason = .undecidable
    }
    var strength = Bite.Strength.deny
    switch look.rule.action {
    case .deny: break
    case .flag: strength = .flag
    case .waterfall:
      if excess(look, payment) != nil { return nil }
    case .require(let approval):
      // More signatures are no help to a full memory.
      guard look.reading.isFullAt == nil else { break }
      let signed = standing.set.groups[approval.group].keys.count { key in
        payment.request.signers.contains(key)
      }
      guard signed < approval.count else { return nil }
      strength = .require
      reason = .approvalMissing(required: approval.count, signed: signed)
    case .hold: preconditionFailure("no ledger has holds")
    }
    let breach = LimitBreach(
      reason: reason, extent: extent(of: look, standing.set.measures[look.rule.measure]),
      terms: terms(of: look, in: standing.set), rule: look.rule.id, account: side.account,
      limit: look.limit ?? 0, used: look.reading.used,
      asked: look.reading.askedShown,
      resets: helpsToWait(look, reason, in: standing.set)
        ? look.reading.resets(limit: look.limit ?? 0) : nil)
    return Bite(
      strength: strength, breach: breach,
      headroom: reason == .exceeded ? headroom(look, limit: breach.limit) : 0)
  }

  /// Whether more passes once what counts now counts no more.
  private func helpsToWait(_ look: Look, _ reason: LimitBreach.Reason, in set: RuleSet) -> Bool {
    if set.format == 1 { return true }
    if case .memoryFull = reason { return true }
    switch set.measures[look.rule.measure].window {
    case .span, .after: return true  // The rule looks away then.
    default: break
    }
    if reason == .undecidable { return false }
    return look.quantity == .sinceLast
      ? look.rule.comparison == .atLeast : look.rule.comparison != .atLeast
  }

  private func terms(of look: Look, in set: RuleSet) -> LimitBreach.Terms? {
    if set.format == 1 { return nil }
    let unit: LimitBreach.Unit =
      switch set.measures[look.rule.measure].quantity {
      case .amount, .balance, .supply: .minorUnits
      case .count: .payments
      case .counterparties: .counterparties
      case .sinceLast: .microseconds
      }
    return LimitBreach.Terms(pack: set.pack, unit: unit, comparison: look.rule.comparison)
  }

  /// Whose accounts the figures sum up.
  private func extent(of look: Look, _ measure: Measure) -> LimitBreach.Extent {
    let ownScopes: [Measure.Scope] = [.wallet, .pair, .participant]
    if ownScopes.contains(measure.scope) { return .participant }
    let limit = Int128(look.limit ?? 0)
    return switch (look.quantity, look.rule.comparison) {
    case (.sinceLast, _), (_, .atLeast): .shared(left: 0)
    case (_, .atMost): .shared(left: UInt64(max(0, limit - look.reading.used)))
    case (_, .under): .shared(left: UInt64(max(0, limit - 1 - look.reading.used)))
    }
  }

  /// Whether nothing more is asked of a bound above, so that nothing is taken of it (rule 28).
  private func asksNothing(_ look: Look) -> Bool {
    look.rule.comparison != .atLeast && !look.rule.countsPreviousOnly
      && look.quantity != .sinceLast && look.reading.asked <= 0
  }

  private func passes(_ look: Look, _ limit: UInt64) -> Bool {
    let value = look.rule.countsPreviousOnly ? look.reading.used : look.reading.value
    return switch look.rule.comparison {
    case .atMost: value <= Int128(limit)
    case .under: value < Int128(limit)
    case .atLeast: value >= Int128(limit)
    }
  }

  /// Rule 31.
  private func headroom(_ look: Look, limit: UInt64) -> Int128 {
    guard !look.rule.countsPreviousOnly, [.amount, .balance, .supply].contains(look.quantity) else {
      return 0
    }
    return switch look.rule.comparison {
    case .atMost: max(0, Int128(limit) - look.reading.used)
    case .under: max(0, Int128(limit) - 1 - look.reading.used)
    case .atLeast: 0
    }
  }

  private func look(
    _ index: Int, of standing: Standing, at payment: Payment, on side: Payment.Side, sweep: Int128
  ) -> Look? {
    let set = standing.set
    let rule = set.rules[index]
    let measure = set.measures[rule.measure]
    let isPayer = side.slot == payment.payer?.slot
    let keys = keys(measure, in: set, payment)
    guard let key = isPayer ? keys.payer : keys.payee, let cap = cap(of: rule, for: side, in: set),
      rule.from ?? now <= now, rule.until.map({ now < $0 }) ?? true,
      !isExempt(side, from: index, in: set),
      let reading = read(rule.measure, of: standing, for: key, payment, sweep: sweep)
    else { return nil }
    return Look(
      rule: rule, side: side,
      limit: number(cap, for: side, in: set, roundsUp: rule.comparison != .atMost),
      reading: reading, quantity: measure.quantity)
  }

  private func cap(of rule: Rule, for side: Payment.Side, in set: RuleSet) -> Cap? {
    switch rule.caps {
    case .every(let cap): return cap
    case .byTier(let caps):
      guard let tier = side.tierName, let index = set.tiers.firstIndex(of: tier) else { return nil }
      return caps[index]
    }
  }

  private func isExempt(_ side: Payment.Side, from rule: Int, in set: RuleSet) -> Bool {
    set.exemptions.contains { exemption in
      exemption.rules.contains(rule) && now < exemption.until
        && (exemption.accounts.contains(side.account)
          || exemption.participants.contains(side.participantID))
    }
  }

  /// The number of a cap (rule 27); `nil` where it is undecidable.
  private func number(
    _ cap: Cap, for side: Payment.Side, in set: RuleSet, roundsUp: Bool
  ) -> UInt64? {
    func number(_ cap: Cap) -> UInt64? {
      self.number(cap, for: side, in: set, roundsUp: roundsUp)
    }
    switch cap {
    case .constant(let number): return number
    case .balance: return UInt64(max(0, side.balance))
    case .attribute(let name):
      guard let attribute = set.attributes.first(where: { $0.name == name }),
        case .amount(let limits) = attribute.kind
      else { preconditionFailure("there is no amount `\(name)`") }
      let index = attribute.holder == .wallet ? side.slot : side.participant
      let number = amount(name, of: attribute.holder, index) ?? limits.initial
      return number.map { min($0, limits.ceiling ?? $0) }
    case .share(let basisPoints, let whole):
      guard let whole = number(whole) else { return nil }
      let product = Int128(whole) * Int128(basisPoints)
      return UInt64((product + (roundsUp ? 9_999 : 0)) / 10_000)
    case .least(let caps), .greatest(let caps):
      let numbers = caps.compactMap(number)
      guard numbers.count == caps.count else { return nil }
      if case .least = cap { return numbers.min() }
      return numbers.max()
    }
  }
}

extension Rule {
  fileprivate var isWaterfall: Bool {
    if case .waterfall = action { true } else { false }
  }
}
