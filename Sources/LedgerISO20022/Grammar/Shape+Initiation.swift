/// The pain.001 that a bank's own treasurer writes: customer credit transfers to be ordered.
///
/// docs/iso20022.md says of each element why it is read, carried or refused.
extension Shape {
  private static let nothingCharged = refused("nothing is charged")
  private static let noIntermediary = refused("money goes from payer to payee, by way of nobody")
  private static let nobodyCarriesOut = refused("nobody here carries it out")
  private static let atOnce = refused("the ledger settles at once, or not at all")
  private static let notHere = refused("settlement is on this ledger alone")
  private static let supplementary = refused("the ledger knows none, and it could say anything")

  /// PaymentTypeInformation26.
  private static let paymentType: Shape = [
    "InstrPrty?": .code("HIGH", "NORM"), "SvcLvl*": codeOrOwn,
    "LclInstrm?": .oneOf(["Cd": .text(35), "Prtry": .text(35)]), "CtgyPurp?": codeOrOwn,
  ]

  private static let chargeBearer = Shape.code("DEBT", "SHAR", "SLEV")

  /// CreditTransferTransaction34.
  private static let transaction: Shape = [
    "PmtId": [
      "InstrId?": .value(.reference), "EndToEndId": .value(.reference), "UETR?": .value(.uetr),
    ],
    "PmtTpInf?": paymentType,
    "Amt": .oneOf(["InstdAmt": .amount, "EqvtAmt": refused("the ledger exchanges nothing")]),
    "XchgRateInf?": refused("the ledger exchanges nothing"), "ChrgBr?": chargeBearer,
    "ChqInstr?": refused("a cheque is no payment on this ledger"), "UltmtDbtr?": party,
    "IntrmyAgt1?": noIntermediary, "IntrmyAgt1Acct?": noIntermediary,
    "IntrmyAgt2?": noIntermediary, "IntrmyAgt2Acct?": noIntermediary,
    "IntrmyAgt3?": noIntermediary, "IntrmyAgt3Acct?": noIntermediary,
    "CdtrAgt?": participant, "CdtrAgtAcct?": notHere, "Cdtr?": party, "CdtrAcct": account,
    "UltmtCdtr?": party, "InstrForCdtrAgt*": nobodyCarriesOut,
    "InstrForDbtrAgt?": nobodyCarriesOut, "Purp?": .oneOf(["Cd": .value(.capitals(1...4))]),
    "RgltryRptg*10": regulatoryReporting, "Tax?": tax, "RltdRmtInf*10": remittanceLocation,
    "RmtInf?": remittance, "SplmtryData*": supplementary,
  ]

  /// PaymentInstruction30.
  private static let paymentInformation: Shape = [
    "PmtInfId": .value(.reference), "PmtMtd": .code("TRF"), "BtchBookg?": .code("false", "0"),
    "NbOfTxs?": .value(.number),
    "CtrlSum?": .value(.decimal(fractionDigits: DecimalText.controlFractionDigitsMax)),
    "PmtTpInf?": paymentType,
    "ReqdExctnDt": .oneOf([
      "Dt": .value(.date), "DtTm": refused("orders are executed when they are sent"),
    ]),
    "PoolgAdjstmntDt?": atOnce, "Dbtr": party, "DbtrAcct": account, "DbtrAgt": participant,
    "DbtrAgtAcct?": notHere, "InstrForDbtrAgt?": nobodyCarriesOut, "UltmtDbtr?": party,
    "ChrgBr?": chargeBearer, "ChrgsAcct?": nothingCharged, "ChrgsAcctAgt?": nothingCharged,
    "CdtTrfTxInf+": transaction,
  ]

  /// What the `Document` of a pain.001 holds.
  static let initiation: Shape = [
    MessageDefinition.customerPaymentInitiation.root: [
      "GrpHdr": [
        "MsgId": .value(.reference), "CreDtTm": .value(.dateTime),
        "Authstn*2": refused("orders are authorised by the key that signs them"),
        "NbOfTxs": .value(.number),
        "CtrlSum?": .value(.decimal(fractionDigits: DecimalText.controlFractionDigitsMax)),
        "InitgPty": party, "FwdgAgt?": noIntermediary,
      ],
      "PmtInf+": paymentInformation, "SplmtryData*": supplementary,
    ]
  ]
}
