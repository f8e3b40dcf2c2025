import LedgerISO20022
import LedgerModel
import LedgerTesting
import MerkleLog
import PaymentFiles
import Testing

/// Goal: a file orders what it shows, and is refused whole where a line of it does not.
@Suite struct PaymentFileTests {
  private static let a = "5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035"
  private static let b = "0c1b5a3e-91d2-4b6e-8c40-2f1d7e9ab036"
  private static let head = "payer,payee,amount,reference,purpose"

  private static func read(_ text: String) throws(PaymentFileFault) -> PaymentFile {
    try PaymentFile(
      csv: Array(text.utf8), currency: PaymentWorld.currency, channel: Channel(unchecked: "file"))
  }

  private static func line(_ amount: String, _ reference: String = "", _ purpose: String = "")
    -> String
  { "\(a),\(b),\(amount),\(reference),\(purpose)\n" }

  @Test func columnsMayStandInAnyOrderBehindAMark() throws {
    let file = try Self.read(
      "\u{FEFF}purpose,amount,payee,payer\r\nSALA,12.5,\(Self.b),\(Self.a.uppercased())\r\n")
    let id = InstructionID(milliseconds: 7, random: (1, 2))
    let wanted = try Self.read("\(Self.head)\n\(Self.line("12.50", "", "SALA"))")
    #expect(file.rows[0].order(id, file.channel) == wanted.rows[0].order(id, wanted.channel))
    #expect(file.rows[0].transfer.amount == 1_250)
    #expect(file.rows[0].fields == [Self.a.uppercased(), Self.b, "12.5", "", "SALA"])
    #expect(file.rows[0].order(id, file.channel).channel.text == "file")
    #expect(file.digest != wanted.digest)
  }

  /// Files that are refused, and the line that says why.
  static let refused: [(text: String, line: Int?)] = [
    ("", 1), (head + "\n", nil), ("payer,payee\n", 1), (head + ",id\n", 1), (head + ",payer\n", 1),
    ("\(head)\n\(line("1"))\(line("1.005"))", 3), ("\(head)\n\(line("0"))", 2),
    ("\(head)\n\(line("-1"))", 2), ("\(head)\n\(line("1,000"))", 2),
    ("\(head)\n\(line("1"))\n\(line("1"))", 3), ("\(head)\n\(a),bob,1,,\n", 2),
    ("\(head)\n\(line("1", String(repeating: "a", count: 36)))", 2),
    ("\(head)\n\(line("1", "", "sala"))", 2), ("\(head)\n\(line("1", "\"open"))", 2),
    ("\(head)\n\(line("1", "a\u{0}"))", 2), ("\(head)\n\(line("99999999999999999999"))", 2),
  ]

  @Test(arguments: refused)
  func isCheckedWhole(text: String, line: Int?) {
    do {
      _ = try Self.read(text)
      Issue.record("`\(text)` is read")
    } catch {
      #expect(error.line == line, "`\(text)`: \(error)")
    }
  }

  /// A treasurer east of the central bank has a date that is still to come there.
  @Test func aDayThatIsToComeIsSaidToBeTheLedgers() throws {
    let bank =
      "<FinInstnId><ClrSysMmbId><ClrSysId><Prtry>SPECIE</Prtry></ClrSysId>"
      + "<MmbId>bank-a</MmbId></ClrSysMmbId></FinInstnId>"
    let message =
      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>"
      + "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-31T23:30:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
      + "<CtrlSum>1</CtrlSum><InitgPty/></GrpHdr><PmtInf><PmtInfId>P-1</PmtInfId>"
      + "<PmtMtd>TRF</PmtMtd><NbOfTxs>1</NbOfTxs>"
      + "<ReqdExctnDt><Dt>2026-02-01</Dt></ReqdExctnDt><Dbtr><Nm>A</Nm></Dbtr>"
      + "<DbtrAcct>\(Self.account(Self.a))</DbtrAcct><DbtrAgt>\(bank)</DbtrAgt>"
      + "<CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId>"
      + "<Amt><InstdAmt Ccy=\"CNY\">1</InstdAmt></Amt><Cdtr><Nm>B</Nm></Cdtr>"
      + "<CdtrAcct>\(Self.account(Self.b))</CdtrAcct></CdtTrfTxInf></PmtInf>"
      + "</CstmrCdtTrfInitn></Document>"
    let context = ReadingContext(
      participant: try ParticipantID("bank-a"), today: CivilDate(year: 2026, month: 1, day: 31),
      currencies: [PaymentWorld.currency])
    do throws(PaymentFileFault) {
      _ = try PaymentFile(
        initiation: Array(message.utf8), in: context, currencies: [PaymentWorld.currency],
        channel: Channel(unchecked: ""))
      Issue.record("it is read")
    } catch {
      #expect(
        error.description.hasSuffix(
          "today is `2026-01-31` by the ledger's business days; wait until that one has begun, or "
            + "order it for today (`not_today`)"), "\(error)")
    }
  }

  private static func account(_ id: String) -> String {
    "<Id><Othr><Id>\(id.replacing("-", with: ""))</Id></Othr></Id>"
  }

  @Test func isUTF8() {
    #expect(throws: PaymentFileFault.notUTF8) {
      try PaymentFile(
        csv: [0xFF], currency: PaymentWorld.currency, channel: Channel(unchecked: ""))
    }
  }
}
