import LedgerModel
import MerkleLog

extension LogEntry {
  /// The one encoding, which is hashed.
  public var canonicalBytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.bytes.reserveCapacity(256)
    writer.field(1, sequence.value)
    writer.field(2, time.microseconds)
    writer.field(3, previous.bytes)
    switch body {
    case .genesis(let bytes, let signatures):
      writer.message(16) { $0.signed(bytes, signatures) }
    case .submission(let statement, let signatures):
      writer.message(17) { $0.signed(statement, signatures) }
    case .instruction(let bytes, let outcome):
      writer.message(18) { body in
        body.field(1, bytes)
        switch outcome {
        case .accepted: body.message(16) { _ in }
        case .rejected(let code, let rule):
          body.message(17) {
            $0.field(1, code.rawValue)
            $0.field(2, rule?.text ?? "")
          }
        case .duplicate(let first): body.message(18) { $0.field(1, first.value) }
        }
      }
    case .system(.tick): writer.message(19) { $0.message(16) { _ in } }
    }
    return writer.bytes
  }
}

extension ProtobufWriter {
  fileprivate mutating func signed(_ bytes: [UInt8], _ signatures: [StatementSignature]) {
    field(1, bytes)
    for signature in signatures {
      message(2) {
        $0.field(1, signature.key.value.bytes)
        $0.field(2, signature.signature)
      }
    }
  }
}
