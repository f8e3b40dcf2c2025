public import LedgerModel

/// The limits in force and what has been used of them.
///
/// Pure: a decision depends on the rule sets activated, the times advanced to and the requests
/// committed, in their order, and on nothing else. ``decide(_:)`` reads, ``commit(_:)`` counts.
/// Only what was committed counts, so that a refused attempt consumes nothing, and payments of one
/// batch share one headroom.
///
/// The rules of a set are for its currency alone; a request in another currency is permitted.
public struct PolicyEngine: Sendable, Equatable {
  /// The set in force; `nil` before the first, and then everything is permitted.
  public private(set) var active: RuleSet?
  /// The newest time advanced to.
  public private(set) var now = LedgerTime(microseconds: 0)

  private var plan = RulePlan.none
  /// The current window of each counter of the plan.
  private(set) var windows: [CounterWindow] = []
  /// The earliest end of a window: until then ``advance(to:)`` has nothing to do.
  private var windowsEnd = LedgerTime(microseconds: .max)
  // The counters of slot `s` are those from `s * plan.counters.count` on, so that one payment finds
  // those of its wallet side by side. Grown by `commit` alone.
  private var counters: [Counter] = []

  public init() {}

  /// Puts a rule set in force, from the current time on.
  ///
  /// A counter is kept where the new set counts the same thing: equal currency, quantity, scope,
  /// window, direction, operations and *name* of the zone. A new maximum, a new rule id and newer
  /// transitions of the zone therefore keep what was used. A window that has begun under the old
  /// transitions goes on where the new ones would go back to the one before. Anything else starts
  /// at zero.
  ///
  /// - Precondition: `ruleSet.validate()` passed.
  /// - Complexity: O(wallets · counters).
  public mutating func activate(_ ruleSet: RuleSet) {
    let old = plan
    let oldWindows = windows
    let isSameCurrency = active?.currency == ruleSet.currency
    plan = RulePlan(ruleSet)
    let kept = plan.counters.map { measure in
      isSameCurrency ? old.counters.firstIndex { $0.countsSame(as: measure) } : nil
    }
    windows = zip(plan.counters, kept).map { measure, kept in
      CounterWindow(of: measure, at: now, notBefore: kept.map { oldWindows[$0].key } ?? .min)
    }
    windowsEnd = Self.earliestEnd(windows)
    let slots = old.counters.isEmpty ? 0 : counters.count / old.counters.count
    var moved: [Counter] = []
    moved.reserveCapacity(slots * plan.counters.count)
    for slot in 0..<slots {
      for index in kept {
        moved.append(index.map { counters[slot * old.counters.count + $0] } ?? .empty)
      }
    }
    counters = moved
    active = ruleSet
  }

  /// Writes the set in force, as `encode` has it, and what is used.
  package func write(to snapshot: inout SnapshotWriter, encode: (RuleSet) -> [UInt8]) {
    snapshot.write(active.map(encode) ?? [])
    snapshot.write(now.microseconds)
    for window in windows {
      snapshot.write(window.key)
      snapshot.write(window.end.microseconds)
    }
    snapshot.write(counters.count)
    for counter in counters { counter.write(to: &snapshot) }
  }

  package init(
    reading snapshot: inout SnapshotReader, decode: ([UInt8]) throws(SnapshotError) -> RuleSet
  ) throws(SnapshotError) {
    let encoded = try snapshot.bytes()
    if !encoded.isEmpty {
      let ruleSet = try decode(encoded)
      plan = RulePlan(ruleSet)
      active = ruleSet
    }
    now = LedgerTime(microseconds: try snapshot.uint64())
    for _ in plan.counters {
      windows.append(
        CounterWindow(
          key: try snapshot.int32(), end: LedgerTime(microseconds: try snapshot.uint64())))
    }
    windowsEnd = Self.earliestEnd(windows)
    let count = try snapshot.count(max: .max)
    guard count == 0 || (!plan.counters.isEmpty && count.isMultiple(of: plan.counters.count)) else {
      throw SnapshotError("\(count) counters of \(plan.counters.count) measures")
    }
    counters.reserveCapacity(min(count, 1 << 26))
    for _ in 0..<count { counters.append(try Counter(reading: &snapshot)) }
  }

  /// Moves to the time of the next batch, before its decisions.
  ///
  /// - Precondition: `time` is not before ``now``.
  /// - Complexity: O(1), and O(counters of the set) where a window ends.
  public mutating func advance(to time: LedgerTime) {
    precondition(time >= now, "time goes back from \(now) to \(time)")
    now = time
    guard time >= windowsEnd else { return }
    for index in windows.indices where time >= windows[index].end {
      windows[index] = CounterWindow(
        of: plan.counters[index], at: time, notBefore: windows[index].key)
    }
    windowsEnd = Self.earliestEnd(windows)
  }

  /// Returns the place of a tier in the active set, or `nil` where it has none such.
  public func tierIndex(of tier: Tier) -> Int? { active?.tiers.firstIndex(of: tier) }

  /// Says whether the rules permit a payment now.
  ///
  /// Where several rules deny, the answer is the first in the order of the set, whichever leg it is
  /// about: the order that the author wrote is the one that a reader can follow. An unknown tier is
  /// answered before any rule, the payer's first.
  ///
  /// - Complexity: O(rules that have a maximum for the operation and tiers).
  public func decide(_ request: PolicyRequest) -> Decision {
    guard request.currency == plan.currency else { return .permit }
    if let payer = request.payer, payer.tier == nil { return .denyUnknownTier(payer.account) }
    if let payee = request.payee, payee.tier == nil { return .denyUnknownTier(payee.account) }
    let asked = UInt64(request.amount.minorUnits)
    var first = Int32.max
    var isPayer = false
    if let leg = request.payer {
      first = firstDenial(leg, asked, plan.checks(request.operation, .out, tier: leg.tier))
      isPayer = first != .max
    }
    if let leg = request.payee {
      let denial = firstDenial(leg, asked, plan.checks(request.operation, .into, tier: leg.tier))
      if denial != .max,
        first == .max || plan.checks[Int(denial)].rule < plan.checks[Int(first)].rule
      {
        first = denial
        isPayer = false
      }
    }
    guard first != .max, let leg = isPayer ? request.payer : request.payee else { return .permit }
    return .deny(breach(of: plan.checks[Int(first)], leg, asked))
  }

  /// Decides, and counts what is permitted: for the last check of a payment, after which nothing
  /// refuses it.
  ///
  /// In place, where deciding and counting apart would copy the engine, and so touch the reference
  /// counts of all its tables.
  ///
  /// - Complexity: As ``decide(_:)`` and ``commit(_:)``.
  public mutating func decideAndCommit(_ request: PolicyRequest) -> Decision {
    let decision = decide(request)
    if decision == .permit { commit(request) }
    return decision
  }

  /// Counts a payment that ``decide(_:)`` permitted and the ledger accepted.
  ///
  /// - Complexity: O(measures that count the operation), amortised.
  public mutating func commit(_ request: PolicyRequest) {
    guard request.currency == plan.currency else { return }
    let asked = UInt64(request.amount.minorUnits)
    if let leg = request.payer { count(asked, leg.slot, plan.counts(request.operation, .out)) }
    if let leg = request.payee { count(asked, leg.slot, plan.counts(request.operation, .into)) }
  }

  /// Reads a wallet's counters, so that they are in the cache when the wallet's turn comes.
  ///
  /// Mutating, though it changes nothing, because it is then called in place: see
  /// ``decideAndCommit(_:)``.
  ///
  /// - Returns: A number that depends on what was read, and means nothing.
  package mutating func trace(of slot: Int) -> UInt64 {
    let index = slot * plan.counters.count
    return index < counters.count ? UInt64(truncatingIfNeeded: counters[index].key) : 0
  }

  /// Traps where the engine is not what activation, time and commits make of it.
  ///
  /// - Complexity: O(wallets · counters).
  public func checkInvariants() {
    precondition((active == nil) == (plan.currency == nil), "a plan without its rule set")
    precondition(windows.count == plan.counters.count, "\(windows.count) windows")
    for (measure, window) in zip(plan.counters, windows) {
      precondition(window.end > now || window.end == .lastThereIs, "window ended at \(window.end)")
      precondition(windowsEnd <= window.end, "window \(window.key) of \(measure) is overlooked")
    }
    guard !plan.counters.isEmpty else {
      precondition(counters.isEmpty, "\(counters.count) counters of no measure")
      return
    }
    precondition(counters.count.isMultiple(of: plan.counters.count), "a wallet in part")
    for (index, counter) in counters.enumerated() {
      let window = windows[index % plan.counters.count]
      precondition(counter.key <= window.key, "counter of window \(counter.key) to come")
      precondition(counter.key != .min || counter == .empty, "a sum of no window")
    }
  }

  /// Returns the index in `plan.checks` of the first that denies, or `.max`.
  ///
  /// No allocation: called twice a payment. An index, because an optional check would be copied.
  private func firstDenial(_ leg: PolicyLeg, _ amount: UInt64, _ range: Range<Int>) -> Int32 {
    let base = leg.slot * plan.counters.count
    for index in range {
      let check = plan.checks[index]
      let passes =
        switch check.subject {
        case .payment: check.unit.of(amount) > check.maximum
        case .balance:
          leg.balanceAfter.minorUnits > 0
            && UInt64(leg.balanceAfter.minorUnits) > check.maximum
        case .counter:
          counter(base + Int(check.counter)).wouldPass(
            check.maximum, adding: check.unit.of(amount), key: windows[Int(check.counter)].key)
        }
      if passes { return Int32(index) }
    }
    return .max
  }

  private func counter(_ index: Int) -> Counter {
    index < counters.count ? counters[index] : .empty
  }

  private mutating func count(_ amount: UInt64, _ slot: Int, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let base = slot * plan.counters.count
    let needed = base + plan.counters.count
    if counters.count < needed {
      counters.append(contentsOf: repeatElement(.empty, count: needed - counters.count))
    }
    for index in range {
      let entry = plan.counts[index]
      counters[base + Int(entry.counter)].add(
        entry.unit.of(amount), key: windows[Int(entry.counter)].key)
    }
  }

  private func breach(of check: RulePlan.Check, _ leg: PolicyLeg, _ amount: UInt64) -> LimitBreach {
    let standing = standing(of: check, slot: leg.slot, balance: leg.balanceAfter)
    let isBalance = check.subject == .balance
    return LimitBreach(
      rule: standing.rule, account: leg.account, limit: check.maximum,
      used: isBalance ? standing.used - Int128(amount) : standing.used,
      asked: check.unit.of(amount), resets: standing.resets)
  }

  private static func earliestEnd(_ windows: [CounterWindow]) -> LedgerTime {
    windows.map(\.end).min() ?? .lastThereIs
  }
}

extension PolicyEngine {
  /// Returns what a wallet has used of each rule that has a maximum for its tier, in the order of
  /// the set.
  ///
  /// - Parameters:
  ///   - slot: The wallet's place in dense order.
  ///   - tier: Its tier's place in the active set.
  ///   - balance: What it holds.
  /// - Returns: One standing a rule.
  /// - Complexity: O(rules); for statements and explanations, not for decisions.
  public func standings(slot: Int, tier: Int, balance: Balance) -> [Standing] {
    plan.allChecks(tier: tier).map { standing(of: $0, slot: slot, balance: balance) }
  }

  private func standing(of check: RulePlan.Check, slot: Int, balance: Balance) -> Standing {
    // Not bound whole: the set would be copied, and the references of all its parts counted.
    guard let rule = active?.rules[Int(check.rule)].id else {
      preconditionFailure("rule \(check.rule) of no set")
    }
    switch check.subject {
    case .payment: return Standing(rule: rule, maximum: check.maximum, used: 0, resets: nil)
    case .balance:
      return Standing(
        rule: rule, maximum: check.maximum, used: Int128(balance.minorUnits), resets: nil)
    case .counter:
      let window = windows[Int(check.counter)]
      let used = counter(slot * plan.counters.count + Int(check.counter)).used(key: window.key)
      return Standing(
        rule: rule, maximum: check.maximum, used: used,
        resets: plan.counters[Int(check.counter)].isCalendar ? window.end : nil)
    }
  }
}

/// How far a wallet is from one limit.
public struct Standing: Hashable, Sendable {
  public let rule: RuleID
  /// Minor units, or a count; inclusive.
  public let maximum: UInt64
  /// In the current window; nothing for a limit of one payment.
  public let used: Int128
  /// When the window ends; `nil` where there is none.
  public let resets: LedgerTime?

  /// What may still be asked: zero, not less, where a lowered maximum is below what was used.
  public var left: UInt64 { used >= Int128(maximum) ? 0 : UInt64(Int128(maximum) - used) }
}
