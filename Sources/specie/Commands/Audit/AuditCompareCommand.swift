import ArgumentParser
import LedgerAudit
import LedgerClient
import LedgerLog
import LedgerModel
import LedgerStorageSQLite
import LedgerWire
import MerkleLog

struct AuditCompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two checkpoints of a log: one history, or two that it signed.",
    discussion: """
      Each is a file with a signed checkpoint, or the URL of a server, which is asked for its newest. \
      Of two sizes, the larger one's tiles prove that its tree extends the other's: they come from \
      the server that gave it, or from --tiles: a server, an export, or a copy of the ledger.

      Exits with 0 where they are of one history. Where the log's key has signed two, writes the \
      proof of that with --out, which needs nothing else and nobody's word, and exits with 1; and \
      with 3 where the tiles are not those of the larger checkpoint, so that nothing is proven.

        specie audit compare checkpoint-of-june http://127.0.0.1:7070 --trust trust
      """)

  @Argument(help: "A signed checkpoint's file, or a server's URL.") var first: String
  @Argument(help: "Another.") var second: String
  @OptionGroup var trust: TrustOptions
  @Option(
    help: ArgumentHelp(
      "Where the larger checkpoint's tiles are: a server's URL, an export, or a copy of the ledger.",
      valueName: "where"))
  var tiles: String?
  @Option(
    help: ArgumentHelp("Where the proof of a fork goes; it must not exist.", valueName: "file"))
  var out: String?
  @OptionGroup var tls: TLSOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    if let out, LocalFile.exists(out) { throw CommandFault.fileExists(path: out) }
    let trust = try trust.read()
    let notes = [try await note(first, trust), try await note(second, trust)]
    let needed = try CheckpointComparison.tilesNeeded(notes[0], notes[1], trust: trust)
    var comparison = try CheckpointComparison.compare(notes[0], notes[1], trust: trust, tiles: [:])
    // A server whose log is shorter has not all tiles, or others: then the other server's.
    for place in try places(needed) where comparison.isOfOtherTiles {
      comparison = try CheckpointComparison.compare(
        notes[0], notes[1], trust: trust, tiles: try await read(needed, from: place, trust))
    }
    switch comparison {
    case .same(let checkpoint): output.print(ConsistentReport(checkpoint, checkpoint))
    case .consistent(let first, let second): output.print(ConsistentReport(first, second))
    case .forked(let evidence):
      let (first, second) = try evidence.check(trust)
      if let out { try LocalFile.create(out, evidence.json, mode: 0o644) }
      output.print(ForkReport(first, second, file: out))
      throw ExitCode(ExitStatus.failed.rawValue)
    case .otherTiles(let checkpoint):
      StandardError.write(
        "Error: the tiles are not those of the checkpoint over \(checkpoint.size) entries: they prove "
          + "nothing of it; give others with --tiles")
      throw ExitCode(Self.unproven)
    }
  }

  private static let unproven: Int32 = 3

  private static func isURL(_ text: String) -> Bool {
    text.hasPrefix("http://") || text.hasPrefix("https://")
  }

  private func note(_ place: String, _ trust: AuditTrust) async throws -> [UInt8] {
    guard Self.isURL(place) else { return try CheckpointArgument.read(place) }
    return try await client(place, trust).logCheckpoint().note.encoded
  }

  private func client(_ url: String, _ trust: AuditTrust) throws -> LedgerClient {
    guard let file = trust.file else {
      throw CommandFault.invalidArgument(
        "a server is asked with the ledger's trust file, not with a policy")
    }
    return try LedgerClient(baseURL: url, tls: try tls.files(), trust: file)
  }

  /// Where tiles of the larger checkpoint's tree may be; only what they prove vouches for them.
  private func places(_ needed: [Tile]) throws -> [String] {
    if let tiles { return [tiles] }
    let servers = [second, first].filter { Self.isURL($0) }
    guard !servers.isEmpty || needed.isEmpty else {
      throw CommandFault.invalidArgument(
        "the checkpoints are of two sizes: say with --tiles where the larger one's tiles are")
    }
    return servers
  }

  private func read(
    _ needed: [Tile], from source: String, _ trust: AuditTrust
  ) async throws -> [Tile: [Digest]] {
    var tiles: [Tile: [Digest]] = [:]
    if Self.isURL(source) {
      let client = try client(source, trust)
      for tile in needed {
        if let bytes = try? await client.tile(tile) { tiles[tile] = try tile.decode(bytes) }
      }
    } else if LocalFile.exists(source + "/" + LedgerDirectory.FileName.ledger) {
      let folder = try HistoryOptions.open(source)
      defer { try? folder.close() }
      let tree = try LogProver.tree(of: folder.store) { HistoryOptions.show($0, "hashing") }.tree
      HistoryOptions.endProgress()
      let log = LogTiles(folder.store, tree: tree)
      for tile in needed where tile.exists(upTo: tree.size) {
        tiles[tile] = try tile.decode(try log.bytes(of: tile))
      }
    } else {
      let export = TileDirectory(try TileFolder(reading: source))
      for tile in needed { tiles[tile] = Array(try export.hashes(tile)) }
    }
    return tiles
  }
}

extension CheckpointComparison {
  fileprivate var isOfOtherTiles: Bool { if case .otherTiles = self { true } else { false } }
}

/// Two checkpoints of one history.
struct ConsistentReport: CommandReport {
  let verdict = "consistent"
  let origin: String
  let firstSize: UInt64
  let secondSize: UInt64
  let root: String

  enum CodingKeys: CodingKey { case verdict, origin, firstSize, secondSize, root }

  init(_ first: Checkpoint, _ second: Checkpoint) {
    origin = String(decoding: second.origin.utf8, as: UTF8.self)
    firstSize = first.size
    secondSize = second.size
    root = second.root.description
  }

  var text: String {
    let (old, new) = (DecimalAmount.count(firstSize), DecimalAmount.count(secondSize))
    return firstSize == secondSize
      ? "SAME: both are over \(new) entries of \(origin.shown), with one root"
      : "CONSISTENT: the log of \(new) entries of \(origin.shown) extends the one of \(old)"
  }
}

/// Two checkpoints of two histories.
struct ForkReport: CommandReport {
  struct Side: Encodable {
    let size: UInt64
    let root: String
  }

  let verdict = "forked"
  let origin: String
  let first: Side
  let second: Side
  let file: String?

  enum CodingKeys: CodingKey { case verdict, origin, first, second, file }

  init(_ first: Checkpoint, _ second: Checkpoint, file: String?) {
    origin = String(decoding: first.origin.utf8, as: UTF8.self)
    self.first = Side(size: first.size, root: first.root.description)
    self.second = Side(size: second.size, root: second.root.description)
    self.file = file
  }

  var text: String {
    var lines = [
      "FORKED: the log's key has signed two histories of \(origin.shown), and neither extends the other:",
      "  over \(DecimalAmount.count(first.size)) entries, root \(first.root)",
      "  over \(DecimalAmount.count(second.size)) entries, root \(second.root)",
    ]
    if let file {
      lines.append(
        "wrote the proof to \(file): it needs nothing else; show it to whoever trusts the log")
    }
    return lines.joined(separator: "\n")
  }
}
