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
  let entryAccess: EntryAccess
  /// `nil` where connections are not under TLS.
  let tls: ServerTLS?
  let registry: MetricsRegistry
  let requests: RequestMetrics
  let limits: HTTPLimits
  let logger: Logger
  let refusals: RefusalCounts

  init(
    ledger: Ledger, entryAccess: EntryAccess, tls: ServerTLS?, registry: MetricsRegistry,
    requests: RequestMetrics, limits: HTTPLimits, logger: Logger, refusals: RefusalCounts
  ) {
    self.ledger = ledger
    self.entryAccess = entryAccess
    self.tls = tls
    self.registry = registry
    self.requests = requests
    self.limits = limits
    self.logger = logger
    self.refusals = refusals
  }

  func respond(to request: Request, context: RequestOrigin) async -> Response {
    let begin = NIODeadline.now()
    let response: Response
    var route: Route?
    do throws(Problem) {
      let caller = try await caller(from: context)
      response = try answer(to: request, for: caller, &route)
    } catch {
      response = error.response
    }
    requests.count(route, response.status.code, since: begin)
    // RFC 9110, 9.3.2: the fields are those of GET, and there is no body.
    return request.method == .head ? response.createHeadResponse() : response
  }

  /// Who sent a request, and what that one may see now.
  private func caller(from origin: RequestOrigin) async throws(Problem) -> Caller {
    guard let tls else { return Caller(certificate: nil, access: .open) }
    let peer: PeerHandler.Peer?
    do {
      peer = try await origin.peer()
    } catch {
      throw .connectionEnded
    }
    // A connection, and a session that is taken up again, outlive what let them in.
    guard let peer, peer.generation == tls.generation, peer.validity.contains(SystemClock().now)
    else {
      throw .certificateEnded
    }
    return Caller(
      certificate: peer.certificate, access: ledger.access(of: peer.certificate))
  }

  private func answer(
    to request: Request, for caller: Caller, _ found: inout Route?
  ) throws(Problem) -> Response {
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
    guard request.method == .get || request.method == .head else {
      throw .methodNotAllowed(request.method.rawValue, allowed: "GET, HEAD")
    }
    return try answer(route, parameters, for: caller, &query)
  }

  private func answer(
    _ route: Route, _ parameters: [String], for caller: Caller, _ query: inout Query
  ) throws(Problem) -> Response {
    let access = caller.access
    switch route {
    case .health: return try health(&query)
    case .readiness: return try readiness(&query)
    case .metrics: return try metrics(for: access, &query)
    case .description: return try description(&query)
    case .ledger: return try ledgerInfo(&query)
    case .access: return try self.access(of: caller, &query)
    case .participants: return try participants(for: access, &query)
    case .supply: return try supply(for: access, &query)
    case .account: return try account(parameters[0], for: access, &query)
    case .entries: return try statement(parameters[0], for: access, &query)
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
  private var values: [(name: Substring, value: Substring)] = []

  init(_ text: Substring?) throws(Problem) {
    guard let text, !text.isEmpty else { return }
    for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .invalidParameter("query", "`\(pair)` is not `name=value`")
      }
      guard !values.contains(where: { $0.name == parts[0] }) else {
        throw .invalidParameter(String(parts[0]), "it is given twice")
      }
      values.append((parts[0], parts[1]))
    }
  }

  mutating func take(_ name: String) -> Substring? {
    guard let index = values.firstIndex(where: { $0.name == name }) else { return nil }
    return values.remove(at: index).value
  }

  /// - Throws: A problem that names the first parameter that nobody took.
  func end() throws(Problem) {
    if let first = values.first {
      throw .invalidParameter(String(first.name), "this path has no such parameter")
    }
  }
}
