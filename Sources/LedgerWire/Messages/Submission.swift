import FoundationEssentials
public import LedgerModel
import LedgerSchema
package import MerkleLog
import SwiftProtobuf

/// A submission as it came: nothing in it is believed yet.
///
/// - Source: docs/formats/submission.md.
public struct Submission: Hashable, Sendable {
  /// One DSSE signature, with a hint of whose it is.
  public struct Signature: Hashable, Sendable {
    public let signature: [UInt8]
    /// The public key in lower-case hexadecimal, by convention; only a hint.
    public let keyID: String

    public init(signature: [UInt8], keyID: String) {
      self.signature = signature
      self.keyID = keyID
    }
  }

  public let statementBytes: [UInt8]
  public let payloadType: String
  public let signatures: [Signature]
  /// The exact bytes of each instruction.
  public let instructions: InstructionBytes

  public init(
    statementBytes: [UInt8], payloadType: String = DSSE.statementType, signatures: [Signature],
    instructions: InstructionBytes
  ) {
    self.statementBytes = statementBytes
    self.payloadType = payloadType
    self.signatures = signatures
    self.instructions = instructions
  }

  /// Signs instructions in a party's name.
  ///
  /// - Precondition: 1 to `Limits.instructionsPerSubmissionMax` instructions, and a key at least.
  public init(
    _ instructions: [Instruction], of party: Party, on ledger: LedgerID, expiry: LedgerTime,
    signedBy keys: [SigningKey]
  ) {
    let bytes = InstructionBytes(instructions.map(\.canonicalBytes))
    let statement = Statement(
      ledger: ledger, party: party, count: bytes.count, expiry: expiry,
      root: Self.root(of: bytes))
    self.init(statementBytes: statement.canonicalBytes, signatures: [], instructions: bytes)
    self = keys.reduce(self) { $0.signed(by: $1) }
  }

  /// The submission with one signature more.
  public func signed(by key: SigningKey) -> Submission {
    let encoding = DSSE.preAuthenticationEncoding(type: payloadType, payload: statementBytes)
    let signature = Signature(
      signature: key.sign(encoding), keyID: key.publicKey.description)
    return Submission(
      statementBytes: statementBytes, payloadType: payloadType,
      signatures: signatures + [signature], instructions: instructions)
  }

  /// The RFC 6962 root over instructions' bytes, in order.
  public static func root(of instructions: InstructionBytes) -> Bytes32 {
    Bytes32(TreeHash.root(of: leaves(of: instructions)))
  }

  /// The leaf hash of each instruction.
  static func leaves(of instructions: InstructionBytes) -> [Digest] {
    instructions.map { TreeHash.leaf($0) }
  }

  /// Reads the protobuf body of `POST /v1/submissions`.
  ///
  /// Unlike what is signed, the body need not be canonical.
  ///
  /// - Throws: ``WireError/tooLarge(_:count:max:)`` or ``WireError/malformed(message:)``.
  public init(protobuf bytes: [UInt8]) throws(WireError) {
    try Self.checkSize(bytes)
    if let plain = Submission(plainBytes: bytes) {
      self = plain
    } else {
      try self.init(generalBytes: bytes)
    }
  }

  /// Reads a body through swift-protobuf, whatever its form.
  package init(generalBytes bytes: [UInt8]) throws(WireError) {
    try SubmissionScan.check(bytes)
    let message: Specie_V1_Submission = try Self.decode(bytes)
    try self.init(message.envelope, InstructionBytes(message.instructions.map { [UInt8]($0) }))
  }

  private init(
    _ envelope: Specie_V1_Envelope, _ instructions: InstructionBytes
  ) throws(WireError) {
    try Self.checkPayloadType(envelope.payloadType)
    self.init(
      statementBytes: [UInt8](envelope.payload), payloadType: envelope.payloadType,
      signatures: envelope.signatures.map {
        Signature(signature: [UInt8]($0.sig), keyID: $0.keyid)
      },
      instructions: instructions)
  }

  private static func decode<Message: SwiftProtobuf.Message>(
    _ bytes: [UInt8]
  ) throws(WireError) -> Message {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 4
    guard
      let message = try? Message(
        serializedBytes: bytes, extensions: nil, partial: false, options: options)
    else { throw .malformed(message: "submission") }
    return message
  }

  /// The protobuf body of `POST /v1/submissions`.
  public var protobuf: [UInt8] {
    var message = Specie_V1_Submission()
    message.envelope.payload = Data(statementBytes)
    message.envelope.payloadType = payloadType
    message.envelope.signatures = signatures.map { signature in
      .with {
        $0.sig = Data(signature.signature)
        $0.keyid = signature.keyID
      }
    }
    message.instructions = instructions.map { Data($0) }
    return Canonical.encode(message)
  }

  /// Bounds what an error may have to repeat.
  static func checkPayloadType(_ type: String) throws(WireError) {
    let count = type.utf8.count
    guard count <= WireLimits.payloadTypeBytesMax else {
      throw .tooLarge("bytes of a payload type", count: count, max: WireLimits.payloadTypeBytesMax)
    }
  }

  static func checkSize(_ bytes: [UInt8]) throws(WireError) {
    guard !bytes.isEmpty else { throw .empty("byte of a submission") }
    guard bytes.count <= WireLimits.submissionBytesMax else {
      throw .tooLarge(
        "bytes of a submission", count: bytes.count, max: WireLimits.submissionBytesMax)
    }
  }
}

extension Bytes32 {
  /// The digest's bytes.
  package init(_ digest: Digest) { self.init(words: digest.bigEndianWords) }

  /// The same bytes as a digest.
  package var digest: Digest { Digest(bigEndianWords: words) }
}
