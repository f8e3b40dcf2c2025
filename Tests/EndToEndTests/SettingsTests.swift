import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// A server's settings, from the command line, the environment and a file, and `doctor`'s view.
  @Suite struct SettingsTests {
    /// What `doctor --json` found.
    private struct Report: Decodable {
      struct Finding: Decodable {
        let level: String
        let subject: String
        let detail: String
      }
      let findings: [Finding]

      func details(_ level: String, of subject: String) -> [String] {
        findings.filter { $0.level == level && $0.subject == subject }.map(\.detail)
      }
    }

    private static func doctor(
      _ desk: Desk, _ arguments: [String], expecting code: Int32 = 0
    ) throws -> Report {
      // No server is asked, whatever the desk's environment names.
      let output = try desk.shell(
        "unset SPECIE_SERVER SPECIE_TRUST; specie doctor --json \"$@\"".replacingOccurrences(
          of: "\"$@\"", with: arguments.joined(separator: " ")), expecting: code)
      let json = try #require(output.firstIndex(of: "{"), "\(output)")
      return try JSONDecoder().decode(Report.self, from: Data(output[json...].utf8))
    }

    /// Goal: the command line stands above the environment, that above the file, and that above the
    /// default, for each setting that there is.
    ///
    /// Method: the example lists every setting; each is given two good values, at all places.
    @Test func eachPlaceStandsAboveTheNext() throws {
      let desk = try Desk()
      defer { desk.end() }
      for (name, _, values) in try Self.everySetting(desk) {
        let variable = "SPECIE_SERVE_" + name.uppercased().replacing("-", with: "_")
        try desk.write("one.yaml", Array("\(name): \(values[0])\n".utf8))
        let option =
          switch (name, values[0]) {
          case ("folder", _): values[0]
          case (_, "false"): "--no-\(name)"
          default: "--\(name) \(values[0])"
          }
        for (environment, arguments, place) in [
          ("", "", "`one.yaml:1`"),
          ("\(variable)=\(values[1])", "", "the variable \(variable)"),
          ("\(variable)=\(values[1])", option, "the command line"),
        ] {
          // The findings about what is named do not matter here, nor then its exit code.
          let output = try desk.shell(
            "unset SPECIE_SERVER SPECIE_TRUST; "
              + "\(environment) \"\(CrashTests.program)\" doctor \(arguments) --config one.yaml "
              + "|| true")
          let isFromPlace = output.contains("\(name) from \(place)")
          // Two of the three files of TLS lack the third, and that is told instead.
          #expect(
            isFromPlace || output.contains("go together"), "\(name), \(place): \(output)")
        }
      }
    }

    /// Every setting of the example, with its default, and two values that are good.
    private static func everySetting(
      _ desk: Desk
    ) throws -> [(name: String, standard: String, values: [String])] {
      let example = try desk.process.run(["serve", "--config-example"])
      let settings = example.split(separator: "\n").compactMap { line in
        line.wholeMatch(of: /#([a-z-]+): (.+)/).map { (String($0.output.1), String($0.output.2)) }
      }
      #expect(settings.count >= 14, "\(example)")
      return settings.map { name, standard in
        switch standard {
        case "false": (name, standard, ["false", "true"])
        case "notice": (name, standard, ["debug", "error"])
        case _ where Int(standard) != nil: (name, standard, ["7", "8"])
        case "127.0.0.1": (name, standard, ["127.0.0.2", "127.0.0.3"])
        default: (name, standard, ["one", "two"])
        }
      }
    }

    /// Goal: all that is wrong with a file is told at once, each with its line and what would be
    /// right; and a server does not start with it.
    @Test func faultsAreToldAllAtOnce() throws {
      let desk = try Desk()
      defer { desk.end() }
      let text = """
        folder: ledger
        log_key: log.key
        port: 70000
        prot: 1
        requests-per-minute: many
        log-level: loud
        open-entries: perhaps
        host: [127.0.0.1, "::1"]
        tls-key: server.key
        passphrase: never-shown
        """
      try desk.write("bad.yaml", Array(text.utf8))
      let report = try Self.doctor(desk, ["--config", "bad.yaml"], expecting: 1)
      let errors = report.details("error", of: "settings")
      for expected in [
        "`bad.yaml:2`: `log_key` is no setting; did you mean `log-key`?",
        "`bad.yaml:3`: `port` is `70000`, and must be a whole number from 0 to 65535",
        "`bad.yaml:4`: `prot` is no setting; did you mean `port`?",
        "`bad.yaml:5`: `requests-per-minute` is `many`, and must be a whole number from 0 to "
          + "1000000000",
        "`bad.yaml:6`: `log-level` is `loud`, and must be one of trace, debug, info, notice, "
          + "warning, error, critical",
        "`bad.yaml:7`: `open-entries` is `perhaps`, and must be `true` or `false`",
        "`bad.yaml:8`: `host` is `several values`, and must be an address",
      ] { #expect(errors.contains(expected), "\(expected) is not in \(errors)") }
      #expect(errors.contains { $0.contains("`passphrase` is no setting") })
      #expect(errors.contains { $0.contains("go together") })
      #expect(errors.contains { $0.contains("`log-key` is not given") })
      #expect(!errors.contains { $0.contains("never-shown") })
      let output = try desk.process.run(["serve", "--config", "bad.yaml"], expecting: 2)
      for line in 2...8 { #expect(output.contains("`bad.yaml:\(line)`"), "\(output)") }
      for (text, problem) in [
        ("port: 1\nhost: ::1\nport: 2\n", "`bad.yaml:3`: `port` stands twice; leave one"),
        ("port: 1\n? [a]\n: 1\n", "`bad.yaml:2`: it must be one YAML mapping"),
        ("port: 1\nhost: [[a]]\n", "`bad.yaml:2`: it must be one YAML mapping"),
        ("host: ::1\nport: {? [a] : 1}\n", "`bad.yaml:2`: it must be one YAML mapping"),
        ("- port\n", "it must be one YAML mapping"), ("port: [\n", "it must be one YAML mapping"),
        ("port: {a: 1}\n", "`port` is `several values`"), ("host: ''\n", "must be an address"),
      ] {
        try desk.write("bad.yaml", Array(text.utf8))
        let output = try desk.process.run(["serve", "--config", "bad.yaml"], expecting: 2)
        #expect(output.contains(problem), "\(text): \(output)")
      }
      try desk.write("bad.yaml", Array("folder: a\nfolder: b\n".utf8))
      let unread = try Self.doctor(desk, ["--config", "bad.yaml"], expecting: 1)
      #expect(
        unread.details("error", of: "settings") == [
          "`bad.yaml:2`: `folder` stands twice; leave one"
        ],
        "what a file lacks that is not read, nobody knows")
      try desk.write("empty.yaml", Array("# nothing\n".utf8))
      let empty = try desk.process.run(["serve", "--config", "empty.yaml"], expecting: 2)
      #expect(empty.contains("`folder` is not given"), "\(empty)")
      let none = try desk.process.run(["serve", "--config", "none.yaml"], expecting: 2)
      #expect(none.contains("`none.yaml` cannot be read"), "\(none)")
      let variable = try desk.shell(
        "SPECIE_SERVE_PROT=1 specie serve ledger --log-key log.key", expecting: 2)
      #expect(variable.contains("did you mean `SPECIE_SERVE_PORT`?"), "\(variable)")
      let flag = try desk.process.run(["serve", "--port", "70000"], expecting: 2)
      #expect(flag.contains("it must be a whole number from 0 to 65535"), "\(flag)")
    }

    /// Goal: a server runs by its file alone, its passphrase from a file of its own, and takes over
    /// at SIGHUP what it can, and no file that is no good.
    @Test func aServerRunsByItsFile() async throws {
      let desk = try Desk()
      defer { desk.end() }
      let log = "\(desk.folder)/log"
      try desk.write("passphrase", Array("testing-only\n".utf8))
      let output = try desk.shell(
        #"""
        unset SPECIE_PASSPHRASE
        chmod 600 passphrase
        settings() {
          printf 'folder: ledger\nlog-key: log.key\npassphrase-file: passphrase\nport: 0\n' >s.yaml
          printf "$1" >>s.yaml
        }
        settings 'log-json: true\n'
        "\#(CrashTests.program)" serve --config s.yaml --json >ready 2>log &
        server=$!
        for _ in $(seq 200); do [ -s ready ] && break; sleep 0.05; done
        cat ready
        await() {
          for _ in $(seq 200); do grep -q "$1" log && return; sleep 0.05; done
          echo "no $1 in the log"; cat log
        }
        settings 'log-level: warning\nrequests-per-minute: 5\n'
        kill -HUP $server; await 'log-json'
        settings 'log-level: info\nlog-json: true\nprot: 1\n'
        kill -HUP $server; await 'the earlier ones stay'
        settings 'log-level: info\nlog-json: true\n'
        kill -HUP $server; await '"settings were read again"'
        kill -TERM $server; wait $server; echo "ended with $?"
        """#)
      #expect(output.contains("\"url\":\"http://127.0.0.1:"), "\(output)")
      #expect(output.contains("ended with 0\n"), "\(output)")
      #expect(!output.contains("in the log"), "\(output)")
      let lines = try String(contentsOfFile: log, encoding: .utf8)
      #expect(lines.contains("did you mean `port`?"), "\(lines)")
      for line in lines.split(separator: "\n") {
        #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
      }
      #expect(!lines.contains("testing-only"))
    }

    /// Goal: `doctor` finds what is wrong with a folder and what goes with it, before it is served.
    @Test func doctorLooksAtAFolder() throws {
      let desk = try Desk()
      defer { desk.end() }
      _ = try desk.shell(
        """
        chmod 700 ledger; chmod 600 log.key ledger/commitment-secret
        printf testing-only >good; printf wrong-one >wrong; chmod 600 good wrong
        specie tls dev-ca tls; specie tls dev-ca other
        """)
      let tls = [
        "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca",
        "tls/ca.pem",
      ]
      let fine = try Self.doctor(
        desk, ["ledger", "--log-key", "log.key", "--passphrase-file", "good"] + tls)
      #expect(!fine.findings.contains { $0.level == "error" }, "\(fine)")
      #expect(
        Set(fine.findings.map(\.subject)).isSuperset(of: [
          "folder", "disk", "commitment secret", "trust file", "log key", "passphrase",
          "certificate", "client authorities", "certificate's key",
        ]), "\(fine)")
      for (arguments, subject, problem) in [
        (
          ["ledger", "--log-key", "officer-1.key"], "log key", "is not the key of this ledger's log"
        ),
        (["ledger", "--log-key", "none.key"], "log key", "cannot be read"),
        (
          ["ledger", "--log-key", "log.key", "--passphrase-file", "wrong"], "passphrase",
          "`log.key`"
        ),
        (["ledger", "--witness-policy", "ledger/trust"], "witness policy", "`ledger/trust`"),
        (["ledger", "--commitment-secret", "log.key"], "commitment secret", "`log.key`"),
        (["nothing"], "folder", "holds no ledger"),
        (["ledger", "--host", "0.0.0.0"], "settings", "is no loopback address"),
        (
          [
            "--tls-certificate", "tls/server.pem", "--tls-key", "other/server.key", "--client-ca",
            "tls/ca.pem",
          ], "certificate", ""
        ),
      ] {
        let report = try Self.doctor(desk, arguments, expecting: 1)
        #expect(
          report.details("error", of: subject).contains { $0.contains(problem) || problem.isEmpty },
          "\(arguments): \(report)")
      }
      _ = try desk.shell("chmod 755 ledger; chmod 644 log.key")
      let open = try Self.doctor(desk, ["ledger", "--log-key", "log.key"])
      #expect(open.details("warning", of: "folder").contains { $0.contains("chmod 700") })
      #expect(open.details("warning", of: "log key").contains { $0.contains("chmod 600") })
      let nothing = try desk.shell(
        "unset SPECIE_SERVER SPECIE_TRUST; specie doctor", expecting: 2)
      #expect(nothing.contains("there is nothing to look at"), "\(nothing)")
    }

    /// Goal: a certificate that soon ends is a warning, one that ends within days an error, and the
    /// file that names it says so before the server does.
    @Test func doctorSeesCertificatesEnd() throws {
      let desk = try Desk()
      defer { desk.end() }
      _ = try desk.shell(
        """
        chmod 700 ledger
        specie tls dev-ca tls
        for days in 3 20 90; do
          openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days $days \\
            -subj /CN=localhost -addext subjectAltName=DNS:localhost \\
            -keyout tls/$days.key -out tls/$days.pem
        done 2>/dev/null
        chmod 600 tls/*.key
        """)
      for (days, level, code) in [(3, "error", 1), (20, "warning", 0), (90, "ok", 0)]
        as [(
          Int, String, Int32
        )]
      {
        let text = """
          folder: ledger
          log-key: log.key
          tls-certificate: tls/\(days).pem
          tls-key: tls/\(days).key
          client-ca: tls/ca.pem
          """
        try desk.write("s.yaml", Array(text.utf8))
        let report = try Self.doctor(desk, ["--config", "s.yaml"], expecting: code)
        #expect(
          report.details(level, of: "certificate").contains { $0.contains("tls/\(days).pem") },
          "\(days): \(report)")
      }
    }

    /// Goal: `doctor` asks a server, and says what keeps a client from it.
    @Test func doctorAsksAServer() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_195)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger()
      try server.run(["tls", "dev-ca", "tls", "--client", "icbc"])
      try server.run(["tls", "dev-ca", "other"])
      let client = ["--certificate", "tls/icbc.pem", "--certificate-key", "tls/icbc.key"]
      let url = "https://127.0.0.1:17195"
      let away = try server.run(
        ["doctor", "--server", url, "--ca", "tls/ca.pem"] + client, expecting: 1)
      #expect(away.contains("ERROR    server: "), "\(away)")
      try server.serve(options: [
        "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca",
        "tls/ca.pem",
      ])
      var answer = ""
      for _ in 0..<100 where !answer.contains("serves ledger") {
        answer =
          (try? server.run(
            ["doctor", "--server", url, "--ca", "tls/ca.pem"] + client, expecting: 1)) ?? ""
        try await Task.sleep(for: .milliseconds(50))
      }
      // It may come in, and reads for nobody yet: that is an error, and what mends it is said.
      #expect(answer.contains("ok       server: \(url) serves ledger"), "\(answer)")
      #expect(answer.contains("ERROR    access: certificate"), "\(answer)")
      #expect(answer.contains("`specie certificate register`"), "\(answer)")
      let foreign = try server.run(
        ["doctor", "--server", url, "--ca", "other/ca.pem"] + client, expecting: 1)
      #expect(foreign.contains("ERROR    server: "), "\(foreign)")
      #expect(!foreign.contains("serves ledger"), "\(foreign)")
      #expect(server.stop() == 0)
    }

    /// Goal: the documents list every setting as it is, and the file that is deployed is one that a
    /// server takes.
    @Test func documentsSayWhatThereIs() throws {
      let desk = try Desk()
      defer { desk.end() }
      let example = try desk.process.run(["serve", "--config-example"])
      let operations = try String(
        contentsOfFile: CrashTests.repository + "/docs/OPERATIONS.md", encoding: .utf8)
      #expect(
        operations.contains("```yaml\n\(example)```\n"),
        "put this into docs/OPERATIONS.md:\n\(example)")
      let help = try desk.process.run(["serve", "--help"])
      for (name, _, _) in try Self.everySetting(desk) where name != "folder" {
        #expect(help.contains("--\(name)"), "\(name) is not in the help of serve")
      }
      let report = try Self.doctor(
        desk, ["--config", CrashTests.repository + "/deploy/specie.yaml"], expecting: 1)
      #expect(report.details("error", of: "settings").isEmpty, "\(report)")
    }
  }
}
