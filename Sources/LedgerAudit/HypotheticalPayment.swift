import LedgerCore
package import LedgerModel

/// A payment that nobody has ordered, to ask what would become of it.
package struct HypotheticalPayment: Sendable {
  package enum Order: Hashable, Sendable {
    case given(Operation)
    /// Of a wallet, from the settlement account of the wallet's own participant.
    case funding(AccountID, amount: UInt64, CurrencyCode)
    /// Of a wallet, to the settlement account of the wallet's own participant.
    case cashingOut(AccountID, amount: UInt64, CurrencyCode)
  }

  package let id: InstructionID
  package let order: Order
  package let purpose: Purpose
  package let channel: Channel
  /// Whose keys have signed it, for rules that ask for signatures of a group.
  package let signers: [PublicKey]

  package init(
    _ order: Order, id: InstructionID, purpose: Purpose = Purpose(unchecked: ""),
    channel: Channel = Channel(unchecked: ""), signers: [PublicKey] = []
  ) {
    self.id = id
    self.order = order
    self.purpose = purpose
    self.channel = channel
    self.signers = signers
  }

  /// Returns the instruction that would be given on a ledger.
  ///
  /// - Throws: ``HistoryError/noAccount(_:at:)``, and ``HistoryError/noParticipants(_:)`` of an
  ///   issuance account, which no party may name.
  func instruction(on state: LedgerState) throws(HistoryError) -> Instruction {
    let operation = try operation(on: state)
    let payment = operation.movement
    for account in [payment?.payer, payment?.payee].compactMap(\.self) {
      guard let found = state.account(account) else { throw .noAccount(account, at: state.time) }
      guard found.participant != nil else { throw .noParticipants(account) }
    }
    return Instruction(
      id: id, operation: operation, purpose: purpose, channel: channel)
  }

  private func operation(on state: LedgerState) throws(HistoryError) -> Operation {
    func settlementAccount(of wallet: AccountID) throws(HistoryError) -> AccountID {
      guard state.account(wallet) != nil else { throw .noAccount(wallet, at: state.time) }
      guard let account = state.settlementAccount(besides: wallet) else {
        throw .noParticipants(wallet)
      }
      return account
    }
    switch order {
    case .given(let operation): return operation
    case .funding(let wallet, let amount, let currency):
      return .fund(
        Transfer(
          payer: try settlementAccount(of: wallet), payee: wallet, amount: amount,
          currency: currency))
    case .cashingOut(let wallet, let amount, let currency):
      return .cashOut(
        Transfer(
          payer: wallet, payee: try settlementAccount(of: wallet), amount: amount,
          currency: currency))
    }
  }
}
