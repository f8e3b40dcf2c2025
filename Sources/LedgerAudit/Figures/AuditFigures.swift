import LedgerCore
import LedgerLog
package import LedgerModel
import LedgerWire

/// What a log did over time, added up while it is audited: for a report that people read.
///
/// Time is cut into periods of one length, which doubles where there would be too many: however
/// long a log is, its figures are few.
package struct AuditFigures: Hashable, Sendable {
  /// Periods that there are at most.
  private static let periodsMax = 480
  private static let shortestMicroseconds: UInt64 = 3_600_000_000

  /// A currency's money in one period.
  package struct Money: Hashable, Sendable {
    package var issued: Int128 = 0
    package var redeemed: Int128 = 0
    /// Accepted orders that moved it between accounts, issues and redemptions not among them.
    package var payments: UInt64 = 0
    /// What they moved, in minor units.
    package var volume: Int128 = 0
  }

  /// One stretch of ledger time.
  package struct Period: Hashable, Sendable {
    /// In the order of the genesis.
    package var money: [Money]
    package var accepted: UInt64 = 0
    package var refused: UInt64 = 0
  }

  /// Why orders were refused.
  package struct Refusal: Hashable, Comparable, Sendable {
    package let code: RejectionCode
    package let rule: RuleID?
    package let pack: PackName?

    package init(code: RejectionCode, rule: RuleID?, pack: PackName?) {
      self.code = code
      self.rule = rule
      self.pack = pack
    }

    private var order: [String] { [pack?.text ?? "", rule?.text ?? "", code.rawValue] }

    package static func < (lhs: Self, rhs: Self) -> Bool {
      lhs.order.lexicographicallyPrecedes(rhs.order)
    }
  }

  /// The instant at which the first period begins: a whole number of its length since 1970.
  package internal(set) var start = LedgerTime(microseconds: 0)
  package internal(set) var periodMicroseconds = shortestMicroseconds
  package internal(set) var periods: [Period] = []
  package internal(set) var refusals: [Refusal: UInt64] = [:]

  init() {}

  /// Creates figures that were written down.
  init(
    start: LedgerTime, periodMicroseconds: UInt64, periods: [Period], refusals: [Refusal: UInt64]
  ) {
    self.start = start
    self.periodMicroseconds = periodMicroseconds
    self.periods = periods
    self.refusals = refusals
  }

  /// Adds what a batch did.
  ///
  /// - Parameters:
  ///   - batch: Not before those taken already.
  ///   - currencies: Of the genesis.
  mutating func take(_ batch: SequencedBatch, _ currencies: [Currency]) {
    if periods.isEmpty { start = Self.floor(batch.time, periodMicroseconds) }
    let period = period(of: batch.time, currencies.count)
    for case .submission(let sequenced) in batch.records {
      for index in sequenced.applied.indices {
        switch sequenced.applied[index].outcome {
        case .accepted, .remarked:
          periods[period].accepted += 1
          take(
            sequenced.submission.instructions[index].instruction.operation, currencies, in: period)
        case .rejected(let rejection):
          periods[period].refused += 1
          let refusal = Refusal(
            code: rejection.code, rule: rejection.rule, pack: rejection.pack)
          refusals[refusal, default: 0] += 1
        case .duplicate: break
        }
      }
    }
  }

  private mutating func take(
    _ operation: LedgerModel.Operation, _ currencies: [Currency], in period: Int
  ) {
    guard let movement = operation.movement,
      let currency = currencies.firstIndex(where: { $0.code == movement.currency })
    else { return }
    switch movement.operation {
    case .issue: periods[period].money[currency].issued += Int128(movement.amount)
    case .redeem: periods[period].money[currency].redeemed += Int128(movement.amount)
    case .settle, .fund, .pay, .cashOut:
      periods[period].money[currency].payments += 1
      periods[period].money[currency].volume += Int128(movement.amount)
    }
  }

  private mutating func period(of time: LedgerTime, _ currencies: Int) -> Int {
    while true {
      let index = (time.microseconds - start.microseconds) / periodMicroseconds
      if index < UInt64(Self.periodsMax) {
        while periods.count <= Int(index) {
          periods.append(Period(money: [Money](repeating: Money(), count: currencies)))
        }
        return Int(index)
      }
      double()
    }
  }

  /// Makes one period of each two.
  private mutating func double() {
    periodMicroseconds *= 2
    let first = Self.floor(start, periodMicroseconds)
    // The first period may be the second half of one.
    var index = start == first ? 0 : 1
    start = first
    var halves: [Period] = []
    for period in periods {
      if index.isMultiple(of: 2) || halves.isEmpty {
        halves.append(period)
      } else {
        halves[halves.count - 1] += period
      }
      index += 1
    }
    periods = halves
  }

  private static func floor(_ time: LedgerTime, _ length: UInt64) -> LedgerTime {
    LedgerTime(microseconds: time.microseconds / length * length)
  }
}

extension AuditFigures.Period {
  fileprivate static func += (one: inout Self, other: Self) {
    one.accepted += other.accepted
    one.refused += other.refused
    for index in one.money.indices {
      one.money[index].issued += other.money[index].issued
      one.money[index].redeemed += other.money[index].redeemed
      one.money[index].payments += other.money[index].payments
      one.money[index].volume += other.money[index].volume
    }
  }
}
