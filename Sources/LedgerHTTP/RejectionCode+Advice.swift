import LedgerModel
import LedgerService

extension InstructionReceipt {
  /// Why it was refused, in words: those at hand, or the code's where the log has no more.
  func words(for code: RejectionCode) -> String {
    message ?? code.advice
  }
}

extension RejectionCode {
  /// A sentence that says what would be right, where the log keeps no more than the code.
  ///
  /// docs/errors.md has the same sentences.
  var advice: String {
    switch self {
    case .idTooOld:
      "the id's own time lies too far back; ask for the outcome of the id before you order again "
        + "under a new one"
    case .idInFuture:
      "the id's own time is more than 60 s after ledger time; set the clock that makes ids"
    case .idReused: "the id was used with other bytes; give each order its own id"
    case .notInVersion: "the ledger's state machine is of a version that does not know this order"
    case .wrongRole: "the party may not order this"
    case .quorumNotMet:
      "too few signatures; collect the others on the same statement and submit it again"
    case .participantSuspended: "a participant concerned is suspended"
    case .actingForAnother: "an account is another participant's; name one of your own"
    case .participantUnknown: "there is no such participant; admit it first"
    case .participantExists: "the participant is admitted already"
    case .participantNotSuspended: "the participant is not suspended"
    case .participantsFull:
      "the ledger has \(Limits.participantsMax) participants, the most there can be"
    case .keyUnknown: "the key is not a key of that party"
    case .keyExists: "the key is or was a key of the party, or is the log's; make another"
    case .keyRevoked: "the key is revoked for good; register another"
    case .keySuspended: "the key is suspended already"
    case .keyNotSuspended: "the key is not suspended"
    case .keyValidityEmpty: "the key would end before it begins; name a later end"
    case .keysFull:
      "the party would have more than \(Limits.keysPerPartyMax) keys in force, or more than "
        + "\(Limits.keysEverPerPartyMax) ever; revoke those not in use"
    case .quorumUnreachable:
      "too few keys would be left for a quorum; register another key first"
    case .certificateUnknown: "the certificate is not registered for that reader"
    case .certificateExists:
      "the certificate is registered for that reader already"
    case .certificateTaken:
      "the certificate reads for another; ask the officers to register it, or make one with another "
        + "key"
    case .certificateRevoked: "the certificate is revoked already"
    case .certificateValidityEmpty:
      "the certificate would end before it begins, or has ended; name a later end"
    case .certificatesFull:
      "the reader would have more than \(Limits.certificatesPerReaderMax) certificates in force, or "
        + "more than \(Limits.certificatesEverPerReaderMax) ever; revoke those not in use"
    case .amountZero: "the amount is zero; name 1 minor unit or more"
    case .amountTooLarge:
      "the amount is more than one order may move, `\(Amount.max)` minor units"
    case .currencyUnknown: "this ledger has no such currency"
    case .currencyRepeated:
      "two settlement accounts of one currency; a participant has one a currency"
    case .noSettlementAccount:
      "the participant has no settlement account in the currency, so a wallet could never cash out"
    case .accountUnknown: "there is no such account; open it before using it"
    case .accountExists: "the account exists already; choose another id at random"
    case .accountsFull: "the participant, or the ledger, has as many accounts as there can be"
    case .accountClosed: "an account is closed"
    case .accountKind: "an account is not of the kind that this order needs"
    case .currencyMismatch: "an account is not in the order's currency"
    case .sameAccount: "payer and payee are the same account; name two different accounts"
    case .tierUnknown: "the rules in force know no such tier"
    case .tiersFull:
      "no rules name the tier, and the participant has brought in "
        + "\(Limits.freeTiersPerParticipantMax) such, or the ledger has no room for more"
    case .alreadyFrozen: "it is frozen already; lift that freeze first"
    case .notFrozen: "it is not frozen"
    case .accountFrozen: "an account, or its participant, is frozen"
    case .balanceNotZero: "the account still holds money; an account closes only at zero"
    case .referenceUsed:
      "the RTGS reference was used before; each is good for one order of a party, for ever"
    case .referencesFull: "the party has used as many RTGS references as there can be"
    case .insufficientFunds: "the payer has less available than the amount"
    case .balanceTooLarge:
      "an account would hold more than `\(Balance.max)` minor units"
    case .supplyTooLarge:
      "more than `\(Balance.max)` minor units would be outstanding"
    case .limitExceeded: "the order would pass a limit of the rule named"
    case .limitMemoryFull:
      "the rule named remembers as many payments as it may; wait, or ask for "
        + "another rule"
    case .limitUndecidable: "the rule named asks for a number that was never set for the account"
    case .approvalMissing: "the rule named allows this with more signatures of its group"
    case .ruleSetInvalid: "the rule set is none; check it with `specie policy`"
    case .ruleSetNotNewer:
      "the version is not above those of the same pack that there are and were; take a higher one"
    case .ruleSetsFull:
      "the currency has as many rule sets, attributes or events as there is room for"
    case .ruleSetUnknown: "there is no such version in force, in shadow or to come"
    case .attributeUnknown: "no rules in force have such an attribute"
    case .attributeInvalid: "the attribute has no such value; give one that the rules name"
    case .attributeAboveCeiling: "the value is above what the rules allow for the attribute"
    case .payeeListed: "the payee is listed already"
    case .payeeNotListed: "the payee is not listed"
    case .payeesFull: "the wallet has listed as many payees as it may"
    case .eventUnknown: "no rules in force have such an event that is recorded"
    case .linkUnchanged: "the wallet is linked so already"
    case .clockDisagrees: "the instant is not within 5 minutes of ledger time; look at both clocks"
    }
  }
}
