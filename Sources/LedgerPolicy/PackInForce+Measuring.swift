internal import LedgerModel

/// What a measure says of one key before a payment, and what the payment would add.
struct MeasuredValue {
  /// When waiting helps.
  enum Relief {
    case never
    case at(LedgerTime)
    /// So long as the cap is after the last payment.
    case sinceLast(LedgerTime)
  }

  var used: Int128
  var asked: Int128
  var relief = Relief.never
  /// How much is remembered, where there is no room for the payment.
  var memoryMax: Int?

  /// What the answer gives as asked: of a balance that falls, nothing.
  func shownAsked(_ measure: Measure) -> UInt64 {
    measure.quantity == .balance
      ? UInt64(clamping: asked) : UInt64(clamping: asked.magnitude)
  }

  /// When waiting would help against a limit.
  func resets(_ limit: UInt64) -> LedgerTime? {
    switch relief {
    case .never: nil
    case .at(let time): time
    case .sinceLast(let last): last.advanced(byMicroseconds: limit)
    }
  }
}

/// The window of one key: which it is, and when it ends.
struct KeyWindow {
  let key: Int32
  /// `nil` where it does not end by itself, or begins with the payment in hand.
  let end: LedgerTime?
}

extension PackInForce {
  /// Measures a side; `nil` where the measure does not count the payment there.
  func value(
    _ index: Int, _ side: Side, _ leg: PolicyLeg, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> MeasuredValue? {
    let plan = layout.measures[index]
    if let filter = plan.filter, !filter.passes(request, facts, at: sight.time) {
      return nil
    }
    guard let key = key(plan.measure.scope, side, request, facts),
      let window = window(index, key, facts, sight)
    else { return nil }
    var value: MeasuredValue
    switch plan.measure.quantity {
    case .amount, .count, .counterparties:
      value = MeasuredValue(
        used: counter(plan, key).used(key: plan.queue == nil ? window.key : counterKey(plan, key)),
        asked: asked(plan, key, side, request, facts, sight, window))
      if let queue = plan.queue, case .rolling(let length, let max) = plan.measure.window {
        let left = LedgerTime(microsecondsBack: length, from: sight.time)
        if let forgotten = queues[queue].forgotten(key.queued, after: left) {
          value.memoryMax = max
          value.relief = .at(forgotten.advanced(byMicroseconds: length))
        } else if let first = queues[queue].firstTime(of: key.queued) {
          value.relief = .at(first.advanced(byMicroseconds: length))
        }
        if !hasRoom(plan, queue, key, max, facts) { value.memoryMax = max }
      } else if let end = window.end {
        value.relief = .at(end)
      }
    case .balance: value = balance(plan, key, leg, request, facts, sight)
    case .supply:
      let amount = Int128(request.amount.minorUnits)
      value = MeasuredValue(used: request.outstanding - amount, asked: amount)
    case .sinceLast:
      let last = counter(plan, key)
      guard last.key == 0 else { return nil }
      let time = LedgerTime(microseconds: UInt64(last.sum))
      value = MeasuredValue(
        used: Int128(sight.time.microseconds - time.microseconds), asked: 0,
        relief: .sinceLast(time))
    }
    if value.memoryMax == nil, let max = fullMemory(plan, key, request, facts, sight) {
      (value.memoryMax, value.relief) = (max, .never)
    }
    return value
  }

  /// Whether a rolling window can remember one payment more of a key.
  func hasRoom(
    _ plan: MeasurePlan, _ queue: Int, _ key: CounterKey, _ max: Int,
    _ facts: borrowing PolicyFacts
  ) -> Bool {
    counter(plan, key).payments < max && queues[queue].count < facts.bounds.paymentsPerMeasure
  }

  /// A rolling counter has no window of its own: it is read by what it holds.
  private func counterKey(_ plan: MeasurePlan, _ key: CounterKey) -> Int32 {
    counter(plan, key).key
  }

  /// The key of a side.
  func key(
    _ scope: Measure.Scope, _ side: Side, _ request: PolicyRequest, _ facts: borrowing PolicyFacts
  ) -> CounterKey? {
    guard let leg = request.leg(side) else { return nil }
    switch scope {
    case .wallet: return leg.tier == nil ? nil : .dense(leg.slot)
    case .owner:
      return leg.tier == nil ? nil : facts.owners?.number(of: leg.slot).map { .dense($0) }
    case .pair:
      guard side == .payer, leg.tier != nil, let payee = request.payee, payee.tier != nil else {
        return nil
      }
      return .pair(AccountPair(leg.slot, payee.slot))
    case .participant: return .dense(leg.participant)
    case .participantClass:
      return layout.classColumn.flatMap { column in
        facts.attributes[column].number(of: leg.participant).map { .dense($0) }
      }
    case .tier: return leg.tier.map { .dense($0) }
    case .system: return .dense(0)
    }
  }

  /// The window in which a payment of the key would be counted; `nil` where there is none.
  func window(_ index: Int, _ key: CounterKey, _ facts: borrowing PolicyFacts, _ sight: Sight)
    -> KeyWindow?
  {
    let plan = layout.measures[index]
    switch plan.measure.window {
    case .payment, .lifetime, .rolling: return KeyWindow(key: 0, end: nil)
    case .day, .week, .month, .year, .businessDay, .span:
      let window = windows[index]
      return window.isOpen ? KeyWindow(key: window.key, end: window.end) : nil
    case .since:
      return KeyWindow(key: event(plan, key, facts, sight)?.number ?? 0, end: nil)
    case .after(_, let length):
      guard let event = event(plan, key, facts, sight) else { return nil }
      let end = event.time.advanced(byMicroseconds: length)
      guard sight.time < end else { return nil }
      return KeyWindow(key: event.number, end: hasHappened(plan, key, facts) ? end : nil)
    }
  }

  private func event(
    _ plan: MeasurePlan, _ key: CounterKey, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> (number: Int32, time: LedgerTime)? {
    switch (plan.event, key) {
    case (.opened, .dense(let slot)): return facts.opening(of: slot).map { (1, $0) }
    case (.column(let column), .dense(let slot)):
      let events = facts.events[column]
      return events.time(of: slot).map { (events.count(of: slot), $0) }
    case (.firstPayment, .pair(let pair)):
      // Where there was none yet, the payment in hand is the first.
      return (1, facts.paid[pair.first, pair.second] ?? sight.time)
    default: preconditionFailure("an event of no key")
    }
  }

  /// Whether the event of a window was before the payment in hand, which may itself be it.
  private func hasHappened(
    _ plan: MeasurePlan, _ key: CounterKey, _ facts: borrowing PolicyFacts
  ) -> Bool {
    guard plan.event == .firstPayment, case .pair(let pair) = key else { return true }
    return facts.paid[pair.first, pair.second] != nil
  }

  func counter(_ plan: MeasurePlan, _ key: CounterKey) -> Counter {
    switch (plan.store, key) {
    case (.wallets(let column), .dense(let slot)): row(slot, column)
    case (.dense(let index), .dense(let key)): dense[index][key]
    case (.pairs(let index), .pair(let pair)): pairs[index][pair]
    default: .empty
    }
  }

  /// What a payment asks of a key: the sum over its sides with that key.
  func asked(
    _ plan: MeasurePlan, _ key: CounterKey, _ side: Side, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight, _ window: KeyWindow
  ) -> Int128 {
    let unit = Int128(plan.unit.of(UInt64(request.amount.minorUnits)))
    switch (plan.measure.quantity, plan.measure.direction) {
    case (.counterparties, _):
      return isNewCounterparty(plan, side, request) ? 1 : 0
    case (_, .out), (_, .into): return unit
    case (_, .turnover), (_, .net):
      let isNet = plan.measure.direction == .net
      var sum: Int128 = 0
      for candidate in Side.allCases
      where self.key(plan.measure.scope, candidate, request, facts) == key {
        sum += isNet && candidate == .payee ? -unit : unit
      }
      return sum
    }
  }

  private func isNewCounterparty(
    _ plan: MeasurePlan, _ side: Side, _ request: PolicyRequest
  ) -> Bool {
    guard let index = plan.met, let leg = request.leg(side), let other = request.leg(side.other)
    else { return false }
    return met[index][AccountPair(leg.slot, other.slot)] == nil
  }

  private func balance(
    _ plan: MeasurePlan, _ key: CounterKey, _ leg: PolicyLeg, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> MeasuredValue {
    let amount = Int128(request.amount.minorUnits)
    let draw = Int128(request.draw)
    let sweep = Int128(sight.sweep)
    guard case .totals(let place) = plan.store, case .dense(let dense) = key else {
      return MeasuredValue(
        used: Int128(leg.balanceAfter.minorUnits) - amount, asked: amount - sweep)
    }
    let used = dense < totals[place].count ? Int128(totals[place][dense]) : 0
    let isPayersToo = self.key(plan.measure.scope, .payer, request, facts) == key
    // What is drawn, and what goes on, stays with the wallet's participant.
    let isInside = plan.measure.scope == .participant
    let asked =
      amount - (isInside ? 0 : sweep) + (isPayersToo ? (isInside ? 0 : draw) - amount : 0)
    return MeasuredValue(used: used, asked: asked)
  }

  private func fullMemory(
    _ plan: MeasurePlan, _ key: CounterKey, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Int? {
    let bounds = facts.bounds
    if plan.asksFirstPayments, let payer = request.payer, let payee = request.payee,
      payer.tier != nil, payee.tier != nil,
      let max = facts.maxForFirstPayment(payer.slot, payee.slot)
    {
      return max
    }
    if case .pairs(let index) = plan.store, case .pair(let pair) = key,
      pairs[index].count >= bounds.pairsPerMeasure, !pairs[index].contains(pair)
    {
      return bounds.pairsPerMeasure
    }
    if let index = plan.met, met[index].count >= bounds.pairsPerMeasure {
      let side: Side = plan.measure.direction == .out ? .payer : .payee
      if isNewCounterparty(plan, side, request) { return bounds.pairsPerMeasure }
    }
    return nil
  }
}
