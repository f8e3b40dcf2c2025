import LedgerModel
import LedgerPolicy
import LedgerModel

extension LedgerState {
  mutating func admitParticipant(_ order: AdmitParticipant) throws(Rejection) -> Done {
    guard indexByParticipant[order.participant] == nil else {
      throw .participantExists(order.participant)
    }
    guard participants.count < Limits.participantsMax else { throw .participantsFull }
    let party = Party.participant(order.participant)
    try keys.checkNew(order.keys, of: party, logKey: genesis.logKey)
    var settlementSlots = [Int?](repeating: nil, count: currencies.count)
    var accountIDs: Set<AccountID> = []
    var settlementCurrencies: [Int] = []
    for account in order.settlementAccounts { _ = try currencyIndex(account.currency) }
    for (offset, account) in order.settlementAccounts.enumerated() {
      let currency = try currencyIndex(account.currency)
      guard settlementSlots[currency] == nil else { throw .currencyRepeated(account.currency) }
      settlementSlots[currency] = accounts.count + offset
      settlementCurrencies.append(currency)
    }
    for account in order.settlementAccounts {
      let isNew =
        slot(of: account.account) == nil && accountIDs.insert(account.account).inserted
      guard isNew else { throw .accountExists(account.account) }
    }
    guard accounts.count + order.settlementAccounts.count <= Limits.accountsMax else {
      throw .accountsFull(max: Limits.accountsMax)
    }

    let index = participants.count
    var changes: [StateChange] = []
    participants.append(
      ParticipantState(
        id: order.participant, name: order.name, admitted: nextSequence,
        settlementSlots: settlementSlots))
    indexByParticipant[order.participant] = Int32(index)
    for currency in currencies.indices { currencies[currency].policy.admit(order.participant) }
    changes.append(.participant(index: index, participants[index]))
    keys.admit(order, at: time)
    changes.append(.keys(party, keys.entries(of: party)))
    shares.append(ParticipantShare(accounts: order.settlementAccounts.count))
    for (account, currency) in zip(order.settlementAccounts, settlementCurrencies) {
      let slot = open(
        AccountState(
          id: account.account, kind: .settlement, participant: index, currency: currency))
      changes.append(.account(slot: slot, accounts[slot]))
    }
    return Done(changes: changes)
  }

  mutating func suspend(_ id: ParticipantID) throws(Rejection) -> Done {
    let index = try participantIndex(id)
    guard !participants[index].isSuspended else { throw .participantSuspended(id) }
    participants[index].isSuspended = true
    return Done(changes: [.participant(index: index, participants[index])])
  }

  mutating func reinstate(_ id: ParticipantID) throws(Rejection) -> Done {
    let index = try participantIndex(id)
    guard participants[index].isSuspended else { throw .participantNotSuspended(id) }
    participants[index].isSuspended = false
    return Done(changes: [.participant(index: index, participants[index])])
  }

  func participantIndex(_ id: ParticipantID) throws(Rejection) -> Int {
    guard let index = indexByParticipant[id] else { throw .participantUnknown(id) }
    return Int(index)
  }

  func currencyIndex(_ code: CurrencyCode) throws(Rejection) -> Int {
    // Of the genesis, whose currencies are the same: those of the state bring their counters along.
    guard let index = genesis.currencies.firstIndex(where: { $0.code == code }) else {
      throw .currencyUnknown(code)
    }
    return index
  }
}
