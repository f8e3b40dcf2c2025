package import LedgerStorage

/// The newest cosigned checkpoint in a file that is replaced whole.
///
/// The file is one signed note. A new one is written beside it, synced, given the name, and then
/// the folder is synced: a crash leaves the old one or the new.
package final class FileCosignedKeeper: CosignedKeeper {
  private let folder: String
  private let name: String

  private var path: String { folder + "/" + name }
  private var unfinished: String { path + ".unfinished" }

  /// Creates a keeper; who writes holds the ledger's lock.
  init(in folder: String, name: String) {
    self.folder = folder
    self.name = name
  }

  package func replace(_ note: String) throws(StoreError) {
    let record = try CheckpointNotes.record(of: note)
    let directory = try DiskFile(folder, .folder)
    try Folder.remove(unfinished)
    let file = try DiskFile(unfinished, .create)
    // Without the line that parts records: it is one note alone.
    try file.write(Array(record.dropLast()), at: 0)
    try file.sync()
    try Folder.rename(unfinished, to: path)
    try directory.sync()
  }

  package func newest() throws(StoreError) -> String? {
    let file: DiskFile
    do {
      file = try DiskFile(path, .read)
    } catch .fileNotFound {
      return nil
    }
    let bytes = try file.read(at: 0, count: StorageLimits.noteBytesMax + 1)
    guard bytes.count <= StorageLimits.noteBytesMax,
      let note = String(validating: bytes, as: UTF8.self)
    else { throw .corrupt(detail: "`\(path)` is no cosigned checkpoint") }
    _ = try CheckpointNotes.record(of: note)
    return note
  }
}
