import LedgerISO20022
import LedgerModel

/// Messages as text, one element of a transaction a line, so that a test can change one.
enum Samples {
  static let bankA = ParticipantID(unchecked: "bank-a")
  static let payer = account(1)
  static let payee = account(2)
  /// Text that must show in no error.
  static let secret = "Zzyzx Canary"

  static let currencies: [(code: String, exponent: Int)] = [
    ("AAA", 0), ("BBB", 1), ("CNY", 2), ("DDD", 3), ("EEE", 4), ("FFF", 5), ("GGG", 6),
  ]

  static func account(_ number: UInt64) -> AccountID {
    AccountID(Bytes16(high: number << 32 | 0xA, low: ~number))
  }

  static func context(_ participant: String = "bank-a") throws -> ReadingContext {
    var exponents: [CurrencyCode: Int] = [:]
    for (code, exponent) in currencies { exponents[try currency(code)] = exponent }
    return ReadingContext(
      participant: try ParticipantID(participant),
      today: CivilDate(year: 2026, month: 1, day: 31), exponents: exponents)
  }

  static func currency(_ code: String) throws -> CurrencyCode {
    struct NoCurrency: Error {}
    guard let currency = CurrencyCode(code) else { throw NoCurrency() }
    return currency
  }

  static func institution(_ code: String) -> String {
    "<FinInstnId><ClrSysMmbId><ClrSysId><Prtry>SPECIE</Prtry></ClrSysId>"
      + "<MmbId>\(code)</MmbId></ClrSysMmbId></FinInstnId>"
  }

  static func accountXML(_ id: AccountID) -> String {
    "<Id><Othr><Id>\(Hexadecimal.encode(id.value.bytes))</Id></Othr></Id>"
  }

  /// One transaction of a pacs.008, with all that is read and some of what is carried.
  static func customerTransfer(
    _ number: Int = 1, amount: String = "100.00", currency: String = "CNY"
  )
    -> [String]
  {
    [
      "<CdtTrfTxInf>", "<PmtId>", "<InstrId>I-\(number)</InstrId>",
      "<EndToEndId>E-\(number)</EndToEndId>", "<TxId>T-\(number)</TxId>",
      "<UETR>7a562c67-ca16-48ba-b074-65581be6f0\(number < 10 ? "0" : "")\(number)</UETR>",
      "</PmtId>", "<IntrBkSttlmAmt Ccy=\"\(currency)\">\(amount)</IntrBkSttlmAmt>",
      "<AccptncDtTm>2026-01-31T09:00:00Z</AccptncDtTm>", "<ChrgBr>SLEV</ChrgBr>",
      "<Dbtr><Nm>\(secret)</Nm><PstlAdr><StrtNm>\(secret)</StrtNm></PstlAdr></Dbtr>",
      "<DbtrAcct>\(accountXML(payer))<Nm>\(secret)</Nm></DbtrAcct>",
      "<DbtrAgt>\(institution("bank-a"))</DbtrAgt>", "<CdtrAgt>\(institution("bank-b"))</CdtrAgt>",
      "<Cdtr><Nm>\(secret)</Nm></Cdtr>", "<CdtrAcct>\(accountXML(payee))</CdtrAcct>",
      "<Purp><Cd>GDDS</Cd></Purp>", "<RmtInf><Ustrd>\(secret)</Ustrd></RmtInf>",
      "</CdtTrfTxInf>",
    ]
  }

  static func institutionTransfer(_ number: Int = 1) -> [String] {
    [
      "<CdtTrfTxInf>", "<PmtId>", "<EndToEndId>NOTPROVIDED</EndToEndId>",
      "<TxId>T-\(number)</TxId>", "</PmtId>", "<IntrBkSttlmAmt Ccy=\"CNY\">7</IntrBkSttlmAmt>",
      "<Dbtr>\(institution("bank-a"))</Dbtr>", "<DbtrAcct>\(accountXML(payer))</DbtrAcct>",
      "<Cdtr>\(institution("bank-b"))</Cdtr>", "<CdtrAcct>\(accountXML(payee))</CdtrAcct>",
      "</CdtTrfTxInf>",
    ]
  }

  static func group(_ count: Int, _ more: [String] = []) -> [String] {
    [
      "<GrpHdr>", "<MsgId>M-1</MsgId>", "<CreDtTm>2026-01-31T17:30:00.5+08:00</CreDtTm>",
      "<NbOfTxs>\(count)</NbOfTxs>",
    ] + more + ["<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>", "</GrpHdr>"]
  }

  static func envelope(_ name: String, _ root: String, _ lines: [String]) -> [String] {
    let urn = "urn:iso:std:iso:20022:tech:xsd:"
    return [
      "<BizMsg>", "<AppHdr xmlns=\"\(urn)head.001.001.02\">",
      "<Fr><FIId>\(institution("bank-a"))</FIId></Fr>",
      "<To><FIId>\(institution("issuer"))</FIId></To>", "<BizMsgIdr>B-1</BizMsgIdr>",
      "<MsgDefIdr>\(name)</MsgDefIdr>", "<CreDt>2026-01-31T09:30:00Z</CreDt>", "</AppHdr>",
      "<Document xmlns=\"\(urn)\(name)\">", "<\(root)>",
    ] + lines + ["</\(root)>", "</Document>", "</BizMsg>"]
  }

  /// A pacs.008 of two transactions.
  static let customer = envelope(
    "pacs.008.001.08", "FIToFICstmrCdtTrf",
    group(2, ["<CtrlSum>100.25</CtrlSum>", "<IntrBkSttlmDt>2026-01-31</IntrBkSttlmDt>"])
      + customerTransfer(1) + customerTransfer(2, amount: "0.25"))

  /// A pacs.009 of one transaction.
  static let institutional = envelope(
    "pacs.009.001.08", "FICdtTrf", group(1) + institutionTransfer())

  static func reportRequest(_ kind: String = "camt.053.001.08") -> [String] {
    envelope(
      "camt.060.001.05", "AcctRptgReq",
      [
        "<GrpHdr>", "<MsgId>M-1</MsgId>", "<CreDtTm>2026-01-31T09:30:00Z</CreDtTm>", "</GrpHdr>",
        "<RptgReq>", "<Id>R-1</Id>", "<ReqdMsgNmId>\(kind)</ReqdMsgNmId>",
        "<Acct>\(accountXML(payer))<Ccy>CNY</Ccy></Acct>",
        "<AcctOwnr><Agt>\(institution("bank-a"))</Agt></AcctOwnr>",
        "<RptgPrd><FrToDt><FrDt>2026-01-01</FrDt><ToDt>2026-01-31</ToDt></FrToDt>"
          + "<Tp>ALLL</Tp></RptgPrd>",
        "</RptgReq>",
      ])
  }
}

extension [String] {
  var xml: [UInt8] { [UInt8](joined(separator: "\n").utf8) }

  /// The lines with one text for another, which must be there, in the first line that has it.
  func replacing(_ old: String, _ new: String) -> [String] {
    guard let place = firstIndex(where: { $0.contains(old) }) else {
      preconditionFailure("no line has `\(old)`")
    }
    var lines = self
    guard let range = lines[place].firstRange(of: old) else { return lines }
    lines[place].replaceSubrange(range, with: new)
    return lines
  }
}

extension InboundMessage {
  /// What a message is, or the fault that it is refused for.
  static func outcome(
    of bytes: [UInt8], limits: ISOLimits = .standard
  ) throws -> Result<InboundMessage, MessageRefusal> {
    let context = try Samples.context()
    return Result { () throws(MessageRefusal) in
      try InboundMessage(bytes, in: context, limits: limits)
    }
  }

  static func transfers(_ lines: [String]) throws -> [CreditTransfer] {
    struct NoTransfers: Error {}
    guard case .creditTransfers(let message) = try outcome(of: lines.xml).get() else {
      throw NoTransfers()
    }
    return message.transfers
  }

  static func fault(_ bytes: [UInt8], limits: ISOLimits = .standard) throws -> ISOFault? {
    switch try outcome(of: bytes, limits: limits) {
    case .success: nil
    case .failure(let refusal): refusal.fault
    }
  }
}
