import LedgerClient
import LedgerWire
import Synchronization

/// By which certificate each reads, as it is at the moment.
final class DayPass: Sendable {
  static let patience = Duration.seconds(120)

  let folder: String
  let url: String
  let trust: TrustFile
  private let places: Mutex<[String: String]>

  /// All begin with the certificates of the folder `tls`.
  init(folder: String, url: String, trust: TrustFile) {
    (self.folder, self.url, self.trust) = (folder, url, trust)
    places = Mutex([:])
  }

  func use(_ place: String, for name: String) { places.withLock { $0[name] = place } }

  /// Where someone's certificate and key are, without their endings.
  func files(_ name: String) -> String {
    "\(folder)/\(places.withLock { $0[name] ?? "tls" })/\(name)"
  }

  /// Connects as someone, straight or over a line.
  ///
  /// Over a line times are short, so that what has fallen silent is soon tried again, and few
  /// orders are proven, since one that breaks does not last for many.
  func client(
    _ name: String, url: String? = nil, files: String? = nil
  ) throws(ClientError) -> LedgerClient {
    var options = ClientOptions()
    if url == nil {
      options.provenInstructionsMax = .max
    } else {
      options.requestTimeout = .seconds(1)
      options.submitTimeout = .seconds(3)
      options.eventQuietTimeout = .seconds(2)
      options.eventPauseMax = .milliseconds(200)
      options.provenInstructionsMax = 1
    }
    let own = files ?? self.files(name)
    return try LedgerClient(
      baseURL: url ?? self.url,
      tls: ClientTLS(
        authorities: folder + "/tls/ca.pem", certificate: own + ".pem", key: own + ".key"),
      trust: trust, options: options)
  }
}

extension ClientError {
  /// Whether to try again, with the certificate that is in use by then.
  var mayPass: Bool {
    switch self {
    case .unreachable, .timedOut, .tls: true
    case .refused(let problem), .notTaken(let problem):
      problem.status == 503
        || ["certificate_reads_nothing", "certificate_ended"].contains(problem.code)
    case .invalidURL, .untrusted, .malformedAnswer: false
    }
  }
}

/// One client of a bank, that connects anew whenever its line breaks or its certificate ends.
actor DayTeller {
  private let pass: DayPass
  private let name: String
  private let url: String
  private var client: LedgerClient?

  init(_ name: String, over url: String, _ pass: DayPass) {
    (self.name, self.url, self.pass) = (name, url, pass)
  }

  /// Does something until it is done, which must be safe to do again.
  func attempt<Answer: Sendable>(
    _ action: @Sendable (LedgerClient) async throws(ClientError) -> Answer
  ) async throws -> Answer {
    let deadline = ContinuousClock.now + DayPass.patience
    while true {
      do throws(ClientError) {
        return try await action(try connected())
      } catch {
        client = nil
        guard error.mayPass, ContinuousClock.now < deadline else { throw error }
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private func connected() throws(ClientError) -> LedgerClient {
    if let client { return client }
    let made = try pass.client(name, url: url)
    client = made
    return made
  }
}
