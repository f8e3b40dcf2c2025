import HTTPTypes
import Hummingbird
import HummingbirdCore
package import LedgerHTTP
package import Logging
import MerkleLog
import NIOCore
import ServiceLifecycle

/// A witness over HTTP/1.1, on a loopback address.
///
/// - Source: C2SP tlog-witness; docs/formats/witness.md.
package struct WitnessServer: Service {
  private let application: @Sendable () async throws -> Void
  private let host: String
  private let port: Int

  /// Creates a server; nothing listens before ``run()``.
  ///
  /// - Parameters:
  ///   - witness: What decides.
  ///   - host: A loopback address.
  ///   - port: `0 ... 65,535`; 0 is any free port.
  ///   - limits: Every bound.
  ///   - logger: Told of each request to cosign.
  ///   - fail: Ends the process, where nobody knows what was stored.
  ///   - onListening: Called once with the port that was bound.
  /// - Throws: ``LedgerServerError/notLoopback(host:)`` or ``LedgerServerError/noPort(_:)``.
  package init(
    witness: Witness, host: String, port: Int, limits: WitnessLimits = WitnessLimits(),
    logger: Logger, fail: @escaping @Sendable (String) -> Void,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) throws(LedgerServerError) {
    guard let address = LoopbackAddress(host) else { throw .notLoopback(host: host) }
    guard 0...65_535 ~= port else { throw .noPort(port) }
    self.host = address.text
    self.port = port
    let responder = WitnessResponder(
      witness: witness, limits: limits, logger: logger, fail: fail)
    application = {
      try await Application(
        responder: responder,
        server: .http1(
          configuration: HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(limits.http, streamPath: nil)],
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
              maxHeaderFieldSize: limits.http.headerFieldBytesMax,
              maxHeaderListSize: limits.http.headerBytesMax,
              maxHeaderFieldCount: limits.http.headerFieldsMax))),
        configuration: ApplicationConfiguration(
          address: .hostname(address.text, port: port), backlog: limits.http.backlogMax,
          availableConnectionsDelegate: MaximumAvailableConnections(
            limits.http.connectionsMax, logger: logger)),
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
        logger: logger
      ).run()
    }
  }

  /// Listens, and returns once it has drained after a graceful shutdown.
  ///
  /// - Throws: ``LedgerServerError/cannotListen(host:port:reason:)``.
  package func run() async throws {
    do {
      try await application()
    } catch let error as IOError {
      throw LedgerServerError.cannotListen(host: host, port: port, reason: error.description)
    }
  }
}

/// What a request came on; a witness needs nothing of it.
struct WitnessRequestContext: InitializableFromSource {
  init(source: ApplicationRequestContextSource) {}
}

/// Takes each request to its answer.
struct WitnessResponder: HTTPResponder {
  let witness: Witness
  let limits: WitnessLimits
  let logger: Logger
  let fail: @Sendable (String) -> Void

  init(
    witness: Witness, limits: WitnessLimits, logger: Logger,
    fail: @escaping @Sendable (String) -> Void
  ) {
    self.witness = witness
    self.limits = limits
    self.logger = logger
    self.fail = fail
  }

  func respond(to request: Request, context: WitnessRequestContext) async -> Response {
    var response: Response
    do throws(WitnessFault) {
      response = try await answer(to: request)
      // Its body, if it has one, is not read.
      if !request.isRead, [404, 405, 414].contains(response.status.code) {
        response.headers[.connection] = "close"
      }
    } catch {
      if case .unknownOutcome = error {
        logger.critical("\(error)")
        fail(error.description)
      }
      logger.error("there is no answer: \(error)")
      // The detail is for the log: it may name files.
      response = .text(.internalServerError, "the witness could not decide; ask again")
    }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(to request: Request) async throws(WitnessFault) -> Response {
    let target = request.head.path ?? "/"
    guard target.utf8.count <= limits.http.targetBytesMax else {
      return .text(.uriTooLong, "the target is too long")
    }
    let segments = target.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    switch Array(segments) {
    case ["add-checkpoint"]:
      guard request.method == .post else { return .methodNotAllowed("POST") }
      return try await addCheckpoint(request)
    case ["healthz"]:
      guard request.isRead else { return .methodNotAllowed("GET, HEAD") }
      return .text(.ok, "ok")
    case let parts where parts.count == 2 && parts[1] == "checkpoint":
      guard request.isRead else { return .methodNotAllowed("GET, HEAD") }
      guard let note = try await witness.latest(ofHash: String(parts[0])) else {
        return .text(.notFound, "no checkpoint of such a log was cosigned")
      }
      return .bytes(.ok, note)
    default:
      return .text(.notFound, "there is no such path")
    }
  }

  private func addCheckpoint(_ request: Request) async throws(WitnessFault) -> Response {
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: limits.bodyBytesMax)
    } catch is NIOTooManyBytesError {
      logger.notice("add-checkpoint", metadata: ["status": "400"])
      return .text(.badRequest, "the body has more than \(limits.bodyBytesMax) bytes", closes: true)
    } catch {
      return .text(.badRequest, "the body did not arrive", closes: true)
    }
    let outcome = try await witness.addCheckpoint([UInt8](body.readableBytesView))
    let response: Response
    var metadata: Logger.Metadata = [:]
    if let request = outcome.request {
      metadata["origin"] = "\(request.origin.description.debugDescription)"
      metadata["old"] = "\(request.oldSize)"
      metadata["size"] = "\(request.size)"
    }
    switch outcome.answer {
    case .cosigned(let line):
      response = .bytes(.ok, Array(line.utf8))
    case .refused(.conflict(let size)):
      response = .bytes(
        .conflict, Array("\(size)\n".utf8), type: AddCheckpointAnswer.sizeMediaType)
      metadata["cosigned_size"] = "\(size)"
    case .refused(let error):
      response = .text(.init(code: error.statusCode), error.description)
      metadata["reason"] = "\(error.description.debugDescription)"
    }
    metadata["status"] = "\(response.status.code)"
    if outcome.isKept { metadata["evidence"] = "kept" }
    // Anybody can send a log's checkpoint with a false proof: that alone is no alarm.
    logger.log(
      level: outcome.isDecisive ? .error : .notice, "add-checkpoint", metadata: metadata)
    return response
  }
}

extension Request {
  fileprivate var isRead: Bool { method == .get || method == .head }
}

extension Response {
  fileprivate static func bytes(
    _ status: HTTPResponse.Status, _ bytes: [UInt8], type: String = "text/plain; charset=utf-8",
    closes: Bool = false
  ) -> Response {
    var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
    if closes { headers[.connection] = "close" }
    return Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  fileprivate static func text(
    _ status: HTTPResponse.Status, _ text: String, closes: Bool = false
  ) -> Response {
    .bytes(status, Array("\(text)\n".utf8), closes: closes)
  }

  fileprivate static func methodNotAllowed(_ allowed: String) -> Response {
    var response = Response.text(.methodNotAllowed, "use \(allowed)")
    response.headers[.allow] = allowed
    return response
  }
}
