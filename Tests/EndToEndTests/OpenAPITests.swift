import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// The description of the API, held against a live server by tools that are not ours.
  @Suite struct OpenAPITests {
    /// Goal: `/openapi.json` is OpenAPI 3.1, and the server answers as it says, whatever it is
    /// sent.
    @Test func theServerIsAsDescribed() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_191)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger()
      try server.serve(options: ["--open-entries"])
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      try await sender.close()
      let output = try server.run(["-c", Self.script], program: "/bin/bash")
      #expect(output.contains("valid: OK"), "\(output)")
      #expect(output.contains("schemathesis: passed"), "\(output)")
    }

    private static let script = """
      set -uo pipefail
      specie() { \(CrashTests.program) "$@"; }
      bin=\(CrashTests.repository)/.venv/bin
      officers="--key officer-1.key --key officer-2.key"
      wallet=11111111-1111-4111-8111-111111111111
      specie key new icbc.key
      specie participant admit icbc --name "Bank icbc" --public-key icbc.key \\
        --settlement-account CNY $officers
      specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers
      specie wallet open CNY basic --wallet $wallet --as icbc --key icbc.key
      specie fund $wallet 50.00 CNY --as icbc --key icbc.key
      curl --silent $SPECIE_SERVER/openapi.json >openapi.json
      $bin/openapi-spec-validator openapi.json | sed 's/^.*: /valid: /'
      unset REQUESTS_CA_BUNDLE
      cp \(CrashTests.repository)/Tests/python/schemathesis* .
      printf '\\n[parameters]\\n"path.account" = "%s"\\n' $wallet >>schemathesis.toml
      if $bin/st run $SPECIE_SERVER/openapi.json --checks all --max-examples 25 --seed 1 \\
        --no-color >st.out 2>&1
      then echo "schemathesis: passed"
      else cut -c1-400 st.out | tail -200
      fi
      """
  }
}
