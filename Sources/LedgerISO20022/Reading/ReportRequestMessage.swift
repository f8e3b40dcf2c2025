public import LedgerModel

/// A camt.060: reports that a participant asks for, of its own accounts.
public struct ReportRequestMessage: Hashable, Sendable {
  public let header: BusinessHeader
  /// `MsgId`.
  public let id: MessageReference
  public let created: LedgerTime
  /// At least one, in order.
  public let requests: [ReportRequest]
}

/// One report that is asked for.
///
/// That the account is the participant's own is for the caller to find out.
public struct ReportRequest: Hashable, Sendable {
  /// `Id`.
  public let reference: MessageReference?
  public let kind: AccountReport.Kind
  public let account: AccountID
  /// `Acct/Ccy`, for the caller to compare with the account's.
  public let currency: CurrencyCode?
  public let period: Period?

  /// Whole days of the ledger's zone.
  public struct Period: Hashable, Sendable {
    public let first: CivilDate
    /// Not before ``first``; `nil` for as far as the ledger goes.
    public let last: CivilDate?
  }
}

extension ReportRequestMessage {
  /// Reads what the grammar has found to be in order.
  init(
    _ content: XMLElement, header: BusinessHeader, in context: ReadingContext
  ) throws(ISOFault) {
    let group = try content.required("GrpHdr")
    self.header = header
    id = try group.value("MsgId") { try? MessageReference($0) }
    created = try group.value("CreDtTm", LedgerTime.init(isoText:))
    if group["MsgSndr"] != nil { try group.checkActing(context.participant, at: "MsgSndr/Agt") }
    var requests: [ReportRequest] = []
    for request in content.all("RptgReq") {
      try request.checkActing(context.participant, at: "AcctOwnr/Agt")
      requests.append(try ReportRequest(request))
    }
    self.requests = requests
  }
}

extension ReportRequest {
  fileprivate init(_ request: XMLElement) throws(ISOFault) {
    reference = try request.optional("Id") { try? MessageReference($0) }
    kind = try request.value("ReqdMsgNmId") { name in
      AccountReport.Kind.allCases.first { $0.definition.name == name }
    }
    account = try request.account("Acct")
    currency = try request.optional("Acct/Ccy") { CurrencyCode($0) }
    guard let days = request.first("RptgPrd/FrToDt") else {
      period = nil
      return
    }
    let first = try days.value("FrDt", CivilDate.init(isoText:))
    let last = try days.optional("ToDt", CivilDate.init(isoText:))
    if let last, last.daysSince1970 < first.daysSince1970 {
      throw .contradiction(
        path: try days.required("ToDt").path, with: try days.required("FrDt").path,
        wanted: "the same day or a later one")
    }
    period = Period(first: first, last: last)
  }
}
