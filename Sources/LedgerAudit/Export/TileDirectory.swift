package import LedgerStorage
package import MerkleLog

/// An exported log, as its files have it: nothing that is read here is proven yet.
///
/// - Source: C2SP tlog-tiles; docs/formats/merkle-log.md, ML-8.
package struct TileDirectory: Sendable {
  /// The path of the signed note.
  package static let checkpointPath = "checkpoint"

  private let files: any TileFiles

  package init(_ files: any TileFiles) { self.files = files }

  /// Returns the bytes of the signed note, or `nil` where there is none.
  package func checkpoint() throws(TileDirectoryError) -> [UInt8]? {
    try read(Self.checkpointPath, bytesMax: ExportLimits.checkpointBytesMax)
  }

  /// Returns the hashes of a tile, from its own file or from a complete tile's.
  ///
  /// - Throws: ``TileDirectoryError``; ``TileDirectoryError/missing(_:)`` where neither is there.
  package func hashes(_ tile: Tile) throws(TileDirectoryError) -> ArraySlice<Digest> {
    let (file, bytes) = try find(tile, bytesMax: ExportLimits.hashTileBytesMax)
    do throws(TileError) {
      return try file.decode(bytes).prefix(tile.width)
    } catch {
      throw .malformed(file, problem: error.description)
    }
  }

  /// Returns the entries of a bundle, from its own file or from a complete bundle's.
  ///
  /// - Throws: ``TileDirectoryError``; ``TileDirectoryError/missing(_:)`` where neither is there.
  package func entries(
    _ bundle: Tile
  ) throws(TileDirectoryError) -> ArraySlice<ArraySlice<UInt8>> {
    let (file, bytes) = try find(bundle, bytesMax: ExportLimits.bundleBytesMax)
    do throws(EntryBundleError) {
      return try EntryBundle.decode(bytes, count: file.width).prefix(bundle.width)
    } catch {
      throw .malformed(file, problem: error.description)
    }
  }

  /// Returns the tree over the log's first entries, as the files of hashes have it.
  ///
  /// Its root proves it: who knows the signed one compares.
  ///
  /// - Parameter size: How many entries.
  /// - Returns: A tree of that size.
  /// - Throws: ``TileDirectoryError``.
  /// - Complexity: O(size / 256); one file for each 65,536 entries.
  package func tree(ofSize size: UInt64) throws(TileDirectoryError) -> MerkleTree {
    let width = UInt64(Tile.widthMax)
    var roots: [Digest] = []
    var index: UInt64 = 0
    while let tile = Tile(.hashes(level: 1), index: index, treeSize: size) {
      roots += try hashes(tile)
      index += 1
    }
    let last = Tile(.hashes(level: 0), index: size / width, treeSize: size)
    return MerkleTree(tileRoots: roots, lastLeaves: try last.map(hashes) ?? [])
  }

  /// A tile's own file, or the complete tile's, which takes its place.
  private func find(
    _ tile: Tile, bytesMax: Int
  ) throws(TileDirectoryError) -> (file: Tile, bytes: [UInt8]) {
    if let bytes = try read(tile.path, bytesMax: bytesMax) { return (tile, bytes) }
    if !tile.isComplete, let complete = try? Tile(tile.content, index: tile.index),
      let bytes = try read(complete.path, bytesMax: bytesMax)
    {
      return (complete, bytes)
    }
    throw .missing(tile)
  }

  private func read(_ path: String, bytesMax: Int) throws(TileDirectoryError) -> [UInt8]? {
    do throws(TileFileError) {
      return try files.read(path, bytesMax: bytesMax)
    } catch {
      throw .files(error)
    }
  }
}

/// Why a file of an exported log gives nothing.
package enum TileDirectoryError: Error, Hashable, Sendable {
  case files(TileFileError)
  /// Neither it nor, for a partial one, the complete one.
  case missing(Tile)
  case malformed(Tile, problem: String)
}

extension TileDirectoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .files(let error): "\(error)"
    case .missing(let tile): "there is no file `\(tile)`"
    case .malformed(let tile, let problem): "`\(tile)`: \(problem)"
    }
  }
}
