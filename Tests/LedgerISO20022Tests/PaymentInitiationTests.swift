import LedgerISO20022
import LedgerModel
import Testing

/// Goal: each transaction of a pain.001 is the payment that it reads as, or the file is refused.
///
/// Method: the mapping field by field; then each rule by one change to a file that is accepted.
@Suite struct PaymentInitiationTests {
  private static func transaction(_ number: Int, _ amount: String, _ more: String = "") -> [String]
  {
    [
      "<CdtTrfTxInf>", "<PmtId>", "<InstrId>I-\(number)</InstrId>",
      "<EndToEndId>\(number == 1 ? "NOTPROVIDED" : "E-\(number)")</EndToEndId>", "</PmtId>",
      "<Amt><InstdAmt Ccy=\"CNY\">\(amount)</InstdAmt></Amt>", more,
      "<Cdtr><Nm>\(Samples.secret)</Nm></Cdtr>",
      "<CdtrAcct>\(Samples.accountXML(Samples.payee))</CdtrAcct>", "<Purp><Cd>SALA</Cd></Purp>",
      "</CdtTrfTxInf>",
    ]
  }

  private static func group(_ number: Int, date: String, _ transactions: [[String]]) -> [String] {
    [
      "<PmtInf>", "<PmtInfId>P-\(number)</PmtInfId>", "<PmtMtd>TRF</PmtMtd>",
      "<NbOfTxs>\(transactions.count)</NbOfTxs>",
      "<ReqdExctnDt><Dt>\(date)</Dt></ReqdExctnDt>", "<Dbtr><Nm>\(Samples.secret)</Nm></Dbtr>",
      "<DbtrAcct>\(Samples.accountXML(Samples.payer))</DbtrAcct>",
      "<DbtrAgt>\(Samples.institution("bank-a"))</DbtrAgt>", "<ChrgBr>SLEV</ChrgBr>",
    ] + transactions.flatMap { $0 } + ["</PmtInf>"]
  }

  private static let sample =
    [
      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">", "<CstmrCdtTrfInitn>",
      "<GrpHdr>", "<MsgId>M-1</MsgId>", "<CreDtTm>2026-01-31T09:30:00Z</CreDtTm>",
      "<NbOfTxs>3</NbOfTxs>", "<CtrlSum>6.75</CtrlSum>", "<InitgPty/>", "</GrpHdr>",
    ] + group(1, date: "2026-01-31", [transaction(1, "1.25"), transaction(2, "2.50")])
    + group(2, date: "2025-12-31", [transaction(3, "3")])
    + ["</CstmrCdtTrfInitn>", "</Document>"]

  private static func read(
    _ lines: [String], limits: ISOLimits = .standard
  ) throws -> Result<PaymentInitiation, MessageRefusal> {
    let context = try Samples.context()
    return Result { () throws(MessageRefusal) in
      try PaymentInitiation(lines.xml, in: context, limits: limits)
    }
  }

  @Test func eachTransactionIsAPayment() throws {
    let message = try Self.read(Self.sample).get()
    #expect(message.id.text == "M-1")
    #expect(message.payments.map(\.group.text) == ["P-1", "P-1", "P-2"])
    #expect(message.payments.map(\.transfer.amount) == [125, 250, 300])
    #expect(message.payments.map(\.amount) == ["1.25", "2.50", "3"])
    #expect(message.payments.map(\.reference.text) == ["", "E-2", "E-3"])
    #expect(message.payments.map(\.instructionReference?.text) == ["I-1", "I-2", "I-3"])
    for payment in message.payments {
      #expect(payment.transfer.payer == Samples.payer && payment.transfer.payee == Samples.payee)
      #expect(payment.purpose.text == "SALA" && payment.payee == nil)
    }
  }

  @Test(arguments: [
    ("<NbOfTxs>3", "<NbOfTxs>2", "contradiction"),
    ("<CtrlSum>6.75", "<CtrlSum>6.7", "contradiction"),
    ("<NbOfTxs>2<", "<NbOfTxs>3<", "contradiction"),
    ("<PmtInfId>P-2", "<PmtInfId>P-1", "reference_repeated"),
    ("<InstrId>I-3", "<InstrId>I-1", "reference_repeated"),
    ("<Dt>2025-12-31", "<Dt>2026-02-01", "not_today"),
    ("<PmtMtd>TRF", "<PmtMtd>CHK", "value_invalid"),
    ("pain.001.001.09", "pain.001.001.03", "message_not_supported"),
    (
      "<DbtrAgt>\(Samples.institution("bank-a"))", "<DbtrAgt>\(Samples.institution("bank-b"))",
      "not_acting"
    ),
    ("<Amt><InstdAmt Ccy=\"CNY\">1.25", "<Amt><InstdAmt Ccy=\"CNY\">1.255", "amount_invalid"),
    ("<Amt><InstdAmt Ccy=\"CNY\">1.25", "<Amt><InstdAmt Ccy=\"XXX\">1.25", "currency_unknown"),
    ("<Dt>2026-01-31</Dt>", "<DtTm>2026-01-31T09:30:00Z</DtTm>", "element_not_supported"),
    ("<InitgPty/>", "<InitgPty/><FwdgAgt/>", "element_not_supported"),
    ("<MsgId>M-1</MsgId>", "", "element_unexpected"),
    ("<Cdtr>", "<ChqInstr/><Cdtr>", "element_not_supported"),
    ("<Cdtr>", "<ChrgBr>DEBT</ChrgBr><Cdtr>", "given_twice"),
    ("<Cdtr>", "<ChrgBr>CRED</ChrgBr><Cdtr>", "value_invalid"),
    (
      "<CdtrAcct>\(Samples.accountXML(Samples.payee))",
      "<CdtrAcct>\(Samples.accountXML(Samples.payee))<Ccy>AAA</Ccy>", "contradiction"
    ),
  ])
  func isRefusedWhereItWouldBeAnother(old: String, new: String, code: String) throws {
    let result = try Self.read(Self.sample.replacing(old, new))
    guard case .failure(let refusal) = result else {
      return #expect(Bool(false), "`\(new)` is accepted")
    }
    #expect(refusal.fault.code == code, "\(refusal)")
    #expect(!refusal.description.contains(Samples.secret))
  }

  /// It goes to no ledger, and what goes to one is no file of payments.
  @Test func standsByItself() throws {
    let enveloped = Samples.envelope(
      "pain.001.001.09", "CstmrCdtTrfInitn", Array(Self.sample[2..<(Self.sample.count - 2)]))
    guard case .failure(let refusal) = try InboundMessage.outcome(of: enveloped.xml) else {
      return #expect(Bool(false), "it is taken in an envelope")
    }
    #expect(refusal.fault.code == "message_not_supported")
    #expect(try Self.read(Samples.customer).failure?.fault.code == "element_unexpected")
  }

  @Test func hasAsManyTransactionsAsItMay() throws {
    var limits = ISOLimits()
    limits.transactionsMax = 3
    #expect(try Self.read(Self.sample, limits: limits).failure == nil)
    limits.transactionsMax = 2
    #expect(try Self.read(Self.sample, limits: limits).failure?.fault.code == "xml_limit_passed")
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
