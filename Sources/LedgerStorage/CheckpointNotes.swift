/// The bytes of the file of kept checkpoints: a person can read it in any editor.
///
/// Each record is one C2SP signed note, and then an empty line:
///
///     text line, one or more        none empty, none beginning with "— "
///     (empty line)
///     signature line, one or more   each begins with "— " (U+2014, U+0020)
///     (empty line)
///
/// Every line ends with one line feed, and no line has another control character. So the first
/// empty line of a record is the note's own, the second is the record's end, and no third reading
/// is possible. Each record is durable before the next begins; hence only the last can be torn.
package enum CheckpointNotes {
  /// What a stretch of the file holds.
  package struct Parsed: Hashable, Sendable {
    /// The complete notes, in order.
    package let notes: [String]
    /// Bytes that the complete records take; beyond them lies at most one torn record.
    package let completeBytes: Int
  }

  /// Returns the record of a note.
  ///
  /// - Throws: ``StoreError/invalid(detail:)`` where the text is no signed note.
  package static func record(of note: String) throws(StoreError) -> [UInt8] {
    let bytes = Array(note.utf8)
    guard bytes.count <= StorageLimits.noteBytesMax else {
      throw .invalid(
        detail: "the checkpoint has \(bytes.count) bytes, above \(StorageLimits.noteBytesMax)")
    }
    let record = bytes + [lineFeed]
    guard case .record(let end) = scan(record, from: 0), end == record.count else {
      throw .invalid(
        detail: "the checkpoint is no signed note: text lines, one empty line, signature lines")
    }
    return record
  }

  /// Reads records from the beginning of `bytes`, which is the beginning of a record.
  ///
  /// - Parameters:
  ///   - bytes: A stretch of the file.
  ///   - endsTheFile: Whether nothing follows, so that the last record may be torn. Where more
  ///     follows, an incomplete last record is left for the next stretch.
  ///   - position: Where in the file the stretch begins, for the error.
  /// - Returns: The complete records.
  /// - Throws: ``StoreError/corrupt(detail:)`` for bytes that are neither a record nor a torn one.
  package static func parse(
    _ bytes: [UInt8], endsTheFile: Bool, at position: UInt64
  ) throws(StoreError) -> Parsed {
    var notes: [String] = []
    var offset = 0
    scanning: while offset < bytes.count {
      switch scan(bytes, from: offset) {
      case .record(let end):
        let note = bytes[offset..<end - 1]
        guard note.count <= StorageLimits.noteBytesMax,
          let text = String(validating: note, as: UTF8.self)
        else { throw damaged(at: position + UInt64(offset)) }
        notes.append(text)
        offset = end
      case .incomplete:
        guard bytes.count - offset <= StorageLimits.noteBytesMax + 1 else {
          throw damaged(at: position + UInt64(offset))
        }
        break scanning
      case .malformed:
        guard endsTheFile, isTorn(bytes[offset...]) else {
          throw damaged(at: position + UInt64(offset))
        }
        break scanning
      }
    }
    return Parsed(notes: notes, completeBytes: offset)
  }

  /// Returns where the first record begins that follows a record's end within `bytes`, or `nil`.
  ///
  /// For reading the file from its end: an empty line is a note's own where a signature line
  /// follows it, and the end of a record where not.
  package static func firstRecordStart(within bytes: [UInt8]) -> Int? {
    guard bytes.count >= 2 else { return nil }
    for end in 2...bytes.count
    where bytes[end - 1] == lineFeed && bytes[end - 2] == lineFeed {
      let rest = bytes[end...]
      // At the end of `bytes` nothing tells the two apart, and nothing would be gained.
      if !rest.isEmpty, !rest.starts(with: signatureMark) { return end }
    }
    return nil
  }

  private enum Scan {
    case record(end: Int)
    case incomplete
    case malformed
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let signatureMark = Array("— ".utf8)

  /// Reads one record; `incomplete` means that bytes to come could complete it.
  private static func scan(_ bytes: [UInt8], from start: Int) -> Scan {
    var offset = start
    var lines = 0
    var isInSignatures = false
    while offset < bytes.count {
      guard let end = bytes[offset...].firstIndex(of: lineFeed) else {
        let rest = bytes[offset...]
        let mark = signatureMark.prefix(rest.count)
        let isPrefix =
          isInSignatures ? rest.starts(with: mark) : !rest.starts(with: signatureMark)
        return isPrefix && isText(rest) ? .incomplete : .malformed
      }
      let line = bytes[offset..<end]
      offset = end + 1
      if line.isEmpty {
        guard lines > 0 else { return .malformed }
        if isInSignatures { return .record(end: offset) }
        isInSignatures = true
        lines = 0
        continue
      }
      guard line.starts(with: signatureMark) == isInSignatures, isText(line) else {
        return .malformed
      }
      lines += 1
    }
    return .incomplete
  }

  /// Whether malformed bytes at the file's end are what a crash leaves of one record.
  ///
  /// Blocks of it that never reached the disk read as zeros. It has two empty lines at most; more
  /// would be of a second record, and none can follow a torn one.
  private static func isTorn(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.contains(0), bytes.count <= StorageLimits.noteBytesMax + 1 else { return false }
    let emptyLines = zip(bytes, bytes.dropFirst()).count { $0 == lineFeed && $1 == lineFeed }
    return emptyLines <= 2
  }

  private static func isText(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  private static func damaged(at position: UInt64) -> StoreError {
    .corrupt(detail: "the kept checkpoints are malformed in the record at byte \(position)")
  }
}
