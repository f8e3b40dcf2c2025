public import LedgerModel

extension TimeZoneTable {
  /// Returns local time minus UTC at an instant, in seconds.
  ///
  /// Before the first transition it is ``firstOffset``; after the last one, that one's offset until
  /// the footer's first change that lies after it, and from there on what the footer says. A table
  /// without transitions is its footer.
  ///
  /// - Parameter instant: Seconds since 1970.
  /// - Returns: Seconds east of UTC.
  /// - Complexity: O(log transitions).
  /// - Source: RFC 9636, sections 3.2 and 3.3.
  public func offset(at instant: Int64) -> Int {
    let index = indexOfTransition(after: instant)
    if index < transitions.count { return index == 0 ? firstOffset : transitions[index - 1].offset }
    guard let daylight = footer.daylight else { return footer.standardOffset }
    // The two changes of a year alternate, so the newest of three years' is the one in force.
    var newest: Transition?
    let year = Self.year(of: instant)
    for candidate in Self.changes(from: year - 1, through: year + 1, footer, daylight)
    where candidate.at <= instant && candidate.at > newest?.at ?? .min {
      newest = candidate
    }
    guard let newest, newest.at > transitions.last?.at ?? .min else {
      return transitions.last?.offset ?? firstOffset
    }
    return newest.offset
  }

  /// Returns the first change after an instant.
  ///
  /// - Parameter instant: Seconds since 1970.
  /// - Returns: The change, or `nil` where there is none any more.
  /// - Complexity: O(log transitions).
  public func transition(after instant: Int64) -> Transition? {
    let index = indexOfTransition(after: instant)
    if index < transitions.count { return transitions[index] }
    guard let daylight = footer.daylight else { return nil }
    var first: Transition?
    let year = Self.year(of: instant)
    for candidate in Self.changes(from: year - 1, through: year + 2, footer, daylight)
    where candidate.at > instant && candidate.at < first?.at ?? .max {
      first = candidate
    }
    return first
  }

  private func indexOfTransition(after instant: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func year(of instant: Int64) -> Int {
    CivilDate(daysSince1970: Int(instant).dividedFloor(by: 86_400)).year
  }

  private static func changes(
    from first: Int, through last: Int, _ footer: Footer, _ daylight: Daylight
  ) -> [Transition] {
    (first...last).flatMap { year in
      [
        Transition(
          at: daylight.start.localSeconds(inYear: year) - Int64(footer.standardOffset),
          offset: daylight.offset),
        Transition(
          at: daylight.end.localSeconds(inYear: year) - Int64(daylight.offset),
          offset: footer.standardOffset),
      ]
    }
  }
}

extension TimeZoneTable.RuleDate {
  /// Local seconds from 1970 to the date's time in a year.
  ///
  /// - Source: POSIX.1-2024, section 8.3, `Mm.w.d`.
  fileprivate func localSeconds(inYear year: Int) -> Int64 {
    let first = CivilDate(year: year, month: month, day: 1).daysSince1970
    let next =
      CivilDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1).daysSince1970
    let firstWeekday = (first + 4).remainderFloor(by: 7)  // 1970-01-01 was a Thursday, 4.
    var day = first + (weekday - firstWeekday).remainderFloor(by: 7) + 7 * (week - 1)
    if day >= next { day -= 7 }  // Week 5 is the last one, be it the fourth or the fifth.
    return Int64(day) * 86_400 + Int64(seconds)
  }
}

extension Int {
  /// Division that rounds towards negative infinity; `divisor` is positive.
  func dividedFloor(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : (self + 1) / divisor - 1
  }

  /// What ``dividedFloor(by:)`` leaves: `0 ..< divisor`.
  func remainderFloor(by divisor: Int) -> Int { self - dividedFloor(by: divisor) * divisor }
}
