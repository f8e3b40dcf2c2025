import LedgerISO20022
import LedgerModel
import LedgerPolicy
import LedgerService

/// Why a report is not made.
enum ReportFailure: Error {
  /// The request asks for what there is not: an admi.002.
  case fault(ISOFault)
  /// The ledger does not answer.
  case reading(ReadError)
}

/// Makes the account reports that a camt.060 asks for.
///
/// - Source: docs/iso20022.md, "Reports".
struct ReportMaker<Ledger: RunningLedger> {
  /// Of the request within its message.
  static var path: String { "/BizMsg/Document/AcctRptgReq/RptgReq" }

  let ledger: Ledger
  let documents: Documents<Ledger>
  let limits: HTTPLimits
  /// Who asks, and whose the account has to be.
  let owner: ParticipantID

  /// As the owner sees them, whatever else the certificate reads for.
  private var access: Access { .certificate([.participant(owner)]) }

  /// Makes a report of one account.
  ///
  /// - Complexity: A row is read for each entry.
  func report(
    _ request: ReportRequest, id: MessageReference, at now: LedgerTime
  ) throws(ReportFailure) -> AccountReport {
    let account: AccountReading
    do throws(ReadError) {
      account = try ledger.account(request.account, for: access)
    } catch .notFound {
      throw .fault(.accountUnknown(path: Self.path + "/Acct"))
    } catch {
      throw .reading(error)
    }
    if let currency = request.currency, currency != account.currency {
      throw .fault(
        .contradiction(
          path: Self.path + "/Acct/Ccy", with: Self.path + "/Acct/Id",
          wanted: "`\(account.currency)`"))
    }
    let part: Part
    switch request.kind {
    case .statement: part = try day(request, of: account, isOver: true, at: now)
    case .intraday: part = try day(request, of: account, isOver: false, at: now)
    case .notification: part = try entries(request, of: account, at: now)
    }
    do throws(ISOFault) {
      return try AccountReport(
        id: id, account: account.account, owner: owner, currency: account.currency,
        exponent: ledger.genesis.currencies.first { $0.code == account.currency }?.exponent ?? 0,
        from: part.from, to: part.to, coverage: part.coverage,
        entries: part.lines.reversed().compactMap { entry(of: $0) })
    } catch {
      throw .fault(error)
    }
  }

  /// What a report covers; its lines are the newest first.
  private struct Part {
    let from: LedgerTime
    let to: LedgerTime
    let coverage: AccountReport.Coverage
    let lines: [StatementLine]
  }

  /// A business day: one that is over, or the one that is not.
  private func day(
    _ request: ReportRequest, of account: AccountReading, isOver: Bool, at now: LedgerTime
  ) throws(ReportFailure) -> Part {
    let today = documents.businessDate(at: now)
    let standard = isOver ? CivilDate(daysSince1970: today.daysSince1970 - 1) : today
    let date = request.period?.first ?? standard
    if let period = request.period, period.last != period.first, isOver || period.last != nil {
      throw .fault(
        .valueInvalid(
          path: Self.path + "/RptgPrd/FrToDt/ToDt", value: period.last?.description,
          wanted: "`\(period.first)`: a report has one business day"))
    }
    func unfit() -> ReportFailure {
      .fault(
        .valueInvalid(
          path: Self.path + "/RptgPrd/FrToDt/FrDt", value: date.description,
          wanted: isOver ? "a business day that is over" : "today, `\(today)`"))
    }
    var lines: [StatementLine] = []
    var newest: DayReading?
    var before: SequenceNumber?
    repeat {
      let reading: DayReading
      do throws(ReadError) {
        reading = try ledger.day(
          date, of: account.account, for: access, before: before, linesMax: Self.pageMax)
      } catch .notFound {
        throw unfit()
      } catch {
        throw .reading(error)
      }
      guard reading.isComplete == isOver else { throw unfit() }
      // What comes in meanwhile is after the first page, whose closing balance it is not in.
      newest = newest ?? reading
      lines += reading.page.lines
      try checkCount(lines)
      before = reading.page.next
    } while before != nil
    guard let newest else { preconditionFailure("a day has a first page") }
    return Part(
      from: newest.span.lowerBound, to: isOver ? newest.span.upperBound : now,
      coverage: isOver
        ? .day(date, opening: newest.opening, closing: newest.closing)
        : .dayUntilNow(date, opening: newest.opening, current: newest.closing),
      lines: lines)
  }

  /// Entries of whole business days, of today where none are named.
  private func entries(
    _ request: ReportRequest, of account: AccountReading, at now: LedgerTime
  ) throws(ReportFailure) -> Part {
    let today = documents.businessDate(at: now)
    let first = request.period?.first ?? today
    let calendar = ledger.genesis.parameters.businessCalendar
    guard let from = CalendarWindow(businessDay: first.daysSince1970, of: calendar)?.start,
      from <= now
    else {
      throw .fault(
        .valueInvalid(
          path: Self.path + "/RptgPrd/FrToDt/FrDt", value: first.description,
          wanted: "a business day that has begun"))
    }
    var end = now
    if let last = request.period?.last,
      let window = CalendarWindow(businessDay: last.daysSince1970, of: calendar)
    {
      end = min(now, window.end)
    }
    var filter = StatementFilter()
    (filter.from, filter.until) = (from, end)
    var lines: [StatementLine] = []
    var before: SequenceNumber?
    repeat {
      do throws(ReadError) {
        let page = try ledger.statement(
          of: account.account, for: access, filter: filter, before: before,
          linesMax: Self.pageMax)
        lines += page.lines
        before = page.next
      } catch {
        throw .reading(error)
      }
      try checkCount(lines)
    } while before != nil
    return Part(from: from, to: end, coverage: .entries, lines: lines)
  }

  /// Lines that are read at once.
  private static var pageMax: Int { 500 }

  private func checkCount(_ lines: [StatementLine]) throws(ReportFailure) {
    guard lines.count <= limits.reportEntriesMax else {
      throw .fault(.limitPassed(.entries, max: limits.reportEntriesMax, path: Self.path))
    }
  }

  /// `nil` where a linked account took all of it again.
  private func entry(of line: StatementLine) -> AccountReport.Entry? {
    guard let amount = Amount(minorUnits: line.change.magnitude),
      let operation = line.instruction.operation.movement?.operation
    else { return nil }
    let isIssuance = operation == .issue || operation == .redeem
    return AccountReport.Entry(
      number: line.sequence, time: line.time, side: line.change < 0 ? .debit : .credit,
      amount: amount, operation: operation, counterparty: isIssuance ? nil : line.counterparty,
      counterpartyParticipant: isIssuance
        ? nil : (try? ledger.account(line.counterparty, for: access))?.participant,
      instruction: line.instruction.id, reference: line.instruction.reference,
      purpose: line.instruction.purpose)
  }
}
