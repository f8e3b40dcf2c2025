package import LedgerModel
package import LedgerPolicy

/// What the rules say of one payment.
package struct RulesExplanation: Sendable {
  /// One reading a rule that looks at it, in the order of the sets and of their rules.
  package let readings: [RuleReading]
  package let decision: Decision
  /// In force, then in shadow.
  package let sets: [RuleSet]
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
    guard let (currency, request) = request(of: instruction, signers: signers) else { return nil }
    let policy = currencies[currency].policy
    return RulesExplanation(
      readings: policy.explain(request), decision: policy.decide(request),
      sets: policy.inForce + policy.inShadow)
  }

  private func request(
    of instruction: Instruction, signers: [PublicKey]
  ) -> (currency: Int, request: PolicyRequest)? {
    guard let payment = instruction.operation.movement,
      let currency = currencies.firstIndex(where: { $0.currency.code == payment.currency }),
      let amount = Amount(minorUnits: payment.amount)
    else { return nil }
    func leg(_ account: AccountID?, _ change: Int64) -> PolicyLeg? {
      guard let account, let slot = slot(of: account), accounts[slot].currency == currency,
        let participant = accounts[slot].participant,
        let after = Balance(minorUnits: accounts[slot].balance.minorUnits + change)
      else { return nil }
      return PolicyLeg(
        slot: slot, account: account, participant: participant,
        tier: accounts[slot].tier.map(Int.init), balanceAfter: after,
        isLinked: links[Int32(slot)] != nil)
    }
    let supplyChange: Int128 =
      switch payment.operation {
      case .issue: Int128(amount.minorUnits)
      case .redeem: -Int128(amount.minorUnits)
      case .fund, .pay, .cashOut, .settle: 0
      }
    let request = PolicyRequest(
      operation: payment.operation, amount: amount, channel: instruction.channel,
      purpose: instruction.purpose, signers: signers,
      payer: leg(payment.payer, -amount.minorUnits), payee: leg(payment.payee, amount.minorUnits),
      outstanding: currencies[currency].outstanding + supplyChange)
    let isComplete =
      (request.payer != nil) == (payment.payer != nil)
      && (request.payee != nil) == (payment.payee != nil)
    return isComplete ? (currency, request) : nil
  }

  /// Puts a rule set in force for a trial, in place of what the log's own orders say.
  ///
  /// From here on the state is no ledger's: orders about the set's pack, about the one that it
  /// supersedes, and about sets of format 1 are accepted and change nothing.
  ///
  /// - Parameter ruleSet: Valid, and of a currency of the ledger.
  /// - Throws: ``Rejection/currencyUnknown(_:)`` or ``Rejection/ruleSetsFull``.
  package mutating func tryOut(_ ruleSet: RuleSet) throws(Rejection) {
    let currency = try currencyIndex(ruleSet.currency)
    trial = ruleSet
    currencies[currency].policy.activate(
      ruleSet, from: nil, inShadow: false,
      over: Self.policyAccounts(accounts, currency: currency))
  }

  /// Whether an order about a set is one that a trial ignores.
  func isIgnored(_ pack: PackName, of code: CurrencyCode, format: Int) -> Bool {
    guard let trial, trial.currency == code else { return false }
    return trial.pack == pack || trial.supersedes?.pack == pack || format == 1
  }
}
