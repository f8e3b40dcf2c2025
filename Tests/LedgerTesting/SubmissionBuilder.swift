package import LedgerModel

/// Makes verified submissions without bytes, keys or signatures, for a core that sees none of
/// them.
///
/// Stands where encoding and verification stand: digests are counters over what was seen before,
/// so equal instructions have equal digests and others have others, as with SHA-256.
package struct SubmissionBuilder: Sendable {
  private var instructionNumbers: [Instruction: Int] = [:]
  private var rootNumbers: [[Int]: Int] = [:]
  private var statementNumbers: [Statement: Int] = [:]

  package init() {}

  /// Returns the instructions under a statement of the party, signed by the keys.
  package mutating func submission(
    of instructions: [Instruction], by party: Party, signers: [PublicKey],
    ledger: LedgerID = .example, expiry: LedgerTime
  ) -> VerifiedSubmission {
    let numbers = instructions.map { number(of: $0, among: \.instructionNumbers) }
    let statement = Statement(
      ledger: ledger, party: party, count: instructions.count, expiry: expiry,
      root: .example(number(of: numbers, among: \.rootNumbers), kind: 2))
    let ordered = signers.sorted()
    let digest = number(of: statement, among: \.statementNumbers)
    return VerifiedSubmission(
      verified: statement, bytes: [],
      signatures: ordered.map { StatementSignature(key: $0, signature: []) },
      digest: SubmissionDigest(.example(digest, kind: 3)),
      instructions: zip(instructions, numbers).map { instruction, number in
        // Told apart in both halves: the core keeps the first.
        VerifiedInstruction(
          verified: instruction,
          digest: Bytes32(words: (UInt64(number), 1, UInt64(number), 1)))
      }, instructionBytes: InstructionBytes(instructions.map { _ in [] }))
  }

  private mutating func number<Key: Hashable>(
    of key: Key, among numbers: WritableKeyPath<Self, [Key: Int]>
  ) -> Int {
    if let number = self[keyPath: numbers][key] { return number }
    let number = self[keyPath: numbers].count + 1
    self[keyPath: numbers][key] = number
    return number
  }
}
