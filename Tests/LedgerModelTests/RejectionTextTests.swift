import LedgerModel
import LedgerTesting
import Testing

/// What the ledger says where it refuses: stable codes, and sentences that say what would be
/// right.
@Suite struct RejectionTextTests {
  private static let account = AccountID.example(1)
  private static let accountText = "acc00000-0000-0000-0000-000000000001"
  private static let key = PublicKey.example(1)
  private static let keyText = "6b65790000000000000000000000000000000000000000000000000000000001"

  private static func amount(_ minorUnits: Int64) -> Amount {
    guard let amount = Amount(minorUnits: minorUnits) else { return .max }
    return amount
  }

  /// One of each, in order of declaration.
  private static let texts: [(Rejection, String)] = [
    (
      .idTooOld(horizonMicroseconds: 600_000_000),
      "the id's own time is more than 600 s before ledger time; "
        + "ask for the outcome of the id before you order again under a new one"
    ),
    (
      .idInFuture,
      "the id's own time is more than 60 s after ledger time; set the clock that makes ids"
    ),
    (
      .idReused(first: SequenceNumber(7)),
      "the id was used with other bytes by entry 7; give each order its own id"
    ),
    (
      .notInVersion(operation: "list-payee", needs: .two),
      "`list-payee`, as it is ordered, needs state machine version 2, which this ledger does not "
        + "have"
    ),
    (.wrongRole(operation: "issue", party: "bank-1"), "`bank-1` may not order `issue`"),
    (
      .quorumNotMet(required: 2, signed: 1),
      "1 of the 2 signatures needed; collect the others on the same statement"
    ),
    (.participantSuspended(.example(1)), "participant `bank-1` is suspended"),
    (
      .actingForAnother(account),
      "account `\(accountText)` is another participant's; name one of your own"
    ),
    (.participantUnknown(.example(1)), "there is no participant `bank-1`; admit it first"),
    (.participantExists(.example(1)), "participant `bank-1` is admitted already"),
    (.participantNotSuspended(.example(1)), "participant `bank-1` is not suspended"),
    (
      .participantsFull, "the ledger has 65536 participants, the most there can be"
    ),
    (.keyUnknown(key), "key `\(keyText)` is not a key of that party"),
    (
      .keyExists(key),
      "key `\(keyText)` is or was a key of the party, or is the log's; make another"
    ),
    (.keyRevoked(key), "key `\(keyText)` is revoked for good; register another"),
    (.keySuspended(key), "key `\(keyText)` is suspended already"),
    (.keyNotSuspended(key), "key `\(keyText)` is not suspended"),
    (.keyValidityEmpty(key), "key `\(keyText)` would end before it begins; name a later end"),
    (
      .keysFull(.bank(1)),
      "`bank-1` would have more than 64 keys in force, or more than 4096 ever; "
        + "revoke those not in use"
    ),
    (
      .quorumUnreachable(required: 2, left: 1),
      "1 keys would be left for a quorum of 2; register another key first"
    ),
    (
      .certificateUnknown(SPKIHash(.example(1))),
      "certificate `\(Bytes32.example(1).hex)` is not registered for that reader"
    ),
    (
      .certificateExists(SPKIHash(.example(1))),
      "certificate `\(Bytes32.example(1).hex)` is registered for that reader already"
    ),
    (
      .certificateTaken(SPKIHash(.example(1))),
      "certificate `\(Bytes32.example(1).hex)` reads for another; ask the officers to register it, "
        + "or make one with another key"
    ),
    (
      .certificateRevoked(SPKIHash(.example(1))),
      "certificate `\(Bytes32.example(1).hex)` is revoked already"
    ),
    (
      .certificateValidityEmpty(SPKIHash(.example(1))),
      "certificate `\(Bytes32.example(1).hex)` would end before it begins, or has ended; name "
        + "a later end"
    ),
    (
      .certificatesFull(.auditor),
      "`auditor` would have more than 64 certificates in force, or more than 4096 ever; "
        + "revoke those not in use"
    ),
    (.amountZero, "the amount is zero; name 1 minor unit or more"),
    (
      .amountTooLarge(.max),
      "`18446744073709551615` minor units are more than one order may move, "
        + "`1000000000000000000`"
    ),
    (.currencyUnknown(.xts), "this ledger has no currency `XTS`"),
    (
      .currencyRepeated(.cny),
      "two settlement accounts of `CNY`; a participant has one a currency"
    ),
    (
      .noSettlementAccount(.cny),
      "the participant has no settlement account in `CNY`, so a wallet could never cash out"
    ),
    (.accountUnknown(account), "there is no account `\(accountText)`; open it before using it"),
    (
      .accountExists(account),
      "account `\(accountText)` exists already; choose another id at random"
    ),
    (
      .accountsFull(max: 5), "there are 5 accounts, closed ones included, the most there can be"
    ),
    (.accountClosed(account), "account `\(accountText)` is closed"),
    (.accountKind(account, wanted: .wallet), "account `\(accountText)` is no wallet"),
    (.currencyMismatch(account, .cny), "account `\(accountText)` is not in `CNY`"),
    (
      .sameAccount(account),
      "payer and payee are both account `\(accountText)`; name two different accounts"
    ),
    (.tierUnknown(.example(1)), "the rules in force know no tier `class-1`"),
    (
      .tiersFull,
      "no rules name the tier, and the participant has brought in 16 such, or the ledger has no "
        + "room for more"
    ),
    (.alreadyFrozen, "it is frozen already; lift that freeze first"),
    (.notFrozen, "it is not frozen"),
    (.accountFrozen(account), "account `\(accountText)`, or its participant, is frozen"),
    (
      .balanceNotZero(account),
      "account `\(accountText)` still holds money; an account closes only at zero"
    ),
    (
      .referenceUsed(.example(1)),
      "RTGS reference `rtgs-1` was used before; each is good for one order of a party, for ever"
    ),
    (.referencesFull(max: 5), "the party has used 5 RTGS references, the most there can be"),
    (
      .insufficientFunds(account: account, available: .zero, required: amount(7)),
      "account `\(accountText)` has `0` minor units available, `7` required"
    ),
    (
      .balanceTooLarge(account),
      "account `\(accountText)` would hold more than `9000000000000000000` minor units"
    ),
    (
      .supplyTooLarge(.cny),
      "more than `9000000000000000000` minor units of `CNY` would be outstanding"
    ),
    (
      .limitExceeded(breach(resets: .example)),
      "rule `day-max` allows `80`: `50` used, `31` asked, until 2026-03-01T04:00:00Z"
    ),
    (
      .limitExceeded(breach(resets: .example, .memoryFull(max: 9))),
      "rule `day-max` remembers `9` payments, the most that it may, until 2026-03-01T04:00:00Z"
    ),
    (
      .limitExceeded(breach(resets: nil, .undecidable)),
      "rule `day-max` asks for a number that was never set for the account; set it first"
    ),
    (
      .limitExceeded(breach(resets: nil, .approvalMissing(required: 2, signed: 1))),
      "rule `day-max` allows `80`: `50` used, `31` asked; with `2` signatures of its group more is "
        + "allowed, and there are `1`"
    ),
    (
      .ruleSetInvalid(.none(noun: "rules")),
      "the rule set is none: there are no rules; name at least one"
    ),
    (
      .ruleSetNotNewer(active: 2, proposed: 1),
      "version 1 is not above version 2, the newest of the pack that there is or was; take a higher "
        + "one"
    ),
    (
      .ruleSetsFull,
      "the currency would have more than 8 rule sets in force, in shadow and to come, 48 rules "
        + "that flag, 32 attributes that are set or named, or 16 events; withdraw one first"
    ),
    (
      .ruleSetUnknown(PackVersion(pack: PackName(unchecked: "test"), version: 3)),
      "test version 3 is neither in force, nor in shadow, nor to come"
    ),
    (
      .attributeUnknown(AttributeName(unchecked: "kind")),
      "no rules in force have an attribute `kind` of such a holder"
    ),
    (
      .attributeInvalid(AttributeName(unchecked: "kind")),
      "attribute `kind` has no such value; give one that the rules in force name"
    ),
    (
      .attributeAboveCeiling(AttributeName(unchecked: "night-limit"), ceiling: 100),
      "attribute `night-limit` may be at most `100` minor units"
    ),
    (.payeeListed(account), "payee `\(accountText)` is listed already"),
    (.payeeNotListed(account), "payee `\(accountText)` is not listed"),
    (.payeesFull(max: 9), "the wallet has listed 9 payees, the most there can be"),
    (
      .eventUnknown(EventName(unchecked: "sca")),
      "no rules in force have an event `sca` that is recorded"
    ),
    (.linkUnchanged(account), "wallet `\(accountText)` is linked so already"),
    (
      .clockDisagrees(instant: .example),
      "2026-03-01T04:00:00Z is not within 5 minutes of ledger time; look at both clocks"
    ),
  ]

  private static func breach(
    resets: LedgerTime?, _ reason: LimitBreach.Reason = .exceeded
  ) -> LimitBreach {
    LimitBreach(
      reason: reason, rule: RuleID(unchecked: "day-max"), account: account, limit: 80, used: 50,
      asked: 31,
      resets: resets)
  }

  @Test func rejectionTexts() {
    for (rejection, text) in Self.texts { #expect(rejection.description == text) }
    #expect(
      Self.breach(resets: nil).description == "rule `day-max` allows `80`: `50` used, `31` asked")
  }

  /// Goal: codes are in the order of precedence of the rejections, one each, and stable.
  @Test func codesAreThoseOfTheCases() {
    #expect(Self.texts.map(\.0.code) == RejectionCode.allCases)
    #expect(Set(RejectionCode.allCases.map(\.rawValue)).count == RejectionCode.allCases.count)
    for (rejection, _) in Self.texts {
      let words = "\(rejection)".split(separator: " ").count
      #expect(words > 2, "\(rejection.code)")
      #expect(!rejection.description.hasSuffix("."), "\(rejection.code)")
      let isLimit = if case .limitExceeded = rejection { true } else { false }
      #expect(rejection.rule == (isLimit ? RuleID(unchecked: "day-max") : nil))
    }
    #expect(
      RejectionCode.allCases.map(\.rawValue) == [
        "id_too_old", "id_in_future", "id_reused", "not_in_version", "wrong_role", "quorum_not_met",
        "participant_suspended", "acting_for_another", "participant_unknown",
        "participant_exists", "participant_not_suspended", "participants_full", "key_unknown",
        "key_exists", "key_revoked", "key_suspended", "key_not_suspended", "key_validity_empty",
        "keys_full", "quorum_unreachable", "certificate_unknown", "certificate_exists",
        "certificate_taken",
        "certificate_revoked", "certificate_validity_empty", "certificates_full", "amount_zero",
        "amount_too_large", "currency_unknown",
        "currency_repeated", "no_settlement_account", "account_unknown", "account_exists",
        "accounts_full", "account_closed",
        "account_kind", "currency_mismatch", "same_account", "tier_unknown", "tiers_full",
        "already_frozen", "not_frozen", "account_frozen", "balance_not_zero", "reference_used",
        "references_full",
        "insufficient_funds", "balance_too_large", "supply_too_large", "limit_exceeded",
        "limit_memory_full", "limit_undecidable", "approval_missing",
        "rule_set_invalid", "rule_set_not_newer", "rule_sets_full", "rule_set_unknown",
        "attribute_unknown", "attribute_invalid", "attribute_above_ceiling", "payee_listed",
        "payee_not_listed", "payees_full", "event_unknown", "link_unchanged", "clock_disagrees",
      ])
  }

  @Test func refusalTexts() {
    let time = LedgerTime.example
    let cases: [(SubmissionRefusal, String, String)] = [
      (
        .wrongLedger(.example), "wrong_ledger",
        "the statement is for ledger `\(LedgerID.example)`; name this ledger's id"
      ),
      (
        .statementExpired(expiry: time), "statement_expired",
        "the statement expired at 2026-03-01T04:00:00Z; "
          + "ask for the outcome of its ids, then sign anew"
      ),
      (
        .expiryTooFar(expiry: time, horizonMicroseconds: 600_000_000), "expiry_too_far",
        "the statement expires at 2026-03-01T04:00:00Z, more than 600 s ahead; "
          + "name an earlier expiry"
      ),
      (
        .partyUnknown(.bank(9)), "party_unknown",
        "there is no party `bank-9`; it must be admitted first"
      ),
      (
        .keyUnknown(Self.key), "signer_unknown",
        "key `\(Self.keyText)` is not registered for this party"
      ),
      (.keyRevoked(Self.key), "signer_revoked", "key `\(Self.keyText)` is revoked"),
      (.keySuspended(Self.key), "signer_suspended", "key `\(Self.keyText)` is suspended"),
      (
        .keyNotYetValid(Self.key, from: time), "signer_not_yet_valid",
        "key `\(Self.keyText)` is valid from 2026-03-01T04:00:00Z on"
      ),
      (
        .keyExpired(Self.key, until: time), "signer_expired",
        "key `\(Self.keyText)` was valid until 2026-03-01T04:00:00Z"
      ),
      (
        .liveIDsFull(max: 5), "live_ids_full",
        "the party has as many recent ids as are left free, of `5` that the ledger remembers; "
          + "try again later"
      ),
    ]
    for (refusal, code, text) in cases {
      #expect(refusal.code == code)
      #expect(refusal.description == text)
    }
  }

  /// Goal: each operation has a name of its own.
  @Test func operationNames() {
    let transfer = Transfer(payer: Self.account, payee: Self.account, amount: 1, currency: .cny)
    let names = [Operation.settle(transfer), .fund(transfer), .pay(transfer), .cashOut(transfer)]
    #expect(names.map(\.name) == ["settle", "fund", "pay", "cash-out"])
    #expect(Operation.closeWallet(Self.account).name == "close-wallet")
    #expect(Operation.replaceOfficers([]).name == "replace-officers")
    #expect(Operation.confirmClock(.example).name == "confirm-clock")
  }
}
