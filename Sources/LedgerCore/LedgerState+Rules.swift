import LedgerModel
import LedgerPolicy

extension LedgerState {
  mutating func activate(_ order: ActivateRuleSet) throws(Rejection) -> Done {
    let ruleSet = order.ruleSet
    let currency = try currencyIndex(ruleSet.currency)
    do throws(RuleSetError) {
      try ruleSet.validate(newestFormat: genesis.version.newestRuleSetFormat)
    } catch {
      throw .ruleSetInvalid(error)
    }
    if isIgnored(ruleSet.pack, of: ruleSet.currency, format: ruleSet.format) { return Done() }
    do throws(ActivationError) {
      try currencies[currency].policy.checkActivation(
        of: ruleSet, from: order.from, inShadow: order.inShadow)
    } catch {
      switch error {
      case .notNewer(let newest):
        throw .ruleSetNotNewer(active: newest, proposed: ruleSet.version)
      case .full: throw .ruleSetsFull
      }
    }
    currencies[currency].policy.activate(
      ruleSet, from: order.from, inShadow: order.inShadow,
      over: Self.policyAccounts(accounts, currency: currency))
    return rulesChanged(currency)
  }

  mutating func withdraw(_ order: WithdrawRuleSet) throws(Rejection) -> Done {
    let currency = try currencyIndex(order.currency)
    if isIgnored(order.version.pack, of: order.currency, format: 2) { return Done() }
    do throws(WithdrawalError) {
      try currencies[currency].policy.withdraw(
        order.version, over: Self.policyAccounts(accounts, currency: currency))
    } catch {
      switch error {
      case .unknown: throw .ruleSetUnknown(order.version)
      case .full: throw .ruleSetsFull
      }
    }
    return rulesChanged(currency)
  }

  private func rulesChanged(_ currency: Int) -> Done {
    Done(changes: [
      .rules(currency: currency, currencies[currency].policy.standing)
    ])
  }

  mutating func set(
    _ order: SetWalletAttribute, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let slot = try ownWallet(order.wallet, in: submission)
    do throws(AttributeError) {
      try currencies[accounts[slot].currency].policy.set(
        order.name, ofWallet: slot, to: order.value)
    } catch {
      throw error.rejection(of: order.name)
    }
    return Done()
  }

  mutating func set(_ order: SetParticipantAttribute) throws(Rejection) -> Done {
    let participant = try participantIndex(order.participant)
    let currency = try currencyIndex(order.currency)
    do throws(AttributeError) {
      try currencies[currency].policy.set(
        order.name, ofParticipant: participant, to: order.value)
    } catch {
      throw error.rejection(of: order.name)
    }
    return Done()
  }

  mutating func link(
    _ wallet: AccountID, to account: AccountID?, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let slot = try ownWallet(wallet, in: submission)
    var linked: Int32?
    if let account {
      guard let target = self.slot(of: account) else { throw .accountUnknown(account) }
      guard accounts[target].participant == submission.participant else {
        throw .actingForAnother(account)
      }
      guard accounts[target].kind == .settlement else {
        throw .accountKind(account, wanted: .settlement)
      }
      guard accounts[target].currency == accounts[slot].currency else {
        throw .currencyMismatch(account, currencies[accounts[slot].currency].currency.code)
      }
      linked = Int32(target)
    }
    guard links[Int32(slot)] != linked else { throw .linkUnchanged(wallet) }
    links[Int32(slot)] = linked
    return Done()
  }

  mutating func list(
    _ order: PayeeOfWallet, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let (payer, payee) = try pair(order, in: submission)
    do throws(PayeeError) {
      try currencies[accounts[payer].currency].policy.list(payee: payee, by: payer)
    } catch {
      throw error.rejection(of: order.payee)
    }
    return Done()
  }

  mutating func unlist(
    _ order: PayeeOfWallet, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let (payer, payee) = try pair(order, in: submission)
    do throws(PayeeError) {
      try currencies[accounts[payer].currency].policy.unlist(payee: payee, by: payer)
    } catch {
      throw error.rejection(of: order.payee)
    }
    return Done()
  }

  /// The slots of a wallet of the acting participant and of any wallet of the same currency.
  private func pair(
    _ order: PayeeOfWallet, in submission: AdmittedSubmission
  ) throws(Rejection) -> (payer: Int, payee: Int) {
    let payer = try ownWallet(order.wallet, in: submission)
    guard let payee = slot(of: order.payee) else { throw .accountUnknown(order.payee) }
    guard accounts[payee].kind == .wallet else {
      throw .accountKind(order.payee, wanted: .wallet)
    }
    guard accounts[payee].currency == accounts[payer].currency else {
      throw .currencyMismatch(order.payee, currencies[accounts[payer].currency].currency.code)
    }
    guard payer != payee else { throw .sameAccount(order.payee) }
    return (payer, payee)
  }

  mutating func record(
    _ event: EventName, of wallet: AccountID, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let slot = try ownWallet(wallet, in: submission)
    do throws(EventError) {
      try currencies[accounts[slot].currency].policy.record(event, of: slot)
    } catch {
      throw .eventUnknown(event)
    }
    return Done()
  }

  /// The accounts of one currency as its rules find them.
  static func policyAccounts(_ accounts: [AccountState], currency: Int) -> PolicyAccounts {
    PolicyAccounts(count: accounts.count) { slot in
      accounts[slot].currency == currency ? accounts[slot].asRulesSeeIt : nil
    }
  }
}

extension AttributeError {
  fileprivate func rejection(of name: AttributeName) -> Rejection {
    switch self {
    case .unknown: .attributeUnknown(name)
    case .wrongKind, .wordUnknown: .attributeInvalid(name)
    case .aboveCeiling(let ceiling): .attributeAboveCeiling(name, ceiling: ceiling)
    }
  }
}

extension PayeeError {
  fileprivate func rejection(of payee: AccountID) -> Rejection {
    switch self {
    case .alreadyListed: .payeeListed(payee)
    case .notListed: .payeeNotListed(payee)
    case .full(let max): .payeesFull(max: max)
    }
  }
}
