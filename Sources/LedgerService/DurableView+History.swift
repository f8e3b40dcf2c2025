import LedgerCore
import LedgerLog
import LedgerModel
import LedgerPolicy
import LedgerStorage
import LedgerWire

// An account's entries, walked backwards: each points at the account's entry before.

extension DurableView {
  /// What an account held.
  ///
  /// - Throws: ``ReadError/notYetPast(time:)`` past the log's end, and where more may still be
  ///   dated so.
  /// - Complexity: Some 256 rows are read, and O(log entries) for an instant.
  func balance(
    of id: AccountID, for access: Access, at point: LogPoint
  ) throws(ReadError) -> BalanceReading {
    // Before the account is read: what is dated until then is among its entries.
    let now = head.time
    let account = try account(id, for: access)
    let size: UInt64
    switch point {
    case .now: size = account.asOf
    case .entry(let sequence):
      guard sequence.value < account.asOf else { throw .notYetPast(time: now) }
      size = sequence.value + 1
    case .time(let time):
      guard time <= now else { throw .notYetPast(time: now) }
      size = try entryCount(before: time.advanced(byMicroseconds: 1), within: account.asOf)
    }
    let last = try newest(of: account, before: size)
    return BalanceReading(
      account: id, currency: account.currency, balance: last?.effect.balance ?? .zero,
      lastSequence: last?.sequence, asOf: size)
  }

  /// Part of an account's statement.
  ///
  /// - Parameters:
  ///   - id: The account.
  ///   - access: Of who asks.
  ///   - filter: Which lines.
  ///   - before: One of the account's entries, which an earlier page ended with; `nil` begins with
  ///     the newest.
  ///   - linesMax: At most `limits.pageEntriesMax`.
  /// - Returns: The newest such lines before that entry, newest first; not all of them where
  ///   `limits.pageScannedMax` were looked at.
  /// - Throws: ``ReadError/outOfRange(name:max:)``; ``ReadError/notAnEntry(of:at:)`` where `before`
  ///   is no entry of the account.
  /// - Complexity: One row is read an entry, and one more.
  func statement(
    of id: AccountID, for access: Access, filter: StatementFilter, before: SequenceNumber?,
    linesMax: Int
  ) throws(ReadError) -> StatementPage {
    let account = try account(id, for: access)
    let first = try filter.from.map { time throws(ReadError) in
      try entryCount(before: time, within: account.asOf)
    }
    let end = try filter.until.map { time throws(ReadError) in
      try entryCount(before: time, within: account.asOf)
    }
    return try page(
      of: account, within: (first ?? 0)..<max(first ?? 0, end ?? account.asOf), filter: filter,
      before: before, linesMax: linesMax)
  }

  /// An account's business day, by the closes of the ledger's commitments; by midnight UTC where it
  /// has none.
  ///
  /// - Throws: ``ReadError/notFound`` for a date that is no business day or has not begun, and as
  ///   ``statement(of:for:filter:before:linesMax:)``.
  /// - Complexity: As that, and as ``balance(of:for:at:)`` twice.
  func day(
    _ date: CivilDate, of id: AccountID, for access: Access, before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> DayReading {
    // As in ``balance(of:for:at:)``.
    let now = head.time
    let account = try account(id, for: access)
    let calendar = genesis.parameters.businessCalendar
    guard let day = CalendarWindow(businessDay: date.daysSince1970, of: calendar),
      day.start < day.end, day.start <= now
    else { throw .notFound }
    let first = try entryCount(before: day.start, within: account.asOf)
    let end = try entryCount(before: day.end, within: account.asOf)
    let page = try page(
      of: account, within: first..<end, filter: StatementFilter(), before: before,
      linesMax: linesMax)
    return DayReading(
      currency: account.currency, date: date, zone: calendar.zone.name, span: day.start..<day.end,
      isComplete: day.end <= now,
      opening: try newest(of: account, before: first)?.effect.balance ?? .zero,
      closing: try newest(of: account, before: end)?.effect.balance ?? .zero, page: page)
  }

  /// How many of the first `size` entries are dated before an instant.
  ///
  /// - Complexity: O(log size) rows are read.
  private func entryCount(
    before time: LedgerTime, within size: UInt64
  ) throws(ReadError) -> UInt64 {
    var (low, high) = (UInt64(0), size)
    while low < high {
      let middle = low + (high - low) / 2
      if try entry(at: SequenceNumber(middle)).entry.time < time {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// The newest entry of an account among the first `size` of the log.
  ///
  /// - Complexity: O(1) for all of them; else some 256 rows are read from the next mark on.
  private func newest(
    of account: AccountReading, before size: UInt64
  ) throws(ReadError) -> PostedEntry? {
    guard let last = account.lastSequence, size > 0 else { return nil }
    var start = last
    if last.value >= size {
      let unindexed = withState { $0.unindexed }
      let indexed = try storage { () throws(StoreError) in
        try index.mark(of: account.account, from: SequenceNumber(size))
      }
      let marks = [indexed, unindexed.mark(of: account.account, from: SequenceNumber(size))]
      start = marks.compactMap(\.self).min() ?? last
    }
    var step = try posted(at: start, on: account.account)
    for _ in 0..<TrailMark.stepsMax {
      guard step.sequence.value >= size else { return step }
      guard let previous = step.effect.previous else { return nil }
      step = try posted(at: previous, on: account.account)
    }
    throw .storage(detail: "the index lacks marks of account \(account.account)")
  }

  private func page(
    of account: AccountReading, within entries: Range<UInt64>, filter: StatementFilter,
    before: SequenceNumber?, linesMax: Int
  ) throws(ReadError) -> StatementPage {
    guard 1...limits.pageEntriesMax ~= linesMax else {
      throw .outOfRange(name: "limit", max: limits.pageEntriesMax)
    }
    let id = account.account
    func posted(before entry: PostedEntry) throws(ReadError) -> PostedEntry? {
      try entry.effect.previous.map { previous throws(ReadError) in
        try self.posted(at: previous, on: id)
      }
    }
    var step: PostedEntry?
    if let before {
      guard before.value < account.asOf,
        try entry(at: before).sideData.effects.contains(where: { $0.account == id })
      else { throw .notAnEntry(of: id, at: before) }
      step =
        before.value <= entries.upperBound
        ? try posted(before: try self.posted(at: before, on: id))
        : try newest(of: account, before: entries.upperBound)
    } else {
      step = try newest(of: account, before: entries.upperBound)
    }
    var lines: [StatementLine] = []
    var scannedCount = 0
    var last: SequenceNumber?
    while let current = step, entries.contains(current.sequence.value),
      lines.count < linesMax, scannedCount < limits.pageScannedMax
    {
      step = try posted(before: current)
      scannedCount += 1
      last = current.sequence
      let line = current.line(after: step?.effect.balance ?? .zero)
      if filter.admits(line) { lines.append(line) }
    }
    let isMore = step.map { entries.contains($0.sequence.value) } ?? false
    return StatementPage(
      lines: lines, next: isMore ? last : nil, asOf: account.asOf)
  }

  /// Reads an entry that moved an account's money.
  private func posted(
    at sequence: SequenceNumber, on id: AccountID
  ) throws(ReadError) -> PostedEntry {
    let stored = try entry(at: sequence)
    let effects = stored.sideData.effects
    guard case .instruction(let bytes, let outcome) = stored.entry.body, outcome.isAccepted,
      let instruction = try? Instruction(canonicalBytes: bytes),
      let index = effects.firstIndex(where: { $0.account == id }), effects.count > 1,
      let amount = instruction.operation.movement?.amount
    else { throw .storage(detail: "entry \(sequence) does not move money of account \(id)") }
    return PostedEntry(
      sequence: sequence, time: stored.entry.time, instruction: instruction, amount: amount,
      effects: effects, index: index)
  }
}

/// An entry that moved money, as one of its accounts sees it.
private struct PostedEntry {
  let sequence: SequenceNumber
  let time: LedgerTime
  let instruction: Instruction
  /// Minor units that the order names.
  let amount: UInt64
  /// The payer's, the payee's, and those of linked accounts that gave or took: at least two.
  let effects: [PostingEffect]
  /// Of the account that looks.
  let index: Int

  var effect: PostingEffect { effects[index] }

  /// The line of a statement, where the account held so much before.
  func line(after balance: Balance) -> StatementLine {
    // Linked accounts gave or took: only what was held before tells how much.
    let change = effect.balance.minorUnits - balance.minorUnits
    let counterparty: PostingEffect
    var linked: StatementLine.Linked?
    switch index {
    case 0:
      counterparty = effects[1]
      let drawn = change + Int64(amount)
      if drawn > 0, effects.count > 2 {
        linked = StatementLine.Linked(account: effects[2].account, change: drawn)
      }
    case 1:
      counterparty = effects[0]
      let swept = Int64(amount) - change
      if swept > 0 {
        // A bank that funds a wallet from the account that it is linked to gets it back.
        let account = effects.count > 2 ? effects[effects.count - 1].account : effects[0].account
        linked = StatementLine.Linked(account: account, change: -swept)
      }
    // Of a linked account: the wallet whose link it is, not who else took part.
    default: counterparty = effects[change > 0 ? 1 : 0]
    }
    return StatementLine(
      sequence: sequence, time: time, instruction: instruction, amount: amount, change: change,
      linked: linked, balance: effect.balance, counterparty: counterparty.account)
  }
}
