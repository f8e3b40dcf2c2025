import HTTPTypes
import LedgerModel
import LedgerService

/// A `POST` of submissions while its body arrives.
///
/// - Source: docs/api.md.
struct SubmissionRequest {
  static let path = "/v1/submissions"

  let form: WireForm
  let answerForm: WireForm
  /// The caller wants the connection closed after the answer.
  let isLast: Bool
  /// The caller waits for a word before it sends the body.
  let expectsContinue: Bool
  /// The id of the one instruction that the body is said to bring.
  let idempotencyKey: InstructionID?
  /// Bytes of the body, where the head says how many.
  private let length: Int?
  private(set) var body: [UInt8] = []

  /// Reads the head.
  ///
  /// - Throws: A problem that closes the connection, since the body is not read then.
  init(_ head: HTTPRequest) throws(Problem) {
    var contentType: String?
    var accept: String?
    var length: Int?
    var isLast = false
    var expectsContinue = false
    var idempotencyKey: InstructionID?
    // One pass: to look a field up by name builds a table of all of them first.
    for field in head.headerFields {
      switch field.name {
      case .contentType: contentType = contentType ?? field.value
      case .accept: accept = accept.map { $0 + "," + field.value } ?? field.value
      case .contentLength: length = Int(field.value)
      case .connection: isLast = isLast || field.value.lowercased() == "close"
      case .expect: expectsContinue = field.value.lowercased() == "100-continue"
      case .idempotencyKey: idempotencyKey = try Self.idempotencyKey(field.value)
      case .contentEncoding where field.value != "identity": throw .contentCoded(field.value)
      default: break
      }
    }
    guard let contentType, let form = WireForm(mediaType: contentType) else {
      throw .unsupportedMediaType(contentType)
    }
    self.form = form
    self.isLast = isLast
    self.expectsContinue = expectsContinue
    self.idempotencyKey = idempotencyKey
    self.length = length
    if let accept {
      guard let accepted = WireForm.accepted(accept, standard: form) else {
        throw .notAcceptable(accept)
      }
      answerForm = accepted
    } else {
      answerForm = form
    }
  }

  /// - Source: draft-ietf-httpapi-idempotency-key-header-07, 2.1: a string, which stands in quotes;
  ///   many clients leave them out.
  private static func idempotencyKey(_ text: String) throws(Problem) -> InstructionID {
    let isQuoted = text.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
    let name = isQuoted ? String(text.dropFirst().dropLast()) : text
    guard let id = Bytes16(uuidText: name).flatMap({ InstructionID($0) }) else {
      throw .idempotencyKeyInvalid(text)
    }
    return id
  }

  /// Sets memory aside for the body.
  ///
  /// - Throws: A problem that closes the connection, where the body is known to be too long.
  mutating func reserveBody(_ limits: HTTPLimits) throws(Problem) {
    guard let length else { return }
    guard length <= limits.bodyBytesMax else { throw .bodyTooLarge(limits) }
    body.reserveCapacity(min(length, limits.bodyBytesReservedMax))
  }

  /// - Throws: A problem that closes the connection; nothing is appended then.
  mutating func append(
    _ bytes: some Collection<UInt8>, _ limits: HTTPLimits
  ) throws(Problem) {
    guard body.count + bytes.count <= limits.bodyBytesMax else { throw .bodyTooLarge(limits) }
    body.append(contentsOf: bytes)
  }

  /// The whole body, as the ledger takes it.
  var delivered: Delivery.Body {
    switch form {
    case .protobuf: .protobuf(body)
    case .json: .json(body)
    }
  }
}
