package import LedgerModel

/// A participant as the history tells.
package struct ReferenceParticipant: Hashable, Sendable {
  package let id: ParticipantID
  package let name: ParticipantName
  package let admitted: SequenceNumber
  package let isSuspended: Bool
  package let freeze: FrozenCredits?

  package init(
    id: ParticipantID, name: ParticipantName, admitted: SequenceNumber, isSuspended: Bool,
    freeze: FrozenCredits?
  ) {
    self.id = id
    self.name = name
    self.admitted = admitted
    self.isSuspended = isSuspended
    self.freeze = freeze
  }
}

/// An account as the history tells.
package struct ReferenceAccount: Hashable, Sendable {
  package let id: AccountID
  package let kind: AccountKind
  /// `nil` for an issuance account.
  package let participant: ParticipantID?
  package let currency: CurrencyCode
  package let owner: OwnerID?

  package init(
    id: AccountID, kind: AccountKind, participant: ParticipantID?, currency: CurrencyCode,
    owner: OwnerID?
  ) {
    self.id = id
    self.kind = kind
    self.participant = participant
    self.currency = currency
    self.owner = owner
  }
}

/// A key as the history tells.
package struct ReferenceKey: Hashable, Sendable {
  package let key: PublicKey
  package let validFrom: LedgerTime
  package var validUntil: LedgerTime?
  package var isSuspended = false
  package var isRevoked = false

  package init(key: PublicKey, validFrom: LedgerTime, validUntil: LedgerTime? = nil) {
    self.key = key
    self.validFrom = validFrom
    self.validUntil = validUntil
  }
}

/// A certificate as the history tells.
package struct ReferenceCertificate: Hashable, Sendable {
  package let certificate: SPKIHash
  package let validFrom: LedgerTime
  package let validUntil: LedgerTime?
  package let isRevoked: Bool

  package init(
    certificate: SPKIHash, validFrom: LedgerTime, validUntil: LedgerTime?, isRevoked: Bool
  ) {
    self.certificate = certificate
    self.validFrom = validFrom
    self.validUntil = validUntil
    self.isRevoked = isRevoked
  }
}

/// One sum of money that moved.
struct Movement: Hashable, Sendable {
  let payer: AccountID
  let payee: AccountID
  let amount: UInt64
  let currency: CurrencyCode
}

// Each of these reads the whole history.
extension ReferenceLedger {
  /// In order of admission.
  package var participants: [ReferenceParticipant] {
    accepted.compactMap { entry in
      guard case .admitParticipant(let order) = entry.operation else { return nil }
      return ReferenceParticipant(
        id: order.participant, name: order.name, admitted: entry.sequence,
        isSuspended: isSuspended(order.participant),
        freeze: freeze(of: .participant(order.participant)))
    }
  }

  func participant(_ id: ParticipantID) -> AdmitParticipant? {
    for entry in accepted {
      if case .admitParticipant(let order) = entry.operation, order.participant == id {
        return order
      }
    }
    return nil
  }

  func isSuspended(_ id: ParticipantID) -> Bool {
    var isSuspended = false
    for entry in accepted {
      if case .suspendParticipant(let order) = entry.operation, order.participant == id {
        isSuspended = true
      }
      if case .reinstateParticipant(let order) = entry.operation, order.participant == id {
        isSuspended = false
      }
    }
    return isSuspended
  }

  /// What the last freeze or lifting said about the target itself.
  package func freeze(of target: FreezeTarget) -> FrozenCredits? {
    var freeze: FrozenCredits?
    for entry in accepted {
      if case .freeze(let order) = entry.operation, order.target == target {
        freeze = order.credits
      }
      if case .unfreeze(target, _) = entry.operation { freeze = nil }
    }
    return freeze
  }

  /// In order of registration.
  package func certificates(of reader: Reader) -> [ReferenceCertificate] {
    accepted.enumerated().compactMap { place, entry in
      guard case .registerCertificate(let order) = entry.operation, order.reader == reader
      else { return nil }
      // What comes first of the two, counts: a new registration is not revoked by an old order.
      let next = accepted[(place + 1)...].first { later in
        switch later.operation {
        case .registerCertificate(let other):
          other.reader == reader && other.certificate == order.certificate
        case .revokeCertificate(let other):
          other.reader == reader && other.certificate == order.certificate
        default: false
        }
      }
      let isRevoked = if case .revokeCertificate? = next?.operation { true } else { false }
      return ReferenceCertificate(
        certificate: order.certificate, validFrom: order.validFrom, validUntil: order.validUntil,
        isRevoked: isRevoked)
    }
  }

  func currency(_ code: CurrencyCode) -> Currency? {
    genesis.currencies.first { $0.code == code }
  }

  /// In order of opening.
  package var accounts: [ReferenceAccount] {
    genesis.currencies.map(Self.issuanceAccount) + accepted.flatMap(Self.accounts(openedBy:))
  }

  func account(_ id: AccountID) -> ReferenceAccount? {
    if let currency = genesis.currencies.first(where: { $0.issuanceAccount == id }) {
      return Self.issuanceAccount(currency)
    }
    for entry in accepted {
      if let account = Self.accounts(openedBy: entry).first(where: { $0.id == id }) {
        return account
      }
    }
    return nil
  }

  private static func issuanceAccount(_ currency: Currency) -> ReferenceAccount {
    ReferenceAccount(
      id: currency.issuanceAccount, kind: .issuance, participant: nil, currency: currency.code,
      owner: nil)
  }

  private static func accounts(openedBy entry: Accepted) -> [ReferenceAccount] {
    switch entry.operation {
    case .admitParticipant(let order):
      return order.settlementAccounts.map { account in
        ReferenceAccount(
          id: account.account, kind: .settlement, participant: order.participant,
          currency: account.currency, owner: nil)
      }
    case .openWallet(let order):
      guard case .participant(let id) = entry.party else { return [] }
      return [
        ReferenceAccount(
          id: order.wallet, kind: .wallet, participant: id, currency: order.currency,
          owner: order.owner)
      ]
    default: return []
    }
  }

  package func isClosed(_ id: AccountID) -> Bool {
    accepted.contains { $0.operation == .closeWallet(id) }
  }

  package func tier(of wallet: AccountID) -> Tier? {
    var tier: Tier?
    for entry in accepted {
      if case .openWallet(let order) = entry.operation, order.wallet == wallet { tier = order.tier }
      if case .setWalletTier(wallet, let new) = entry.operation { tier = new }
    }
    return tier
  }

  /// Every tier that an accepted order ever named, in order of first use.
  package var tiers: [Tier] {
    var tiers: [Tier] = []
    for entry in accepted {
      switch entry.operation {
      case .openWallet(let order) where !tiers.contains(order.tier): tiers.append(order.tier)
      case .setWalletTier(_, let tier) where !tiers.contains(tier): tiers.append(tier)
      default: break
      }
    }
    return tiers
  }

  package func activeRuleSet(of code: CurrencyCode) -> RuleSet? { activations(of: code).last?.1 }

  /// All activations for a currency, with their numbers.
  func activations(of code: CurrencyCode) -> [(SequenceNumber, RuleSet)] {
    accepted.compactMap { entry in
      guard case .activateRuleSet(let order) = entry.operation, order.ruleSet.currency == code
      else { return nil }
      return (entry.sequence, order.ruleSet)
    }
  }

  /// How many tiers a participant named first, in a currency without rules.
  func freeTierCount(of party: Party) -> Int {
    var named: Set<Tier> = []
    var ruled: Set<CurrencyCode> = []
    var count = 0
    func name(_ tier: Tier, _ currency: CurrencyCode, _ entry: Accepted) {
      guard named.insert(tier).inserted, !ruled.contains(currency), entry.party == party else {
        return
      }
      count += 1
    }
    for entry in accepted {
      switch entry.operation {
      case .activateRuleSet(let order): ruled.insert(order.ruleSet.currency)
      case .openWallet(let order): name(order.tier, order.currency, entry)
      case .setWalletTier(let wallet, let tier):
        if let account = account(wallet) { name(tier, account.currency, entry) }
      default: break
      }
    }
    return count
  }

  /// Whether the issuer has issued under the reference, or the party redeemed: byte by byte, for
  /// ever.
  func isUsed(_ reference: RTGSReference, toRedeem party: Party?) -> Bool {
    accepted.contains { entry in
      switch entry.operation {
      case .issue(let order) where party == nil:
        Array(order.rtgsReference.text.utf8) == Array(reference.text.utf8)
      case .redeem(let order) where party == entry.party:
        Array(order.rtgsReference.text.utf8) == Array(reference.text.utf8)
      default: false
      }
    }
  }
}

// Money.
extension ReferenceLedger {
  /// What an operation moves, or would move.
  func movement(of operation: Operation) -> Movement? {
    switch operation {
    case .issue(let order):
      currency(order.currency).map { currency in
        Movement(
          payer: currency.issuanceAccount, payee: order.payee, amount: order.amount,
          currency: order.currency)
      }
    case .redeem(let order):
      currency(order.currency).map { currency in
        Movement(
          payer: order.payer, payee: currency.issuanceAccount, amount: order.amount,
          currency: order.currency)
      }
    case .settle(let order), .fund(let order), .pay(let order), .cashOut(let order):
      Movement(
        payer: order.payer, payee: order.payee, amount: order.amount, currency: order.currency)
    default: nil
    }
  }

  /// The balance, the newest entry and the count of entries of an account; `nil` where it has
  /// none.
  package func posting(
    of id: AccountID
  ) -> (balance: Int128, previous: SequenceNumber, count: UInt64)? {
    var result: (balance: Int128, previous: SequenceNumber, count: UInt64)?
    for entry in accepted {
      guard let movement = movement(of: entry.operation) else { continue }
      guard movement.payer == id || movement.payee == id else { continue }
      let amount = Int128(movement.amount)
      result = (
        (result?.balance ?? 0) + (movement.payee == id ? amount : -amount), entry.sequence,
        (result?.count ?? 0) + 1
      )
    }
    return result
  }

  package func balance(of id: AccountID) -> Int128 { posting(of: id)?.balance ?? 0 }

  package func issued(_ code: CurrencyCode) -> Int128 {
    accepted.reduce(0) { sum, entry in
      guard case .issue(let order) = entry.operation, order.currency == code else { return sum }
      return sum + Int128(order.amount)
    }
  }

  package func redeemed(_ code: CurrencyCode) -> Int128 {
    accepted.reduce(0) { sum, entry in
      guard case .redeem(let order) = entry.operation, order.currency == code else { return sum }
      return sum + Int128(order.amount)
    }
  }
}

// Keys.
extension ReferenceLedger {
  /// All keys of a party, in order of registration.
  package func keys(of party: Party) -> [ReferenceKey] {
    let first: [Officer] =
      switch party {
      case .issuer: genesis.officers
      case .recovery: genesis.recovery
      case .participant: []
      }
    var keys = first.map { ReferenceKey(key: $0.key, validFrom: genesisTime) }
    func change(_ key: PublicKey, _ change: (inout ReferenceKey) -> Void) {
      for index in keys.indices where keys[index].key == key { change(&keys[index]) }
    }
    for entry in accepted {
      switch entry.operation {
      case .admitParticipant(let order) where .participant(order.participant) == party:
        keys += order.keys.map { ReferenceKey(key: $0, validFrom: entry.time) }
      case .registerKey(let order) where order.party == party:
        keys.append(
          ReferenceKey(key: order.key, validFrom: order.validFrom, validUntil: order.validUntil))
      case .rotateKey(let order) where order.party == party:
        // The overlap makes no key live longer than it would have.
        change(order.oldKey) { old in
          let end = order.overlapUntil.microseconds == 0 ? entry.time : order.overlapUntil
          old.validUntil = min(old.validUntil ?? end, end)
        }
        keys.append(ReferenceKey(key: order.newKey, validFrom: entry.time))
      case .suspendKey(let order) where order.party == party:
        change(order.key) { $0.isSuspended = true }
      case .reinstateKey(let order) where order.party == party:
        change(order.key) { $0.isSuspended = false }
      case .revokeKey(let order) where order.party == party:
        change(order.key) { $0.isRevoked = true }
      case .replaceOfficers(let new) where party == .issuer:
        for index in keys.indices { keys[index].isRevoked = true }
        keys += new.map { ReferenceKey(key: $0, validFrom: entry.time) }
      default: break
      }
    }
    return keys
  }
}
