import Foundation
import ProgramTesting

extension EndToEnd {
  /// A server whose clients may come by a proxy that holds answers back.
  struct ProxiedServer {
    let folder: String
    let server: ServerProcess

    /// Serves a new ledger.
    ///
    /// - Parameters:
    ///   - port: Where.
    ///   - options: More of `specie init`.
    ///   - preparation: A script that is run before anything else.
    /// - Returns: What is to be ended.
    /// - Throws: Where the server does not come up, or the preparation fails.
    static func make(
      port: Int, ledger options: [String] = [], preparation: String
    ) async throws -> ProxiedServer {
      let folder = try CrashTests.makeFolder()
      let made = ProxiedServer(
        folder: folder,
        server: ServerProcess(program: CrashTests.program, folder: folder, port: port))
      do {
        _ = try made.server.createLedger(options: options)
        try made.server.serve()
        let sender = Sender(url: made.server.url)
        try await sender.waitUntilReady()
        try await sender.close()
        _ = try made.shell("set -e\n" + preparation)
      } catch {
        made.end()
        throw error
      }
      return made
    }

    func end() {
      server.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a shell script with the program as `specie`, `$officers` to sign, `proxy OPTIONS` to
    /// start the proxy at `$url`, and `held` to wait until it holds an answer.
    func shell(_ script: String, expecting code: Int32 = 0) throws -> String {
      let prelude = """
        set -u
        specie() { "\(CrashTests.program)" "$@"; }
        officers="--key officer-1.key --key officer-2.key"
        held() { for _ in $(seq 200); do [ -e held ] && break; sleep 0.05; done; }
        proxy() {
          rm -f held port
          python3 "\(CrashTests.repository)/Tests/python/holding_proxy.py" \
            --upstream "$SPECIE_SERVER" --held held "$@" >port 2>proxy-errors &
          proxy=$!
          # A runner may have its children ignore gentler signals.
          trap 'kill -KILL $proxy' EXIT
          until [ -s port ]; do kill -0 $proxy || exit 9; sleep 0.05; done
          url=http://127.0.0.1:$(cat port)
        }

        """
      return try server.run(["-c", prelude + script], program: "/bin/bash", expecting: code)
    }
  }
}
