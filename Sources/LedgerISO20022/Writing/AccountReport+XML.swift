import LedgerModel

extension AccountReport {
  /// The message in UTF-8.
  ///
  /// - Throws: ``ISOFault/amountInexpressible(minorUnits:exponent:)``, where ISO 20022 has no room
  ///   for a sum.
  public func xml(_ header: OutboundHeader) throws(ISOFault) -> [UInt8] {
    let root =
      switch kind {
      case .intraday: "Rpt"
      case .statement: "Stmt"
      case .notification: "Ntfctn"
      }
    var content: [XMLContent] = [
      .text("Id", id.text), .text("CreDtTm", header.created.description),
      .element(
        "FrToDt", [.text("FrDtTm", from.description), .text("ToDtTm", to.description)]),
      .element(
        "Acct",
        [
          .account(account), .text("Ccy", currency.description),
          .element("Ownr", [.element("Id", [.element("OrgId", [ownership])])]),
        ]),
    ]
    content += try balances(asOf: header.created)
    content.append(
      .element(
        "TxsSummry",
        [
          .element("TtlNtries", [.text("NbOfNtries", String(entries.count))]),
          try total("TtlCdtNtries", .credit), try total("TtlDbtNtries", .debit),
        ]))
    for entry in entries { content.append(try xml(of: entry)) }
    return header.message(
      kind.definition, [.element("GrpHdr", header.group), .element(root, content)])
  }

  private var ownership: XMLContent {
    .element(
      "Othr",
      [
        .text("Id", owner.text),
        .element("SchmeNm", [.text("Prtry", Scheme.clearingSystem)]),
      ])
  }

  private func balances(asOf now: LedgerTime) throws(ISOFault) -> [XMLContent] {
    switch coverage {
    case .day(let day, let opening, let closing):
      [
        try balance("OPBD", opening, .text("Dt", day.isoText)),
        try balance("CLBD", closing, .text("Dt", day.isoText)),
      ]
    case .dayUntilNow(let day, let opening, let current):
      [
        try balance("OPBD", opening, .text("Dt", day.isoText)),
        try balance("ITBD", current, .text("DtTm", now.description)),
      ]
    case .entries: []
    }
  }

  private func balance(
    _ code: String, _ balance: Balance, _ date: XMLContent
  ) throws(ISOFault) -> XMLContent {
    let side: Side = balance < .zero ? .debit : .credit
    return .element(
      "Bal",
      [
        .element("Tp", [.element("CdOrPrtry", [.text("Cd", code)])]),
        try .amount(
          "Amt", Int128(balance.minorUnits.magnitude), currency, exponent: exponent),
        .text("CdtDbtInd", side.rawValue), .element("Dt", [date]),
      ])
  }

  private func total(_ name: String, _ side: Side) throws(ISOFault) -> XMLContent {
    .element(
      name,
      [
        .text("NbOfNtries", String(entries.count { $0.side == side })),
        .text("Sum", try XMLContent.decimal(Self.sum(entries, side), exponent: exponent)),
      ])
  }

  private func xml(of entry: Entry) throws(ISOFault) -> XMLContent {
    let other = entry.side == .credit ? "Dbtr" : "Cdtr"
    let reference = entry.reference.text.isEmpty ? MessageReference.notProvided.text : nil
    let details: [XMLContent] = [
      .element(
        "Refs",
        [
          .text("AcctSvcrRef", entry.number.description),
          .text("EndToEndId", reference ?? entry.reference.text),
          entry.instruction.map { id in
            .element(
              "Prtry",
              [.text("Tp", "INSTRUCTION"), .text("Ref", Hexadecimal.encode(id.value.bytes))])
          } ?? .none,
        ]),
      entry.counterparty.map { id in
        .element("RltdPties", [.element(other + "Acct", [.account(id)])])
      } ?? .none,
      entry.counterpartyParticipant.map { id in
        .element("RltdAgts", [.element(other + "Agt", [.institution(id.text)])])
      } ?? .none,
      entry.purpose.text.isEmpty
        ? .none : .element("Purp", [.text("Cd", entry.purpose.text)]),
    ]
    return .element(
      "Ntry",
      [
        .text("NtryRef", entry.number.description),
        try .amount(
          "Amt", Int128(entry.amount.minorUnits), currency, exponent: exponent),
        .text("CdtDbtInd", entry.side.rawValue), .element("Sts", [.text("Cd", "BOOK")]),
        .element("BookgDt", [.text("DtTm", entry.time.description)]),
        .text("AcctSvcrRef", entry.number.description), .element("BkTxCd", code(of: entry)),
        .element("NtryDtls", [.element("TxDtls", details)]),
      ])
  }

  /// Domain, family and sub-family of ISO 20022's bank transaction codes, and the operation's name.
  private func code(of entry: Entry) -> [XMLContent] {
    let subfamily =
      switch entry.operation {
      // Between customers; between institutions, the central bank included; between a participant
      // and its own customer.
      case .pay: "DMCT"
      case .settle, .issue, .redeem: "FICT"
      case .fund, .cashOut: "BOOK"
      }
    return [
      .element(
        "Domn",
        [
          .text("Cd", "PMNT"),
          .element(
            "Fmly",
            [
              .text("Cd", entry.side == .credit ? "RCDT" : "ICDT"),
              .text("SubFmlyCd", subfamily),
            ]),
        ]),
      .element(
        "Prtry",
        [.text("Cd", entry.operation.name), .text("Issr", Scheme.clearingSystem)]),
    ]
  }
}
