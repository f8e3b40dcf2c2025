import Foundation
import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import LedgerTLS
import LedgerWire
import Logging
import NIOCore

/// The connection that a request came on.
struct RequestOrigin: InitializableFromSource {
  private let channel: any NIOCore.Channel

  init(source: ApplicationRequestContextSource) { channel = source.channel }

  /// Who is at the other end of a connection under TLS.
  ///
  /// - Throws: Where the connection has ended.
  func peer() async throws -> PeerHandler.Peer? {
    try await channel.pipeline.handler(type: PeerHandler.self).map(\.peer).get()
  }
}

/// Who sends a request.
struct Caller {
  /// `nil` without TLS.
  let certificate: SPKIHash?
  let access: Access
}

/// Takes each request to its answer, and each refusal to one problem.
///
/// - Source: docs/api.md.
struct APIResponder<Ledger: RunningLedger>: HTTPResponder {
  let ledger: Ledger
  let documents: Documents<Ledger>
  let entryAccess: EntryAccess
  /// `nil` where connections are not under TLS.
  let tls: ServerTLS?
  let registry: MetricsRegistry
  let requests: RequestMetrics
  let limits: HTTPLimits
  let logger: Logger
  let refusals: RefusalCounts
  let quotas: Quotas
  let webhooks: Webhooks
  let intake: BodyIntake

  init(
    ledger: Ledger, documents: Documents<Ledger>, entryAccess: EntryAccess, tls: ServerTLS?,
    registry: MetricsRegistry,
    requests: RequestMetrics, limits: HTTPLimits, logger: Logger, refusals: RefusalCounts,
    quotas: Quotas, webhooks: Webhooks, intake: BodyIntake
  ) {
    self.ledger = ledger
    self.documents = documents
    self.entryAccess = entryAccess
    self.tls = tls
    self.registry = registry
    self.requests = requests
    self.limits = limits
    self.logger = logger
    self.refusals = refusals
    self.quotas = quotas
    self.webhooks = webhooks
    self.intake = intake
  }

  func respond(to request: Request, context: RequestOrigin) async -> Response {
    let begin = NIODeadline.now()
    var response: Response
    var route: Route?
    var standing: Quotas.Standing?
    do throws(Problem) {
      let caller = try await caller(from: context)
      if tls == nil { try checkHost(request) }
      standing = quotas.take(for: caller.access)
      if let standing, !standing.isGranted { throw .quotaExceeded(standing) }
      response = try await answer(to: request, from: context, for: caller, &route)
        .unlessKnown(to: request)
    } catch {
      response = error.response
      if response.status.kind == .serverError {
        logger.warning(
          "a request has failed",
          metadata: [
            "request": "\(request.headers[.requestID] ?? "")", "code": "\(error.code)",
            "path": "\(route?.rawValue ?? "")",
          ])
      }
    }
    standing?.write(to: &response.headers)
    requests.count(route, response.status.code, since: begin)
    // RFC 9110, 9.3.2: the fields are those of GET, and there is no body.
    return request.method == .head ? response.createHeadResponse() : response
  }

  /// Who sent a request, and what that one may see now.
  func caller(from origin: RequestOrigin) async throws(Problem) -> Caller {
    guard let tls else { return Caller(certificate: nil, access: .open) }
    let peer: PeerHandler.Peer?
    do {
      peer = try await origin.peer()
    } catch {
      throw .connectionEnded
    }
    guard let peer, peer.isGood(for: tls, at: SystemClock().now) else {
      throw .certificateEnded
    }
    return Caller(
      certificate: peer.certificate, access: ledger.access(of: peer.certificate))
  }

  /// Without TLS a browser is kept from reading for a page of another's: a name that leads to this
  /// machine makes it the same origin (DNS rebinding).
  private func checkHost(_ request: Request) throws(Problem) {
    guard let host = request.head.authority, !host.isEmpty else { return }
    let isBracketed = host.hasPrefix("[")
    let name = isBracketed ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
    guard LoopbackAddress(name.lowercased()) != nil else { throw .wrongHost(host) }
  }

  private func answer(
    to request: Request, from origin: RequestOrigin, for caller: Caller, _ found: inout Route?
  ) async throws(Problem) -> Response {
    let target = request.head.path ?? "/"
    guard target.utf8.count <= limits.targetBytesMax else {
      throw .targetTooLong(target.utf8.count, limits)
    }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var query = try Query(parts.count == 2 ? parts[1] : nil)
    let segments = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map(String.init)
    if segments == ["v1", "submissions"] || segments == ["v1", "submissions", "stream"] {
      guard request.method == .post else {
        throw .methodNotAllowed(request.method.rawValue, allowed: "POST")
      }
      throw .invalidParameter("query", "submissions take no parameters")
    }
    guard let (route, parameters) = Route.match(segments) else {
      throw .unknownPath(String(parts[0]))
    }
    found = route
    guard route.methods.contains(request.method.rawValue) else {
      throw .methodNotAllowed(
        request.method.rawValue, allowed: route.methods.joined(separator: ", "))
    }
    let access = caller.access
    switch route {
    case .health: return try health(&query)
    case .readiness: return try readiness(for: access, &query)
    case .metrics: return try metrics(for: access, &query)
    case .description: return try description(&query)
    case .ledger: return try ledgerInfo(&query)
    case .access: return try self.access(of: caller, &query)
    case .participants: return try participants(for: access, &query)
    case .certificates: return try certificates(for: access, &query)
    case .supply: return try supply(for: access, &query)
    case .account: return try account(parameters[0], for: access, &query)
    case .balance: return try balance(parameters[0], for: access, &query)
    case .entries: return try statement(parameters[0], for: access, &query)
    case .day: return try day(parameters[1], of: parameters[0], for: access, &query)
    case .headroom: return try await headroom(parameters[0], for: access, &query)
    case .events: return try events(request, from: origin, for: caller, &query)
    case .encode: return try await encode(request, &query)
    case .dryRun: return try await dryRun(request, &query)
    case .message: return try await message(request, for: access, &query)
    case .document: return try document(parameters[0], for: access, &query)
    case .documentStatus: return try documentStatus(parameters[0], for: access, &query)
    case .webhooks, .webhook, .webhookReplay, .deadLetters, .deadLettersResend:
      return try await webhooks(route, parameters, request, for: caller, &query)
    case .instruction: return try instruction(parameters[0], for: access, &query)
    case .checkpoint: return try checkpoint(&query)
    case .proof: return try proof(parameters[0], for: access, &query)
    case .publishedCheckpoint: return try logCheckpoint(&query)
    case .tile, .partialTile, .bundle, .partialBundle:
      return try logTile(parameters[0], for: access, &query)
    }
  }
}

/// The parameters of a request, each taken once; what is left over is refused.
struct Query {
  private var values: [(name: String, value: String)] = []

  init(_ text: Substring?) throws(Problem) {
    guard let text, !text.isEmpty else { return }
    for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = parts[0].removingPercentEncoding,
        let value = parts[1].removingPercentEncoding, !name.isEmpty
      else { throw .invalidParameter("query", "`\(pair)` is not `name=value`") }
      guard !values.contains(where: { $0.name == name }) else {
        throw .invalidParameter(name, "it is given twice")
      }
      values.append((name, value))
    }
  }

  mutating func take(_ name: String) -> String? {
    guard let index = values.firstIndex(where: { $0.name == name }) else { return nil }
    return values.remove(at: index).value
  }

  /// - Throws: A problem that names the first parameter that nobody took.
  func end() throws(Problem) {
    if let first = values.first {
      throw .invalidParameter(first.name, "this path has no such parameter")
    }
  }
}
