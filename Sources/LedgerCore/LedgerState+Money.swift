import LedgerModel
import LedgerPolicy

extension LedgerState {
  mutating func issue(
    _ order: Issue, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let amount = try checked(order.amount)
    let currency = try currencyIndex(order.currency)
    let payee = try openAccount(order.payee, kind: .settlement, currency: currency)
    try checkCreditsNotFrozen(payee)
    try checkReference(order.rtgsReference, of: submission.partyNumber)
    let payer = currencies[currency].issuanceSlot
    guard let credited = accounts[payee].balance.credited(by: amount) else {
      throw .balanceTooLarge(order.payee)
    }
    guard let debited = accounts[payer].balance.issued(by: amount) else {
      throw .supplyTooLarge(order.currency)
    }

    rtgsReferences.insert(order.rtgsReference, of: submission.partyNumber)
    currencies[currency].issued += Int128(amount.minorUnits)
    return post(payer, debited, payee, credited, amount, currency)
  }

  mutating func redeem(
    _ order: Redeem, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    try checkOwn(order.payer, in: submission)
    let amount = try checked(order.amount)
    let currency = try currencyIndex(order.currency)
    let payer = try openAccount(order.payer, kind: .settlement, currency: currency)
    try checkDebitsNotFrozen(payer)
    try checkReference(order.rtgsReference, of: submission.partyNumber)
    let payee = currencies[currency].issuanceSlot
    let debited = try debit(payer, amount)
    // Cannot pass zero: the payer's money is part of what is outstanding (checkInvariants).
    guard let credited = accounts[payee].balance.credited(by: amount) else {
      throw .supplyTooLarge(order.currency)
    }

    rtgsReferences.insert(order.rtgsReference, of: submission.partyNumber)
    currencies[currency].redeemed += Int128(amount.minorUnits)
    return post(payer, debited, payee, credited, amount, currency)
  }

  mutating func settle(
    _ order: Transfer, in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    try transfer(
      order, from: .settlement, to: .settlement, as: nil, in: submission, located)
  }

  /// From the participant's own settlement account to a wallet of its own customer.
  mutating func fund(
    _ order: Transfer, in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    try checkOwn(order.payer, in: submission)
    try checkOwn(order.payee, in: submission)
    return try transfer(
      order, from: .settlement, to: .wallet, as: .fund, in: submission, located)
  }

  mutating func pay(
    _ order: Transfer, in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    try transfer(
      order, from: .wallet, to: .wallet, as: .pay, in: submission, located)
  }

  /// From a wallet to its own participant's settlement account.
  mutating func cashOut(
    _ order: Transfer, in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    try checkOwn(order.payer, in: submission)
    try checkOwn(order.payee, in: submission)
    return try transfer(
      order, from: .wallet, to: .settlement, as: .cashOut, in: submission, located)
  }

  /// Moves money between two accounts of participants, within the limits.
  ///
  /// What it calls is inlined, always: to a method that does not mutate, the compiler hands a copy
  /// of the state, whose 400 bytes were copied a dozen times a payment.
  private mutating func transfer(
    _ order: Transfer, from payerKind: AccountKind, to payeeKind: AccountKind,
    as operation: Measure.Operation?, in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    // Each question is asked of both accounts before the next: rejections have one order. An
    // account that was not there when the submission was located may have been opened in it.
    let foundPayer = located.payer >= 0 ? Int(located.payer) : slot(of: order.payer)
    if let foundPayer { try checkOwn(foundPayer, in: submission) }
    let amount = try checked(order.amount)
    let currency = try currencyIndex(order.currency)
    guard let payer = foundPayer else { throw .accountUnknown(order.payer) }
    let payee = located.payee >= 0 ? Int(located.payee) : try knownAccount(order.payee)
    try checkOpen(payer)
    try checkOpen(payee)
    try checkKind(payer, payerKind)
    try checkKind(payee, payeeKind)
    try checkCurrency(payer, currency)
    try checkCurrency(payee, currency)
    guard payer != payee else { throw .sameAccount(order.payer) }
    if operation != nil {
      try checkTierInForce(payer, currency)
      try checkTierInForce(payee, currency)
    }
    try checkDebitsNotFrozen(payer)
    try checkCreditsNotFrozen(payee)
    let debited = try debit(payer, amount)
    guard let credited = accounts[payee].balance.credited(by: amount) else {
      throw .balanceTooLarge(order.payee)
    }
    let request = operation.map { operation in
      PolicyRequest(
        operation: operation, amount: amount, currency: order.currency,
        payer: policyLeg(payer, balanceAfter: debited, currency: currency),
        payee: policyLeg(payee, balanceAfter: credited, currency: currency))
    }
    // The last check: what it permits it has counted, and nothing is refused from here on.
    if let request { try spend(request, currency: currency) }

    return post(payer, debited, payee, credited, amount, currency)
  }

  private func checkReference(
    _ reference: RTGSReference, of party: PartyNumber
  ) throws(Rejection) {
    guard !rtgsReferences.contains(reference, of: party) else { throw .referenceUsed(reference) }
    guard rtgsReferences.count(of: party) < bounds.rtgsReferencesPerParty else {
      throw .referencesFull(max: bounds.rtgsReferencesPerParty)
    }
  }

  @inline(__always)
  private mutating func spend(_ request: PolicyRequest, currency: Int) throws(Rejection) {
    switch currencies[currency].policy.decideAndCommit(request) {
    case .permit: return
    case .deny(let breach): throw .limitExceeded(breach)
    case .denyUnknownTier(let id):
      preconditionFailure("the tier of \(id) was checked before its limits")
    }
  }

  /// A wallet as the rules see it; other accounts have no limits.
  @inline(__always)
  private func policyLeg(_ slot: Int, balanceAfter: Balance, currency: Int) -> PolicyLeg? {
    guard accounts[slot].kind == .wallet, let tier = accounts[slot].tier else { return nil }
    return PolicyLeg(
      slot: slot, account: accounts[slot].id,
      tier: currencies[currency].policyTiers[Int(tier)], balanceAfter: balanceAfter)
  }

  @inline(__always)
  private func checked(_ asked: UInt64) throws(Rejection) -> Amount {
    guard asked > 0 else { throw .amountZero }
    guard let amount = Amount(minorUnits: asked) else { throw .amountTooLarge(asked) }
    return amount
  }

  /// Throws where the account is another participant's; that it exists is asked later.
  private func checkOwn(
    _ id: AccountID, in submission: AdmittedSubmission
  ) throws(Rejection) {
    guard let slot = slot(of: id) else { return }
    try checkOwn(slot, in: submission)
  }

  @inline(__always)
  private func checkOwn(
    _ slot: Int, in submission: AdmittedSubmission
  ) throws(Rejection) {
    guard accounts[slot].participant == submission.participant else {
      throw .actingForAnother(accounts[slot].id)
    }
  }

  /// The slot of an open account of that kind and currency.
  private func openAccount(
    _ id: AccountID, kind: AccountKind, currency: Int
  ) throws(Rejection) -> Int {
    let slot = try knownAccount(id)
    try checkOpen(slot)
    try checkKind(slot, kind)
    try checkCurrency(slot, currency)
    return slot
  }

  @inline(__always)
  private func knownAccount(_ id: AccountID) throws(Rejection) -> Int {
    guard let slot = slot(of: id) else { throw .accountUnknown(id) }
    return slot
  }

  @inline(__always)
  private func checkOpen(_ slot: Int) throws(Rejection) {
    guard !accounts[slot].isClosed else { throw .accountClosed(accounts[slot].id) }
  }

  @inline(__always)
  private func checkKind(_ slot: Int, _ kind: AccountKind) throws(Rejection) {
    guard accounts[slot].kind == kind else {
      throw .accountKind(accounts[slot].id, wanted: kind)
    }
  }

  @inline(__always)
  private func checkCurrency(_ slot: Int, _ currency: Int) throws(Rejection) {
    guard accounts[slot].currency == currency else {
      throw .currencyMismatch(accounts[slot].id, currencies[currency].currency.code)
    }
  }

  /// Where rules are active for the currency, a wallet that pays or is paid has a tier they know.
  @inline(__always)
  private func checkTierInForce(_ slot: Int, _ currency: Int) throws(Rejection) {
    guard let tier = accounts[slot].tier, currencies[currency].policyTiers[Int(tier)] == nil,
      currencies[currency].policy.active != nil
    else { return }
    throw .tierUnknown(tiers[Int(tier)])
  }

  @inline(__always)
  private func checkDebitsNotFrozen(_ slot: Int) throws(Rejection) {
    guard freeze(of: slot) == nil else { throw .accountFrozen(accounts[slot].id) }
  }

  @inline(__always)
  private func checkCreditsNotFrozen(_ slot: Int) throws(Rejection) {
    guard freeze(of: slot) != .refused else { throw .accountFrozen(accounts[slot].id) }
  }

  /// The account's freeze; for a settlement account, its participant's.
  @inline(__always)
  private func freeze(of slot: Int) -> FrozenCredits? {
    let account = accounts[slot]
    guard account.kind == .settlement, let participant = account.participant else {
      return account.freeze
    }
    return participants[participant].freeze
  }

  @inline(__always)
  private func debit(_ slot: Int, _ amount: Amount) throws(Rejection) -> Balance {
    let account = accounts[slot]
    guard account.available.minorUnits >= amount.minorUnits,
      let debited = account.balance.debited(by: amount)
    else {
      throw .insufficientFunds(
        account: account.id, available: account.available, required: amount)
    }
    return debited
  }

  /// Writes one balanced journal entry; nothing is refused from here on.
  @inline(__always)
  private mutating func post(
    _ payer: Int, _ debited: Balance, _ payee: Int, _ credited: Balance, _ amount: Amount,
    _ currency: Int
  ) -> Done {
    if accounts[payer].kind != .issuance {
      currencies[currency].held -= Int128(amount.minorUnits)
    }
    if accounts[payee].kind != .issuance {
      currencies[currency].held += Int128(amount.minorUnits)
    }
    return Done(debit: setBalance(payer, debited), credit: setBalance(payee, credited))
  }

  @inline(__always)
  private mutating func setBalance(_ slot: Int, _ balance: Balance) -> AccountEffect {
    let posting = PostingEffect(
      account: accounts[slot].id, balance: balance, previous: accounts[slot].lastSequence)
    accounts[slot].post(balance, at: nextSequence)
    return AccountEffect(slot: slot, posting: posting)
  }
}
