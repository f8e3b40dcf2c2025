internal import LedgerModel

/// The rules of a set that are in force, laid out flat, so that a payment meets only those of its
/// operation and tiers.
struct RulePlan: Sendable, Equatable {
  /// What a check is about: the first three are decided in a line each, all others at length.
  enum Subject: Int8, Hashable, Sendable {
    /// This payment alone.
    case payment
    /// What the wallet would hold.
    case balance
    /// What the wallet has used in a window that all wallets share.
    case counter
    case anything
  }

  /// What one payment adds.
  enum Unit: Int8, Hashable, Sendable {
    case minorUnits
    case payments

    func of(_ amount: UInt64) -> UInt64 { self == .minorUnits ? amount : 1 }
  }

  /// One rule for one operation, side and tier.
  struct Check: Hashable, Sendable {
    /// At most; zero where the subject is ``Subject/anything``.
    let maximum: UInt64
    /// Index into the rules of the set.
    let rule: Int32
    /// Index into the measures of the set.
    let measure: Int32
    /// Of the wallet's row, for a counter.
    let column: Int32
    let subject: Subject
    let unit: Unit
  }

  /// One counter of a wallet that an operation adds to on one side.
  struct Count: Hashable, Sendable {
    let column: Int32
    let measure: Int32
    let unit: Unit
  }

  /// Of each operation, side and place of tier, in that nesting; within one, in the set's order.
  let checks: [Check]
  private let checkStarts: [Int32]
  /// Of each operation and side, in that nesting.
  let counts: [Count]
  private let countStarts: [Int32]
  /// Measures that are counted at length, of each operation.
  let otherCounts: [Int32]
  private let otherCountStarts: [Int32]
  private let placeCount: Int
  /// When a rule comes into force, or leaves it, next.
  let nextChange: LedgerTime

  /// Lays out the rules that are in force at a time.
  ///
  /// A place of tiers is 0 for a side that is no wallet; for wallets the tier's place in the set,
  /// plus 1, or 1 where the set names no tiers.
  init(_ set: RuleSet, _ layout: MeasureLayout, at time: LedgerTime) {
    placeCount = 1 + max(1, set.tiers.count)
    var checks: [Check] = []
    var checkStarts: [Int32] = []
    var counts: [Count] = []
    var countStarts: [Int32] = []
    var otherCounts: [Int32] = []
    var otherCountStarts: [Int32] = []
    let awake = set.rules.indices.filter { set.rules[$0].isInForce(at: time) }
    for operation in Measure.Operation.allCases {
      for side in Side.allCases {
        countStarts.append(Int32(counts.count))
        for (index, plan) in layout.measures.enumerated()
        where plan.isPlain && plan.looks(at: side, of: operation) {
          guard case .wallets(let column) = plan.store else { continue }
          counts.append(Count(column: Int32(column), measure: Int32(index), unit: plan.unit))
        }
        for place in 0..<placeCount {
          checkStarts.append(Int32(checks.count))
          for index in awake {
            let plan = layout.measures[set.rules[index].measure]
            guard plan.looks(at: side, of: operation),
              plan.measure.scope.hasKey(side, isWallet: place > 0),
              let cap = set.rules[index].caps.cap(atPlace: place)
            else { continue }
            checks.append(Check(set.rules[index], index, cap, plan))
          }
        }
      }
      otherCountStarts.append(Int32(otherCounts.count))
      for (index, plan) in layout.measures.enumerated()
      where !plan.isPlain && plan.measure.isCounted
        && plan.measure.operations.contains(operation)
      {
        otherCounts.append(Int32(index))
      }
    }
    otherCountStarts.append(Int32(otherCounts.count))
    checkStarts.append(Int32(checks.count))
    countStarts.append(Int32(counts.count))
    self.checks = checks
    self.checkStarts = checkStarts
    self.counts = counts
    self.countStarts = countStarts
    self.otherCounts = otherCounts
    self.otherCountStarts = otherCountStarts
    nextChange =
      set.rules.flatMap { [$0.from, $0.until].compactMap(\.self) }.filter { $0 > time }.min()
      ?? .lastThereIs
  }

  /// The checks of a side.
  func checks(_ operation: Measure.Operation, _ side: Side, place: Int) -> Range<Int> {
    let index = Self.index(operation, side) * placeCount + place
    return Int(checkStarts[index])..<Int(checkStarts[index + 1])
  }

  /// The plain counters that a side adds to.
  func counts(_ operation: Measure.Operation, _ side: Side) -> Range<Int> {
    let index = Self.index(operation, side)
    return Int(countStarts[index])..<Int(countStarts[index + 1])
  }

  /// The measures that an operation adds to at length.
  func otherCounts(_ operation: Measure.Operation) -> Range<Int> {
    let index = operation.rawValue - 1
    return Int(otherCountStarts[index])..<Int(otherCountStarts[index + 1])
  }

  private static func index(_ operation: Measure.Operation, _ side: Side) -> Int {
    (operation.rawValue - 1) * 2 + side.rawValue
  }
}

extension RulePlan.Check {
  fileprivate init(_ rule: Rule, _ index: Int, _ cap: Cap, _ plan: MeasurePlan) {
    let measure = plan.measure
    var subject = RulePlan.Subject.anything
    var maximum: UInt64 = 0
    var column = 0
    if rule.action == .deny, rule.comparison == .atMost, !rule.countsPreviousOnly,
      plan.filter == nil, case .constant(let constant) = cap
    {
      maximum = constant
      let isOneSided = measure.direction == .out || measure.direction == .into
      if plan.isPlain, case .wallets(let place) = plan.store {
        subject = .counter
        column = place
      } else if measure.quantity == .balance, measure.scope == .wallet {
        subject = .balance
      } else if measure.window == .payment, isOneSided,
        measure.quantity == .amount || measure.quantity == .count
      {
        subject = .payment
      }
    }
    self.init(
      maximum: subject == .anything ? 0 : maximum, rule: Int32(index),
      measure: Int32(rule.measure), column: Int32(column), subject: subject, unit: plan.unit)
  }
}

extension Rule {
  /// Whether the time is within its own validity.
  func isInForce(at time: LedgerTime) -> Bool {
    (from.map { $0 <= time } ?? true) && (until.map { time < $0 } ?? true)
  }
}

extension Rule.Caps {
  /// The cap for a place of tiers, of which 0 is no wallet.
  func cap(atPlace place: Int) -> Cap? {
    switch self {
    case .every(let cap): cap
    case .byTier(let caps): place > 0 && place <= caps.count ? caps[place - 1] : nil
    }
  }
}

extension Measure.Scope {
  /// Whether a side has a key of the scope.
  func hasKey(_ side: Side, isWallet: Bool) -> Bool {
    switch self {
    case .wallet, .owner, .tier: isWallet
    case .pair: isWallet && side == .payer
    case .participant, .participantClass, .system: true
    }
  }
}

extension LedgerTime {
  static let lastThereIs = LedgerTime(microseconds: .max)

  /// The instant so long before another; `nil` where it lies before time began.
  init?(microsecondsBack length: UInt64, from time: LedgerTime) {
    guard time.microseconds >= length else { return nil }
    self.init(microseconds: time.microseconds - length)
  }
}
