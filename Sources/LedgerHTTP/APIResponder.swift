import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import LedgerTLS
import LedgerWire
import Logging
import NIOCore
import NIOSSL

/// The connection that a request came on.
struct RequestOrigin: InitializableFromSource {
  private let channel: any NIOCore.Channel

  init(source: ApplicationRequestContextSource) { channel = source.channel }

  /// The client certificate of a connection under TLS, which cannot be without one.
  ///
  /// - Throws: Where the connection has ended.
  func certificate() async throws -> SPKIHash? {
    guard let certificate = try await channel.nioSSL_peerCertificate().get() else { return nil }
    return try SPKIHash(of: certificate)
  }
}

/// Takes each request to its answer, and each refusal to one problem.
///
/// - Source: docs/api.md.
struct APIResponder<Ledger: RunningLedger>: HTTPResponder {
  let ledger: Ledger
  let entryAccess: EntryAccess
  /// Whether connections are under TLS.
  let isSecure: Bool
  let limits: HTTPLimits
  let logger: Logger
  let refusals: RefusalCounts

  init(
    ledger: Ledger, entryAccess: EntryAccess, isSecure: Bool, limits: HTTPLimits, logger: Logger,
    refusals: RefusalCounts
  ) {
    self.ledger = ledger
    self.entryAccess = entryAccess
    self.isSecure = isSecure
    self.limits = limits
    self.logger = logger
    self.refusals = refusals
  }

  func respond(to request: Request, context: RequestOrigin) async -> Response {
    let response: Response
    do throws(Problem) {
      response = try answer(to: request, for: try await access(from: context))
    } catch {
      response = error.response
    }
    // RFC 9110, 9.3.2: the fields are those of GET, and there is no body.
    return request.method == .head ? response.createHeadResponse() : response
  }

  /// What whoever sent a request may see now.
  private func access(from origin: RequestOrigin) async throws(Problem) -> Access {
    guard isSecure else { return .open }
    do {
      guard let certificate = try await origin.certificate() else { return .certificate([]) }
      return ledger.access(of: certificate)
    } catch {
      throw .internalFault
    }
  }

  private func answer(
    to request: Request, for access: Access
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
    guard let read = read(at: segments, for: access) else { throw .unknownPath(String(parts[0])) }
    guard request.method == .get || request.method == .head else {
      throw .methodNotAllowed(request.method.rawValue, allowed: "GET, HEAD")
    }
    return try read(&query)
  }

  /// The read at a path; `nil` where there is none.
  private func read(
    at segments: [String], for access: Access
  ) -> ((inout Query) throws(Problem) -> Response)? {
    guard segments.first == "v1" else {
      switch segments {
      case ["healthz"]: return health
      case ["readyz"]: return readiness
      case ["log", "checkpoint"]: return logCheckpoint
      default:
        guard segments.starts(with: ["log", "tile"]) else { return nil }
        let path = segments.dropFirst().joined(separator: "/")
        return { query throws(Problem) in try logTile(path, for: access, &query) }
      }
    }
    switch segments.count {
    case 2:
      switch segments[1] {
      case "ledger": return ledgerInfo
      case "participants": return { query throws(Problem) in try participants(for: access, &query) }
      case "supply": return { query throws(Problem) in try supply(for: access, &query) }
      case "checkpoint": return checkpoint
      default: return nil
      }
    case 3:
      let name = segments[2]
      switch segments[1] {
      case "instructions":
        return { query throws(Problem) in try instruction(name, for: access, &query) }
      case "accounts": return { query throws(Problem) in try account(name, for: access, &query) }
      case "proof": return { query throws(Problem) in try proof(name, for: access, &query) }
      default: return nil
      }
    case 4 where segments[1] == "accounts" && segments[3] == "entries":
      return { query throws(Problem) in try statement(segments[2], for: access, &query) }
    default: return nil
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
