/// A log as plain files, which any web server can carry: a checkpoint, tiles of hashes and bundles
/// of entries, each by its path in C2SP tlog-tiles, such as `tile/0/x001/234.p/5`.
///
/// The bytes mean nothing here. Whoever asks has made the path: it is relative, and goes nowhere
/// else.
package protocol TileFiles: Sendable {
  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - bytesMax: The most it may have.
  /// - Returns: Its bytes, or `nil` where there is no such file.
  /// - Throws: ``TileFileError/tooLarge(path:byteCount:max:)``, before any byte is read;
  ///   ``TileFileError/failed(detail:)``.
  func read(_ path: String, bytesMax: Int) throws(TileFileError) -> [UInt8]?

  /// Names each file under `tile/`, a folder's own in order.
  ///
  /// - Returns: Whether the medium can tell what it has; a server cannot.
  func list(_ body: (_ path: String) -> Void) throws(TileFileError) -> Bool
}

extension TileFiles {
  package func list(_ body: (_ path: String) -> Void) -> Bool { false }
}

/// Such files, written by one process at a time.
///
/// A file is there whole or not at all. One that was kept is never changed, but for the checkpoint.
package protocol TileKeeper: TileFiles {
  /// Marks that files are being kept, durably, until ``end()``.
  ///
  /// - Returns: Whether they were marked: an earlier writing did not end, and files that it kept
  ///   may be cut.
  func begin() throws(TileFileError) -> Bool

  /// Takes the mark away; what was kept is durable, or is not meant to be.
  func end() throws(TileFileError)

  /// Whether there is such a file; its bytes are not looked at.
  func exists(_ path: String) throws(TileFileError) -> Bool

  /// Keeps a file; it is durable after the next ``sync()``, and until then may be lost or cut.
  ///
  /// - Returns: Whether it is new; the same bytes again change nothing.
  /// - Throws: ``TileFileError/differs(path:)`` where the file has other bytes, which it keeps;
  ///   ``TileFileError/full(detail:)``; ``TileFileError/failed(detail:)``.
  @discardableResult
  func keep(_ bytes: [UInt8], at path: String) throws(TileFileError) -> Bool

  /// Puts a file in the place of one that may not be whole on the medium; durable after the next
  /// ``sync()``.
  func rewrite(_ bytes: [UInt8], at path: String) throws(TileFileError)

  /// Makes all that was kept durable.
  ///
  /// - Throws: ``TileFileError/failed(detail:)``: nobody knows then what is durable.
  func sync() throws(TileFileError)

  /// Puts a file in the place of an older one, durable when it returns: of the checkpoint.
  func replace(_ bytes: [UInt8], at path: String) throws(TileFileError)

  /// Removes a file, if it is there.
  func remove(_ path: String) throws(TileFileError)

  /// Whether partial tiles lie beside a path, in a folder that ends in `.p`.
  func hasPartials(of path: String) throws(TileFileError) -> Bool

  /// Removes the partial tiles that lie beside a path.
  ///
  /// - Returns: How many there were.
  func removePartials(of path: String) throws(TileFileError) -> Int
}

/// Why files of a log were not read or written.
package enum TileFileError: Error, Hashable, Sendable {
  case folderNotFound(path: String)
  /// It holds something, and no export.
  case notAnExport(path: String)
  /// Another process writes there.
  case inUse(path: String)
  /// A file that never changes has other bytes than it should.
  case differs(path: String)
  case tooLarge(path: String, byteCount: Int, max: Int)
  /// There is no room: with more of it, the same can be tried again.
  case full(detail: String)
  case failed(detail: String)
}

extension TileFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .folderNotFound(let path): "there is no folder `\(path)`"
    case .notAnExport(let path):
      "`\(path)` is not empty, and holds no exported log; name a new or an empty folder, or one "
        + "that an export was made to"
    case .inUse(let path): "`\(path)` is being written by another process; let it finish"
    case .differs(let path):
      "`\(path)` has other bytes than the log; what was exported never changes, so this file or "
        + "the log was altered. Nothing was overwritten: keep both as evidence, and export to a "
        + "new folder"
    case .tooLarge(let path, let byteCount, let max):
      "`\(path)` has \(byteCount) bytes, and at most \(max) are taken"
    case .full(let detail): "there is no room left (\(detail)); make some, and run it again"
    case .failed(let detail): detail
    }
  }
}
