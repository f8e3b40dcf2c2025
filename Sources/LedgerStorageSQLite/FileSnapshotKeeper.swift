package import LedgerStorage

/// Snapshots as files of one folder, each named by its size in twenty digits.
///
/// A file gets its name once it is durable. What a crash left unfinished is removed by the next one
/// that is kept.
package final class FileSnapshotKeeper: SnapshotKeeper {
  private static let digits = 20
  private static let unfinished = ".unfinished"
  private static let syncBytes = 4 << 20

  private let folder: String

  /// Names the folder, which need not exist.
  ///
  /// One process writes there: of a ledger's, the one that has its lock.
  package init(_ folder: String) { self.folder = folder }

  package func sizes() throws(StoreError) -> [UInt64] {
    guard Folder.exists(folder) else { return [] }
    return try Folder.names(in: folder)
      .filter { $0.utf8.count == Self.digits }.compactMap { UInt64($0) }.sorted(by: >)
  }

  package func byteCount(of size: UInt64) throws(StoreError) -> Int {
    try DiskFile(path(of: size), .read).size()
  }

  package func read(
    _ size: UInt64, at offset: Int, count: Int
  ) throws(StoreError) -> [UInt8] {
    try DiskFile(path(of: size), .read).read(at: offset, count: count)
  }

  package func keep(
    _ size: UInt64, kept: Int,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError) {
    _ = try Folder.make(folder)
    for name in try Folder.names(in: folder) where name.hasSuffix(Self.unfinished) {
      try Folder.remove(folder + "/" + name)
    }
    let unfinished = path(of: size) + Self.unfinished
    do throws(StoreError) {
      let file = try DiskFile(unfinished, .create)
      var offset = 0
      var synced = 0
      try body { (piece) throws(StoreError) in
        try file.write(piece, at: offset)
        offset += piece.count
        // Little by little: behind one long sync, each sync of the log would wait.
        guard offset - synced >= Self.syncBytes else { return }
        try file.sync()
        synced = offset
      }
      try file.sync()
    } catch {
      try? Folder.remove(unfinished)
      throw error
    }
    try Folder.rename(unfinished, to: path(of: size))
    try DiskFile(folder, .folder).sync()
    for old in try sizes().dropFirst(kept) { try Folder.remove(path(of: old)) }
  }

  private func path(of size: UInt64) -> String {
    let text = String(size)
    return folder + "/" + String(repeating: "0", count: Self.digits - text.utf8.count) + text
  }
}
