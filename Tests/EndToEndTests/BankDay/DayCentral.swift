import Foundation
import LedgerClient
import LedgerModel
import LedgerWire
import ProgramTesting
import Testing

/// The central bank and its machine room: a server under TLS, its money and rules, and who is let
/// in.
struct DayCentral {
  static let banks = ["icbc", "boc"]

  let server: ServerProcess
  let pass: DayPass
  private let port: Int

  /// The first day: a ledger, two banks with money, the e-CNY's rules, and TLS.
  static func make(port: Int) async throws -> DayCentral {
    let folder = try EndToEnd.CrashTests.makeFolder()
    let server = ServerProcess(program: EndToEnd.CrashTests.program, folder: folder, port: port)
    do {
      let (trust, _) = try server.createLedger()
      let central = DayCentral(
        server: server,
        pass: DayPass(folder: folder, url: "https://127.0.0.1:\(port)", trust: trust), port: port)
      try await central.begin()
      return central
    } catch {
      server.stop()
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  private func begin() async throws {
    try server.serve()
    let sender = Sender(url: server.url)
    try await sender.waitUntilReady()
    try await sender.close()
    try shell(
      """
      unset SPECIE_CA SPECIE_CERTIFICATE SPECIE_CERTIFICATE_KEY
      export SPECIE_SERVER=http://127.0.0.1:\(port)
      for place in tls tls-next; do
        specie tls dev-ca $place --client issuer --client auditor --client icbc --client boc
      done
      for bank in \(Self.banks.joined(separator: " ")); do
        specie key new $bank.key
        specie participant admit $bank --name $bank --public-key $bank.key \\
          --settlement-account CNY $officers
        specie issue $bank 100000.00 CNY --rtgs-reference first-$bank $officers
        for place in tls tls-next; do
          specie tls show $place/$bank.pem --json >$place/$bank.json
        done
      done
      specie policy activate \(EndToEnd.CrashTests.repository)/policy/cn-ecny.yaml \\
        --accept-unverified $officers
      for reader in issuer auditor \(Self.banks.joined(separator: " ")); do
        specie certificate register tls/$reader.pem --reader $reader $officers
      done
      cp tls/ca.pem clients.pem
      """)
    server.stop()
    try serve()
  }

  func end() {
    server.stop()
    try? FileManager.default.removeItem(atPath: server.folder)
  }

  /// Ends the server where it stands, and begins it anew.
  func kill() throws {
    server.kill()
    try serve()
  }

  private func serve() throws {
    try server.serve(options: [
      "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca",
      "clients.pem",
    ])
  }

  /// Runs commands as the issuer, by its certificate of the moment.
  @discardableResult
  func shell(_ script: String, as name: String = "issuer") throws -> String {
    let files = pass.files(name)
    let prelude = """
      set -euo pipefail
      specie() { \(server.program) "$@"; }
      officers="--key officer-1.key --key officer-2.key"
      export SPECIE_SERVER=\(pass.url) SPECIE_CA=tls/ca.pem
      export SPECIE_CERTIFICATE=\(files).pem SPECIE_CERTIFICATE_KEY=\(files).key

      """
    return try server.run(["-c", prelude + script], program: "/bin/bash")
  }

  // MARK: - Certificates

  /// Replaces the clients' authority, every client's certificate, and the server's.
  ///
  /// Nobody is shut out who takes up the new certificate when the old one ends.
  func replaceCertificates(_ banks: [DayBank]) async throws {
    try shell("cat tls/ca.pem tls-next/ca.pem >clients.pem")
    try await reload { await isServed("tls-next") == true }
    for reader in ["issuer", "auditor"] {
      try shell("specie certificate register tls-next/\(reader).pem --reader \(reader) $officers")
      pass.use("tls-next", for: reader)
      try shell("specie certificate revoke tls/\(reader).pem --reader \(reader) $officers")
    }
    for bank in banks {
      try await bank.renew(
        try spki("tls-next", bank.code), for: try spki("tls", bank.code)
      ) { [pass] in pass.use("tls-next", for: bank.code) }
    }
    try shell("rm tls/server.pem tls/server.key; specie tls dev-ca tls")
    try await reload {
      (try? shell(
        """
        openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null \\
          | openssl x509 -noout -fingerprint >shown || true
        openssl x509 -in tls/server.pem -noout -fingerprint | cmp -s - shown
        """)) != nil
    }
    try shell("cp tls-next/ca.pem clients.pem")
    try await reload { await isServed("tls") == false }
  }

  private func reload(_ isDone: () async -> Bool) async throws {
    server.signal(SIGHUP)
    let deadline = ContinuousClock.now + .seconds(60)
    while await !isDone() {
      try #require(ContinuousClock.now < deadline, "the server does not take up certificates")
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Whether the server lets certificates of a folder in; `nil` where its answer did not come.
  private func isServed(_ place: String) async -> Bool? {
    let files = "\(server.folder)/\(place)/issuer"
    do throws(ClientError) {
      _ = try await pass.client("issuer", files: files).checkpoint()
      return true
    } catch {
      switch error {
      case .tls: return false
      // On a connection that was made before the authorities changed.
      case .refused(let problem): return problem.code == "certificate_ended" ? false : nil
      case .notTaken, .invalidURL, .unreachable, .timedOut, .untrusted, .malformedAnswer:
        return nil
      }
    }
  }

  private func spki(_ place: String, _ name: String) throws -> SPKIHash {
    struct Shown: Decodable { let certificate: String }
    let file = URL(fileURLWithPath: "\(server.folder)/\(place)/\(name).json")
    let shown = try JSONDecoder().decode(Shown.self, from: Data(contentsOf: file))
    return SPKIHash(try #require(Bytes32(hex: shown.certificate)))
  }
}
