/// Whether a party may give an order, and how many of its keys must be on it.
public enum Authority: Hashable, Sendable {
  /// Another party's to give.
  case none
  /// That many distinct keys, of which so many are on it that count.
  case keys(required: Int, counted: Int)

  /// Whether enough have signed.
  public var isGranted: Bool {
    switch self {
    case .none: false
    case .keys(let required, let counted): counted >= required
    }
  }
}

extension Genesis {
  /// Who may give an order: authority is refused unless granted.
  ///
  /// Whether the party is suspended, and what else the state decides, is not looked at.
  ///
  /// - Parameters:
  ///   - operation: What is ordered.
  ///   - party: Who orders it.
  ///   - signers: Keys of the party that are on it, distinct.
  /// - Returns: What it needs, and has.
  /// - Complexity: O(signers).
  public func authority(
    for operation: Operation, of party: Party, signers: [PublicKey]
  ) -> Authority {
    let signed = signers.count
    switch operation {
    case .admitParticipant, .reinstateParticipant:
      return issuer(quorums.participants, signed, party)
    case .suspendParticipant, .confirmClock: return issuer(1, signed, party)
    case .issue: return issuer(quorums.issuance, signed, party)
    case .freeze, .unfreeze: return issuer(quorums.freezes, signed, party)
    case .activateRuleSet, .withdrawRuleSet, .setParticipantAttribute:
      return issuer(quorums.rules, signed, party)
    case .registerCertificate(let order):
      return certificateOrder(of: order.reader, issuer: quorums.keys, party, signed)
    case .revokeCertificate(let order):
      return certificateOrder(of: order.reader, issuer: 1, party, signed)
    case .replaceOfficers:
      return party == .recovery ? .keys(required: quorums.recovery, counted: signed) : .none
    case .registerKey(let order): return keyOrder(of: order.party, nil, party, signers)
    case .rotateKey(let order): return keyOrder(of: order.party, nil, party, signers)
    case .revokeKey(let order): return keyOrder(of: order.party, order.key, party, signers)
    case .suspendKey(let order):
      // One officer alone suspends a participant's key or his own; another officer's needs the
      // quorum. Contains, not equals: more signatures never have less authority.
      let isOwnKey = signers.contains(order.key) && party == order.party
      let isParticipantsKey = if case .participant = order.party { true } else { false }
      if isOwnKey || (isParticipantsKey && party == .issuer) {
        return .keys(required: 1, counted: signed)
      }
      return keyOrder(of: order.party, order.key, party, signers)
    case .reinstateKey(let order):
      // Lifting always needs the quorum, whoever suspended, and the key itself does not count:
      // suspended by the instruction before, it is still among the signers.
      let others = signers.count { $0 != order.key }
      if order.party == .recovery {
        return party == .recovery ? .keys(required: quorums.recovery, counted: others) : .none
      }
      return issuer(quorums.keys, others, party)
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut:
      if case .participant = party { return .keys(required: 1, counted: signed) }
      return .none
    }
  }

  /// A participant orders about its own keys; officers, by quorum, about their own and any
  /// participant's; the recovery keys about themselves.
  ///
  /// The key concerned does not count towards the quorum on itself.
  private func keyOrder(
    of subject: Party, _ concerned: PublicKey?, _ party: Party, _ signers: [PublicKey]
  ) -> Authority {
    let signed = signers.count { $0 != concerned }
    switch subject {
    case .participant:
      if party == subject { return .keys(required: 1, counted: signers.count) }
      return issuer(quorums.keys, signed, party)
    case .issuer: return issuer(quorums.keys, signed, party)
    case .recovery:
      return party == .recovery ? .keys(required: quorums.recovery, counted: signed) : .none
    }
  }

  /// A participant orders about its own certificates; officers, about all.
  private func certificateOrder(
    of reader: Reader, issuer quorum: Int, _ party: Party, _ signed: Int
  ) -> Authority {
    if case .participant(let id) = reader, party == .participant(id) {
      return .keys(required: 1, counted: signed)
    }
    return issuer(quorum, signed, party)
  }

  private func issuer(_ quorum: Int, _ signed: Int, _ party: Party) -> Authority {
    party == .issuer ? .keys(required: quorum, counted: signed) : .none
  }
}
