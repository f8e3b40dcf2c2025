/// A compiled rule set: what officers sign, what the log holds and what the core runs.
///
/// Every name in it is resolved and every time zone is spelled out, so that a replay in twenty
/// years decides as we did, whatever compiler and zone database it has.
public struct RuleSet: Hashable, Sendable {
  /// Of the compiled form; 1 has calendar windows and wallet scope.
  public let format: Int
  public let pack: PackName
  public let version: Int
  public let currency: CurrencyCode
  /// SHA-256 of the YAML that it was compiled from.
  public let sourceDigest: Bytes32
  /// Distinct, at most `Limits.tiersPerSetMax`; a wallet of another tier is refused.
  public let tiers: [Tier]
  public let zones: [TimeZoneTable]
  /// Distinct, at most `Limits.rulesPerSetMax`, of which `Limits.countersPerSetMax` count.
  public let measures: [Measure]
  /// In the order in which they are asked; at most `Limits.rulesPerSetMax`, of distinct ids.
  public let rules: [Rule]

  public static let newestFormat = 1

  public init(
    format: Int, pack: PackName, version: Int, currency: CurrencyCode, sourceDigest: Bytes32,
    tiers: [Tier], zones: [TimeZoneTable], measures: [Measure], rules: [Rule]
  ) {
    self.format = format
    self.pack = pack
    self.version = version
    self.currency = currency
    self.sourceDigest = sourceDigest
    self.tiers = tiers
    self.zones = zones
    self.measures = measures
    self.rules = rules
  }
}

/// What is measured.
///
/// Two equal measures are one counter, so that a changed maximum keeps what was used.
public struct Measure: Hashable, Sendable {
  /// The unit that is summed.
  public enum Quantity: Int, Hashable, Sendable {
    /// Minor units moved.
    case amount = 1
    /// Payments.
    case count = 2
    /// Minor units held after the posting; only in the window ``Window/payment``.
    case balance = 3
  }

  /// Whose payments are summed.
  public enum Scope: Int, Hashable, Sendable {
    case wallet = 1
  }

  /// Over what time.
  public enum Window: Int, Hashable, Sendable {
    /// One payment alone.
    case payment = 1
    /// Calendar windows of the measure's zone.
    case day = 2
    case month = 3
    case year = 4
    case lifetime = 5
  }

  /// Which leg counts: what leaves the account, or what comes in.
  public enum Direction: Int, Hashable, Sendable {
    case out = 1
    case into = 2
  }

  /// The operations that rules can see.
  public enum Operation: Int, Hashable, Comparable, Sendable, CaseIterable {
    case fund = 1
    case pay = 2
    case cashOut = 3

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  public let quantity: Quantity
  public let scope: Scope
  public let window: Window
  public let direction: Direction
  /// Of the calendar window; `nil` for the other windows.
  public let zone: TimeZoneTable?
  /// Ascending, distinct, at least one.
  public let operations: [Operation]

  public init(
    quantity: Quantity, scope: Scope, window: Window, direction: Direction, zone: TimeZoneTable?,
    operations: [Operation]
  ) {
    self.quantity = quantity
    self.scope = scope
    self.window = window
    self.direction = direction
    self.zone = zone
    self.operations = operations
  }

  /// Whether the window is a span of the calendar, which needs a zone and starts anew.
  public var isCalendar: Bool {
    switch window {
    case .day, .month, .year: true
    case .payment, .lifetime: false
    }
  }

  /// Whether the measure sums over payments, and so has a counter.
  public var isCounted: Bool { window != .payment }
}

/// One limit.
public struct Rule: Hashable, Sendable {
  /// What happens where the maximum would be passed.
  public enum Action: Int, Hashable, Sendable {
    case deny = 1
  }

  public let id: RuleID
  /// Index into ``RuleSet/measures``.
  public let measure: Int
  public let action: Action
  /// By index into ``RuleSet/tiers``, one a tier; `nil` is no maximum.
  public let maxima: [UInt64?]

  public init(id: RuleID, measure: Int, action: Action, maxima: [UInt64?]) {
    self.id = id
    self.measure = measure
    self.action = action
    self.maxima = maxima
  }
}

/// Why a rule set is none.
public enum RuleSetError: Error, Hashable, Sendable {
  case unknownFormat(Int)
  case tooMany(noun: String, count: Int, max: Int)
  case none(noun: String)
  case duplicateTier(Tier)
  case duplicateZone(String)
  case unusedZone(String)
  case invalidZone(String)
  case duplicateMeasure(index: Int)
  case duplicateRule(RuleID)
  case measureOutOfRange(rule: RuleID, index: Int)
  case unusedMeasure(index: Int)
  case invalidMeasure(index: Int)
  case maximaCount(rule: RuleID, count: Int)
}

extension RuleSetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownFormat(let format):
      "rule set format \(format) is not known here; the newest is \(RuleSet.newestFormat)"
    case .tooMany(let noun, let count, let max): "\(count) \(noun) are too many; at most \(max)"
    case .none(let noun): "there are no \(noun); name at least one"
    case .duplicateTier(let tier): "tier `\(tier)` is named twice"
    case .duplicateZone(let name): "zone `\(name)` stands twice"
    case .unusedZone(let name): "no measure names zone `\(name)`"
    case .invalidZone(let name):
      "zone `\(name)` is none: transitions ascend, offsets are above -25 h and below 26 h, and the "
        + "footer agrees with the last transition"
    case .duplicateMeasure(let index): "measure \(index) stands twice"
    case .duplicateRule(let rule): "rule `\(rule)` stands twice"
    case .measureOutOfRange(let rule, let index): "rule `\(rule)` names measure \(index)"
    case .unusedMeasure(let index): "no rule names measure \(index)"
    case .invalidMeasure(let index):
      "measure \(index) is none: a calendar window has a zone of the set, others have none; a balance is of "
        + "one payment, comes in, and operations ascend"
    case .maximaCount(let rule, let count): "rule `\(rule)` has \(count) maxima, one a tier"
    }
  }
}

extension RuleSet {
  /// Checks what the types alone cannot hold.
  ///
  /// - Parameter newestFormat: Of those that may be in force; the state machine's version says.
  /// - Throws: The first ``RuleSetError`` that holds, in declaration order.
  public func validate(newestFormat: Int = RuleSet.newestFormat) throws(RuleSetError) {
    guard 1 <= format, format <= newestFormat else { throw .unknownFormat(format) }
    let counts = [
      ("tiers", tiers.count, Limits.tiersPerSetMax),
      ("measures", measures.count, Limits.rulesPerSetMax),
      ("rules", rules.count, Limits.rulesPerSetMax),
    ]
    for (noun, count, max) in counts where count > max {
      throw .tooMany(noun: noun, count: count, max: max)
    }
    let counterCount = measures.count(where: \.isCounted)
    guard counterCount <= Limits.countersPerSetMax else {
      throw .tooMany(
        noun: "measures that count over a window", count: counterCount,
        max: Limits.countersPerSetMax)
    }
    for (noun, count, _) in counts where count == 0 { throw .none(noun: noun) }
    var seenTiers: Set<Tier> = []
    for tier in tiers where !seenTiers.insert(tier).inserted { throw .duplicateTier(tier) }
    try checkZones()
    var seenMeasures: Set<Measure> = []
    for (index, measure) in measures.enumerated()
    where !seenMeasures.insert(measure).inserted {
      throw .duplicateMeasure(index: index)
    }
    var seenRules: Set<RuleID> = []
    for rule in rules where !seenRules.insert(rule.id).inserted { throw .duplicateRule(rule.id) }
    for rule in rules where !measures.indices.contains(rule.measure) {
      throw .measureOutOfRange(rule: rule.id, index: rule.measure)
    }
    let used = Set(rules.map(\.measure))
    for index in measures.indices where !used.contains(index) {
      throw .unusedMeasure(index: index)
    }
    for (index, measure) in measures.enumerated() where !measure.isValid(in: zones) {
      throw .invalidMeasure(index: index)
    }
    for rule in rules where rule.maxima.count != tiers.count {
      throw .maximaCount(rule: rule.id, count: rule.maxima.count)
    }
  }

  private func checkZones() throws(RuleSetError) {
    var seen: Set<String> = []
    for zone in zones where !seen.insert(zone.name).inserted { throw .duplicateZone(zone.name) }
    let used = Set(measures.compactMap(\.zone))
    for zone in zones where !used.contains(zone) { throw .unusedZone(zone.name) }
    for zone in zones where !zone.isValid { throw .invalidZone(zone.name) }
  }
}

extension Measure {
  fileprivate func isValid(in zones: [TimeZoneTable]) -> Bool {
    let ascends = zip(operations, operations.dropFirst()).allSatisfy { $0 < $1 }
    let isBalanceSound = quantity != .balance || (window == .payment && direction == .into)
    let isZoneSound = zone.map { isCalendar && zones.contains($0) } ?? !isCalendar
    return isZoneSound && !operations.isEmpty && ascends && isBalanceSound
  }
}
