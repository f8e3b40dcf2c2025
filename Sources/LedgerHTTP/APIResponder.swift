import HTTPTypes
import Hummingbird
import LedgerModel
import LedgerService
import LedgerWire
import Logging
import NIOCore

/// What a request came on; the API needs nothing of it.
struct RequestOrigin: InitializableFromSource {
  init(source: ApplicationRequestContextSource) {}
}

/// Takes each request to its answer, and each refusal to one problem.
///
/// - Source: docs/api.md.
struct APIResponder<Ledger: RunningLedger>: HTTPResponder {
  let ledger: Ledger
  let entryAccess: EntryAccess
  let limits: HTTPLimits
  let logger: Logger
  let refusals: RefusalCounts

  init(
    ledger: Ledger, entryAccess: EntryAccess, limits: HTTPLimits, logger: Logger,
    refusals: RefusalCounts
  ) {
    self.ledger = ledger
    self.entryAccess = entryAccess
    self.limits = limits
    self.logger = logger
    self.refusals = refusals
  }

  func respond(to request: Request, context: RequestOrigin) async -> Response {
    let response: Response
    do throws(Problem) {
      response = try await answer(to: request)
    } catch {
      response = error.response
    }
    // RFC 9110, 9.3.2: the fields are those of GET, and there is no body.
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(to request: Request) async throws(Problem) -> Response {
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
    guard let read = read(at: segments) else { throw .unknownPath(String(parts[0])) }
    guard request.method == .get || request.method == .head else {
      throw .methodNotAllowed(request.method.rawValue, allowed: "GET, HEAD")
    }
    return try read(&query)
  }

  /// The read at a path; `nil` where there is none.
  private func read(at segments: [String]) -> ((inout Query) throws(Problem) -> Response)? {
    guard segments.first == "v1" else {
      switch segments {
      case ["healthz"]: return health
      case ["readyz"]: return readiness
      case ["log", "checkpoint"]: return logCheckpoint
      default:
        guard segments.starts(with: ["log", "tile"]) else { return nil }
        let path = segments.dropFirst().joined(separator: "/")
        return { query throws(Problem) in try logTile(path, &query) }
      }
    }
    switch segments.count {
    case 2:
      switch segments[1] {
      case "ledger": return ledgerInfo
      case "participants": return participants
      case "supply": return supply
      case "checkpoint": return checkpoint
      default: return nil
      }
    case 3:
      let name = segments[2]
      switch segments[1] {
      case "instructions":
        return { query throws(Problem) in try instruction(name, &query) }
      case "accounts": return { query throws(Problem) in try account(name, &query) }
      case "proof": return { query throws(Problem) in try proof(name, &query) }
      default: return nil
      }
    case 4 where segments[1] == "accounts" && segments[3] == "entries":
      return { query throws(Problem) in try statement(segments[2], &query) }
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
