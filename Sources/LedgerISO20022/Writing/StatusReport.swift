public import LedgerModel

/// What became of one transaction.
public enum TransferStatus: Hashable, Sendable {
  /// Final, by that entry.
  case settled(SequenceNumber, at: LedgerTime)
  /// Refused by that entry, and by a rule where one did.
  case rejected(RejectionCode, rule: RuleID?, SequenceNumber)
  /// Refused with its whole submission, which no entry tells of; the code is of
  /// ``SubmissionRefusal`` or of whatever else refused it.
  case refused(code: String)
  /// Not decided yet, as far as is known.
  case pending

  /// ExternalPaymentTransactionStatus1Code.
  var code: String {
    switch self {
    case .settled: "ACSC"
    case .rejected, .refused: "RJCT"
    case .pending: "PDNG"
    }
  }
}

/// A pacs.002: what became of each transaction of a pacs.008 or pacs.009.
public struct StatusReport: Hashable, Sendable {
  public let original: CreditTransferMessage
  /// One for each transaction, in their order.
  public let statuses: [TransferStatus]

  /// - Throws: ``ISOFault/statusesMiscounted(statuses:transactions:)``.
  public init(
    of original: CreditTransferMessage, statuses: [TransferStatus]
  ) throws(ISOFault) {
    guard statuses.count == original.transfers.count else {
      throw .statusesMiscounted(
        statuses: statuses.count, transactions: original.transfers.count)
    }
    self.original = original
    self.statuses = statuses
  }

  /// ExternalPaymentGroupStatus1Code: that of all transactions, else `PART` where one is settled,
  /// else `PDNG`, since the others are refused and pending.
  var groupCode: String {
    let codes = Set(statuses.map(\.code))
    if codes.count == 1, let code = codes.first { return code }
    return codes.contains("ACSC") ? "PART" : "PDNG"
  }

  /// The message in UTF-8.
  public func xml(_ header: OutboundHeader) -> [UInt8] {
    let group = XMLContent.element(
      "GrpHdr",
      header.group + [
        .element("InstgAgt", [.institution(Scheme.ledger)]),
        .element("InstdAgt", [.institution(header.recipient.text)]),
      ])
    let counts = ["ACSC", "RJCT", "PDNG"].map { code -> XMLContent in
      let count = statuses.count { $0.code == code }
      return count == 0
        ? .none
        : .element("NbOfTxsPerSts", [.text("DtldNbOfTxs", String(count)), .text("DtldSts", code)])
    }
    let originalGroup = XMLContent.element(
      "OrgnlGrpInfAndSts",
      [
        .text("OrgnlMsgId", original.id.text),
        .text("OrgnlMsgNmId", original.header.definition.name),
        .text("OrgnlCreDtTm", original.created.description),
        .text("OrgnlNbOfTxs", String(statuses.count)), .text("GrpSts", groupCode),
      ] + counts)
    return header.message(
      .statusReport,
      [group, originalGroup] + zip(original.transfers, statuses).map(Self.transaction))
  }

  private static func transaction(
    _ transfer: CreditTransfer, _ status: TransferStatus
  ) -> XMLContent {
    var reason: (code: String, information: [String])?
    var entry: SequenceNumber?
    var settledAt: LedgerTime?
    switch status {
    case .settled(let number, let time): (entry, settledAt) = (number, time)
    case .rejected(let code, let rule, let number):
      let words = [code.rawValue] + (rule.map { ["rule " + $0.text] } ?? [])
      reason = (code.isoReason.rawValue, words)
      entry = number
    case .refused(let code): reason = (ISOReason.narrative.rawValue, [code])
    case .pending: break
    }
    return .element(
      "TxInfAndSts",
      [
        .text("OrgnlInstrId", transfer.instructionReference?.text),
        .text("OrgnlEndToEndId", transfer.endToEndReference.text),
        .text("OrgnlTxId", transfer.transactionReference?.text),
        .text("OrgnlUETR", transfer.uetr?.description), .text("TxSts", status.code),
        reason.map { reason in
          .element(
            "StsRsnInf",
            [.element("Rsn", [.text("Cd", reason.code)])]
              + reason.information.map { .text("AddtlInf", $0, max: 105) })
        } ?? .none,
        settledAt.map { .element("FctvIntrBkSttlmDt", [.text("DtTm", $0.description)]) } ?? .none,
        .text("AcctSvcrRef", entry?.description),
      ])
  }
}
