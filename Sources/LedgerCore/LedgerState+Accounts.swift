import LedgerModel
import LedgerPolicy

extension LedgerState {
  mutating func openWallet(
    _ order: OpenWallet, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let currency = try currencyIndex(order.currency)
    let participant = actingParticipant(submission)
    guard participants[participant].settlementSlots[currency] != nil else {
      throw .noSettlementAccount(order.currency)
    }
    guard slot(of: order.wallet) == nil else { throw .accountExists(order.wallet) }
    guard shares[participant].accounts < bounds.accountsPerParticipant else {
      throw .accountsFull(max: bounds.accountsPerParticipant)
    }
    guard accounts.count < Limits.accountsMax else {
      throw .accountsFull(max: Limits.accountsMax)
    }
    let isFree = try checkTier(order.tier, currency: currency, of: participant)

    shares[participant].accounts += 1
    if isFree { countFreeTier(of: participant) }
    let slot = open(
      AccountState(
        id: order.wallet, kind: .wallet, participant: submission.participant, currency: currency,
        owner: order.owner, tier: intern(order.tier)))
    return Done(changes: [.account(slot: slot, accounts[slot])])
  }

  mutating func setTier(
    of wallet: AccountID, to tier: Tier, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let slot = try ownWallet(wallet, in: submission)
    let participant = actingParticipant(submission)
    let isFree = try checkTier(tier, currency: accounts[slot].currency, of: participant)

    if isFree { countFreeTier(of: participant) }
    let old = accounts[slot].tier
    let new = intern(tier)
    accounts[slot].tier = new
    if let old, old != new {
      currencies[accounts[slot].currency].policy.setTier(
        from: Int(old), to: Int(new), balance: accounts[slot].balance)
    }
    return Done(changes: [.account(slot: slot, accounts[slot])])
  }

  mutating func closeWallet(
    _ wallet: AccountID, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let slot = try ownWallet(wallet, in: submission)
    guard accounts[slot].freeze == nil else { throw .accountFrozen(wallet) }
    guard accounts[slot].balance == .zero else { throw .balanceNotZero(wallet) }

    accounts[slot].isClosed = true
    return Done(changes: [.account(slot: slot, accounts[slot])])
  }

  /// Freezes a wallet, or a participant's settlement accounts; its customers' wallets are claims on
  /// the issuer and are frozen one by one.
  mutating func freeze(_ order: Freeze) throws(Rejection) -> Done {
    switch order.target {
    case .account(let id):
      let slot = try wallet(id)
      guard accounts[slot].freeze == nil else { throw .alreadyFrozen }
      accounts[slot].freeze = order.credits
      return Done(changes: [.account(slot: slot, accounts[slot])])
    case .participant(let id):
      let index = try participantIndex(id)
      guard participants[index].freeze == nil else { throw .alreadyFrozen }
      participants[index].freeze = order.credits
      return Done(changes: [.participant(index: index, participants[index])])
    }
  }

  mutating func unfreeze(_ target: FreezeTarget) throws(Rejection) -> Done {
    switch target {
    case .account(let id):
      let slot = try wallet(id)
      guard accounts[slot].freeze != nil else { throw .notFrozen }
      accounts[slot].freeze = nil
      return Done(changes: [.account(slot: slot, accounts[slot])])
    case .participant(let id):
      let index = try participantIndex(id)
      guard participants[index].freeze != nil else { throw .notFrozen }
      participants[index].freeze = nil
      return Done(changes: [.participant(index: index, participants[index])])
    }
  }

  /// The slot of an open wallet of the acting participant.
  func ownWallet(
    _ id: AccountID, in submission: AdmittedSubmission
  ) throws(Rejection) -> Int {
    if let slot = slot(of: id), accounts[slot].participant != submission.participant {
      throw .actingForAnother(id)
    }
    return try wallet(id)
  }

  /// The slot of an open wallet.
  func wallet(_ id: AccountID) throws(Rejection) -> Int {
    guard let slot = slot(of: id) else { throw .accountUnknown(id) }
    guard !accounts[slot].isClosed else { throw .accountClosed(id) }
    guard accounts[slot].kind == .wallet else { throw .accountKind(id, wanted: .wallet) }
    return slot
  }

  /// Where rules are active for the currency, a wallet has a tier that they know.
  ///
  /// For those there is always room: officers name few. Elsewhere names are free, and each
  /// participant has a share of them.
  ///
  /// - Returns: Whether the name is new and counts in the participant's share.
  private func checkTier(
    _ tier: Tier, currency: Int, of participant: Int
  ) throws(Rejection) -> Bool {
    let hasRules = currencies[currency].policy.namesTiers
    guard currencies[currency].policy.takes(tier) else { throw .tierUnknown(tier) }
    guard indexByTier[tier] == nil else { return false }
    guard tiers.count < Limits.tiersPerLedgerMax else { throw .tiersFull }
    guard !hasRules else { return false }
    guard shares[participant].freeTiers < Limits.freeTiersPerParticipantMax,
      freeTierCount < Limits.freeTiersPerLedgerMax
    else { throw .tiersFull }
    return true
  }

  private mutating func countFreeTier(of participant: Int) {
    shares[participant].freeTiers += 1
    freeTierCount += 1
  }

  /// The acting participant's index; `authorise` let nobody else in.
  private func actingParticipant(_ submission: AdmittedSubmission) -> Int {
    guard let participant = submission.participant else {
      preconditionFailure("\(submission.party) orders about wallets")
    }
    return participant
  }
}
