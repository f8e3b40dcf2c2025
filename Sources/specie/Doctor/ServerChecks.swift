import LedgerClient
import LedgerModel
import LedgerWire

/// Asks a running server.
enum ServerChecks {
  /// How long one question may take.
  private static let timeout: Duration = .seconds(5)

  static func findings(_ options: LedgerOptions, _ trust: TrustFile) async -> [Finding] {
    let client: LedgerClient
    do {
      var times = ClientOptions()
      times.requestTimeout = timeout
      times.submitTimeout = timeout
      client = try LedgerClient(
        baseURL: options.serverURL, tls: try options.tls.files(), trust: trust, options: times)
    } catch {
      return [.error("server", "\(error)")]
    }
    do throws(ClientError) {
      let info = try await client.info()
      return [
        .ok("server", "\(options.serverURL) serves ledger \(info.ledger), \(info.size) entries"),
        try await access(client), try await readiness(client),
      ]
    } catch {
      return [.error("server", "\(error)")]
    }
  }

  private static func access(_ client: LedgerClient) async throws(ClientError) -> Finding {
    let access = try await client.access()
    guard let certificate = access.certificate else {
      return .warning("access", "without TLS, whoever reaches the server reads everything")
    }
    return access.readers.isEmpty
      ? .error(
        "access",
        "certificate \(certificate) is registered for nobody, and reads only what is public; "
          + "`specie certificate register` has it read")
      : .ok(
        "access", "certificate \(certificate) reads for \(access.readers.joined(separator: ", "))")
  }

  private static func readiness(_ client: LedgerClient) async throws(ClientError) -> Finding {
    do throws(ClientError) {
      try await client.waitUntilReady()
      return .ok("orders", "are taken")
    } catch .refused(let problem) {
      return .error("orders", "are not taken: \(problem.detail)")
    }
  }
}
