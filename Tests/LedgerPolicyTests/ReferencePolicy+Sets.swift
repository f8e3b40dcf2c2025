import LedgerModel
import LedgerPolicy
import LedgerTesting

extension ReferencePolicy {
  /// A set in force or in shadow.
  struct Standing {
    /// A number of its own for each time that it comes into force.
    let id: Int
    let set: RuleSet
    /// One for each measure.
    let countings: [Counting]
    /// What comes back when it is withdrawn, in order.
    let replaced: [Standing]
  }

  /// Since when a measure counts, and under which tables.
  struct Counting {
    /// While one set that has the measure is in force.
    struct Epoch {
      let window: Window
      /// `nil` for windows that need none.
      let calendar: ReferenceCalendar?
      let since: Moment
      let standing: Int
    }

    /// In order; the last one goes on.
    var epochs: [Epoch]
  }

  struct Scheduled {
    let set: RuleSet
    let from: LedgerTime
    let isShadow: Bool
  }

  /// Why a set cannot come (rules 37 and 47).
  func refusal(
    of set: RuleSet, from: LedgerTime?, inShadow isShadow: Bool
  ) -> ActivationError? {
    let list = isShadow ? shadows : standing
    let waiting = scheduled.filter { $0.isShadow == isShadow }.map(\.set)
    let versions = (list.map(\.set) + waiting).filter { $0.pack == set.pack }.map(\.version)
    if let newest = versions.max(), set.version <= newest { return .notNewer(newest: newest) }
    let known = ordered.filter { $0.pack == set.pack }.max { $0.version < $1.version }
    if let known, set.format == 2, set.version < known.version {
      return .notNewer(newest: known.version)
    }
    if let known, set.format == 2, set.version == known.version,
      set.sourceDigest != known.sourceDigest
    {
      return .notNewer(newest: known.version)
    }
    var count = standing.count + shadows.count + scheduled.count + 1
    if max(set.effectiveFrom ?? now, from ?? now) <= now {
      count -= list.count { leaves($0.set, for: set) } + waiting.count { isOlder($0, than: set) }
    }
    return count > setsMax ? .full : nil
  }

  /// Rule 37.
  private func leaves(_ other: RuleSet, for set: RuleSet) -> Bool {
    set.format == 1 || other.pack == set.pack
      || set.supersedes == PackVersion(pack: other.pack, version: other.version)
  }

  private func isOlder(_ other: RuleSet, than set: RuleSet) -> Bool {
    other.pack == set.pack && other.version < set.version
  }

  /// Rules 37 to 39.
  mutating func activate(_ set: RuleSet, from: LedgerTime?, inShadow isShadow: Bool) {
    ordered.append(set)
    let first = max(set.effectiveFrom ?? now, from ?? now)
    guard first <= now else {
      scheduled.append(Scheduled(set: set, from: first, isShadow: isShadow))
      return
    }
    comeIntoForce(set, inShadow: isShadow)
  }

  mutating func advance(to time: LedgerTime) {
    // The earliest comes first, and of those of one instant the one that was ordered first. Each
    // comes into force at its own instant, though no payment may have come since.
    while let next = scheduled.map(\.from).min(), next <= time,
      let place = scheduled.firstIndex(where: { $0.from == next })
    {
      let due = scheduled.remove(at: place)
      move(to: next)
      comeIntoForce(due.set, inShadow: due.isShadow)
    }
    move(to: time)
  }

  /// Rule 37; sets in shadow replace sets in shadow, the others the others.
  private mutating func comeIntoForce(_ set: RuleSet, inShadow isShadow: Bool) {
    let list = isShadow ? shadows : standing
    let replaced = list.filter { leaves($0.set, for: set) }
    let ownFirst =
      replaced.filter { $0.set.pack == set.pack } + replaced.filter { $0.set.pack != set.pack }
    let new = stand(set, after: ownFirst, replaced: replaced)
    let kept = list.filter { !leaves($0.set, for: set) } + [new]
    if isShadow { shadows = kept } else { standing = kept }
    scheduled = scheduled.filter { $0.isShadow != isShadow || !isOlder($0.set, than: set) }
    forget()
  }

  /// Rules 23 and 46: what is known while a set asks.
  private mutating func forget() {
    let defined = (standing + shadows).flatMap(\.set.events)
    events.removeAll { !defined.contains($0.definition) }
    if !(standing + shadows).contains(where: { $0.set.asksForFirstPayments }) {
      firstPayments = []
    }
  }

  /// Rule 40.
  mutating func withdraw(_ version: PackVersion) throws(WithdrawalError) {
    func isMeant(_ set: RuleSet) -> Bool {
      set.pack == version.pack && set.version == version.version
    }
    if let place = standing.firstIndex(where: { isMeant($0.set) }) {
      let leaving = standing[place]
      let others = standing.filter { $0.id != leaving.id }
      // Packs are distinct, so a pack that has another set in force by now does not come back.
      let returning = leaving.replaced.filter { former in
        !others.contains { $0.set.pack == former.set.pack }
      }
      guard others.count + returning.count + shadows.count + scheduled.count <= setsMax else {
        throw .full
      }
      standing = others
      for former in returning {
        standing.append(stand(former.set, after: [leaving], replaced: former.replaced))
      }
    } else if let place = shadows.firstIndex(where: { isMeant($0.set) }) {
      shadows.remove(at: place)
    } else if let place = scheduled.firstIndex(where: { isMeant($0.set) }) {
      scheduled.remove(at: place)
    } else {
      throw .unknown
    }
    forget()
  }

  /// Puts a set in force, with the counters of those that leave (rules 42 and 44).
  private mutating func stand(
    _ set: RuleSet, after leaving: [Standing], replaced: [Standing]
  ) -> Standing {
    activationCount += 1
    var countings: [Counting] = []
    for measure in set.measures {
      var epochs: [Counting.Epoch] = []
      for former in leaving where epochs.isEmpty {
        let same = zip(former.set.measures, former.countings).filter { other, _ in
          Self.isOneCounter(measure, other)
            && Self.trigger(of: measure, in: set) == Self.trigger(of: other, in: former.set)
        }
        // Rule 42: the memory that is as large, or else the largest.
        let equal = same.first { $0.0.window == measure.window }
        let chosen = equal ?? same.max { Self.memory(of: $0.0) < Self.memory(of: $1.0) }
        if let chosen { epochs = chosen.1.epochs }
      }
      var calendar: ReferenceCalendar?
      if let zone = measure.window.zone { calendar = self.calendar(of: zone) }
      epochs.append(
        Counting.Epoch(
          window: measure.window, calendar: calendar, since: moment, standing: activationCount))
      countings.append(Counting(epochs: epochs))
    }
    return Standing(id: activationCount, set: set, countings: countings, replaced: replaced)
  }

  private mutating func calendar(of zone: TimeZoneTable) -> ReferenceCalendar {
    if let known = calendars[zone] { return known }
    let calendar = ReferenceCalendar(zone)
    calendars[zone] = calendar
    return calendar
  }

  private static func trigger(
    of measure: Measure, in set: RuleSet
  ) -> EventDefinition.Trigger? {
    set.events.first { $0.name == measure.window.event }?.trigger
  }

  private static func memory(of measure: Measure) -> Int {
    if case .rolling(_, let max) = measure.window { max } else { 0 }
  }

  private static func isOneCounter(_ one: Measure, _ other: Measure) -> Bool {
    one.quantity == other.quantity && one.scope == other.scope
      && one.direction == other.direction && one.operations == other.operations
      && one.filter == other.filter && isOneWindow(one.window, other.window)
  }

  private static func isOneWindow(_ one: Window, _ other: Window) -> Bool {
    switch (one, other) {
    case (.day(let zone), .day(let newer)), (.month(let zone), .month(let newer)),
      (.year(let zone), .year(let newer)):
      zone.name == newer.name
    case (.week(let zone, let first), .week(let newer, let newerFirst)):
      zone.name == newer.name && first == newerFirst
    case (.businessDay(let calendar), .businessDay(let newer)): calendar.name == newer.name
    case (.span(let span), .span(let newer)):
      span.zone.name == newer.zone.name && span.from == newer.from && span.to == newer.to
        && areSameDays(span.days, newer.days)
    case (.rolling(let length, _), .rolling(let newer, _)): length == newer
    default: one == other
    }
  }

  private static func areSameDays(_ one: TimeSpan.Days, _ other: TimeSpan.Days) -> Bool {
    switch (one, other) {
    case (.weekdays(let days), .weekdays(let newer)): days == newer
    case (.businessDays(let calendar), .businessDays(let newer)),
      (.otherDays(let calendar), .otherDays(let newer)):
      calendar.name == newer.name
    default: false
    }
  }
}
