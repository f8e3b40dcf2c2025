import LedgerSchema
import NIOCore
import ProgramTesting
import SwiftProtobuf

/// Submissions in the form of one stream's body.
struct StreamLoad: Sendable {
  private static let pieceBytes = 64 << 10

  private let count: Int
  private let pieces: [ByteBuffer]

  init(_ bodies: [[UInt8]]) {
    count = bodies.count
    var pieces: [ByteBuffer] = []
    var piece = ByteBuffer()
    for body in bodies {
      var length = UInt64(body.count)
      while length >= 0x80 {
        piece.writeInteger(UInt8(truncatingIfNeeded: length) | 0x80)
        length >>= 7
      }
      piece.writeInteger(UInt8(length))
      piece.writeBytes(body)
      if piece.readableBytes >= Self.pieceBytes {
        pieces.append(piece)
        piece = ByteBuffer()
      }
    }
    self.pieces = pieces + [piece]
  }

  /// - Throws: ``ProgramError`` unless each submission is durable, and all its payments accepted.
  func send(by sender: Sender) async throws {
    var answers = try await sender.stream(pieces)
    var answered = 0
    while let bytes = answers.readDelimited() {
      let answer = try Specie_V1_SubmissionAnswer(serializedBytes: bytes)
      guard case .receipt(let receipt)? = answer.answer,
        receipt.instructions.allSatisfy({ if case .accepted? = $0.outcome { true } else { false } })
      else { throw ProgramError("answer \(answered) is \(answer)") }
      answered += 1
    }
    guard answered == count else { throw ProgramError("\(answered) of \(count) are answered") }
  }
}

extension ByteBuffer {
  /// Reads bytes that stand behind their length; `nil` at the end.
  fileprivate mutating func readDelimited() -> [UInt8]? {
    var length = 0
    var shift = 0
    while let byte = readInteger(as: UInt8.self) {
      length |= Int(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { return readBytes(length: length) }
    }
    return nil
  }
}
