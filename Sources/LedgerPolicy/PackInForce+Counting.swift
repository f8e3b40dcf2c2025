internal import LedgerModel

extension PackInForce {
  /// Counts a payment.
  ///
  /// - Complexity: O(measures that count the operation), amortised.
  mutating func count(_ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight) {
    for side in Side.allCases {
      guard let leg = request.leg(side), leg.tier != nil else { continue }
      countPlainly(
        UInt64(request.amount.minorUnits), leg.slot, plan.counts(request.operation, side))
    }
    for index in plan.otherCounts(request.operation) {
      count(Int(plan.otherCounts[index]), request, facts, sight)
    }
  }

  private mutating func countPlainly(_ amount: UInt64, _ slot: Int, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let base = slot * layout.columnCount
    makeRoom(slot)
    for index in range {
      let entry = plan.counts[index]
      rows[base + Int(entry.column)].add(
        entry.unit.of(amount), key: windows[Int(entry.measure)].key)
    }
  }

  private mutating func makeRoom(_ slot: Int) {
    let needed = (slot + 1) * layout.columnCount
    if rows.count < needed {
      rows.append(contentsOf: repeatElement(.empty, count: needed - rows.count))
    }
  }

  /// Counts a payment with one measure, once for each key that its sides have.
  private mutating func count(
    _ index: Int, _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight
  ) {
    let plan = layout.measures[index]
    if let filter = plan.filter, !filter.passes(request, facts, at: sight.time) { return }
    var counted: CounterKey?
    for side in Side.allCases where plan.looks(at: side, of: request.operation) {
      guard let key = key(plan.measure.scope, side, request, facts), key != counted,
        let window = window(index, key, facts, sight)
      else { continue }
      counted = key
      if plan.measure.quantity == .sinceLast {
        update(plan, key) { $0.setTime(sight.time.microseconds) }
        continue
      }
      let asked = asked(plan, key, side, request, facts, sight, window)
      add(asked, plan, key, side, request, facts, sight, window)
    }
  }

  private mutating func add(
    _ asked: Int128, _ plan: MeasurePlan, _ key: CounterKey, _ side: Side,
    _ request: PolicyRequest, _ facts: borrowing PolicyFacts, _ sight: Sight, _ window: KeyWindow
  ) {
    let counterparty = request.leg(side.other)?.slot
    if case .rolling(let length, let max) = plan.measure.window, let queue = plan.queue {
      guard hasRoom(plan, queue, key, max, facts), hasRoom(plan, key, side, request, facts, sight)
      else {
        queues[queue].forget(
          key.queued, at: sight.time,
          leaving: LedgerTime(microsecondsBack: length, from: sight.time),
          keysMax: facts.bounds.paymentsPerMeasure)
        return
      }
      queues[queue].append(
        RollingQueue.Item(
          time: sight.time, key: key.queued, asked: Int64(asked),
          counterparty: Int32(counterparty ?? -1)))
      update(plan, key) { $0.addPayment(asked, of: 1) }
    } else {
      guard hasRoom(plan, key, side, request, facts, sight) else { return }
      update(plan, key) { $0.add(signed: asked, key: window.key) }
    }
    if let met = plan.met, let leg = request.leg(side), let counterparty {
      self.met[met][AccountPair(leg.slot, counterparty)] = sight.time
    }
  }

  /// Whether what is kept by pairs may grow by this payment.
  private func hasRoom(
    _ plan: MeasurePlan, _ key: CounterKey, _ side: Side, _ request: PolicyRequest,
    _ facts: borrowing PolicyFacts, _ sight: Sight
  ) -> Bool {
    let max = facts.bounds.pairsPerMeasure
    if case .pairs(let index) = plan.store, case .pair(let pair) = key {
      guard pairs[index].count < max || pairs[index].contains(pair) else { return false }
    }
    if let index = plan.met, let leg = request.leg(side), let other = request.leg(side.other) {
      let pair = AccountPair(leg.slot, other.slot)
      guard met[index].count < max || met[index][pair] != nil else { return false }
    }
    return true
  }

  private mutating func update(
    _ plan: MeasurePlan, _ key: CounterKey, _ change: (inout Counter) -> Void
  ) {
    switch (plan.store, key) {
    case (.wallets(let column), .dense(let slot)):
      makeRoom(slot)
      change(&rows[slot * layout.columnCount + column])
    case (.dense(let index), .dense(let key)): dense[index].update(key, change)
    case (.pairs(let index), .pair(let pair)): pairs[index].update(pair, change)
    default: preconditionFailure("a key that the measure does not count by")
    }
  }

  /// Takes on what a payment did to what each key's accounts hold, whatever it counted.
  mutating func move(
    _ request: PolicyRequest, sweep: UInt64, _ facts: borrowing PolicyFacts
  ) {
    guard !layout.totals.isEmpty else { return }
    for (place, scope) in layout.totals.enumerated() {
      let isInside = scope == .participant
      if let leg = request.payer,
        let key = facts.totalKey(
          scope, slot: leg.slot, participant: leg.participant, tier: leg.tier)
      {
        addTotal(
          place, key, (isInside ? 0 : Int64(clamping: request.draw)) - request.amount.minorUnits)
      }
      if let leg = request.payee,
        let key = facts.totalKey(
          scope, slot: leg.slot, participant: leg.participant, tier: leg.tier)
      {
        addTotal(place, key, request.amount.minorUnits - (isInside ? 0 : Int64(clamping: sweep)))
      }
    }
  }

  /// Takes on that a wallet is of another tier.
  mutating func setTier(from old: Int, to new: Int, balance: Balance) {
    for (place, scope) in layout.totals.enumerated() where scope == .tier {
      addTotal(place, old, -balance.minorUnits)
      addTotal(place, new, balance.minorUnits)
    }
  }
}

extension Counter {
  /// Keeps a time in place of a sum.
  fileprivate mutating func setTime(_ microseconds: UInt64) {
    self = .empty
    add(microseconds, key: 0)
  }
}
