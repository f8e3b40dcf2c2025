/// One order of one acting party, which its statement names.
public struct Instruction: Hashable, Sendable {
  public let id: InstructionID
  public let operation: Operation
  public let purpose: Purpose
  public let channel: Channel
  public let reference: ClientReference
  /// `nil` where it was made from none.
  public let document: DocumentDigest?

  public init(
    id: InstructionID, operation: Operation, purpose: Purpose = Purpose(unchecked: ""),
    channel: Channel = Channel(unchecked: ""),
    reference: ClientReference = ClientReference(unchecked: ""), document: DocumentDigest? = nil
  ) {
    self.id = id
    self.operation = operation
    self.purpose = purpose
    self.channel = channel
    self.reference = reference
    self.document = document
  }

  /// The first version of the state machine that knows the instruction as it is ordered.
  public var firstVersion: StateMachineVersion {
    document == nil ? operation.firstVersion : max(operation.firstVersion, .four)
  }
}

/// What is signed: which ledger, who acts, how many instructions, until when, and their root.
public struct Statement: Hashable, Sendable {
  public let ledger: LedgerID
  public let party: Party
  /// `1 ... Limits.instructionsPerSubmissionMax`.
  public let count: Int
  /// Not sequenced at or after this ledger time.
  public let expiry: LedgerTime
  /// RFC 6962 root over the instructions' bytes, in order.
  public let root: Bytes32

  public init(ledger: LedgerID, party: Party, count: Int, expiry: LedgerTime, root: Bytes32) {
    self.ledger = ledger
    self.party = party
    self.count = count
    self.expiry = expiry
    self.root = root
  }
}

/// One signature on a statement.
public struct StatementSignature: Hashable, Sendable {
  public let key: PublicKey
  /// 64 bytes (RFC 8032).
  public let signature: [UInt8]

  public init(key: PublicKey, signature: [UInt8]) {
    self.key = key
    self.signature = signature
  }
}

/// An instruction whose bytes are canonical and under a verified statement.
///
/// Made by `LedgerWire`'s verification and by the replay of a durable entry, nowhere else
/// (Tests/ArchitectureTests).
public struct VerifiedInstruction: Sendable {
  public let instruction: Instruction
  /// The leaf hash of its bytes under the statement's root, by which a repeated id is told from a
  /// reused one.
  public let digest: Bytes32

  package init(verified instruction: Instruction, digest: Bytes32) {
    self.instruction = instruction
    self.digest = digest
  }
}

/// A statement with valid signatures of distinct keys, and the instructions under its root.
///
/// That the keys belong to the party and are valid is decided again by the core, at ledger time.
public struct VerifiedSubmission: Sendable {
  public let statement: Statement
  /// The exact bytes signed.
  public let statementBytes: [UInt8]
  /// In ascending order of key, distinct; at least one.
  public let signatures: [StatementSignature]
  public let digest: SubmissionDigest
  /// As many as the statement says, in order.
  public let instructions: [VerifiedInstruction]
  /// The exact bytes of each instruction, which the log keeps.
  public let instructionBytes: InstructionBytes

  package init(
    verified statement: Statement, bytes: [UInt8], signatures: [StatementSignature],
    digest: SubmissionDigest, instructions: [VerifiedInstruction],
    instructionBytes: InstructionBytes
  ) {
    precondition(!signatures.isEmpty, "a verified submission has a signer")
    for (signature, next) in zip(signatures, signatures.dropFirst()) {
      precondition(signature.key < next.key, "signer \(next.key) comes after \(signature.key)")
    }
    precondition(
      instructions.count == statement.count && instructionBytes.count == statement.count,
      "\(instructions.count) instructions under a statement of \(statement.count)")
    self.statement = statement
    self.statementBytes = bytes
    self.signatures = signatures
    self.digest = digest
    self.instructions = instructions
    self.instructionBytes = instructionBytes
  }
}
