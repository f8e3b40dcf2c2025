import LedgerISO20022
import LedgerModel
import LedgerTesting
import Testing

/// Goal: what is written is whole, adds up, and is read back as it was.
///
/// Method: properties over seeds and over every code; that all of it is valid by the published
/// schemas is for Tests/python/check_iso20022.py.
@Suite struct WritingTests {
  static let header = OutboundHeader(
    recipient: Samples.bankA, id: MessageReference(unchecked: "OUT-1"),
    created: LedgerTime(microseconds: 1_769_850_000_123_456))

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// All texts of one element, in order.
  private func texts(_ name: String, _ bytes: [UInt8]) -> [String] {
    text(bytes).split(separator: "<\(name)>").dropFirst().map { part in
      String(part.prefix { $0 != "<" })
    }
  }

  private func message() throws -> CreditTransferMessage {
    guard
      case .creditTransfers(let message) = try InboundMessage.outcome(
        of: Samples.customer.xml
      ).get()
    else { preconditionFailure("the sample is one of transfers") }
    return message
  }

  /// Any text that is a reference is written and read back, through markup and all of Unicode.
  ///
  /// Method: the reader says which message it refuses, of whatever kind that is.
  @Test(arguments: UInt64(0)..<8)
  func textIsReadBack(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let alphabet = "&<>\"' ]]>ax0é张\u{10FFFF}\u{85FF}😀\u{FFFD}".unicodeScalars
    for _ in 0..<50 {
      var text = ""
      while text.utf8.count < 30 { text.unicodeScalars.append(random.one(of: alphabet)) }
      let id = try MessageReference(text)
      let header = OutboundHeader(recipient: Samples.bankA, id: id, created: Self.header.created)
      let bytes = try StatusReport(of: message(), statuses: [.pending, .pending]).xml(header)
      guard case .failure(let refusal) = try InboundMessage.outcome(of: bytes) else {
        return #expect(Bool(false), "a status report is read")
      }
      #expect(refusal.message == id)
      #expect(refusal.message.map { Array($0.text.utf8) } == Array(text.utf8))
    }
  }

  /// Characters that XML 1.0 has not are replaced, and so every message is well-formed.
  @Test func forbiddenCharactersAreReplaced() throws {
    let id = MessageReference(unchecked: "a\u{0}\u{1F}\u{FFFE}\u{FFFF}b\t\n\rc")
    let header = OutboundHeader(recipient: Samples.bankA, id: id, created: Self.header.created)
    let bytes = try StatusReport(of: message(), statuses: [.pending, .pending]).xml(header)
    #expect(texts("BizMsgIdr", bytes) == ["a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b&#9;&#10;&#13;c"])
  }

  @Test func aStatusReportTellsOfEachTransaction() throws {
    let time = LedgerTime(microseconds: 1_769_850_001_000_000)
    let report = try StatusReport(
      of: message(),
      statuses: [
        .settled(SequenceNumber(41), at: time),
        .rejected(.limitExceeded, rule: try RuleID("cap.daily"), SequenceNumber(42)),
      ])
    let bytes = report.xml(Self.header)
    #expect(texts("OrgnlMsgId", bytes) == ["M-1"])
    #expect(texts("OrgnlMsgNmId", bytes) == ["pacs.008.001.08"])
    #expect(texts("OrgnlNbOfTxs", bytes) == ["2"])
    #expect(texts("GrpSts", bytes) == ["PART"])
    #expect(texts("OrgnlInstrId", bytes) == ["I-1", "I-2"])
    #expect(texts("OrgnlEndToEndId", bytes) == ["E-1", "E-2"])
    #expect(texts("OrgnlTxId", bytes) == ["T-1", "T-2"])
    #expect(texts("OrgnlUETR", bytes).count == 2)
    #expect(texts("TxSts", bytes) == ["ACSC", "RJCT"])
    #expect(texts("AddtlInf", bytes) == ["limit_exceeded", "rule cap.daily"])
    #expect(texts("AcctSvcrRef", bytes) == ["41", "42"])
    #expect(texts("DtTm", bytes) == [time.description])
  }

  @Test func theGroupsStatusIsThatOfAllOrSays() throws {
    let statuses: [TransferStatus] = [
      .settled(SequenceNumber(1), at: Self.header.created),
      .rejected(.amountZero, rule: nil, SequenceNumber(2)), .refused(code: "overloaded"), .pending,
    ]
    let expected = [
      ["ACSC", "PART", "PART", "PART"], ["PART", "RJCT", "RJCT", "PDNG"],
      ["PART", "RJCT", "RJCT", "PDNG"], ["PART", "PDNG", "PDNG", "PDNG"],
    ]
    for (row, first) in statuses.enumerated() {
      for (column, second) in statuses.enumerated() {
        let bytes = try StatusReport(of: message(), statuses: [first, second]).xml(Self.header)
        #expect(texts("GrpSts", bytes) == [expected[row][column]])
        #expect(texts("DtldNbOfTxs", bytes).compactMap { Int($0) }.reduce(0, +) == 2)
      }
    }
    #expect(throws: ISOFault.statusesMiscounted(statuses: 1, transactions: 2)) {
      try StatusReport(of: message(), statuses: [.pending])
    }
  }

  /// Every refusal of the ledger has a code of the external set, and its own beside it.
  @Test(arguments: RejectionCode.allCases)
  func everyRejectionHasAReason(code: RejectionCode) throws {
    let status = TransferStatus.rejected(code, rule: nil, SequenceNumber(9))
    let bytes = try StatusReport(of: message(), statuses: [status, status]).xml(Self.header)
    let reason = try #require(text(bytes).firstMatch(of: /<Rsn><Cd>([A-Z0-9]{4})<\/Cd><\/Rsn>/))
    let known = [
      "AC01", "AC03", "AC04", "AC06", "AG01", "AG03", "AG08", "AG10", "AM01", "AM02", "AM03",
      "AM04", "AM05", "AM11", "AM13", "AM14", "DT01", "NARR", "RC01",
    ]
    #expect(known.contains(String(reason.1)))
    #expect(texts("AddtlInf", bytes) == [code.rawValue, code.rawValue])
  }

  @Test func aRefusalSaysWhichMessageAndWhere() throws {
    let lines = Samples.customer.replacing("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>CRED</ChrgBr>")
    guard case .failure(let refusal) = try InboundMessage.outcome(of: lines.xml) else {
      return #expect(Bool(false), "accepted")
    }
    let bytes = MessageReject(refusal).xml(Self.header)
    #expect(texts("Ref", bytes) == ["B-1"])
    #expect(texts("RjctgPtyRsn", bytes) == ["value_invalid"])
    #expect(texts("ErrLctn", bytes) == ["/BizMsg/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/ChrgBr"])
    #expect(texts("RsnDesc", bytes)[0].hasSuffix("is `CRED`: give `DEBT` or `SHAR` or `SLEV`"))
    // Cut off within the message, the identifier was read before; without one, none is.
    for (text, reference) in [
      (Samples.customer.prefix(12).joined(), "B-1"), ("<BizMsg>", "NOTPROVIDED"),
      ("", "NOTPROVIDED"),
    ] {
      guard case .failure(let refusal) = try InboundMessage.outcome(of: Array(text.utf8)) else {
        return #expect(Bool(false), "accepted")
      }
      #expect(texts("Ref", MessageReject(refusal).xml(Self.header)) == [reference])
    }
    // Too long for its place, a description is cut.
    let name = String(repeating: "n", count: 300)
    var deep = Array(repeating: "<\(name)>", count: 33)
    guard case .failure(let other) = try InboundMessage.outcome(of: deep.xml) else {
      return #expect(Bool(false), "accepted")
    }
    deep = texts("ErrLctn", MessageReject(other).xml(Self.header))
    #expect(deep.map(\.unicodeScalars.count) == [350])
  }

  /// A report of seeded entries adds up, and one that does not cannot be made.
  @Test(arguments: UInt64(0)..<16)
  func reportsAddUp(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 0...20, using: &random)
    var sum: Int64 = 0
    var entries: [AccountReport.Entry] = []
    for number in 0..<count {
      let side: AccountReport.Side = random.happens(percent: 50) ? .credit : .debit
      let amount = try #require(Amount(minorUnits: Int64.random(in: 1...1_000_000, using: &random)))
      sum += side == .credit ? amount.minorUnits : -amount.minorUnits
      entries.append(entry(number * 2, side, amount, random.one(of: Measure.Operation.allCases)))
    }
    let start = Int64.random(in: -1_000_000...1_000_000_000, using: &random)
    let opening = try #require(Balance(minorUnits: start))
    let closing = try #require(Balance(minorUnits: start + sum))
    let wrong = try #require(Balance(minorUnits: start + sum + 1))
    let day = CivilDate(year: 2026, month: 1, day: 31)
    for (coverage, definition) in [
      (AccountReport.Coverage.day(day, opening: opening, closing: closing), "camt.053.001.08"),
      (.dayUntilNow(day, opening: opening, current: closing), "camt.052.001.08"),
      (.entries, "camt.054.001.08"),
    ] {
      let bytes = try report(coverage, entries).xml(Self.header)
      #expect(texts("MsgDefIdr", bytes) == [definition])
      #expect(texts("NtryRef", bytes) == entries.map(\.number.description))
      let balances = coverage == .entries ? 0 : 2
      let sides = texts("CdtDbtInd", bytes)
      #expect(Array(sides.dropFirst(balances)) == entries.map(\.side.rawValue))
      // By the text alone: credits less debits are the difference of the balances.
      let amounts = text(bytes).matches(of: /<Amt Ccy="CNY">(\d+)\.(\d\d)<\/Amt>/).map { match in
        Int64(match.1 + match.2) ?? -1
      }
      let signed = zip(amounts, sides).map { $1 == "CRDT" ? $0 : -$0 }
      #expect(signed.count == balances + count)
      #expect(signed.dropFirst(balances).reduce(0, +) == sum)
      if balances == 2 { #expect(signed[1] - signed[0] == sum, "seed \(seed)") }
    }
    #expect(
      throws: ISOFault.statementUnbalanced(
        opening: opening, entries: Int128(sum), closing: wrong)
    ) { try report(.day(day, opening: opening, closing: wrong), entries) }
    guard count > 1 else { return }
    #expect(throws: ISOFault.entriesOutOfOrder(SequenceNumber(0), after: SequenceNumber(2))) {
      try report(.entries, [entries[1], entries[0]])
    }
  }

  /// What ISO 20022 has no digits for is refused, not rounded.
  @Test func sumsWithoutRoomAreRefused() throws {
    let million = try #require(Amount(minorUnits: 1_000_001))
    let entries = [entry(1, .credit, million, .pay)]
    func bytes(_ exponent: Int) throws -> [UInt8] {
      try report(.entries, entries, exponent: exponent).xml(Self.header)
    }
    #expect(try text(bytes(5)).contains("<Amt Ccy=\"CNY\">10.00001</Amt>"))
    #expect(throws: ISOFault.amountInexpressible(minorUnits: 1_000_001, exponent: 6)) {
      try bytes(6)
    }
    let most = try report(
      .day(CivilDate(year: 2026, month: 1, day: 31), opening: .max, closing: .max), [])
    #expect(throws: ISOFault.self) { try most.xml(Self.header) }
  }

  @discardableResult
  private func report(
    _ coverage: AccountReport.Coverage, _ entries: [AccountReport.Entry], exponent: Int = 2
  ) throws(ISOFault) -> AccountReport {
    guard let currency = CurrencyCode("CNY") else { preconditionFailure("CNY is a code") }
    return try AccountReport(
      id: MessageReference(unchecked: "S-1"), account: Samples.payer, owner: Samples.bankA,
      currency: currency, exponent: exponent, from: LedgerTime(microseconds: 0),
      to: Self.header.created, coverage: coverage, entries: entries)
  }

  private func entry(
    _ number: Int, _ side: AccountReport.Side, _ amount: Amount, _ operation: Measure.Operation
  ) -> AccountReport.Entry {
    AccountReport.Entry(
      number: SequenceNumber(UInt64(number)), time: Self.header.created, side: side,
      amount: amount, operation: operation, counterparty: Samples.payee,
      counterpartyParticipant: ParticipantID(unchecked: "bank-b"),
      instruction: InstructionID(milliseconds: 1, random: (2, 3)))
  }
}
