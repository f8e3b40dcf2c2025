package import LedgerModel
import MerkleLog

/// Turns a submission as it came into one whose signatures, root and canonical bytes are proven.
///
/// Here, and in the replay of a durable entry, verified submissions are made, and nowhere else.
package enum SubmissionVerifier {
  /// Verifies a submission, the cheap checks first.
  ///
  /// Whether a key may act now is left to the core: a statement that was sequenced is answered
  /// whatever became of its keys since, and only the core knows which were.
  ///
  /// - Parameters:
  ///   - submission: As it came.
  ///   - check: A first look, at what the state knows of the statement: ledger, party, expiry.
  ///   - isRegistered: Whether a key was ever registered for a party.
  ///   - keys: All keys that were ever registered for the party, those that may act first: the
  ///     attempts are bounded.
  /// - Returns: The submission, proven.
  /// - Throws: The first ``WireError`` found; nothing is believed then.
  /// - Complexity: One signature check a signature, and O(bytes).
  package static func verify(
    _ submission: Submission,
    check: (Statement) throws(SubmissionRefusal) -> Void,
    isRegistered: (PublicKey, Party) -> Bool,
    keys: (Party) -> [PublicKey]
  ) throws(WireError) -> VerifiedSubmission {
    let statement = try checkShape(submission)
    do throws(SubmissionRefusal) { try check(statement) } catch { throw .refused(error) }
    let signatures = try verifySignatures(
      of: submission, isRegistered: { isRegistered($0, statement.party) },
      keys: { keys(statement.party) })
    let instructions = try verifyInstructions(submission.instructions, root: statement.root)
    return VerifiedSubmission(
      verified: statement, bytes: submission.statementBytes, signatures: signatures,
      digest: digest(submission.statementBytes),
      instructions: instructions, instructionBytes: submission.instructions)
  }

  /// SHA-256 of the statement's bytes.
  package static func digest(_ statementBytes: [UInt8]) -> SubmissionDigest {
    var hash = SHA256()
    hash.update(statementBytes)
    return SubmissionDigest(Bytes32(hash.finalize()))
  }

  private static func checkShape(_ submission: Submission) throws(WireError) -> Statement {
    guard submission.payloadType == DSSE.statementType else {
      throw .wrongPayloadType(found: submission.payloadType, wanted: DSSE.statementType)
    }
    guard !submission.signatures.isEmpty else { throw .empty("signature") }
    guard submission.signatures.count <= Limits.signaturesPerStatementMax else {
      throw .tooLarge(
        "signatures", count: submission.signatures.count, max: Limits.signaturesPerStatementMax)
    }
    let statement = try Statement(canonicalBytes: submission.statementBytes)
    guard statement.count == submission.instructions.count else {
      throw .countMismatch(stated: statement.count, found: submission.instructions.count)
    }
    for bytes in submission.instructions where bytes.count > Limits.instructionBytesMax {
      throw .tooLarge(
        "bytes of one instruction", count: bytes.count, max: Limits.instructionBytesMax)
    }
    return statement
  }

  /// Finds each signature's key, the hinted one first.
  private static func verifySignatures(
    of submission: Submission, isRegistered: (PublicKey) -> Bool, keys: () -> [PublicKey]
  ) throws(WireError) -> [StatementSignature] {
    let message = DSSE.preAuthenticationEncoding(
      type: submission.payloadType, payload: submission.statementBytes)
    var attemptsLeft = WireLimits.signatureAttemptsMax
    func isValid(_ signature: [UInt8], by key: PublicKey) -> Bool {
      guard attemptsLeft > 0 else { return false }
      attemptsLeft -= 1
      return Ed25519.isValid(signature, on: message, by: key)
    }
    var found: [StatementSignature] = []
    for (index, signature) in submission.signatures.enumerated() {
      let hint = Bytes32(hex: signature.keyID).map { PublicKey($0) }
      let registeredHint = hint.flatMap { isRegistered($0) ? $0 : nil }
      var key = registeredHint
      if let hinted = key, !isValid(signature.signature, by: hinted) { key = nil }
      key = key ?? keys().first { $0 != registeredHint && isValid(signature.signature, by: $0) }
      guard let key else {
        throw hint != nil && registeredHint == nil
          ? .unknownSigner(index: index) : .badSignature(index: index)
      }
      guard !found.contains(where: { $0.key == key }) else { throw .duplicateSigner(key) }
      found.append(StatementSignature(key: key, signature: signature.signature))
    }
    return found.sorted { $0.key < $1.key }
  }

  private static func verifyInstructions(
    _ instructions: InstructionBytes, root: Bytes32
  ) throws(WireError) -> [VerifiedInstruction] {
    let leaves = Submission.leaves(of: instructions)
    let found = Bytes32(TreeHash.root(of: leaves))
    guard found == root else { throw .rootMismatch(stated: root, found: found) }
    var verified: [VerifiedInstruction] = []
    verified.reserveCapacity(instructions.count)
    for (bytes, leaf) in zip(instructions, leaves) {
      verified.append(
        VerifiedInstruction(
          verified: try Instruction(canonicalBytes: bytes), digest: Bytes32(leaf)))
    }
    return verified
  }
}
