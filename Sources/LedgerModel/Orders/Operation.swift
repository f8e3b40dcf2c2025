/// What an instruction orders.
///
/// The rarer, larger operations are boxed so that a payment stays small.
public enum Operation: Hashable, Sendable {
  // Participants and keys.
  indirect case admitParticipant(AdmitParticipant)
  indirect case suspendParticipant(ParticipantStanding)
  indirect case reinstateParticipant(ParticipantStanding)
  indirect case registerKey(RegisterKey)
  indirect case rotateKey(RotateKey)
  indirect case suspendKey(PartyKey)
  indirect case reinstateKey(PartyKey)
  indirect case revokeKey(PartyKey)
  indirect case replaceOfficers([PublicKey])
  indirect case setParticipantAttribute(SetParticipantAttribute)
  indirect case registerCertificate(RegisterCertificate)
  indirect case revokeCertificate(RevokeCertificate)
  // Accounts.
  indirect case openWallet(OpenWallet)
  indirect case setWalletTier(AccountID, Tier)
  case closeWallet(AccountID)
  indirect case freeze(Freeze)
  indirect case unfreeze(FreezeTarget, LegalReference)
  indirect case setWalletAttribute(SetWalletAttribute)
  /// The account is `nil` for none.
  indirect case linkAccount(AccountID, to: AccountID?)
  indirect case listPayee(PayeeOfWallet)
  indirect case unlistPayee(PayeeOfWallet)
  indirect case recordEvent(EventName, of: AccountID)
  // Money.
  indirect case issue(Issue)
  indirect case redeem(Redeem)
  case settle(Transfer)
  case fund(Transfer)
  case pay(Transfer)
  case cashOut(Transfer)
  // Rules and time.
  indirect case activateRuleSet(ActivateRuleSet)
  indirect case withdrawRuleSet(WithdrawRuleSet)
  case confirmClock(LedgerTime)
}

/// Admits an institution, with its first keys and one settlement account a currency.
public struct AdmitParticipant: Hashable, Sendable {
  public let participant: ParticipantID
  public let name: ParticipantName
  /// `1 ... Limits.keysPerAdmissionMax`, distinct.
  public let keys: [PublicKey]
  /// `1 ... Limits.settlementAccountsPerAdmissionMax`.
  public let settlementAccounts: [NewSettlementAccount]

  public init(
    participant: ParticipantID, name: ParticipantName, keys: [PublicKey],
    settlementAccounts: [NewSettlementAccount]
  ) {
    self.participant = participant
    self.name = name
    self.keys = keys
    self.settlementAccounts = settlementAccounts
  }
}

/// A settlement account that an admission opens.
public struct NewSettlementAccount: Hashable, Sendable {
  public let account: AccountID
  public let currency: CurrencyCode

  public init(account: AccountID, currency: CurrencyCode) {
    self.account = account
    self.currency = currency
  }
}

/// Suspends or reinstates a participant.
public struct ParticipantStanding: Hashable, Sendable {
  public let participant: ParticipantID
  public let legalReference: LegalReference

  public init(participant: ParticipantID, legalReference: LegalReference) {
    self.participant = participant
    self.legalReference = legalReference
  }
}

/// Registers a key, which may act from `validFrom` until just before `validUntil`.
public struct RegisterKey: Hashable, Sendable {
  public let party: Party
  public let key: PublicKey
  public let validFrom: LedgerTime
  /// `nil` is no end.
  public let validUntil: LedgerTime?

  public init(party: Party, key: PublicKey, validFrom: LedgerTime, validUntil: LedgerTime?) {
    self.party = party
    self.key = key
    self.validFrom = validFrom
    self.validUntil = validUntil
  }
}

/// Replaces a key, which may still act until just before `overlapUntil`; zero ends it at once.
public struct RotateKey: Hashable, Sendable {
  public let party: Party
  public let oldKey: PublicKey
  public let newKey: PublicKey
  public let overlapUntil: LedgerTime

  public init(party: Party, oldKey: PublicKey, newKey: PublicKey, overlapUntil: LedgerTime) {
    self.party = party
    self.oldKey = oldKey
    self.newKey = newKey
    self.overlapUntil = overlapUntil
  }
}

/// Registers a certificate, which reads for `reader` from `validFrom` until just before
/// `validUntil`.
public struct RegisterCertificate: Hashable, Sendable {
  public let reader: Reader
  public let certificate: SPKIHash
  public let validFrom: LedgerTime
  /// `nil` is no end.
  public let validUntil: LedgerTime?

  public init(
    reader: Reader, certificate: SPKIHash, validFrom: LedgerTime, validUntil: LedgerTime?
  ) {
    self.reader = reader
    self.certificate = certificate
    self.validFrom = validFrom
    self.validUntil = validUntil
  }
}

/// Ends what a certificate reads for one reader, until it is registered again.
public struct RevokeCertificate: Hashable, Sendable {
  public let reader: Reader
  public let certificate: SPKIHash

  public init(reader: Reader, certificate: SPKIHash) {
    self.reader = reader
    self.certificate = certificate
  }
}

/// One key of one party.
public struct PartyKey: Hashable, Sendable {
  public let party: Party
  public let key: PublicKey

  public init(party: Party, key: PublicKey) {
    self.party = party
    self.key = key
  }
}

/// Opens a customer's account at the acting participant.
public struct OpenWallet: Hashable, Sendable {
  public let wallet: AccountID
  public let owner: OwnerID
  public let currency: CurrencyCode
  public let tier: Tier

  public init(wallet: AccountID, owner: OwnerID, currency: CurrencyCode, tier: Tier) {
    self.wallet = wallet
    self.owner = owner
    self.currency = currency
    self.tier = tier
  }
}

/// What a freeze or its lifting is about.
public enum FreezeTarget: Hashable, Sendable {
  case account(AccountID)
  case participant(ParticipantID)
}

/// Whether something frozen still takes credits.
public enum FrozenCredits: Hashable, Sendable {
  case accepted
  case refused
}

/// Stops all debits of the target, and its credits where the order says so.
public struct Freeze: Hashable, Sendable {
  public let target: FreezeTarget
  public let credits: FrozenCredits
  public let legalReference: LegalReference

  public init(target: FreezeTarget, credits: FrozenCredits, legalReference: LegalReference) {
    self.target = target
    self.credits = credits
    self.legalReference = legalReference
  }
}

/// Creates money: from the currency's issuance account to a settlement account.
public struct Issue: Hashable, Sendable {
  public let payee: AccountID
  /// Minor units as asked; the ledger refuses what is no ``Amount``.
  public let amount: UInt64
  public let currency: CurrencyCode
  public let rtgsReference: RTGSReference

  public init(
    payee: AccountID, amount: UInt64, currency: CurrencyCode, rtgsReference: RTGSReference
  ) {
    self.payee = payee
    self.amount = amount
    self.currency = currency
    self.rtgsReference = rtgsReference
  }
}

/// Ends money: from a participant's own settlement account to the currency's issuance account.
public struct Redeem: Hashable, Sendable {
  public let payer: AccountID
  /// Minor units as asked; the ledger refuses what is no ``Amount``.
  public let amount: UInt64
  public let currency: CurrencyCode
  public let rtgsReference: RTGSReference

  public init(
    payer: AccountID, amount: UInt64, currency: CurrencyCode, rtgsReference: RTGSReference
  ) {
    self.payer = payer
    self.amount = amount
    self.currency = currency
    self.rtgsReference = rtgsReference
  }
}

/// Moves money between two accounts; the operation says of which kinds.
public struct Transfer: Hashable, Sendable {
  public let payer: AccountID
  public let payee: AccountID
  /// Minor units as asked; the ledger refuses what is no ``Amount``.
  public let amount: UInt64
  public let currency: CurrencyCode

  public init(payer: AccountID, payee: AccountID, amount: UInt64, currency: CurrencyCode) {
    self.payer = payer
    self.payee = payee
    self.amount = amount
    self.currency = currency
  }
}

/// Sets an attribute of a wallet.
public struct SetWalletAttribute: Hashable, Sendable {
  public let wallet: AccountID
  public let name: AttributeName
  public let value: AttributeValue

  public init(wallet: AccountID, name: AttributeName, value: AttributeValue) {
    self.wallet = wallet
    self.name = name
    self.value = value
  }
}

/// Sets an attribute of a participant, for the rules of one currency.
public struct SetParticipantAttribute: Hashable, Sendable {
  public let participant: ParticipantID
  public let currency: CurrencyCode
  public let name: AttributeName
  public let value: AttributeValue

  public init(
    participant: ParticipantID, currency: CurrencyCode, name: AttributeName,
    value: AttributeValue
  ) {
    self.participant = participant
    self.currency = currency
    self.name = name
    self.value = value
  }
}

/// A payee that the holder of a wallet has listed.
public struct PayeeOfWallet: Hashable, Sendable {
  public let wallet: AccountID
  public let payee: AccountID

  public init(wallet: AccountID, payee: AccountID) {
    self.wallet = wallet
    self.payee = payee
  }
}

/// Puts a rule set in force for its currency, or in shadow.
public struct ActivateRuleSet: Hashable, Sendable {
  public let ruleSet: RuleSet
  /// The YAML that it was compiled from: evidence, which the ledger does not read.
  public let source: [UInt8]
  /// Not in force before; `nil` for as soon as the set itself says.
  public let from: LedgerTime?
  /// Whether it only says what it would have done.
  public let inShadow: Bool

  public init(
    ruleSet: RuleSet, source: [UInt8], from: LedgerTime? = nil, inShadow: Bool = false
  ) {
    self.ruleSet = ruleSet
    self.source = source
    self.from = from
    self.inShadow = inShadow
  }
}

/// Takes a version of a pack back, in force, in shadow or to come; what it had replaced comes back.
public struct WithdrawRuleSet: Hashable, Sendable {
  public let currency: CurrencyCode
  public let version: PackVersion

  public init(currency: CurrencyCode, version: PackVersion) {
    self.currency = currency
    self.version = version
  }
}

extension Operation {
  /// The names of all orders, in the order of the cases: those that ``name`` has.
  public static let names = [
    "admit-participant", "suspend-participant", "reinstate-participant", "register-key",
    "rotate-key", "suspend-key", "reinstate-key", "revoke-key", "replace-officers",
    "set-participant-attribute", "register-certificate", "revoke-certificate", "open-wallet",
    "set-wallet-tier", "close-wallet", "freeze", "unfreeze", "set-wallet-attribute", "link-account",
    "list-payee", "unlist-payee", "record-event", "issue", "redeem", "settle", "fund", "pay",
    "cash-out", "activate-rule-set", "withdraw-rule-set", "confirm-clock",
  ]

  /// The operation's name in the command line, the rules and the documents.
  public var name: String {
    switch self {
    case .admitParticipant: "admit-participant"
    case .suspendParticipant: "suspend-participant"
    case .reinstateParticipant: "reinstate-participant"
    case .registerKey: "register-key"
    case .rotateKey: "rotate-key"
    case .suspendKey: "suspend-key"
    case .reinstateKey: "reinstate-key"
    case .revokeKey: "revoke-key"
    case .replaceOfficers: "replace-officers"
    case .setParticipantAttribute: "set-participant-attribute"
    case .registerCertificate: "register-certificate"
    case .revokeCertificate: "revoke-certificate"
    case .openWallet: "open-wallet"
    case .setWalletTier: "set-wallet-tier"
    case .closeWallet: "close-wallet"
    case .freeze: "freeze"
    case .unfreeze: "unfreeze"
    case .setWalletAttribute: "set-wallet-attribute"
    case .linkAccount: "link-account"
    case .listPayee: "list-payee"
    case .unlistPayee: "unlist-payee"
    case .recordEvent: "record-event"
    case .issue: "issue"
    case .redeem: "redeem"
    case .settle: "settle"
    case .fund: "fund"
    case .pay: "pay"
    case .cashOut: "cash-out"
    case .activateRuleSet: "activate-rule-set"
    case .withdrawRuleSet: "withdraw-rule-set"
    case .confirmClock: "confirm-clock"
    }
  }
}

extension Operation {
  /// The first version of the state machine that knows the operation as it is ordered.
  public var firstVersion: StateMachineVersion {
    switch self {
    case .registerCertificate, .revokeCertificate: .three
    case .setParticipantAttribute, .setWalletAttribute, .linkAccount, .listPayee, .unlistPayee,
      .recordEvent, .withdrawRuleSet:
      .two
    case .activateRuleSet(let order): order.from != nil || order.inShadow ? .two : .one
    case .admitParticipant, .suspendParticipant, .reinstateParticipant, .registerKey, .rotateKey,
      .suspendKey, .reinstateKey, .revokeKey, .replaceOfficers, .openWallet, .setWalletTier,
      .closeWallet, .freeze, .unfreeze, .issue, .redeem, .settle, .fund, .pay, .cashOut,
      .confirmClock:
      .one
    }
  }
}
