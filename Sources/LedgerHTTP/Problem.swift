import HTTPTypes
import Hummingbird
import LedgerService
import LedgerWire
import LedgerModel

/// An answer that no request wants: RFC 9457 problem details.
///
/// `type` is `/errors/<code>`, relative to the server, and described in docs/errors.md.
struct Problem: Error, Hashable, Sendable {
  let status: HTTPResponse.Status
  /// The stable wire name.
  let code: String
  let detail: String
  var retryAfterSeconds: Int?
  /// The methods that the path has, for 405.
  var allow: String?
  /// Whose ids they may be, for `ambiguous`.
  var parties: [String] = []
  /// Whether the rest of the connection is of no use.
  var closesConnection = false

  /// The code in words: the same at each occurrence, as RFC 9457 asks.
  var title: String { code.split(separator: "_").joined(separator: " ") }

  var json: [UInt8] {
    JSONWriter.object {
      $0.string("type", "/errors/" + code)
      $0.string("title", title)
      $0.integer("status", status.code)
      $0.string("detail", detail)
      $0.string("code", code)
      if !parties.isEmpty { $0.array("parties", parties) { $0.stringElement($1) } }
    }
  }

  var head: HTTPResponse {
    var fields: HTTPFields = [
      .contentType: "application/problem+json", .contentLength: String(json.count),
      .cacheControl: "no-store",
    ]
    if let retryAfterSeconds { fields[.retryAfter] = String(retryAfterSeconds) }
    if let allow { fields[.allow] = allow }
    if closesConnection { fields[.connection] = "close" }
    return HTTPResponse(status: status, headerFields: fields)
  }

  var response: Response {
    Response(
      status: status, headers: head.headerFields,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
  }
}

// MARK: - The request itself

/// The codes of what is wrong with a request, whatever it asks for; the ledger's have their own.
package enum RequestCode: String, Hashable, Sendable, CaseIterable {
  case certificateEnded = "certificate_ended"
  case certificateReadsNothing = "certificate_reads_nothing"
  case documentDeleted = "document_deleted"
  case documentsFull = "documents_full"
  case documentsNotInVersion = "documents_not_in_version"
  case entriesForAuditors = "entries_for_auditors"
  case headersTooLarge = "headers_too_large"
  case hostInvalid = "host_invalid"
  case httpVersionNotSupported = "http_version_not_supported"
  case incompleteBody = "incomplete_body"
  case idempotencyKeyInvalid = "idempotency_key_invalid"
  case internalFault = "internal"
  case invalidParameter = "invalid_parameter"
  case malformedHTTP = "malformed_http"
  case malformedStream = "malformed_stream"
  case methodNotAllowed = "method_not_allowed"
  case notAcceptable = "not_acceptable"
  case notReady = "not_ready"
  case overloaded
  case quotaExceeded = "quota_exceeded"
  case requestTimeout = "request_timeout"
  case tooLarge = "too_large"
  case unknownPath = "unknown_path"
  case unsupportedMediaType = "unsupported_media_type"
  case uriTooLong = "uri_too_long"
  case webhookHostNotPermitted = "webhook_host_not_permitted"
  case webhooksFull = "webhooks_full"
  case wrongHost = "wrong_host"
}

extension Problem {
  private init(
    status: HTTPResponse.Status, code: RequestCode, detail: String, retryAfterSeconds: Int? = nil,
    allow: String? = nil, closesConnection: Bool = false
  ) {
    self.init(
      status: status, code: code.rawValue, detail: detail, retryAfterSeconds: retryAfterSeconds,
      allow: allow, closesConnection: closesConnection)
  }
}

extension Problem {
  static func unknownPath(_ path: String) -> Problem {
    Problem(
      status: .notFound, code: .unknownPath,
      detail: "there is nothing at `\(path)`; docs/api.md lists what there is")
  }

  static func wrongHost(_ host: String) -> Problem {
    Problem(
      status: .misdirectedRequest, code: .wrongHost,
      detail:
        "without TLS the server answers as `localhost` or a loopback address, not as `\(host)`")
  }

  static let certificateEnded = Problem(
    status: .forbidden, code: .certificateEnded,
    detail:
      "the client certificate has ended, or its authority is known no more; connect anew with "
      + "a good one", closesConnection: true)

  /// Nobody is there to read it.
  static let connectionEnded = Problem(
    status: .internalServerError, code: .internalFault, detail: "the connection has ended",
    closesConnection: true)

  static let certificateReadsNothing = Problem(
    status: .forbidden, code: .certificateReadsNothing,
    detail:
      "the certificate is registered for nobody now, and reads only what is public; "
      + "`specie certificate register` has it read")

  static let entriesForAuditors = Problem(
    status: .forbidden, code: .entriesForAuditors,
    detail: "entries hold pseudonyms, amounts and bank names, and are for auditors; hashes and "
      + "checkpoints are for all, and `/v1/proof/{sequence}` has single entries")

  /// The next request would have an answer again after so long.
  static func quotaExceeded(_ standing: Quotas.Standing) -> Problem {
    Problem(
      status: .tooManyRequests, code: .quotaExceeded,
      detail: "this certificate's reader may make `\(standing.max)` requests in "
        + "\(standing.windowSeconds) s; try again in \(standing.resetSeconds) s",
      retryAfterSeconds: standing.resetSeconds)
  }

  static func idempotencyKeyInvalid(_ key: String) -> Problem {
    Problem(
      status: .badRequest, code: .idempotencyKeyInvalid,
      detail: "`Idempotency-Key: \(key)` is no UUIDv7 in lower case; it is the id of the one "
        + "instruction sent", closesConnection: true)
  }

  static func methodNotAllowed(_ method: String, allowed: String) -> Problem {
    Problem(
      status: .methodNotAllowed, code: .methodNotAllowed,
      detail: "`\(method)` is not for this path; use `\(allowed)`", allow: allowed)
  }

  static func unsupportedMediaType(_ found: String?) -> Problem {
    Problem(
      status: .unsupportedMediaType, code: .unsupportedMediaType,
      detail: (found.map { "`\($0)` is not taken" } ?? "the body has no Content-Type")
        + "; send `application/x-protobuf` or `application/json`", closesConnection: true)
  }

  static func notJSON(_ found: String?) -> Problem {
    Problem(
      status: .unsupportedMediaType, code: .unsupportedMediaType,
      detail: (found.map { "`\($0)` is not taken" } ?? "the body has no Content-Type")
        + "; send `application/json`", closesConnection: true)
  }

  static func notXML(_ found: String?) -> Problem {
    Problem(
      status: .unsupportedMediaType, code: .unsupportedMediaType,
      detail: (found.map { "`\($0)` is not taken" } ?? "the body has no Content-Type")
        + "; send `application/xml`, in UTF-8", closesConnection: true)
  }

  static let documentDeleted = Problem(
    status: .gone, code: .documentDeleted,
    detail: "the message has had its time and was deleted; its orders' outcomes are at "
      + "`/v1/instructions/{id}`")

  static func documentsFull(_ limits: HTTPLimits) -> Problem {
    Problem(
      status: .serviceUnavailable, code: .documentsFull,
      detail: "`\(limits.documentsUnorderedMax)` messages, or "
        + "`\(limits.documentBytesUnorderedMax)` bytes of them, wait for their orders to be signed, all "
        + "that may; sign those, or wait until their ids have passed",
      retryAfterSeconds: limits.retryAfterSeconds)
  }

  static let documentsNotInVersion = Problem(
    status: .conflict, code: .documentsNotInVersion,
    detail: "the ledger's state machine is of a version whose orders name no documents; reports "
      + "can be asked for, and payments be ordered without messages")

  static let malformedStream = Problem(
    status: .badRequest, code: .malformedStream,
    detail: "each submission of a stream stands behind its length, a varint in its shortest form",
    closesConnection: true)

  static func submissionTooLarge(_ count: Int, _ limits: HTTPLimits) -> Problem {
    Problem(
      status: .contentTooLarge, code: .tooLarge,
      detail: "the next submission says that it has `\(count)` bytes; one has at most "
        + "`\(limits.bodyBytesMax)`", closesConnection: true)
  }

  static let notStreamed = Problem(
    status: .unsupportedMediaType, code: .unsupportedMediaType,
    detail: "a stream is sent and answered as `application/x-protobuf` alone",
    closesConnection: true)

  static func contentCoded(_ found: String) -> Problem {
    Problem(
      status: .unsupportedMediaType, code: .unsupportedMediaType,
      detail: "content coding `\(found)` is not taken; send the body as it is",
      closesConnection: true)
  }

  static func notAcceptable(_ found: String) -> Problem {
    Problem(
      status: .notAcceptable, code: .notAcceptable,
      detail: "none of `\(found)` is offered; accept `application/x-protobuf` or "
        + "`application/json`", closesConnection: true)
  }

  static func targetTooLong(_ count: Int, _ limits: HTTPLimits) -> Problem {
    Problem(
      status: .uriTooLong, code: .uriTooLong,
      detail: "the request's target has `\(count)` bytes; at most `\(limits.targetBytesMax)`",
      closesConnection: true)
  }

  static func headersTooLarge(_ limits: HTTPLimits) -> Problem {
    Problem(
      status: .requestHeaderFieldsTooLarge, code: .headersTooLarge,
      detail: "send at most `\(limits.headerFieldsMax)` header fields, each of at most "
        + "`\(limits.headerFieldBytesMax)` bytes, `\(limits.headerBytesMax)` in all",
      closesConnection: true)
  }

  static func bodyTooLarge(_ limits: HTTPLimits) -> Problem {
    Problem(
      status: .contentTooLarge, code: .tooLarge,
      detail: "the body has more than `\(limits.bodyBytesMax)` bytes; send fewer instructions",
      closesConnection: true)
  }

  static func tooLarge(_ bytesMax: Int) -> Problem {
    Problem(
      status: .contentTooLarge, code: .tooLarge,
      detail: "the body has more than `\(bytesMax)` bytes",
      closesConnection: true)
  }

  static func bodiesFull(_ limits: HTTPLimits, retryAfterSeconds: Int) -> Problem {
    Problem(
      status: .serviceUnavailable, code: .overloaded,
      detail: "bodies of `\(limits.bodyBytesInFlightMax)` bytes are being read, all that may be; "
        + "try again in \(retryAfterSeconds) s",
      retryAfterSeconds: retryAfterSeconds, closesConnection: true)
  }

  static let incompleteBody = Problem(
    status: .badRequest, code: .incompleteBody,
    detail: "the body ended before its length, or its chunks are not well formed",
    closesConnection: true)

  static func requestTimeout(_ limits: HTTPLimits) -> Problem {
    Problem(
      status: .requestTimeout, code: .requestTimeout,
      detail:
        "the request did not arrive within \(limits.requestTimeout.nanoseconds / 1_000_000) ms",
      closesConnection: true)
  }

  static let malformedHTTP = Problem(
    status: .badRequest, code: .malformedHTTP, detail: "the bytes are no HTTP/1.1 request",
    closesConnection: true)

  static let httpVersionNotSupported = Problem(
    status: .httpVersionNotSupported, code: .httpVersionNotSupported,
    detail: "the server speaks HTTP/1.1 alone; a proxy before it may have to be told so",
    closesConnection: true)

  static let hostInvalid = Problem(
    status: .badRequest, code: .hostInvalid,
    detail: "a request has one `Host` field, no more and no less", closesConnection: true)

  static let internalFault = Problem(
    status: .internalServerError, code: .internalFault,
    detail: "the server failed to answer; its log says why", closesConnection: true)

  static func invalidParameter(_ name: String, _ problem: String) -> Problem {
    Problem(status: .badRequest, code: .invalidParameter, detail: "`\(name)`: \(problem)")
  }

  static func webhookHostNotPermitted(_ host: WebhookHost) -> Problem {
    Problem(
      status: .forbidden, code: .webhookHostNotPermitted,
      detail: "the server sends nothing to `\(host)`; its operator permits hosts, with "
        + "`specie serve --webhook-host`")
  }

  static func webhooksFull(_ max: Int) -> Problem {
    Problem(
      status: .conflict, code: .webhooksFull,
      detail: "there are `\(max)` webhooks, all that there may be; remove one first")
  }

  static func notReady(_ reason: String, _ limits: HTTPLimits) -> Problem {
    Problem(
      status: .serviceUnavailable, code: .notReady,
      detail: "no orders are taken: \(reason)", retryAfterSeconds: limits.retryAfterSeconds)
  }
}

// MARK: - The ledger's refusals

extension Problem {
  init(_ error: SubmitError, _ limits: HTTPLimits) {
    switch error {
    case .invalid(let wire):
      self.init(
        status: wire.status, code: wire.code, detail: wire.description,
        retryAfterSeconds: wire.status == .serviceUnavailable ? limits.retryAfterSeconds : nil)
    case .overloaded(_, _, let seconds), .storageFull(let seconds):
      self.init(
        status: .serviceUnavailable, code: error.code, detail: error.description,
        retryAfterSeconds: seconds)
    case .clockUnsafe, .signingStopped, .stopping:
      self.init(
        status: .serviceUnavailable, code: error.code, detail: error.description,
        retryAfterSeconds: limits.retryAfterSeconds)
    case .otherIdempotencyKey, .notForDryRuns:
      self.init(status: .badRequest, code: error.code, detail: error.description)
    case .outcomeUnreadable:
      self.init(
        status: .internalServerError, code: error.code, detail: error.description)
    }
  }

  /// - Parameters:
  ///   - error: Why there is no answer.
  ///   - noun: What was asked for, such as ``account `…` ``.
  ///   - limits: For how long to wait.
  init(_ error: ReadError, of noun: String, _ limits: HTTPLimits) {
    switch error {
    case .notFound:
      self.init(status: .notFound, code: error.code, detail: "there is no \(noun)")
    case .notYetCovered(let size):
      self.init(
        status: .notFound, code: error.code,
        detail: "no checkpoint covers \(noun) yet; the newest has size \(size), ask again",
        retryAfterSeconds: limits.checkpointRetryAfterSeconds)
    case .ambiguous(let parties):
      self.init(
        status: .conflict, code: error.code,
        detail: "several parties used \(noun); name one with `?party=`", parties: parties)
    case .anotherParty:
      self.init(status: .forbidden, code: error.code, detail: error.description)
    case .partyNeeded(let parties):
      self.init(
        status: .badRequest, code: error.code, detail: error.description, parties: parties)
    case .notYetPast:
      self.init(
        status: .notFound, code: error.code, detail: error.description,
        retryAfterSeconds: limits.checkpointRetryAfterSeconds)
    case .readerNeeded:
      self.init(status: .conflict, code: error.code, detail: error.description)
    case .outOfRange:
      self.init(status: .badRequest, code: error.code, detail: error.description)
    case .followersFull, .busy:
      self.init(
        status: .serviceUnavailable, code: error.code, detail: error.description,
        retryAfterSeconds: limits.retryAfterSeconds)
    case .notAnEntry:
      self.init(status: .notFound, code: error.code, detail: error.description)
    case .storage:
      // The detail is for the log: it may name files.
      self.init(
        status: .internalServerError, code: error.code,
        detail: "the store did not answer; the server's log says why")
    }
  }
}

extension WireError {
  /// The status of the problem that tells it.
  ///
  /// 403 for keys and signatures, not 401: the API has no challenge to offer (RFC 9110, 15.5.2).
  var status: HTTPResponse.Status {
    switch self {
    case .malformed, .nonCanonical, .invalidField, .empty, .wrongPayloadType, .countMismatch,
      .rootMismatch, .duplicateSigner:
      .badRequest
    case .tooLarge: .contentTooLarge
    case .badSignature, .unknownSigner: .forbidden
    case .refused(let refusal): refusal.status
    }
  }
}

extension SubmissionRefusal {
  /// The status of the problem that tells it.
  var status: HTTPResponse.Status {
    switch self {
    case .wrongLedger, .statementExpired, .expiryTooFar: .conflict
    case .partyUnknown, .keyUnknown, .keyRevoked, .keySuspended, .keyNotYetValid, .keyExpired:
      .forbidden
    case .liveIDsFull: .serviceUnavailable
    }
  }
}
