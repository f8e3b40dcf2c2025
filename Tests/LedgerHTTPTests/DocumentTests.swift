import Foundation
import LedgerHTTP
import LedgerISO20022
import LedgerModel
// Readings are made by the service alone.
import LedgerService
import LedgerStorage
import LedgerTesting
import LedgerWire
import NIOCore
import NIOHTTP1
import Testing

/// Messages that orders are made from, and what is kept of them; Tests/python/check_messages.py has
/// the whole way, on a real ledger.
@Suite struct DocumentTests {
  private static let xml = [("Content-Type", "application/xml")]
  private static let ample = UnorderedDocumentLimits(countMax: 100, bytesMax: 100 << 20)

  private static func institution(_ code: String) -> String {
    "<FinInstnId><ClrSysMmbId><ClrSysId><Prtry>SPECIE</Prtry></ClrSysId><MmbId>\(code)</MmbId>"
      + "</ClrSysMmbId></FinInstnId>"
  }

  private static func account(_ number: Int) -> String {
    "<Id><Othr><Id>\(Hexadecimal.encode(AccountID.example(number).value.bytes))</Id></Othr></Id>"
  }

  private static func message(_ definition: String, _ content: String) -> [UInt8] {
    let space = "urn:iso:std:iso:20022:tech:xsd:"
    return Array(
      """
      <BizMsg><AppHdr xmlns="\(space)head.001.001.02">\
      <Fr><FIId>\(institution("bank-1"))</FIId></Fr>\
      <To><FIId>\(institution("issuer"))</FIId></To><BizMsgIdr>B</BizMsgIdr>\
      <MsgDefIdr>\(definition)</MsgDefIdr><CreDt>2026-03-01T00:00:00Z</CreDt></AppHdr>\
      <Document xmlns="\(space)\(definition)">\(content)</Document></BizMsg>
      """.utf8)
  }

  private static func payment(_ id: String, on day: String? = nil) -> [UInt8] {
    let date = day.map { "<IntrBkSttlmDt>\($0)</IntrBkSttlmDt>" } ?? ""
    return message(
      "pacs.008.001.08",
      """
      <FIToFICstmrCdtTrf><GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2026-03-01T00:00:00Z</CreDtTm>\
      <NbOfTxs>1</NbOfTxs>\(date)<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\
      <CdtTrfTxInf>\
      <PmtId><EndToEndId>E</EndToEndId><TxId>T</TxId></PmtId>\
      <IntrBkSttlmAmt Ccy="CNY">1.50</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr><Dbtr><Nm>A</Nm></Dbtr>\
      <DbtrAcct>\(account(110))</DbtrAcct><DbtrAgt>\(institution("bank-1"))</DbtrAgt>\
      <CdtrAgt>\(institution("bank-2"))</CdtrAgt><Cdtr><Nm>B</Nm></Cdtr>\
      <CdtrAcct>\(account(210))</CdtrAcct></CdtTrfTxInf></FIToFICstmrCdtTrf>
      """)
  }

  private static func request(_ kind: String, _ dates: (String, String)? = nil) -> [UInt8] {
    let period = dates.map {
      "<RptgPrd><FrToDt><FrDt>\($0.0)</FrDt><ToDt>\($0.1)</ToDt></FrToDt><Tp>ALLL</Tp></RptgPrd>"
    }
    return message(
      "camt.060.001.05",
      """
      <AcctRptgReq><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-01T00:00:00Z</CreDtTm></GrpHdr>\
      <RptgReq><ReqdMsgNmId>\(kind)</ReqdMsgNmId><Acct>\(account(110))</Acct>\
      <AcctOwnr><Agt>\(institution("bank-1"))</Agt></AcctOwnr>\(period ?? "")</RptgReq>\
      </AcctRptgReq>
      """)
  }

  private func post(_ port: Int, _ message: [UInt8]) async throws -> Answer {
    try await send(
      port, "/v1/iso20022?party=bank-1", method: .POST, Self.xml, body: message)
  }

  /// Goal: a ledger of an earlier version says that it takes none, before anything is kept.
  @Test func needVersionFour() async throws {
    let store = MemoryDocumentStore()
    try await withServer(FakeLedger(), documents: store) { port in
      let answer = try await post(port, Self.payment("M"))
      #expect(answer.status == 409 && answer.text.contains("documents_not_in_version"))
    }
    #expect(try store.unordered(after: nil, countMax: 9) == [])
  }

  /// Goal: who sends and does not sign has room for so many, and they are free again.
  @Test func takeSoManyUnsigned() async throws {
    var limits = HTTPLimits()
    limits.documentsUnorderedMax = 2
    limits.documentSweepInterval = .hours(1)
    let store = MemoryDocumentStore()
    let ledger = FakeLedger(version: .four)
    try await withServer(ledger, documents: store, limits: limits) { port in
      for id in ["M-1", "M-2"] {
        #expect(try await post(port, Self.payment(id)).status == 200)
      }
      let full = try await post(port, Self.payment("M-3"))
      #expect(full.status == 503 && full.text.contains("documents_full"))
      #expect(full.fields["retry-after"] != nil)
      // What was taken is told all the same, to whoever lost the answer.
      #expect(try await post(port, Self.payment("M-1")).status == 200)
      let first = try #require(try store.unordered(after: nil, countMax: 1).first)
      try store.settle(ordered: [first.digest], forgotten: [])
      #expect(try await post(port, Self.payment("M-3")).status == 200)
    }
  }

  /// Goal: what was ordered is kept for its time, what never can be is forgotten at once, and what
  /// still may be stays.
  @Test(arguments: [
    ("executed", 0, true), ("neverExecuted", 0, false), ("notYetKnown", 1, true),
  ])
  func areLookedThrough(status: String, unordered: Int, isKept: Bool) async throws {
    var limits = HTTPLimits()
    limits.documentSweepInterval = .milliseconds(20)
    let store = MemoryDocumentStore()
    let ledger = FakeLedger(version: .four)
    ledger.change { script in
      script.instructionStatus =
        switch status {
        case "executed":
          .executed(
            party: .bank(1),
            InstructionReceipt(
              id: .sample(1), sequence: SequenceNumber(2), firstSequence: SequenceNumber(2),
              outcome: .accepted, breach: nil), time: FakeLedger.time)
        case "neverExecuted": .neverExecuted(by: .bank(1), asOf: 9, time: FakeLedger.time)
        default: .notYetKnown(of: .bank(1), asOf: 9, time: FakeLedger.time)
        }
    }
    let old = DocumentRecord(
      digest: DocumentDigest(.example(1)), sender: .example(1),
      reference: ClientReference(unchecked: "old"),
      received: LedgerTime(microseconds: 1_000_000), expiry: LedgerTime(microseconds: 2_000_000),
      orders: [.sample(1)], recipient: nil)
    let content = DocumentContent(salt: .example(2), bytes: [1])
    _ = try store.keep(old, content, within: Self.ample)
    try await withServer(ledger, documents: store, limits: limits) { port in
      let answer = try await post(port, Self.payment("M"))
      #expect(answer.status == 200, "\(answer.text)")
      let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
      let name = try #require(json?["document"] as? String)
      let digest = DocumentDigest(try #require(Bytes32(hex: name)))
      let deadline = ContinuousClock.now + .seconds(10)
      func isDone() throws -> Bool {
        try store.unordered(after: nil, countMax: 9).count == unordered * 2
          && store.document(old.digest)?.content == nil
      }
      while try !isDone(), ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try isDone())
      #expect(try (store.document(digest)?.content != nil) == isKept)
      let shown = try await send(port, "/v1/documents/\(name)")
      #expect(shown.status == (isKept ? 200 : 404))
      let gone = try await send(port, "/v1/documents/\(old.digest)/status")
      #expect(gone.status == (isKept ? 410 : 404), "\(gone.text)")
    }
  }

  /// Goal: of a message that was taken the day before, nobody is told that nothing was ordered; a
  /// new one of that day is refused.
  @Test func areKnownTheNextDay() async throws {
    let store = MemoryDocumentStore()
    let bytes = Self.payment("M", on: "2026-02-28")
    let record = DocumentRecord(
      digest: DocumentDigest(.example(1)), sender: .example(1),
      reference: ClientReference(unchecked: "M"),
      received: LedgerTime(microseconds: 1_772_280_000_000_000),
      expiry: LedgerTime(microseconds: 1_772_280_540_000_000), orders: [.sample(1)],
      recipient: nil)
    _ = try store.keep(
      record, DocumentContent(salt: .example(2), bytes: bytes), within: Self.ample)
    try store.settle(ordered: [record.digest], forgotten: [])
    try await withServer(FakeLedger(version: .four), documents: store) { port in
      let again = try await post(port, bytes)
      #expect(again.status == 200 && again.text.contains("\(record.digest)"), "\(again.text)")
      #expect(again.fields["cache-control"] == "no-store")
      let other = try await post(port, Self.payment("M-2", on: "2026-02-28"))
      #expect(other.status == 422 && other.text.contains("not_today"))
      let changed = try await post(port, Self.payment("M", on: "2026-02-27"))
      #expect(changed.status == 422 && changed.text.contains("not_today"))
    }
  }

  /// Goal: while the clock is in doubt nothing is taken: ids and expiry would be of another time.
  @Test func waitForTheClock() async throws {
    let store = MemoryDocumentStore()
    let ledger = FakeLedger(version: .four)
    ledger.change { $0.closed = "the clock is in doubt" }
    try await withServer(ledger, documents: store) { port in
      let answer = try await post(port, Self.payment("M"))
      #expect(answer.status == 503 && answer.text.contains("not_ready"))
      let ghost = try await send(
        port, "/v1/iso20022?party=ghost", method: .POST, Self.xml, body: Self.payment("M"))
      #expect(ghost.status == 404)
    }
    #expect(try store.unordered(after: nil, countMax: 9) == [])
  }

  /// Goal: a clock in doubt deletes nothing, which could not be taken back.
  @Test func areDeletedByAGoodClockAlone() async throws {
    var limits = HTTPLimits()
    limits.documentSweepInterval = .milliseconds(10)
    let store = MemoryDocumentStore()
    let ledger = FakeLedger(version: .four)
    ledger.change { script in
      script.closed = "the clock is in doubt"
      script.instructionStatus = .executed(
        party: .bank(1),
        InstructionReceipt(
          id: .sample(1), sequence: SequenceNumber(2), firstSequence: SequenceNumber(2),
          outcome: .accepted, breach: nil), time: FakeLedger.time)
    }
    let old = DocumentRecord(
      digest: DocumentDigest(.example(1)), sender: .example(1),
      reference: ClientReference(unchecked: "old"),
      received: LedgerTime(microseconds: 1_000_000), expiry: LedgerTime(microseconds: 2_000_000),
      orders: [.sample(1)], recipient: nil)
    _ = try store.keep(
      old, DocumentContent(salt: .example(2), bytes: [1]), within: Self.ample)
    try await withServer(ledger, documents: store, limits: limits) { _ in
      let deadline = ContinuousClock.now + .seconds(10)
      func wait(until isDone: () throws -> Bool) async throws {
        while try !isDone() {
          try #require(ContinuousClock.now < deadline)
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      // It has been looked through once, and the next time has begun.
      try await wait { try store.unordered(after: nil, countMax: 9).isEmpty }
      try await Task.sleep(for: .milliseconds(50))
      #expect(try store.document(old.digest)?.content != nil)
      ledger.change { $0.closed = nil }
      try await wait { try store.document(old.digest)?.content == nil }
    }
  }

  /// Goal: messages are within the bound of all bodies that are held at once.
  @Test func areCountedWithOtherBodies() async throws {
    var limits = HTTPLimits()
    limits.bodyBytesInFlightMax = 500
    try await withServer(FakeLedger(version: .four), limits: limits) { port in
      for _ in 0..<3 {
        let full = try await post(port, [UInt8](repeating: 0x20, count: 501))
        #expect(full.status == 503 && full.text.contains("overloaded"), "\(full.text)")
        // What was taken is given back.
        let next = try await post(port, [UInt8](repeating: 0x20, count: 499))
        #expect(next.status == 422, "\(next.text)")
      }
    }
  }

  /// Goal: a condition of a reading holds back no answer to what is posted.
  @Test func areAnsweredWhateverIsKnown() async throws {
    try await withServer(FakeLedger(version: .four)) { port in
      let answer = try await send(
        port, "/v1/iso20022?party=bank-1", method: .POST, Self.xml + [("If-None-Match", "*")],
        body: Self.payment("M"))
      #expect(answer.status == 200 && answer.text.contains("to_sign"))
    }
  }

  /// Goal: a day that is over is reported whole, however many pages it has; one that is not, or
  /// several, is refused.
  @Test func reportADayThatIsOver() async throws {
    let ledger = FakeLedger()
    let lines = (0..<5).map { number in
      StatementLine(
        sequence: SequenceNumber(UInt64(20 - number)), time: FakeLedger.time,
        instruction: Instruction(
          id: .sample(UInt64(number)),
          operation: .pay(
            Transfer(payer: .example(110), payee: .example(210), amount: 7, currency: .cny))),
        amount: 7, change: number == 2 ? 0 : -7, linked: nil, balance: .zero,
        counterparty: .example(210))
    }
    @Sendable func day(_ part: Range<Int>, isComplete: Bool) throws -> DayReading {
      DayReading(
        currency: .cny, date: CivilDate(year: 2026, month: 2, day: 28), zone: "UTC",
        span: LedgerTime(microseconds: 1)..<LedgerTime(microseconds: 2), isComplete: isComplete,
        opening: try #require(Balance(minorUnits: 100)),
        closing: try #require(Balance(minorUnits: 72)),
        page: StatementPage(
          lines: Array(lines[part]),
          next: part.upperBound == 5 ? nil : lines[part.upperBound - 1].sequence, asOf: 30))
    }
    let date = "2026-02-28"
    try await withServer(ledger) { port in
      let pages = [
        try day(0..<2, isComplete: true), try day(2..<4, isComplete: true),
        try day(4..<5, isComplete: true),
      ]
      ledger.change { $0.days = pages }
      let report = try await post(port, Self.request("camt.053.001.08", (date, date)))
      #expect(report.status == 200, "\(report.text)")
      #expect(report.text.ranges(of: "<Ntry>").count == 4)
      #expect(report.text.contains("<Cd>OPBD</Cd>") && report.text.contains("<Cd>CLBD</Cd>"))
      #expect(report.text.contains("<Amt Ccy=\"CNY\">0.72</Amt>"))

      let open = [try day(0..<5, isComplete: false)]
      ledger.change { $0.days = open }
      let refused = try await post(port, Self.request("camt.053.001.08", (date, date)))
      #expect(refused.status == 422 && refused.text.contains("value_invalid"))
      let several = try await post(
        port, Self.request("camt.053.001.08", (date, "2026-03-01")))
      #expect(several.status == 422 && several.text.contains("one business day"))
    }
  }

  /// Goal: without TLS the server cannot know who sends, and says so.
  @Test func nameTheirSender() async throws {
    try await withServer(FakeLedger(version: .four)) { port in
      let answer = try await send(
        port, "/v1/iso20022", method: .POST, Self.xml, body: Self.payment("M"))
      #expect(answer.status == 400 && answer.text.contains("`party`"))
    }
  }

  /// Goal: a message that is taken can be kept.
  @Test func fitTheirStore() {
    #expect(ISOLimits.standard.messageBytesMax == StorageLimits.documentBytesMax)
  }
}
