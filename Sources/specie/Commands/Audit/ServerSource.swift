import LedgerAudit
import LedgerClient
import LedgerLog
import LedgerWire
import MerkleLog

/// A running server's log, by its tiles: nothing of it is believed that the checkpoint's root does
/// not prove.
///
/// Each call waits for its answer, so none may be made on a thread that runs tasks.
struct ServerSource: ExportSource {
  let client: LedgerClient

  func checkpoint(after size: UInt64) throws(ExportError) -> VerifiedCheckpoint {
    let newest = try answer { client async throws(ClientError) in
      try await client.logCheckpoint()
    }
    guard newest.checkpoint.size > 0 else { throw .noCheckpoint }
    return newest
  }

  func open(_ note: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint {
    let key = client.trust.logKey
    return try Checkpoint.open(note, origin: Origin(key.name), logKey: key) {
      Ed25519.isValid($2, on: $1, publicKey: $0)
    }
  }

  /// The roots of complete leaf tiles are enough, but for the one that was known in part: its other
  /// leaves are added to those known, so that the root tells whether they belong together.
  func extend(
    _ tree: inout MerkleTree, to size: UInt64, look: (UInt64) throws(ExportError) -> Void
  ) throws(ExportError) {
    let width = UInt64(Tile.widthMax)
    try appendLeaves(to: &tree, upTo: size)
    var roots = tree.held.tileRoots
    let wanted = Int(size / width)
    while roots.count < wanted {
      let index = UInt64(roots.count) / width
      guard let tile = Tile(.hashes(level: 1), index: index, treeSize: size) else { break }
      roots += try hashes(tile).dropFirst(roots.count % Tile.widthMax)
      try look(UInt64(roots.count) * width)
    }
    if tree.size % width == 0 {
      tree = MerkleTree(tileRoots: roots, lastLeaves: [])
      try appendLeaves(to: &tree, upTo: size)
    }
    try look(tree.size)
  }

  /// Appends the leaves of the tile that the tree ends in, or of an incomplete one after it.
  private func appendLeaves(to tree: inout MerkleTree, upTo size: UInt64) throws(ExportError) {
    let known = Int(tree.size % UInt64(Tile.widthMax))
    let index = tree.size / UInt64(Tile.widthMax)
    guard let tile = Tile(.hashes(level: 0), index: index, treeSize: size),
      known > 0 || !tile.isComplete
    else { return }
    tree.append(contentsOf: try hashes(tile).dropFirst(known))
  }

  func leafTiles(of tree: MerkleTree) -> any LeafTileReader {
    ServerLeafTiles(source: self, tree: tree)
  }

  /// Fetches a tile of hashes.
  func hashes(_ tile: Tile) throws(ExportError) -> [Digest] {
    let bytes = try self.bytes(of: tile)
    do throws(TileError) {
      return try tile.decode(bytes)
    } catch {
      throw .answer("`\(tile)`: \(error)")
    }
  }

  func bytes(of tile: Tile) throws(ExportError) -> [UInt8] {
    try answer { client async throws(ClientError) in try await client.tile(tile) }
  }

  private func answer<Value: Sendable>(
    _ ask: @escaping @Sendable (LedgerClient) async throws(ClientError) -> Value
  ) throws(ExportError) -> Value {
    let client = client
    do throws(ClientError) {
      return try ServerAnswer.wait { () async throws(ClientError) in try await ask(client) }
    } catch {
      throw .answer("\(error)")
    }
  }
}

private struct ServerLeafTiles: LeafTileReader {
  let source: ServerSource
  let tree: MerkleTree

  mutating func read(
    _ index: UInt64, withEntries: Bool
  ) throws(ExportError) -> LeafTileContents {
    let content: Tile.Content = withEntries ? .entries : .hashes(level: 0)
    guard let tile = Tile(content, index: index, treeSize: tree.size) else {
      throw .tiles(.noBundle(index: index, size: tree.size))
    }
    var entries: [UInt8]?
    let leaves: [Digest]
    if withEntries {
      let bundle = try source.bytes(of: tile)
      do throws(EntryBundleError) {
        leaves = try EntryBundle.decode(bundle, count: tile.width).map { TreeHash.leaf($0) }
      } catch {
        throw .answer("`\(tile)`: \(error)")
      }
      entries = bundle
    } else {
      leaves = try source.hashes(tile)
    }
    do throws(LogTilesError) {
      try LogTiles.check(leaves, ofTile: index, in: tree)
    } catch {
      throw .answer("`\(tile)` is not what the checkpoint's root covers: \(error)")
    }
    return LeafTileContents(hashes: leaves, entries: entries)
  }
}
