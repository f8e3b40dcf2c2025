/// The messages that this ledger reads, of which it takes a part: whatever is accepted is valid by
/// the schema as well, and means what the ledger does.
///
/// docs/iso20022.md says of each element why it is read, carried or refused.
extension Shape {
  /// BusinessApplicationHeaderV02.
  static let header: Shape = [
    "CharSet?": .code("UTF-8"), "Fr": .oneOf(["FIId": participant]),
    "To": .oneOf(["FIId": ledger]), "BizMsgIdr": .value(.reference), "MsgDefIdr": .text(35),
    "BizSvc?": .text(35), "MktPrctc?": ["Regy": .text(350), "Id": .text(2_048)],
    "CreDt": .value(.dateTime),
    "BizPrcgDt?": .refused("the ledger processes each message when it comes"),
    "CpyDplct?": .refused("a copy orders nothing"),
    "PssblDplct?": .code("false", "0"), "Prty?": .text(35),
    "Sgntr?": .refused("orders are signed by the statement of their submission"),
    "Rltd*": .refused("the ledger relates messages by their identifiers"),
  ]

  private static let supplementary = refused("the ledger knows none, and it could say anything")
  private static let direct = refused("money goes from payer to payee, by way of nobody")
  private static let notHere = refused("settlement is on this ledger alone")
  private static let atOnce = refused("the ledger settles at once, or not at all")

  /// GroupHeader93.
  private static let group: Shape = [
    "MsgId": .value(.reference), "CreDtTm": .value(.dateTime),
    "BtchBookg?": .code("false", "0"), "NbOfTxs": .value(.number),
    "CtrlSum?": .value(.decimal(fractionDigits: DecimalText.controlFractionDigitsMax)),
    "TtlIntrBkSttlmAmt?": .amount,
    "IntrBkSttlmDt?": .value(.date),
    "SttlmInf": [
      "SttlmMtd": .code("CLRG"), "SttlmAcct?": notHere,
      "ClrSys?": .oneOf(["Prtry": .code(Scheme.clearingSystem)]),
      "InstgRmbrsmntAgt?": notHere, "InstgRmbrsmntAgtAcct?": notHere,
      "InstdRmbrsmntAgt?": notHere, "InstdRmbrsmntAgtAcct?": notHere,
      "ThrdRmbrsmntAgt?": notHere, "ThrdRmbrsmntAgtAcct?": notHere,
    ],
    "PmtTpInf?": paymentType, "InstgAgt?": participant, "InstdAgt?": participant,
  ]

  /// PaymentTypeInformation28.
  private static let paymentType: Shape = [
    "InstrPrty?": .code("HIGH", "NORM"), "ClrChanl?": .code("RTGS"), "SvcLvl*": codeOrOwn,
    "LclInstrm?": .oneOf(["Cd": .text(35), "Prtry": .text(35)]), "CtgyPurp?": codeOrOwn,
  ]

  /// PaymentIdentification7.
  private static let identification: Shape = [
    "InstrId?": .value(.reference), "EndToEndId": .value(.reference),
    "TxId?": .value(.reference), "UETR?": .value(.uetr),
    "ClrSysRef?": .refused("the ledger gives it, in its report"),
  ]

  /// Those who instructed before, who are instructed, and who stand between.
  private static let agents: [Particle] = {
    let previous = (1...3).flatMap {
      [Particle("PrvsInstgAgt\($0)?", direct), Particle("PrvsInstgAgt\($0)Acct?", direct)]
    }
    let intermediary = (1...3).flatMap {
      [Particle("IntrmyAgt\($0)?", direct), Particle("IntrmyAgt\($0)Acct?", direct)]
    }
    return previous + [Particle("InstgAgt?", participant), Particle("InstdAgt?", participant)]
      + intermediary
  }()

  private static let instructions: Shape = refused("nobody here carries it out")

  /// A purpose that rules can tell apart; one of the sender's own they could not.
  private static let purpose = Shape.oneOf(["Cd": .value(.capitals(1...4))])

  /// CreditTransferTransaction39.
  private static let customerTransfer = Shape.sequence(
    particles([
      "PmtId": identification, "PmtTpInf?": paymentType, "IntrBkSttlmAmt": .amount,
      "IntrBkSttlmDt?": .value(.date), "SttlmPrty?": .code("URGT", "HIGH", "NORM"),
      "SttlmTmIndctn?": atOnce, "SttlmTmReq?": atOnce, "AccptncDtTm?": .value(.dateTime),
      "PoolgAdjstmntDt?": atOnce, "InstdAmt?": .amount,
      "XchgRate?": refused("the ledger exchanges nothing"),
      "ChrgBr": .code("DEBT", "SHAR", "SLEV"),
      "ChrgsInf*": refused("the payee has the whole amount"),
    ]) + agents
      + particles([
        "UltmtDbtr?": party, "InitgPty?": party, "Dbtr": party, "DbtrAcct": account,
        "DbtrAgt": participant, "DbtrAgtAcct?": notHere, "CdtrAgt": participant,
        "CdtrAgtAcct?": notHere, "Cdtr": party, "CdtrAcct": account, "UltmtCdtr?": party,
        "InstrForCdtrAgt*": instructions, "InstrForNxtAgt*": instructions, "Purp?": purpose,
        "RgltryRptg*10": regulatoryReporting, "Tax?": tax,
        "RltdRmtInf*10": remittanceLocation, "RmtInf?": remittance,
        "SplmtryData*": supplementary,
      ]))

  /// CreditTransferTransaction36.
  private static let institutionTransfer = Shape.sequence(
    particles([
      "PmtId": identification, "PmtTpInf?": paymentType, "IntrBkSttlmAmt": .amount,
      "IntrBkSttlmDt?": .value(.date), "SttlmPrty?": .code("URGT", "HIGH", "NORM"),
      "SttlmTmIndctn?": atOnce, "SttlmTmReq?": atOnce,
    ]) + agents
      + particles([
        "UltmtDbtr?": anyInstitution, "Dbtr": participant, "DbtrAcct": account,
        "DbtrAgt?": direct, "DbtrAgtAcct?": direct, "CdtrAgt?": direct, "CdtrAgtAcct?": direct,
        "Cdtr": participant, "CdtrAcct": account, "UltmtCdtr?": anyInstitution,
        "InstrForCdtrAgt*": instructions, "InstrForNxtAgt*": instructions, "Purp?": purpose,
        "RmtInf?": ["Ustrd*": .text(140)],
        "UndrlygCstmrCdtTrf?": refused("cover for a payment elsewhere is not settled here"),
        "SplmtryData*": supplementary,
      ]))

  /// ReportingRequest5.
  private static let reportRequest: Shape = [
    "Id?": .value(.reference),
    "ReqdMsgNmId": .value(.code(AccountReport.Kind.allCases.map(\.definition.name))),
    "Acct": account, "AcctOwnr": .oneOf(["Agt": participant]),
    "AcctSvcr?": ledger,
    "RptgPrd?": [
      "FrToDt": ["FrDt": .value(.date), "ToDt?": .value(.date)],
      "FrToTm?": refused("reports are of whole days"), "Tp": .code("ALLL"),
    ],
    "RptgSeq?": refused("a report has all entries"),
    "ReqdTxTp?": refused("a report has all entries"),
    "ReqdBalTp*": refused("a report has the balances that it has"),
  ]

  /// What the `Document` of a message in its envelope holds, or `nil` for one that is only written,
  /// or stands by itself.
  static func document(of definition: MessageDefinition) -> Shape? {
    switch definition {
    case .customerCreditTransfer: creditTransferDocument
    case .institutionCreditTransfer: institutionTransferDocument
    case .reportRequest: reportRequestDocument
    case .messageReject, .intradayReport, .statement, .notification, .statusReport,
      .customerPaymentInitiation:
      nil
    }
  }

  private static let creditTransferDocument: Shape = [
    MessageDefinition.customerCreditTransfer.root: [
      "GrpHdr": group, "CdtTrfTxInf+": customerTransfer, "SplmtryData*": supplementary,
    ]
  ]

  private static let institutionTransferDocument: Shape = [
    MessageDefinition.institutionCreditTransfer.root: [
      "GrpHdr": group, "CdtTrfTxInf+": institutionTransfer, "SplmtryData*": supplementary,
    ]
  ]

  private static let reportRequestDocument: Shape = [
    MessageDefinition.reportRequest.root: [
      "GrpHdr": [
        "MsgId": .value(.reference), "CreDtTm": .value(.dateTime),
        "MsgSndr?": .oneOf(["Agt": participant]),
      ], "RptgReq+": reportRequest, "SplmtryData*": supplementary,
    ]
  ]

  private static func particles(_ elements: KeyValuePairs<String, Shape>) -> [Particle] {
    elements.map { Particle($0, $1) }
  }
}
