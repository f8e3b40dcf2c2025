/// Snapshots of the ledger's state, kept beside the database: caches, as good as their signatures.
///
/// A snapshot is named by the number of entries that it covers. It is there whole or not at all.
package protocol SnapshotKeeper: Sendable {
  /// The names of those kept, the newest first.
  func sizes() throws(StoreError) -> [UInt64]

  /// Returns how many bytes a snapshot has.
  func byteCount(of size: UInt64) throws(StoreError) -> Int

  /// Returns a snapshot's bytes from `offset` on: `count` of them, or fewer at its end.
  func read(_ size: UInt64, at offset: Int, count: Int) throws(StoreError) -> [UInt8]

  /// Keeps a snapshot, durable when it returns, and lets go of all but the newest few.
  ///
  /// - Parameters:
  ///   - size: Its name; one of that name is replaced.
  ///   - kept: How many remain; at least 1.
  ///   - body: Calls its argument with each piece; that throws where a piece cannot be written.
  /// - Throws: What writing threw, or `body`; nothing is kept then.
  func keep(
    _ size: UInt64, kept: Int,
    _ body: (_ append: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void
  ) throws(StoreError)
}
