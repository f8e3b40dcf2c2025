import LedgerModel

extension Statement {
  /// Reads a statement without swift-protobuf, which costs three allocations and encodes it again
  /// to compare; a single payment has one.
  ///
  /// - Returns: `nil` for whatever is not canonical, valid or ASCII: the general way then decides,
  ///   and says what is wrong. LedgerWireTests holds it against that one.
  /// - Source: docs/formats/submission.md.
  init?(plainBytes bytes: RawSpan) {
    var offset = 0
    guard let ledger = bytes.bytes32(tag: 0x0A, at: &offset),
      let text = bytes.text(tag: 0x12, at: &offset), let party = try? Party(text),
      bytes.takes(0x18, at: &offset), let count = bytes.varint(at: &offset),
      1...UInt64(Limits.instructionsPerSubmissionMax) ~= count,
      bytes.takes(0x20, at: &offset), let expiry = bytes.varint(at: &offset), expiry > 0,
      let root = bytes.bytes32(tag: 0x2A, at: &offset), offset == bytes.byteCount
    else { return nil }
    self.init(
      ledger: LedgerID(ledger), party: party, count: Int(count),
      expiry: LedgerTime(microseconds: expiry), root: root)
  }
}
