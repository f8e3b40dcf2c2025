import HTTPTypes
import Hummingbird
import HummingbirdCore
package import LedgerService
package import LedgerStorage
package import LedgerTLS
package import Logging
import NIOCore
import ServiceLifecycle

/// API v1 over HTTP/1.1, under TLS 1.3 with client certificates, or on a loopback address.
///
/// It drains on graceful shutdown: no new connections, requests under way are answered.
///
/// - Source: docs/api.md.
package struct LedgerServer: Service {
  private let application: @Sendable () async throws -> Void
  private let sweep: @Sendable () async -> Void
  private let host: String
  private let port: Int
  private let refusals: RefusalCounts
  private let quotas: Quotas
  private let logger: Logger

  /// Creates a server; nothing listens before ``run()``.
  ///
  /// - Parameters:
  ///   - ledger: What answers.
  ///   - documents: What messages say that orders are made from.
  ///   - host: Without TLS, a loopback address: `127.0.0.0/8`, `::1` or `localhost`, which is
  ///     `127.0.0.1`.
  ///   - port: `0 ... 65,535`; 0 is any free port.
  ///   - tls: The certificates; `nil` for none.
  ///   - webhooks: The readers'; run beside the server.
  ///   - entryAccess: Whether whole bundles of entries are served without TLS.
  ///   - registry: What `/metrics` shows beside the ledger; all that is counted goes there where it
  ///     is the process's.
  ///   - limits: Every bound.
  ///   - logger: Told of faults, at the end of what was refused, and never of a request.
  ///   - onListening: Called once with the port that was bound.
  /// - Throws: ``LedgerServerError/notLoopback(host:)`` or ``LedgerServerError/noPort(_:)``.
  package init(
    ledger: some RunningLedger, documents: any DocumentStore, host: String, port: Int,
    tls: ServerTLS? = nil, webhooks: Webhooks, entryAccess: EntryAccess = .refused,
    registry: MetricsRegistry = MetricsRegistry(),
    limits: HTTPLimits = HTTPLimits(), logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) throws(LedgerServerError) {
    let loopback = LoopbackAddress(host)
    guard loopback != nil || tls != nil else { throw .notLoopback(host: host) }
    guard 0...65_535 ~= port else { throw .noPort(port) }
    let address = loopback?.text ?? host
    self.host = address
    self.port = port
    let refusals = RefusalCounts()
    let requests = RequestMetrics()
    let quotas = Quotas(limits)
    let shares = ConnectionShares(limits)
    let handshakes = Handshakes(limits, logger: logger)
    let intake = BodyIntake(limits)
    let documents = Documents(documents, of: ledger, limits, logger: logger)
    sweep = { await documents.sweep() }
    let responder = APIResponder(
      ledger: ledger, documents: documents, entryAccess: entryAccess, tls: tls, registry: registry,
      requests: requests, limits: limits, logger: logger, refusals: refusals, quotas: quotas,
      webhooks: webhooks, intake: intake)
    let admit: Admitting = { channel throws(Problem) in
      guard let tls else { return nil }
      let peer = try? channel.pipeline.syncOperations.handler(type: PeerHandler.self).peer
      guard let peer, peer.isGood(for: tls, at: SystemClock().now) else {
        throw .certificateEnded
      }
      return quotas.take(for: ledger.access(of: peer.certificate))
    }
    self.refusals = refusals
    self.quotas = quotas
    self.logger = logger
    let configuration = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        RequestIdentifier(),
        ConnectionGuard(
          limits, streamPath: SubmissionStream.path, eventsPath: Route.events.rawValue,
          tell: { requests.count($0) }),
        SubmissionHandler(
          limits, intake: intake, refusals: refusals, requests: requests,
          admit: admit
        ) { ledger.submit($0) },
      ],
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headerFieldBytesMax, maxHeaderListSize: limits.headerBytesMax,
        maxHeaderFieldCount: limits.headerFieldsMax))
    application = {
      try await Application(
        responder: responder,
        server: HTTPServerBuilder { responder in
          APIChannel(
            HTTP1Channel(responder: responder, configuration: configuration),
            security: tls.map {
              APIChannel.Security(tls: $0, handshakes: handshakes, shares: shares)
            }, limits: limits)
        },
        configuration: ApplicationConfiguration(
          address: .hostname(address, port: port), backlog: limits.backlogMax,
          availableConnectionsDelegate: MaximumAvailableConnections(
            limits.connectionsMax, logger: logger)),
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
        logger: logger
      ).run()
    }
  }

  /// Gives every reader another quota of requests, at once.
  ///
  /// - Parameter max: Requests in a window; `nil` for no quota.
  package func limitRequests(perWindow max: Int?) { quotas.change(to: max) }

  /// Listens, and returns once it has drained after a graceful shutdown.
  ///
  /// - Throws: ``LedgerServerError/cannotListen(host:port:reason:)``.
  package func run() async throws {
    defer { logRefusals() }
    do {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { [sweep] in await sweep() }
        try await application()
        tasks.cancelAll()
      }
    } catch let error as IOError {
      throw LedgerServerError.cannotListen(host: host, port: port, reason: error.description)
    }
  }
}

extension LedgerServer {
  private func logRefusals() {
    let counts = refusals.all
    guard !counts.isEmpty else { return }
    logger.notice(
      "submissions were refused at the door",
      metadata: Dictionary(uniqueKeysWithValues: counts.map { ($0.code, "\($0.count)") }))
  }
}

/// Why a server does not listen.
package enum LedgerServerError: Error, Hashable, Sendable {
  /// Without TLS and client certificates it is not shown to a network.
  case notLoopback(host: String)
  case noPort(Int)
  case cannotListen(host: String, port: Int, reason: String)
}

extension LedgerServerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notLoopback(let host):
      "`\(host)` is no loopback address; without TLS the server listens on `127.0.0.1`, `::1` or "
        + "`localhost` alone: give it a certificate, its key and the authorities of clients"
    case .noPort(let port): "`\(port)` is no port; use 1 to 65535, or 0 for any that is free"
    case .cannotListen(let host, let port, let reason):
      "cannot listen on `\(host)` port \(port): \(reason)"
    }
  }
}

/// An address that no packet from outside reaches.
package struct LoopbackAddress: Hashable, Sendable {
  /// Numeric: `localhost` is not looked up, since a resolver may say otherwise.
  package let text: String

  /// Creates the address, or `nil` unless `host` is one.
  package init?(_ host: String) {
    switch host {
    case "localhost": text = "127.0.0.1"
    case "::1", "[::1]": text = "::1"
    default:
      let parts = host.split(separator: ".", omittingEmptySubsequences: false)
      let isDecimal = parts.allSatisfy { part in
        1...3 ~= part.utf8.count && (part == "0" || !part.hasPrefix("0"))
          && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
          && (Int(part) ?? 256) < 256
      }
      guard parts.count == 4, isDecimal, parts[0] == "127" else { return nil }
      text = host
    }
  }
}
