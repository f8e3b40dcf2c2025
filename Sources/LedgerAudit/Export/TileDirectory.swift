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

  /// Returns the entries of a bundle that can be read: of a damaged one those before the damage.
  ///
  /// - Returns: The entries, and why there are no more of them.
  /// - Throws: ``TileDirectoryError`` where there is no such file.
  package func readableEntries(
    _ bundle: Tile
  ) throws(TileDirectoryError) -> (
    entries: ArraySlice<ArraySlice<UInt8>>, problem: TileDirectoryError?
  ) {
    let (file, bytes) = try find(bundle, bytesMax: ExportLimits.bundleBytesMax)
    do throws(EntryBundleError) {
      return (try EntryBundle.decode(bytes, count: file.width).prefix(bundle.width), nil)
    } catch {
      let entries = EntryBundle.leadingEntries(bytes).prefix(bundle.width)
      // One that goes on behind its last entry is damaged there.
      let isSurplus = entries.count == bundle.width
      return (
        isSurplus ? entries.dropLast() : entries,
        .malformed(file, problem: error.description)
      )
    }
  }

  /// Names each file under `tile/`, where the medium can tell.
  ///
  /// - Returns: Whether it can.
  package func list(_ body: (String) -> Void) throws(TileDirectoryError) -> Bool {
    do throws(TileFileError) { return try files.list(body) } catch { throw .files(error) }
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

extension EntryBundle {
  /// The entries before the first that the bytes do not hold as a whole.
  fileprivate static func leadingEntries(_ bytes: [UInt8]) -> ArraySlice<ArraySlice<UInt8>> {
    var entries: [ArraySlice<UInt8>] = []
    var offset = 0
    while offset + 2 <= bytes.count, entries.count <= Tile.widthMax {
      let start = offset + 2
      let end = start + Int(bytes[offset]) << 8 + Int(bytes[offset + 1])
      guard end <= bytes.count else { break }
      entries.append(bytes[start..<end])
      offset = end
    }
    return entries[...]
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
