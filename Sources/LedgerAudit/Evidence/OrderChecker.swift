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
  /// How many of those ``keys`` and what follows it are after.
  private var takenCount = 0
  private var keys: KeyRegistry
  private var admitted: Set<ParticipantID> = []
  private var suspended: Set<ParticipantID> = []
  private var usedIDs: [Party: Set<InstructionID>] = [:]

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
    try checker.checkPossible(order)
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
      guard last.submission == proof.submission || last.submissionEnd < proof.submission else {
        throw EvidenceFault(
          .form,
          "entry \(proof.submission) is a submission, and lies among the entries of the submission "
            + "of entry \(last.submission)")
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
      sequence: proof.instruction, submission: proof.submission,
      submissionEnd: SequenceNumber(proof.submission.value + UInt64(statement.count)),
      time: entry.time,
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
    guard signatures.count <= Limits.signaturesPerStatementMax else {
      throw EvidenceFault(
        .signature,
        "\(signatures.count) keys signed; at most \(Limits.signaturesPerStatementMax) may")
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
      try take(keyOrders[takenCount])
      takenCount += 1
    }
  }

  /// Takes on an accepted order about keys, which must have been possible.
  private mutating func take(_ order: CheckedOrder) throws(EvidenceFault) {
    try useID(of: order)
    var isPossible = true
    switch order.instruction.operation {
    case .admitParticipant(let admission):
      isPossible = admitted.insert(admission.participant).inserted
    case .suspendParticipant(let standing):
      isPossible = suspended.insert(standing.participant).inserted
    // Of a suspension before the keys' registration nothing is known here.
    case .reinstateParticipant(let standing): suspended.remove(standing.participant)
    default: break
    }
    guard isPossible else { throw Self.impossible(order, "it was done before") }
    do throws(Rejection) {
      try keys.take(order.instruction.operation, at: order.time, in: entries.genesis)
    } catch {
      throw Self.impossible(order, "\(error)")
    }
  }

  /// Checks what the file is about by all that no order outside the file can have changed.
  private mutating func checkPossible(_ order: CheckedOrder) throws(EvidenceFault) {
    while takenCount < keyOrders.count {
      try take(keyOrders[takenCount])
      takenCount += 1
    }
    switch order.outcome {
    case .accepted, .remarked: break
    case .rejected: return
    case .duplicate(let first):
      guard first > .genesis, first < order.sequence else {
        throw Self.impossible(order, "it is no duplicate of entry \(first)")
      }
      return
    }
    try useID(of: order)
    if case .admitParticipant(let admission) = order.instruction.operation,
      admitted.contains(admission.participant)
    {
      throw Self.impossible(order, "it was done before")
    }
    do throws(Rejection) {
      try keys.take(order.instruction.operation, at: order.time, in: entries.genesis)
    } catch {
      switch error {
      // A key that signed before may have been suspended and reinstated since.
      case .keySuspended, .keyNotSuspended: break
      default: throw Self.impossible(order, "\(error)")
      }
    }
  }

  private mutating func useID(of order: CheckedOrder) throws(EvidenceFault) {
    let id = order.instruction.id
    guard usedIDs[order.party, default: []].insert(id).inserted else {
      throw Self.impossible(order, "id \(id) was used before")
    }
  }

  private static func impossible(_ order: CheckedOrder, _ why: String) -> EvidenceFault {
    EvidenceFault(.authority, "entry \(order.sequence) was so decided, and could not be: \(why)")
  }

  /// Follows a key from its registration to an order.
  private func signer(
    _ key: PublicKey, of party: Party, at time: LedgerTime
  ) throws(EvidenceFault) -> CheckedSigner {
    var history = KeyHistory(entries.genesis, of: key, party)
    for order in keyOrders[..<takenCount] {
      history.take(order.instruction.operation, at: order.sequence)
    }
    guard let entry = keys.entry(key, of: party) else {
      throw EvidenceFault(
        .authority,
        "no order in the file registers key `\(key)` for `\(party)` before the order that it signed"
      )
    }
    guard let registered = history.registered else {
      preconditionFailure("key \(key) is registered by no order")
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

  /// What the ledger refuses whoever's money it is, and whatever the rules say, it did not accept.
  private func checkMayBeAccepted(_ order: CheckedOrder) throws(EvidenceFault) {
    let operation = order.instruction.operation
    guard operation.firstVersion <= entries.genesis.version else {
      throw Self.impossible(
        order, "`\(operation.name)` needs state machine version \(operation.firstVersion)")
    }
    guard order.authority.isGranted else {
      throw Self.impossible(
        order, "the keys of `\(order.party)` that signed it may not order it")
    }
    if case .participant(let id) = order.party, suspended.contains(id) {
      throw Self.impossible(order, "`\(id)` was suspended")
    }
    if case .replaceOfficers(let officers) = operation,
      officers.count < entries.genesis.quorums.officersMax
    {
      throw Self.impossible(order, "it leaves too few officers for a quorum")
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
