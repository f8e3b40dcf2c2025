import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import LedgerTesting
import LedgerWire
import MerkleLog
import ProgramTesting
import Testing

extension EndToEnd {
  /// What `specie audit export` writes, held by the Go team's own code: Tests/go.
  @Suite struct ExportTests {
    /// A folder with a ledger that is exported, and the program that verifies.
    private struct Bench {
      let folder: String
      let process: ServerProcess
      var url: String { process.url }

      init(port: Int) throws {
        folder = try CrashTests.makeFolder()
        process = ServerProcess(program: CrashTests.program, folder: folder, port: port)
        let source = "\(CrashTests.repository)/Tests/go/main.go"
        let settings = ["GO111MODULE=off", "GOPATH=/usr/share/gocode"]
        try process.run(
          settings + ["go", "build", "-o", "\(folder)/verify", source], program: "/usr/bin/env")
      }

      func end() { try? FileManager.default.removeItem(atPath: folder) }

      @discardableResult
      func export(_ options: [String] = [], expecting code: Int32 = 0) throws -> String {
        try process.run(
          ["audit", "export", "out", "--log", "ledger"] + options, expecting: code)
      }

      /// Keeps the export's checkpoint elsewhere, as an auditor does.
      func keepCheckpoint(_ size: Int) throws {
        try FileManager.default.copyItem(
          atPath: "\(folder)/out/checkpoint", toPath: "\(folder)/checkpoint-\(size)")
      }

      /// Verifies the export, and that it extends the checkpoints kept.
      @discardableResult
      func verify(_ vkey: String, after sizes: [Int] = [], expecting code: Int32 = 0) throws
        -> String
      {
        try process.run(
          ["out", vkey] + sizes.map { "checkpoint-\($0)" }, program: "\(folder)/verify",
          expecting: code)
      }

      @discardableResult
      func audit(_ place: String, _ options: [String] = [], expecting code: Int32 = 0) throws
        -> String
      {
        try process.run(
          ["audit", "verify", place, "--trust", "ledger/trust", "--commitment-secret"]
            + ["ledger/commitment-secret"] + options, expecting: code)
      }

      func path(_ name: String, in export: String = "out") -> String {
        "\(folder)/\(export)/\(name)"
      }

      func bytes(_ name: String, in export: String = "out") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name, in: export))))
      }

      func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
      }

      /// The paths of all files of the export.
      func files(_ export: String = "out") throws -> Set<String> {
        let all = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(export)")
        return Set(
          all.filter { name in
            var isFolder: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(
              atPath: path(name, in: export), isDirectory: &isFolder)
            return exists && !isFolder.boolValue
          })
      }
    }

    /// The files of exports at each of these sizes, one after the other.
    private static func files(_ sizes: [Int]) throws -> Set<String> {
      var files: Set<String> = ["checkpoint"]
      for size in sizes {
        for tile in Tile.tilesAdded(from: 0, to: UInt64(size)) {
          let complete = try Tile(tile.content, index: tile.index)
          if tile.isComplete || !complete.exists(upTo: UInt64(sizes.last ?? 0)) {
            files.insert(tile.path)
          }
        }
      }
      return files
    }

    /// A ledger's folder with entries that mean nothing after a real genesis.
    private struct MadeLog {
      let path: String
      let key: VerifierKey
      private let signer = SigningKey(seed: [UInt8](repeating: 7, count: 32))
      private let leaves: [Digest]

      init(at path: String, count: Int) throws {
        self.path = path
        let genesis = Genesis(
          origin: "ledger.example/export", logKey: signer.publicKey,
          currencies: [
            Currency(
              code: try #require(CurrencyCode("CNY")), exponent: 2,
              issuanceAccount: .example(1))
          ],
          officers: [Officer(name: OfficerName(unchecked: "o"), key: .example(1))],
          quorums: Quorums(
            participants: 1, keys: 1, issuance: 1, freezes: 1, rules: 1, recovery: 0),
          recovery: [], parameters: .standard, version: .one, nonce: .example(9))
        key = try genesis.verifierKey()
        let first = LogEntry(
          sequence: .genesis, time: .example, previous: .zero,
          body: .genesis(bytes: genesis.canonicalBytes, signatures: []))
        let entries = [first.canonicalBytes] + (1..<count).map { Array("entry \($0)".utf8) }
        leaves = entries.map { TreeHash.leaf($0) }
        var packer = RowPacker(first: .genesis)
        for entry in entries { packer.append(entry: entry, sideData: [1]) }
        try LedgerDirectory.create(at: path, rows: packer.finish()).close()
        let trust = try TrustFile(ledger: LedgerID(Bytes32(leaves[0])), genesis: genesis)
        try Data(trust.text.utf8).write(to: URL(fileURLWithPath: path + "/trust"))
      }

      /// Signs a checkpoint over the first entries, and keeps it.
      func sign(_ size: Int) throws {
        let checkpoint = try Checkpoint(
          origin: Origin(key.name), size: UInt64(size), root: TreeHash.root(of: leaves[..<size]))
        let note = checkpoint.signed(by: key) { signer.sign($0) }
        let folder = try LedgerDirectory.open(at: path)
        try folder.checkpoints.append(String(decoding: note.encoded, as: UTF8.self))
        try folder.close()
      }
    }

    /// Goal: tools that are not ours prove an export at each boundary of tiles, all its entries,
    /// and that it extends each earlier one; and no byte of it can be another.
    ///
    /// Method: one folder, exported to at rising sizes; then a byte is flipped in each kind of
    /// file, and one is cut off and added.
    @Test func provenByOtherTools() throws {
      let bench = try Bench(port: 17_190)
      defer { bench.end() }
      let log = try MadeLog(at: "\(bench.folder)/ledger", count: 65_800)
      let sizes = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793]
      for (index, size) in sizes.enumerated() {
        try log.sign(size)
        try bench.export()
        #expect(try bench.files() == Self.files(Array(sizes[...index])), "size \(size)")
        let answer = try bench.verify(log.key.vkey, after: Array(sizes[..<index]))
        let tiles = Tile.tilesAdded(from: 0, to: UInt64(size)).count { $0.content != .entries }
        #expect(
          answer.hasPrefix("verified: \(size) entries, \(tiles) tiles, \(index) older"), "\(answer)"
        )
        try bench.keepCheckpoint(size)
      }
      #expect(try bench.export().contains("0 files written"))
      let kinds = [
        "checkpoint", "tile/0/000", "tile/0/255", "tile/0/257.p/1", "tile/1/000", "tile/1/001.p/1",
        "tile/2/000.p/1", "tile/entries/000", "tile/entries/256", "tile/entries/257.p/1",
      ]
      for kind in kinds {
        let sound = try bench.bytes(kind)
        for place in Set([0, sound.count / 2, sound.count - 2]).sorted() {
          var flipped = sound
          flipped[place] ^= 1
          try bench.write(flipped, kind)
          let answer = try bench.verify(log.key.vkey, expecting: 1)
          #expect(answer.contains("NOT VERIFIED"), "\(kind), byte \(place): \(answer)")
        }
        for other in [Array(sound.dropLast()), sound + [0]] {
          try bench.write(other, kind)
          try bench.verify(log.key.vkey, expecting: 1)
        }
        try bench.write(sound, kind)
      }
      try bench.verify(log.key.vkey, after: sizes)
      let other = try VerifierKey(
        name: log.key.name, algorithm: .ed25519, publicKey: [UInt8](repeating: 1, count: 32))
      try bench.verify(other.vkey, expecting: 1)
    }

    /// Goal: the log of a ledger that runs is the same bytes over HTTP and as files, and other
    /// tools prove it.
    ///
    /// Method: a server, stopped at sizes around boundaries; each tile by HTTP, then as a file.
    @Test func runningLedger() async throws {
      let bench = try Bench(port: 17_191)
      defer { bench.end() }
      let (trust, officers) = try bench.process.createLedger()
      let sender = Sender(url: bench.url)
      let load = try Load(ledger: trust.ledger, officers: officers, walletCount: 2)
      let preparation = Array(try load.preparation())
      var done: [Int] = []
      var size = 1
      for wanted in [255, 257, 511, 513] {
        try bench.process.serve(options: ["--open-entries"])
        defer { bench.process.kill() }
        try await sender.waitUntilReady()
        if size == 1 {
          for submission in preparation {
            try await sender.post(submission.protobuf)
            size += 1 + submission.instructions.count
          }
        }
        for submission in try load.payments(submissions: 1, batch: wanted - size - 1) {
          try await sender.post(submission.protobuf)
        }
        size = wanted
        var served: [Tile: [UInt8]] = [:]
        try await Self.waitForCheckpoint(size, sender)
        for tile in Tile.tilesAdded(from: 0, to: UInt64(size)) {
          served[tile] = try await Self.bytes(of: tile, sender)
        }
        try bench.audit(bench.url)
        // From the server itself, too: hashes first, and entries at every second size.
        let scope = done.count.isMultiple(of: 2) ? ["--hashes-only"] : []
        try bench.process.run(["audit", "export", "live", "--server", bench.url] + scope)
        #expect(try bench.export(expecting: 1).contains("in use"))
        #expect(bench.process.stop() == 0)
        try bench.export(["--trust", "ledger/trust"])
        #expect(try bench.files() == Self.files(done + [size]))
        for (tile, bytes) in served.sorted(by: { $0.key.path < $1.key.path }) {
          #expect(try bench.bytes(tile.path) == bytes, "\(tile) of \(size)")
        }
        try bench.verify(trust.logKey.vkey, after: done)
        try bench.audit("out", ["--state", "state"])
        try bench.keepCheckpoint(size)
        done.append(size)
      }
      try await sender.close()
      #expect(try bench.files("live") == bench.files())
      for name in try bench.files("live").sorted() {
        #expect(try bench.bytes(name, in: "live") == bench.bytes(name), "\(name)")
      }

      let again = try bench.export(["--json"])
      #expect(again.contains("\"size\" : 513"))
      #expect(again.contains("\"files_written\" : 0"))
      try bench.process.run(
        ["audit", "export", "public", "--log", "ledger", "--hashes-only"])
      #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/public/tile/entries"))
      // A folder of something else, and an altered file.
      try bench.process.run(["audit", "export", "ledger", "--log", "ledger"], expecting: 1)
      try bench.write([1, 2, 3], "tile/entries/002.p/1")
      let refused = try bench.export(expecting: 1)
      #expect(refused.contains("out/tile/entries/002.p/1"), "\(refused)")
      #expect(try bench.bytes("tile/entries/002.p/1") == [1, 2, 3])

      // By our own audit: what was altered is named, and a database alone has no end.
      let failed = try bench.audit("out", expecting: 1)
      #expect(failed.contains("FAILED at entry 512 (storage)"), "\(failed)")
      let database = try bench.audit("ledger/ledger.sqlite", expecting: 3)
      #expect(database.contains("END OF THE LOG UNPROVEN"), "\(database)")
      let proven = try bench.audit("ledger/ledger.sqlite", ["--checkpoint", "checkpoint-513"])
      #expect(!proven.contains("UNPROVEN"), "\(proven)")
      try bench.audit("nowhere", expecting: 1)
    }

    private static func waitForCheckpoint(_ size: Int, _ sender: Sender) async throws {
      for _ in 0..<200 {
        let (_, note) = try await sender.get("/log/checkpoint")
        if note.split(separator: "\n").dropFirst().first == "\(size)" { return }
        try await Task.sleep(for: .milliseconds(25))
      }
      throw ProgramError("no checkpoint of size \(size)")
    }

    private static func bytes(of tile: Tile, _ sender: Sender) async throws -> [UInt8] {
      let (status, bytes) = try await sender.bytes("/log/\(tile)")
      guard status == 200 else { throw ProgramError("`\(tile)` is answered by \(status)") }
      return bytes
    }
  }
}
