import LedgerModel
import LedgerPolicy

extension LedgerState {
  mutating func issue(
    _ order: Issue, _ instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let checked = try check(order, instruction, in: submission)
    let conditions = try spend(checked)

    rtgsReferences.insert(order.rtgsReference, of: submission.partyNumber)
    currencies[checked.currency].issued += Int128(checked.amount.minorUnits)
    return post(checked, conditions)
  }

  mutating func redeem(
    _ order: Redeem, _ instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) -> Done {
    let checked = try check(order, instruction, in: submission)
    let conditions = try spend(checked)

    rtgsReferences.insert(order.rtgsReference, of: submission.partyNumber)
    currencies[checked.currency].redeemed += Int128(checked.amount.minorUnits)
    return post(checked, conditions)
  }

  /// Moves money between two accounts of participants, within the limits.
  ///
  /// What it calls is inlined, always: to a method that does not mutate, the compiler hands a copy
  /// of the state, whose 400 bytes were copied a dozen times a payment.
  mutating func transfer(
    _ order: Transfer, _ instruction: Instruction, as operation: Measure.Operation,
    in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> Done {
    let checked = try check(order, instruction, as: operation, in: submission, located)
    let conditions = try spend(checked)

    guard checked.draw > 0 || conditions.sweep > 0 else { return post(checked, conditions) }
    return postCascade(
      checked.payer, checked.payee, checked.amount, draw: checked.draw, checked.currency,
      conditions)
  }

  /// What the ledger would decide now of a movement of money, which it does not make.
  ///
  /// - Returns: What rules have to say of it; `nil` where the instruction moves no money.
  /// - Throws: The rejection that the order would get.
  mutating func remarks(
    ofDryRun instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) -> [Remark]? {
    let checked: CheckedMovement
    switch instruction.operation {
    case .issue(let order): checked = try check(order, instruction, in: submission)
    case .redeem(let order): checked = try check(order, instruction, in: submission)
    case .settle(let order):
      checked = try check(order, instruction, as: .settle, in: submission, .unknown)
    case .fund(let order):
      checked = try check(order, instruction, as: .fund, in: submission, .unknown)
    case .pay(let order):
      checked = try check(order, instruction, as: .pay, in: submission, .unknown)
    case .cashOut(let order):
      checked = try check(order, instruction, as: .cashOut, in: submission, .unknown)
    default: return nil
    }
    return try Self.conditions(
      of: currencies[checked.currency].policy.decide(checked.request)
    ).remarks
  }

  @inline(__always)
  private mutating func check(
    _ order: Issue, _ instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) -> CheckedMovement {
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
    return CheckedMovement(
      payer: payer, debited: debited, payee: payee, credited: credited, amount: amount,
      currency: currency, draw: 0,
      request: policyRequest(
        .issue, amount, instruction, signers: submission.signers, payer: nil,
        payee: Moved(payee, to: credited), currency))
  }

  @inline(__always)
  private mutating func check(
    _ order: Redeem, _ instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) -> CheckedMovement {
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
    return CheckedMovement(
      payer: payer, debited: debited, payee: payee, credited: credited, amount: amount,
      currency: currency, draw: 0,
      request: policyRequest(
        .redeem, amount, instruction, signers: submission.signers,
        payer: Moved(payer, to: debited), payee: nil, currency))
  }

  @inline(__always)
  private mutating func check(
    _ order: Transfer, _ instruction: Instruction, as operation: Measure.Operation,
    in submission: AdmittedSubmission, _ located: TransferSlots
  ) throws(Rejection) -> CheckedMovement {
    let kinds = operation.kinds
    // Between a participant's own settlement account and its own customers.
    if operation == .fund || operation == .cashOut {
      try checkOwn(order.payer, in: submission)
      try checkOwn(order.payee, in: submission)
    }
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
    try checkKind(payer, kinds.payer)
    try checkKind(payee, kinds.payee)
    try checkCurrency(payer, currency)
    try checkCurrency(payee, currency)
    guard payer != payee else { throw .sameAccount(order.payer) }
    try checkTierInForce(payer, currency)
    try checkTierInForce(payee, currency)
    try checkDebitsNotFrozen(payer)
    try checkCreditsNotFrozen(payee)
    let draw = shortfall(of: payer, amount, currency, in: operation)
    let debited = try debit(payer, amount, drawing: draw)
    guard let credited = accounts[payee].balance.credited(by: amount) else {
      throw .balanceTooLarge(order.payee)
    }
    return CheckedMovement(
      payer: payer, debited: debited, payee: payee, credited: credited, amount: amount,
      currency: currency, draw: draw,
      request: policyRequest(
        operation, amount, instruction, signers: submission.signers,
        payer: Moved(payer, to: debited), payee: Moved(payee, to: credited), currency, draw: draw))
  }

  private func checkReference(
    _ reference: RTGSReference, of party: PartyNumber
  ) throws(Rejection) {
    guard !rtgsReferences.contains(reference, of: party) else { throw .referenceUsed(reference) }
    guard rtgsReferences.count(of: party) < bounds.rtgsReferencesPerParty else {
      throw .referencesFull(max: bounds.rtgsReferencesPerParty)
    }
  }

  /// Asks the rules, which count what they permit: the last check, after which nothing is refused.
  @inline(__always)
  private mutating func spend(_ checked: CheckedMovement) throws(Rejection) -> Conditions {
    try Self.conditions(
      of: currencies[checked.currency].policy.decideAndCommit(checked.request))
  }

  @inline(__always)
  private static func conditions(of decision: Decision) throws(Rejection) -> Conditions {
    switch decision {
    case .permit: return Conditions()
    case .permitWith(let conditions): return conditions
    case .deny(let breach): throw .limitExceeded(breach)
    case .denyUnknownTier(let id):
      preconditionFailure("the tier of \(id) was checked before its limits")
    }
  }

  /// What the rules are asked about a payment: said here alone, for deciding and for explaining.
  ///
  /// Payer or payee is `nil` for the issuance account; the draw is what ``shortfall(of:_:_:in:)``
  /// says.
  @inline(__always)
  mutating func policyRequest(
    _ operation: Measure.Operation, _ amount: Amount, _ instruction: Instruction,
    signers: [PublicKey], payer: Moved?, payee: Moved?, _ currency: Int, draw: UInt64 = 0
  ) -> PolicyRequest {
    var payerLeg: PolicyLeg?
    if let payer { payerLeg = policyLeg(payer.slot, balanceAfter: payer.balance) }
    var payeeLeg: PolicyLeg?
    if let payee {
      // Apart: within the call it would change a state of which the call already holds a copy.
      let isLinked = isLinkOpen(of: payee.slot, currency)
      payeeLeg = policyLeg(payee.slot, balanceAfter: payee.balance, isLinked: isLinked)
    }
    let supplyChange: Int128 =
      switch operation {
      case .issue: Int128(amount.minorUnits)
      case .redeem: -Int128(amount.minorUnits)
      case .fund, .pay, .cashOut, .settle: 0
      }
    return PolicyRequest(
      operation: operation, amount: amount, channel: instruction.channel,
      purpose: instruction.purpose, signers: signers, payer: payerLeg, payee: payeeLeg,
      outstanding: currencies[currency].outstanding + supplyChange, draw: draw)
  }

  /// An account as the rules see it.
  @inline(__always)
  private func policyLeg(
    _ slot: Int, balanceAfter: Balance, isLinked: Bool = false
  ) -> PolicyLeg {
    PolicyLeg(
      slot: slot, account: accounts[slot].id, participant: accounts[slot].participant ?? 0,
      tier: accounts[slot].tier.map(Int.init), balanceAfter: balanceAfter, isLinked: isLinked)
  }

  /// Whether a waterfall may send what the wallet may not hold to its linked account.
  @inline(__always)
  private mutating func isLinkOpen(of wallet: Int, _ currency: Int) -> Bool {
    guard !links.isEmpty, currencies[currency].policy.hasWaterfall(),
      let linked = links[Int32(wallet)]
    else { return false }
    return freeze(of: Int(linked)) != .refused
  }

  /// What a payer's wallet lacks and its linked account gives; zero where it gives nothing.
  @inline(__always)
  mutating func shortfall(
    of payer: Int, _ amount: Amount, _ currency: Int, in operation: Measure.Operation
  ) -> UInt64 {
    let lacking = amount.minorUnits - accounts[payer].available.minorUnits
    guard operation == .pay, lacking > 0, currencies[currency].policy.hasWaterfall(),
      let linked = links[Int32(payer)].map(Int.init), freeze(of: linked) == nil,
      accounts[linked].available.minorUnits >= lacking,
      currencies[currency].policy.drawsShortfall(
        for: policyLeg(payer, balanceAfter: accounts[payer].balance))
    else { return 0 }
    return UInt64(lacking)
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
  private mutating func checkTierInForce(_ slot: Int, _ currency: Int) throws(Rejection) {
    guard let tier = accounts[slot].tier, !currencies[currency].policy.takesTier(at: Int(tier))
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
  private func debit(
    _ slot: Int, _ amount: Amount, drawing draw: UInt64 = 0
  ) throws(Rejection) -> Balance {
    let account = accounts[slot]
    guard account.available.minorUnits + Int64(draw) >= amount.minorUnits,
      let debited = Balance(
        minorUnits: account.balance.minorUnits + Int64(draw) - amount.minorUnits)
    else {
      throw .insufficientFunds(
        account: account.id, available: account.available, required: amount)
    }
    return debited
  }

  /// Writes one balanced journal entry; nothing is refused from here on.
  @inline(__always)
  private mutating func post(_ checked: CheckedMovement, _ conditions: Conditions) -> Done {
    if accounts[checked.payer].kind != .issuance {
      currencies[checked.currency].held -= Int128(checked.amount.minorUnits)
    }
    if accounts[checked.payee].kind != .issuance {
      currencies[checked.currency].held += Int128(checked.amount.minorUnits)
    }
    return Done(
      debit: setBalance(checked.payer, checked.debited),
      credit: setBalance(checked.payee, checked.credited),
      remarks: conditions.remarks)
  }

  /// Writes the journal entry of a payment between wallets for which linked accounts give what the
  /// payer lacks, or take what the payee may not hold: one posting an account.
  private mutating func postCascade(
    _ payer: Int, _ payee: Int, _ amount: Amount, draw: UInt64, _ currency: Int,
    _ conditions: Conditions
  ) -> Done {
    let drawn = Int64(draw)
    let swept = Int64(conditions.sweep)
    var changes = [
      (slot: payer, change: drawn - amount.minorUnits),
      (slot: payee, change: amount.minorUnits - swept),
    ]
    func add(_ change: Int64, to slot: Int) {
      guard change != 0 else { return }
      if let known = changes.firstIndex(where: { $0.slot == slot }) {
        changes[known].change += change
      } else {
        changes.append((slot, change))
      }
    }
    if drawn > 0, let linked = links[Int32(payer)] { add(-drawn, to: Int(linked)) }
    if swept > 0, let linked = links[Int32(payee)] { add(swept, to: Int(linked)) }
    precondition(changes.reduce(0) { $0 + $1.change } == 0, "a cascade makes or loses money")
    let effects = changes.map { slot, change in
      // Within bounds: nothing passes what is outstanding, and the draw was checked.
      guard let balance = Balance(minorUnits: accounts[slot].balance.minorUnits + change) else {
        preconditionFailure("account \(accounts[slot].id) cannot change by \(change)")
      }
      return setBalance(slot, balance)
    }
    return Done(
      debit: effects[0], credit: effects[1], cascade: Array(effects.dropFirst(2)),
      remarks: conditions.remarks)
  }

  @inline(__always)
  private mutating func setBalance(_ slot: Int, _ balance: Balance) -> AccountEffect {
    let posting = PostingEffect(
      account: accounts[slot].id, balance: balance, previous: accounts[slot].lastSequence)
    accounts[slot].post(balance, at: nextSequence)
    return AccountEffect(slot: slot, posting: posting)
  }
}

/// An account, and what it would hold after a payment.
struct Moved {
  let slot: Int
  let balance: Balance

  init(_ slot: Int, to balance: Balance) {
    self.slot = slot
    self.balance = balance
  }
}

/// A movement of money that every check lets pass but the rules', and what they are to be asked.
struct CheckedMovement {
  let payer: Int
  let debited: Balance
  let payee: Int
  let credited: Balance
  let amount: Amount
  let currency: Int
  /// Minor units that the payer's linked account gives beforehand.
  let draw: UInt64
  let request: PolicyRequest
}

extension Measure.Operation {
  /// Between which accounts money is moved.
  @inline(__always)
  fileprivate var kinds: (payer: AccountKind, payee: AccountKind) {
    switch self {
    case .issue: (.issuance, .settlement)
    case .redeem: (.settlement, .issuance)
    case .settle: (.settlement, .settlement)
    case .fund: (.settlement, .wallet)
    case .pay: (.wallet, .wallet)
    case .cashOut: (.wallet, .settlement)
    }
  }
}
