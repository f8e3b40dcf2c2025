import LedgerCore
import LedgerModel
package import LedgerStorage
package import LedgerWire
import MerkleLog

extension Snapshot {
  /// Keeps the snapshot: first the ids that came since the one before, then the state that names
  /// them, and lets go of what no snapshot kept needs any more.
  ///
  /// - Parameters:
  ///   - keeper: Has the earlier ones.
  ///   - earlier: Those of them that are good, the newest first.
  ///   - count: How many remain; at least 1.
  ///   - isOwner: Whether the keeper is this ledger's alone: then whatever no snapshot needs is let
  ///     go of, and otherwise what the earlier ones needed.
  ///   - key: The log's; `nil` for a snapshot that ends with its digest.
  ///   - check: Told how many bytes come next; where it throws, nothing is kept.
  /// - Returns: Those that are kept now, the newest first.
  /// - Throws: What writing threw, or `check`; the earlier ones are as they were then.
  /// - Complexity: O(accounts + counters + ids since the newest earlier one + log size / 256).
  package func keep(
    in keeper: any SnapshotKeeper, after earlier: [KeptSnapshot], count: Int, isOwner: Bool,
    signedBy key: SigningKey?, check: (_ byteCount: Int) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> [KeptSnapshot] {
    var ids = earlier.first?.ids.filter { $0.lastSecond >= state.firstLiveSecond } ?? []
    if ids.count >= Self.idFilesMax { ids = [] }
    let start = ids.isEmpty ? 0 : earlier.first?.size ?? 0
    let more = try keepIDs(from: start, in: keeper, check)
    if let more { ids.append(more) }
    do throws(StoreError) {
      try keepState(naming: ids, in: keeper, signedBy: key, check)
    } catch {
      // Or each try would leave one more.
      if let more { try? keeper.remove(more.file) }
      throw error
    }
    let kept = [KeptSnapshot(size: size, ids: ids)] + earlier.prefix(count - 1)
    let needed = Set(kept.flatMap(\.files))
    let there = isOwner ? try keeper.files() : earlier.flatMap(\.files)
    for file in there where !needed.contains(file) { try keeper.remove(file) }
    return kept
  }

  private func keepState(
    naming ids: [KeptSnapshot.IDs], in keeper: any SnapshotKeeper, signedBy key: SigningKey?,
    _ check: (Int) throws(StoreError) -> Void
  ) throws(StoreError) {
    try keeper.keep(.state(size: size)) { (append) throws(StoreError) in
      let digest = try Self.write({ write(naming: ids, to: &$0) }) { (piece) throws(StoreError) in
        try check(piece.count)
        try append(piece)
      }
      try append(key?.sign(Self.message(digest)) ?? digest.bytes)
    }
  }

  /// Keeps the live ids of instructions that came first at `start` or later.
  ///
  /// - Returns: `nil` where there are none, and there is no such file.
  private func keepIDs(
    from start: UInt64, in keeper: any SnapshotKeeper, _ check: (Int) throws(StoreError) -> Void
  ) throws(StoreError) -> KeptSnapshot.IDs? {
    guard start < size else { return nil }
    var ids: KeptSnapshot.IDs?
    let file = SnapshotFile.ids(entries: start..<size)
    try keeper.keep(file) { (append) throws(StoreError) in
      var lastSecond: UInt64?
      let digest = try Self.write {
        lastSecond = state.writeIDs(from: SequenceNumber(start), to: &$0)
      } to: { (piece) throws(StoreError) in
        try check(piece.count)
        try append(piece)
      }
      ids = lastSecond.map {
        KeptSnapshot.IDs(entries: start..<size, lastSecond: $0, digest: Bytes32(digest))
      }
    }
    if ids == nil { try keeper.remove(file) }
    return ids
  }

  func write(naming ids: [KeptSnapshot.IDs], to bytes: inout SnapshotWriter) {
    for byte in Self.mark { bytes.write(byte) }
    bytes.write(Self.formatVersion)
    bytes.write(state.id.value)
    bytes.write(size)
    bytes.write(Bytes32(writer.head))
    bytes.write(ids.count)
    for part in ids {
      bytes.write(part.entries.lowerBound)
      bytes.write(part.entries.upperBound)
      bytes.write(part.lastSecond)
      bytes.write(part.digest)
    }
    writer.write(to: &bytes)
    state.write(to: &bytes) { $0.canonicalBytes }
  }

  /// Returns the digest of what `body` writes.
  static func digest(of body: (inout SnapshotWriter) -> Void) -> Digest {
    var hash = SHA256()
    withoutActuallyEscaping(body) { body in
      var bytes = SnapshotWriter { hash.update($0) }
      body(&bytes)
      bytes.finish()
    }
    return hash.finalize()
  }

  /// Hands over in pieces what `body` writes, and returns its digest.
  private static func write(
    _ body: (inout SnapshotWriter) -> Void, to append: ([UInt8]) throws(StoreError) -> Void
  ) throws(StoreError) -> Digest {
    var hash = SHA256()
    var failure: StoreError?
    withoutActuallyEscaping(append) { append in
      var bytes = SnapshotWriter { piece in
        guard failure == nil else { return }
        hash.update(piece)
        do throws(StoreError) { try append(piece) } catch { failure = error }
      }
      body(&bytes)
      bytes.finish()
    }
    if let failure { throw failure }
    return hash.finalize()
  }
}
