import LedgerModel

// Each function returns all that holds; who calls puts it in order.

// Authority.
extension ReferenceLedger {
  /// A party that may order an operation, and how many of its keys it takes.
  private struct Grant {
    let party: Party
    /// Distinct keys, the one that the order concerns not counted; `nil` where any one key will
    /// do.
    var quorum: Int?
  }

  func authorityRejections(
    of operation: Operation, by party: Party, signers: [PublicKey]
  ) -> [Rejection] {
    var rejections: [Rejection] = []
    let grants = grants(of: operation, to: party, signers: signers)
    if let grant = grants.first(where: { $0.party == party }) {
      let signed = signers.count { $0 != keyConcerned(by: operation) }
      if let quorum = grant.quorum, signed < quorum {
        rejections.append(.quorumNotMet(required: quorum, signed: signed))
      }
    } else {
      rejections.append(.wrongRole(operation: operation.name, party: party.description))
    }
    if case .participant(let id) = party, isSuspended(id) {
      rejections.append(.participantSuspended(id))
    }
    return rejections
  }

  private func grants(
    of operation: Operation, to party: Party, signers: [PublicKey]
  ) -> [Grant] {
    let quorums = genesis.quorums
    switch operation {
    case .admitParticipant, .reinstateParticipant:
      return [Grant(party: .issuer, quorum: quorums.participants)]
    case .suspendParticipant, .confirmClock: return [Grant(party: .issuer)]
    case .issue: return [Grant(party: .issuer, quorum: quorums.issuance)]
    case .freeze, .unfreeze: return [Grant(party: .issuer, quorum: quorums.freezes)]
    case .activateRuleSet: return [Grant(party: .issuer, quorum: quorums.rules)]
    case .replaceOfficers: return [Grant(party: .recovery, quorum: quorums.recovery)]
    case .registerKey(let order):
      return [quorumOverKeys(of: order.party), Grant(party: order.party)]
    case .rotateKey(let order): return [quorumOverKeys(of: order.party), Grant(party: order.party)]
    case .revokeKey(let order): return [quorumOverKeys(of: order.party), Grant(party: order.party)]
    case .reinstateKey(let order): return [quorumOverKeys(of: order.party)]
    case .suspendKey(let order):
      // At once: his own key, or an officer a participant's.
      let isOwn = party == order.party && signers.contains(order.key)
      let isParticipants = order.party != .issuer && order.party != .recovery
      if isOwn || (isParticipants && party == .issuer) { return [Grant(party: party)] }
      return [quorumOverKeys(of: order.party), Grant(party: order.party)]
    case .registerCertificate(let order):
      return [Grant(party: .issuer, quorum: quorums.keys)] + grants(over: order.reader)
    case .revokeCertificate(let order):
      return [Grant(party: .issuer)] + grants(over: order.reader)
    case .setParticipantAttribute, .setWalletAttribute, .linkAccount, .listPayee, .unlistPayee,
      .recordEvent, .withdrawRuleSet:
      preconditionFailure("\(operation.name) is of version 2")
    case .openWallet, .setWalletTier, .closeWallet, .redeem, .settle, .fund, .pay, .cashOut:
      return party == .issuer || party == .recovery ? [] : [Grant(party: party)]
    }
  }

  /// The officers' quorum on keys, or that of recovery on its own.
  private func quorumOverKeys(of party: Party) -> Grant {
    party == .recovery
      ? Grant(party: .recovery, quorum: genesis.quorums.recovery)
      : Grant(party: .issuer, quorum: genesis.quorums.keys)
  }

  /// A participant's own.
  private func grants(over reader: Reader) -> [Grant] {
    if case .participant(let id) = reader { [Grant(party: .participant(id))] } else { [] }
  }

  /// The key that does not count towards the quorum on itself.
  private func keyConcerned(by operation: Operation) -> PublicKey? {
    switch operation {
    case .suspendKey(let order), .reinstateKey(let order), .revokeKey(let order): order.key
    default: nil
    }
  }
}

// Participants and keys.
extension ReferenceLedger {
  func participantRejections(of operation: Operation) -> [Rejection] {
    switch operation {
    case .suspendParticipant(let order):
      guard participant(order.participant) != nil else {
        return [.participantUnknown(order.participant)]
      }
      return isSuspended(order.participant) ? [.participantSuspended(order.participant)] : []
    case .reinstateParticipant(let order):
      guard participant(order.participant) != nil else {
        return [.participantUnknown(order.participant)]
      }
      return isSuspended(order.participant) ? [] : [.participantNotSuspended(order.participant)]
    case .admitParticipant(let order): return admissionRejections(of: order)
    default: preconditionFailure("\(operation.name) is not about participants")
    }
  }

  private func admissionRejections(of order: AdmitParticipant) -> [Rejection] {
    var rejections: [Rejection] = []
    if participant(order.participant) != nil {
      rejections.append(.participantExists(order.participant))
    }
    if participants.count >= 65_536 { rejections.append(.participantsFull) }
    rejections += notNew(order.keys, of: .participant(order.participant))
    for (offset, new) in order.settlementAccounts.enumerated() {
      let earlier = order.settlementAccounts[..<offset]
      if currency(new.currency) == nil { rejections.append(.currencyUnknown(new.currency)) }
      if earlier.contains(where: { $0.currency == new.currency }) {
        rejections.append(.currencyRepeated(new.currency))
      }
      if account(new.account) != nil || earlier.contains(where: { $0.account == new.account }) {
        rejections.append(.accountExists(new.account))
      }
    }
    return rejections
  }

  func keyRejections(of operation: Operation) -> [Rejection] {
    switch operation {
    case .registerKey(let order):
      var rejections = unknown(order.party) + notNew([order.key], of: order.party)
      if let until = order.validUntil, until <= order.validFrom || until <= time {
        rejections.append(.keyValidityEmpty(order.key))
      }
      return rejections + noRoom(for: 1, in: order.party)
    case .rotateKey(let order):
      var rejections = unknown(order.party) + notNew([order.newKey], of: order.party)
      if order.overlapUntil.microseconds != 0, order.overlapUntil <= time {
        rejections.append(.keyValidityEmpty(order.oldKey))
      }
      if let old = keys(of: order.party).first(where: { $0.key == order.oldKey }) {
        if old.isRevoked { rejections.append(.keyRevoked(order.oldKey)) }
      } else {
        rejections.append(.keyUnknown(order.oldKey))
      }
      return rejections + noRoom(for: 1, in: order.party)
    case .suspendKey(let order), .reinstateKey(let order), .revokeKey(let order):
      var rejections = unknown(order.party)
      guard let key = keys(of: order.party).first(where: { $0.key == order.key }) else {
        return rejections + [.keyUnknown(order.key)]
      }
      if key.isRevoked { rejections.append(.keyRevoked(order.key)) }
      if case .reinstateKey = operation {
        return rejections + (key.isSuspended ? [] : [.keyNotSuspended(order.key)])
      }
      if case .suspendKey = operation, key.isSuspended {
        rejections.append(.keySuspended(order.key))
      }
      return rejections + outOfReach(without: order.key, of: order.party)
    case .replaceOfficers(let new):
      let required = quorumMax(of: .issuer)
      let isRoom = new.count <= 64 && keys(of: .issuer).count + new.count <= 4_096
      return notNew(new, of: .issuer) + (isRoom ? [] : [.keysFull(.issuer)])
        + (new.count < required
          ? [.quorumUnreachable(required: required, left: new.count)] : [])
    default: preconditionFailure("\(operation.name) is not about keys")
    }
  }

  func certificateRejections(of operation: Operation, by party: Party) -> [Rejection] {
    switch operation {
    case .registerCertificate(let order):
      let known = certificates(of: order.reader)
      var rejections = unknown(order.reader)
      if known.contains(where: { $0.certificate == order.certificate && mayRead($0) }) {
        rejections.append(.certificateExists(order.certificate))
      }
      let others = ([.issuer, .auditor] + participants.map { Reader.participant($0.id) })
        .filter { $0 != order.reader }
      if party != .issuer, party != .recovery,
        others.contains(where: { reader in
          certificates(of: reader).contains { $0.certificate == order.certificate && mayRead($0) }
        })
      {
        rejections.append(.certificateTaken(order.certificate))
      }
      if let until = order.validUntil, until <= order.validFrom || until <= time {
        rejections.append(.certificateValidityEmpty(order.certificate))
      }
      let inForce = known.count { mayRead($0) }
      let isRoom = inForce + 1 <= 64 && known.count + 1 <= 4_096
      return rejections + (isRoom ? [] : [.certificatesFull(order.reader)])
    case .revokeCertificate(let order):
      let known = certificates(of: order.reader)
      guard let entry = known.last(where: { $0.certificate == order.certificate }) else {
        return unknown(order.reader) + [.certificateUnknown(order.certificate)]
      }
      return entry.isRevoked ? [.certificateRevoked(order.certificate)] : []
    default: preconditionFailure("\(operation.name) is not about certificates")
    }
  }

  /// Whether it reads, or will.
  private func mayRead(_ certificate: ReferenceCertificate) -> Bool {
    !certificate.isRevoked && (certificate.validUntil.map { time < $0 } ?? true)
  }

  private func unknown(_ reader: Reader) -> [Rejection] {
    if case .participant(let id) = reader { unknown(Party.participant(id)) } else { [] }
  }

  private func unknown(_ party: Party) -> [Rejection] {
    if case .participant(let id) = party, participant(id) == nil {
      [.participantUnknown(id)]
    } else {
      []
    }
  }

  private func notNew(_ new: [PublicKey], of party: Party) -> [Rejection] {
    let old = keys(of: party).map(\.key) + [genesis.logKey]
    return new.enumerated().filter { old.contains($1) || new[..<$0].contains($1) }
      .map { .keyExists($1) }
  }

  private func noRoom(for count: Int, in party: Party) -> [Rejection] {
    let all = keys(of: party)
    let inForce = all.count { key in !key.isRevoked && (key.validUntil.map { time < $0 } ?? true) }
    return inForce + count > 64 || all.count + count > 4_096 ? [.keysFull(party)] : []
  }

  private func outOfReach(without key: PublicKey, of party: Party) -> [Rejection] {
    let left = keys(of: party).count { other in
      other.key != key && !other.isRevoked && !other.isSuspended
        && other.validFrom <= time && other.validUntil == nil
    }
    let required = quorumMax(of: party)
    return left < required ? [.quorumUnreachable(required: required, left: left)] : []
  }

  private func quorumMax(of party: Party) -> Int {
    let quorums = genesis.quorums
    return switch party {
    case .issuer:
      [
        quorums.participants, quorums.keys, quorums.issuance, quorums.freezes, quorums.rules,
      ].reduce(0, max)
    case .recovery: quorums.recovery
    case .participant: 0
    }
  }
}

// Accounts.
extension ReferenceLedger {
  func accountRejections(of operation: Operation, by party: Party) -> [Rejection] {
    switch operation {
    case .openWallet(let order):
      var rejections = tierRejections(order.tier, in: order.currency, by: party)
      let isSettled = accounts.contains { account in
        account.kind == .settlement && account.currency == order.currency
          && account.participant.map { Party.participant($0) } == party
      }
      if !isSettled { rejections.append(.noSettlementAccount(order.currency)) }
      if currency(order.currency) == nil { rejections.append(.currencyUnknown(order.currency)) }
      if account(order.wallet) != nil { rejections.append(.accountExists(order.wallet)) }
      return rejections
    case .setWalletTier(let wallet, let tier):
      return notOwn(wallet, party) + notOpen(wallet, .wallet)
        + (account(wallet).map { tierRejections(tier, in: $0.currency, by: party) } ?? [])
    case .closeWallet(let wallet):
      return notOwn(wallet, party) + notOpen(wallet, .wallet)
        + (freeze(of: .account(wallet)) == nil ? [] : [.accountFrozen(wallet)])
        + (balance(of: wallet) == 0 ? [] : [.balanceNotZero(wallet)])
    case .freeze(let order):
      return notThere(order.target) + (freeze(of: order.target) == nil ? [] : [.alreadyFrozen])
    case .unfreeze(let target, _):
      return notThere(target) + (freeze(of: target) == nil ? [.notFrozen] : [])
    default: preconditionFailure("\(operation.name) is not about accounts")
    }
  }

  private func notThere(_ target: FreezeTarget) -> [Rejection] {
    switch target {
    case .account(let id): notOpen(id, .wallet)
    case .participant(let id): participant(id) == nil ? [.participantUnknown(id)] : []
    }
  }

  /// An account that does not exist is nobody's.
  private func notOwn(_ id: AccountID, _ party: Party) -> [Rejection] {
    guard let account = account(id) else { return [] }
    return account.participant.map { Party.participant($0) } == party ? [] : [.actingForAnother(id)]
  }

  private func notOpen(_ id: AccountID, _ kind: AccountKind) -> [Rejection] {
    guard let account = account(id) else { return [.accountUnknown(id)] }
    return (isClosed(id) ? [.accountClosed(id)] : [])
      + (account.kind == kind ? [] : [.accountKind(id, wanted: kind)])
  }

  private func tierRejections(
    _ tier: Tier, in currency: CurrencyCode, by party: Party
  ) -> [Rejection] {
    let rules = activeRuleSet(of: currency)
    let isKnown = rules?.tiers.contains(tier) ?? true
    let isRoom = tiers.contains(tier) || rules != nil || freeTierCount(of: party) < 16
    return (isKnown ? [] : [.tierUnknown(tier)]) + (isRoom ? [] : [.tiersFull])
  }
}

// Money.
extension ReferenceLedger {
  private static let amountMax: UInt64 = 1_000_000_000_000_000_000
  private static let balanceMax: Int128 = 9_000_000_000_000_000_000

  func moneyRejections(of operation: Operation, by party: Party) -> [Rejection] {
    switch operation {
    case .issue(let order):
      return movementRejections(
        operation, (nil, order.payee), (.issuance, .settlement), order.amount, order.currency)
        + (isUsed(order.rtgsReference, toRedeem: nil) ? [.referenceUsed(order.rtgsReference)] : [])
    case .redeem(let order):
      return notOwn(order.payer, party)
        + movementRejections(
          operation, (order.payer, nil), (.settlement, .issuance), order.amount, order.currency)
        + (isUsed(order.rtgsReference, toRedeem: party)
          ? [.referenceUsed(order.rtgsReference)] : [])
    case .settle(let order):
      return notOwn(order.payer, party)
        + movementRejections(
          operation, (order.payer, order.payee), (.settlement, .settlement), order.amount,
          order.currency)
    case .fund(let order):
      return notOwn(order.payer, party) + notOwn(order.payee, party)
        + movementRejections(
          operation, (order.payer, order.payee), (.settlement, .wallet), order.amount,
          order.currency)
    case .pay(let order):
      return notOwn(order.payer, party)
        + movementRejections(
          operation, (order.payer, order.payee), (.wallet, .wallet), order.amount, order.currency)
    case .cashOut(let order):
      return notOwn(order.payer, party) + notOwn(order.payee, party)
        + movementRejections(
          operation, (order.payer, order.payee), (.wallet, .settlement), order.amount,
          order.currency)
    default: preconditionFailure("\(operation.name) moves no money")
    }
  }

  /// What holds of a sum that moves; a side that is `nil` is the issuance account, which the order
  /// does not name.
  private func movementRejections(
    _ operation: Operation, _ accounts: (payer: AccountID?, payee: AccountID?),
    _ kinds: (payer: AccountKind, payee: AccountKind), _ amount: UInt64, _ code: CurrencyCode
  ) -> [Rejection] {
    var rejections: [Rejection] = []
    if amount == 0 { rejections.append(.amountZero) }
    if amount > Self.amountMax { rejections.append(.amountTooLarge(amount)) }
    if currency(code) == nil { rejections.append(.currencyUnknown(code)) }
    for (id, kind) in [(accounts.payer, kinds.payer), (accounts.payee, kinds.payee)] {
      guard let id else { continue }
      rejections += notOpen(id, kind)
      if let account = account(id), account.currency != code {
        rejections.append(.currencyMismatch(id, code))
      }
    }
    if let payer = accounts.payer, payer == accounts.payee {
      rejections.append(.sameAccount(payer))
    }
    if let payer = accounts.payer {
      if freezeInForce(payer) != nil { rejections.append(.accountFrozen(payer)) }
      let balance = balance(of: payer)
      if balance < Int128(amount), let required = Amount(minorUnits: amount) {
        rejections.append(
          .insufficientFunds(account: payer, available: exact(balance), required: required))
      }
    }
    if let payee = accounts.payee {
      if freezeInForce(payee) == .refused { rejections.append(.accountFrozen(payee)) }
      if balance(of: payee) + Int128(amount) > Self.balanceMax {
        rejections.append(.balanceTooLarge(payee))
      }
    }
    if case .issue = operation,
      issued(code) - redeemed(code) + Int128(amount) > Self.balanceMax
    {
      rejections.append(.supplyTooLarge(code))
    }
    return rejections + limitRejections(of: operation)
  }

  /// A settlement account is frozen with its participant, a wallet alone.
  private func freezeInForce(_ id: AccountID) -> FrozenCredits? {
    guard let account = account(id) else { return nil }
    switch (account.kind, account.participant) {
    case (.settlement, .some(let participant)): return freeze(of: .participant(participant))
    case (.wallet, _): return freeze(of: .account(id))
    default: return nil
    }
  }
}
