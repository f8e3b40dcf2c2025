import Foundation
import LedgerTesting
import LedgerWire
import MerkleLog
import ProgramTesting
import Testing

extension EndToEnd {
  /// Real witnesses and a real ledger, over HTTP.
  @Suite struct WitnessTests {
    /// A ledger with witnesses, each a process.
    private final class World {
      let folder: String
      let server: ServerProcess
      let trust: TrustFile
      let officers: [SigningKey]
      let sender: Sender
      private(set) var witnesses: [WitnessProcess] = []

      init(port: Int, witnessPorts: [Int]) throws {
        folder = try CrashTests.makeFolder()
        server = ServerProcess(program: CrashTests.program, folder: folder, port: port)
        (trust, officers) = try server.createLedger()
        sender = Sender(url: server.url)
        witnesses = try witnessPorts.enumerated().map {
          try WitnessProcess(
            "w\($0 + 1)", port: $1, under: server, logs: [trust.logKey.vkey])
        }
      }

      func writePolicy(quorum: String, extra: [String] = []) throws {
        var lines = ["log \(trust.logKey.vkey)"]
        lines += witnesses.map { "witness \($0.name) \($0.vkey) \($0.url)" } + extra
        let names = lines.filter { $0.hasPrefix("witness ") }.map { $0.split(separator: " ")[1] }
        lines.append("group all-of-them \(quorum) " + names.joined(separator: " "))
        lines += ["quorum all-of-them", ""]
        try lines.joined(separator: "\n").write(
          toFile: "\(folder)/policy", atomically: true, encoding: .utf8)
      }

      func serve(_ options: [String] = []) async throws {
        try server.serve(
          options: ["--witness-policy", "policy", "--log-json"] + options,
          logFile: "\(folder)/server.log")
        try await sender.waitUntilReady()
      }

      func end() async {
        server.kill()
        for witness in witnesses { witness.kill() }
        try? await sender.close()
        try? FileManager.default.removeItem(atPath: folder)
      }

      var log: String {
        (try? String(contentsOfFile: "\(folder)/server.log", encoding: .utf8)) ?? ""
      }

      var published: String? {
        try? String(contentsOfFile: "\(folder)/ledger/cosigned", encoding: .utf8)
      }

      var publishedSize: Int? {
        published.flatMap { Int($0.split(separator: "\n")[1]) }
      }

      func size() async throws -> Int {
        struct Ledger: Decodable { let size: Int }
        let answer = try await sender.get("/v1/ledger")
        return try JSONDecoder().decode(Ledger.self, from: Data(answer.body.utf8)).size
      }

      func wait(
        _ what: String, seconds: Int = 30, until isSo: () async throws -> Bool
      ) async throws {
        for _ in 0..<(seconds * 20) {
          if try await isSo() { return }
          try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(what) did not come; the server's log:\n\(log.suffix(4_000))")
      }

      func waitUntilAllIsPublished(cosignatures: Int) async throws {
        let size = try await size()
        try await wait("the cosigned checkpoint of \(size) entries") {
          publishedSize == size
            && published?.components(separatedBy: "— witness.example/").count == cosignatures + 1
        }
      }
    }

    /// Asks by curl, which has nothing of ours.
    private func post(
      _ body: [UInt8], to url: String, in folder: String, _ program: ServerProcess
    ) throws -> (status: Int, mediaType: String, body: String) {
      try Data(body).write(to: URL(fileURLWithPath: "\(folder)/body"))
      let head = try program.run(
        [
          "--silent", "--output", "answer", "--write-out", "%{http_code} %{content_type}",
          "--data-binary", "@body", url,
        ], program: "/usr/bin/curl")
      let words = head.split(separator: " ", maxSplits: 1)
      return (
        Int(words[0]) ?? 0, String(words.last ?? ""),
        try String(contentsOfFile: "\(folder)/answer", encoding: .utf8)
      )
    }

    /// Goal: the published session has its answers, byte for byte, also where the witness is killed
    /// after every answer.
    @Test func publishedSession() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let program = ServerProcess(program: CrashTests.program, folder: folder, port: 1)
      let witness = try WitnessProcess(
        "w1", port: 17_191, under: program, logs: [WitnessSession.vkey])
      try await witness.start()
      defer { witness.kill() }
      for (index, step) in WitnessSession.steps.enumerated() {
        let answer = try post(
          step.body, to: witness.url + "/add-checkpoint", in: folder, program)
        #expect(answer.status == step.status, "step \(index): \(answer)")
        switch step.status {
        case 409:
          #expect(answer.mediaType == "text/x.tlog.size")
          #expect(answer.body == "\(step.size)\n")
        case 200:
          #expect(answer.body.hasPrefix("— witness.example/w1 "))
        default:
          #expect(answer.body.hasSuffix("\n"))
        }
        witness.kill()
        try await witness.start()
      }
      let shown = try program.run(["witness", "show", "w1"])
      #expect(shown.contains("size 5"), "\(shown)")
      let sender = Sender(url: witness.url)
      let path = "/\(Self.hash(of: WitnessSession.origin))/checkpoint"
      let latest = try await sender.get(path)
      #expect(latest.status == 200)
      #expect(latest.body.hasPrefix(WitnessSession.checkpoint(5)), "\(latest.body)")
      #expect(try await sender.get("/\(Self.hash(of: "other"))/checkpoint").status == 404)
      #expect(try await sender.get("/add-checkpoint").status == 405)
      let long = try post(
        [UInt8](repeating: 0x61, count: 1_003_001), to: witness.url + "/add-checkpoint",
        in: folder, program)
      #expect(long.status == 400)
      try await sender.close()
      #expect(witness.stop() == 0)
      let outcomes = witness.log.components(separatedBy: #""message":"add-checkpoint""#).count - 1
      #expect(outcomes == WitnessSession.steps.count + 1)
    }

    private static func hash(of text: String) -> String {
      SHA256.hash(Array(text.utf8)).description
    }

    /// Goal: with any of two witnesses the ledger goes on publishing when one dies, and says so;
    /// when both are gone it publishes nothing, and still takes orders.
    @Test func quorumOfTwo() async throws {
      let world = try World(port: 17_192, witnessPorts: [17_193, 17_194])
      for witness in world.witnesses { try await witness.start() }
      try world.writePolicy(quorum: "any")
      try await world.serve()
      let load = try Load(ledger: world.trust.ledger, officers: world.officers, walletCount: 2)
      for submission in try load.preparation() {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 2)

      world.witnesses[1].kill()
      for submission in try load.payments(submissions: 2, batch: 2) {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 1)
      try await world.wait("the alarm") { world.log.contains("a witness is away") }
      #expect(world.log.contains("met by the others"))
      let ready = try await world.sender.get("/readyz")
      #expect(ready.body.contains(#""quorum_present":true"#), "\(ready.body)")
      #expect(ready.body.contains(#""name":"w2""#) && ready.body.contains(#""problem":"#))

      world.witnesses[0].kill()
      let last = world.publishedSize
      for submission in try load.payments(submissions: 2, batch: 2) {
        try await world.sender.post(submission.protobuf)
      }
      try await world.wait("the louder alarm") { world.log.contains("nothing is published") }
      #expect(world.publishedSize == last)

      try await world.witnesses[1].start()
      try await world.waitUntilAllIsPublished(cosignatures: 1)
      #expect(world.server.stop() == 0)
      await world.end()
    }

    /// Goal: an old copy of the folder does not open; opened by force, it signs one checkpoint at
    /// most, and then nothing more.
    @Test func rollback() async throws {
      let world = try World(port: 17_195, witnessPorts: [17_196, 17_197])
      for witness in world.witnesses { try await witness.start() }
      try world.writePolicy(quorum: "all")
      try await world.serve()
      let load = try Load(ledger: world.trust.ledger, officers: world.officers, walletCount: 2)
      for submission in try load.preparation() {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 2)
      #expect(world.server.stop() == 0)
      let (ledger, copy) = (world.folder + "/ledger", world.folder + "/copy")
      try FileManager.default.copyItem(atPath: ledger, toPath: copy)

      try await world.serve()
      for submission in try load.payments(submissions: 3, batch: 2) {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 2)
      let size = try #require(world.publishedSize)
      #expect(world.server.stop() == 0)

      try FileManager.default.removeItem(atPath: ledger)
      try FileManager.default.moveItem(atPath: copy, toPath: ledger)
      let serve = [
        "serve", "ledger", "--log-key", "log.key", "--port", "17195", "--witness-policy", "policy",
      ]
      let refusal = try world.server.run(serve, expecting: 1)
      #expect(refusal.contains("witness `w1` has \(size) entries of this log"), "\(refusal)")
      #expect(refusal.contains("Nothing was signed"))

      world.witnesses[0].kill()
      world.witnesses[1].kill()
      let silence = try world.server.run(serve, expecting: 1)
      #expect(silence.contains("could be all that quorum"), "\(silence)")
      #expect(silence.contains("--without-witnesses"))

      for witness in world.witnesses { try await witness.start() }
      try world.server.serve(
        options: [
          "--witness-policy", "policy", "--log-json", "--without-witnesses",
        ], logFile: "\(world.folder)/server.log")
      try await world.wait("the end of signing") {
        (try? await world.sender.get("/readyz"))?.body.contains("signs nothing more") == true
      }
      let ready = try await world.sender.get("/readyz")
      #expect(ready.status == 503)
      #expect(world.log.contains("rolled back"))
      await #expect(throws: ProgramError.self) {
        for submission in try load.payments(submissions: 1, batch: 2) {
          try await world.sender.post(submission.protobuf)
        }
      }
      #expect(world.server.stop() == 0)
      await world.end()
    }

    /// Goal: another implementation's log gets cosignatures from our witness, also where it has to
    /// ask again from another size.
    @Test func anotherImplementationAsks() async throws {
      let folder = try CrashTests.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let program = ServerProcess(program: CrashTests.program, folder: folder, port: 1)
      let witness = try WitnessProcess(
        "w1", port: 17_201, under: program, logs: [WitnessSession.vkey])
      try await witness.start()
      defer { witness.kill() }
      let script = """
        import base64, json, sys
        from aics_witness import submit_checkpoint, merge_cosignatures
        url, vkey, data = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
        proofs = {(1, 3): data["from1To3"], (1, 5): data["from1To5"], (3, 5): data["from3To5"]}
        def proof(old, new):
            return [base64.b64decode(text) for text in proofs.get((old, new), [])]
        for size, old in ("1", 0), ("3", 1), ("5", 1), ("5", 0):
            note = data[size].encode()
            lines = submit_checkpoint(url, note, proof, witness_vkey=vkey, old_size=old)
            open("cosigned-" + size, "wb").write(merge_cosignatures(note, lines))
        """
      let data: [String: Any] = [
        "1": WitnessSession.checkpoint(1), "3": WitnessSession.checkpoint(3),
        "5": WitnessSession.checkpoint(5), "from1To3": WitnessSession.from1To3,
        "from1To5": WitnessSession.from1To5, "from3To5": WitnessSession.from3To5,
      ]
      try JSONSerialization.data(withJSONObject: data).write(
        to: URL(fileURLWithPath: "\(folder)/session"))
      let bin = "\(CrashTests.repository)/.venv/bin"
      try program.run(
        ["-c", script, witness.url, witness.vkey, "session"], program: "\(bin)/python")
      for size in [1, 3, 5] {
        try program.run(
          [
            "verify-checkpoint", "--note", "cosigned-\(size)", "--log-key", WitnessSession.vkey,
            "--witness-key", witness.vkey, "--quorum", "1", "--max-age", "600",
          ], program: "\(bin)/aics-tlog")
      }
      #expect(witness.stop() == 0)
    }

    /// Goal: another implementation's witness cosigns our log, and its verifier believes what both
    /// witnesses cosigned.
    @Test func anotherImplementation() async throws {
      let world = try World(port: 17_198, witnessPorts: [17_199])
      let bin = "\(CrashTests.repository)/.venv/bin"
      let other = try world.server.run(
        [
          "init", "--config", "other.json", "--name", "witness.example/other", "--listen",
          "127.0.0.1:17200",
        ], program: "\(bin)/aics-witness"
      ).split(separator: "\n").last.map(String.init)
      let vkey = try #require(other)
      try world.server.run(
        [
          "add-log", "--config", "other.json", "--origin", "\(world.trust.logKey.name)",
          "--vkey", world.trust.logKey.vkey,
        ], program: "\(bin)/aics-witness")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "\(bin)/aics-witness")
      process.arguments = [
        "serve", "--config", "other.json", "--listen", "127.0.0.1:17200",
      ]
      process.currentDirectoryURL = URL(fileURLWithPath: world.folder)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try WitnessProcess.appending(to: "\(world.folder)/other.log")
      try process.run()
      defer {
        // It gets SIGTERM blocked, as every child of a program that uses Dispatch.
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      try await world.witnesses[0].start()
      try world.writePolicy(
        quorum: "all", extra: ["witness other \(vkey) http://127.0.0.1:17200"])
      try await world.serve()
      let load = try Load(ledger: world.trust.ledger, officers: world.officers, walletCount: 2)
      for submission in try load.preparation() {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 2)
      for submission in try load.payments(submissions: 4, batch: 3) {
        try await world.sender.post(submission.protobuf)
      }
      try await world.waitUntilAllIsPublished(cosignatures: 2)
      let verify = [
        "verify-checkpoint", "--note", "ledger/cosigned", "--log-key", world.trust.logKey.vkey,
        "--witness-key", world.witnesses[0].vkey, "--witness-key", vkey, "--quorum", "2",
        "--max-age", "600",
      ]
      try world.server.run(verify, program: "\(bin)/aics-tlog")
      // What our witness shows by itself, too.
      let shown = try await Sender.read(
        "\(world.witnesses[0].url)/\(Self.hash(of: "\(world.trust.logKey.name)"))/checkpoint")
      try shown.write(toFile: "\(world.folder)/shown", atomically: true, encoding: .utf8)
      try world.server.run(
        [
          "verify-checkpoint", "--note", "shown", "--log-key", world.trust.logKey.vkey,
          "--witness-key", world.witnesses[0].vkey, "--quorum", "1",
        ], program: "\(bin)/aics-tlog")
      // And it does not believe a note of which a digit is another.
      let note = try #require(world.published)
      let size = try #require(world.publishedSize)
      try note.replacingOccurrences(of: "\n\(size)\n", with: "\n\(size + 1)\n").write(
        toFile: "\(world.folder)/bent", atomically: true, encoding: .utf8)
      try world.server.run(
        verify.map { $0 == "ledger/cosigned" ? "bent" : $0 }, program: "\(bin)/aics-tlog",
        expecting: 1)
      #expect(world.server.stop() == 0)
      // A restart holds the log against both.
      try await world.serve()
      try await world.waitUntilAllIsPublished(cosignatures: 2)
      #expect(world.server.stop() == 0)
      await world.end()
    }
  }
}
