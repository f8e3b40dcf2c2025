/// What a snapshot of the ledger is made of.
package enum SnapshotFile: Hashable, Sendable {
  /// The state after so many entries, without the ids of instructions.
  case state(size: UInt64)
  /// The ids of instructions that came first in these entries.
  case ids(entries: Range<UInt64>)
}

/// Snapshots of the ledger's state, kept beside the database: caches, as good as their signatures.
///
/// A file is there whole or not at all.
package protocol SnapshotKeeper: Sendable {
  /// The files kept, in no order.
  func files() throws(StoreError) -> [SnapshotFile]

  /// Returns how many bytes a file has.
  func byteCount(of file: SnapshotFile) throws(StoreError) -> Int

  /// Returns a file's bytes from `offset` on: `count` of them, or fewer at its end.
  func read(_ file: SnapshotFile, at offset: Int, count: Int) throws(StoreError) -> [UInt8]

  /// Keeps a file, durable when it returns; one of that name is replaced.
  ///
  /// - Parameters:
  ///   - file: Its name.
  ///   - body: Calls its argument with each piece; that throws where a piece cannot be written.
  /// - Throws: What writing threw, or `body`; nothing is kept then, unless all was written and only
  ///   its name may not be durable.
  func keep(
    _ file: SnapshotFile,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError)

  /// Lets go of a file.
  func remove(_ file: SnapshotFile) throws(StoreError)
}

extension SnapshotKeeper {
  /// How many entries the states kept cover, the newest first.
  package func sizes() throws(StoreError) -> [UInt64] {
    try files().compactMap { if case .state(let size) = $0 { size } else { nil } }.sorted(by: >)
  }
}
