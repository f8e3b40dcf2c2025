/// A stored piece of a log, and where it is served: 256 hashes of one level, or 256 entries.
///
/// Level 0 holds leaf hashes; a hash of level L + 1 is the root of one complete tile of level L.
/// All but the last of a level or of the entries are complete; the last has its width in its path.
///
/// - Source: C2SP tlog-tiles, "Merkle Tree" and "Log Entries".
public struct Tile: Hashable, Sendable {
  /// What a tile is made of.
  public enum Content: Hashable, Sendable {
    /// Hashes of the given level, 0 to 63.
    case hashes(level: Int)
    /// Entries, as ``EntryBundle`` encodes them.
    case entries
  }

  /// The number of levels of the tree in one tile.
  public static let height = 8

  /// The number of hashes or entries in a complete tile.
  public static let widthMax = 1 << height

  /// The highest level there is a path for; levels above 7 stay empty at any size.
  public static let levelMax = 63

  /// What the tile is made of.
  public let content: Content

  /// The place of the tile among those of its content, from 0.
  public let index: UInt64

  /// The number of hashes or entries, 1 to 256.
  public let width: Int

  /// Creates a tile from its parts.
  ///
  /// - Throws: ``TileError/levelOutOfRange(_:)``, ``TileError/indexOutOfRange(_:)`` or
  ///   ``TileError/widthOutOfRange(_:)``.
  public init(
    _ content: Content, index: UInt64, width: Int = Self.widthMax
  ) throws(TileError) {
    if case .hashes(let level) = content, !(0...Self.levelMax).contains(level) {
      throw .levelOutOfRange(level)
    }
    guard index <= LogLimits.treeSizeMax else { throw .indexOutOfRange(index) }
    guard (1...Self.widthMax).contains(width) else { throw .widthOutOfRange(width) }
    self.content = content
    self.index = index
    self.width = width
  }

  /// Creates the tile that a log of `treeSize` leaves has there, or `nil` if it has none.
  public init?(_ content: Content, index: UInt64, treeSize: UInt64) {
    let level = if case .hashes(let level) = content { level } else { 0 }
    let width = Self.width(level: level, index: index, treeSize: treeSize)
    guard let tile = try? Tile(content, index: index, width: width) else { return nil }
    self = tile
  }

  /// Returns how many hashes a tile has in a tree of `treeSize` leaves: 0 if there is no such tile.
  public static func width(level: Int, index: UInt64, treeSize: UInt64) -> Int {
    guard (0...levelMax).contains(level) else { return 0 }
    let hashCount = treeSize >> UInt64(level * height)  // 0 from level 8 on.
    let (tileCount, lastWidth) = hashCount.quotientAndRemainder(dividingBy: UInt64(widthMax))
    if index < tileCount { return widthMax }
    return index == tileCount ? Int(lastWidth) : 0
  }

  /// Whether a log of `treeSize` leaves, or the same log at an earlier size, has this tile.
  public func exists(upTo treeSize: UInt64) -> Bool {
    let level = if case .hashes(let level) = content { level } else { 0 }
    return width <= Self.width(level: level, index: index, treeSize: treeSize)
  }

  /// Returns the tiles that a log needs at `treeSize` and did not at `oldSize`, entries first.
  ///
  /// They are what must be readable before a checkpoint of that size is served, and are never to
  /// change afterwards.
  ///
  /// - Complexity: O(result).
  public static func tilesAdded(from oldSize: UInt64, to treeSize: UInt64) -> [Tile] {
    var tiles: [Tile] = []
    func add(_ content: Content, level: Int) {
      let oldCount = oldSize >> UInt64(level * height)
      let count = treeSize >> UInt64(level * height)
      guard oldCount < count else { return }
      for index in (oldCount / UInt64(widthMax))...((count - 1) / UInt64(widthMax)) {
        if let tile = Tile(content, index: index, treeSize: treeSize) { tiles.append(tile) }
      }
    }
    add(.entries, level: 0)
    for level in 0..<8 { add(.hashes(level: level), level: level) }
    return tiles
  }

  /// Whether it has all its 256 hashes or entries.
  public var isComplete: Bool { width == Self.widthMax }
}

// MARK: - Paths

extension Tile {
  /// Where the tile is served, relative to the log: such as `tile/0/x001/234.p/5`.
  public var path: String {
    let name =
      switch content {
      case .hashes(let level): "\(level)"
      case .entries: "entries"
      }
    var groups = Self.group(index % 1000)
    var rest = index / 1000
    while rest > 0 {
      groups = "x\(Self.group(rest % 1000))/\(groups)"
      rest /= 1000
    }
    return "tile/\(name)/\(groups)" + (isComplete ? "" : ".p/\(width)")
  }

  /// Creates a tile from its path.
  ///
  /// A path has one spelling: what ``path`` would not have written is refused.
  ///
  /// - Throws: ``TileError/malformedPath(_:)``.
  public init(path: String) throws(TileError) {
    guard let tile = Self.parse(path) else { throw .malformedPath(path) }
    self = tile
  }

  private static func parse(_ path: String) -> Tile? {
    var parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].elementsEqual("tile".utf8) else { return nil }
    let content: Content
    if parts[1].elementsEqual("entries".utf8) {
      content = .entries
    } else {
      guard let level = Decimal.decode(parts[1], max: UInt64(levelMax)) else { return nil }
      content = .hashes(level: Int(level))
    }
    parts.removeFirst(2)

    var width = widthMax
    if parts.count >= 2, parts[parts.count - 2].suffix(2).elementsEqual(".p".utf8) {
      guard
        let partial = Decimal.decode(parts.removeLast(), max: UInt64(widthMax - 1)), partial > 0
      else { return nil }
      width = Int(partial)
      parts.append(parts.removeLast().dropLast(2))
    }

    guard let index = index(groups: parts) else { return nil }
    return try? Tile(content, index: index, width: width)
  }

  /// Returns the index spelled by groups of three digits, all but the last after an `x`.
  private static func index(groups: [Substring.UTF8View]) -> UInt64? {
    var index: UInt64 = 0
    for (place, group) in groups.enumerated() {
      let isLast = place == groups.count - 1
      guard isLast || group.first == UInt8(ascii: "x") else { return nil }
      let digits = isLast ? group : group.dropFirst()
      guard digits.count == 3, let value = Decimal.digits(digits) else { return nil }
      // A leading group of zeros would be a second spelling.
      guard isLast || place > 0 || value > 0 else { return nil }
      let (shifted, tooWide) = index.multipliedReportingOverflow(by: 1000)
      let (sum, carried) = shifted.addingReportingOverflow(value)
      guard !tooWide, !carried else { return nil }
      index = sum
    }
    return index
  }

  /// Returns a number below 1,000 in three digits.
  private static func group(_ value: UInt64) -> String {
    value < 10 ? "00\(value)" : value < 100 ? "0\(value)" : "\(value)"
  }
}

extension Tile: CustomStringConvertible {
  /// The path.
  public var description: String { path }
}

// MARK: - Hashes

extension Tile {
  /// Returns the bytes of a tile of hashes: the hashes, one after the other.
  public static func encode(_ hashes: some Collection<Digest>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * Digest.byteCount)
    for hash in hashes { hash.append(to: &bytes) }
    return bytes
  }

  /// Returns the hashes that `bytes` are, for a tile of hashes.
  ///
  /// - Throws: ``TileError/wrongByteCount(expected:found:)`` unless there are exactly as many as
  ///   the width of the tile needs.
  public func decode(_ bytes: [UInt8]) throws(TileError) -> [Digest] {
    let mismatch = TileError.wrongByteCount(
      expected: width * Digest.byteCount, found: bytes.count)
    guard bytes.count == width * Digest.byteCount else { throw mismatch }
    var hashes: [Digest] = []
    hashes.reserveCapacity(width)
    for start in stride(from: 0, to: bytes.count, by: Digest.byteCount) {
      do {
        hashes.append(try Digest(bytes[start..<(start + Digest.byteCount)]))
      } catch {
        throw mismatch  // Cannot happen: the slice has the length.
      }
    }
    return hashes
  }
}

/// Why a tile does not exist or does not decode.
public enum TileError: Error, Hashable, Sendable {
  case malformedPath(String)
  case levelOutOfRange(Int)
  case indexOutOfRange(UInt64)
  case widthOutOfRange(Int)
  case wrongByteCount(expected: Int, found: Int)
}

extension TileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformedPath(let path):
      "`\(path)` is not the path of a tile; such as `tile/0/x001/234.p/5` is"
    case .levelOutOfRange(let level):
      "there is no tile level `\(level)`; levels are 0 to `\(Tile.levelMax)`"
    case .indexOutOfRange(let index):
      "tile index `\(index)` is above `\(LogLimits.treeSizeMax)`"
    case .widthOutOfRange(let width):
      "a tile is 1 to `\(Tile.widthMax)` wide, not `\(width)`"
    case .wrongByteCount(let expected, let found):
      "the tile has `\(found)` bytes; of its width it has exactly `\(expected)`"
    }
  }
}
