/// What a witness answered to an ``AddCheckpointRequest``.
///
/// A value is well formed; whether the signatures hold is for the log to check before it shows
/// them.
///
/// - Source: C2SP tlog-witness, "add-checkpoint".
public enum AddCheckpointAnswer: Hashable, Sendable {
  /// It cosigned: at least one signature line.
  case cosigned([NoteSignature])
  /// It has cosigned that size last, and not the request's old one.
  case conflict(size: UInt64)
  /// The proof does not hold, or the root is another than it cosigned: one of the two is wrong for
  /// good.
  case inconsistent(text: String)
  /// Any other refusal.
  case refused(status: Int, text: String)

  /// The media type of the answer that names a size.
  public static let sizeMediaType = "text/x.tlog.size"

  /// Parses an answer.
  ///
  /// - Parameters:
  ///   - status: The HTTP status.
  ///   - mediaType: The value of `Content-Type`, `nil` where there is none.
  ///   - body: The whole body.
  /// - Throws: ``AddCheckpointAnswerError``, where a witness does not answer so.
  public init(
    status: Int, mediaType: String?, body: [UInt8]
  ) throws(AddCheckpointAnswerError) {
    guard body.count <= LogLimits.addCheckpointAnswerByteCountMax else {
      throw .tooLong(byteCount: body.count)
    }
    switch status {
    case 200:
      self = .cosigned(try Self.signatures(body))
    case 409:
      guard Self.isSize(mediaType) else { throw .wrongMediaType(mediaType) }
      guard body.last == Note.lineFeed, let size = Decimal.decode(body.dropLast()) else {
        throw .malformedSize
      }
      self = .conflict(size: size)
    case 422:
      self = .inconsistent(text: Self.text(body))
    case _:
      self = .refused(status: status, text: Self.text(body))
    }
  }

  /// Whether a `Content-Type` names the size's media type, in any case and with any parameters.
  private static func isSize(_ mediaType: String?) -> Bool {
    guard let type = mediaType?.utf8.prefix(while: { $0 != UInt8(ascii: ";") }) else {
      return false
    }
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let name = type.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    return name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
      == Array(sizeMediaType.utf8)
  }

  private static func signatures(
    _ body: [UInt8]
  ) throws(AddCheckpointAnswerError) -> [NoteSignature] {
    guard body.last == Note.lineFeed else { throw .malformedSignatureLine(1) }
    let lines = body.dropLast().split(separator: Note.lineFeed, omittingEmptySubsequences: false)
    guard lines.count <= LogLimits.noteSignatureCountMax else { throw .tooManySignatures }
    var signatures: [NoteSignature] = []
    for (index, line) in lines.enumerated() {
      guard let signature = NoteSignature(line: line) else {
        throw .malformedSignatureLine(index + 1)
      }
      signatures.append(signature)
    }
    return signatures
  }

  /// Returns the first line of a reason, for people.
  private static func text(_ body: [UInt8]) -> String {
    let line = body.prefix(reasonByteCountMax).prefix { $0 >= 0x20 }
    return String(decoding: line, as: UTF8.self)
  }

  private static let reasonByteCountMax = 200
}

/// Why an answer is none that a witness gives.
public enum AddCheckpointAnswerError: Error, Hashable, Sendable {
  case tooLong(byteCount: Int)
  /// Counted from 1.
  case malformedSignatureLine(Int)
  case tooManySignatures
  case wrongMediaType(String?)
  case malformedSize
}

extension AddCheckpointAnswerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the answer has `\(byteCount)` bytes; at most "
        + "`\(LogLimits.addCheckpointAnswerByteCountMax)` are accepted"
    case .malformedSignatureLine(let line):
      "line `\(line)` of the answer is no signature line, ended by a line feed"
    case .tooManySignatures:
      "the answer has more than `\(LogLimits.noteSignatureCountMax)` signature lines"
    case .wrongMediaType(let found):
      "status 409 comes with `\(found ?? "no media type")`, and must with "
        + "`\(AddCheckpointAnswer.sizeMediaType)`"
    case .malformedSize:
      "status 409 comes without a decimal size and a line feed"
    }
  }
}
