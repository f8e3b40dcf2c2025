import LedgerModel
import LedgerPolicy

/// The instants at which a change may show.
struct DiffTimes {
  private static let hour: UInt64 = 3_600_000_000
  /// 2026-01-05T12:00:00Z, a Monday: for policies that say no time.
  private static let someday = LedgerTime(microseconds: 1_767_614_400_000_000)

  /// In order of preference.
  private(set) var starts: [LedgerTime] = []

  init(
    _ contestants: [DiffRun.Contestant], _ times: [LedgerTime],
    _ validities: (old: PolicyValidity, new: PolicyValidity)
  ) {
    let rules = contestants.compactMap { one in
      one.rule.map { ($0, one.set.measures[$0.measure].window) }
    }
    let beginnings =
      [validities.old.from, validities.new.from].compactMap(\.self)
      + rules.compactMap(\.0.from)
    let ends = rules.compactMap(\.0.until)
    var bases = times
    // Noon of the day after everything is in force, and the edges of what is not always.
    if let latest = beginnings.max() {
      bases.append(latest.advanced(byMicroseconds: 12 * Self.hour))
    } else {
      bases.append(Self.someday)
    }
    for end in ends {
      bases.append(LedgerTime(microseconds: max(1, end.microseconds) - 1))
      bases.append(end)
    }
    for (rule, _) in rules {
      if let from = rule.from {
        bases.append(from)
        bases.append(LedgerTime(microseconds: max(1, from.microseconds) - 1))
      }
    }
    for base in bases {
      add(base)
      for (_, window) in rules { if let open = Self.opening(window, from: base) { add(open) } }
    }
    // Times of day beside each other: where spans differ, one is open and the other is not.
    if Set(rules.map(\.1)).count > 1, let base = bases.first {
      for hour in 1...24 { add(base.advanced(byMicroseconds: UInt64(hour) * Self.hour)) }
    }
  }

  private mutating func add(_ time: LedgerTime) {
    guard starts.count < 40, !starts.contains(time) else { return }
    starts.append(time)
  }

  /// The first hour at which a time of day is, within ten days.
  private static func opening(_ window: Window, from base: LedgerTime) -> LedgerTime? {
    guard case .span = window else { return nil }
    for hours in 0..<240 {
      let time = base.advanced(byMicroseconds: UInt64(hours) * hour)
      if CalendarWindow(window, at: time) != nil { return time }
    }
    return nil
  }

  /// The events since which the rules count.
  static func events(_ contestants: [DiffRun.Contestant]) -> [EventDefinition] {
    var events: [EventDefinition] = []
    for one in contestants {
      guard let rule = one.rule, case .since(let name) = one.set.measures[rule.measure].window,
        let event = one.set.events.first(where: { $0.name == name }), !events.contains(event)
      else { continue }
      events.append(event)
    }
    return events
  }

  /// When windows that hold an instant end: the last instant of each, and the first one after.
  static func ends(_ windows: [Window], _ start: LedgerTime) -> [LedgerTime] {
    var ends: [LedgerTime] = []
    for window in windows {
      switch window {
      case .payment, .lifetime, .since: continue
      case .rolling(let length, _), .after(_, let length):
        ends.append(start.advanced(byMicroseconds: length))
      case .day, .week, .month, .year, .businessDay, .span:
        if let end = CalendarWindow(window, at: start)?.end { ends.append(end) }
      }
    }
    let before = ends.map { LedgerTime(microseconds: max(1, $0.microseconds) - 1) }
    return ends + before
  }
}
