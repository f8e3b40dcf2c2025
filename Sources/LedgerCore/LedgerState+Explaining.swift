package import LedgerModel
package import LedgerPolicy

/// What the rules say of one payment.
package struct RulesExplanation: Sendable {
  /// One reading a rule that looks at it, in the order of the sets and of their rules.
  package let readings: [RuleReading]
  package let decision: Decision
  /// Minor units that the payer's linked account gives beforehand.
  package let draw: UInt64
  /// In force, then in shadow.
  package let sets: [RuleSet]

  /// Whether the ledger's answer to the payment may follow from the decision.
  package func agrees(with outcome: Outcome) -> Bool {
    switch outcome {
    case .accepted: remarks == []
    case .remarked(let remarks): self.remarks == remarks
    case .rejected(.limitExceeded(let breach)): decision == .deny(breach)
    // What else refuses does so before the rules are asked.
    case .rejected, .duplicate: true
    }
  }

  /// Whether the ledger's answer comes from the rules, or something else decided before they were
  /// asked.
  package func decides(_ outcome: Outcome) -> Bool {
    switch outcome {
    case .accepted, .remarked, .rejected(.limitExceeded): true
    case .rejected(.tierUnknown): if case .denyUnknownTier = decision { true } else { false }
    case .rejected, .duplicate: false
    }
  }

  /// Of a payment that is permitted.
  private var remarks: [Remark]? {
    switch decision {
    case .permit: []
    case .permitWith(let conditions): conditions.remarks
    case .deny, .denyUnknownTier: nil
    }
  }
}

extension LedgerState {
  /// Says what each rule has to say about a payment now, whether the ledger would accept it or not.
  ///
  /// - Parameters:
  ///   - instruction: Moves money between accounts that exist; others have nothing to explain.
  ///   - signers: Who signs it.
  /// - Returns: `nil` where it moves no money between accounts that exist.
  /// - Complexity: O(rules).
  package func explain(_ instruction: Instruction, signers: [PublicKey]) -> RulesExplanation? {
    var copy = self
    guard let (currency, request) = copy.request(of: instruction, signers: signers) else {
      return nil
    }
    let policy = currencies[currency].policy
    return RulesExplanation(
      readings: policy.explain(request), decision: policy.decide(request), draw: request.draw,
      sets: policy.inForce + policy.inShadow)
  }

  /// What the rules would be asked, also where something else refuses before.
  private mutating func request(
    of instruction: Instruction, signers: [PublicKey]
  ) -> (currency: Int, request: PolicyRequest)? {
    guard let payment = instruction.operation.movement,
      let currency = currencies.firstIndex(where: { $0.currency.code == payment.currency }),
      let amount = Amount(minorUnits: payment.amount)
    else { return nil }
    var payer: Moved?
    var draw: UInt64 = 0
    if let account = payment.payer {
      guard let slot = participantsAccount(account, currency) else { return nil }
      draw = shortfall(of: slot, amount, currency, in: payment.operation)
      let change = Int64(draw) - amount.minorUnits
      guard let moved = moved(slot, by: change) else { return nil }
      payer = moved
    }
    var payee: Moved?
    if let account = payment.payee {
      guard let slot = participantsAccount(account, currency),
        let moved = moved(slot, by: amount.minorUnits)
      else { return nil }
      payee = moved
    }
    let request = policyRequest(
      payment.operation, amount, instruction, signers: signers, payer: payer, payee: payee,
      currency, draw: draw)
    return (currency, request)
  }

  private func participantsAccount(_ account: AccountID, _ currency: Int) -> Int? {
    guard let slot = slot(of: account), accounts[slot].currency == currency,
      accounts[slot].participant != nil
    else { return nil }
    return slot
  }

  private func moved(_ slot: Int, by change: Int64) -> Moved? {
    Balance(minorUnits: accounts[slot].balance.minorUnits + change).map { Moved(slot, to: $0) }
  }

  /// What the ledger would answer now to a payment that nobody has ordered.
  ///
  /// It is decided as every payment is, on a copy of the books, and as if whoever holds the paying
  /// account, or the issuer, had ordered it with the authority for it.
  ///
  /// - Parameters:
  ///   - instruction: From and to accounts of participants.
  ///   - signers: Whose keys have signed it, for rules that ask for signatures of a group.
  /// - Returns: `nil` where the instruction moves no money.
  package func outcome(
    ofHypothetical instruction: Instruction, signers: [PublicKey] = []
  ) -> Outcome? {
    guard let payment = instruction.operation.movement else { return nil }
    var copy = self
    do throws(Rejection) {
      let participant = payment.payer.flatMap { account($0)?.participant }
      if let participant, participants[participant].isSuspended {
        throw .participantSuspended(participants[participant].id)
      }
      guard let done = try copy.perform(instruction, asParticipant: participant, signers)
      else {
        return nil
      }
      return done.remarks.isEmpty ? .accepted : .remarked(done.remarks)
    } catch {
      return .rejected(error)
    }
  }

  /// The settlement account, of an account's currency, of the participant that holds the account.
  ///
  /// - Returns: `nil` where there is none, or no such account.
  package func settlementAccount(besides account: AccountID) -> AccountID? {
    guard let slot = slot(of: account), let participant = accounts[slot].participant,
      let settlement = participants[participant].settlementSlots[accounts[slot].currency]
    else { return nil }
    return accounts[settlement].id
  }

  private mutating func perform(
    _ instruction: Instruction, asParticipant participant: Int?, _ signers: [PublicKey]
  ) throws(Rejection) -> Done? {
    let party = participant.map { Party.participant(participants[$0].id) } ?? .issuer
    let submission = AdmittedSubmission(
      sequence: nextSequence, party: party, participant: participant, signers: signers,
      partyNumber: PartyNumber(party, participant: participant),
      horizonMicroseconds: genesis.parameters.horizonMicroseconds(of: party))
    switch instruction.operation {
    case .issue(let order): return try issue(order, instruction, in: submission)
    case .redeem(let order): return try redeem(order, instruction, in: submission)
    case .settle(let order):
      return try transfer(order, instruction, as: .settle, in: submission, .unknown)
    case .fund(let order):
      return try transfer(order, instruction, as: .fund, in: submission, .unknown)
    case .pay(let order):
      return try transfer(order, instruction, as: .pay, in: submission, .unknown)
    case .cashOut(let order):
      return try transfer(order, instruction, as: .cashOut, in: submission, .unknown)
    default: return nil
    }
  }

  /// Puts a rule set in force for a trial, in place of what the log's own orders say.
  ///
  /// From here on the state is no ledger's: sets of the set's pack, of the pack that it supersedes
  /// and of format 1 are gone, and orders about them are accepted and change nothing.
  ///
  /// - Parameter ruleSet: Valid, and of a currency of the ledger. It is in force at once, whatever
  ///   it says of its own beginning, and beside as many others as there are.
  /// - Throws: ``Rejection/currencyUnknown(_:)``.
  package mutating func tryOut(_ ruleSet: RuleSet) throws(Rejection) {
    let currency = try currencyIndex(ruleSet.currency)
    currencies[currency].policy.tryOut(
      ruleSet, over: Self.policyAccounts(accounts, currency: currency))
  }

  /// Whether an order about a set is one that a trial ignores.
  func isIgnored(_ pack: PackName, of code: CurrencyCode, format: Int) -> Bool {
    currencies.contains {
      $0.currency.code == code && $0.policy.standsIn(for: pack, format: format)
    }
  }
}
