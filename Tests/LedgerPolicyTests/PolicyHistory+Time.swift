import LedgerModel
import LedgerPolicy
import LedgerTesting

extension PolicyHistory {
  /// The zones of a history, of distinct names, and something that a calendar may get wrong.
  static func setting(
    using random: inout SplitMix64
  ) -> (zones: [TimeZoneTable], trap: LedgerTime) {
    let (zone, second) = random.one(of: [
      (Zones.shanghai, 515_527_200), (Zones.shanghai, 1_772_337_600),
      (Zones.berlin, 1_743_296_400), (Zones.berlin, 1_761_440_400), (Zones.berlin, 323_830_800),
      (Zones.apia, 1_325_239_200), (Zones.saoPaulo, 1_541_300_400),
      (Zones.saoPaulo, 1_550_368_800), (Zones.backwards, 2_678_400),
      (Zones.backwards, 5_000_000), (Zones.backwards, 31_535_000),
      (Zones.lordHowe, 1_933_167_600), (Zones.lordHowe, 1_948_894_200),
      // The leap days of 2000 and 2024, and the year's ends of 1970 and 2024.
      (Zones.utc, 951_782_400), (Zones.utc, 1_709_164_800), (Zones.utc, 0),
      (Zones.berlin, 1_735_686_000), (Zones.newYork, 1_710_054_000), (Zones.newYork, 1_730_613_600),
    ])
    let other = random.one(of: Zones.all.filter { $0.name != zone.name })
    return ([zone, other], LedgerTime(microseconds: UInt64(second) * 1_000_000))
  }

  /// When the next payment comes: often at once, and often where something begins or ends.
  mutating func nextTime() -> LedgerTime {
    let now = reference.now
    let twoHours: UInt64 = 7_200_000_000
    if now.advanced(byMicroseconds: twoHours) >= trap,
      now <= trap.advanced(byMicroseconds: twoHours), random.happens(percent: 70)
    {
      // Lingers where it matters.
      return now.advanced(
        byMicroseconds: random.one(of: [0, 0, 1, 60_000_000, 900_000_000, 1_800_000_000]))
    }
    switch random.offset(weighted: [42, 6, 14, 30, 7, 1]) {
    case 0: return now
    case 1: return now.advanced(byMicroseconds: 1)
    case 2:
      return now.advanced(byMicroseconds: UInt64.random(in: 0...14_400_000_000, using: &random))
    case 3:
      let soon = edges().filter { $0 > now }.sorted().prefix(12)
      guard let edge = soon.randomElement(using: &random) else { return now }
      let microseconds = edge.microseconds
      let moved = [microseconds - 1, microseconds, microseconds, microseconds + 1]
      return LedgerTime(microseconds: random.one(of: moved))
    case 4:
      return now.advanced(
        byMicroseconds: UInt64.random(in: 1...40, using: &random) * 7_200_000_000)
    default:
      return now.advanced(
        byMicroseconds: UInt64.random(in: 1...35, using: &random) * 86_400_000_000)
    }
  }

  /// Instants at which some rule begins to say something else.
  private func edges() -> [LedgerTime] {
    var edges = reference.scheduled.map(\.from) + reference.amountOrders.map(\.from)
    // Each twice, so that one in which clocks change is not passed over.
    for halves in [0, 0, 1, 1, 2, 2] as [UInt64] {
      edges.append(trap.advanced(byMicroseconds: halves * 1_800_000_000))
    }
    for standing in reference.standing + reference.shadows {
      let set = standing.set
      edges += set.rules.compactMap(\.from) + set.rules.compactMap(\.until)
      edges += set.exemptions.map(\.until)
      for (measure, counting) in zip(set.measures, standing.countings) {
        switch measure.window {
        case .rolling(let microseconds, _): edges += after(reference.history, microseconds)
        case .after(_, let microseconds):
          edges += reference.events.map { $0.moment.time.advanced(byMicroseconds: microseconds) }
        case .payment, .lifetime, .since: break
        case .day, .week, .month, .year, .businessDay, .span:
          guard let epoch = counting.epochs.last, let calendar = epoch.calendar,
            let number = calendar.newest(epoch.window, at: reference.now)
          else { continue }
          edges.append(calendar.end(of: epoch.window, number: number))
          edges.append(calendar.beginning(of: epoch.window, number: number + 1))
        }
        if measure.quantity == .sinceLast { edges += after(reference.history, 3_600_000_000) }
        if let acquaintance = measure.filter.acquaintance {
          let pairs = acquaintance.kind == .paid ? reference.firstPayments : reference.listed
          edges += pairs.map {
            $0.since.time.advanced(byMicroseconds: acquaintance.microseconds)
          }
        }
      }
    }
    return edges
  }

  private func after(
    _ history: [ReferencePolicy.Payment], _ microseconds: UInt64
  ) -> [LedgerTime] {
    history.suffix(40).map { $0.time.advanced(byMicroseconds: microseconds) }
  }
}
