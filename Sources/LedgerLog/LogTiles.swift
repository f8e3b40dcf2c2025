package import LedgerModel
package import LedgerStorage
package import MerkleLog

/// The log in its public form, as tiles of hashes and bundles of entries: each is made from the
/// store when it is asked for.
///
/// There is no second copy that could differ. The tree vouches for all that comes out: what the
/// store has not kept as it was appended is refused.
///
/// - Source: C2SP tlog-tiles; docs/formats/merkle-log.md, ML-3 and ML-8.
package struct LogTiles: Sendable {
  package let tree: MerkleTree
  private let store: any LedgerStore

  /// - Parameters:
  ///   - store: It holds at least the tree's entries.
  ///   - tree: Over the log's first entries.
  package init(_ store: any LedgerStore, tree: MerkleTree) {
    self.store = store
    self.tree = tree
  }

  /// Returns a tile's bytes, as the log of any size that had it served them.
  ///
  /// - Parameter tile: Of hashes or entries, as wide as in the tree or narrower.
  /// - Returns: What C2SP tlog-tiles says that the file has.
  /// - Throws: ``LogTilesError``.
  /// - Complexity: Entries, and hashes of level 0, are read and hashed, 256 of them; the others are
  ///   in memory.
  package func bytes(of tile: Tile) throws(LogTilesError) -> [UInt8] {
    guard tile.exists(upTo: tree.size) else { throw .notInTree(tile, size: tree.size) }
    switch tile.content {
    case .entries:
      var reader = BundleReader(store, rowsPerRead: Self.rowsPerRead)
      return try bundle(tile.index, by: &reader).bytes(ofFirst: tile.width)
    case .hashes(level: 0):
      var reader = BundleReader(store, rowsPerRead: Self.rowsPerRead)
      return Tile.encode(try bundle(tile.index, by: &reader).leaves.prefix(tile.width))
    case .hashes(let level):
      return Tile.encode(try hashes(tile, level: level))
    }
  }

  /// Returns all entries of the tree that one bundle holds.
  ///
  /// - Parameters:
  ///   - index: Of the bundle.
  ///   - reader: Over the same store; it reads on cheaply where it read last.
  /// - Returns: The bundle, as wide as in the tree.
  /// - Throws: ``LogTilesError``.
  package func bundle(
    _ index: UInt64, by reader: inout BundleReader
  ) throws(LogTilesError) -> LeafBundle {
    guard let tile = Tile(.entries, index: index, treeSize: tree.size) else {
      throw .noBundle(index: index, size: tree.size)
    }
    let bundle = try reader.read(index, width: tile.width)
    try Self.check(bundle.leaves, ofTile: index, in: tree)
    return bundle
  }

  /// Returns the leaf hashes of a complete tile as the store has them, for ``MerkleTree``, which
  /// checks them itself.
  package static func leaves(
    ofTile index: UInt64, in store: any LedgerStore
  ) throws(LogTilesError) -> [Digest] {
    var reader = BundleReader(store, rowsPerRead: rowsPerRead)
    return try reader.read(index, width: Tile.widthMax).leaves
  }

  /// A bundle that begins within a row of 256 entries ends within the next.
  private static let rowsPerRead = 2

  private func hashes(_ tile: Tile, level: Int) throws(LogTilesError) -> ArraySlice<Digest> {
    let found = Self.unfailing { () throws(TreeReadError<Never>) in
      try tree.tile(level: level, index: tile.index, width: tile.width) { (_) throws(Never) in [] }
    }
    guard case .success(let hashes?) = found else { throw .notInTree(tile, size: tree.size) }
    return hashes
  }

  /// Holds leaf hashes against a tree: one by one where it has them, or by the root of them all.
  ///
  /// - Parameters:
  ///   - leaves: Of a tile, as wide as in the tree.
  ///   - index: Of the tile.
  ///   - tree: What vouches for them.
  /// - Throws: ``LogTilesError/wrongEntries(first:last:expected:found:)``.
  package static func check(
    _ leaves: [Digest], ofTile index: UInt64, in tree: MerkleTree
  ) throws(LogTilesError) {
    let first = index * UInt64(Tile.widthMax)
    let checked = Self.unfailing { () throws(TreeReadError<Never>) in
      try tree.tile(level: 0, index: index, width: leaves.count) { (_) throws(Never) in leaves }
    }
    switch checked {
    case .success(let expected?):
      for (offset, pair) in zip(leaves, expected).enumerated() where pair.0 != pair.1 {
        let place = SequenceNumber(first + UInt64(offset))
        throw .wrongEntries(first: place, last: place, expected: pair.1, found: pair.0)
      }
    case .success(nil): throw .noBundle(index: index, size: tree.size)
    case .failure(.wrongLeaves(_, let computed, let expected)):
      throw .wrongEntries(
        first: SequenceNumber(first), last: SequenceNumber(first + UInt64(leaves.count - 1)),
        expected: expected, found: computed)
    case .failure(.sizeAhead), .failure(.noProof):
      preconditionFailure("a tile of the tree is neither a proof nor ahead of it")
    }
  }

  private static func unfailing<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) -> Result<Value, Failure> {
    do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
  }
}

/// The entries of one bundle, and the leaf hash of each.
package struct LeafBundle: Sendable {
  package let index: UInt64
  /// As ``EntryBundle`` encodes them.
  package let bytes: [UInt8]
  package let leaves: [Digest]
  /// Where each entry ends in ``bytes``.
  private let ends: [Int]

  init(index: UInt64, bytes: [UInt8], leaves: [Digest], ends: [Int]) {
    self.index = index
    self.bytes = bytes
    self.leaves = leaves
    self.ends = ends
  }

  /// The bundle of the first `width` entries, 1 to all of them.
  package func bytes(ofFirst width: Int) -> [UInt8] {
    width == leaves.count ? bytes : Array(bytes[..<ends[width - 1]])
  }
}

/// Puts bundles together from a store's rows, which need not begin or end where bundles do.
package struct BundleReader: Sendable {
  private let store: any LedgerStore
  private let rowsPerRead: Int
  private var current: (row: StoredRow, layout: RowLayout)?
  /// Read with the current row, and after it.
  private var waiting: ArraySlice<StoredRow> = []

  /// - Parameters:
  ///   - store: The log.
  ///   - rowsPerRead: Rows read at once, at least 1; a row has up to 256 entries.
  package init(_ store: any LedgerStore, rowsPerRead: Int) {
    self.store = store
    self.rowsPerRead = rowsPerRead
  }

  /// Reads a bundle's first entries, and hashes each; what the tree says of them is not asked.
  ///
  /// - Parameters:
  ///   - index: Of the bundle; the one after the last reads each row once.
  ///   - width: How many entries, 1 to 256.
  /// - Returns: Exactly so many.
  /// - Throws: ``LogTilesError/store(_:)`` or ``LogTilesError/missingEntry(_:)``.
  package mutating func read(
    _ index: UInt64, width: Int
  ) throws(LogTilesError) -> LeafBundle {
    precondition(1...Tile.widthMax ~= width, "a bundle is not \(width) wide")
    let first = index * UInt64(Tile.widthMax)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(StorageLimits.rowBytesMax)
    var leaves: [Digest] = []
    leaves.reserveCapacity(width)
    var ends: [Int] = []
    ends.reserveCapacity(width)
    while leaves.count < width {
      let next = SequenceNumber(first + UInt64(leaves.count))
      let (row, layout) = try row(of: next)
      let offset = Int(next.value - row.first.value)
      let ranges = layout.entries[offset...].prefix(width - leaves.count)
      guard let start = ranges.first?.lowerBound, let end = ranges.last?.upperBound else {
        preconditionFailure("row \(row.first) holds entry \(next), and has no place for it")
      }
      // Behind its length each, as in a bundle.
      let shift = bytes.count - (start - Self.lengthBytes)
      bytes.append(contentsOf: row.entries[(start - Self.lengthBytes)..<end])
      for range in ranges {
        leaves.append(TreeHash.leaf(row.entries[range]))
        ends.append(range.upperBound + shift)
      }
    }
    return LeafBundle(index: index, bytes: bytes, leaves: leaves, ends: ends)
  }

  private static let lengthBytes = 2

  /// The row that holds an entry.
  private mutating func row(
    of sequence: SequenceNumber
  ) throws(LogTilesError) -> (row: StoredRow, layout: RowLayout) {
    if let current, current.row.holds(sequence) { return current }
    current = nil
    do throws(StoreError) {
      if waiting.first?.holds(sequence) != true {
        waiting = try store.rows(from: sequence, rowsMax: rowsPerRead)[...]
      }
      if let row = waiting.popFirst() { current = (row, try row.layout()) }
    } catch {
      waiting = []
      throw .store(error)
    }
    guard let current, current.row.holds(sequence) else { throw .missingEntry(sequence) }
    return current
  }
}

extension StoredRow {
  fileprivate func holds(_ sequence: SequenceNumber) -> Bool {
    first <= sequence && sequence < end
  }
}

/// Why a tile cannot be made.
package enum LogTilesError: Error, Hashable, Sendable {
  /// The tree has not so many hashes or entries there.
  case notInTree(Tile, size: UInt64)
  case noBundle(index: UInt64, size: UInt64)
  case store(StoreError)
  case missingEntry(SequenceNumber)
  /// The store holds other entries than were appended: hashes of an entry, or roots of a tile.
  case wrongEntries(
    first: SequenceNumber, last: SequenceNumber, expected: Digest, found: Digest)
}

extension LogTilesError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notInTree(let tile, let size):
      "a log of `\(size)` entries has no `\(tile)`; ask for what its checkpoint implies"
    case .noBundle(let index, let size):
      "a log of `\(size)` entries has no bundle `\(index)`"
    case .store(let error): "\(error)"
    case .missingEntry(let sequence): "the stored ledger is damaged: no row holds entry \(sequence)"
    case .wrongEntries(let first, let last, let expected, let found):
      first == last
        ? "entry \(first) is damaged: it has the hash \(found), and the tree's is "
          + "\(expected)"
        : "of entries \(first) to \(last) one is damaged: their root is "
          + "\(found), and the tree's is \(expected)"
    }
  }
}
