package import LedgerModel
import LedgerWire
package import MerkleLog

/// Where an order is in a log, and how it is under what was signed.
package struct OrderProof: Hashable, Sendable {
  /// Of the instruction's entry.
  package let instruction: SequenceNumber
  /// Of its submission's.
  package let submission: SequenceNumber
  /// From the instruction's leaf to the statement's root.
  package let path: [Digest]

  package init(instruction: SequenceNumber, submission: SequenceNumber, path: [Digest]) {
    self.instruction = instruction
    self.submission = submission
    self.path = path
  }
}

/// An order of which it is proven that its party's keys signed it.
struct CheckedOrder: Hashable, Sendable {
  let sequence: SequenceNumber
  let submission: SequenceNumber
  let time: LedgerTime
  let party: Party
  let instruction: Instruction
  let outcome: LoggedOutcome
  let signers: [CheckedSigner]
  let authority: Authority
}

/// A key that signed an order.
package struct CheckedSigner: Hashable, Sendable {
  package let key: PublicKey
  /// The entry that made it its party's.
  package let registered: SequenceNumber
  /// Entries after that and before the order that changed it, or suspended its participant.
  package let changes: [SequenceNumber]

  /// All of them, in order.
  package var entries: [SequenceNumber] { [registered] + changes }
}

/// Checks orders back to the genesis: who signed one, and who made those keys its party's.
///
/// Nothing is taken on the word of the log key: what registers a key is an order like any other,
/// and is signed by keys that were registered before it.
struct OrderChecker {
  private let entries: VerifiedEntries
  /// Of orders about keys, ascending.
  private let keyOrders: [OrderProof]
  /// What was checked already.
  private var checked: [SequenceNumber: CheckedOrder] = [:]

  /// - Throws: ``EvidenceFault`` where the orders do not ascend or are too many.
  init(_ entries: VerifiedEntries, keyOrders: [OrderProof]) throws(EvidenceFault) {
    guard keyOrders.count <= ProofLimits.keyOrdersMax else {
      throw EvidenceFault(
        .form, "it has \(keyOrders.count) orders about keys; at most \(ProofLimits.keyOrdersMax)")
    }
    guard zip(keyOrders, keyOrders.dropFirst()).allSatisfy({ $0.instruction < $1.instruction })
    else { throw EvidenceFault(.form, "its orders about keys do not ascend") }
    self.entries = entries
    self.keyOrders = keyOrders
    // In order: each rests on those before it.
    for proof in keyOrders {
      let order = try check(proof)
      guard order.outcome.isAccepted else {
        throw EvidenceFault(.form, "entry \(proof.instruction) was refused, and changes no key")
      }
      checked[proof.instruction] = order
    }
  }

  /// Checks an order.
  ///
  /// - Throws: ``EvidenceFault``, of the first part that does not hold.
  func check(_ proof: OrderProof) throws(EvidenceFault) -> CheckedOrder {
    let entry = try entries.entry(proof.instruction)
    guard case .instruction(let bytes, let outcome) = entry.body else {
      throw EvidenceFault(.form, "entry \(proof.instruction) is no instruction's")
    }
    let (statement, signatures) = try statement(of: proof, bytes, at: entry.time)
    let instruction: Instruction
    do {
      instruction = try Instruction(canonicalBytes: bytes)
    } catch {
      throw EvidenceFault(.statement, "the instruction does not decode: \(error)")
    }
    let signers = try signatures.map { signature throws(EvidenceFault) in
      try signer(
        signature.key, of: statement.party, before: proof.submission, at: entry.time)
    }
    let authority = entries.genesis.authority(
      for: instruction.operation, of: statement.party, signers: signers.map(\.key))
    // A refusal may be for want of it.
    guard !outcome.isAccepted || authority.isGranted else {
      throw EvidenceFault(
        .authority,
        "entry \(proof.instruction) was accepted, and \(statement.party)'s \(signers.count) keys "
          + "on it may not order it")
    }
    return CheckedOrder(
      sequence: proof.instruction, submission: proof.submission, time: entry.time,
      party: statement.party, instruction: instruction, outcome: outcome, signers: signers,
      authority: authority)
  }

  private func statement(
    of proof: OrderProof, _ instructionBytes: [UInt8], at time: LedgerTime
  ) throws(EvidenceFault) -> (Statement, [StatementSignature]) {
    let entry = try entries.entry(proof.submission)
    guard case .submission(let bytes, let signatures) = entry.body, entry.time == time else {
      throw EvidenceFault(
        .form, "entry \(proof.submission) is no submission of entry \(proof.instruction)")
    }
    let statement: Statement
    do {
      statement = try Statement(canonicalBytes: bytes)
    } catch {
      throw EvidenceFault(.statement, "the statement does not decode: \(error)")
    }
    guard statement.ledger == entries.ledger else {
      throw EvidenceFault(.statement, "the statement is for another ledger, \(statement.ledger)")
    }
    guard proof.instruction > proof.submission,
      proof.instruction.value - proof.submission.value <= UInt64(statement.count)
    else {
      throw EvidenceFault(
        .statement,
        "entry \(proof.instruction) is none of the \(statement.count) of its submission")
    }
    do throws(ProofError) {
      let path = try InclusionProof(
        index: proof.instruction.value - proof.submission.value - 1,
        treeSize: UInt64(statement.count), path: proof.path)
      try path.verify(leaf: TreeHash.leaf(instructionBytes), root: statement.root.digest)
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

  /// Follows a key from its registration to an order.
  private func signer(
    _ key: PublicKey, of party: Party, before submission: SequenceNumber, at time: LedgerTime
  ) throws(EvidenceFault) -> CheckedSigner {
    var history = KeyHistory(entries.genesis, of: key, party)
    for proof in keyOrders where proof.instruction < submission {
      guard let order = checked[proof.instruction] else { continue }
      history.take(order.instruction.operation, at: order.sequence)
    }
    guard let registered = history.registered else {
      throw EvidenceFault(
        .authority, "no order in the file registers key \(key) for \(party) before its order")
    }
    if let problem = history.problem(at: time) {
      throw EvidenceFault(.authority, "key \(key) of \(party) \(problem)")
    }
    return CheckedSigner(key: key, registered: registered, changes: history.changes)
  }
}

/// What orders made of one key of one party.
struct KeyHistory {
  private let key: PublicKey
  private let party: Party
  private(set) var registered: SequenceNumber?
  private(set) var changes: [SequenceNumber] = []
  private var validFrom: LedgerTime?
  private var validUntil: LedgerTime?
  private var isSuspended = false
  private var isRevoked = false

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
      guard order.party == party, order.key == key else { return }
      register(sequence)
      validFrom = order.validFrom
      validUntil = order.validUntil
    case .rotateKey(let order):
      guard order.party == party else { return }
      if order.newKey == key { register(sequence) }
      guard order.oldKey == key else { return }
      change(sequence)
      validUntil = order.overlapUntil
    case .suspendKey(let order): change(order, sequence) { $0.isSuspended = true }
    case .reinstateKey(let order): change(order, sequence) { $0.isSuspended = false }
    case .revokeKey(let order): change(order, sequence) { $0.isRevoked = true }
    case .replaceOfficers(let officers):
      guard party == .issuer else { return }
      if !officers.contains(key) {
        change(sequence)
        isRevoked = true
      } else if registered == nil {
        register(sequence)
      }
    case .suspendParticipant(let order), .reinstateParticipant(let order):
      // What a suspended participant orders is refused; its keys are as they were.
      guard party == .participant(order.participant) else { return }
      change(sequence)
    case .openWallet, .setWalletTier, .closeWallet, .setWalletAttribute, .linkAccount, .listPayee,
      .unlistPayee, .recordEvent, .redeem, .settle, .fund, .pay, .cashOut, .freeze, .unfreeze,
      .issue, .activateRuleSet, .withdrawRuleSet, .confirmClock, .setParticipantAttribute:
      break
    }
  }

  /// Why the key could not sign then; `nil` where it could.
  func problem(at time: LedgerTime) -> String? {
    if isRevoked { return "was revoked before" }
    if isSuspended { return "was suspended then" }
    if let validFrom, time < validFrom { return "was not valid yet" }
    if let validUntil, time >= validUntil { return "had ended" }
    return nil
  }

  private mutating func register(_ sequence: SequenceNumber) {
    guard registered == nil else { return }
    registered = sequence
  }

  /// Before its registration nothing changes a key.
  private mutating func change(_ sequence: SequenceNumber) {
    guard registered != nil else { return }
    changes.append(sequence)
  }

  private mutating func change(
    _ order: PartyKey, _ sequence: SequenceNumber, _ apply: (inout KeyHistory) -> Void
  ) {
    guard order.party == party, order.key == key, registered != nil else { return }
    change(sequence)
    apply(&self)
  }
}
