extension Genesis {
  /// How many keys of a party must be on an order that it may give.
  ///
  /// - Parameters:
  ///   - operation: What is ordered.
  ///   - party: Who orders it; that it may is not looked at.
  /// - Returns: At least 1.
  public func quorum(for operation: Operation, of party: Party) -> Int {
    switch party {
    case .participant: return 1
    case .recovery: return max(1, quorums.recovery)
    case .issuer: break
    }
    switch operation {
    case .admitParticipant, .reinstateParticipant: return quorums.participants
    case .suspendParticipant, .confirmClock: return 1
    case .issue: return quorums.issuance
    case .freeze, .unfreeze: return quorums.freezes
    case .activateRuleSet, .withdrawRuleSet, .setParticipantAttribute: return quorums.rules
    case .registerKey, .rotateKey, .revokeKey, .reinstateKey: return quorums.keys
    // One officer alone suspends a participant's key, or his own.
    case .suspendKey, .replaceOfficers, .openWallet, .setWalletTier, .closeWallet,
      .setWalletAttribute,
      .linkAccount, .listPayee, .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay,
      .cashOut:
      return 1
    }
  }
}
