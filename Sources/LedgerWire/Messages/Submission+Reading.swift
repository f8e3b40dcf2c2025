import LedgerModel

extension Submission {
  /// Reads a body without swift-protobuf, which costs a dozen allocations, and copies instructions
  /// one by one.
  ///
  /// - Returns: `nil` for whatever is not one envelope and instructions, plainly encoded and within
  ///   the bounds on their number: the general way then decides, and says what is wrong.
  ///   LedgerWireTests holds it against that one.
  /// - Source: proto/specie/v1/submission.proto.
  init?(plainBytes body: [UInt8]) {
    // Safe: the span ends with the call, and the array outlives it.
    let bytes = unsafe body.span.bytes
    var envelope: Envelope?
    var instructions: [Range<Int32>] = []
    var offset = 0
    while offset < bytes.byteCount {
      if bytes.takes(0x12, at: &offset) {
        guard instructions.count < Limits.instructionsPerSubmissionMax,
          let range = bytes.block(at: &offset)
        else { return nil }
        instructions.append(Int32(range.lowerBound)..<Int32(range.upperBound))
      } else {
        guard envelope == nil, bytes.takes(0x0A, at: &offset),
          let range = bytes.block(at: &offset),
          let read = Envelope(plainBytes: bytes.extracting(range))
        else { return nil }
        envelope = read
      }
    }
    guard let envelope else { return nil }
    self.init(
      statementBytes: envelope.payload, signatures: envelope.signatures,
      instructions: InstructionBytes(body, ranges: instructions))
  }

  /// An envelope of a statement, and of no other type.
  private struct Envelope {
    let payload: [UInt8]
    var signatures: [Signature] = []

    init?(plainBytes bytes: RawSpan) {
      var offset = 0
      guard bytes.takes(0x0A, at: &offset), let payload = bytes.block(at: &offset),
        bytes.text(tag: 0x12, at: &offset) == DSSE.statementType
      else { return nil }
      self.payload = bytes.bytes(in: payload)
      while offset < bytes.byteCount {
        guard signatures.count < Limits.signaturesPerStatementMax,
          bytes.takes(0x1A, at: &offset), let range = bytes.block(at: &offset),
          let signature = Signature(plainBytes: bytes.extracting(range))
        else { return nil }
        signatures.append(signature)
      }
    }
  }
}

extension Submission.Signature {
  fileprivate init?(plainBytes bytes: RawSpan) {
    var offset = 0
    guard bytes.takes(0x0A, at: &offset), let signature = bytes.block(at: &offset),
      let keyID = bytes.text(tag: 0x12, at: &offset), offset == bytes.byteCount
    else { return nil }
    self.init(signature: bytes.bytes(in: signature), keyID: keyID)
  }
}
