internal import LedgerLog
internal import LedgerModel
package import LedgerStorage
package import MerkleLog

/// What of a log is exported.
package enum ExportScope: Hashable, Sendable {
  /// Checkpoint and hashes, which are for all.
  case hashes
  /// Bundles of entries too, which are for auditors.
  case hashesAndEntries
}

/// What an export came to.
package struct ExportReport: Hashable, Sendable {
  package let checkpoint: Checkpoint
  /// What the folder's checkpoint covered before; `nil` where there was none.
  package let previousSize: UInt64?
  package var filesWritten = 0
  /// Partial tiles that complete ones took the place of.
  package var partialsRemoved = 0
}

/// How an export goes about its work.
package struct ExportOptions: Sendable {
  /// Asked every few thousand entries; true ends the export.
  package var isCancelled: @Sendable () -> Bool
  /// Told how far it is, each entry being gone through twice: to prove the log, and to write it.
  package var progress: @Sendable (ExportProgress) -> Void

  package init(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (ExportProgress) -> Void = { _ in }
  ) {
    self.isCancelled = isCancelled
    self.progress = progress
  }
}

/// How far an export is.
package struct ExportProgress: Hashable, Sendable {
  package enum Stage: Hashable, Sendable {
    /// Entries are read and hashed, up to the root that is signed.
    case proving
    case writing
  }

  package let stage: Stage
  package let entriesDone: UInt64
  package let entriesTotal: UInt64
}

/// Writes a log as C2SP tlog-tiles, as far as its newest checkpoint covers it.
///
/// Nothing is written before the entries are known to have the root that the checkpoint signed, and
/// nothing that the tree under that root does not vouch for. In order: the log's checkpoint; the
/// folder's, which must be over a beginning of the same log; the root; the files; a sync of them
/// all; the checkpoint; and then the partial tiles go that complete ones took the place of.
///
/// - Source: C2SP tlog-tiles; docs/formats/merkle-log.md, ML-8.
package struct LogExporter: Sendable {
  private let source: any ExportSource
  private let files: any TileKeeper
  private let scope: ExportScope
  private let options: ExportOptions
  /// Whether an export before this one was cut, and may have left files that are.
  private var mayBeTorn = false
  /// What the folder's checkpoint covers.
  private var oldSize: UInt64 = 0
  private var filesWritten = 0

  /// - Parameters:
  ///   - source: The log.
  ///   - files: Where it goes.
  ///   - scope: How much of it.
  ///   - options: How.
  package init(
    _ source: any ExportSource, to files: any TileKeeper, scope: ExportScope,
    options: ExportOptions = ExportOptions()
  ) {
    self.source = source
    self.files = files
    self.scope = scope
    self.options = options
  }

  /// Exports what is new since the last time.
  ///
  /// - Returns: What was done; a second run in a row writes nothing.
  /// - Throws: ``ExportError``; the folder's checkpoint is then still the old one, and what was
  ///   written beyond it is found again by the next run.
  /// - Complexity: O(entries that are new), and one look at each file that is there. Memory holds
  ///   32 bytes for each 256 entries, and bounded buffers.
  package mutating func export() throws(ExportError) -> ExportReport {
    let directory = TileDirectory(files)
    let old = try exportedCheckpoint(directory)
    let newest = try source.checkpoint(after: old?.size ?? 0)
    let checkpoint = newest.checkpoint
    let tree = try prove(checkpoint, after: old, in: directory)
    oldSize = old?.size ?? 0

    mayBeTorn = try writing { () throws(TileFileError) in try files.begin() }
    let superseded: [String]
    do throws(ExportError) {
      superseded = try writeTiles(of: tree)
    } catch {
      // What is there is whole, unless not even that could be made sure, or not all of what an
      // earlier writing left has been looked at.
      if !mayBeTorn, (try? files.sync()) != nil { try? files.end() }
      throw error
    }
    // Where this fails the mark stays: a second sync would succeed, and prove nothing. So the next
    // run writes anew what the old checkpoint does not cover.
    try writing { () throws(TileFileError) in try files.sync() }
    var report = ExportReport(checkpoint: checkpoint, previousSize: old?.size)
    report.filesWritten = filesWritten
    try writing { () throws(TileFileError) in
      let bytes = newest.note.encoded
      let path = TileDirectory.checkpointPath
      if try files.read(path, bytesMax: ExportLimits.checkpointBytesMax) != bytes {
        try files.replace(bytes, at: path)
        report.filesWritten += 1
      }
      for path in superseded { report.partialsRemoved += try files.removePartials(of: path) }
      try files.end()
    }
    return report
  }

  // MARK: - Proving

  private func exportedCheckpoint(
    _ directory: TileDirectory
  ) throws(ExportError) -> Checkpoint? {
    let note: [UInt8]?
    do throws(TileDirectoryError) {
      note = try directory.checkpoint()
    } catch {
      throw .damagedExport(detail: error.description)
    }
    guard let note else { return nil }
    do throws(CheckpointError) {
      return try source.open(note).checkpoint
    } catch {
      throw .otherExport(error)
    }
  }

  /// Returns the tree over all that the checkpoint covers, its root compared.
  ///
  /// From the hashes that were exported, which the older checkpoint proves, and the log's entries
  /// after: so the newer log extends the older.
  private func prove(
    _ checkpoint: Checkpoint, after old: Checkpoint?, in directory: TileDirectory
  ) throws(ExportError) -> MerkleTree {
    var tree = MerkleTree()
    if let old {
      guard old.size <= checkpoint.size else {
        throw .wentBack(exportedSize: old.size, size: checkpoint.size)
      }
      guard old.size < checkpoint.size || old.root == checkpoint.root else {
        throw .forked(size: old.size)
      }
      do throws(TileDirectoryError) {
        tree = try directory.tree(ofSize: old.size)
      } catch {
        throw .damagedExport(detail: error.description)
      }
      guard tree.root == old.root else {
        throw .damagedExport(
          detail: "their root is \(tree.root), and their checkpoint's \(old.root)")
      }
    }
    let looks = Looks(.proving, of: checkpoint.size, options)
    try source.extend(&tree, to: checkpoint.size) { size throws(ExportError) in
      try looks.look(at: size)
    }
    guard tree.root == checkpoint.root else {
      throw .wrongRoot(
        size: checkpoint.size, exportedSize: old?.size ?? 0, expected: checkpoint.root,
        found: tree.root)
    }
    return tree
  }

  // MARK: - Writing

  /// Writes what is not there yet.
  ///
  /// - Returns: The complete tiles that partial ones lie beside.
  /// - Throws: ``ExportError``.
  private mutating func writeTiles(of tree: MerkleTree) throws(ExportError) -> [String] {
    var superseded: [String] = []
    try writeLeafTiles(of: tree, &superseded)
    for level in 1...Tile.levelMax {
      var index: UInt64 = 0
      while let tile = Tile(.hashes(level: level), index: index, treeSize: tree.size) {
        index += 1
        if try !isThere(tile) { try keep(try hashes(of: tile, level: level, in: tree), as: tile) }
        try note(tile, &superseded)
      }
      if index == 0 { break }
    }
    return superseded
  }

  /// Writes the bundles and the tiles of leaf hashes: one core reads and hashes, this one writes.
  private mutating func writeLeafTiles(
    of tree: MerkleTree, _ superseded: inout [String]
  ) throws(ExportError) {
    let reader = self
    let pieces = ReadAhead<Result<LeafTile, ExportError>>(
      "export-reader", valuesMax: ExportLimits.bundlesAheadMax
    ) { hand in
      reader.read(tree, hand)
    }
    defer { pieces.cancel() }
    let looks = Looks(.writing, of: tree.size, options)
    while let piece = pieces.next() {
      let read = try piece.get()
      for (tile, bytes) in read.files {
        if let bytes { try keep(bytes, as: tile) }
        try note(tile, &superseded)
      }
      try looks.look(at: min(tree.size, (read.index + 1) * UInt64(Tile.widthMax)))
    }
  }

  /// Runs on a thread of its own.
  private func read(_ tree: MerkleTree, _ hand: (Result<LeafTile, ExportError>) -> Bool) {
    var leaves = source.leafTiles(of: tree)
    var index: UInt64 = 0
    do throws(ExportError) {
      while let hashes = Tile(.hashes(level: 0), index: index, treeSize: tree.size),
        let entries = Tile(.entries, index: index, treeSize: tree.size)
      {
        let wantsHashes = try !isThere(hashes)
        let wantsEntries = scope == .hashesAndEntries ? try !isThere(entries) : false
        var piece = LeafTile(index: index)
        var contents: LeafTileContents?
        if wantsHashes || wantsEntries {
          contents = try leaves.read(index, withEntries: wantsEntries)
        }
        if scope == .hashesAndEntries {
          piece.files.append((entries, wantsEntries ? contents?.entries : nil))
        }
        piece.files.append((hashes, wantsHashes ? contents.map { Tile.encode($0.hashes) } : nil))
        guard hand(.success(piece)) else { return }
        index += 1
      }
    } catch {
      _ = hand(.failure(error))
    }
  }

  private func hashes(
    of tile: Tile, level: Int, in tree: MerkleTree
  ) throws(ExportError) -> [UInt8] {
    let hashes = try? tree.tile(level: level, index: tile.index, width: tile.width) {
      (_) throws(Never) in []
    }
    guard let hashes = hashes ?? nil else { throw .tiles(.notInTree(tile, size: tree.size)) }
    return Tile.encode(hashes)
  }

  /// Whether a tile is known to be there: the folder's checkpoint came after it.
  private func isThere(_ tile: Tile) throws(ExportError) -> Bool {
    guard !mayBeTorn, tile.isComplete, tile.exists(upTo: oldSize) else { return false }
    return try writing { () throws(TileFileError) in try files.exists(tile.path) }
  }

  private func note(_ tile: Tile, _ superseded: inout [String]) throws(ExportError) {
    guard tile.isComplete else { return }
    let path = tile.path
    let hasPartials = try writing { () throws(TileFileError) in try files.hasPartials(of: path) }
    if hasPartials { superseded.append(path) }
  }

  private mutating func keep(_ bytes: [UInt8], as tile: Tile) throws(ExportError) {
    let path = tile.path
    let (files, mayBeTorn) = (files, mayBeTorn && !tile.exists(upTo: oldSize))
    let isNew = try writing { () throws(TileFileError) in
      guard mayBeTorn, try files.exists(path) else { return try files.keep(bytes, at: path) }
      // What is read back may be in memory alone, and never reach the disk.
      let found: [UInt8]?
      do throws(TileFileError) {
        found = try files.read(path, bytesMax: bytes.count)
      } catch .tooLarge {
        throw .differs(path: path)
      }
      guard let found, Self.isTorn(found, of: bytes) else { throw .differs(path: path) }
      try files.rewrite(bytes, at: path)
      return true
    }
    if isNew { filesWritten += 1 }
  }

  /// Whether bytes are what a power cut leaves of others: all of them, or their beginning, then
  /// zeros for what had not reached the disk.
  private static func isTorn(_ found: [UInt8], of wanted: [UInt8]) -> Bool {
    let same = zip(found, wanted).prefix { $0 == $1 }.count
    return found.count <= wanted.count && found[same...].allSatisfy { $0 == 0 }
  }

  private func writing<Value>(
    _ body: () throws(TileFileError) -> Value
  ) throws(ExportError) -> Value {
    do throws(TileFileError) { return try body() } catch { throw .files(error) }
  }
}

/// The files that one tile of leaf hashes comes to; `nil` bytes are there already.
private struct LeafTile: Sendable {
  let index: UInt64
  var files: [(tile: Tile, bytes: [UInt8]?)] = []
}

/// Tells how far it is, and whether to go on.
private struct Looks {
  private let stage: ExportProgress.Stage
  private let total: UInt64
  private let options: ExportOptions

  init(_ stage: ExportProgress.Stage, of total: UInt64, _ options: ExportOptions) {
    self.stage = stage
    self.total = total
    self.options = options
  }

  /// Called for each bundle, with the entries that are done.
  func look(at done: UInt64) throws(ExportError) {
    let perLook = ExportLimits.bundlesPerLook * UInt64(Tile.widthMax)
    guard done == total || done % perLook < UInt64(Tile.widthMax) else { return }
    options.progress(ExportProgress(stage: stage, entriesDone: done, entriesTotal: total))
    if options.isCancelled() { throw .cancelled }
  }
}
