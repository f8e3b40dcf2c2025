import LedgerCore
import LedgerLog
import LedgerModel

/// Which entries of a log said whose keys act, and which rules are in force.
struct PowersRegister {
  /// Of each key of a party: its registration first, then what changed it.
  private var keys: [PartyKey: [SequenceNumber]] = [:]
  /// What changed a participant as a whole.
  private var standings: [ParticipantID: [SequenceNumber]] = [:]
  /// The newest activation of each version of a pack.
  private var activations: [RulesName: SequenceNumber] = [:]

  private struct RulesName: Hashable {
    let currency: CurrencyCode
    let version: PackVersion
  }

  init(_ genesis: Genesis) {
    for officer in genesis.officers { note(officer.key, of: .issuer, at: .genesis) }
    for holder in genesis.recovery { note(holder.key, of: .recovery, at: .genesis) }
  }

  mutating func take(_ batch: SequencedBatch) {
    for case .submission(let sequenced) in batch.records {
      for (index, applied) in sequenced.applied.enumerated() where applied.outcome.isAccepted {
        take(sequenced.submission.instructions[index].instruction.operation, at: applied.sequence)
      }
    }
  }

  /// Entries that registered or changed a key, or its participant as a whole; ascending.
  func entries(of key: PublicKey, of party: Party) -> [SequenceNumber] {
    var entries = keys[PartyKey(party: party, key: key)] ?? []
    if case .participant(let id) = party { entries += standings[id] ?? [] }
    return entries.sorted()
  }

  /// The entry that put a version of a pack in force, in shadow, or on the way.
  func activation(of version: PackVersion, _ currency: CurrencyCode) -> SequenceNumber? {
    activations[RulesName(currency: currency, version: version)]
  }

  private mutating func take(_ operation: Operation, at sequence: SequenceNumber) {
    switch operation {
    case .admitParticipant(let order):
      for key in order.keys { note(key, of: .participant(order.participant), at: sequence) }
    case .registerKey(let order): note(order.key, of: order.party, at: sequence)
    case .rotateKey(let order):
      note(order.oldKey, of: order.party, at: sequence)
      note(order.newKey, of: order.party, at: sequence)
    case .suspendKey(let order), .reinstateKey(let order), .revokeKey(let order):
      note(order.key, of: order.party, at: sequence)
    case .replaceOfficers(let officers):
      // Those who are replaced end here too.
      for name in keys.keys.filter({ $0.party == .issuer }) { keys[name]?.append(sequence) }
      for key in officers where keys[PartyKey(party: .issuer, key: key)] == nil {
        note(key, of: .issuer, at: sequence)
      }
    case .suspendParticipant(let order), .reinstateParticipant(let order):
      standings[order.participant, default: []].append(sequence)
    case .activateRuleSet(let order):
      let name = RulesName(
        currency: order.ruleSet.currency, version: order.ruleSet.packVersion)
      activations[name] = sequence
    default: break
    }
  }

  private mutating func note(_ key: PublicKey, of party: Party, at sequence: SequenceNumber) {
    keys[PartyKey(party: party, key: key), default: []].append(sequence)
  }
}
