internal import Glibc
package import LedgerStorage
internal import Synchronization

/// An exported log, in a folder.
///
///     checkpoint            the signed note; written last
///     tile/<L>/...          hashes, for all
///     tile/entries/...      bundles of entries; the folder is for its owner only
///     .unfinished           a file that is being written
///     .exporting            empty; there while an export is under way, or after it was cut short
///
/// What is written gets its name once it is whole. Until ``sync()`` a power cut may still cut it.
/// No symbolic link within the folder is followed.
package final class TileFolder: TileKeeper {
  private static let unfinished = ".unfinished"
  private static let mark = ".exporting"
  private static let tiles = "tile"
  private static let entries = "tile/entries"
  /// Folders in each other under `tile/`: a level, seven groups of three digits, and a tile's
  /// partial ones.
  private static let depthMax = 10
  private static let checkpoint = "checkpoint"
  /// For whoever serves them.
  private static let filePermissions: UInt32 = 0o644
  private static let folderPermissions: UInt32 = 0o755
  /// Of the folder of bundles: who may read them is opened there, or not at all.
  private static let entriesPermissions: UInt32 = 0o700

  private let root: String
  /// The folder itself, and its lock where it is written.
  private let folder: DiskFile
  /// Folders that are known to be there.
  private let made = Mutex<Set<String>>([])
  /// Folders that are known to be no links.
  private let unlinked = Mutex<Set<String>>([])

  private init(_ path: String, isReadOnly: Bool) throws(TileFileError) {
    root = path
    folder = try Self.mapped { () throws(StoreError) in
      let folder = try DiskFile(path, .folder)
      if !isReadOnly { try folder.lock(.exclusive) }
      return folder
    }
  }

  /// Opens an exported log for reading.
  ///
  /// - Throws: ``TileFileError/folderNotFound(path:)`` or ``TileFileError/failed(detail:)``.
  package convenience init(reading path: String) throws(TileFileError) {
    try self.init(path, isReadOnly: true)
  }

  /// Opens a folder for an export, and makes it where it is missing, within one that exists.
  ///
  /// - Throws: ``TileFileError/notAnExport(path:)`` where it holds something else;
  ///   ``TileFileError/inUse(path:)`` while another process writes there; and what the medium
  ///   brings.
  package convenience init(writing path: String) throws(TileFileError) {
    try Self.mapped { () throws(StoreError) in
      _ = try Folder.make(path, permissions: Self.folderPermissions)
    }
    try self.init(path, isReadOnly: false)
    try checkIsExport()
  }

  /// A folder that already holds other files is not written to: it may have been named by mistake.
  private func checkIsExport() throws(TileFileError) {
    let names = try Self.mapped { () throws(StoreError) in try Folder.names(in: root) }
    let ours: Set = [Self.checkpoint, Self.unfinished, Self.mark, "tile", "lost+found"]
    guard names.allSatisfy({ ours.contains($0) }) || names.contains("tile") else {
      throw .notAnExport(path: root)
    }
  }

  package func read(_ path: String, bytesMax: Int) throws(TileFileError) -> [UInt8]? {
    try checkNoLinks(path)
    let file: DiskFile
    let size: Int
    do throws(StoreError) {
      file = try DiskFile(full(path), .read)
      size = try file.size()
    } catch .fileNotFound {
      return nil
    } catch {
      throw TileFileError(error)
    }
    guard size <= bytesMax else {
      throw .tooLarge(path: full(path), byteCount: size, max: bytesMax)
    }
    return try Self.mapped { () throws(StoreError) in try file.read(at: 0, count: size) }
  }

  package func list(_ body: (_ path: String) -> Void) throws(TileFileError) -> Bool {
    try checkNoLinks(Self.tiles)
    try Self.mapped { () throws(StoreError) in
      if Folder.exists(full(Self.tiles)) { try list(Self.tiles, depth: 0, body) }
    }
    return true
  }

  private func list(
    _ folder: String, depth: Int, _ body: (_ path: String) -> Void
  ) throws(StoreError) {
    for name in try Folder.names(in: full(folder)) {
      let path = folder + "/" + name
      guard depth < Self.depthMax, try Folder.isFolder(full(path)) else {
        body(path)
        continue
      }
      try list(path, depth: depth + 1, body)
    }
  }

  package func exists(_ path: String) throws(TileFileError) -> Bool {
    try checkNoLinks(path)
    return Folder.exists(full(path))
  }

  package func begin() throws(TileFileError) -> Bool {
    try remove(Self.unfinished)
    guard try !exists(Self.mark) else { return true }
    try Self.mapped { () throws(StoreError) in
      _ = try DiskFile(full(Self.mark), .create)
      try folder.sync()
    }
    return false
  }

  package func end() throws(TileFileError) { try remove(Self.mark) }

  @discardableResult
  package func keep(_ bytes: [UInt8], at path: String) throws(TileFileError) -> Bool {
    if try exists(path) {
      let found: [UInt8]?
      do throws(TileFileError) {
        found = try read(path, bytesMax: bytes.count)
      } catch .tooLarge {
        throw .differs(path: full(path))
      }
      guard found == bytes else { throw .differs(path: full(path)) }
      return false
    }
    try write(bytes, at: path, isSynced: false)
    return true
  }

  package func rewrite(_ bytes: [UInt8], at path: String) throws(TileFileError) {
    try write(bytes, at: path, isSynced: false)
  }

  package func sync() throws(TileFileError) {
    // One call for all files: it waits for what else is on the file system, too, and is still far
    // less than a sync of each.
    try Self.mapped { () throws(StoreError) in try folder.syncFileSystem() }
  }

  package func replace(_ bytes: [UInt8], at path: String) throws(TileFileError) {
    try write(bytes, at: path, isSynced: true)
    try Self.mapped { () throws(StoreError) in try folder.sync() }
  }

  package func remove(_ path: String) throws(TileFileError) {
    try Self.mapped { () throws(StoreError) in try Folder.remove(full(path)) }
  }

  package func hasPartials(of path: String) -> Bool { Folder.exists(full(path + ".p")) }

  package func removePartials(of path: String) throws(TileFileError) -> Int {
    guard hasPartials(of: path) else { return 0 }
    try checkNoLinks(path + ".p")
    let partials = full(path) + ".p"
    return try Self.mapped { () throws(StoreError) in
      let names = try Folder.names(in: partials)
      let ours = names.filter(Self.isWidth)
      for name in ours { try Folder.remove(partials + "/" + name) }
      // What somebody else put there stays, and its folder.
      if ours.count == names.count { try Folder.removeFolder(partials) }
      return ours.count
    }
  }

  /// Whether a file's name is one of a partial tile: `1` to `255`.
  private static func isWidth(_ name: String) -> Bool {
    guard let width = Int(name) else { return false }
    return (1...255).contains(width) && name == "\(width)"
  }

  /// Refuses a path on which a link stands in the place of a folder or a file.
  private func checkNoLinks(_ path: String) throws(TileFileError) {
    if let slash = path.lastIndex(of: "/") {
      let parent = String(path[..<slash])
      if !unlinked.withLock({ $0.contains(parent) }) {
        try checkNoLinks(parent)
        unlinked.withLock { if $0.count < 65_536 { _ = $0.insert(parent) } }
      }
    }
    guard !Folder.isLink(full(path)) else {
      throw .failed(
        detail: "`\(full(path))` is a symbolic link, and an export follows none; remove it, or "
          + "export to a new folder")
    }
  }

  private func write(_ bytes: [UInt8], at path: String, isSynced: Bool) throws(TileFileError) {
    try checkNoLinks(path)
    try Self.mapped { () throws(StoreError) in
      try makeFolders(of: path)
      let unfinished = full(Self.unfinished)
      do throws(StoreError) {
        let file = try DiskFile(unfinished, .create, permissions: Self.filePermissions)
        try file.write(bytes, at: 0)
        if isSynced { try file.sync() }
      } catch {
        try? Folder.remove(unfinished)
        throw error
      }
      try Folder.rename(unfinished, to: full(path))
    }
  }

  private func makeFolders(of path: String) throws(StoreError) {
    guard let slash = path.lastIndex(of: "/") else { return }
    let parent = String(path[..<slash])
    guard !made.withLock({ $0.contains(parent) }) else { return }
    try makeFolders(of: parent)
    _ = try Folder.make(
      full(parent),
      permissions: parent == Self.entries ? Self.entriesPermissions : Self.folderPermissions)
    made.withLock { _ = $0.insert(parent) }
  }

  private func full(_ path: String) -> String { root + "/" + path }

  private static func mapped<Value>(
    _ body: () throws(StoreError) -> Value
  ) throws(TileFileError) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw TileFileError(error)
    }
  }
}

extension TileFileError {
  /// A store's error, where the file is none of a ledger's.
  fileprivate init(_ error: StoreError) {
    self =
      switch error {
      case .directoryNotFound(let path), .fileNotFound(let path): .folderNotFound(path: path)
      case .inUse(let path): .inUse(path: path)
      case .full(let detail): .full(detail: detail)
      case .readOnly(let detail), .failed(let detail), .unknownOutcome(let detail):
        .failed(detail: detail)
      case .alreadyExists, .notALedger, .newerFormat, .closed, .discontiguous, .invalid, .corrupt:
        .failed(detail: error.description)
      }
  }
}
