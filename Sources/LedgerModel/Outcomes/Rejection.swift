/// Why an instruction was refused, in order of precedence: the first case that holds is the answer.
///
/// A rejection is an answer, not a fault. It is logged, and replay gives it again. Payloads are for
/// the reader and for side data; the log holds the ``code`` and the rule alone.
public enum Rejection: Error, Hashable, Sendable {
  // The id.
  case idTooOld(horizonMicroseconds: UInt64)
  case idInFuture
  case idReused(first: SequenceNumber)
  case notInVersion(operation: String, needs: StateMachineVersion)
  // Authority: refused unless granted.
  case wrongRole(operation: String, party: String)
  case quorumNotMet(required: Int, signed: Int)
  case participantSuspended(ParticipantID)
  case actingForAnother(AccountID)
  // Participants and keys.
  case participantUnknown(ParticipantID)
  case participantExists(ParticipantID)
  case participantNotSuspended(ParticipantID)
  case participantsFull
  case keyUnknown(PublicKey)
  case keyExists(PublicKey)
  case keyRevoked(PublicKey)
  case keySuspended(PublicKey)
  case keyNotSuspended(PublicKey)
  case keyValidityEmpty(PublicKey)
  case keysFull(Party)
  case quorumUnreachable(required: Int, left: Int)
  case certificateUnknown(SPKIHash)
  case certificateExists(SPKIHash)
  case certificateTaken(SPKIHash)
  case certificateRevoked(SPKIHash)
  case certificateValidityEmpty(SPKIHash)
  case certificatesFull(Reader)
  // Accounts and amounts.
  case amountZero
  case amountTooLarge(UInt64)
  case currencyUnknown(CurrencyCode)
  case currencyRepeated(CurrencyCode)
  case noSettlementAccount(CurrencyCode)
  case accountUnknown(AccountID)
  case accountExists(AccountID)
  case accountsFull(max: Int)
  case accountClosed(AccountID)
  case accountKind(AccountID, wanted: AccountKind)
  case currencyMismatch(AccountID, CurrencyCode)
  case sameAccount(AccountID)
  case tierUnknown(Tier)
  case tiersFull
  case alreadyFrozen
  case notFrozen
  case accountFrozen(AccountID)
  case balanceNotZero(AccountID)
  case referenceUsed(RTGSReference)
  case referencesFull(max: Int)
  // Money and limits.
  case insufficientFunds(account: AccountID, available: Balance, required: Amount)
  case balanceTooLarge(AccountID)
  case supplyTooLarge(CurrencyCode)
  case limitExceeded(LimitBreach)
  // Rules and time.
  case ruleSetInvalid(RuleSetError)
  case ruleSetNotNewer(active: Int, proposed: Int)
  case ruleSetsFull
  case ruleSetUnknown(PackVersion)
  case attributeUnknown(AttributeName)
  case attributeInvalid(AttributeName)
  case attributeAboveCeiling(AttributeName, ceiling: UInt64)
  case payeeListed(AccountID)
  case payeeNotListed(AccountID)
  case payeesFull(max: Int)
  case eventUnknown(EventName)
  case linkUnchanged(AccountID)
  case clockDisagrees(instant: LedgerTime)

  /// The stable wire name, never changed and never used again for another meaning.
  public var code: RejectionCode {
    switch self {
    case .idTooOld: .idTooOld
    case .idInFuture: .idInFuture
    case .idReused: .idReused
    case .notInVersion: .notInVersion
    case .wrongRole: .wrongRole
    case .quorumNotMet: .quorumNotMet
    case .participantSuspended: .participantSuspended
    case .actingForAnother: .actingForAnother
    case .participantUnknown: .participantUnknown
    case .participantExists: .participantExists
    case .participantNotSuspended: .participantNotSuspended
    case .participantsFull: .participantsFull
    case .keyUnknown: .keyUnknown
    case .keyExists: .keyExists
    case .keyRevoked: .keyRevoked
    case .keySuspended: .keySuspended
    case .keyNotSuspended: .keyNotSuspended
    case .keyValidityEmpty: .keyValidityEmpty
    case .keysFull: .keysFull
    case .quorumUnreachable: .quorumUnreachable
    case .certificateUnknown: .certificateUnknown
    case .certificateExists: .certificateExists
    case .certificateTaken: .certificateTaken
    case .certificateRevoked: .certificateRevoked
    case .certificateValidityEmpty: .certificateValidityEmpty
    case .certificatesFull: .certificatesFull
    case .amountZero: .amountZero
    case .amountTooLarge: .amountTooLarge
    case .currencyUnknown: .currencyUnknown
    case .currencyRepeated: .currencyRepeated
    case .noSettlementAccount: .noSettlementAccount
    case .accountUnknown: .accountUnknown
    case .accountExists: .accountExists
    case .accountsFull: .accountsFull
    case .accountClosed: .accountClosed
    case .accountKind: .accountKind
    case .currencyMismatch: .currencyMismatch
    case .sameAccount: .sameAccount
    case .tierUnknown: .tierUnknown
    case .tiersFull: .tiersFull
    case .alreadyFrozen: .alreadyFrozen
    case .notFrozen: .notFrozen
    case .accountFrozen: .accountFrozen
    case .balanceNotZero: .balanceNotZero
    case .referenceUsed: .referenceUsed
    case .referencesFull: .referencesFull
    case .insufficientFunds: .insufficientFunds
    case .balanceTooLarge: .balanceTooLarge
    case .supplyTooLarge: .supplyTooLarge
    case .limitExceeded(let breach):
      switch breach.reason {
      case .exceeded: .limitExceeded
      case .memoryFull: .limitMemoryFull
      case .undecidable: .limitUndecidable
      case .approvalMissing: .approvalMissing
      }
    case .ruleSetInvalid: .ruleSetInvalid
    case .ruleSetNotNewer: .ruleSetNotNewer
    case .ruleSetsFull: .ruleSetsFull
    case .ruleSetUnknown: .ruleSetUnknown
    case .attributeUnknown: .attributeUnknown
    case .attributeInvalid: .attributeInvalid
    case .attributeAboveCeiling: .attributeAboveCeiling
    case .payeeListed: .payeeListed
    case .payeeNotListed: .payeeNotListed
    case .payeesFull: .payeesFull
    case .eventUnknown: .eventUnknown
    case .linkUnchanged: .linkUnchanged
    case .clockDisagrees: .clockDisagrees
    }
  }

  /// The rule that refused, where one did.
  public var rule: RuleID? {
    if case .limitExceeded(let breach) = self { breach.rule } else { nil }
  }

  /// The pack that ``rule`` is of; `nil` where that is of a set of format 1.
  public var pack: PackName? {
    if case .limitExceeded(let breach) = self { breach.terms?.pack } else { nil }
  }

  /// Whether the refusal leaves the id free, because nobody with authority has used it yet.
  public var leavesIDFree: Bool {
    switch self {
    case .idTooOld, .idInFuture, .idReused, .notInVersion, .wrongRole, .quorumNotMet: true
    case .participantSuspended, .actingForAnother, .participantUnknown, .participantExists,
      .participantNotSuspended, .participantsFull, .keyUnknown, .keyExists, .keyRevoked,
      .keySuspended, .keyNotSuspended, .keyValidityEmpty, .keysFull, .quorumUnreachable,
      .certificateUnknown, .certificateExists, .certificateTaken, .certificateRevoked,
      .certificateValidityEmpty, .certificatesFull, .amountZero, .amountTooLarge,
      .currencyUnknown, .currencyRepeated, .noSettlementAccount,
      .accountUnknown, .accountExists, .accountsFull, .accountClosed, .accountKind,
      .currencyMismatch, .sameAccount, .tierUnknown, .tiersFull, .alreadyFrozen, .notFrozen,
      .accountFrozen, .balanceNotZero, .referenceUsed, .referencesFull, .insufficientFunds,
      .balanceTooLarge, .supplyTooLarge, .limitExceeded, .ruleSetInvalid, .ruleSetNotNewer,
      .ruleSetsFull, .ruleSetUnknown, .attributeUnknown, .attributeInvalid,
      .attributeAboveCeiling, .payeeListed, .payeeNotListed, .payeesFull, .eventUnknown,
      .linkUnchanged, .clockDisagrees:
      false
    }
  }
}

/// The stable wire names of all rejections.
public enum RejectionCode: String, Hashable, Sendable, CaseIterable {
  case idTooOld = "id_too_old"
  case idInFuture = "id_in_future"
  case idReused = "id_reused"
  case notInVersion = "not_in_version"
  case wrongRole = "wrong_role"
  case quorumNotMet = "quorum_not_met"
  case participantSuspended = "participant_suspended"
  case actingForAnother = "acting_for_another"
  case participantUnknown = "participant_unknown"
  case participantExists = "participant_exists"
  case participantNotSuspended = "participant_not_suspended"
  case participantsFull = "participants_full"
  case keyUnknown = "key_unknown"
  case keyExists = "key_exists"
  case keyRevoked = "key_revoked"
  case keySuspended = "key_suspended"
  case keyNotSuspended = "key_not_suspended"
  case keyValidityEmpty = "key_validity_empty"
  case keysFull = "keys_full"
  case quorumUnreachable = "quorum_unreachable"
  case certificateUnknown = "certificate_unknown"
  case certificateExists = "certificate_exists"
  case certificateTaken = "certificate_taken"
  case certificateRevoked = "certificate_revoked"
  case certificateValidityEmpty = "certificate_validity_empty"
  case certificatesFull = "certificates_full"
  case amountZero = "amount_zero"
  case amountTooLarge = "amount_too_large"
  case currencyUnknown = "currency_unknown"
  case currencyRepeated = "currency_repeated"
  case noSettlementAccount = "no_settlement_account"
  case accountUnknown = "account_unknown"
  case accountExists = "account_exists"
  case accountsFull = "accounts_full"
  case accountClosed = "account_closed"
  case accountKind = "account_kind"
  case currencyMismatch = "currency_mismatch"
  case sameAccount = "same_account"
  case tierUnknown = "tier_unknown"
  case tiersFull = "tiers_full"
  case alreadyFrozen = "already_frozen"
  case notFrozen = "not_frozen"
  case accountFrozen = "account_frozen"
  case balanceNotZero = "balance_not_zero"
  case referenceUsed = "reference_used"
  case referencesFull = "references_full"
  case insufficientFunds = "insufficient_funds"
  case balanceTooLarge = "balance_too_large"
  case supplyTooLarge = "supply_too_large"
  case limitExceeded = "limit_exceeded"
  case limitMemoryFull = "limit_memory_full"
  case limitUndecidable = "limit_undecidable"
  case approvalMissing = "approval_missing"
  case ruleSetInvalid = "rule_set_invalid"
  case ruleSetNotNewer = "rule_set_not_newer"
  case ruleSetsFull = "rule_sets_full"
  case ruleSetUnknown = "rule_set_unknown"
  case attributeUnknown = "attribute_unknown"
  case attributeInvalid = "attribute_invalid"
  case attributeAboveCeiling = "attribute_above_ceiling"
  case payeeListed = "payee_listed"
  case payeeNotListed = "payee_not_listed"
  case payeesFull = "payees_full"
  case eventUnknown = "event_unknown"
  case linkUnchanged = "link_unchanged"
  case clockDisagrees = "clock_disagrees"
}

extension Rejection: CustomStringConvertible {
  public var description: String {
    switch self {
    case .idTooOld(let horizon):
      "the id's own time is more than \(horizon / 1_000_000) s before ledger time; "
        + "ask for the outcome of the id before you order again under a new one"
    case .idInFuture:
      "the id's own time is more than 60 s after ledger time; set the clock that makes ids"
    case .idReused(let first):
      "the id was used with other bytes by entry \(first); give each order its own id"
    case .notInVersion(let operation, let needs):
      "`\(operation)`, as it is ordered, needs state machine version \(needs), which this ledger "
        + "does not have"
    case .wrongRole(let operation, let party):
      "`\(party)` may not order `\(operation)`"
    case .quorumNotMet(let required, let signed):
      "\(signed) of the \(required) signatures needed; collect the others on the same statement"
    case .participantSuspended(let id): "participant `\(id)` is suspended"
    case .actingForAnother(let id):
      "account `\(id)` is another participant's; name one of your own"
    case .participantUnknown(let id): "there is no participant `\(id)`; admit it first"
    case .participantExists(let id): "participant `\(id)` is admitted already"
    case .participantNotSuspended(let id): "participant `\(id)` is not suspended"
    case .participantsFull:
      "the ledger has \(Limits.participantsMax) participants, the most there can be"
    case .keyUnknown(let key): "key `\(key)` is not a key of that party"
    case .keyExists(let key):
      "key `\(key)` is or was a key of the party, or is the log's; make another"
    case .keyRevoked(let key): "key `\(key)` is revoked for good; register another"
    case .keySuspended(let key): "key `\(key)` is suspended already"
    case .keyNotSuspended(let key): "key `\(key)` is not suspended"
    case .keyValidityEmpty(let key):
      "key `\(key)` would end before it begins; name a later end"
    case .keysFull(let party):
      "`\(party)` would have more than \(Limits.keysPerPartyMax) keys in force, or more than "
        + "\(Limits.keysEverPerPartyMax) ever; revoke those not in use"
    case .quorumUnreachable(let required, let left):
      "\(left) keys would be left for a quorum of \(required); register another key first"
    case .certificateUnknown(let hash):
      "certificate `\(hash)` is not registered for that reader"
    case .certificateExists(let hash):
      "certificate `\(hash)` is registered for that reader already"
    case .certificateTaken(let hash):
      "certificate `\(hash)` reads for another; ask the officers to register it, or make one with "
        + "another key"
    case .certificateRevoked(let hash): "certificate `\(hash)` is revoked already"
    case .certificateValidityEmpty(let hash):
      "certificate `\(hash)` would end before it begins, or has ended; name a later end"
    case .certificatesFull(let reader):
      "`\(reader)` would have more than \(Limits.certificatesPerReaderMax) certificates in force, "
        + "or more than \(Limits.certificatesEverPerReaderMax) ever; revoke those not in use"
    case .amountZero: "the amount is zero; name 1 minor unit or more"
    case .amountTooLarge(let amount):
      "`\(amount)` minor units are more than one order may move, `\(Amount.max)`"
    case .currencyUnknown(let code): "this ledger has no currency `\(code)`"
    case .currencyRepeated(let code):
      "two settlement accounts of `\(code)`; a participant has one a currency"
    case .noSettlementAccount(let code):
      "the participant has no settlement account in `\(code)`, so a wallet could never cash out"
    case .accountUnknown(let id): "there is no account `\(id)`; open it before using it"
    case .accountExists(let id): "account `\(id)` exists already; choose another id at random"
    case .accountsFull(let max):
      "there are \(max) accounts, closed ones included, the most there can be"
    case .accountClosed(let id): "account `\(id)` is closed"
    case .accountKind(let id, let wanted): "account `\(id)` is no \(wanted)"
    case .currencyMismatch(let id, let code): "account `\(id)` is not in `\(code)`"
    case .sameAccount(let id):
      "payer and payee are both account `\(id)`; name two different accounts"
    case .tierUnknown(let tier): "the rules in force know no tier `\(tier)`"
    case .tiersFull:
      "no rules name the tier, and the participant has brought in "
        + "\(Limits.freeTiersPerParticipantMax) such, or the ledger has no room for more"
    case .alreadyFrozen: "it is frozen already; lift that freeze first"
    case .notFrozen: "it is not frozen"
    case .accountFrozen(let id): "account `\(id)`, or its participant, is frozen"
    case .balanceNotZero(let id):
      "account `\(id)` still holds money; an account closes only at zero"
    case .referenceUsed(let reference):
      "RTGS reference `\(reference)` was used before; each is good for one order of a party, "
        + "for ever"
    case .referencesFull(let max):
      "the party has used \(max) RTGS references, the most there can be"
    case .insufficientFunds(let id, let available, let required):
      "account `\(id)` has `\(available)` minor units available, `\(required)` required"
    case .balanceTooLarge(let id):
      "account `\(id)` would hold more than `\(Balance.max)` minor units"
    case .supplyTooLarge(let code):
      "more than `\(Balance.max)` minor units of `\(code)` would be outstanding"
    case .limitExceeded(let breach): breach.description
    case .ruleSetInvalid(let error): "the rule set is none: \(error)"
    case .ruleSetNotNewer(let active, let proposed):
      proposed == active
        ? "version \(proposed) of the pack is in force, in shadow or to come, or was of another "
          + "file; withdraw it to order it anew, or take a higher one"
        : "version \(proposed) is not above version \(active), the newest of the pack that there "
          + "is or was; take a higher one"
    case .ruleSetsFull:
      "the currency would have more than \(Limits.packsPerCurrencyMax) rule sets in force, in "
        + "shadow and to come, \(Limits.remarksPerPaymentMax) rules that flag, "
        + "\(Limits.attributesPerSetMax) attributes that are set or named, or "
        + "\(Limits.eventsPerSetMax) events; withdraw one first"
    case .ruleSetUnknown(let version):
      "\(version) is neither in force, nor in shadow, nor to come"
    case .attributeUnknown(let name):
      "no rules in force have an attribute `\(name)` of such a holder"
    case .attributeInvalid(let name):
      "attribute `\(name)` has no such value; give one that the rules in force name"
    case .attributeAboveCeiling(let name, let ceiling):
      "attribute `\(name)` may be at most `\(ceiling)` minor units"
    case .payeeListed(let id): "payee `\(id)` is listed already"
    case .payeeNotListed(let id): "payee `\(id)` is not listed"
    case .payeesFull(let max): "the wallet has listed \(max) payees, the most there can be"
    case .eventUnknown(let name): "no rules in force have an event `\(name)` that is recorded"
    case .linkUnchanged(let id): "wallet `\(id)` is linked so already"
    case .clockDisagrees(let instant):
      "\(instant) is not within 5 minutes of ledger time; look at both clocks"
    }
  }
}
