import LedgerModel
import LedgerPolicy
import LedgerTesting

extension ReferencePolicy {
  /// Where in the history the current window of a measure lies.
  struct Place {
    /// Payments of these places count.
    var places: Range<Int>
    /// `nil` where the window does not end by itself.
    var end: LedgerTime?
  }

  /// One payment that a window holds.
  struct Counted {
    let time: LedgerTime
    let asked: Int128
    /// The account on the other side.
    let other: Int?
  }

  /// The current window of a measure for a key; `nil` where the time is in none (rules 18 and 20).
  func place(_ measure: Int, of standing: Standing, for key: Key) -> Place? {
    let epochs = standing.countings[measure].epochs
    let window = standing.set.measures[measure].window
    let start = epochs.first?.since.index ?? history.count
    func from(_ index: Int) -> Range<Int> { max(start, index)..<history.count }
    switch window {
    case .payment: return Place(places: 0..<0)
    case .lifetime, .rolling: return Place(places: from(start))
    case .since(let name):
      return Place(places: from(newest(name, for: key, in: standing.set)?.index ?? start))
    case .after(let name, let microseconds):
      guard let event = newest(name, for: key, in: standing.set) else { return nil }
      let end = event.time.advanced(byMicroseconds: microseconds)
      guard now < end else { return nil }
      // A window that the payment in hand begins would begin later as well.
      if case .pair(let payer, let payee) = key, since(firstPayments, payer, payee) == nil {
        return Place(places: from(event.index), end: nil)
      }
      return Place(places: from(event.index), end: end)
    case .day, .week, .month, .year, .businessDay, .span: return calendarPlace(epochs)
    }
  }

  /// The window that lies at this instant by the tables of the last epoch (rule 43).
  private func calendarPlace(_ epochs: [Counting.Epoch]) -> Place? {
    guard let present = epochs.last, let calendar = present.calendar,
      let places = places(of: epochs[...], at: now, before: history.count),
      let number = calendar.newest(present.window, at: now)
    else { return nil }
    return Place(places: places, end: calendar.closing(of: present.window, number: number))
  }

  /// The payments of the window that lies at an instant by the tables of the last of some epochs,
  /// as they were then; `nil` where there is no window.
  ///
  /// What was in the window that lay there when an epoch began is in the one that lay there by the
  /// new tables.
  private func places(
    of epochs: ArraySlice<Counting.Epoch>, at time: LedgerTime, before upper: Int
  ) -> Range<Int>? {
    guard let epoch = epochs.last, let calendar = epoch.calendar,
      let number = calendar.newest(epoch.window, at: time),
      time < calendar.closing(of: epoch.window, number: number)
    else { return nil }
    let first = epoch.since
    if calendar.newest(epoch.window, at: first.time) == number {
      let earlier = places(of: epochs.dropLast(), at: first.time, before: first.index)
      return (earlier?.lowerBound ?? first.index)..<upper
    }
    let beginning = calendar.beginning(of: epoch.window, number: number)
    var lower = first.index
    while lower < upper, history[lower].time < beginning { lower += 1 }
    return lower..<upper
  }

  /// The newest event of the key's wallet, or the first payment of its pair.
  func newest(_ name: EventName, for key: Key, in set: RuleSet) -> Moment? {
    let trigger = set.events.first { $0.name == name }?.trigger
    switch key {
    case .pair(let payer, let payee):
      // The first payment is within its own window; where there was none, it is the one in hand.
      return since(firstPayments, payer, payee).map { Moment(time: $0.time, index: $0.index - 1) }
        ?? moment
    case .wallet(let slot):
      if trigger == .opened { return accounts[slot].opened }
      return events.last {
        $0.slot == slot && $0.definition.name == name && $0.definition.trigger == trigger
      }?.moment
    case .owner, .participant, .participantClass, .tier, .system:
      preconditionFailure("\(key) has no events")
    }
  }

  /// The payments that a window holds for a key, oldest first, and when the newest was that it did
  /// not remember and that has not left.
  func counted(
    _ measure: Int, of standing: Standing, for key: Key, in place: Place
  ) -> (counted: [Counted], forgotten: LedgerTime?) {
    let what = standing.set.measures[measure]
    let epochs = standing.countings[measure].epochs
    let refusing = epochs.map(\.standing)
    var counted: [Counted] = []
    var forgotten: LedgerTime?
    for index in place.places {
      let payment = history[index]
      guard let asked = asked(what, in: standing.set, of: key, by: payment),
        !payment.refusedBy.contains(where: refusing.contains)
      else { continue }
      // Rule 19: what has left makes room, and what has no room is not remembered.
      if case .rolling(let length, let max) = epochs.last(where: { $0.since.index <= index })?
        .window
      {
        counted.removeAll { $0.hasLeft(at: payment.time, length: length) }
        if counted.count >= max {
          forgotten = payment.time
          continue
        }
      }
      let other = what.direction == .into ? payment.payer : payment.payee
      counted.append(Counted(time: payment.time, asked: asked, other: other?.slot))
    }
    if case .rolling(let length, _) = what.window {
      counted.removeAll { $0.hasLeft(at: now, length: length) }
      if let time = forgotten, now.microseconds - time.microseconds >= length { forgotten = nil }
    }
    return (counted, forgotten)
  }
}

extension ReferencePolicy.Counted {
  fileprivate func hasLeft(at instant: LedgerTime, length: UInt64) -> Bool {
    instant.microseconds - time.microseconds >= length
  }
}
