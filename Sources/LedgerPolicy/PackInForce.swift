internal import LedgerModel

/// One rule set that is in force, or in shadow, with what has been used of it.
///
/// Its methods mutate, also those that only look: they are then called in place, where others are
/// handed a copy, and so touch the reference counts of all its tables.
struct PackInForce: Sendable, Equatable {
  let ruleSet: RuleSet
  let isShadow: Bool
  /// What comes back when this one is withdrawn.
  let replaced: [ReplacedSet]
  let layout: MeasureLayout
  private(set) var plan: RulePlan
  /// The current window of each measure.
  private(set) var windows: [CounterWindow] = []
  /// Until then, nothing changes with time alone, but for the queues.
  private var changesNext = LedgerTime(microseconds: 0)
  /// By index of the ledger's tiers: the place in the plan; `nil` where the set has none such.
  private(set) var places: [Int?] = []

  // The counters of slot `s` are those from `s * layout.columnCount` on, so that one payment finds
  // those of its wallet side by side. Grown by counting alone.
  var rows: [Counter] = []
  var dense: [DenseCounters]
  var pairs: [PairCounters]
  var queues: [RollingQueue]
  var met: [PairTimes]
  /// By index into the layout's totals, then by key.
  var totals: [[Int64]]

  /// Puts a set in force, with what those that it replaces have counted.
  ///
  /// - Complexity: O(accounts · counters).
  init(
    _ ruleSet: RuleSet, isShadow: Bool, after old: [PackInForce], replaced: [ReplacedSet],
    facts: PolicyFacts, over accounts: PolicyAccounts, at time: LedgerTime
  ) {
    self.ruleSet = ruleSet
    self.isShadow = isShadow
    self.replaced = replaced
    layout = MeasureLayout(ruleSet, facts: facts)
    plan = RulePlan(ruleSet, layout, at: time)
    dense = Array(repeating: DenseCounters(), count: layout.denseCount)
    pairs = Array(repeating: PairCounters(), count: layout.pairsCount)
    queues = Array(repeating: RollingQueue(), count: layout.queueCount)
    met = Array(repeating: PairTimes(), count: layout.metCount)
    totals = Array(repeating: [], count: layout.totals.count)
    for tier in facts.tiers { nameTier(tier) }
    let kept = ruleSet.measures.map { Self.place(of: $0, in: ruleSet, among: old) }
    windows = ruleSet.measures.map { CounterWindow(of: $0.window, at: time) }
    keep(kept, of: old)
    addUpTotals(of: accounts, facts)
    changesNext = nextChange
  }

  /// Where a measure that counts the same stands among replaced sets.
  private static func place(
    of measure: Measure, in set: RuleSet, among old: [PackInForce]
  ) -> (pack: Int, measure: Int)? {
    for (pack, candidate) in old.enumerated() {
      let isSameEvent =
        set.definition(of: measure.window.event)?.trigger
        == candidate.ruleSet.definition(of: measure.window.event)?.trigger
      let measures = candidate.ruleSet.measures
      guard isSameEvent, candidate.ruleSet.currency == set.currency,
        let index = measures.indices.filter({ measures[$0].countsSame(as: measure) })
          .max(by: { measures[$0].window.isWorseMemory(than: measures[$1].window, for: measure) })
      else { continue }
      return (pack, index)
    }
    return nil
  }

  private mutating func keep(_ kept: [(pack: Int, measure: Int)?], of old: [PackInForce]) {
    var columns: [(to: Int, pack: Int, from: Int, succession: WindowSuccession)] = []
    for (index, place) in kept.enumerated() {
      guard let place else { continue }
      let source = old[place.pack]
      let plan = source.layout.measures[place.measure]
      let target = layout.measures[index]
      let succession = WindowSuccession(
        of: target.measure.window, from: source.windows[place.measure], to: windows[index])
      switch (plan.store, target.store) {
      case (.wallets(let from), .wallets(let to)):
        columns.append((to, place.pack, from, succession))
      case (.dense(let from), .dense(let to)):
        dense[to] = source.dense[from].mapped(succession.moved)
      case (.pairs(let from), .pairs(let to)) where succession.goesOn:
        pairs[to] = source.pairs[from].mapped(succession.moved)
      default: break  // Totals are added up anew, and where nothing is kept there is nothing.
      }
      if let from = plan.queue, let to = target.queue { queues[to] = source.queues[from] }
      if let from = plan.met, let to = target.met, succession.goesOn {
        met[to] = source.met[from]
      }
    }
    guard layout.columnCount > 0, !columns.isEmpty else { return }
    let slots = old.map(\.slotCount).max() ?? 0
    rows = Array(repeating: .empty, count: slots * layout.columnCount)
    for (to, pack, from, succession) in columns {
      let width = old[pack].layout.columnCount
      for slot in 0..<old[pack].slotCount {
        rows[slot * layout.columnCount + to] = succession.moved(
          old[pack].rows[slot * width + from])
      }
    }
  }

  private var slotCount: Int { layout.columnCount == 0 ? 0 : rows.count / layout.columnCount }

  private mutating func addUpTotals(of accounts: PolicyAccounts, _ facts: PolicyFacts) {
    guard !layout.totals.isEmpty else { return }
    for slot in 0..<accounts.count {
      guard let account = accounts.account(slot) else { continue }
      for (place, scope) in layout.totals.enumerated() {
        let key = facts.totalKey(
          scope, slot: slot, participant: account.participant, tier: account.tier)
        if let key { addTotal(place, key, account.balance.minorUnits) }
      }
    }
  }

  mutating func addTotal(_ place: Int, _ key: Int, _ change: Int64) {
    if totals[place].count <= key {
      totals[place].append(
        contentsOf: repeatElement(0, count: key + 1 - totals[place].count))
    }
    totals[place][key] += change
  }

  mutating func nameTier(_ tier: Tier) {
    let place = ruleSet.tiers.firstIndex(of: tier)
    places.append(ruleSet.tiers.isEmpty ? 1 : place.map { $0 + 1 })
  }

  /// The place in the plan of a side's tier; `nil` where the set has no such tier.
  func place(of leg: PolicyLeg) -> Int? { leg.tier.map { places[$0] } ?? 0 }

  /// Moves to the time of the next batch.
  ///
  /// - Complexity: O(what leaves rolling windows), and O(set) where a window or a rule ends.
  mutating func advance(to time: LedgerTime) {
    if !queues.isEmpty { leaveQueues(at: time) }
    guard time >= changesNext else { return }
    for (index, measure) in ruleSet.measures.enumerated() where time >= windows[index].end {
      let key = windows[index].key
      windows[index] = CounterWindow(of: measure.window, at: time)
      if windows[index].key != key { forgetPairs(of: layout.measures[index]) }
    }
    if time >= plan.nextChange { plan = RulePlan(ruleSet, layout, at: time) }
    changesNext = nextChange
  }

  private var nextChange: LedgerTime {
    min(windows.map(\.end).min() ?? .lastThereIs, plan.nextChange)
  }

  /// Forgets what a calendar window that has ended keeps by pairs.
  private mutating func forgetPairs(of plan: MeasurePlan) {
    if case .pairs(let index) = plan.store { pairs[index].removeAll() }
    if let index = plan.met { met[index].removeAll() }
  }

  private mutating func leaveQueues(at time: LedgerTime) {
    for plan in layout.measures {
      guard let queue = plan.queue, case .rolling(let length, _) = plan.measure.window,
        let leaving = LedgerTime(microsecondsBack: length, from: time)
      else { continue }
      while let item = queues[queue].removeFirst(countedThrough: leaving) {
        leave(item, plan, at: leaving)
      }
    }
  }

  private mutating func leave(_ item: RollingQueue.Item, _ plan: MeasurePlan, at time: LedgerTime) {
    var asked = Int128(item.asked)
    if let met = plan.met {
      // A counterparty that was met again later has not left.
      let pair = AccountPair(Int(item.key), Int(item.counterparty))
      let isLast = item.counterparty >= 0 && self.met[met][pair].map { $0 <= time } ?? false
      asked = isLast ? 1 : 0
      if isLast { self.met[met][pair] = nil }
    }
    switch plan.store {
    case .wallets(let column):
      rows[Int(item.key) * layout.columnCount + column].addPayment(-asked, of: -1)
    case .dense(let index):
      dense[index].update(Int(item.key)) { $0.addPayment(-asked, of: -1) }
    case .pairs(let index):
      let pair = AccountPair(value: item.key)
      pairs[index].update(pair) { $0.addPayment(-asked, of: -1) }
      if pairs[index][pair].payments == 0 { pairs[index].remove(pair) }
    case .nothing, .totals: preconditionFailure("a queue of a measure that counts nothing")
    }
  }
}

/// A set that was replaced, and what it had replaced.
struct ReplacedSet: Hashable, Sendable {
  let ruleSet: RuleSet
  let replaced: [ReplacedSet]

  /// How many sets deep it goes.
  private static let depthMax = 8

  /// The same, but for what lies deeper than anyone goes back.
  func cut(to depth: Int = depthMax) -> ReplacedSet {
    ReplacedSet(
      ruleSet: ruleSet, replaced: depth <= 1 ? [] : replaced.map { $0.cut(to: depth - 1) })
  }
}

/// The current window of a measure.
struct CounterWindow: Hashable, Sendable {
  /// The same for all keys; of an event's windows 0, since each wallet has its own.
  let key: Int32
  /// The first instant after it; a lifetime ends with the last instant there is.
  let end: LedgerTime
  /// Whether time lies in a window at all, and not between two.
  let isOpen: Bool

  init(of window: Window, at time: LedgerTime) {
    guard window.zone != nil else {
      (key, end, isOpen) = (0, .lastThereIs, true)
      return
    }
    key = CalendarWindow.newestKey(of: window, at: time) ?? .min
    if let found = CalendarWindow(window, at: time) {
      (end, isOpen) = (found.end, true)
    } else {
      end = CalendarWindow.nextBeginning(of: window, after: time) ?? .lastThereIs
      isOpen = false
    }
  }
}

/// How the counters of a measure go on under tables that may give the present another window.
struct WindowSuccession {
  private let isOfCalendar: Bool
  private let old: Int32
  private let new: Int32
  /// Whether what was used in the old window counts in the new one.
  let goesOn: Bool

  init(of window: Window, from old: CounterWindow, to new: CounterWindow) {
    isOfCalendar = window.zone != nil
    self.old = old.key
    self.new = new.key
    goesOn = old.isOpen && new.isOpen
  }

  /// The counter under the new tables, which may give its number to a window that is to come.
  func moved(_ counter: Counter) -> Counter {
    guard isOfCalendar else { return counter }
    if goesOn, counter.key == old { return counter.renamed(new) }
    return counter.key < new ? counter : .empty
  }
}

extension PolicyFacts {
  /// The key of what a scope's accounts hold, for an account.
  func totalKey(_ scope: Measure.Scope, slot: Int, participant: Int, tier: Int?) -> Int? {
    switch scope {
    case .owner: owners?.number(of: slot)
    case .tier: tier
    case .participant: participant
    case .wallet, .pair, .participantClass, .system: nil
    }
  }
}

extension Window {
  /// Of two rolling windows of one length, whether the other's memory is nearer to what a measure
  /// holds: as much, or else the larger.
  fileprivate func isWorseMemory(than other: Window, for measure: Measure) -> Bool {
    guard case .rolling(_, let mine) = self, case .rolling(_, let theirs) = other,
      case .rolling(_, let wanted) = measure.window
    else { return false }
    return mine == wanted ? false : theirs == wanted || mine < theirs
  }
}
