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
  /// Each with the entries that registered or changed it, as far as the file has them.
  package let signers: [CheckedSigner]
  /// How many keys had to sign.
  package let quorum: Int
  package let attestation: CheckedAttestation
}

/// A key that signed an order.
package struct CheckedSigner: Hashable, Sendable {
  package let key: PublicKey
  /// The first registered it for the party; the others changed it, or its participant.
  package let entries: [SequenceNumber]
}

/// Who vouches for what the decision looked at.
package enum CheckedAttestation: Hashable, Sendable {
  case byTheLog(DecisionStatement)
  /// By another key, which the auditor must know.
  case by(PublicKey, DecisionStatement)
  case none
}

extension PaymentEvidence {
  /// Checks everything that the file says.
  ///
  /// - Parameter trust: What the auditor pins.
  /// - Returns: What is proven.
  /// - Throws: ``EvidenceFault``, of the first part that does not hold.
  /// - Complexity: O(entries · log size), and a signature check a signature.
  package func check(_ trust: AuditTrust) throws(EvidenceFault) -> CheckedPayment {
    let verified = try log.verify(trust)
    let entry = try verified.entry(instruction)
    guard case .instruction(let bytes, let outcome) = entry.body else {
      throw EvidenceFault(.form, "entry \(instruction) is no instruction's")
    }
    let (statement, signatures) = try statement(in: verified, of: bytes)
    let order: Instruction
    do {
      order = try Instruction(canonicalBytes: bytes)
    } catch {
      throw EvidenceFault(.statement, "the instruction does not decode: \(error)")
    }
    let signers = try signatures.map { signature throws(EvidenceFault) in
      try signer(signature.key, of: statement.party, in: verified)
    }
    let quorum = verified.genesis.quorum(for: order.operation, of: statement.party)
    // A refusal may be for want of signatures.
    guard !outcome.isAccepted || signers.count >= quorum else {
      throw EvidenceFault(
        .authority, "\(signers.count) keys signed, and \(quorum) of \(statement.party) must")
    }
    return CheckedPayment(
      ledger: verified.ledger, genesis: verified.genesis,
      checkpointSize: verified.checkpoint.checkpoint.size,
      witnesses: verified.checkpoint.cosignatures.map(\.key.name.description),
      sequence: instruction, time: entry.time, party: statement.party, instruction: order,
      outcome: outcome, signers: signers, quorum: quorum,
      attestation: try attested(of: verified, statement.party, outcome))
  }

  private func statement(
    in verified: VerifiedEntries, of instructionBytes: [UInt8]
  ) throws(EvidenceFault) -> (Statement, [StatementSignature]) {
    guard case .submission(let bytes, let signatures) = try verified.entry(submission).body else {
      throw EvidenceFault(.form, "entry \(submission) is no submission")
    }
    let statement: Statement
    do {
      statement = try Statement(canonicalBytes: bytes)
    } catch {
      throw EvidenceFault(.statement, "the statement does not decode: \(error)")
    }
    guard statement.ledger == verified.ledger else {
      throw EvidenceFault(.statement, "the statement is for another ledger, \(statement.ledger)")
    }
    guard instruction > submission,
      instruction.value - submission.value <= UInt64(statement.count)
    else {
      throw EvidenceFault(
        .statement, "entry \(instruction) is none of the \(statement.count) of its submission")
    }
    do throws(ProofError) {
      let proof = try InclusionProof(
        index: instruction.value - submission.value - 1, treeSize: UInt64(statement.count),
        path: path)
      try proof.verify(leaf: TreeHash.leaf(instructionBytes), root: statement.root.digest)
    } catch {
      throw EvidenceFault(.statement, "the order is not under what was signed: \(error)")
    }
    let message = DSSE.preAuthenticationEncoding(type: DSSE.statementType, payload: bytes)
    for signature in signatures
    where !Ed25519.isValid(signature.signature, on: message, by: signature.key) {
      throw EvidenceFault(.signature, "the signature by key \(signature.key) does not hold")
    }
    guard !signatures.isEmpty, Set(signatures.map(\.key)).count == signatures.count else {
      throw EvidenceFault(.signature, "the statement is not signed by distinct keys")
    }
    return (statement, signatures)
  }

  /// Finds the entry that registered a key, and those that changed it.
  private func signer(
    _ key: PublicKey, of party: Party, in verified: VerifiedEntries
  ) throws(EvidenceFault) -> CheckedSigner {
    var found: [SequenceNumber] = []
    var isRegistered = false
    for entry in verified.entries where entry.sequence < submission {
      guard let change = KeyChange(entry, verified.genesis, of: key, party) else { continue }
      isRegistered = isRegistered || change == .registered
      found.append(entry.sequence)
    }
    guard isRegistered else {
      throw EvidenceFault(
        .authority, "no entry in the file registers key \(key) for \(party) before the order")
    }
    return CheckedSigner(key: key, entries: found)
  }

  private func attested(
    of verified: VerifiedEntries, _ party: Party, _ outcome: LoggedOutcome
  ) throws(EvidenceFault) -> CheckedAttestation {
    guard let attestation else { return .none }
    // Of which key the signature is, is looked at once it holds.
    guard let key = attestation.onlySigner,
      let bytes = attestation.payload(ofType: DecisionStatement.payloadType, signedBy: key)
    else {
      throw EvidenceFault(.attestation, "the key that it names has not signed what is attested")
    }
    guard let statement = DecisionStatement(bytes: bytes),
      statement.ledger == verified.ledger.description,
      statement.entry == instruction.value, statement.party == party.description,
      statement.agrees(with: outcome)
    else {
      throw EvidenceFault(.attestation, "what is attested is of something else than the order")
    }
    return key == verified.genesis.logKey ? .byTheLog(statement) : .by(key, statement)
  }
}

extension DecisionStatement {
  fileprivate func agrees(with logged: LoggedOutcome) -> Bool {
    switch logged {
    case .accepted, .remarked: outcome == "accepted"
    case .rejected(let rejected, let of, let set):
      outcome == "rejected" && code == rejected.rawValue && rule == of?.text && pack == set?.text
    case .duplicate(let of): outcome == "duplicate" && first == of.value
    }
  }
}

/// What an entry did to a key.
private enum KeyChange {
  case registered
  case changed

  /// `nil` where it did nothing to it.
  init?(_ entry: LogEntry, _ genesis: Genesis, of key: PublicKey, _ party: Party) {
    switch entry.body {
    case .genesis:
      let holders =
        switch party {
        case .issuer: genesis.officers
        case .recovery: genesis.recovery
        case .participant: [] as [Officer]
        }
      guard holders.contains(where: { $0.key == key }) else { return nil }
      self = .registered
    case .instruction(let bytes, let outcome):
      guard outcome.isAccepted, let order = try? Instruction(canonicalBytes: bytes) else {
        return nil
      }
      self.init(order.operation, of: key, party)
    case .submission, .system: return nil
    }
  }

  private init?(_ operation: LedgerModel.Operation, of key: PublicKey, _ party: Party) {
    switch operation {
    case .admitParticipant(let order)
    where party == .participant(order.participant) && order.keys.contains(key):
      self = .registered
    case .registerKey(let order) where order.party == party && order.key == key:
      self = .registered
    case .rotateKey(let order) where order.party == party && order.newKey == key:
      self = .registered
    case .rotateKey(let order) where order.party == party && order.oldKey == key:
      self = .changed
    case .replaceOfficers(let officers) where party == .issuer:
      self = officers.contains(key) ? .registered : .changed
    case .suspendKey(let order), .reinstateKey(let order), .revokeKey(let order):
      guard order.party == party, order.key == key else { return nil }
      self = .changed
    case .suspendParticipant(let order), .reinstateParticipant(let order):
      guard party == .participant(order.participant) else { return nil }
      self = .changed
    default: return nil
    }
  }
}
