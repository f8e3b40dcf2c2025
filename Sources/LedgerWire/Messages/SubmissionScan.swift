import LedgerModel

/// Counts what the body of a submission repeats, before anything is built of it.
///
/// A repeated field costs two bytes on the wire and a hundred in memory, so a body within its bound
/// could take hundreds of megabytes to decode, and be refused only then.
struct SubmissionScan {
  private(set) var instructionCount = 0
  private(set) var signatureCount = 0
  private let bytes: [UInt8]

  /// - Throws: ``WireError/tooLarge(_:count:max:)``.
  /// - Complexity: O(fields).
  static func check(_ bytes: [UInt8]) throws(WireError) {
    var scan = SubmissionScan(bytes)
    scan.scanBody()
    guard scan.instructionCount <= Limits.instructionsPerSubmissionMax else {
      throw .tooLarge(
        "instructions", count: scan.instructionCount, max: Limits.instructionsPerSubmissionMax)
    }
    guard scan.signatureCount <= Limits.signaturesPerStatementMax else {
      throw .tooLarge(
        "signatures", count: scan.signatureCount, max: Limits.signaturesPerStatementMax)
    }
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func scanBody() {
    var offset = 0
    while let (field, block) = nextField(at: &offset, end: bytes.count) {
      switch (field, block) {
      case (1, let envelope?): scanEnvelope(envelope)
      case (2, _?): instructionCount += 1
      default: break
      }
    }
  }

  /// An envelope that comes twice is merged, so the signatures of all count together.
  private mutating func scanEnvelope(_ range: Range<Int>) {
    var offset = range.lowerBound
    while let (field, block) = nextField(at: &offset, end: range.upperBound) {
      if field == 3, block != nil { signatureCount += 1 }
    }
  }

  /// Steps over one field.
  ///
  /// - Returns: Its number and the range of its bytes where it has a length; `nil` at the end, and
  ///   where a decoder would find no field either.
  private func nextField(
    at offset: inout Int, end: Int
  ) -> (field: UInt64, block: Range<Int>?)? {
    guard let tag = varint(at: &offset, end: end) else { return nil }
    let field = tag >> 3
    switch tag & 7 {
    case 0:
      guard varint(at: &offset, end: end) != nil else { return nil }
    case 1: offset += 8
    case 2:
      guard let length = varint(at: &offset, end: end), length <= UInt64(end - offset) else {
        return nil
      }
      let start = offset
      offset += Int(length)
      return (field, start..<offset)
    // A group's fields are stepped over as if they were ours, which counts too many at worst.
    case 3, 4: break
    case 5: offset += 4
    default: return nil
    }
    return offset <= end ? (field, nil) : nil
  }

  /// Reads a varint, shortest or not: decoders take both.
  private func varint(at offset: inout Int, end: Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < end, shift < 70 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
