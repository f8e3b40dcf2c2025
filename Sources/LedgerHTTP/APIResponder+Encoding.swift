import Hummingbird
import LedgerModel
import LedgerService
import LedgerWire
import MerkleLog
import NIOCore

// `POST /v1/instructions:encode`: orders in words, and the bytes that sign them.

extension APIResponder {
  /// Encodes orders, and says what is to be signed; nothing is ordered.
  func encode(_ request: Request, _ query: inout Query) async throws(Problem) -> Response {
    try query.end()
    guard let type = request.headers[.contentType], WireForm(mediaType: type) == .json else {
      throw .notJSON(request.headers[.contentType])
    }
    let words = try EncodingRequest(try await body(of: request, max: limits.encodingBytesMax))
    let party: Party
    do throws(NameError) {
      party = try Party(words.party)
    } catch {
      throw .invalidParameter("party", error.description)
    }
    guard 1...limits.encodedInstructionsMax ~= words.instructions.count else {
      throw .invalidParameter(
        "instructions", "send 1 to \(limits.encodedInstructionsMax) orders")
    }
    let now = SystemClock().now
    var instructions: [Instruction] = []
    for (index, values) in words.instructions.enumerated() {
      var members = OrderMembers(values, at: index, currencies: ledger.genesis.currencies)
      instructions.append(try members.instruction(orElse: InstructionID(random: now)))
    }
    let submission = Submission(
      instructions, of: party, on: ledger.id, expiry: try expiry(words, party, now), signedBy: [])
    return .json(
      JSONWriter.object { writer in
        writer.array("ids", instructions) { $0.stringElement($1.id.description) }
        writer.encoded(submission)
      })
  }

  /// When the statement ends: nine tenths of what the ledger allows, unless it is said.
  private func expiry(
    _ words: EncodingRequest, _ party: Party, _ now: LedgerTime
  ) throws(Problem) -> LedgerTime {
    guard let text = words.expires else {
      let horizon = ledger.genesis.parameters.horizonMicroseconds(of: party)
      return now.advanced(byMicroseconds: horizon / 10 * 9)
    }
    guard let microseconds = CivilDate.microseconds(rfc3339: text) else {
      throw .invalidParameter("expires", "`\(text)` is no instant in RFC 3339")
    }
    return LedgerTime(microseconds: microseconds)
  }

  /// The whole body of a request that is not a submission, counted while it comes.
  func body(of request: Request, max: Int) async throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    defer { intake.release(bytes.count) }
    do {
      for try await buffer in request.body {
        guard bytes.count + buffer.readableBytes <= max else { throw Problem.tooLarge(max) }
        try intake.take(buffer.readableBytes)
        bytes += buffer.readableBytesView
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      throw .incompleteBody
    }
    return bytes
  }
}

extension InstructionID {
  /// A new id of an instant.
  init(random time: LedgerTime) {
    self.init(
      milliseconds: time.microseconds / 1_000,
      random: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }
}

extension JSONWriter {
  /// What is to be signed, and what is to be sent with the signature.
  mutating func encoded(_ submission: Submission) {
    let payload = submission.statementBytes
    string("payload_type", submission.payloadType)
    string("payload", Base64.encode(payload))
    string(
      "to_sign",
      Base64.encode(
        DSSE.preAuthenticationEncoding(type: submission.payloadType, payload: payload)))
    object("submission") { writer in
      writer.object("envelope") {
        $0.string("payload", Base64.encode(payload))
        $0.string("payloadType", submission.payloadType)
        $0.array("signatures", [Never]()) { _, _ in }
      }
      writer.array("instructions", submission.instructions) {
        $0.stringElement(Base64.encode(Array($1)))
      }
    }
  }
}
