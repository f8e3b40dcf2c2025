import LedgerModel

extension ReferenceLedger {
  /// A payment as the rules see it: which wallets it takes from and gives to.
  private struct Payment {
    let kind: Measure.Operation
    let transfer: Transfer

    init?(_ operation: Operation) {
      switch operation {
      case .fund(let transfer): (kind, self.transfer) = (.fund, transfer)
      case .pay(let transfer): (kind, self.transfer) = (.pay, transfer)
      case .cashOut(let transfer): (kind, self.transfer) = (.cashOut, transfer)
      default: return nil
      }
    }

    /// The wallet that a measure of the direction is about.
    func wallet(_ direction: Measure.Direction) -> AccountID? {
      switch (kind, direction) {
      case (.fund, .into), (.pay, .into): transfer.payee
      case (.pay, .out), (.cashOut, .out): transfer.payer
      default: nil
      }
    }
  }

  /// The first limit that a payment would pass, and the wallets whose tier the rules do not know.
  func limitRejections(of operation: Operation) -> [Rejection] {
    guard let payment = Payment(operation),
      let ruleSet = activeRuleSet(of: payment.transfer.currency)
    else { return [] }
    var rejections: [Rejection] = []
    for direction in [Measure.Direction.out, .into] {
      guard let wallet = payment.wallet(direction), let tier = tier(of: wallet) else { continue }
      if !ruleSet.tiers.contains(tier) { rejections.append(.tierUnknown(tier)) }
    }
    for rule in ruleSet.rules {
      if let breach = breach(of: rule, in: ruleSet, by: payment) {
        rejections.append(.limitExceeded(breach))
      }
    }
    return rejections
  }

  private func breach(
    of rule: Rule, in ruleSet: RuleSet, by payment: Payment
  ) -> LimitBreach? {
    let measure = ruleSet.measures[rule.measure]
    guard measure.operations.contains(payment.kind),
      let wallet = payment.wallet(measure.direction), let tier = tier(of: wallet),
      let tierIndex = ruleSet.tiers.firstIndex(of: tier), case .byTier(let caps) = rule.caps,
      case .constant(let maximum)? = caps[tierIndex]
    else { return nil }
    let asked = measure.quantity == .count ? 1 : payment.transfer.amount
    let used: Int128 =
      if measure.quantity == .balance {
        balance(of: wallet)
      } else if measure.window == .payment {
        0
      } else {
        self.used(of: measure, by: wallet, in: ruleSet.currency)
      }
    guard used + Int128(asked) > Int128(maximum) else { return nil }
    return LimitBreach(
      rule: rule.id, account: wallet, limit: maximum, used: used, asked: asked,
      resets: measure.window.zone.flatMap { zone in
        let calendar = ReferenceCalendar(zone)
        return calendar.newest(measure.window, at: time).map {
          calendar.end(of: measure.window, number: $0)
        }
      })
  }

  /// What the wallet's payments in the current window come to, of those since the rules began to
  /// measure this.
  private func used(of measure: Measure, by wallet: AccountID, in code: CurrencyCode) -> Int128 {
    var start = nextSequence
    for (sequence, ruleSet) in activations(of: code).reversed() {
      guard ruleSet.measures.contains(where: { isSameCounter($0, measure) }) else { break }
      start = sequence
    }
    func window(_ time: LedgerTime) -> Int? {
      measure.window.zone.flatMap { ReferenceCalendar($0).newest(measure.window, at: time) }
    }
    let now = window(time)
    var used: Int128 = 0
    for entry in accepted where entry.sequence > start {
      guard let payment = Payment(entry.operation), payment.transfer.currency == code,
        measure.operations.contains(payment.kind), payment.wallet(measure.direction) == wallet,
        window(entry.time) == now
      else { continue }
      used += measure.quantity == .count ? 1 : Int128(payment.transfer.amount)
    }
    return used
  }

  /// A counter is told by what it counts; of format 1, the orders name each zone in one form.
  private func isSameCounter(_ left: Measure, _ right: Measure) -> Bool { left == right }
}
