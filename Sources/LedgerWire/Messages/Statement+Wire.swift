import LedgerSchema
public import LedgerModel
import SwiftProtobuf

extension Statement {
  /// The one encoding, which is signed.
  ///
  /// - Source: docs/formats/submission.md.
  public var canonicalBytes: [UInt8] {
    var message = Specie_V1_Statement()
    message.ledger = ledger.value.data
    message.party = party.description
    message.count = UInt32(count)
    message.expiry = expiry.microseconds
    message.root = root.data
    return Canonical.encode(message)
  }

  /// Reads a statement from its canonical bytes.
  ///
  /// - Throws: ``WireError/malformed(message:)``, ``WireError/nonCanonical(message:)``,
  ///   ``WireError/invalidField(_:problem:)``, ``WireError/empty(_:)`` or
  ///   ``WireError/tooLarge(_:count:max:)``.
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    guard bytes.count <= WireLimits.statementBytesMax else {
      throw .tooLarge(
        "bytes of a statement", count: bytes.count, max: WireLimits.statementBytesMax)
    }
    // Safe: the span ends with the call, and the array outlives it.
    if let plain = unsafe Statement(plainBytes: bytes.span.bytes) {
      self = plain
    } else {
      try self.init(generalBytes: bytes)
    }
  }

  /// Reads any statement, through swift-protobuf.
  package init(generalBytes bytes: [UInt8]) throws(WireError) {
    let message = try Canonical.decode(Specie_V1_Statement.self, from: bytes, named: "statement")
    guard message.count > 0 else { throw .empty("instruction") }
    guard message.count <= UInt32(Limits.instructionsPerSubmissionMax) else {
      throw .tooLarge(
        "instructions", count: Int(message.count), max: Limits.instructionsPerSubmissionMax)
    }
    self.init(
      ledger: LedgerID(try Field.bytes32(message.ledger, "ledger")),
      party: try Field.party(message.party, "party"), count: Int(message.count),
      expiry: LedgerTime(microseconds: message.expiry),
      root: try Field.bytes32(message.root, "root"))
  }
}
