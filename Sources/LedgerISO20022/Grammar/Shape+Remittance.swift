/// What a payment is for, between payer and payee: the ledger carries it and reads none of it.
extension Shape {
  private static func typed(_ code: Shape) -> Shape {
    ["CdOrPrtry": .oneOf(["Cd": code, "Prtry": .text(35)]), "Issr?": .text(35)]
  }

  /// RemittanceAmount2 and 3.
  private static let remittanceAmount: Shape = [
    "DuePyblAmt?": .amount, "DscntApldAmt*": ["Tp?": codeOrOwn, "Amt": .amount],
    "CdtNoteAmt?": .amount, "TaxAmt*": ["Tp?": codeOrOwn, "Amt": .amount],
    "AdjstmntAmtAndRsn*": [
      "Amt": .amount, "CdtDbtInd?": .code("CRDT", "DBIT"), "Rsn?": .text(4),
      "AddtlInf?": .text(140),
    ],
    "RmtdAmt?": .amount,
  ]

  /// ReferredDocumentInformation7.
  private static let document: Shape = [
    "Tp?": typed(
      .code(
        "MSIN", "CNFA", "DNFA", "CINV", "CREN", "DEBN", "HIRI", "SBIN", "CMCN", "SOAC", "DISP",
        "BOLD", "VCHR", "AROI", "TSUT", "PUOR")),
    "Nb?": .text(35), "RltdDt?": .value(.date),
    "LineDtls*": [
      "Id+": ["Tp?": typed(.text(4)), "Nb?": .text(35), "RltdDt?": .value(.date)],
      "Desc?": .text(2_048), "Amt?": remittanceAmount,
    ],
  ]

  private static let taxpayer: Shape = [
    "TaxId?": .text(35), "RegnId?": .text(35), "TaxTp?": .text(35),
    "Authstn?": ["Titl?": .text(35), "Nm?": .text(140)],
  ]

  private static let taxPeriod: Shape = [
    "Yr?": .value(.date),
    "Tp?": .value(
      .code(
        (1...12).map { $0 < 10 ? "MM0\($0)" : "MM\($0)" } + (1...4).map { "QTR\($0)" }
          + ["HLF1", "HLF2"])),
    "FrToDt?": ["FrDt": .value(.date), "ToDt": .value(.date)],
  ]

  /// TaxInformation7 and 8: the first has an ultimate debtor as well.
  private static func tax(hasUltimateDebtor: Bool) -> Shape {
    let creditor: Shape = ["TaxId?": .text(35), "RegnId?": .text(35), "TaxTp?": .text(35)]
    let record: Shape = [
      "Tp?": .text(35), "Ctgy?": .text(35), "CtgyDtls?": .text(35), "DbtrSts?": .text(35),
      "CertId?": .text(35), "FrmsCd?": .text(35), "Prd?": taxPeriod,
      "TaxAmt?": [
        "Rate?": .value(.decimal(fractionDigits: 10, digits: 11)), "TaxblBaseAmt?": .amount,
        "TtlAmt?": .amount, "Dtls*": ["Prd?": taxPeriod, "Amt": .amount],
      ],
      "AddtlInf?": .text(140),
    ]
    let parties =
      [Particle("Cdtr?", creditor), Particle("Dbtr?", taxpayer)]
      + (hasUltimateDebtor ? [Particle("UltmtDbtr?", taxpayer)] : [])
    return .sequence(
      parties + [
        Particle("AdmstnZone?", .text(35)), Particle("RefNb?", .text(140)),
        Particle("Mtd?", .text(35)), Particle("TtlTaxblBaseAmt?", .amount),
        Particle("TtlTaxAmt?", .amount), Particle("Dt?", .value(.date)),
        Particle("SeqNb?", .value(.decimal(fractionDigits: 0))), Particle("Rcrd*", record),
      ])
  }

  /// TaxInformation8.
  static let tax = tax(hasUltimateDebtor: false)

  /// RemittanceInformation16.
  static let remittance: Shape = [
    "Ustrd*": .text(140),
    "Strd*": [
      "RfrdDocInf*": document, "RfrdDocAmt?": remittanceAmount,
      "CdtrRefInf?": [
        "Tp?": typed(.code("RADM", "RPIN", "FXDR", "DISP", "PUOR", "SCOR")), "Ref?": .text(35),
      ],
      "Invcr?": party, "Invcee?": party, "TaxRmt?": tax(hasUltimateDebtor: true),
      "GrnshmtRmt?": [
        "Tp": typed(.text(4)), "Grnshee?": party, "GrnshmtAdmstr?": party, "RefNb?": .text(140),
        "Dt?": .value(.date), "RmtdAmt?": .amount, "FmlyMdclInsrncInd?": .value(.boolean),
        "MplyeeTermntnInd?": .value(.boolean),
      ],
      "AddtlRmtInf*3": .text(140),
    ],
  ]

  /// RemittanceLocation7.
  static let remittanceLocation: Shape = [
    "RmtId?": .text(35),
    "RmtLctnDtls*": [
      "Mtd": .code("FAXI", "EDIC", "URID", "EMAL", "POST", "SMSM"), "ElctrncAdr?": .text(2_048),
      "PstlAdr?": ["Nm": .text(140), "Adr": address],
    ],
  ]

  /// RegulatoryReporting3.
  static let regulatoryReporting: Shape = [
    "DbtCdtRptgInd?": .code("CRED", "DEBT", "BOTH"),
    "Authrty?": ["Nm?": .text(140), "Ctry?": .value(.country)],
    "Dtls*": [
      "Tp?": .text(35), "Dt?": .value(.date), "Ctry?": .value(.country), "Cd?": .text(10),
      "Amt?": .amount, "Inf*": .text(35),
    ],
  ]
}
