/// The messages that this ledger speaks, each with its version.
public enum MessageDefinition: String, Hashable, Sendable, CaseIterable {
  case messageReject = "admi.002.001.01"
  case intradayReport = "camt.052.001.08"
  case statement = "camt.053.001.08"
  case notification = "camt.054.001.08"
  case reportRequest = "camt.060.001.05"
  case statusReport = "pacs.002.001.10"
  case customerCreditTransfer = "pacs.008.001.08"
  case institutionCreditTransfer = "pacs.009.001.08"
  case customerPaymentInitiation = "pain.001.001.09"

  /// The name of the message and its version, as in `MsgDefIdr`.
  public var name: String { rawValue }

  /// The namespace of its `Document`.
  var namespace: String { Self.namespacePrefix + rawValue }

  static let namespacePrefix = "urn:iso:std:iso:20022:tech:xsd:"
  static let headerNamespace = namespacePrefix + "head.001.001.02"

  /// The one child of its `Document`.
  public var root: String {
    switch self {
    case .messageReject: "admi.002.001.01"
    case .intradayReport: "BkToCstmrAcctRpt"
    case .statement: "BkToCstmrStmt"
    case .notification: "BkToCstmrDbtCdtNtfctn"
    case .reportRequest: "AcctRptgReq"
    case .statusReport: "FIToFIPmtStsRpt"
    case .customerCreditTransfer: "FIToFICstmrCdtTrf"
    case .institutionCreditTransfer: "FICdtTrf"
    case .customerPaymentInitiation: "CstmrCdtTrfInitn"
    }
  }
}

/// Words of the message scheme of this ledger.
enum Scheme {
  /// The clearing system, whose members are the participants.
  static let clearingSystem = "SPECIE"
  /// The member that the ledger itself is; a reserved word, and so no participant's code.
  static let ledger = "issuer"
}
