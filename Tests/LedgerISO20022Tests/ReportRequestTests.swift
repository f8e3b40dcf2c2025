import LedgerISO20022
import LedgerModel
import Testing

/// Goal: a camt.060 asks for one of three reports, of an account and some days.
///
/// Method: the mapping field by field, and each rule by one change.
@Suite struct ReportRequestTests {
  private func requests(_ lines: [String]) throws -> [ReportRequest] {
    guard case .reportRequests(let message) = try InboundMessage.outcome(of: lines.xml).get() else {
      return []
    }
    #expect(message.id.text == "M-1")
    return message.requests
  }

  @Test(arguments: AccountReport.Kind.allCases)
  func aRequestIsRead(kind: AccountReport.Kind) throws {
    let requests = try requests(Samples.reportRequest(kind.definition.name))
    #expect(requests.count == 1)
    #expect(requests[0].kind == kind)
    #expect(requests[0].reference?.text == "R-1")
    #expect(requests[0].account == Samples.payer)
    #expect(requests[0].currency?.description == "CNY")
    #expect(requests[0].period?.first == CivilDate(year: 2026, month: 1, day: 1))
    #expect(requests[0].period?.last == CivilDate(year: 2026, month: 1, day: 31))
  }

  @Test func thePeriodMayBeOpenOrNone() throws {
    let open = try requests(Samples.reportRequest().replacing("<ToDt>2026-01-31</ToDt>", ""))
    #expect(open[0].period?.first.day == 1)
    #expect(open[0].period?.last == nil)
    let none = try requests(Samples.reportRequest().filter { !$0.hasPrefix("<RptgPrd>") })
    #expect(none[0].period == nil)
  }

  @Test(arguments: [
    ("camt.053.001.08</Req", "camt.053.001.07</Req", "value_invalid"),
    ("<ToDt>2026-01-31", "<ToDt>2025-12-31", "contradiction"),
    ("<ToDt>2026-01-31", "<ToDt>2026-02-29", "value_invalid"),
    (">ALLL<", ">CHNG<", "value_invalid"),
    ("</FrToDt>", "</FrToDt><FrToTm><FrTm>00:00:00</FrTm></FrToTm>", "element_not_supported"),
    ("</RptgPrd>", "</RptgPrd><RptgSeq/>", "element_not_supported"),
    ("</RptgPrd>", "</RptgPrd><ReqdTxTp/>", "element_not_supported"),
    ("</RptgPrd>", "</RptgPrd><ReqdBalTp/>", "element_not_supported"),
    (
      "<Agt>\(Samples.institution("bank-a"))", "<Agt>\(Samples.institution("bank-b"))",
      "not_acting"
    ), ("<Agt>", "<Pty><Nm>x</Nm></Pty><Agt>", "element_unexpected"),
    (
      "Z</CreDtTm>", "Z</CreDtTm><MsgSndr><Agt>\(Samples.institution("bank-b"))</Agt></MsgSndr>",
      "not_acting"
    ),
  ])
  func aRequestIsRefused(old: String, new: String, code: String) throws {
    let fault = try InboundMessage.fault(Samples.reportRequest().replacing(old, new).xml)
    #expect(fault?.code == code, "\(fault?.description ?? "accepted")")
  }
}
