import Hummingbird
import LedgerModel
import LedgerService

// An account's history: what it held, its entries, its business days.

extension APIResponder {
  func balance(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    let id = try accountID(name)
    var point = LogPoint.now
    if let text = query.take("at") {
      // An entry has no hyphen, and an instant has.
      point =
        text.contains("-") ? .time(try instant(text, "at")) : .entry(try number(text, "at"))
    }
    try query.end()
    let reading = try reading("account `\(id)`") { () throws(ReadError) in
      try ledger.balance(of: id, for: access, at: point)
    }
    return .json(JSONWriter.object { $0.balance(reading) })
  }

  func statement(
    _ name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    let id = try accountID(name)
    let (before, linesMax) = try page(&query)
    let filter = try statementFilter(&query)
    try query.end()
    let page = try reading("account `\(id)`") { () throws(ReadError) in
      try ledger.statement(
        of: id, for: access, filter: filter, before: before, linesMax: linesMax)
    }
    return .json(
      JSONWriter.object {
        $0.string("account", id.description)
        $0.statement(page)
      })
  }

  func day(
    _ text: String, of name: String, for access: Access, _ query: inout Query
  ) throws(Problem) -> Response {
    try check(access)
    let id = try accountID(name)
    guard let date = CivilDate(text) else {
      throw .invalidParameter("date", "`\(text)` is no date; write `2026-03-01`")
    }
    let (before, linesMax) = try page(&query)
    try query.end()
    let day = try reading("business day `\(date)` of account `\(id)`") { () throws(ReadError) in
      try ledger.day(date, of: id, for: access, before: before, linesMax: linesMax)
    }
    return .json(
      JSONWriter.object {
        $0.string("account", id.description)
        $0.day(day)
      })
  }

  private func page(
    _ query: inout Query
  ) throws(Problem) -> (before: SequenceNumber?, linesMax: Int) {
    var before: SequenceNumber?
    if let text = query.take("before") { before = try number(text, "before") }
    return (before, try pageLimit(&query, standard: limits.pageLinesStandard))
  }

  private func statementFilter(_ query: inout Query) throws(Problem) -> StatementFilter {
    var filter = StatementFilter()
    if let text = query.take("counterparty") {
      filter.counterparty = try accountID(text, "counterparty")
    }
    if let text = query.take("amount_min") {
      filter.amountMin = try number(text, "amount_min").value
    }
    if let text = query.take("amount_max") {
      filter.amountMax = try number(text, "amount_max").value
    }
    if let text = query.take("reference") {
      do throws(NameError) {
        filter.reference = try ClientReference(text)
      } catch {
        throw .invalidParameter("reference", error.description)
      }
    }
    if let text = query.take("from") { filter.from = try instant(text, "from") }
    if let text = query.take("until") { filter.until = try instant(text, "until") }
    return filter
  }

  private func instant(_ text: String, _ name: String) throws(Problem) -> LedgerTime {
    guard let microseconds = CivilDate.microsecondsSince1970(rfc3339: text) else {
      throw .invalidParameter(
        name,
        "`\(text)` is no instant; write RFC 3339 with an offset, such as `2026-03-01T09:00:00Z`, "
          + "and a `+` as `%2B`")
    }
    return LedgerTime(microseconds: microseconds)
  }
}
