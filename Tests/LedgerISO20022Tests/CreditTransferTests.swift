import LedgerISO20022
import LedgerModel
import Testing

/// Goal: a credit transfer is the order that it reads as, or is refused where it would be another.
///
/// Method: the mapping field by field; then each rule by one change to a message that is accepted,
/// with the code and the place that the fault must have.
@Suite struct CreditTransferTests {
  @Test func aCustomerTransferIsAPayment() throws {
    guard
      case .creditTransfers(let message) = try InboundMessage.outcome(
        of: Samples.customer.xml
      ).get()
    else { return #expect(Bool(false), "no transfers") }
    #expect(message.header.sender == Samples.bankA)
    #expect(message.header.id.text == "B-1")
    #expect(message.header.definition == .customerCreditTransfer)
    #expect(message.header.created.description == "2026-01-31T09:30:00Z")
    #expect(message.id.text == "M-1")
    #expect(message.created.description == "2026-01-31T09:30:00.500000Z")
    #expect(message.transfers.count == 2)
    let first = message.transfers[0]
    #expect(first.instructionReference?.text == "I-1")
    #expect(first.endToEndReference.text == "E-1")
    #expect(first.transactionReference?.text == "T-1")
    #expect(first.uetr?.description == "7a562c67-ca16-48ba-b074-65581be6f001")
    #expect(first.payer == Samples.bankA)
    #expect(first.payee.text == "bank-b")
    let order = Transfer(
      payer: Samples.payer, payee: Samples.payee, amount: 10_000,
      currency: try Samples.currency("CNY"))
    #expect(first.operation == .pay(order))
    #expect(first.purpose.text == "GDDS")
    #expect(first.reference.text == "E-1")
    let id = InstructionID(milliseconds: 1, random: (2, 3))
    #expect(
      first.instruction(id: id, channel: Channel(unchecked: "iso"))
        == Instruction(
          id: id, operation: .pay(order), purpose: first.purpose,
          channel: Channel(unchecked: "iso"), reference: first.reference))
    #expect(message.transfers[1].operation.movement?.amount == 25)
  }

  @Test func anInstitutionsTransferIsASettlement() throws {
    let transfers = try InboundMessage.transfers(Samples.institutional)
    #expect(
      transfers.map(\.operation) == [
        .settle(
          Transfer(
            payer: Samples.payer, payee: Samples.payee, amount: 700,
            currency: try Samples.currency("CNY")))
      ])
    #expect(transfers[0].endToEndReference == .notProvided)
    #expect(transfers[0].reference.text == "")
    #expect(transfers[0].purpose.text == "")
    #expect(transfers[0].uetr == nil)
  }

  /// Amounts of every exponent are minor units, and nothing else is an amount.
  @Test(arguments: Samples.currencies.map(\.exponent))
  func amountsAreMinorUnits(exponent: Int) throws {
    let code = Samples.currencies[exponent].code
    func read(_ text: String) throws -> Result<UInt64?, MessageRefusal> {
      let lines = Samples.envelope(
        "pacs.008.001.08", "FIToFICstmrCdtTrf",
        Samples.group(1) + Samples.customerTransfer(1, amount: text, currency: code))
      return try InboundMessage.outcome(of: lines.xml).map { message in
        guard case .creditTransfers(let message) = message else { return nil }
        return message.transfers[0].operation.movement?.amount
      }
    }
    let unit = (0..<exponent).reduce(UInt64(1)) { power, _ in power * 10 }
    #expect(try read("1").get() == unit)
    #expect(try read("12345").get() == 12_345 * unit)
    let places = min(exponent, 5)
    if places > 0 {
      let least = "0." + String(repeating: "0", count: places - 1) + "1"
      #expect(try read(least).get() == (exponent == 6 ? 10 : 1))
    }
    for text in ["0", "0.0", "1." + String(repeating: "0", count: places + 1)] {
      guard case .failure(let refusal) = try read(text) else {
        #expect(Bool(false), "`\(text)` is accepted")
        continue
      }
      #expect(["amount_invalid", "value_invalid"].contains(refusal.fault.code), "`\(text)`")
    }
    // The most that one order may move is 10^18 minor units, which has 19 digits at exponent 0.
    let most = "1" + String(repeating: "0", count: 18 - exponent)
    let nines = String(repeating: "9", count: 18 - exponent)
    #expect(try read(nines).get() == UInt64(nines).map { $0 * unit })
    if exponent > 0 {
      #expect(try read(most).get() == 1_000_000_000_000_000_000)
      guard case .failure(let refusal) = try read("2" + most.dropFirst()) else {
        return #expect(Bool(false), "too much is accepted")
      }
      #expect(refusal.fault.code == "amount_invalid")
    }
  }

  struct Rule: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let code: String
    /// The end of the fault's path.
    let place: String
    var testDescription: String { "\(new) \(code)" }

    init(_ old: String, _ new: String, _ code: String, _ place: String) {
      (self.old, self.new, self.code, self.place) = (old, new, code, place)
    }
  }

  static let customerRules: [Rule] = {
    let other = Samples.institution("bank-c")
    let second = "<InstrId>I-2</InstrId>"
    var rules = [
      // The header.
      Rule(">bank-a<", ">bank-c<", "not_acting", "/Fr/FIId"),
      Rule(">issuer<", ">bank-b<", "value_invalid", "/To/FIId/FinInstnId/ClrSysMmbId/MmbId"),
      Rule(">pacs.008.001.08<", ">pacs.009.001.08<", "contradiction", "/MsgDefIdr"),
      Rule("<Fr>", "<CharSet>UTF-16</CharSet><Fr>", "value_invalid", "/CharSet"),
      Rule(
        "T09:30:00Z</CreDt>", "T09:30:00Z</CreDt><CpyDplct>DUPL</CpyDplct>",
        "element_not_supported", "/CpyDplct"),
      Rule(
        "T09:30:00Z</CreDt>", "T09:30:00Z</CreDt><PssblDplct>true</PssblDplct>",
        "value_invalid", "/PssblDplct"),
      Rule("T09:30:00Z</CreDt>", "T09:30:00</CreDt>", "value_invalid", "/CreDt"),
      Rule("T09:30:00Z</CreDt>", "T09:30:00+14:01</CreDt>", "value_invalid", "/CreDt"),
      // The group.
      Rule(">2</NbOfTxs>", ">1</NbOfTxs>", "contradiction", "/NbOfTxs"),
      Rule(">2</NbOfTxs>", ">two</NbOfTxs>", "value_invalid", "/NbOfTxs"),
      Rule(">100.25</CtrlSum>", ">100.24</CtrlSum>", "contradiction", "/CtrlSum"),
      Rule(">100.25</CtrlSum>", ">100.2500000000001</CtrlSum>", "contradiction", "/CtrlSum"),
      Rule(
        "<IntrBkSttlmDt>",
        "<TtlIntrBkSttlmAmt Ccy=\"CNY\">100.26</TtlIntrBkSttlmAmt><IntrBkSttlmDt>",
        "contradiction", "/TtlIntrBkSttlmAmt"),
      Rule(
        "<IntrBkSttlmDt>",
        "<TtlIntrBkSttlmAmt Ccy=\"BBB\">100.25</TtlIntrBkSttlmAmt><IntrBkSttlmDt>",
        "amount_invalid", "/TtlIntrBkSttlmAmt"),
      Rule("31</IntrBkSttlmDt>", "30</IntrBkSttlmDt>", "not_today", "/GrpHdr/IntrBkSttlmDt"),
      Rule("31</IntrBkSttlmDt>", "31Z</IntrBkSttlmDt>", "value_invalid", "/IntrBkSttlmDt"),
      Rule(
        "<NbOfTxs>", "<BtchBookg>true</BtchBookg><NbOfTxs>", "value_invalid", "/BtchBookg"),
      Rule(
        "</SttlmMtd>", "</SttlmMtd><ClrSys><Cd>TGT</Cd></ClrSys>", "element_unexpected",
        "/ClrSys/Cd"),
      Rule(
        "</SttlmInf>", "</SttlmInf><InstgAgt>\(other)</InstgAgt>", "not_acting",
        "/GrpHdr/InstgAgt"),
      Rule(
        "</SttlmInf>", "</SttlmInf><InstdAgt>\(other)</InstdAgt>", "contradiction",
        "/GrpHdr/InstdAgt"),
      Rule(
        "</SttlmInf>", "</SttlmInf><PmtTpInf><ClrChanl>MPNS</ClrChanl></PmtTpInf>",
        "value_invalid", "/PmtTpInf/ClrChanl"),
      // Identifiers.
      Rule("<TxId>T-2</TxId>", "<TxId>T-1</TxId>", "reference_repeated", "[2]/PmtId/TxId"),
      Rule("f002</UETR>", "f001</UETR>", "reference_repeated", "[2]/PmtId/UETR"),
      Rule(second, "<InstrId>I-1</InstrId>", "reference_repeated", "[2]/PmtId/InstrId"),
      Rule("-48ba-", "-58ba-", "value_invalid", "/UETR"),
      Rule("-b074-", "-c074-", "value_invalid", "/UETR"),
      Rule("7a562c67", "7A562C67", "value_invalid", "/UETR"),
      Rule(
        "f001</UETR>", "f001</UETR><ClrSysRef>x</ClrSysRef>", "element_not_supported",
        "/ClrSysRef"),
      // Amounts, dates and charges.
      Rule(">0.25<", ">0.250<", "amount_invalid", "[2]/IntrBkSttlmAmt"),
      Rule("Ccy=\"CNY\"", "Ccy=\"XXX\"", "currency_unknown", "/IntrBkSttlmAmt"),
      Rule(
        "<AccptncDtTm>", "<IntrBkSttlmDt>2026-01-31</IntrBkSttlmDt><AccptncDtTm>", "given_twice",
        "/CdtTrfTxInf/IntrBkSttlmDt"),
      Rule(
        "<ChrgBr>", "<InstdAmt Ccy=\"CNY\">100.01</InstdAmt><ChrgBr>", "contradiction",
        "/InstdAmt"),
      Rule(
        "<ChrgBr>", "<InstdAmt Ccy=\"BBB\">100.0</InstdAmt><ChrgBr>", "contradiction", "/InstdAmt"),
      Rule(">SLEV<", ">CRED<", "value_invalid", "/ChrgBr"),
      // Who and where.
      Rule(
        "<DbtrAgt>\(Samples.institution("bank-a"))", "<DbtrAgt>\(other)", "not_acting", "/DbtrAgt"),
      Rule(
        "<DbtrAgt><FinInstnId>", "<DbtrAgt><FinInstnId><BICFI>BANKC1BJ</BICFI>", "value_invalid",
        "/DbtrAgt/FinInstnId/BICFI"),
      Rule(
        "bank-a</MmbId></ClrSysMmbId></FinInstnId></DbtrAgt>",
        "bank-a</MmbId></ClrSysMmbId><LEI>529900T8BM49AURSDO56</LEI></FinInstnId></DbtrAgt>",
        "value_invalid", "/DbtrAgt/FinInstnId/LEI"),
      Rule(
        "</ClrSysMmbId></FinInstnId></CdtrAgt>",
        "</ClrSysMmbId><PstlAdr><Ctry>cn</Ctry></PstlAdr></FinInstnId></CdtrAgt>", "value_invalid",
        "/CdtrAgt/FinInstnId/PstlAdr/Ctry"),
      Rule("</Id><Nm>", "</Id><Ccy>BBB</Ccy><Nm>", "contradiction", "/DbtrAcct/Ccy"),
      Rule(
        "</Nm></DbtrAcct>", "</Nm><Prxy><Id>x</Id></Prxy></DbtrAcct>", "element_not_supported",
        "/DbtrAcct/Prxy"),
      Rule(
        "<DbtrAcct>\(Samples.accountXML(Samples.payer))",
        "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id>", "element_unexpected",
        "/DbtrAcct/Id/IBAN"),
      Rule(
        "<CdtrAcct>\(Samples.accountXML(Samples.payee))",
        "<CdtrAcct><Id><Othr><Id>\(Samples.payee)</Id></Othr></Id>", "value_invalid",
        "/CdtrAcct/Id/Othr/Id"),
      Rule("<Cd>GDDS</Cd>", "<Prtry>GDDS</Prtry>", "element_unexpected", "/Purp/Prtry"),
      Rule("<Cd>GDDS</Cd>", "<Cd>gdds</Cd>", "value_invalid", "/Purp/Cd"),
    ]
    // What would move the money another way, at another time, or another sum of it.
    let refused: [(before: String, element: String)] = [
      ("</SttlmMtd>", "SttlmAcct"), ("</SttlmMtd>", "InstgRmbrsmntAgt"),
      ("</SttlmMtd>", "InstdRmbrsmntAgt"), ("</SttlmMtd>", "ThrdRmbrsmntAgt"),
      ("</IntrBkSttlmAmt>", "SttlmTmIndctn"), ("</IntrBkSttlmAmt>", "SttlmTmReq"),
      ("</AccptncDtTm>", "PoolgAdjstmntDt"), ("</AccptncDtTm>", "XchgRate"),
      ("</ChrgBr>", "ChrgsInf"), ("</ChrgBr>", "PrvsInstgAgt1"), ("</ChrgBr>", "PrvsInstgAgt3Acct"),
      ("</ChrgBr>", "IntrmyAgt1"), ("</ChrgBr>", "IntrmyAgt3Acct"), ("</DbtrAgt>", "DbtrAgtAcct"),
      ("</CdtrAgt>", "CdtrAgtAcct"), ("</CdtrAcct>", "InstrForCdtrAgt"),
      ("</CdtrAcct>", "InstrForNxtAgt"), ("</RmtInf>", "SplmtryData"),
    ]
    for (before, element) in refused {
      rules.append(
        Rule(before, "\(before)<\(element)/>", "element_not_supported", "/\(element)"))
    }
    return rules
  }()

  @Test(arguments: customerRules)
  func aCustomerTransferIsRefused(rule: Rule) throws {
    let fault = try InboundMessage.fault(
      Samples.customer.replacing(rule.old, rule.new).xml)
    #expect(fault?.code == rule.code, "\(fault?.description ?? "accepted")")
    #expect(fault?.path?.hasSuffix(rule.place) == true, "\(fault?.path ?? "no path")")
  }

  @Test(arguments: [
    Rule(
      "<Dbtr>\(Samples.institution("bank-a"))", "<Dbtr>\(Samples.institution("bank-c"))",
      "not_acting", "/Dbtr"),
    Rule("</DbtrAcct>", "</DbtrAcct><DbtrAgt/>", "element_not_supported", "/DbtrAgt"),
    Rule("</DbtrAcct>", "</DbtrAcct><CdtrAgt/>", "element_not_supported", "/CdtrAgt"),
    Rule(
      "</CdtrAcct>", "</CdtrAcct><UndrlygCstmrCdtTrf/>", "element_not_supported",
      "/UndrlygCstmrCdtTrf"),
    Rule("<TxId>T-1</TxId>", "", "element_missing", "/PmtId/TxId"),
    Rule("<NbOfTxs>1", "<NbOfTxs>2", "contradiction", "/NbOfTxs"),
  ])
  func anInstitutionsTransferIsRefused(rule: Rule) throws {
    let fault = try InboundMessage.fault(
      Samples.institutional.replacing(rule.old, rule.new).xml)
    #expect(fault?.code == rule.code, "\(fault?.description ?? "accepted")")
    #expect(fault?.path?.hasSuffix(rule.place) == true, "\(fault?.path ?? "no path")")
  }

  /// What says the same as the rest of the message may stand.
  @Test(arguments: [
    ("<IntrBkSttlmDt>", "<TtlIntrBkSttlmAmt Ccy=\"CNY\">100.25</TtlIntrBkSttlmAmt><IntrBkSttlmDt>"),
    (">2</NbOfTxs>", ">002</NbOfTxs>"), (">100.25</CtrlSum>", ">100.25000</CtrlSum>"),
    ("<NbOfTxs>", "<BtchBookg>false</BtchBookg><NbOfTxs>"),
    ("<ChrgBr>", "<InstdAmt Ccy=\"CNY\">100</InstdAmt><ChrgBr>"),
    ("</Id><Nm>", "</Id><Ccy>CNY</Ccy><Nm>"),
    ("</SttlmInf>", "</SttlmInf><InstgAgt>\(Samples.institution("bank-a"))</InstgAgt>"),
    ("</SttlmInf>", "</SttlmInf><InstdAgt>\(Samples.institution("bank-b"))</InstdAgt>"),
    ("T09:30:00Z</CreDt>", "T09:30:00Z</CreDt><PssblDplct>false</PssblDplct>"),
    ("<DbtrAgt><FinInstnId>", "<DbtrAgt><FinInstnId><BICFI>BANKCNBJXXX</BICFI>"),
  ])
  func whatAgreesIsAccepted(old: String, new: String) throws {
    #expect(
      try InboundMessage.transfers(Samples.customer.replacing(old, new))
        == InboundMessage.transfers(Samples.customer))
  }

  /// A control sum is of bare numbers; a total is of one currency.
  @Test func sumsOfSeveralCurrencies() throws {
    func message(_ total: String) -> [String] {
      Samples.envelope(
        "pacs.008.001.08", "FIToFICstmrCdtTrf",
        Samples.group(2, ["<CtrlSum>10.00002</CtrlSum>"] + (total.isEmpty ? [] : [total]))
          + Samples.customerTransfer(1, amount: "10", currency: "AAA")
          + Samples.customerTransfer(2, amount: "0.00002", currency: "GGG"))
    }
    #expect(try InboundMessage.transfers(message("")).count == 2)
    // 10 and 20 minor units are not 30 of either.
    for total in ["Ccy=\"GGG\">0.00003", "Ccy=\"AAA\">30", "Ccy=\"GGG\">10.00002"] {
      let lines = message("<TtlIntrBkSttlmAmt \(total)</TtlIntrBkSttlmAmt>")
      #expect(try InboundMessage.fault(lines.xml)?.code == "contradiction")
    }
  }

  @Test(arguments: ["pacs.004.001.09", "camt.056.001.08"])
  func returnsAreRefusedByName(name: String) throws {
    let fault = try InboundMessage.fault(Samples.envelope(name, "PmtRtr", []).xml)
    #expect(
      fault
        == .messageNotSupported(
          name: name, why: "it has no returns yet, as what is settled is final"))
  }

  @Test(arguments: ["pacs.008.001.10", "pacs.002.001.10", "pain.001.001.09", "head.001.001.02"])
  func otherMessagesAreRefusedByName(name: String) throws {
    let fault = try InboundMessage.fault(Samples.envelope(name, "X", []).xml)
    #expect(fault?.code == "message_not_supported")
    #expect(fault?.description.contains("`\(name)`") == true)
  }
}
