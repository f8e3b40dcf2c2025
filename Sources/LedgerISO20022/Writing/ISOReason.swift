import LedgerModel

/// Codes of ISO 20022's external set ExternalStatusReason1Code that this ledger gives.
enum ISOReason: String, CaseIterable, Sendable {
  case incorrectAccount = "AC01"
  case invalidCreditorAccount = "AC03"
  case closedAccount = "AC04"
  case blockedAccount = "AC06"
  case forbiddenOnAccount = "AG01"
  case notSupported = "AG03"
  case invalidAccessRights = "AG08"
  case agentSuspended = "AG10"
  case zeroAmount = "AM01"
  case amountNotAllowed = "AM02"
  case currencyNotAllowed = "AM03"
  case insufficientFunds = "AM04"
  case duplication = "AM05"
  case invalidTransactionCurrency = "AM11"
  case amountAboveSystemLimit = "AM13"
  case amountAboveAgreedLimit = "AM14"
  case invalidDate = "DT01"
  case narrative = "NARR"
  case incorrectInstitution = "RC01"
}

extension RejectionCode {
  /// The nearest code that banks know; the ledger's own always stands beside it.
  ///
  /// What no credit transfer can meet has `NARR`, as have refusals that no code tells of.
  var isoReason: ISOReason {
    switch self {
    case .idTooOld, .idInFuture: .invalidDate
    case .idReused, .referenceUsed: .duplication
    case .notInVersion: .notSupported
    case .wrongRole, .quorumNotMet, .actingForAnother, .approvalMissing: .invalidAccessRights
    case .participantSuspended: .agentSuspended
    case .participantUnknown: .incorrectInstitution
    case .amountZero: .zeroAmount
    case .amountTooLarge, .supplyTooLarge: .amountAboveSystemLimit
    case .currencyUnknown: .currencyNotAllowed
    case .accountUnknown: .incorrectAccount
    case .accountClosed: .closedAccount
    case .accountKind: .forbiddenOnAccount
    case .currencyMismatch: .invalidTransactionCurrency
    case .sameAccount: .invalidCreditorAccount
    case .accountFrozen: .blockedAccount
    case .insufficientFunds: .insufficientFunds
    case .balanceTooLarge: .amountNotAllowed
    case .limitExceeded: .amountAboveAgreedLimit
    case .participantExists, .participantNotSuspended, .participantsFull, .keyUnknown, .keyExists,
      .keyRevoked, .keySuspended, .keyNotSuspended, .keyValidityEmpty, .keysFull,
      .quorumUnreachable, .certificateUnknown, .certificateExists, .certificateTaken,
      .certificateRevoked, .certificateValidityEmpty, .certificatesFull, .currencyRepeated,
      .noSettlementAccount, .accountExists, .accountsFull, .tierUnknown, .tiersFull,
      .alreadyFrozen, .notFrozen, .balanceNotZero, .referencesFull, .limitMemoryFull,
      .limitUndecidable, .ruleSetInvalid, .ruleSetNotNewer, .ruleSetsFull, .ruleSetUnknown,
      .attributeUnknown, .attributeInvalid, .attributeAboveCeiling, .payeeListed,
      .payeeNotListed, .payeesFull, .eventUnknown, .linkUnchanged, .clockDisagrees:
      .narrative
    }
  }
}
