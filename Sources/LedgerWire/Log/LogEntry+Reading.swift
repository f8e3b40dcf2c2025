package import LedgerModel
package import MerkleLog

/// The entry of an instruction, read without a copy of its bytes.
package struct InstructionEntry: Sendable {
  package let sequence: SequenceNumber
  package let time: LedgerTime
  /// The leaf hash of the entry before.
  package let previous: Digest
  /// The instruction's own bytes.
  package let instruction: ArraySlice<UInt8>
  package let outcome: LoggedOutcome

  /// Takes the parts of an entry; `nil` where it is none of an instruction.
  package init?(_ entry: LogEntry) {
    guard case .instruction(let bytes, let outcome) = entry.body else { return nil }
    sequence = entry.sequence
    time = entry.time
    previous = entry.previous
    instruction = bytes[...]
    self.outcome = outcome
  }

  /// Reads the entry of an instruction without swift-protobuf, which decodes, encodes again and
  /// compares: replay and audit read one for each payment there ever was.
  ///
  /// - Returns: `nil` for other entries, and for whatever is not canonical or valid: the general
  ///   way then decides, and says what is wrong. LedgerWireTests holds it against that one.
  /// - Source: docs/formats/log-entry.md.
  package init?(canonicalBytes bytes: ArraySlice<UInt8>) {
    // Safe: the span ends with the function, and the slice outlives it.
    let span = unsafe bytes.span.bytes
    guard let head = EntryHead(span), head.tag == 18 << 3 | 2 else { return nil }
    var offset = head.body.lowerBound
    guard span.takes(0x0A, at: &offset), let instruction = span.block(at: &offset),
      !instruction.isEmpty, let outcome = LoggedOutcome(from: span, at: &offset),
      offset == head.body.upperBound
    else { return nil }
    sequence = head.sequence
    time = head.time
    previous = head.previous
    let start = bytes.startIndex
    self.instruction = bytes[start + instruction.lowerBound..<start + instruction.upperBound]
    self.outcome = outcome
  }
}

extension LogEntry {
  /// Reads the entry of a submission in the same way: a single payment has one.
  ///
  /// - Returns: `nil` as for an instruction.
  init?(submission bytes: RawSpan) {
    guard let head = EntryHead(bytes), head.tag == 17 << 3 | 2 else { return nil }
    var offset = head.body.lowerBound
    guard bytes.takes(0x0A, at: &offset), let statement = bytes.block(at: &offset),
      !statement.isEmpty
    else { return nil }
    var signatures: [StatementSignature] = []
    while offset < head.body.upperBound {
      guard bytes.takes(0x12, at: &offset), let range = bytes.block(at: &offset),
        let signature = StatementSignature(plainBytes: bytes.extracting(range))
      else { return nil }
      signatures.append(signature)
    }
    guard offset == head.body.upperBound else { return nil }
    self.init(
      sequence: head.sequence, time: head.time, previous: head.previous,
      body: .submission(statement: bytes.bytes(in: statement), signatures: signatures))
  }
}

/// What every entry but the first begins with, and where its body lies.
private struct EntryHead {
  let sequence: SequenceNumber
  let time: LedgerTime
  let previous: Digest
  /// Of the body.
  let tag: UInt64
  let body: Range<Int>

  init?(_ bytes: RawSpan) {
    var offset = 0
    guard bytes.takes(0x08, at: &offset), let sequence = bytes.varint(at: &offset), sequence > 0,
      bytes.takes(0x10, at: &offset), let time = bytes.varint(at: &offset), time > 0,
      let previous = bytes.bytes32(tag: 0x1A, at: &offset), let tag = bytes.varint(at: &offset),
      let body = bytes.block(at: &offset), offset == bytes.byteCount
    else { return nil }
    self.sequence = SequenceNumber(sequence)
    self.time = LedgerTime(microseconds: time)
    self.previous = previous.digest
    self.tag = tag
    self.body = body
  }
}

extension StatementSignature {
  fileprivate init?(plainBytes bytes: RawSpan) {
    var offset = 0
    guard let key = bytes.bytes32(tag: 0x0A, at: &offset), bytes.takes(0x12, at: &offset),
      let signature = bytes.block(at: &offset), signature.count == Ed25519.signatureByteCount,
      offset == bytes.byteCount
    else { return nil }
    self.init(key: PublicKey(key), signature: bytes.bytes(in: signature))
  }
}

extension LoggedOutcome {
  fileprivate init?(from span: RawSpan, at offset: inout Int) {
    guard let tag = span.varint(at: &offset), let body = span.block(at: &offset) else { return nil }
    var inner = body.lowerBound
    switch tag {
    case 16 << 3 | 2: self = .accepted  // With remarks it has bytes left, and is read at length.
    case 17 << 3 | 2:
      guard let text = span.text(tag: 0x0A, at: &inner), let code = RejectionCode(rawValue: text)
      else { return nil }
      var rule: RuleID?
      if inner < body.upperBound {
        guard let name = span.text(tag: 0x12, at: &inner), RuleID.rule.admits(name) else {
          return nil
        }
        rule = RuleID(unchecked: name)
      }
      var pack: PackName?
      if inner < body.upperBound {
        guard let name = span.text(tag: 0x1A, at: &inner), PackName.rule.admits(name) else {
          return nil
        }
        pack = PackName(unchecked: name)
      }
      self = .rejected(code: code, rule: rule, pack: pack)
    case 18 << 3 | 2:
      guard span.takes(0x08, at: &inner), let sequence = span.varint(at: &inner), sequence > 0
      else { return nil }
      self = .duplicate(of: SequenceNumber(sequence))
    default: return nil
    }
    guard inner == body.upperBound else { return nil }
  }
}
