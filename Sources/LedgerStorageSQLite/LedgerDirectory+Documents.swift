package import LedgerStorage

extension LedgerDirectory {
  /// Opens the documents that orders were made from; who opens them closes them before the folder.
  ///
  /// - Parameter mayBeMissing: Whether a folder without the file gets an empty one: that of a
  ///   ledger that was made before there were any. Otherwise it was lost, and with it which
  ///   messages became which orders: one that is sent again would become others.
  /// - Returns: The store.
  /// - Throws: ``StoreError/fileNotFound(path:)``, or as ``open(at:)``.
  package func openDocuments(mayBeMissing: Bool) throws(StoreError) -> SQLiteDocumentStore {
    let file = path + "/" + FileName.documents
    do {
      return try SQLiteDocumentStore(openingAt: file)
    } catch .fileNotFound where mayBeMissing {
      // Under its name only once it is whole.
      let unfinished = file + ".unfinished"
      try Folder.remove(unfinished)
      try SQLiteFormat.documents.create(at: unfinished)
      try Folder.rename(unfinished, to: file)
      try DiskFile(path, .folder).sync()
      return try SQLiteDocumentStore(openingAt: file)
    }
  }
}
