public import LedgerModel
import LedgerPolicy

/// When the state was committed to last, and when it is due again.
struct CommitmentTimes: Sendable {
  private let days: Window
  private let intervalMicroseconds: UInt64
  /// Of the last commitment; of the genesis before the first.
  private(set) var last: LedgerTime
  private(set) var lastSequence: SequenceNumber
  private(set) var nextClose: LedgerTime
  private(set) var nextByInterval: LedgerTime

  init(
    _ schedule: CommitmentSchedule, from last: LedgerTime,
    at lastSequence: SequenceNumber = .genesis
  ) {
    days = .businessDay(schedule.calendar)
    intervalMicroseconds = schedule.intervalMicroseconds
    self.last = last
    self.lastSequence = lastSequence
    nextClose = Self.day(days, at: last).end
    nextByInterval = last.advanced(byMicroseconds: intervalMicroseconds)
  }

  mutating func commit(at time: LedgerTime, _ sequence: SequenceNumber) {
    last = time
    lastSequence = sequence
    nextByInterval = time.advanced(byMicroseconds: intervalMicroseconds)
    if time >= nextClose { nextClose = Self.day(days, at: time).end }
  }

  /// The newest close that an instant has passed since the last commitment.
  func close(at time: LedgerTime) -> LedgerTime? {
    time >= nextClose ? Self.day(days, at: time).start : nil
  }

  private static func day(_ days: Window, at time: LedgerTime) -> CalendarWindow {
    guard let day = CalendarWindow(days, at: time) else {
      preconditionFailure("no day holds \(time)")
    }
    return day
  }
}

extension LedgerState {
  /// Whether a batch at `time` begins with a commitment to the state.
  ///
  /// One is due when a date has closed since the last, and when the interval has passed since and
  /// there are entries after it: an idle ledger commits to each close alone.
  ///
  /// - Source: docs/formats/state-commitment.md.
  /// - Complexity: O(1).
  public func isCommitmentDue(at time: LedgerTime) -> Bool {
    guard let commitmentTimes else { return false }
    return time >= commitmentTimes.nextClose
      || (time >= commitmentTimes.nextByInterval
        && nextSequence > commitmentTimes.lastSequence.next)
  }

  /// Places the entry that commits to the state as of the entry before.
  ///
  /// - Precondition: ``isCommitmentDue``.
  /// - Returns: Its number, and what it says in clear.
  public mutating func commit() -> (sequence: SequenceNumber, totals: StateTotals) {
    guard isCommitmentDue, let times = commitmentTimes else {
      preconditionFailure("entry \(nextSequence) commits to the state, and none is due")
    }
    let totals = StateTotals(
      close: times.close(at: time),
      currencies: currencies.map {
        CurrencyTotals(currency: $0.currency.code, issued: $0.issued, redeemed: $0.redeemed)
      })
    isCommitmentDue = false
    commitmentTimes?.commit(at: time, nextSequence)
    return (takeSequence(), totals)
  }

  func checkNoCommitmentIsDue() {
    precondition(!isCommitmentDue, "entry \(nextSequence) must commit to the state")
  }
}
