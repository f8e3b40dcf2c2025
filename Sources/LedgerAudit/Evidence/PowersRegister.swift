import LedgerCore
package import LedgerLog
package import LedgerModel
import MerkleLog

/// Which orders of a log said whose keys act, and which rules are in force.
package struct PowersRegister {
  /// An accepted order about keys or a participant's standing.
  private struct KeyOrder {
    let proof: OrderProof
    let operation: LedgerModel.Operation
    let party: Party
    let signers: [PublicKey]
  }

  private let genesis: Genesis
  /// Ascending.
  private var keyOrders: [KeyOrder] = []
  /// The newest activation of each version of a pack.
  private var activations: [RulesName: SequenceNumber] = [:]

  private struct RulesName: Hashable {
    let currency: CurrencyCode
    let version: PackVersion
  }

  package init(_ genesis: Genesis) { self.genesis = genesis }

  /// Takes on what was decided next.
  package mutating func take(_ batch: SequencedBatch) {
    for case .submission(let sequenced) in batch.records {
      for (index, applied) in sequenced.applied.enumerated() where applied.outcome.isAccepted {
        take(index, of: sequenced, at: applied.sequence)
      }
    }
  }

  /// The entries that made a key its party's and changed it since.
  func history(of key: PublicKey, _ party: Party) -> KeyHistory {
    var history = KeyHistory(genesis, of: key, party)
    for order in keyOrders { history.take(order.operation, at: order.proof.instruction) }
    return history
  }

  /// Finds the orders by which keys are their party's, back to the genesis.
  ///
  /// - Parameters:
  ///   - keys: Known to the party or not.
  ///   - party: Whose.
  /// - Returns: Where those orders are, ascending.
  /// - Complexity: O(orders about keys × keys that they lead to).
  package func proofs(of keys: [PublicKey], _ party: Party) -> [OrderProof] {
    var needed: Set<SequenceNumber> = []
    var waiting = keys.map { (key: $0, party: party, before: SequenceNumber(.max)) }
    while let (key, party, before) = waiting.popLast() {
      var history = KeyHistory(genesis, of: key, party)
      for order in keyOrders where order.proof.submission < before {
        history.take(order.operation, at: order.proof.instruction)
      }
      let entries = Set([history.registered].compactMap(\.self) + history.changes)
      for order in keyOrders
      where entries.contains(order.proof.instruction)
        && needed.insert(order.proof.instruction).inserted
      {
        waiting += order.signers.map { ($0, order.party, order.proof.submission) }
      }
    }
    return keyOrders.map(\.proof).filter { needed.contains($0.instruction) }
  }

  /// The entry that put a version of a pack in force, in shadow, or on the way.
  func activation(of version: PackVersion, _ currency: CurrencyCode) -> SequenceNumber? {
    activations[RulesName(currency: currency, version: version)]
  }

  private mutating func take(
    _ index: Int, of sequenced: SequencedSubmission, at sequence: SequenceNumber
  ) {
    let operation = sequenced.submission.instructions[index].instruction.operation
    switch operation {
    case .admitParticipant, .registerKey, .rotateKey, .suspendKey, .reinstateKey, .revokeKey,
      .replaceOfficers, .suspendParticipant, .reinstateParticipant:
      keyOrders.append(
        KeyOrder(
          proof: OrderProof(index, of: sequenced), operation: operation,
          party: sequenced.submission.statement.party,
          signers: sequenced.submission.signatures.map(\.key)))
    case .activateRuleSet(let order):
      let name = RulesName(
        currency: order.ruleSet.currency, version: order.ruleSet.packVersion)
      activations[name] = sequence
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut, .freeze, .unfreeze,
      .issue, .withdrawRuleSet, .confirmClock, .setParticipantAttribute,
      .registerCertificate, .revokeCertificate:
      break
    }
  }
}

extension OrderProof {
  /// Proves an instruction of a submission to be under its statement.
  init(_ index: Int, of sequenced: SequencedSubmission) {
    let leaves = sequenced.submission.instructionBytes.map { TreeHash.leaf($0) }
    guard let path = try? InclusionProof(index: UInt64(index), leaves: leaves) else {
      preconditionFailure("instruction \(index) of \(leaves.count)")
    }
    self.init(
      instruction: sequenced.applied[index].sequence, submission: sequenced.sequence,
      path: path.path)
  }
}
