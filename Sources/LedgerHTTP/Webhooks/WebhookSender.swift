import AsyncHTTPClient
package import LedgerTLS
package import LedgerWire
package import MerkleLog
import LedgerModel
import LedgerService
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends signed events, to the hosts that the server's operator permits and to no other.
package final class WebhookSender: Sendable {
  /// What came of sending.
  enum Answer: Hashable, Sendable {
    case status(Int, retryAfter: Duration?)
    /// None, and why: a line for its owner, and what the server's log may know besides.
    case none(String, detail: String? = nil)

    /// In words, for the webhook's owner.
    var words: String {
      switch self {
      case .status(let status, _): "status \(status)"
      case .none(let reason, _): reason
      }
    }

    var detail: String? {
      if case .none(_, let detail) = self { detail } else { nil }
    }
  }

  private let hosts: [WebhookHost]
  private let signature: WebhookSignature
  private let limits: WebhookLimits
  private let http: HTTPClient

  /// Creates a sender.
  ///
  /// - Parameters:
  ///   - hosts: Those that it sends to.
  ///   - key: The log's, which signs.
  ///   - verifierKey: The same as verifiers name it.
  ///   - authorities: A file of those to which receivers' certificates must lead; `nil` for the
  ///     system's.
  ///   - limits: Every bound.
  /// - Throws: ``TLSFault`` where the file cannot be used.
  package init(
    to hosts: [WebhookHost], signedBy key: SigningKey, _ verifierKey: VerifierKey,
    authorities: String?, limits: WebhookLimits = WebhookLimits()
  ) throws(TLSFault) {
    self.hosts = hosts
    self.limits = limits
    signature = WebhookSignature(key: key, keyID: verifierKey.id.description)
    var pool = HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(20))
    pool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.connectionsPerHostMax
    // Who is not there is tried again by the webhook's own rules.
    pool.retryConnectionEstablishment = false
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: try .client(authorities: authorities, certificate: nil, key: nil),
      redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(
        connect: TimeAmount(limits.connectTimeout), read: TimeAmount(limits.answerTimeout)),
      connectionPool: pool)
    configuration.httpVersion = .http1Only
    http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit { http.shutdown { _ in } }

  func permits(_ url: WebhookURL) -> Bool { hosts.contains { $0.admits(url) } }

  /// Posts a delivery, signed, and waits for the answer, for a bounded time.
  ///
  /// Of the answer nothing counts but its status: redirects are not followed, and the body is
  /// thrown away.
  func post(_ body: [UInt8], to url: WebhookURL) async -> Answer {
    var request = HTTPClientRequest(url: url.text)
    request.method = .POST
    for (name, value) in signature.fields(of: body, to: url, created: SystemClock().now.seconds) {
      request.headers.add(name: name, value: value)
    }
    request.body = .bytes(ByteBuffer(bytes: body))
    let timeout = limits.connectTimeout + limits.answerTimeout
    do {
      let response = try await http.execute(request, timeout: TimeAmount(timeout))
      let pause = response.headers.first(name: "retry-after").flatMap { UInt32($0) }
      await discard(response.body)
      return .status(Int(response.status.code), retryAfter: pause.map { .seconds($0) })
    } catch let error as HTTPClientError
      where error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout
    {
      return .none("no answer in time")
    } catch {
      if let problem = TLSProblem(clientError: error) { return .none(problem.words) }
      return .none("it cannot be reached", detail: String("\(error)".prefix(160)))
    }
  }

  /// Reads a short body to its end, so that the connection can be used again; the status has said
  /// all, and a body that is long or slow ends the connection.
  private func discard(_ body: HTTPClientResponse.Body) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [limits] in _ = try? await body.collect(upTo: limits.answerBytesMax) }
      group.addTask { [limits] in try? await Task.sleep(for: limits.answerBodyTimeout) }
      await group.next()
      group.cancelAll()
    }
  }
}

extension TimeAmount {
  fileprivate init(_ duration: Duration) {
    self = .nanoseconds(duration.nanoseconds)
  }
}
