import LedgerModel

/// Which orders made a key its party's, and changed it or its participant's standing.
///
/// What they made of it is for `KeyRegistry` to say.
struct KeyHistory {
  private let key: PublicKey
  private let party: Party
  private(set) var registered: SequenceNumber?
  /// After the registration.
  private(set) var changes: [SequenceNumber] = []

  init(_ genesis: Genesis, of key: PublicKey, _ party: Party) {
    self.key = key
    self.party = party
    let holders: [Officer] =
      switch party {
      case .issuer: genesis.officers
      case .recovery: genesis.recovery
      case .participant: []
      }
    if holders.contains(where: { $0.key == key }) { registered = .genesis }
  }

  /// Takes on an accepted order, if it concerns the key.
  mutating func take(_ operation: LedgerModel.Operation, at sequence: SequenceNumber) {
    switch operation {
    case .admitParticipant(let order):
      if party == .participant(order.participant), order.keys.contains(key) { register(sequence) }
    case .registerKey(let order):
      if order.party == party, order.key == key { register(sequence) }
    case .rotateKey(let order):
      guard order.party == party else { return }
      if order.newKey == key { register(sequence) }
      if order.oldKey == key { change(sequence) }
    case .suspendKey(let order), .reinstateKey(let order), .revokeKey(let order):
      if order.party == party, order.key == key { change(sequence) }
    case .replaceOfficers(let officers):
      guard party == .issuer else { return }
      if officers.contains(key) { register(sequence) } else { change(sequence) }
    case .suspendParticipant(let order), .reinstateParticipant(let order):
      if party == .participant(order.participant) { change(sequence) }
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut, .freeze, .unfreeze,
      .issue, .activateRuleSet, .withdrawRuleSet, .confirmClock, .setParticipantAttribute,
      .registerCertificate, .revokeCertificate:
      break
    }
  }

  private mutating func register(_ sequence: SequenceNumber) {
    if registered == nil { registered = sequence }
  }

  /// Before its registration nothing changes a key.
  private mutating func change(_ sequence: SequenceNumber) {
    if registered != nil { changes.append(sequence) }
  }
}
