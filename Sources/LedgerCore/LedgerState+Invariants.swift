package import LedgerModel
import LedgerPolicy

extension LedgerState {
  /// Traps when a currency's running totals do not agree, since a wrong ledger must stop.
  ///
  /// Runs after each batch.
  ///
  /// - Complexity: O(currencies).
  package func checkTotals() {
    for state in currencies {
      let code = state.currency.code
      let issuance = Int128(accounts[state.issuanceSlot].balance.minorUnits)
      precondition(
        -issuance == state.outstanding,
        "\(code): the issuance account holds \(issuance), but \(state.outstanding) is outstanding")
      precondition(
        state.held == state.outstanding,
        "\(code): \(state.held) held, but \(state.outstanding) outstanding")
      precondition(state.redeemed >= 0, "\(code): redeemed is \(state.redeemed)")
      precondition(
        state.outstanding <= Int128(Balance.max.minorUnits),
        "\(code): outstanding is \(state.outstanding), above the maximum")
    }
  }

  /// Writes a balance past every check, so that a test can show that wrong books stop the ledger.
  package mutating func tamper(with slot: Int, balance: Balance) {
    accounts[slot].balance = balance
  }

  /// Traps when the books do not balance or an index disagrees.
  ///
  /// Runs after each step in tests and simulation, and at each opening in production.
  ///
  /// - Complexity: O(accounts + participants).
  package func checkInvariants() {
    checkTotals()
    var held = [Int128](repeating: 0, count: currencies.count)
    for (slot, account) in accounts.enumerated() {
      precondition(
        self.slot(of: account.id) == slot, "account \(account.id) is filed elsewhere")
      precondition(
        account.held >= .zero && (account.kind == .issuance || account.held <= account.balance),
        "account \(account.id) holds \(account.balance) and has \(account.held) set aside")
      precondition(
        !account.isClosed || account.balance == .zero, "closed \(account.id) holds money")
      precondition(
        (account.lastSequence == nil) == (account.entryCount == 0),
        "account \(account.id) counts \(account.entryCount) entries")
      if let last = account.lastSequence {
        precondition(last < nextSequence, "account \(account.id) is ahead of the log")
      }
      switch account.kind {
      case .issuance:
        precondition(account.balance <= .zero, "issuance \(account.id) is positive")
      case .settlement, .wallet:
        precondition(account.balance >= .zero, "account \(account.id) is overdrawn")
        held[account.currency] += Int128(account.balance.minorUnits)
      }
    }
    for (index, state) in currencies.enumerated() {
      precondition(
        held[index] == state.held,
        "\(state.currency.code): accounts hold \(held[index]), the running total \(state.held)")
      state.policy.checkInvariants()
    }
    precondition(slots.count == accounts.count, "an account is filed twice")
    precondition(
      shares.count == participants.count && shares.reduce(0) { $0 + $1.freeTiers } == freeTierCount,
      "\(shares.count) shares and \(freeTierCount) tiers brought in")
    for (index, participant) in participants.enumerated() {
      precondition(
        indexByParticipant[participant.id] == Int32(index),
        "participant \(participant.id) is filed elsewhere")
    }
  }
}
