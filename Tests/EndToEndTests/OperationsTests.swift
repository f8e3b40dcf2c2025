import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// What an operator is told to type, and what is deployed.
  @Suite struct OperationsTests {
    /// Goal: every block of docs/OPERATIONS.md that a person types does what it says.
    @Test func theDocumentWorksAsWritten() throws {
      let output = try Self.run("scripts/run-document", ["docs/OPERATIONS.md", "17196"])
      for text in [
        "ok       orders: are taken", "pay 12.50 CNY from", "outstanding  2,000.00 CNY", "VERIFIED",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
    }

    /// Goal: systemd takes the unit, which leaves little to attack, and permits all that a server
    /// does.
    @Test func theUnitPermitsWhatAServerDoes() throws {
      let output = try Self.run("scripts/verify-deployment", [])
      #expect(output.contains("Overall exposure level"), "\(output)")
      #expect(output.contains("system calls, all of them permitted"), "\(output)")
    }

    /// Goal: what the guard of connections answers is counted, too, and so are connections.
    @Test func whatIsNoRequestIsCounted() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_198)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger()
      try server.serve()
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      try await sender.close()
      let output = try server.run(
        [
          "-c",
          #"""
          exec 3<>/dev/tcp/127.0.0.1/17198
          printf 'this is no request\r\n\r\n' >&3; head -n 1 <&3; exec 3>&-
          exec 3<>/dev/tcp/127.0.0.1/17198
          printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n' \
            "$(head -c 20000 /dev/zero | tr '\0' x)" >&3; head -n 1 <&3; exec 3>&-
          curl -s http://127.0.0.1:17198/metrics
          """#,
        ], program: "/bin/bash")
      for line in [
        "HTTP/1.1 400 Bad Request", "HTTP/1.1 431 Request Header Fields Too Large",
        "specie_requests_total{path=\"none\",status=\"400\"} 1",
        "specie_requests_total{path=\"none\",status=\"431\"} 1", "specie_connections_max ",
      ] { #expect(output.contains(line), "`\(line)` is not in \(output)") }
      let open = try #require(
        output.firstMatch(of: /\nspecie_connections ([0-9.]+)\n/)?.output.1, "\(output)")
      #expect((1...3).contains(Double(open) ?? 0), "\(open) connections")
    }

    /// Goal: a service manager is told when the server is ready, and that it ends.
    @Test func theServiceManagerIsTold() throws {
      let desk = try Desk()
      defer { desk.end() }
      let output = try desk.process.run(
        [
          "-c",
          """
          import os, signal, socket, subprocess
          for name in "notify", "\\0specie-%d" % os.getpid():
              heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
              heard.bind(name)
              heard.settimeout(20)
              server = subprocess.Popen(
                  ["\(CrashTests.program)", "serve", "ledger", "--log-key", "log.key",
                   "--port", "0"],
                  env={**os.environ, "NOTIFY_SOCKET": name.replace("\\0", "@")},
                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
              print(heard.recv(100), server.stdout.readline()[:6])
              server.send_signal(signal.SIGTERM)
              print(heard.recv(100), server.wait())
          """,
        ], program: "/usr/bin/python3")
      #expect(
        output
          == String(repeating: "b'READY=1' b'ready:'\nb'STOPPING=1' 0\n", count: 2), "\(output)")
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> String {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let process = ServerProcess(program: CrashTests.program, folder: folder, port: 0)
      return try process.run(
        ["SPECIE_PROGRAM=\(CrashTests.program)", "\(CrashTests.repository)/\(script)"] + arguments,
        program: "/usr/bin/env")
    }
  }
}
