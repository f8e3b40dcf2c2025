internal import LedgerModel

/// A rule set laid out flat, so that a payment meets only the rules of its operation and tiers.
struct RulePlan: Hashable, Sendable {
  /// What a check is about.
  enum Subject: Int8, Hashable, Sendable {
    /// This payment alone.
    case payment
    /// What the wallet would hold.
    case balance
    /// What it has used in a window.
    case counter
  }

  /// What one payment adds.
  enum Unit: Int8, Hashable, Sendable {
    case minorUnits
    case payments

    func of(_ amount: UInt64) -> UInt64 { self == .minorUnits ? amount : 1 }
  }

  /// One rule for one operation, direction and tier.
  struct Check: Hashable, Sendable {
    let maximum: UInt64
    /// Index into the rules of the set.
    let rule: Int32
    /// Index into ``RulePlan/counters``; 0 where there is none.
    let counter: Int32
    let subject: Subject
    let unit: Unit
  }

  /// One counter that an operation and direction adds to.
  struct Count: Hashable, Sendable {
    let counter: Int32
    let unit: Unit
  }

  static let none = RulePlan()

  let currency: CurrencyCode?
  /// The counted measures, in the order of the set.
  let counters: [Measure]
  /// Of each operation, direction and tier, in that nesting; within one, in the order of the set.
  let checks: [Check]
  private let checkStarts: [Int32]
  /// Of each operation and direction, in that nesting.
  let counts: [Count]
  private let countStarts: [Int32]
  private let tierCount: Int
  /// Every rule that has a maximum for a tier, in the order of the set.
  private let checksByTier: [[Check]]

  private init() {
    currency = nil
    counters = []
    checks = []
    checkStarts = []
    counts = []
    countStarts = []
    tierCount = 0
    checksByTier = []
  }

  init(_ ruleSet: RuleSet) {
    currency = ruleSet.currency
    tierCount = ruleSet.tiers.count
    let counted = ruleSet.measures.indices.filter { ruleSet.measures[$0].isCounted }
    counters = counted.map { ruleSet.measures[$0] }
    var checks: [Check] = []
    var checkStarts: [Int32] = []
    var counts: [Count] = []
    var countStarts: [Int32] = []
    func counter(of measure: Int) -> Int32 {
      guard let index = counted.firstIndex(of: measure) else {
        preconditionFailure("measure \(measure) has no counter")
      }
      return Int32(index)
    }
    func check(_ index: Int, tier: Int) -> Check? {
      let rule = ruleSet.rules[index]
      guard let maximum = rule.maxima[tier] else { return nil }
      let measure = ruleSet.measures[rule.measure]
      return Check(
        maximum: maximum, rule: Int32(index),
        counter: measure.isCounted ? counter(of: rule.measure) : 0, subject: measure.subject,
        unit: measure.unit)
    }
    for operation in Measure.Operation.allCases {
      for direction in [Measure.Direction.out, .into] {
        func concerns(_ measure: Measure) -> Bool {
          measure.direction == direction && measure.operations.contains(operation)
        }
        countStarts.append(Int32(counts.count))
        for (index, measure) in counters.enumerated() where concerns(measure) {
          counts.append(Count(counter: Int32(index), unit: measure.unit))
        }
        for tier in ruleSet.tiers.indices {
          checkStarts.append(Int32(checks.count))
          checks += ruleSet.rules.indices
            .filter { concerns(ruleSet.measures[ruleSet.rules[$0].measure]) }
            .compactMap { check($0, tier: tier) }
        }
      }
    }
    checkStarts.append(Int32(checks.count))
    countStarts.append(Int32(counts.count))
    self.checks = checks
    self.checkStarts = checkStarts
    self.counts = counts
    self.countStarts = countStarts
    checksByTier = ruleSet.tiers.indices.map { tier in
      ruleSet.rules.indices.compactMap { check($0, tier: tier) }
    }
  }

  /// The checks of a leg.
  func checks(
    _ operation: Measure.Operation, _ direction: Measure.Direction, tier: Int?
  ) -> Range<Int> {
    guard let tier else { return 0..<0 }
    precondition(0 <= tier && tier < tierCount, "tier \(tier) of \(tierCount)")
    let index = Self.index(operation, direction) * tierCount + tier
    return Int(checkStarts[index])..<Int(checkStarts[index + 1])
  }

  /// What a leg adds to.
  func counts(_ operation: Measure.Operation, _ direction: Measure.Direction) -> Range<Int> {
    let index = Self.index(operation, direction)
    return Int(countStarts[index])..<Int(countStarts[index + 1])
  }

  /// Every rule that has a maximum for the tier, in the order of the set.
  func allChecks(tier: Int) -> [Check] { checksByTier[tier] }

  private static func index(
    _ operation: Measure.Operation, _ direction: Measure.Direction
  ) -> Int {
    (operation.rawValue - 1) * 2 + direction.rawValue - 1
  }
}

extension Measure {
  /// Whether two measures are one counter: all but the zone's transitions is equal.
  func countsSame(as other: Measure) -> Bool {
    quantity == other.quantity && scope == other.scope && window == other.window
      && direction == other.direction && operations == other.operations
      && zone?.name == other.zone?.name
  }

  fileprivate var subject: RulePlan.Subject {
    if quantity == .balance { return .balance }
    return isCounted ? .counter : .payment
  }

  fileprivate var unit: RulePlan.Unit { quantity == .count ? .payments : .minorUnits }
}

/// The current window of a counter.
struct CounterWindow: Hashable, Sendable {
  let key: Int32
  /// The first instant after it; a lifetime ends with the last instant there is.
  let end: LedgerTime

  init(key: Int32, end: LedgerTime) {
    self.key = key
    self.end = end
  }

  /// Finds the window at a time, or the window of `notBefore` where that is later.
  init(of measure: Measure, at time: LedgerTime, notBefore: Int32) {
    guard let zone = measure.zone else {
      key = 0
      end = .lastThereIs
      return
    }
    var window = CalendarWindow(measure.window, of: zone, at: time)
    if window.key < notBefore {
      window = CalendarWindow(measure.window, of: zone, key: notBefore)
    }
    key = window.key
    end = window.end
  }
}

extension LedgerTime {
  static let lastThereIs = LedgerTime(microseconds: .max)
}
