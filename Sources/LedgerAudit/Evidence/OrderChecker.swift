import LedgerCore
import LedgerModel
import LedgerWire
import MerkleLog

/// Checks orders back to the genesis: who signed one, and who made those keys its party's.
///
/// Nothing is taken on the word of the log key: what registers a key is an order like any other,
/// and is signed by keys that were registered before it.
///
/// - Source: docs/formats/evidence.md, EV-4 to EV-6.
struct OrderChecker {
  private let entries: VerifiedEntries
  /// Checked, ascending.
  private var keyOrders: [CheckedOrder] = []
  /// How many of those `keys` and `suspended` are after.
  private var takenCount = 0
  private var keys: KeyRegistry
  private var suspended: Set<ParticipantID> = []

  /// Checks an order, and those about keys that it rests on.
  ///
  /// - Parameters:
  ///   - order: Where it is.
  ///   - keyOrders: Where they are, ascending: all of them are needed.
  ///   - entries: Of the file.
  /// - Returns: The order.
  /// - Throws: ``EvidenceFault``, of the first part that does not hold.
  static func check(
    _ order: OrderProof, keyOrders: [OrderProof], in entries: VerifiedEntries
  ) throws(EvidenceFault) -> CheckedOrder {
    guard keyOrders.count <= ProofLimits.keyOrdersMax else {
      throw EvidenceFault(
        .form, "it has \(keyOrders.count) orders about keys; at most \(ProofLimits.keyOrdersMax)")
    }
    var checker = OrderChecker(entries)
    // In order: each rests on those before it.
    for proof in keyOrders { try checker.append(proof) }
    let order = try checker.check(order)
    try checker.checkAllNeeded(by: order)
    return order
  }

  private init(_ entries: VerifiedEntries) {
    self.entries = entries
    keys = KeyRegistry(entries.genesis, at: entries.entries[0].time)
  }

  private mutating func append(_ proof: OrderProof) throws(EvidenceFault) {
    if let last = keyOrders.last {
      guard last.sequence < proof.instruction else {
        throw EvidenceFault(.form, "its orders about keys do not ascend")
      }
      // A submission's entries follow it without a gap.
      guard last.submission == proof.submission || last.sequence < proof.submission else {
        throw EvidenceFault(
          .form, "entry \(last.sequence) lies within the submission of entry \(proof.instruction)")
      }
    }
    let order = try check(proof)
    guard order.outcome.isAccepted else {
      throw EvidenceFault(.form, "entry \(proof.instruction) was refused, and changes no key")
    }
    keyOrders.append(order)
  }

  private mutating func check(_ proof: OrderProof) throws(EvidenceFault) -> CheckedOrder {
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
    try takeOrders(before: proof.submission)
    let signers = try signatures.map { signature throws(EvidenceFault) in
      try signer(signature.key, of: statement.party, at: entry.time)
    }
    let authority = entries.genesis.authority(
      for: instruction.operation, of: statement.party, signers: signers.map(\.key))
    let order = CheckedOrder(
      sequence: proof.instruction, submission: proof.submission, time: entry.time,
      party: statement.party, instruction: instruction, outcome: outcome, signers: signers,
      authority: authority)
    // A refusal may be for want of what an acceptance needs.
    if outcome.isAccepted { try checkMayBeAccepted(order) }
    return order
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
    try checkExpiry(of: statement, at: time, proof.submission)
    try checkPath(proof, of: instructionBytes, under: statement)
    let message = DSSE.preAuthenticationEncoding(type: DSSE.statementType, payload: bytes)
    for signature in signatures
    where !Ed25519.isValid(signature.signature, on: message, by: signature.key) {
      throw EvidenceFault(.signature, "the signature by key \(signature.key) does not hold")
    }
    let ascends = zip(signatures, signatures.dropFirst()).allSatisfy { $0.key < $1.key }
    guard !signatures.isEmpty, ascends else {
      throw EvidenceFault(.signature, "the statement's signatures do not ascend by key")
    }
    return (statement, signatures)
  }

  private func checkExpiry(
    of statement: Statement, at time: LedgerTime, _ submission: SequenceNumber
  ) throws(EvidenceFault) {
    guard time < statement.expiry else {
      throw EvidenceFault(
        .statement,
        "the statement of entry \(submission) expired at \(statement.expiry), and was let in at "
          + "\(time)")
    }
    guard statement.expiry <= time.advanced(byMicroseconds: horizon(of: statement.party)) else {
      throw EvidenceFault(
        .statement,
        "the statement of entry \(submission) expires at \(statement.expiry), too far ahead of "
          + "\(time)")
    }
  }

  private func checkPath(
    _ proof: OrderProof, of instructionBytes: [UInt8], under statement: Statement
  ) throws(EvidenceFault) {
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
  }

  private func horizon(of party: Party) -> UInt64 {
    entries.genesis.parameters.horizonMicroseconds(of: party)
  }

  /// Keys are decided when a submission is let in, whatever its own instructions do to them.
  private mutating func takeOrders(before submission: SequenceNumber) throws(EvidenceFault) {
    while takenCount < keyOrders.count, keyOrders[takenCount].sequence < submission {
      let order = keyOrders[takenCount]
      do {
        try keys.take(order.instruction.operation, at: order.time, in: entries.genesis)
      } catch {
        throw EvidenceFault(
          .authority, "entry \(order.sequence) was accepted, and could not be: \(error)")
      }
      switch order.instruction.operation {
      case .suspendParticipant(let standing): suspended.insert(standing.participant)
      case .reinstateParticipant(let standing): suspended.remove(standing.participant)
      default: break
      }
      takenCount += 1
    }
  }

  /// Follows a key from its registration to an order.
  private func signer(
    _ key: PublicKey, of party: Party, at time: LedgerTime
  ) throws(EvidenceFault) -> CheckedSigner {
    var history = KeyHistory(entries.genesis, of: key, party)
    for order in keyOrders[..<takenCount] {
      history.take(order.instruction.operation, at: order.sequence)
    }
    guard let entry = keys.entry(key, of: party), let registered = history.registered else {
      throw EvidenceFault(
        .authority, "no order in the file registers key \(key) for \(party) before its order")
    }
    do {
      try keys.check(key, actingFor: party, at: time)
    } catch {
      throw EvidenceFault(.authority, "at \(time), \(error)")
    }
    return CheckedSigner(
      key: key, registered: registered, changes: history.changes, validFrom: entry.validFrom,
      validUntil: entry.validUntil)
  }

  /// What the ledger would have refused, it did not accept.
  private func checkMayBeAccepted(_ order: CheckedOrder) throws(EvidenceFault) {
    guard order.authority.isGranted else {
      throw EvidenceFault(
        .authority,
        "entry \(order.sequence) was accepted, and \(order.party)'s \(order.signers.count) keys "
          + "on it may not order it")
    }
    if case .participant(let id) = order.party, suspended.contains(id) {
      throw EvidenceFault(
        .authority, "entry \(order.sequence) was accepted, and \(id) was suspended then")
    }
    let id = order.instruction.id.time
    guard order.time <= id.advanced(byMicroseconds: horizon(of: order.party)),
      id <= order.time.advanced(byMicroseconds: Limits.idAheadMicrosecondsMax)
    else {
      throw EvidenceFault(
        .statement,
        "entry \(order.sequence) was accepted at \(order.time), and its id is of \(id), which is "
          + "outside its window")
    }
  }

  /// So that one content has one file, and nothing rides along.
  private func checkAllNeeded(by order: CheckedOrder) throws(EvidenceFault) {
    var needed = Set(order.signers.flatMap(\.entries))
    for keyOrder in keyOrders.reversed() {
      guard needed.contains(keyOrder.sequence) else {
        throw EvidenceFault(
          .form, "the order about keys of entry \(keyOrder.sequence) concerns no key in the file")
      }
      needed.formUnion(keyOrder.signers.flatMap(\.entries))
    }
  }
}
