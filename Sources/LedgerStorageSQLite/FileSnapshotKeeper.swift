package import LedgerStorage

/// Snapshots as files of one folder.
///
/// States are named by their size in twenty digits, ids by the entries in which they came first.
/// A file gets its name once it is durable. What a crash left unfinished is removed by the next one
/// that is kept.
package final class FileSnapshotKeeper: SnapshotKeeper {
  private static let digits = 20
  private static let ids = "ids-"
  private static let unfinished = ".unfinished"
  private static let syncBytes = 4 << 20

  private let folder: String

  /// Names the folder, which need not exist.
  ///
  /// One process writes there: of a ledger's, the one that has its lock.
  package init(_ folder: String) { self.folder = folder }

  package func files() throws(StoreError) -> [SnapshotFile] {
    guard Folder.exists(folder) else { return [] }
    return try Folder.names(in: folder).compactMap(Self.file)
  }

  package func byteCount(of file: SnapshotFile) throws(StoreError) -> Int {
    try DiskFile(path(of: file), .read).size()
  }

  package func read(
    _ file: SnapshotFile, at offset: Int, count: Int
  ) throws(StoreError) -> [UInt8] {
    try DiskFile(path(of: file), .read).read(at: offset, count: count)
  }

  package func keep(
    _ file: SnapshotFile,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError) {
    _ = try Folder.make(folder)
    for name in try Folder.names(in: folder)
    where name.hasSuffix(Self.unfinished)
      && Self.file(named: String(name.dropLast(Self.unfinished.count))) != nil
    {
      try Folder.remove(folder + "/" + name)
    }
    let unfinished = path(of: file) + Self.unfinished
    do throws(StoreError) {
      let written = try DiskFile(unfinished, .create)
      var offset = 0
      var synced = 0
      try body { (piece) throws(StoreError) in
        try written.write(piece, at: offset)
        offset += piece.count
        // Little by little: behind one long sync, each sync of the log would wait.
        guard offset - synced >= Self.syncBytes else { return }
        try written.sync()
        synced = offset
      }
      try written.sync()
    } catch {
      try? Folder.remove(unfinished)
      throw error
    }
    try Folder.rename(unfinished, to: path(of: file))
    try DiskFile(folder, .folder).sync()
  }

  package func remove(_ file: SnapshotFile) throws(StoreError) {
    try Folder.remove(path(of: file))
  }

  private func path(of file: SnapshotFile) -> String {
    switch file {
    case .state(let size): folder + "/" + Self.number(size)
    case .ids(let entries):
      folder + "/" + Self.ids + Self.number(entries.lowerBound) + "-"
        + Self.number(entries.upperBound)
    }
  }

  private static func number(_ value: UInt64) -> String {
    let text = String(value)
    return String(repeating: "0", count: digits - text.utf8.count) + text
  }

  private static func file(named name: String) -> SnapshotFile? {
    let numbers = name.split(separator: "-").filter { $0.utf8.count == digits }.compactMap {
      UInt64($0)
    }
    if let size = numbers.first, name == number(size) { return .state(size: size) }
    guard numbers.count == 2, numbers[0] < numbers[1],
      name == ids + number(numbers[0]) + "-" + number(numbers[1])
    else { return nil }
    return .ids(entries: numbers[0]..<numbers[1])
  }
}
