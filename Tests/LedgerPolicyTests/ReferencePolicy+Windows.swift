import LedgerModel
import LedgerPolicy
import LedgerTesting

extension ReferencePolicy {
  /// Where in the history the current window of a measure lies.
  struct Place {
    /// Payments of these places count, up to an instant.
    var stretches: [(places: Range<Int>, until: LedgerTime)]
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
    func from(_ index: Int) -> [(places: Range<Int>, until: LedgerTime)] {
      [(max(start, index)..<history.count, LedgerTime(microseconds: .max))]
    }
    switch window {
    case .payment: return Place(stretches: [])
    case .lifetime, .rolling: return Place(stretches: from(start))
    case .since(let name):
      return Place(stretches: from(newest(name, for: key, in: standing.set)?.index ?? start))
    case .after(let name, let microseconds):
      guard let event = newest(name, for: key, in: standing.set) else { return nil }
      let end = event.time.advanced(byMicroseconds: microseconds)
      return now < end ? Place(stretches: from(event.index), end: end) : nil
    case .day, .week, .month, .year, .businessDay, .span: return calendarPlace(epochs)
    }
  }

  /// The newest window that began under the tables of any epoch, if it goes on (rule 43).
  ///
  /// Windows are told by number: what was counted in the window of a date, a month or a year counts
  /// there, whatever tables said when that was.
  private func calendarPlace(_ epochs: [Counting.Epoch]) -> Place? {
    /// The newest that has begun when an epoch ends, or now.
    func newest(_ epoch: Int) -> Int? {
      let last = epoch + 1 < epochs.count ? epochs[epoch + 1].since.time : now
      return epochs[epoch].calendar?.newest(epochs[epoch].window, at: last)
    }
    let numbers = epochs.indices.map(newest)
    guard let number = numbers.compactMap(\.self).max(), let present = epochs.last,
      let end = present.calendar?.closing(of: present.window, number: number), now < end
    else { return nil }
    var stretches: [(places: Range<Int>, until: LedgerTime)] = []
    for (index, epoch) in epochs.enumerated() {
      guard let calendar = epoch.calendar else { continue }
      let upper = index + 1 < epochs.count ? epochs[index + 1].since.index : history.count
      var lower = epoch.since.index
      if stretches.isEmpty {
        guard numbers[index] == number else { continue }
        let beginning = calendar.beginning(of: epoch.window, number: number)
        while lower < upper, history[lower].time < beginning { lower += 1 }
      }
      stretches.append((lower..<upper, calendar.end(of: epoch.window, number: number)))
    }
    return Place(stretches: stretches, end: end)
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
      return events.last { $0.slot == slot && $0.name == name }?.moment
    case .owner, .participant, .participantClass, .tier, .system:
      preconditionFailure("\(key) has no events")
    }
  }

  /// The payments that a window holds for a key, oldest first.
  func counted(
    _ measure: Int, of standing: Standing, for key: Key, in place: Place
  ) -> [Counted] {
    let what = standing.set.measures[measure]
    let refusing = standing.countings[measure].epochs.map(\.standing)
    var counted: [Counted] = []
    for stretch in place.stretches {
      for index in stretch.places where history[index].time < stretch.until {
        let payment = history[index]
        guard let asked = asked(what, in: standing.set, of: key, by: payment),
          !payment.refusedBy.contains(where: refusing.contains)
        else { continue }
        // Rule 19: what has left makes room, and what has no room is not remembered.
        if case .rolling(let length, let max) = what.window {
          counted.removeAll { $0.hasLeft(at: payment.time, length: length) }
          if counted.count == max { continue }
        }
        let other = what.direction == .into ? payment.payer : payment.payee
        counted.append(Counted(time: payment.time, asked: asked, other: other?.slot))
      }
    }
    if case .rolling(let length, _) = what.window {
      counted.removeAll { $0.hasLeft(at: now, length: length) }
    }
    return counted
  }
}

extension ReferencePolicy.Counted {
  fileprivate func hasLeft(at instant: LedgerTime, length: UInt64) -> Bool {
    instant.microseconds - time.microseconds >= length
  }
}
