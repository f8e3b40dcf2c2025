package import LedgerModel
package import LedgerWire
import MerkleLog

/// What a file of evidence proves, once it has been checked.
package struct CheckedPayment: Hashable, Sendable {
  package let ledger: LedgerID
  package let genesis: Genesis
  package let checkpointSize: UInt64
  /// Names of the witnesses whose cosignatures hold.
  package let witnesses: [String]
  package let sequence: SequenceNumber
  package let time: LedgerTime
  package let party: Party
  package let instruction: Instruction
  package let outcome: LoggedOutcome
  package let signers: [CheckedSigner]
  /// What the order needed, and had.
  package let authority: Authority
  /// What the log key, or an attester whom the auditor named, says that the decision looked at.
  package let attestation: CheckedAttestation?
}

/// Who vouches for what the decision looked at.
package struct CheckedAttestation: Hashable, Sendable {
  package let key: PublicKey
  /// Whether it is the log's own.
  package let isOfLog: Bool
  package let decision: DecisionStatement
}

extension PaymentEvidence {
  /// Checks everything that the file says, back to the genesis.
  ///
  /// - Parameters:
  ///   - trust: What the auditor pins.
  ///   - attesters: Whose attestations he believes beside the log key's.
  /// - Returns: What is proven.
  /// - Throws: ``EvidenceFault``, of the first part that does not hold.
  /// - Complexity: O(entries · log size + signers · orders about keys), and a signature check a
  ///   signature.
  package func check(
    _ trust: AuditTrust, attesters: [PublicKey] = []
  ) throws(EvidenceFault) -> CheckedPayment {
    let verified = try log.verify(trust)
    let order = try OrderChecker.check(order, keyOrders: keyOrders, in: verified)
    try verified.checkAllNeeded(
      for: (keyOrders + [self.order]).flatMap { [$0.submission, $0.instruction] })
    return CheckedPayment(
      ledger: verified.ledger, genesis: verified.genesis,
      checkpointSize: verified.checkpoint.checkpoint.size,
      witnesses: verified.checkpoint.cosignatures.map(\.key.name.description),
      sequence: order.sequence, time: order.time, party: order.party,
      instruction: order.instruction, outcome: order.outcome, signers: order.signers,
      authority: order.authority,
      attestation: try attested(order, in: verified, attesters))
  }

  private func attested(
    _ order: CheckedOrder, in verified: VerifiedEntries, _ attesters: [PublicKey]
  ) throws(EvidenceFault) -> CheckedAttestation? {
    guard let attestation else { return nil }
    guard let key = attestation.onlySigner,
      let bytes = attestation.payload(ofType: DecisionStatement.payloadType, signedBy: key)
    else {
      throw EvidenceFault(.attestation, "the key that it names has not signed what is attested")
    }
    let isOfLog = key == verified.genesis.logKey
    guard isOfLog || attesters.contains(key) else {
      throw EvidenceFault(
        .attestation,
        "what is attested is signed by \(key), which is not the log key; if you trust its holder, "
          + "name it with --attester")
    }
    guard let decision = DecisionStatement(bytes: bytes),
      decision.agrees(with: order, on: verified.ledger)
    else {
      throw EvidenceFault(
        .attestation, "what is attested is not of the order, or of other keys than the file's")
    }
    return CheckedAttestation(key: key, isOfLog: isOfLog, decision: decision)
  }
}

extension DecisionStatement {
  /// Whether all that the file proves is said alike.
  fileprivate func agrees(with order: CheckedOrder, on ledger: LedgerID) -> Bool {
    self.ledger == ledger.description && entry == order.sequence.value
      && time == order.time.description && party == order.party.description
      && operation == order.instruction.operation.name
      && signers == order.signers.map { Signer($0) }
      && agrees(with: order.outcome)
  }

  private func agrees(with logged: LoggedOutcome) -> Bool {
    let said = (outcome, code, rule, pack, first)
    let proven: (String, String?, String?, String?, UInt64?) =
      switch logged {
      case .accepted, .remarked: ("accepted", nil, nil, nil, nil)
      case .rejected(let code, let rule, let pack):
        ("rejected", code.rawValue, rule?.text, pack?.text, nil)
      case .duplicate(let of): ("duplicate", nil, nil, nil, of.value)
      }
    return said == proven
  }
}

extension DecisionStatement.Signer {
  /// As it is said of a key that might sign.
  fileprivate init(_ signer: CheckedSigner) {
    key = signer.key.description
    entries = signer.entries.map(\.value)
    validFrom = signer.validFrom.description
    validUntil = signer.validUntil?.description
    standing = "active"
  }
}
